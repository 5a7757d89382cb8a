/** The figures of one machine over a stretch of time, in ms and Wh, exact; rounding is the tables' business. */
import { intersect, lengthMs, type Span, subtract, union } from "./spans.ts";
import type { MachineFacts, RunFact, SessionFact } from "./types.ts";

export type MachineFigures = {
  readonly id: string;
  readonly label: string;
  /** started within the stretch */
  readonly started: number;
  /** overlapping it */
  readonly active: number;
  readonly stillOpen: number;
  readonly estimated: number;
  /** null below 70 % coverage, as all figures that rest on it */
  readonly busyMs: number | null;
  readonly occupiedMs: number | null;
  readonly energyWh: number | null;
  readonly users: readonly number[];
  /** 0 … 1; null when the stretch is empty */
  readonly coverage: number | null;
  readonly tooLittle: boolean;
  /** time it worked while nobody had a session: shown as doubt, never as use */
  readonly unownedMs: number;
  readonly elapsedMs: number;
  readonly availability: Availability | null;
};
/** M05–M09, M13, M18 of reports.md §4.1. Shares are null when their base is empty: never 0 %. */
export type Availability = {
  readonly openMs: number;
  readonly scheduledMs: number;
  readonly availableMs: number;
  readonly downMs: number;
  readonly downOpenMs: number;
  readonly availability: number | null;
  readonly utilisation: number | null;
  readonly loading: number | null;
};

/** Least time in session that makes somebody a user (M16). */
const userMsMin = 60_000;
/** Below this share of known time no figure is given (reports.md §4). */
const coverageMin = 0.7;

export function machineFigures(machine: MachineFacts, stretch: Span): MachineFigures {
  const cut = (spans: readonly Span[]) => intersect(spans, [stretch]);
  const sessions = cut(machine.sessions.map((session) => closed(session, stretch)));
  const owned = cut(machine.runs.filter((run) => run.owned).map((run) => closed(run, stretch)));
  const runs = cut(machine.runs.map((run) => closed(run, stretch)));
  const occupied = union([...sessions, ...owned]);
  const busy = intersect(runs, occupied);
  const elapsedMs = stretch.toMs - stretch.fromMs;
  const service = serviceIn(machine, stretch);
  const serviceMs = lengthMs(service);
  const coverage = serviceMs === 0 ? null : 1 - lengthMs(intersect(machine.unknown, service)) / serviceMs;
  const tooLittle = coverage === null || coverage < coverageMin;
  const overlapping = machine.sessions.filter(
    (session) => lengthMs(cut([closed(session, stretch)])) > 0 || within(session.fromMs, stretch),
  );
  return {
    id: machine.id,
    label: machine.label,
    started: machine.sessions.filter((session) => within(session.fromMs, stretch)).length,
    active: overlapping.length,
    stillOpen: overlapping.filter((session) => session.toMs === null).length,
    estimated: overlapping.filter((session) => session.estimated).length,
    busyMs: tooLittle ? null : lengthMs(busy),
    occupiedMs: tooLittle ? null : lengthMs(occupied),
    energyWh: tooLittle ? null : machine.energyWh,
    users: usersOf(overlapping, stretch),
    coverage,
    tooLittle,
    unownedMs: lengthMs(subtract(runs, occupied)),
    elapsedMs,
    availability: machine.open === null || tooLittle ? null : availabilityOf(machine, machine.open, busy, stretch),
  };
}

/** A machine that came during the month counts from then on (M05); before, it is neither used nor unknown. */
function serviceIn({ sinceMs }: MachineFacts, stretch: Span): Span[] {
  return sinceMs === null ? [] : intersect([{ fromMs: sinceMs, toMs: Math.max(stretch.toMs, sinceMs) }], [stretch]);
}

function availabilityOf(machine: MachineFacts, hours: readonly Span[], busy: readonly Span[], stretch: Span): Availability {
  const open = intersect(hours, serviceIn(machine, stretch));
  const planned = intersect(machine.plannedDown, [stretch]);
  const unplanned = intersect(machine.unplannedDown, [stretch]);
  const scheduled = subtract(open, planned);
  const up = subtract(scheduled, unplanned);
  // Unknown time is on neither side of the availability, and no base for utilisation (M07).
  const available = subtract(up, machine.unknown);
  const known = subtract(scheduled, machine.unknown);
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return {
    openMs: lengthMs(open),
    scheduledMs: lengthMs(scheduled),
    availableMs: lengthMs(available),
    downMs: lengthMs(unplanned),
    downOpenMs: lengthMs(intersect(unplanned, scheduled)),
    availability: share(lengthMs(available), lengthMs(known)),
    utilisation: share(lengthMs(intersect(busy, available)), lengthMs(available)),
    loading: share(lengthMs(busy), stretch.toMs - stretch.fromMs),
  };
}

function usersOf(sessions: readonly SessionFact[], stretch: Span): number[] {
  const spans = new Map<number, Span[]>();
  for (const session of sessions) {
    if (session.member === 0) continue;
    spans.set(session.member, [...(spans.get(session.member) ?? []), closed(session, stretch)]);
  }
  return [...spans].filter(([, of]) => lengthMs(intersect(of, [stretch])) >= userMsMin).map(([member]) => member);
}

/** What is still open is counted to the end of the stretch. */
function closed(given: Pick<SessionFact | RunFact, "fromMs" | "toMs">, stretch: Span): Span {
  return { fromMs: given.fromMs, toMs: given.toMs ?? Math.max(stretch.toMs, given.fromMs) };
}

function within(atMs: number, stretch: Span): boolean {
  return atMs >= stretch.fromMs && atMs < stretch.toMs;
}
