/** The metrics of one machine over a span (reports.md §4.1), each with what it was divided by and how much was known. */
import { type Bookings, bookingMetrics } from "./booking-metrics.ts";
import { gini, ifEnough, type Metric, quantile, ratio, total } from "./metric.ts";
import { type LocalHour, localHours } from "./period.ts";
import { intersect, lengthMs, type Span, sharedMs, within } from "./spans.ts";
import { lasting, type MachineHistory, type Purpose, type Stretch, timeline } from "./timeline.ts";
import { type Care, careMetrics, type Energy, energyMetrics, isBusy, type JobEnd, jobMetrics } from "./work-metrics.ts";

export type SessionEnd = "normal" | "takeover" | "forced" | "trip" | "estimated" | "corrected";
export type SessionUse = Span & {
  readonly id: string;
  /** 0: nobody known */
  readonly member: number;
  readonly purpose: Purpose;
  /** null while it is open; `toMs` is then the present */
  readonly end: SessionEnd | null;
};
/** A start that was refused, with the code of the reason. */
export type RefusedStart = { readonly member: number; readonly reason: string };
export type MachineEvents = {
  readonly sessions: readonly SessionUse[];
  /** member 0 for a card that nobody knows */
  readonly refused: readonly RefusedStart[];
  readonly trips: number;
  /** what the meter counted, in slices no longer than an hour; null without a meter or without samples */
  readonly metered: readonly Energy[] | null;
  /** what each run took, as its node counted it */
  readonly runs: readonly Energy[];
  /** people counted by heart, such as a class without cards (M16) */
  readonly participants: number;
  readonly bookings: Bookings;
  /** how the jobs of its controller ended; null: it has none, or none that tells */
  readonly jobs: readonly JobEnd[] | null;
  /** what it is due, and when; null when nobody set a target */
  readonly care: Care | null;
  readonly co2GPerKWh: number | null;
  /** breakdowns that were reported in the span, and when somebody took each up; null: nobody, or nobody said */
  readonly reports: readonly Taken[];
  /** who asked to hear when it is free; null: nobody has ever asked here */
  readonly requests: readonly Request[] | null;
  /** what it used up in the span; null: nobody has ever noted any */
  readonly materials: readonly Material[] | null;
};
export type Material = { readonly on: string; readonly label: string; readonly grams: number };
export type Taken = { readonly fromMs: number; readonly takenMs: number | null };
/** `freeMs` null: it was not free yet, or the wish was taken back. */
export type Request = { readonly atMs: number; readonly member: number; readonly freeMs: number | null };
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
  const users = machineUsers(events.sessions, span);
  const jobs = jobMetrics(events.jobs, events.materials, span);
  const yields = jobs.find(({ id }) => id === "M30")?.value ?? null;
  const metrics = [
    ...spentMetrics(stretches, span),
    ...(history.open === null ? [] : openMetrics(stretches, localHours(span, zone), yields)),
    ...sessionMetrics(stretches, events, users, span),
    ...requestMetrics(events.requests, span),
    ...failureMetrics(history, stretches, span),
    acknowledged(events.reports, history.open, span),
    ...careMetrics(events.care, span),
    ...bookingMetrics(events.bookings, stretches, span),
    ...energyMetrics(events, stretches, history.open, coverageOf(stretches, inService), span),
    ...jobs,
  ];
  return { metrics, stretches, users };
}

const inService = (one: Stretch): boolean => one.state !== "not_in_service";
const isKnown = (one: Stretch): boolean => one.state !== "unknown";
const isTaken = (one: Stretch): boolean => one.use !== null && one.use.kind !== "staff";
const isUp = (one: Stretch): boolean => one.availability === "available" || one.availability === "unknown";

