/** The sustainability sheet of a month: income by source, cost of a busy hour, cost recovery, break-even; and the lines behind it. */
import "./manager.css";
import { Button } from "@mantine/core";
import { workMostMs } from "../../shared/api.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { go } from "../../shared/route.ts";
import { useGive } from "../../shared/use-give.ts";
import { useHubNow, useLive } from "../../shared/use-live.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { Section } from "../now/Section.tsx";
import type { PageProps } from "../pages.ts";
import { MoneyLines, Rates } from "./MoneyLines.tsx";
import { cellText, monthName, NumberLink } from "./values.tsx";
import { type MoneySheet, moneySheet } from "./wire.ts";

export function MoneyPage({ params }: PageProps) {
  const words = useWords();
  const { t, language } = words;
  const zone = useLive().snapshot?.site.zone ?? "UTC";
  const running = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit" }).format(useHubNow()).slice(0, 7);
  const month = params["month"] ?? running;
  const question = `/api/months/${month}/money?language=${language}`;
  const { data, problem, isPrevious } = useRead(question, moneySheet, undefined, undefined, workMostMs);
  const given = useGive();
  const sheet = data?.month === month ? data : undefined;
  return (
    <div className="page" data-stale={isPrevious || undefined}>
      <PageHead title={`${t("nav.money")} · ${monthName(month, words)}`}>
        <Button size="sm" variant="default" onClick={() => go(`/sustainability/${moved(month, -1)}`)}>
          {t("report.previous")}
        </Button>
        <Button size="sm" variant="default" disabled={month >= running} onClick={() => go(`/sustainability/${moved(month, 1)}`)}>
          {t("report.next")}
        </Button>
      </PageHead>
      <ProblemAlert problem={problem} />
      {sheet === undefined && problem === null && <p className="empty">{t("page.loading")}</p>}
      {sheet !== undefined && (
        <>
          {(sheet.state === "closed" || sheet.state === "revised") && <p className="quiet">{t("money.closed")}</p>}
          <Space sheet={sheet} />
          <Machines sheet={sheet} />
          <CommandNote state={given.state} sent={t("give.sent")} done={t("give.done")} unconfirmed="" />
          <MoneyLines sheet={sheet} give={given.give} />
          <Rates sheet={sheet} give={given.give} />
        </>
      )}
    </div>
  );
}

function moved(month: string, by: number): string {
  const at = new Date(`${month}-15T12:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + by);
  return at.toISOString().slice(0, 7);
}

function Space({ sheet: { month, space } }: { readonly sheet: MoneySheet }) {
  const words = useWords();
  const { t, number } = words;
  return (
    <Section title={t("money.space")} count={space?.rows.length ?? 0} empty={t("money.none")}>
      {space !== null && <p className="quiet">{space.note}</p>}
      <dl className="facts" data-testid="money">
        {space?.rows.map(([label, value], i) => {
          const name = space.names[i]?.[1] ?? null;
          const shown = typeof value === "number" ? number(value, 2) : (value ?? "–");
          return (
            <div key={String(label)}>
              <dt>{label}</dt>
              <dd>
                {name === null ? (
                  shown
                ) : (
                  <NumberLink month={month} name={name}>
                    {shown}
                  </NumberLink>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </Section>
  );
}

const columns = ["cost", "perBusyHour", "income", "recovery", "breakEven", "used"] as const;
const keys = {
  cost: "money.cost",
  perBusyHour: "money.per_hour",
  income: "money.income",
  recovery: "money.recovery",
  breakEven: "money.break_even",
  used: "money.used",
} as const;
const units = { cost: null, perBusyHour: null, income: null, recovery: "%", breakEven: "%", used: "%" } as const;

function Machines({ sheet: { month, machines } }: { readonly sheet: MoneySheet }) {
  const words = useWords();
  const { t } = words;
  if (machines.length === 0) return null;
  return (
    <Section title={t("money.machines")} count={1} empty="">
      <table className="table stack">
        <thead>
          <tr>
            <th scope="col">{t("indicator.machine")}</th>
            {columns.map((column) => (
              <th key={column} scope="col" className="numeric">
                {t(keys[column])}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {machines.map((row) => (
            <tr key={row.machine.id}>
              <th scope="row">
                <PageLink to={`/machines/${row.machine.id}`}>{row.machine.label}</PageLink>
              </th>
              {columns.map((column) => (
                <td key={column} className="numeric" data-label={t(keys[column])}>
                  <NumberLink month={month} name={row[column].name}>
                    {cellText(row[column].value, units[column], words)}
                  </NumberLink>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
