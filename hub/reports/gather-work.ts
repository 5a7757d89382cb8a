/** Bookings, jobs and care of one machine out of the log and the ledger, for its month. */
import {
  type Bookings,
  type Care,
  intersect,
  type JobEnd,
  type JobOutcome,
  type MachineEvents,
  type MachineHistory,
  type Span,
  subtract,
} from "#core";
import type { LedgerReads, LogEvent, Place } from "./sources.ts";
import { type Rate, rateOn } from "./sources-dated.ts";

const rowsMax = 100_000;

/** Its bookings, and who was on any machine of the same course meanwhile. */
export function bookingsOf(read: LedgerReads, place: Place, month: Span, family: readonly string[]): Bookings {
  const rows = read.usage
    .bookings(month.fromMs, month.toMs)
    .filter(({ machine }) => machine === place.id)
    .map(({ fromMs, toMs, isCancelled, cancelledMs }) => ({ fromMs, toMs, cancelled: isCancelled ? { atMs: cancelledMs } : null }));
  if (rows.length === 0) return { rows, family: [] };
  const sessions = family.flatMap((machine) => read.sessions({ machine, fromMs: month.fromMs, toMs: month.toMs, limit: rowsMax }));
  return { rows, family: sessions.map(({ startedMs, endedMs }) => ({ fromMs: startedMs, toMs: endedMs ?? month.toMs })) };
}

const endings: Readonly<Record<string, JobOutcome>> = {
  complete: "completed",
  cancelled: "cancelled",
  error: "failed",
  interrupted: "failed",
};
const begun: ReadonlySet<string> = new Set(["running", "paused"]);
const gone: ReadonlySet<string> = new Set(["none", "queued", "preparing"]);

/** How its jobs ended; null when its controller has never told of any. A job that was lost sight of ended nobody knows how. */
export function jobsOf(read: LedgerReads, place: Place, log: readonly LogEvent[], toMs: number): JobEnd[] | null {
  const known = read.events({ node: place.node, ch: place.ch, kinds: ["mach.job"], toMs, limit: 1 });
  if (known.length === 0) return null;
  const out: JobEnd[] = [];
  let isRunning = false;
  for (const { body, evtMs } of log) {
    if (body.kind !== "mach.job") continue;
    const ended = endings[body.state];
    if (ended !== undefined && isRunning) out.push({ atMs: evtMs, outcome: ended });
    else if (gone.has(body.state) && isRunning) out.push({ atMs: evtMs, outcome: "unknown" });
    if (body.state !== "unknown") isRunning = begun.has(body.state);
  }
  return out;
}

/** Since the last lockout for maintenance ended, or since it came; null when nobody said after how much it is due. */
export function careOf(
  read: LedgerReads,
  place: Place,
  rates: readonly Rate[],
  at: { readonly date: string; readonly untilMs: number; readonly sinceMs: number | null },
): Care | null {
  const target = (rate: string): number | null => rateOn(rates, rate, place.id, at.date);
  const [hoursTarget, kWhTarget, daysTarget] = [target("service_hours"), target("service_kwh"), target("service_days")];
  const sinceMs = read.usage.lastCare(at.untilMs).get(place.id) ?? at.sinceMs;
  if (sinceMs === null || (hoursTarget === null && kWhTarget === null && daysTarget === null)) return null;
  const runs = read.runs({ machine: place.id, fromMs: sinceMs, toMs: at.untilMs, limit: rowsMax });
  const since = runs.filter(({ startMs }) => startMs >= sinceMs);
  return {
    sinceMs,
    busyMs: runs.length === rowsMax ? null : since.reduce((ms, run) => ms + (run.endMs ?? at.untilMs) - run.startMs, 0),
    energyWh: runs.length === rowsMax ? null : since.reduce((wh, run) => wh + run.energyWh, 0),
    hoursTarget,
    kWhTarget,
    daysTarget,
  };
}

const broken: ReadonlySet<string> = new Set(["oops", "fault", "tamper"]);

/** M21, M24, M31: what people did about it, as far as they said so by then. */
export function careOfPeople(
  read: LedgerReads,
  machine: string,
  elapsed: Span,
  dates: { readonly from: string; readonly through: string },
): Pick<MachineEvents, "reports" | "requests" | "materials"> {
  const { usage } = read;
  const own = <T extends { readonly machine: string }>(list: readonly T[]): T[] => list.filter((one) => one.machine === machine);
  const wishes = usage.machineWishes(elapsed.toMs);
  const noted = own(usage.materials("", dates.through));
  return {
    reports: own(usage.lockouts(elapsed.fromMs, elapsed.toMs))
      .filter(({ kind, fromMs }) => broken.has(kind) && fromMs >= elapsed.fromMs)
      .map(({ fromMs, takenMs }) => ({ fromMs, takenMs: takenMs === null || takenMs > elapsed.toMs ? null : takenMs })),
    requests: wishes.length === 0 ? null : own(wishes).map(({ atMs, member, freeMs }) => ({ atMs, member, freeMs })),
    materials: noted.length === 0 ? null : noted.filter(({ on }) => on >= dates.from).map(({ on, label, grams }) => ({ on, label, grams })),
  };
}

/** Planned is what was entered before it began; maintenance that nobody announced is as unplanned as a breakdown (M06). */
export function downOf(read: LedgerReads, machine: string, elapsed: Span): MachineHistory["down"] {
  const own = <T extends { readonly machine: string }>(list: readonly T[]): T[] => list.filter((one) => one.machine === machine);
  const planned = intersect(own(read.usage.plannedMaintenance(elapsed.fromMs, elapsed.toMs)), [elapsed]);
  return [
    ...planned.map((span) => ({ ...span, value: "planned_down" as const })),
    ...own(read.usage.lockouts(elapsed.fromMs, elapsed.toMs)).flatMap(({ kind, fromMs, toMs }) => {
      const span = { fromMs, toMs: toMs ?? elapsed.toMs };
      return subtract([span], kind === "maintenance" ? planned : []).map((part) => ({ ...part, value: "unplanned_down" as const }));
    }),
  ];
}
