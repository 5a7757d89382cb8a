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

/** @param period  cut at the present; cohorts are those of the 12 months up to its end */
export function trainingFigures(facts: TrainingFacts, courses: readonly string[], period: Span, zone: string): CourseFigures[] {
  return courses.map((course) => {
    const own = <T extends { readonly course: string }>(list: readonly T[]): T[] => list.filter((one) => one.course === course);
    const mine = { ...facts, records: own(facts.records), uses: own(facts.uses), wishes: own(facts.wishes) };
    return { course, metrics: courseMetrics(mine, period), cohorts: cohortsOf(mine, course, period, zone) };
  });
}

function courseMetrics({ records, uses, wishes, activeMembers }: TrainingFacts, period: Span): Metric[] {
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
  return [
    count("T2", new Set(wished.map(({ member }) => member)).size),
    count("T4", new Set(signed.map(({ member }) => member)).size),
    count("T5", new Set(signed.filter(({ level }) => level === "competent").map(({ member }) => member)).size),
    total({ id: "T12", unit: "ms", sum: quantile(waits(wishes, trained, period), 0.5), n: waits(wishes, trained, period).length }),
    ratio({ id: "T14", unit: "share", of: unused.length, by: due.length, n: due.length }),
    count("T15.30", expiring(30)),
    count("T15.60", expiring(60)),
    count("T16.sign_offs", signed.length),
    count("T16.trainers", trainers.size),
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
function firsts(records: Records, level: "trainee" | "competent"): Map<number, number> {
  const out = new Map<number, number>();
  for (const record of records) {
    if (level === "competent" && record.level !== "competent") continue;
    out.set(record.member, Math.min(record.atMs, out.get(record.member) ?? Number.POSITIVE_INFINITY));
  }
  return out;
}

/** From the first refusal for want of the course to its pass, of those who passed in the period (T12, as far as there are no sign-ups). */
function waits(wishes: TrainingFacts["wishes"], trained: ReadonlyMap<number, number>, period: Span): number[] {
  return [...trained].flatMap(([member, atMs]) => {
    if (!within(atMs, period)) return [];
    const asked = wishes.filter((wish) => wish.member === member && wish.atMs <= atMs + dayMs).map((wish) => wish.atMs);
    return asked.length === 0 ? [] : [Math.max(0, atMs - Math.min(...asked))];
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
