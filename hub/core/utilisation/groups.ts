/**
 * Target groups and organisations (reports.md §4.5): what somebody was when it happened. Backgrounds are dated, so last year's
 * pupil stays a pupil in last year's report; whoever stated nothing stands under `not-stated`.
 */
import { localDateAt } from "../calendar.ts";
import { type Metric, ratio, total } from "./metric.ts";
import type { Sign } from "./people.ts";
import { personDay } from "./period.ts";
import { type Span, sharedMs, within } from "./spans.ts";

/** What a member is from a local date on: a target group, a town, the registry number of an enterprise. */
export type Background = {
  readonly member: number;
  readonly what: string;
  readonly value: string;
  /** local date */
  readonly from: string;
};
export const notStated = "not-stated";

export type BackgroundRow = {
  readonly value: string;
  readonly people: number;
  /** people who were this on a day they were here; who changed stands under both, so these may exceed the total */
  readonly everPeople: number;
  readonly personDays: number;
  /** time in which they had machines at work; jobs that ran on without them included (F03) */
  readonly busyMs: number;
};
export type Work = Span & { readonly member: number };

/** Answers with the value of a member on a local date; `not-stated` before the first one. */
export function valuesOf(backgrounds: readonly Background[], what: string): (member: number, date: string) => string {
  const dated = new Map<number, Background[]>();
  for (const one of backgrounds) if (one.what === what) dated.set(one.member, [...(dated.get(one.member) ?? []), one]);
  for (const list of dated.values()) list.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  return (member, date) => dated.get(member)?.findLast(({ from }) => from <= date)?.value ?? notStated;
}

/**
 * F01, F03 of one background. A person counts once, under what they were when they were last here in the period; their days and
 * hours count under what they were at the time.
 */
export function backgroundRows(
  given: { readonly backgrounds: readonly Background[]; readonly what: string },
  signs: readonly Sign[],
  work: readonly Work[],
  days: Span,
  period: Span,
  zone: string,
): BackgroundRow[] {
  const then = valuesOf(given.backgrounds, given.what);
  type Row = { people: number; ever: Set<number>; days: Set<string>; busyMs: number };
  const rows = new Map<string, Row>();
  const row = (value: string): Row => {
    const found = rows.get(value) ?? { people: 0, ever: new Set<number>(), days: new Set<string>(), busyMs: 0 };
    rows.set(value, found);
    return found;
  };
  const last = new Map<number, number>();
  for (const { kind, member, fromMs } of signs) {
    if (kind === "exit" || member === 0 || !within(fromMs, days)) continue;
    last.set(member, Math.max(fromMs, last.get(member) ?? 0));
    const date = personDay(fromMs, zone);
    const here = row(then(member, date));
    here.days.add(`${member} ${date}`);
    here.ever.add(member);
  }
  for (const [member, atMs] of last) row(then(member, personDay(atMs, zone))).people += 1;
  for (const span of work) {
    const ms = sharedMs(span, period);
    if (ms > 0 && span.member !== 0) row(then(span.member, localDateAt(zone, Math.max(span.fromMs, period.fromMs)))).busyMs += ms;
  }
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([value, { people, ever, days: seen, busyMs }]) => ({ value, people, everPeople: ever.size, personDays: seen.size, busyMs }));
}

/** F02: enterprises by registry number, so that one with ten people counts once; and F07: from how many towns, and from outside. */
export function reachMetrics(
  rows: { readonly enterprise: readonly BackgroundRow[]; readonly municipality: readonly BackgroundRow[]; readonly companyPeople: number },
  foundedOn: ReadonlyMap<string, string>,
  home: string | null,
  lastDate: string,
): Metric[] {
  const stated = (list: readonly BackgroundRow[]): BackgroundRow[] => list.filter(({ value }) => value !== notStated);
  const supported = stated(rows.enterprise).filter(({ busyMs, people }) => busyMs > 0 || people > 0);
  const ages = supported.map(({ value }) => enterpriseAge(foundedOn.get(value), lastDate));
  const aged = (age: EnterpriseAge): Metric => count(age, ages.filter((one) => one === age).length);
  const count = (id: string, n: number): Metric => total({ id, unit: "count", sum: n, n });
  const towns = stated(rows.municipality).filter(({ people }) => people > 0);
  const people = towns.reduce((sum, row) => sum + row.people, 0);
  const outside = towns.reduce((sum, row) => sum + (row.value === home ? 0 : row.people), 0);
  return [
    count("F02", supported.length),
    aged("F02.new"),
    aged("F02.existing"),
    aged("F02.age_unknown"),
    count("F02.unidentified", Math.max(0, rows.companyPeople - supported.reduce((sum, row) => sum + row.people, 0))),
    count("F07", towns.length),
    ratio({ id: "F07.outside", unit: "share", of: outside, by: home === null ? 0 : people, n: people }),
  ];
}
/** An enterprise counts as new for so many years (F02). */
const newYears = 3;
export type EnterpriseAge = "F02.new" | "F02.existing" | "F02.age_unknown";

/** As which of them an enterprise counts on a local date. */
export function enterpriseAge(founded: string | undefined, date: string): EnterpriseAge {
  if (founded === undefined) return "F02.age_unknown";
  return founded > Temporal.PlainDate.from(date).subtract({ years: newYears }).toString() ? "F02.new" : "F02.existing";
}
