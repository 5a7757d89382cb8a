/** What members are, what hours are worth and who learns what, each as of its date. */
import { type Background, dateEndMs, dateStartMs, localDateAt, personDay, type Sign, type Span, sharedMs, type TrainingFacts } from "#core";
import type { LedgerReads } from "./sources.ts";
import { rateOn } from "./sources-dated.ts";
import type { MonthInput } from "./types.ts";

const dayMs = 86_400_000;
const wishMs = 90 * dayMs;
const joinMs = 91 * dayMs;
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
    contradicted: usage.contradicted(elapsed.fromMs, elapsed.toMs).length,
  };
}

/** E05: who came to a class on their first day here, and how many first-timers were counted without a name. */
export function newcomersOf(
  read: LedgerReads,
  month: Span,
  untilMs: number,
  zone: string,
): Pick<MonthInput, "newcomers" | "unknownNewcomers"> {
  const { usage } = read;
  const since = { fromMs: month.fromMs - joinMs, toMs: untilMs };
  const classes = usage.courseClasses(since.fromMs, since.toMs);
  const firstSeen = classes.length === 0 ? new Map<number, number>() : usage.firstSeen();
  const joined = new Map<number, string>();
  for (const { member, on } of usage.memberships()) if (on < (joined.get(member) ?? "9")) joined.set(member, on);
  const found = new Map<number, { firstMs: number; joinedMs: number | null }>();
  for (const { fromMs, enrolled } of classes)
    for (const { member } of enrolled) {
      const firstMs = firstSeen.get(member);
      if (firstMs === undefined || personDay(firstMs, zone) !== personDay(fromMs, zone)) continue;
      const on = joined.get(member);
      if (on !== undefined && on < personDay(firstMs, zone)) continue; // a member already
      found.set(member, { firstMs, joinedMs: on === undefined ? null : dateStartMs(zone, on) });
    }
  const counted = usage.headcounts(localDateAt(zone, since.fromMs), localDateAt(zone, untilMs - 1));
  return {
    newcomers: [...found].sort(([a], [b]) => a - b).map(([, one]) => one),
    unknownNewcomers: counted.flatMap(({ on, firstTimers }) =>
      firstTimers === null || firstTimers === 0 ? [] : [{ atMs: dateStartMs(zone, on), people: firstTimers }],
    ),
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
    classes: usage.courseClasses(month.fromMs - wishMs, untilMs).map(({ enrolled, present, ...one }) => ({
      ...one,
      enrolled: enrolled.map((each) => ({
        ...each,
        came: present.includes(each.member) || here.has(`${each.member} ${personDay(one.fromMs, zone)}`),
      })),
    })),
    joinedMs: new Map([...first].map(([member, on]) => [member, dateStartMs(zone, on)])),
    trainers: usage
      .trainers(localDateAt(zone, untilMs - 1))
      .flatMap(({ member, course }) => (course === null ? courses : [course]).map((of) => ({ member, course: of }))),
  };
}
