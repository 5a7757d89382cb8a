/** Energy by machine: a sentence, the hours or days as bars, and the table; what ran idle or while the space was closed stands out. */
import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { dayOf, energyOf, hoursOf, timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { useLive } from "../../shared/use-live.ts";
import { type EnergyView, energyView } from "../staff/wire.ts";

const spans = ["today", "week", "month"] as const;
/** Less than this of the time is known: the figure is a lower bound, and says so. */
const mostlyKnown = 0.95;

export function EnergyPage() {
  const words = useWords();
  const { t } = words;
  const [span, setSpan] = useState<(typeof spans)[number]>("today");
  const { data, problem, isPrevious } = useRead(`/api/energy?span=${span}`, energyView);
  const zone = useLive().snapshot?.site.zone ?? "UTC";
  return (
    <div className="page">
      <PageHead title={t("nav.energy")}>
        <SegmentedControl
          aria-label={t("energy.span")}
          value={span}
          onChange={(value) => setSpan(spans.find((one) => one === value) ?? "today")}
          data={spans.map((value) => ({ value, label: t(`energy.${value}`) }))}
        />
      </PageHead>
      <ProblemAlert problem={problem} />
      {data === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {data !== undefined && data.rows.length === 0 && <p className="empty">{t("now.machines_empty")}</p>}
      {data !== undefined && data.rows.length > 0 && !isPrevious && <EnergyBody view={data} span={span} zone={zone} />}
    </div>
  );
}

type BodyProps = { readonly view: EnergyView; readonly span: (typeof spans)[number]; readonly zone: string };

function EnergyBody({ view, span, zone }: BodyProps) {
  const words = useWords();
  const { t } = words;
  const sum = view.rows.reduce((total, { energyWh }) => total + (energyWh ?? 0), 0);
  const mostWh = Math.max(1, ...view.bars.map(({ energyWh }) => energyWh));
  const peak = view.bars.find(({ energyWh }) => energyWh === mostWh);
  const at = (ms: number): string => (span === "today" ? timeOf(ms, zone, words) : dayOf(ms, zone, words));
  const first = view.bars[0];
  const last = view.bars.at(-1);
  return (
    <>
      <p data-testid="energy-sum">
        <strong>{energyOf(sum, words)}</strong>{" "}
        {peak !== undefined && t("energy.peak", { energy: energyOf(peak.energyWh, words), time: at(peak.fromMs) })}
      </p>
      {first !== undefined && last !== undefined && (
        <figure className="card">
          <div className="bars tall" aria-hidden="true">
            {view.bars.map(({ fromMs, energyWh }) => (
              <svg key={fromMs} viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <rect className="lane-used" x="1" width="8" y={100 - (energyWh / mostWh) * 98} height={(energyWh / mostWh) * 98 + 2} />
              </svg>
            ))}
          </div>
          <div className="axis" aria-hidden="true">
            <span>{at(first.fromMs)}</span>
            <span>{at(last.fromMs)}</span>
          </div>
        </figure>
      )}
      <EnergyTable rows={view.rows} />
      {view.rows.some(({ known }) => known < mostlyKnown) && <p className="quiet">{t("energy.partly")}</p>}
    </>
  );
}

function EnergyTable({ rows }: Pick<EnergyView, "rows">) {
  const words = useWords();
  const { t, number } = words;
  const hasHours = rows.some(({ closedWh }) => closedWh !== null);
  return (
    <table className="table stack">
      <thead>
        <tr>
          <th scope="col">{t("session.machine")}</th>
          <th scope="col" className="numeric">
            {t("history.energy")}
          </th>
          <th scope="col" className="numeric">
            {t("phase.busy")}
          </th>
          <th scope="col" className="numeric">
            {t("energy.idle")}
          </th>
          {hasHours && (
            <th scope="col" className="numeric">
              {t("energy.closed")}
            </th>
          )}
          <th scope="col" className="numeric">
            {t("energy.known")}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ machine, energyWh, busyMs, idleMs, closedWh, known }) => (
          <tr key={machine.id}>
            <th scope="row">
              <PageLink to={`/machines/${machine.id}`}>{machine.label}</PageLink>
            </th>
            <td className="numeric" data-label={t("history.energy")}>
              {energyWh === null ? "?" : `${known < mostlyKnown ? "≥ " : ""}${energyOf(energyWh, words)}`}
            </td>
            <td className="numeric" data-label={t("phase.busy")}>
              {busyMs === null ? "?" : hoursOf(busyMs, words)}
            </td>
            <td className="numeric" data-label={t("energy.idle")}>
              {idleMs === null ? "?" : hoursOf(idleMs, words)}
            </td>
            {hasHours && (
              <td className="numeric" data-label={t("energy.closed")}>
                {closedWh === null ? "?" : energyOf(closedWh, words)}
              </td>
            )}
            <td className="numeric" data-label={t("energy.known")}>
              {number(known * 100)} %
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