/** The stretches whose lengths a metric adds up, in its numerator where it is a share. */
const counted: Readonly<Record<string, (one: Stretch) => boolean>> = {
  M01: isBusy,
  M02: (one) => inService(one) && isTaken(one),
  M03: (one) => one.use?.kind === "session" && one.power === "idle" && isKnown(one) && inService(one),
  M04: (one) => one.state === "left_on",
  M05: (one) => one.open && inService(one),
  M06: (one) => one.open && inService(one) && one.availability !== "planned_down",
  M07: (one) => one.open && inService(one) && isUp(one) && isKnown(one),
  M09: (one) => one.open && isBusy(one),
  M10: (one) => one.open && inService(one) && isUp(one) && isKnown(one) && isTaken(one),
  M12: (one) => isBusy(one) && !one.open,
  M18: (one) => one.availability === "unplanned_down",
  "M18.open": (one) => one.availability === "unplanned_down" && one.open,
  M19: (one) => one.power === "busy" || one.power === "idle",
  maintenance: (one) => one.power === "busy" && one.availability === "planned_down",
  unauthorised: (one) => one.state === "unauthorised",
};
/** Metrics that take the numerator of another one. */
const sameAs: Readonly<Record<string, string>> = { M08: "M07", M13: "M01", "M12.share": "M12", M20: "M18", "M20.open": "M18.open" };

/** The stretches behind a number; empty when it counts something else than time. */
export function countedStretches(id: string, stretches: readonly Stretch[]): Stretch[] {
  const holds = counted[sameAs[id] ?? id];
  return holds === undefined ? [] : stretches.filter(holds);
}

const countedMs = (id: string, stretches: readonly Stretch[]): number => lasting(countedStretches(id, stretches), () => true);

/** Known part of a base of time; null when it is empty. */
function coverageOf(stretches: readonly Stretch[], inBase: (one: Stretch) => boolean): number | null {
  const baseMs = lasting(stretches, inBase);
  return baseMs === 0 ? null : lasting(stretches, (one) => inBase(one) && isKnown(one)) / baseMs;
}

/** M01–M04, M12, M13: what the machine did, at any hour. */
function spentMetrics(stretches: readonly Stretch[], span: Span): Metric[] {
  const coverage = coverageOf(stretches, inService);
  const spent = (id: string): Metric => {
    const parts = countedStretches(id, stretches);
    return total({ id, unit: "ms", sum: lasting(parts, () => true), n: parts.length, coverage });
  };
  const busy = countedStretches("M01", stretches);
  const busyMs = countedMs("M01", stretches);
  const inSession = stretches.filter((one) => one.use?.kind === "session" && isKnown(one) && inService(one));
  const purposes: readonly Purpose[] = ["member", "class", "training", "maintenance", "test", "service"];
  const sessionMs = lasting(inSession, () => true);
  return [
    spent("M01"),
    ...purposes.map((purpose) => {
      const parts = busy.filter((one) => (one.use?.purpose ?? "member") === purpose);
      return total({ id: `M01.${purpose}`, unit: "ms", sum: lasting(parts, () => true), n: parts.length, coverage });
    }),
    spent("M02"),
    ratio({ id: "M03", unit: "share", of: countedMs("M03", stretches), by: sessionMs, n: inSession.length, coverage }),
    spent("M04"),
    spent("M12"),
    ratio({ id: "M12.share", unit: "share", of: countedMs("M12", stretches), by: busyMs, n: busy.length, coverage }),
    ratio({ id: "M13", unit: "share", of: busyMs, by: span.toMs - span.fromMs, n: busy.length, coverage }),
    spent("maintenance"),
    spent("unauthorised"),
    total({ id: "Q01", unit: "share", sum: coverage, n: stretches.length, coverage: coverage === null ? null : 1 }),
  ];
}

