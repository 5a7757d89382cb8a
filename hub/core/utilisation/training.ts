/**
 * The training funnel (reports.md §4.3), per course and per cohort: everybody who was first trained in one month. A cohort
 * whose 90 days have not passed yet is marked `running`: its later steps may still grow.
 */
import { localDateAt } from "../calendar.ts";
import { type Metric, quantile, ratio, total } from "./metric.ts";
import { type Span, within } from "./spans.ts";

export type TrainingFacts = {
  readonly records: readonly {
    readonly member: number;
    readonly course: string;
    /** trainee: taught, but not passed */
    readonly level: "trainee" | "competent";
    readonly trainer: number;
    /** first instant of the local date of the sign-off */
    readonly atMs: number;
    /** first instant after the last valid day; null: for ever */
    readonly untilMs: number | null;
    readonly revokedMs: number | null;
  }[];
  /** sessions on machines that need a course, by start */
  readonly uses: readonly { readonly member: number; readonly course: string; readonly atMs: number }[];
  /** refused for want of the course */
  readonly wishes: readonly { readonly member: number; readonly course: string; readonly atMs: number }[];
  readonly activeMembers: ReadonlySet<number> | null;
  /** occasions at which a course is taught, not those that were cancelled */
  readonly classes: readonly {
    readonly course: string;
    readonly fromMs: number;
    /** null: not said */
    readonly seats: number | null;
    /** `signedUpMs` null: before that was written down; `came`: was here that day */
    readonly enrolled: readonly { readonly member: number; readonly signedUpMs: number | null; readonly came: boolean }[];
  }[];
  /** first instant of the first membership */
  readonly joinedMs: ReadonlyMap<number, number>;
  /** who may teach the course at the period's end */
  readonly trainers: readonly { readonly member: number; readonly course: string }[];
};
export type Cohort = {
  readonly course: string;
  /** `2026-03` */
  readonly month: string;
  readonly attended: number;
  readonly passed: number;
  /** first session within 30 days of passing */
  readonly used: number;
  /** three sessions within 90 days */
  readonly settled: number;
  readonly running: boolean;
};
export type CourseFigures = { readonly course: string; readonly metrics: readonly Metric[]; readonly cohorts: readonly Cohort[] };

const dayMs = 86_400_000;
const firstUseMs = 30 * dayMs;
const settlingMs = 90 * dayMs;
const settledSessions = 3;
/** The first training should come within this time (T11, as MakeHaven counts it). */
const soonMs = 28 * dayMs;

/** @param period  cut at the present; cohorts are those of the 12 months up to its end */
export function trainingFigures(facts: TrainingFacts, courses: readonly string[], period: Span, zone: string): CourseFigures[] {
  return courses.map((course) => {
    const own = <T extends { readonly course: string }>(list: readonly T[]): T[] => list.filter((one) => one.course === course);
    const { records, uses, wishes, classes, trainers } = facts;
    const mine = {
      ...facts,
      records: own(records),
      uses: own(uses),
      wishes: own(wishes),
      classes: own(classes),
      trainers: own(trainers),
    };
    return { course, metrics: courseMetrics(mine, period), cohorts: cohortsOf(mine, course, period, zone) };
  });
}

/** T11, over all courses: from joining to the first pass of anything, of those who passed for the first time in the period. */
export function firstTraining({ records, joinedMs }: TrainingFacts, period: Span): Metric[] {
  const waited = [...firsts(records, "competent")].flatMap(([member, atMs]) => {
    const joined = joinedMs.get(member);
    return joined === undefined || !within(atMs, period) ? [] : [Math.max(0, atMs - joined)];
  });
  const soon = waited.filter((ms) => ms <= soonMs).length;
  return [
    total({ id: "T11", unit: "ms", sum: quantile(waited, 0.5), n: waited.length }),
    ratio({ id: "T11.share", unit: "share", of: soon, by: waited.length, n: waited.length }),
  ];
}

function courseMetrics(facts: TrainingFacts, period: Span): Metric[] {
  const { records, uses, wishes, activeMembers, trainers: teaching } = facts;
  const count = (id: string, n: number): Metric => total({ id, unit: "count", sum: n, n });
  const endMs = period.toMs;
  const valid = records.filter((record) => record.level === "competent" && isValid(record, endMs));
  const holders = new Set(valid.map(({ member }) => member));
  const expiring = (days: number): number => {
    const until = (member: number): number =>
      Math.max(...valid.filter((record) => record.member === member).map(({ untilMs }) => untilMs ?? Number.POSITIVE_INFINITY));
    return [...holders].filter((member) => until(member) < endMs + days * dayMs).length;
  };
  const trained = firsts(records, "competent");
  const due = [...trained].filter(([, atMs]) => within(atMs + settlingMs, period));
  const unused = due.filter(
    ([member, atMs]) => !uses.some((use) => use.member === member && use.atMs >= atMs && use.atMs < atMs + settlingMs),
  );
  const signed = records.filter(({ atMs }) => within(atMs, period));
  const trainers = new Set(records.filter(({ atMs }) => atMs < endMs && atMs >= endMs - 365 * dayMs).map(({ trainer }) => trainer));
  const wished = wishes.filter(({ atMs }) => within(atMs, period));
  const signedUp = facts.classes.flatMap(({ enrolled }) =>
    enrolled.filter(({ signedUpMs }) => signedUpMs !== null && within(signedUpMs, period)),
  );
  return [
    ...(activeMembers === null ? [] : [count("T1", [...activeMembers].filter((member) => !holders.has(member)).length)]),
    count("T2", new Set([...wished, ...signedUp].map(({ member }) => member)).size),
    ...classMetrics(facts, period),
    count("T4", new Set(signed.map(({ member }) => member)).size),
    count("T5", new Set(signed.filter(({ level }) => level === "competent").map(({ member }) => member)).size),
    waited(facts, period),
    count("T8", renewed(records, period)),
    ratio({ id: "T14", unit: "share", of: unused.length, by: due.length, n: due.length }),
    count("T15.30", expiring(30)),
    count("T15.60", expiring(60)),
    count("T16.sign_offs", signed.length),
    count("T16.trainers", trainers.size),
    count("T16.qualified", new Set(teaching.map(({ member }) => member)).size),
    ratio({
      id: "T16.load",
      unit: "count",
      of: signed.length,
      by: new Set(signed.map(({ trainer }) => trainer)).size,
      n: signed.length,
    }),
    count("T17", holders.size),
    ...(activeMembers === null
      ? []
      : [
          ratio({
            id: "T17.share",
            unit: "share",
            of: [...holders].filter((member) => activeMembers.has(member)).length,
            by: activeMembers.size,
            n: activeMembers.size,
          }),
        ]),
  ];
}

