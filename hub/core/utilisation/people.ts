/**
 * People and visits (reports.md §4.2). A member was here when they were let in or held a machine; without badge-outs the rest
 * is an estimate, and is called one. Members are numbers; no figure of this file names any.
 */
import { type Metric, ratio, total } from "./metric.ts";
import { localHours, personDay } from "./period.ts";
import { intersect, type Span, sharedMs, union, within } from "./spans.ts";

/** A sign of a member's presence: let in (an instant), a session (a span), a badge-out (an instant). */
export type Sign = { readonly kind: "entry" | "session" | "exit"; readonly member: number; readonly fromMs: number; readonly toMs: number };
export type PeopleFacts = {
  readonly signs: readonly Sign[];
  /** when a member was last here before the period; absent: never */
  readonly seenBeforeMs: ReadonlyMap<number, number>;
  /** members whose membership is valid at the period's end; null when not known */
  readonly activeMembers: ReadonlySet<number> | null;
  /** unregistered people counted by heart, such as pupils (V11) */
  readonly headcount: number;
};
export type PeopleFigures = {
  readonly metrics: readonly Metric[];
  /** persons by their own day, 04:00 to 04:00 */
  readonly days: readonly { readonly date: string; readonly people: number }[];
  /** mean people by weekday × hour, index 0 is Monday 00:00; null where that hour was not in the period */
  readonly heat: readonly (number | null)[];
  /** person-days per person in bins, per 30 days (V06) */
  readonly frequency: readonly { readonly bin: string; readonly people: number }[];
  /** members by whole months since they were last here, at the period's end (V07); empty when members are not known */
  readonly recency: readonly { readonly bin: string; readonly people: number }[];
};
export type Visit = Span & { readonly member: number };

const dayMs = 86_400_000;
/** Signs that follow one another within this time belong to one visit (V02). */
const sameVisitMs = 3_600_000;
/** No visit counts for longer, whatever the signs say (V10). */
const visitMsMost = 12 * 3_600_000;
const trailingDays = 90;
/** Person-days per 30 days: none, one, two or three … (V06, as MakeHaven counts them). */
const bins = [
  ["none", 0.5],
  ["1", 1.5],
  ["2-3", 3.5],
  ["4-6", 6.5],
  ["7-12", 12.5],
  ["13+", Number.POSITIVE_INFINITY],
] as const;

/**
 * @param days    the period's person-days, 04:00 to 04:00: what V01, V03 and V04 count in
 * @param period  the period itself, cut at the present: what visits and hours count in
 */
export function peopleFigures(facts: PeopleFacts, days: Span, period: Span, zone: string): PeopleFigures {
  const here = facts.signs.filter(({ kind, member, fromMs }) => kind !== "exit" && member !== 0 && within(fromMs, days));
  const byDay = new Map<string, Set<number>>();
  for (const { member, fromMs } of here) {
    const date = personDay(fromMs, zone);
    byDay.set(date, (byDay.get(date) ?? new Set()).add(member));
  }
  const people = new Set(here.map(({ member }) => member));
  const personDays = [...byDay.values()].reduce((sum, members) => sum + members.size, 0);
  const visits = visitsOf(facts.signs).filter((visit) => sharedMs(visit, period) > 0 || within(visit.fromMs, period));
  const count = (id: string, n: number): Metric => total({ id, unit: "count", sum: n, n });
  return {
    metrics: [
      count("V01", personDays),
      count("V02", visits.filter(({ fromMs }) => within(fromMs, period)).length),
      count("V03", people.size),
      ...returning(people, facts.seenBeforeMs, days.fromMs),
      ...active(people, facts, period.toMs),
      count("V08.peak", peak(visits, period)),
      total({ id: "V10", unit: "ms", sum: visits.reduce((sum, visit) => sum + sharedMs(visit, period), 0), n: visits.length }),
      count("V11", facts.headcount),
      unseen(here, zone),
    ],
    days: [...byDay].map(([date, members]) => ({ date, people: members.size })).sort((a, b) => (a.date < b.date ? -1 : 1)),
    heat: heatOf(visits, period, zone),
    frequency: frequencies(byDay, people, facts.activeMembers, days),
    recency: recencies(here, facts, period.toMs),
  };
}

