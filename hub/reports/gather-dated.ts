/** What members are, what hours are worth and who learns what, each as of its date. */
import { type Background, dateEndMs, dateStartMs, localDateAt, personDay, type Sign, type Span, sharedMs, type TrainingFacts } from "#core";
import type { LedgerReads } from "./sources.ts";
import { rateOn } from "./sources-dated.ts";
import type { MonthInput } from "./types.ts";

const dayMs = 86_400_000;
const wishMs = 90 * dayMs;
const usesMs = 400 * dayMs;
/** Duty is the stewards'; their hours count with the rate of this role (F05). */
const dutyRole = "steward";

type Dated = Pick<MonthInput, "backgrounds" | "founded" | "homeTown" | "volunteers" | "reserveCents" | "contradicted">;

export function datedFacts(read: LedgerReads, month: Span, untilMs: number, zone: string): Dated {
  const { usage } = read;
  const rates = usage.rates();
  const stated = usage.backgrounds();
  const groups = usage.targetGroups().map(({ member, target, from }): Background => ({ member, what: "target", value: target, from }));
  const plans = usage.memberships().map(({ member, plan, on }): Background => ({ member, what: "plan", value: plan, from: on }));
  const elapsed = { fromMs: month.fromMs, toMs: untilMs };
  return {
    backgrounds: [...groups, ...plans, ...stated],
    founded: new Map(stated.flatMap(({ what, value, founded }) => (what === "enterprise" && founded !== null ? [[value, founded]] : []))),
    homeTown: null,
    volunteers: usage.shifts(elapsed.fromMs, elapsed.toMs).map((shift) => ({
      role: dutyRole,
      ms: sharedMs(shift, elapsed),
      centsPerHour: rateOn(rates, "volunteer_hour", dutyRole, localDateAt(zone, Math.max(shift.fromMs, elapsed.fromMs))),
    })),
    reserveCents: rateOn(rates, "reserve", "", localDateAt(zone, untilMs - 1)),
    contradicted: usage.contradicted(elapsed.fromMs, elapsed.toMs),
  };
}

type Asked = {
  readonly month: Span;
  readonly untilMs: number;
  readonly zone: string;
  readonly signs: readonly Sign[];
  readonly activeMembers: ReadonlySet<number>;
};

export function trainingFacts(read: LedgerReads, { month, untilMs, zone, signs, activeMembers }: Asked): TrainingFacts {
  const { usage } = read;
  const here = new Set(signs.filter(({ kind }) => kind !== "exit").map(({ member, fromMs }) => `${member} ${personDay(fromMs, zone)}`));
  const first = new Map<number, string>();
  for (const { member, on } of usage.memberships()) if (on < (first.get(member) ?? "9")) first.set(member, on);
  const courses = read.courses().map(({ course }) => course);
  return {
    records: usage.trainings().map(({ on, validThrough, ...record }) => ({
      ...record,
      atMs: dateStartMs(zone, on),
      untilMs: validThrough === null ? null : dateEndMs(zone, validThrough),
    })),
    uses: usage.courseUses(month.fromMs - usesMs, untilMs),
    wishes: usage.courseWishes(month.fromMs - wishMs, untilMs),
    activeMembers,
    classes: usage.courseClasses(month.fromMs - wishMs, untilMs).map(({ enrolled, ...one }) => ({
      ...one,
      enrolled: enrolled.map((each) => ({ ...each, came: here.has(`${each.member} ${personDay(one.fromMs, zone)}`) })),
    })),
    joinedMs: new Map([...first].map(([member, on]) => [member, dateStartMs(zone, on)])),
    trainers: usage
      .trainers(localDateAt(zone, untilMs - 1))
      .flatMap(({ member, course }) => (course === null ? courses : [course]).map((of) => ({ member, course: of }))),
  };
}