/** M05–M11, M14: against the opening hours. Unknown time is on neither side of a share. */
function openMetrics(stretches: readonly Stretch[], hours: readonly LocalHour[], yields: number | null): Metric[] {
  const scheduled = countedStretches("M06", stretches);
  const up = stretches.filter((one) => one.open && inService(one) && isUp(one));
  const scheduledMs = lasting(scheduled, () => true);
  const availableMs = countedMs("M07", stretches);
  // A machine that is known to be down needs no meter to say so.
  const scheduledKnownMs = lasting(scheduled, (one) => isKnown(one) || one.availability === "unplanned_down");
  const coverage = { up: coverageOf(up, () => true), scheduled: scheduledMs === 0 ? null : scheduledKnownMs / scheduledMs };
  const n = countedStretches("M05", stretches).length;
  const part = (id: string): Metric =>
    ratio({ id, unit: "share", of: countedMs(id, stretches), by: availableMs, n, coverage: coverage.up });
  const availability = ratio({ id: "M08", unit: "share", of: availableMs, by: scheduledKnownMs, n, coverage: coverage.scheduled });
  const occupancy = part("M10");
  return [
    total({ id: "M05", unit: "ms", sum: countedMs("M05", stretches), n }),
    total({ id: "M06", unit: "ms", sum: scheduledMs, n }),
    total({ id: "M07", unit: "ms", sum: availableMs, n, coverage: coverage.up ?? 1 }),
    availability,
    part("M09"),
    occupancy,
    demand(up.filter(isKnown), hours, coverage.up),
    // Availability × occupancy × yield: of the time that it should have been there, the part that was taken (and came to something).
    // Where no job tells how it ended, yield is left out, which is not 100 % of anything.
    ratio({
      id: yields === null ? "M14" : "M14.yield",
      unit: "share",
      of: countedMs("M10", stretches) * (yields ?? 1),
      by: availability.value === null || occupancy.value === null ? 0 : scheduledKnownMs,
      n,
      coverage: coverage.up,
      methodVersion: 2,
    }),
  ];
}

/** M11: occupancy in the ten open hours of the week that are most taken: peaks decide purchases, averages mislead. */
function demand(available: readonly Stretch[], hours: readonly LocalHour[], coverage: number | null): Metric {
  const busiest = busiestHours(available, hours);
  const sum = (of: "takenMs" | "baseMs"): number => busiest.reduce((all, cell) => all + cell[of], 0);
  return ratio({ id: "M11", unit: "share", of: sum("takenMs"), by: sum("baseMs"), n: busiest.length, coverage });
}

export type WeekHour = {
  /** of the week: 0 is Monday's first hour */
  readonly cell: number;
  readonly takenMs: number;
  readonly baseMs: number;
};
/** The ten hours of the week in which the greatest part was taken of the time that it was there. */
export function busiestHours(available: readonly Stretch[], hours: readonly LocalHour[]): WeekHour[] {
  const cells = new Map<number, WeekHour>();
  let first = 0;
  for (const one of available) {
    for (let hour = hours[first]; hour !== undefined && hour.toMs <= one.fromMs; hour = hours[++first]);
    for (let i = first, hour = hours[i]; hour !== undefined && hour.fromMs < one.toMs; hour = hours[++i]) {
      const { takenMs, baseMs } = cells.get(hour.cell) ?? { takenMs: 0, baseMs: 0 };
      const ms = sharedMs(hour, one);
      cells.set(hour.cell, { cell: hour.cell, takenMs: takenMs + (isTaken(one) ? ms : 0), baseMs: baseMs + ms });
    }
  }
  return [...cells.values()].sort((a, b) => b.takenMs / b.baseMs - a.takenMs / a.baseMs || a.cell - b.cell).slice(0, busiestCells);
}

/** Open time in which it was there, known: what M11 looks at. */
export const openAndUp = (stretches: readonly Stretch[]): Stretch[] =>
  stretches.filter((one) => one.open && inService(one) && isUp(one) && isKnown(one));

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
    ...refusedStarts(refused),
    count("M27.takeovers", ended("takeover")),
    count("M27.forced", ended("forced", "trip")),
    count("M27.trips", trips),
  ];
}

