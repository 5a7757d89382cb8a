/** The metrics of one machine over a span (reports.md §4.1), each with what it was divided by and how much was known. */
import { gini, ifEnough, type Metric, quantile, ratio, total } from "./metric.ts";
import { type LocalHour, localHours } from "./period.ts";
import { intersect, lengthMs, sharedMs, type Span, subtract, within } from "./spans.ts";
import { lasting, type MachineHistory, type Purpose, type Stretch, timeline } from "./timeline.ts";

export type SessionEnd = "normal" | "takeover" | "forced" | "trip" | "estimated";
export type SessionUse = Span & {
  readonly id: string;
  /** 0: nobody known */
  readonly member: number;
  readonly purpose: Purpose;
  /** null while it is open; `toMs` is then the present */
  readonly end: SessionEnd | null;
};
/** Metered energy of stretches of one machine, Wh; null where the meter said nothing. */
export type MachineEnergy = { readonly allWh: number | null; readonly leftOnWh: number | null; readonly outOfHoursWh: number | null };
export type MachineEvents = {
  readonly sessions: readonly SessionUse[];
  /** refused starts by member; 0 for a card that nobody knows */
  readonly refused: readonly number[];
  readonly trips: number;
  readonly energy: MachineEnergy;
  /** people counted by heart, such as a class without cards (M16) */
  readonly participants: number;
};
export type MachineFigures = {
  readonly metrics: readonly Metric[];
  readonly stretches: readonly Stretch[];
  /** members with at least a minute in session: to count them once over several machines, not to be shown */
  readonly users: readonly number[];
};

/** Least time in session that makes somebody a user (M16). */
const userMsLeast = 60_000;
/** A breakdown that comes back within this time is the same one (M19). */
const sameFailureMs = 24 * 3_600_000;
const busiestCells = 10;
const crew: ReadonlySet<Purpose> = new Set(["maintenance", "test"]);

/** @param span  the period, cut at the present; everything is counted inside it */
export function machineFigures(history: MachineHistory, events: MachineEvents, span: Span, zone: string): MachineFigures {
  const stretches = timeline(history, span);
  const users = usersOf(events.sessions, span);
  const metrics = [
    ...useMetrics(stretches, span),
    ...(history.open === null ? [] : openMetrics(stretches, localHours(span, zone))),
    ...sessionMetrics(stretches, events, users, span),
    ...failureMetrics(history, stretches, span),
    ...energyMetrics(stretches, events.energy),
  ];
  return { metrics, stretches, users };
}

const inService = (one: Stretch): boolean => one.state !== "not_in_service";
const isKnown = (one: Stretch): boolean => one.state !== "unknown";
const isBusy = (one: Stretch): boolean => one.state === "busy" || one.state === "unattended_busy";
const isTaken = (one: Stretch): boolean => one.use !== null && one.use.kind !== "staff";
const isUp = (one: Stretch): boolean => one.availability === "available" || one.availability === "unknown";

/** Known part of a base of time; null when it is empty. */
function coverageOf(stretches: readonly Stretch[], inBase: (one: Stretch) => boolean): number | null {
  const baseMs = lasting(stretches, inBase);
  return baseMs === 0 ? null : lasting(stretches, (one) => inBase(one) && isKnown(one)) / baseMs;
}

/** M01–M04, M12, M13: what the machine did, at any hour. */
function useMetrics(stretches: readonly Stretch[], span: Span): Metric[] {
  const coverage = coverageOf(stretches, inService);
  const of = (holds: (one: Stretch) => boolean): number => lasting(stretches, (one) => inService(one) && holds(one));
  const n = (holds: (one: Stretch) => boolean): number => stretches.filter(holds).length;
  const busyMs = of(isBusy);
  const lateMs = of((one) => isBusy(one) && !one.open);
  const inSession = (one: Stretch): boolean => one.use?.kind === "session" && isKnown(one);
  const idle = (one: Stretch): boolean => inSession(one) && one.power === "idle";
  const spent = (id: string, holds: (one: Stretch) => boolean): Metric => total({ id, unit: "ms", sum: of(holds), n: n(holds), coverage });
  const purposes: readonly Purpose[] = ["member", "class", "training", "maintenance", "test", "service"];
  return [
    spent("M01", isBusy),
    ...purposes.map((purpose) => spent(`M01.${purpose}`, (one) => isBusy(one) && (one.use?.purpose ?? "member") === purpose)),
    spent("M02", isTaken),
    ratio({ id: "M03", unit: "share", of: of(idle), by: of(inSession), n: n(inSession), coverage }),
    spent("M04", (one) => one.state === "left_on"),
    total({ id: "M12", unit: "ms", sum: lateMs, n: n((one) => isBusy(one) && !one.open), coverage }),
    ratio({ id: "M12.share", unit: "share", of: lateMs, by: busyMs, n: n(isBusy), coverage }),
    ratio({ id: "M13", unit: "share", of: busyMs, by: span.toMs - span.fromMs, n: n(isBusy), coverage }),
    spent("maintenance", (one) => one.power === "busy" && one.availability === "planned_down"),
    spent("unauthorised", (one) => one.state === "unauthorised"),
    total({ id: "Q01", unit: "share", sum: coverage, n: stretches.length, coverage: coverage === null ? null : 1 }),
  ];
}