/**
 * Visits of all members. Signs no more than an hour apart are one visit, a night included; a badge-out ends it. Without one, a
 * visit lasts as long as another sign would still belong to it.
 */
export function visitsOf(signs: readonly Sign[]): Visit[] {
  const byMember = new Map<number, Sign[]>();
  for (const sign of signs) if (sign.member !== 0) byMember.set(sign.member, [...(byMember.get(sign.member) ?? []), sign]);
  return [...byMember].flatMap(([member, own]) => {
    const out: { fromMs: number; toMs: number; isOver: boolean }[] = [];
    // At one instant the badge-out comes last: who leaves was here.
    for (const sign of own.sort((a, b) => a.fromMs - b.fromMs || Number(a.kind === "exit") - Number(b.kind === "exit"))) {
      const last = out.at(-1);
      const isOpen = last !== undefined && !last.isOver && sign.fromMs <= last.toMs;
      if (sign.kind === "exit") {
        if (isOpen) Object.assign(last, { toMs: sign.fromMs, isOver: true });
      } else if (isOpen) last.toMs = Math.max(last.toMs, sign.toMs + sameVisitMs);
      else out.push({ fromMs: sign.fromMs, toMs: sign.toMs + sameVisitMs, isOver: false });
    }
    return out.map(({ fromMs, toMs }) => ({ member, fromMs, toMs: Math.min(toMs, fromMs + visitMsMost) }));
  });
}

/** V04: first ever; seen in the 90 days before; seen before that. */
function returning(people: ReadonlySet<number>, seenBeforeMs: ReadonlyMap<number, number>, fromMs: number): Metric[] {
  const recent = fromMs - trailingDays * dayMs;
  const of = (holds: (seenMs: number | undefined) => boolean): number =>
    [...people].filter((member) => holds(seenBeforeMs.get(member))).length;
  const metric = (id: string, n: number): Metric => total({ id, unit: "count", sum: n, n });
  return [
    metric(
      "V04.new",
      of((ms) => ms === undefined),
    ),
    metric(
      "V04.returning",
      of((ms) => ms !== undefined && ms >= recent),
    ),
    metric(
      "V04.reactivated",
      of((ms) => ms !== undefined && ms < recent),
    ),
  ];
}

/** V05: of the members at the period's end, those who were here in the 90 days before it. */
function active(people: ReadonlySet<number>, { activeMembers, seenBeforeMs }: PeopleFacts, endMs: number): Metric[] {
  if (activeMembers === null) return [];
  const since = endMs - trailingDays * dayMs;
  const seen = [...activeMembers].filter((member) => people.has(member) || (seenBeforeMs.get(member) ?? Number.NEGATIVE_INFINITY) >= since);
  return [ratio({ id: "V05", unit: "share", of: seen.length, by: activeMembers.size, n: activeMembers.size })];
}

/** V08: most people at once, an estimate as the visits are. */
function peak(visits: readonly Visit[], period: Span): number {
  const changes = visits
    .flatMap((visit) => intersect([visit], [period]))
    .flatMap(({ fromMs, toMs }) => [
      [fromMs, 1],
      [toMs, -1],
    ])
    .sort(([a = 0, x = 0], [b = 0, y = 0]) => a - b || x - y);
  let now = 0;
  return changes.reduce((most, [, change = 0]) => {
    now += change;
    return Math.max(most, now);
  }, 0);
}