const untrained: ReadonlySet<string> = new Set(["TRAINING_MISSING", "TRAINING_EXPIRED", "TRAINING_LAPSED", "TRAINING_SUPERSEDED"]);

/** M23, M24: starts that were refused, and what tells that somebody waits. */
function refusedStarts(refused: readonly RefusedStart[]): Metric[] {
  const count = (id: string, list: readonly RefusedStart[]): Metric[] => [
    total({ id, unit: "count", sum: list.length, n: list.length }),
    total({
      id: `${id}.people`,
      unit: "count",
      sum: new Set(list.map(({ member }) => member).filter((member) => member !== 0)).size,
      n: list.length,
    }),
  ];
  return [
    ...count("M23", refused),
    ...count(
      "M23.training",
      refused.filter(({ reason }) => untrained.has(reason)),
    ),
    ...count(
      "M24.busy",
      refused.filter(({ reason }) => reason === "IN_USE"),
    ),
    ...count(
      "M24.booked",
      refused.filter(({ reason }) => reason === "BOOKED_BY_OTHER"),
    ),
  ];
}

/** M24: who asked to hear when it is free, and how long that took. Unknown until somebody has asked for the first time. */
function requestMetrics(requests: readonly Request[] | null, span: Span): Metric[] {
  const asked = (requests ?? []).filter(({ atMs }) => within(atMs, span));
  const waits = asked.flatMap(({ atMs, freeMs }) => (freeMs === null ? [] : [freeMs - atMs]));
  return [
    total({ id: "M24.requests", unit: "count", sum: requests === null ? null : asked.length, n: asked.length }),
    total({ id: "M24.free", unit: "ms", sum: quantile(waits, 0.5), n: waits.length }),
  ];
}

/** Members with at least a minute in session within the span (M16). */
export function machineUsers(sessions: readonly SessionUse[], span: Span): number[] {
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
  const lengths = broken.map((failure) => lengthMs(intersect(failure.parts, [span])));
  const open = broken.map((failure) => lengthMs(intersect(intersect(failure.parts, [span]), history.open ?? [span])));
  const mean = (id: string, values: readonly number[]): Metric =>
    ratio({ id, unit: "ms", of: values.reduce((all, ms) => all + ms, 0), by: values.length, n: values.length });
  return [
    total({ id: "M18", unit: "ms", sum: countedMs("M18", stretches), n: broken.length }),
    total({ id: "M18.open", unit: "ms", sum: countedMs("M18.open", stretches), n: broken.length }),
    total({ id: "M18.events", unit: "count", sum: broken.length, n: broken.length }),
    ifEnough(ratio({ id: "M19", unit: "ms", of: countedMs("M19", stretches), by: broken.length, n: broken.length }), 3),
    mean("M20", lengths),
    mean("M20.open", open),
  ];
}

/** M21: open time from a report to whoever took it up; coverage tells of how many that is known. */
function acknowledged(reports: readonly Taken[], open: readonly Span[] | null, span: Span): Metric {
  const own = reports.filter(({ fromMs }) => within(fromMs, span));
  const waits = own.flatMap((one) => waitedMs(one, open));
  const coverage = own.length === 0 ? null : waits.length / own.length;
  return ratio({ id: "M21", unit: "ms", of: waits.reduce((sum, ms) => sum + ms, 0), by: waits.length, n: own.length, coverage });
}

/** Open time until it was taken up; nothing where nobody knows. */
export const waitedMs = ({ fromMs, takenMs }: Taken, open: readonly Span[] | null): number[] =>
  takenMs === null ? [] : [lengthMs(intersect([{ fromMs, toMs: takenMs }], open ?? [{ fromMs, toMs: takenMs }]))];

export type Failure = { readonly fromMs: number; readonly toMs: number; readonly parts: readonly Span[] };

/** Breakdowns; one that comes back within a day is the same one, in parts (M19). */
export function failures(history: MachineHistory): Failure[] {
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