/** M05–M11, M14: against the opening hours. Unknown time is on neither side of a share. */
function openMetrics(stretches: readonly Stretch[], hours: readonly LocalHour[]): Metric[] {
  const open = (one: Stretch): boolean => one.open && inService(one);
  const scheduled = (one: Stretch): boolean => open(one) && one.availability !== "planned_down";
  const up = (one: Stretch): boolean => open(one) && isUp(one);
  const of = (holds: (one: Stretch) => boolean): number => lasting(stretches, holds);
  const availableMs = of((one) => up(one) && isKnown(one));
  // A machine that is known to be down needs no meter to say so.
  const scheduledKnownMs = of((one) => scheduled(one) && (isKnown(one) || one.availability === "unplanned_down"));
  const scheduledMs = of(scheduled);
  const coverage = { up: coverageOf(stretches, up), scheduled: scheduledMs === 0 ? null : scheduledKnownMs / scheduledMs };
  const n = stretches.filter(open).length;
  const usedMs = of((one) => up(one) && isBusy(one));
  const takenMs = of((one) => up(one) && isKnown(one) && isTaken(one));
  const availability = ratio({ id: "M08", unit: "share", of: availableMs, by: scheduledKnownMs, n, coverage: coverage.scheduled });
  const occupancy = ratio({ id: "M10", unit: "share", of: takenMs, by: availableMs, n, coverage: coverage.up });
  return [
    total({ id: "M05", unit: "ms", sum: of(open), n }),
    total({ id: "M06", unit: "ms", sum: scheduledMs, n }),
    total({ id: "M07", unit: "ms", sum: availableMs, n, coverage: coverage.up ?? 1 }),
    availability,
    ratio({ id: "M09", unit: "share", of: usedMs, by: availableMs, n, coverage: coverage.up }),
    occupancy,
    demand(stretches.filter((one) => up(one) && isKnown(one)), hours, coverage.up),
    // Availability × occupancy; yield is left out, not 1: no machine here tells how its jobs ended.
    ratio({
      id: "M14",
      unit: "share",
      of: (availability.value ?? 0) * (occupancy.value ?? 0),
      by: availability.value === null || occupancy.value === null ? 0 : 1,
      n,
      coverage: coverage.up,
    }),
  ];
}

/** M11: occupancy in the ten open hours of the week that are most taken: peaks decide purchases, averages mislead. */
function demand(available: readonly Stretch[], hours: readonly LocalHour[], coverage: number | null): Metric {
  const cells = new Map<number, { takenMs: number; baseMs: number }>();
  let first = 0;
  for (const one of available) {
    for (let hour = hours[first]; hour !== undefined && hour.toMs <= one.fromMs; hour = hours[++first]);
    for (let i = first, hour = hours[i]; hour !== undefined && hour.fromMs < one.toMs; hour = hours[++i]) {
      const cell = cells.get(hour.cell) ?? { takenMs: 0, baseMs: 0 };
      const ms = sharedMs(hour, one);
      cells.set(hour.cell, { takenMs: cell.takenMs + (isTaken(one) ? ms : 0), baseMs: cell.baseMs + ms });
    }
  }
  const busiest = [...cells]
    .sort(([a, x], [b, y]) => y.takenMs / y.baseMs - x.takenMs / x.baseMs || a - b)
    .slice(0, busiestCells)
    .map(([, cell]) => cell);
  const sum = (of: "takenMs" | "baseMs"): number => busiest.reduce((all, cell) => all + cell[of], 0);
  return ratio({ id: "M11", unit: "share", of: sum("takenMs"), by: sum("baseMs"), n: busiest.length, coverage });
}

/** M15–M17, M23, M27: sessions and the people in them. */
function sessionMetrics(stretches: readonly Stretch[], events: MachineEvents, users: readonly number[], span: Span): Metric[] {
  const { sessions, refused, trips, participants } = events;
  const started = sessions.filter((session) => within(session.fromMs, span));
  const lengths = started.filter((session) => session.end !== null).map((session) => session.toMs - session.fromMs);
  const count = (id: string, n: number): Metric => total({ id, unit: "count", sum: n, n });
  const active = sessions.filter((session) => sharedMs(session, span) > 0 || within(session.fromMs, span));
  const ended = (...ends: readonly SessionEnd[]): number =>
    sessions.filter((session) => session.end !== null && ends.includes(session.end) && within(session.toMs, span)).length;
  return [
    count("M15", started.length),
    count("M15.active", active.length),
    count("M15.open", active.filter((session) => session.end === null).length),
    count("M15.estimated", active.filter((session) => session.end === "estimated").length),
    total({ id: "M15.median", unit: "ms", sum: quantile(lengths, 0.5), n: lengths.length }),
    total({ id: "M15.p90", unit: "ms", sum: quantile(lengths, 0.9), n: lengths.length }),
    count("M16", users.length),
    count("M16.participants", participants),
    ...concentration(stretches, users.length),
    count("M23", refused.length),
    count("M23.people", new Set(refused.filter((member) => member !== 0)).size),
    count("M27.takeovers", ended("takeover")),
    count("M27.forced", ended("forced", "trip")),
    count("M27.trips", trips),
  ];
}

