/** One machine: what it does, since when, who is responsible, its power now and today; lock out and unlock. */
import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { get } from "../../shared/api.ts";
import { energyOf, powerOf, timeOf } from "../../shared/format.ts";
import { useWords } from "../../shared/language.tsx";
import type { PowerPoint } from "../../shared/live.ts";
import { PageLink } from "../../shared/page-link.tsx";
import { machineMarks, StatusMark } from "../../shared/status-mark.tsx";
import { useCommand } from "../../shared/use-command.ts";
import { useHubNow, useLive, useLiveStore } from "../../shared/use-live.ts";
import { type Machine, type MachineStatus, powerTrace } from "../../shared/wire.ts";
import { CommandNote } from "./CommandNote.tsx";
import { LockDialog } from "./LockDialog.tsx";
import { PowerDialog } from "./PowerDialog.tsx";
import { Trace } from "./Trace.tsx";

const sparkMs = 1_800_000;
/** A machine that is heard for the first time soon has a line that can be read. */
const sparkMinMs = 300_000;
/** A reading older than this is no reading. */
const powerFreshMs = 30_000;

export function MachineTile(props: {
  readonly machine: Machine;
  readonly status: MachineStatus;
  readonly stale: boolean;
  readonly zone: string;
}) {
  const { machine, status, stale, zone } = props;
  const words = useWords();
  const { t } = words;
  const nowMs = useHubNow();
  const points = usePower(machine.id);
  const [open, setOpen] = useState<"lock" | "power">();
  const command = useCommand();
  const mark = machineMarks[status];
  const unknown = status === "unknown";
  const fresh = !unknown && machine.powerW !== null && machine.powerAtMs !== null && nowMs - machine.powerAtMs < powerFreshMs;
  const locked = machine.status === "locked_out" || machine.status === "out_of_order";

  return (
    <li className="tile" data-tone={mark.tone} data-testid={`machine-${machine.id}`} data-status={status}>
      <div className="tile-head">
        <h3>
          <PageLink to={`/machines/${machine.id}`}>{machine.label}</PageLink>
        </h3>
        <StatusMark mark={mark} />
        {locked ? (
          <Button
            size="xs"
            variant="default"
            disabled={stale}
            loading={command.state.kind === "sent"}
            aria-label={t("machine.unlock_of", { name: machine.label })}
            onClick={() => command.send(`/api/machines/${machine.id}/unlock`)}
          >
            {t("machine.unlock")}
          </Button>
        ) : (
          <Button
            size="xs"
            variant="default"
            disabled={stale}
            aria-label={t("machine.lock_of", { name: machine.label })}
            onClick={() => setOpen("lock")}
          >
            {t("machine.lock")}
          </Button>
        )}
      </div>
      <p className="tile-facts">
        {unknown && !stale && <span>{t("machine.node_gone")}</span>}
        {!unknown && machine.who !== null && <strong>{machine.who.name}</strong>}
        {!unknown && machine.sinceMs !== null && (
          <span>{t("machine.since", { time: timeOf(machine.sinceMs, zone, words, { nowMs }) })}</span>
        )}
      </p>
      {machine.note !== null && <p className="tile-note">{machine.note}</p>}
      <button type="button" className="spark" onClick={() => setOpen("power")} aria-label={t("machine.details", { name: machine.label })}>
        <Trace points={points} fromMs={sparkFromMs(points, nowMs)} toMs={nowMs} idleW={machine.idleW} busyW={machine.busyW} height={44} />
      </button>
      <dl className="tile-power">
        <div>
          <dt>{t("machine.power")}</dt>
          <dd>
            {fresh && machine.powerW !== null ? powerOf(machine.powerW, words) : <span className="quiet">{t("machine.no_power")}</span>}
            {fresh && machine.powerUncertainPct !== null && (
              <span className="quiet"> {t("machine.estimate", { percent: String(Math.round(machine.powerUncertainPct)) })}</span>
            )}
          </dd>
        </div>
        <div>
          <dt>{t("machine.energy")}</dt>
          <dd>{machine.energyTodayWh === null ? <span className="quiet">?</span> : energyOf(machine.energyTodayWh, words)}</dd>
        </div>
      </dl>
      <CommandNote
        state={command.state}
        sent={t("lock.sent")}
        done={t(locked ? "lock.done" : "unlock.done", { name: machine.label })}
        unconfirmed={t("lock.unconfirmed", { name: machine.label })}
      />
      {open === "lock" && <LockDialog machine={machine} command={command} onClose={() => setOpen(undefined)} />}
      {open === "power" && <PowerDialog machine={machine} zone={zone} onClose={() => setOpen(undefined)} />}
    </li>
  );
}

function sparkFromMs(points: readonly PowerPoint[], nowMs: number): number {
  const knownSinceMs = points.find((point) => point.atMs >= nowMs - sparkMs)?.atMs ?? nowMs;
  return Math.max(nowMs - sparkMs, Math.min(knownSinceMs, nowMs - sparkMinMs));
}

/** The last half hour: fetched once, then kept going by the live stream. */
function usePower(machine: string) {
  const store = useLiveStore();
  useEffect(() => {
    get(`/api/machines/${machine}/power?from=${Math.round(Date.now() + store.get().offsetMs - sparkMs)}`, powerTrace).then(
      (trace) => store.seedPower(machine, trace.points),
      () => undefined, // the live readings draw the line alone
    );
  }, [store, machine]);
  return useLive().power[machine] ?? [];
}