/** V13: users of machines who passed no door that day: tells how much the person-days miss. */
function unseen(here: readonly Sign[], zone: string): Metric {
  const dayOf = (kind: Sign["kind"]): Set<string> =>
    new Set(here.filter((sign) => sign.kind === kind).map(({ member, fromMs }) => `${member} ${personDay(fromMs, zone)}`));
  const users = dayOf("session");
  const entered = dayOf("entry");
  const missed = [...users].filter((day) => !entered.has(day)).length;
  return ratio({ id: "V13", unit: "share", of: missed, by: users.size, n: users.size });
}

/** V09: person-hours of each weekday × hour, by the time that this hour really lasted: one night of March lacks an hour. */
const heatOf = (visits: readonly Visit[], period: Span, zone: string): (number | null)[] => {
  const members = new Map<number, Span[]>();
  for (const visit of visits) members.set(visit.member, [...(members.get(visit.member) ?? []), visit]);
  return heatmap([...members.values()], period, zone);
};

/** Mean of how many were there at once, by weekday × hour, of people or of machines; each with its own spans. */
export function heatmap(each: readonly (readonly Span[])[], period: Span, zone: string): (number | null)[] {
  const spent = new Array<number>(168).fill(0);
  const lasted = new Array<number>(168).fill(0);
  const hours = localHours(period, zone);
  for (const { cell, fromMs, toMs } of hours) lasted[cell] = (lasted[cell] ?? 0) + toMs - fromMs;
  for (const own of each) {
    let i = 0;
    for (const visit of union(own)) {
      for (let hour = hours[i]; hour !== undefined && hour.toMs <= visit.fromMs; hour = hours[++i]);
      for (let j = i, hour = hours[j]; hour !== undefined && hour.fromMs < visit.toMs; hour = hours[++j]) {
        spent[hour.cell] = (spent[hour.cell] ?? 0) + sharedMs(hour, visit);
      }
    }
  }
  return lasted.map((ms, cell) => (ms === 0 ? null : (spent[cell] ?? 0) / ms));
}

/** V06. Members who never came stand under "none", when it is known who is one. */
function frequencies(
  byDay: ReadonlyMap<string, ReadonlySet<number>>,
  people: ReadonlySet<number>,
  activeMembers: ReadonlySet<number> | null,
  days: Span,
): PeopleFigures["frequency"] {
  const scale = (30 * dayMs) / Math.max(dayMs, days.toMs - days.fromMs);
  const count = new Map<number, number>([...people, ...(activeMembers ?? [])].map((member) => [member, 0]));
  for (const members of byDay.values()) for (const member of members) count.set(member, (count.get(member) ?? 0) + 1);
  return bins.map(([bin, below], i) => {
    // Who came at all is not "none", however long the period.
    const rates = [...count.values()].map((n) => (n === 0 ? 0 : Math.max(1, n * scale)));
    return { bin, people: rates.filter((rate) => rate < below && rate >= (bins[i - 1]?.[1] ?? 0)).length };
  });
}

const recencyBins = [
  ["0", 1],
  ["1", 2],
  ["2", 3],
  ["3-5", 6],
  ["6-11", 12],
  ["12+", Number.POSITIVE_INFINITY],
] as const;
const monthMs = 30 * dayMs;

/** V07, in months of 30 days. Members who were never here stand under "never". */
function recencies(here: readonly Sign[], { activeMembers, seenBeforeMs }: PeopleFacts, endMs: number): PeopleFigures["recency"] {
  if (activeMembers === null) return [];
  const last = new Map(seenBeforeMs);
  for (const { member, fromMs } of here) last.set(member, Math.max(fromMs, last.get(member) ?? 0));
  const months = [...activeMembers].map((member) => {
    const seenMs = last.get(member);
    return seenMs === undefined ? null : Math.max(0, Math.floor((endMs - seenMs) / monthMs));
  });
  return [
    ...recencyBins.map(([bin, below], i) => ({
      bin,
      people: months.filter((n) => n !== null && n < below && n >= (recencyBins[i - 1]?.[1] ?? 0)).length,
    })),
    { bin: "never", people: months.filter((n) => n === null).length },
  ];
}