type Records = TrainingFacts["records"];
const isValid = ({ atMs, untilMs, revokedMs }: Records[number], whenMs: number): boolean =>
  atMs < whenMs && (untilMs === null || untilMs >= whenMs) && (revokedMs === null || revokedMs >= whenMs);

/** When each member first reached a level; a competent record is one of attendance too. */
export function firsts(records: Records, level: "trainee" | "competent"): Map<number, number> {
  const out = new Map<number, number>();
  for (const record of records) {
    if (level === "competent" && record.level !== "competent") continue;
    out.set(record.member, Math.min(record.atMs, out.get(record.member) ?? Number.POSITIVE_INFINITY));
  }
  return out;
}

/** T3, T13: classes that begin in the period. A class without a number of seats has no fill. */
function classMetrics({ classes }: TrainingFacts, period: Span): Metric[] {
  const held = classes.filter(({ fromMs }) => within(fromMs, period));
  const seated = held.filter(({ seats }) => seats !== null);
  const sum = (list: typeof held, of: (one: (typeof held)[number]) => number): number => list.reduce((all, one) => all + of(one), 0);
  const came = (one: (typeof held)[number]): number => one.enrolled.filter((each) => each.came).length;
  const booked = sum(held, ({ enrolled }) => enrolled.length);
  return [
    total({ id: "T3", unit: "count", sum: new Set(held.flatMap(({ enrolled }) => enrolled.map(({ member }) => member))).size, n: booked }),
    ratio({ id: "T13.fill", unit: "share", of: sum(seated, came), by: sum(seated, ({ seats }) => seats ?? 0), n: seated.length }),
    ratio({ id: "T13.no_show", unit: "share", of: booked - sum(held, came), by: booked, n: booked }),
  ];
}

/** T8: passed again, having passed before. */
function renewed(records: Records, period: Span): number {
  const passed = records.filter(({ level }) => level === "competent");
  const again = passed.filter(
    (record) => within(record.atMs, period) && passed.some((one) => one.member === record.member && one.atMs < record.atMs),
  );
  return new Set(again.map(({ member }) => member)).size;
}

function waited(facts: TrainingFacts, period: Span): Metric {
  const waits = classWaits(facts, period).map(({ fromMs, toMs }) => toMs - fromMs);
  return total({ id: "T12", unit: "ms", sum: quantile(waits, 0.5), n: waits.length, methodVersion: 2 });
}

/** T12: from the sign-up, or from the first refusal for want of the course, to the first class of it that was offered after that. */
export function classWaits(
  { wishes, classes }: Pick<TrainingFacts, "wishes" | "classes">,
  period: Span,
): (Span & { readonly member: number })[] {
  const asked = new Map<number, number>();
  const signUps = classes.flatMap(({ enrolled }) => enrolled.map(({ member, signedUpMs }) => ({ member, atMs: signedUpMs })));
  for (const { member, atMs } of [...wishes, ...signUps]) {
    if (atMs !== null) asked.set(member, Math.min(atMs, asked.get(member) ?? Number.POSITIVE_INFINITY));
  }
  return [...asked].flatMap(([member, atMs]) => {
    const first = Math.min(...classes.filter(({ fromMs }) => fromMs >= atMs).map(({ fromMs }) => fromMs));
    return within(first, period) ? [{ member, fromMs: atMs, toMs: first }] : [];
  });
}

/** T10: by the month of first attendance, oldest first, at most twelve months. */
function cohortsOf({ records, uses }: TrainingFacts, course: string, period: Span, zone: string): Cohort[] {
  const passed = firsts(records, "competent");
  const byMonth = new Map<string, number[]>();
  for (const [member, atMs] of firsts(records, "trainee")) {
    if (atMs >= period.toMs) continue;
    const month = localDateAt(zone, atMs).slice(0, 7);
    byMonth.set(month, [...(byMonth.get(month) ?? []), member]);
  }
  const sessions = (member: number, forMs: number): number => {
    const from = passed.get(member);
    if (from === undefined) return 0;
    return uses.filter((use) => use.member === member && use.atMs >= from && use.atMs < Math.min(from + forMs, period.toMs)).length;
  };
  return [...byMonth]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(-12)
    .map(([month, members]) => ({
      course,
      month,
      attended: members.length,
      passed: members.filter((member) => (passed.get(member) ?? Number.POSITIVE_INFINITY) < period.toMs).length,
      used: members.filter((member) => sessions(member, firstUseMs) > 0).length,
      settled: members.filter((member) => sessions(member, settlingMs) >= settledSessions).length,
      running: members.some((member) => (passed.get(member) ?? Number.POSITIVE_INFINITY) + settlingMs > period.toMs),
    }));
}
