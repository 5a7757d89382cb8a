/** One machine: its state and power now, its day, who may teach it, what is booked, when it was cared for; lock out, release, report. */
import { Button } from "@mantine/core";
import { useState } from "react";
import { energyOf, powerOf, timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import { PageHead } from "../../shared/page-head.tsx";
import { PageLink } from "../../shared/page-link.tsx";
import { ProblemAlert } from "../../shared/problem-alert.tsx";
import { useRead } from "../../shared/query.ts";
import { machineMarks, StatusMark } from "../../shared/status-mark.tsx";
import { useCommand } from "../../shared/use-command.ts";
import { useGive } from "../../shared/use-give.ts";
import { believable, useHubNow, useLive, useStaleSince } from "../../shared/use-live.ts";
import type { LiveChange, Machine } from "../../shared/wire.ts";
import { CommandNote } from "../now/CommandNote.tsx";
import { LockDialog } from "../now/LockDialog.tsx";
import { PowerPanel } from "../now/PowerPanel.tsx";
import { Section } from "../now/Section.tsx";
import type { PageProps } from "../pages.ts";
import { ReasonDialog } from "../staff/ReasonDialog.tsx";
import { type MachineDetail, machineDetail } from "../staff/wire.ts";
import { DayLane } from "./DayLane.tsx";
import { MachineArranged, MachineCare, MachineHistory, MachineSessions } from "./MachineParts.tsx";

const touchesMachines = ({ kind }: LiveChange): boolean => kind === "machine" || kind === "session" || kind === "session_ended";

export function MachinePage({ params }: PageProps) {
  const { t } = useWords();
  const id = params["id"] ?? "";
  const { snapshot } = useLive();
  const stale = useStaleSince() !== undefined;
  const { data: detail, problem } = useRead(`/api/machines/${encodeURIComponent(id)}`, machineDetail, touchesMachines);
  const nowMs = useHubNow();
  const zone = snapshot?.site.zone ?? "UTC";
  const live = snapshot?.machines.find((one) => one.id === id);
  const up = { to: "/machines", label: t("now.machines") };
  if (detail === undefined || detail.id !== id)
    return (
      <div className="page">
        <PageHead title={live?.label ?? id} up={up} />
        {problem === null ? <p className="empty">{t("page.loading")}</p> : <ProblemAlert problem={problem} />}
      </div>
    );
  return (
    <div className="page" data-stale={stale || undefined}>
      <PageHead title={detail.label} up={up} />
      <ProblemAlert problem={problem} />
      <div className="halves">
        <div className="now-main">
          {live !== undefined && <MachineState machine={live} detail={detail} stale={stale} zone={zone} />}
          <Section title={t("machine.today")} count={1} empty="">
            <DayLane detail={detail} nowMs={nowMs} zone={zone} />
            <MachineSessions detail={detail} zone={zone} />
          </Section>
          <Section title={t("machine.power")} count={1} empty="">
            <div className="card">
              <PowerPanel machine={id} zone={zone} />
            </div>
          </Section>
        </div>
        <div className="now-side">
          <MachineArranged detail={detail} zone={zone} />
          <MachineCare detail={detail} zone={zone} />
          <MachineHistory detail={detail} />
        </div>
      </div>
    </div>
  );
}

type StateProps = { readonly machine: Machine; readonly detail: MachineDetail; readonly stale: boolean; readonly zone: string };

function MachineState({ machine, detail, stale, zone }: StateProps) {
  const words = useWords();
  const { t } = words;
  const nowMs = useHubNow();
  const node = useLive().snapshot?.nodes.find(({ id }) => id === machine.node);
  const status = believable(machine.status, node, stale);
  const mark = machineMarks[status];
  const known = status !== "unknown";
  const command = useCommand();
  const give = useGive();
  const [open, setOpen] = useState<"lock" | "report">();
  return (
    <section className="tile state" data-tone={mark.tone} aria-label={t("filter.state")}>
      <p className="state-head">
        <StatusMark mark={mark} />
        {known && machine.sinceMs !== null && (
          <span className="quiet">{t("machine.since", { time: timeOf(machine.sinceMs, zone, words, { nowMs }) })}</span>
        )}
        {known && machine.who !== null && (
          <strong>
            <PageLink to={`/people/${machine.who.member}`}>{machine.who.name}</PageLink>
          </strong>
        )}
      </p>
      {!known && !stale && <p>{t("machine.node_gone")}</p>}
      <p className="quiet">
        {t("machine.power")}: {known && machine.powerW !== null ? powerOf(machine.powerW, words) : t("machine.no_power")} ·{" "}
        {t("machine.energy")}: {machine.energyTodayWh === null ? "?" : energyOf(machine.energyTodayWh, words)}
      </p>
      {detail.lockouts.length > 0 && (
        <ul className="rows" aria-label={t("lockouts.title")}>
          {detail.lockouts.map(({ lockout, kind, reason, atMs }) => (
            <li key={lockout} className="row">
              <div className="row-text">
                <p>
                  <strong>{t(`lockout.${kind}`)}</strong> {reason}
                </p>
                <p className="quiet">{t("machine.since", { time: timeOf(atMs, zone, words, { nowMs }) })}</p>
              </div>
              <div className="row-act">
                <Button
                  size="xs"
                  variant="default"
                  disabled={stale}
                  loading={give.state.kind === "sent"}
                  onClick={() => give.give("unlockMachine", { machine: detail.id, kind })}
                >
                  {t("lockouts.release")} <span className="visually-hidden">{t(`lockout.${kind}`)}</span>
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      <div className="state-act">
        <Button size="sm" variant="default" disabled={stale} onClick={() => setOpen("lock")}>
          {t("machine.lock")} …
        </Button>
        <Button size="sm" variant="default" disabled={stale} onClick={() => setOpen("report")}>
          {t("report_problem.open")} …
        </Button>
      </div>
      <CommandNote
        state={command.state.kind === "ready" ? give.state : command.state}
        sent={t("give.sent")}
        done={t("give.done")}
        unconfirmed={t("lock.unconfirmed", { name: machine.label })}
      />
      {open === "lock" && <LockDialog machine={machine} command={command} onClose={() => setOpen(undefined)} />}
      {open === "report" && (
        <ReasonDialog
          title={t("report_problem.title", { name: machine.label })}
          label={t("report_problem.what")}
          hint={t("report_problem.hint")}
          submit={t("report_problem.submit")}
          onClose={() => setOpen(undefined)}
          onReason={(reason) => void give.give("lockMachine", { machine: machine.id, kind: "oops", mode: "when_idle", reason })}
        />
      )}
    </section>
  );
}