function usersOf(sessions: readonly SessionUse[], span: Span): number[] {
  const spent = new Map<number, number>();
  for (const session of sessions) {
    // A class goes under its trainer's card: its people are participants, not members (golden case G13).
    if (session.member === 0 || crew.has(session.purpose) || session.purpose === "class") continue;
    spent.set(session.member, (spent.get(session.member) ?? 0) + sharedMs(session, span));
  }
  return [...spent].filter(([, ms]) => ms >= userMsLeast).map(([member]) => member);
}

/** M17: how much of the work is whose; only with five users or more, for privacy. */
function concentration(stretches: readonly Stretch[], users: number): Metric[] {
  const byMember = new Map<number, number>();
  for (const one of stretches) {
    if (!isBusy(one) || one.use === null || one.use.member === 0) continue;
    byMember.set(one.use.member, (byMember.get(one.use.member) ?? 0) + one.toMs - one.fromMs);
  }
  const amounts = [...byMember.values()].sort((a, b) => b - a);
  const sum = amounts.reduce((all, ms) => all + ms, 0);
  const top = (n: number): number => amounts.slice(0, n).reduce((all, ms) => all + ms, 0);
  return [
    ratio({ id: "M17.top1", unit: "share", of: top(1), by: sum, n: users }),
    ratio({ id: "M17.top3", unit: "share", of: top(3), by: sum, n: users }),
    total({ id: "M17.gini", unit: "share", sum: gini(amounts), n: users }),
  ].map((metric) => ifEnough(metric, 5));
}

/** M18–M20. A failure counts where it begins, with its length up to the span's end. */
function failureMetrics(history: MachineHistory, stretches: readonly Stretch[], span: Span): Metric[] {
  const broken = failures(history).filter((failure) => within(failure.fromMs, span));
  const downMs = lasting(stretches, (one) => one.availability === "unplanned_down");
  const openMs = lasting(stretches, (one) => one.availability === "unplanned_down" && one.open);
  const ranMs = lasting(stretches, (one) => one.power === "busy" || one.power === "idle");
  const lengths = broken.map((failure) => lengthMs(intersect(failure.parts, [span])));
  const open = broken.map((failure) => lengthMs(intersect(intersect(failure.parts, [span]), history.open ?? [span])));
  const mean = (id: string, values: readonly number[]): Metric =>
    ratio({ id, unit: "ms", of: values.reduce((all, ms) => all + ms, 0), by: values.length, n: values.length });
  return [
    total({ id: "M18", unit: "ms", sum: downMs, n: broken.length }),
    total({ id: "M18.open", unit: "ms", sum: openMs, n: broken.length }),
    total({ id: "M18.events", unit: "count", sum: broken.length, n: broken.length }),
    ifEnough(ratio({ id: "M19", unit: "ms", of: ranMs, by: broken.length, n: broken.length }), 3),
    mean("M20", lengths),
    mean("M20.open", open),
  ];
}

type Failure = { readonly fromMs: number; readonly toMs: number; readonly parts: readonly Span[] };

function failures(history: MachineHistory): Failure[] {
  const down = intersect(
    history.down.filter(({ value }) => value === "unplanned_down"),
    history.service,
  );
  const out: Failure[] = [];
  for (const part of down) {
    const last = out.at(-1);
    if (last === undefined || part.fromMs - last.toMs >= sameFailureMs) out.push({ ...part, parts: [part] });
    else out[out.length - 1] = { fromMs: last.fromMs, toMs: part.toMs, parts: [...last.parts, part] };
  }
  return out;
}

/** M28, M29 and the energy of what was left on. Null where the meter said nothing. */
function energyMetrics(stretches: readonly Stretch[], energy: MachineEnergy): Metric[] {
  const busyMs = lasting(stretches, isBusy);
  const coverage = coverageOf(stretches, inService);
  const spent = (id: string, sum: number | null): Metric => total({ id, unit: "Wh", sum, n: stretches.length, coverage });
  const per = energy.allWh === null ? 0 : busyMs / 3_600_000;
  return [
    spent("M28", energy.allWh),
    spent("M04.energy", energy.leftOnWh),
    spent("M29.out_of_hours", energy.outOfHoursWh),
    ratio({ id: "M29", unit: "Wh/h", of: energy.allWh ?? 0, by: per, n: stretches.length, coverage }),
  ];
}

/** Spans of the stretches that fulfil a condition, such as for asking a meter about them. */
export function spansWhere(stretches: readonly Stretch[], holds: (one: Stretch) => boolean): Span[] {
  return subtract(stretches.filter(holds), []);
}
