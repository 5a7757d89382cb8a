/**
 * What a reader takes along from a month: six numbers against the month before and the year before, and three sentences made by
 * rules. Rules, so that the same figures always say the same, and nothing is said that no figure stands behind.
 */
import type { Metric } from "#core";
import type { ReportCell } from "../views.ts";
import { metricOf, most, spelled, spelledHours } from "./chart.ts";
import { valueIn } from "./figures.ts";
import { shownCell } from "./show.ts";
import { cellOf, number, text } from "./tables.ts";
import type { Earlier, Language, MonthFigures, ReportTable } from "./types.ts";
import { fill, words } from "./words.ts";
import type { Words } from "./words-en.ts";

/** `name`: as `explain` takes it; absent: put together from several. */
type Number = { readonly label: string; readonly unit: string; readonly metric: Metric | undefined; readonly name?: string };

/** The six numbers of a month, in the order of the page. */
function sixOf(figures: MonthFigures, w: Words): Number[] {
  const passed = figures.training.map((course) => metricOf(course, "T5"));
  const trained = passed.every((metric) => metric?.value === null) ? undefined : summed(passed);
  const utilisation = overallUse(figures);
  return [
    { label: w.uniquePeople, unit: "", metric: metricOf(figures.people, "V03"), name: "V03" },
    { label: w.personDays, unit: "", metric: metricOf(figures.people, "V01"), name: "V01" },
    { label: w.busy, unit: "h", metric: metricOf({ metrics: figures.all }, "M01"), name: "M01/all" },
    utilisation === undefined
      ? { label: w.sessions, unit: "", metric: metricOf({ metrics: figures.all }, "M15"), name: "M15/all" }
      : { label: w.overallUse, unit: "%", metric: utilisation },
    { label: w.trainedPeople, unit: "", metric: trained },
    { label: w.energy, unit: "kWh", metric: metricOf({ metrics: figures.all }, "M28"), name: "M28/all" },
  ];
}

const blank = { numerator: null, denominator: null, coverage: 1, n: 1, mark: null, methodVersion: 1 } as const;

function summed(metrics: readonly (Metric | undefined)[]): Metric {
  return { id: "T5", unit: "count", ...blank, value: metrics.reduce((sum, metric) => sum + (metric?.value ?? 0), 0) };
}

/** Busy time of all machines by their available open hours; undefined without opening hours. */
function overallUse({ machines }: MonthFigures): Metric | undefined {
  const parts = machines.flatMap(({ metrics }) => metrics.filter(({ id, value }) => id === "M09" && value !== null));
  const by = parts.reduce((sum, { denominator }) => sum + (denominator ?? 0), 0);
  if (by === 0) return undefined;
  return { id: "M09", unit: "share", ...blank, value: parts.reduce((sum, { numerator }) => sum + (numerator ?? 0), 0) / by };
}

const changed = (now: ReportCell, before: ReportCell): ReportCell =>
  typeof now === "number" && typeof before === "number" ? Math.round((now - before) * 1000) / 1000 : null;

/** A row a number: now, the month before and the change, a year before and the change. */
export function numbersTable(figures: MonthFigures, earlier: Earlier, w: Words): ReportTable {
  const [now, month, year] = [figures, earlier.month, earlier.year].map((of) => (of === null ? null : sixOf(of, w)));
  return {
    id: "numbers",
    title: w.glance,
    note: w.glanceNote,
    names: (now ?? []).map(({ name }) => [null, null, name ?? null]),
    columns: [
      text("measure", w.measure),
      text("unit", w.unit),
      number("value", w.value),
      number("month_before", w.monthBefore),
      number("change_month", w.changeMonth),
      number("year_before", w.yearBefore),
      number("change_year", w.changeYear),
    ],
    rows: (now ?? []).map(({ label, unit, metric }) => {
      const value = cellOf(metric);
      const of = (then: Number[] | null | undefined): ReportCell => cellOf(then?.find((one) => one.label === label)?.metric);
      const [before, lastYear] = [of(month), of(year)];
      return [label, unit, value, before, changed(value, before), lastYear, changed(value, lastYear)];
    }),
    total: null,
  };
}

/** Three sentences: what worked most, who came, and what wants attention most. */
export function sentencesOf(figures: MonthFigures, earlier: Earlier, language: Language): string[] {
  return [usage(figures, language), visitors(figures, earlier, language), attention(figures, language)];
}

function usage({ machines }: MonthFigures, language: Language): string {
  const w = words[language];
  const busiest = most(machines, (machine) => valueIn(machine, "M01"));
  if (busiest === undefined) return machines.some((machine) => valueIn(machine, "M01") === null) ? w.sUnknownUse : w.sIdle;
  const share = metricOf(busiest, "M09");
  const values = { machine: busiest.label, hours: spelledHours(busiest.amount, language), percent: spelled(share, language) };
  return fill(share === undefined || share.value === null ? w.sBusiest : w.sBusiestShare, values);
}

function visitors({ people }: MonthFigures, earlier: Earlier, language: Language): string {
  const w = words[language];
  const n = valueIn(people, "V01") ?? 0;
  const best = people.days.reduce<(typeof people.days)[number] | undefined>(
    (found, day) => (found === undefined || day.people > found.people ? day : found),
    undefined,
  );
  if (best === undefined || n === 0) return w.sNobody;
  const before = earlier.month === null ? null : valueIn(earlier.month.people, "V01");
  const change = before === null ? null : n - before;
  const values = {
    n: shownCell(n, undefined, language),
    date: dateIn(best.date, language),
    people: shownCell(best.people, undefined, language),
  };
  return change === null ? fill(w.sPeople, values) : fill(w.sPeopleChange, { ...values, change: signed(change, language) });
}

/** `+3`, `−2`, `±0`, with a real minus sign. */
export function signed(value: number, language: Language, unit: string | null = null): string {
  const shown = shownCell(Math.abs(value), { unit }, language);
  return value === 0 ? `±${shown}` : `${value > 0 ? "+" : "−"}${shown}`;
}

const dateIn = (date: string, language: Language): string =>
  new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { day: "numeric", month: "long", timeZone: "UTC" }).format(
    Date.parse(date),
  );

const hourMs = 3_600_000;

/** The first that applies: a breakdown of an hour, three people wanting a course, two hours left on, people trained. */
function attention({ machines, training }: MonthFigures, language: Language): string {
  const w = words[language];
  const down = most(machines, (machine) => valueIn(machine, "M18.open"));
  if (down !== undefined && down.amount >= hourMs)
    return fill(w.sDown, { machine: down.label, hours: spelledHours(down.amount, language) });
  const wished = [...training].sort((a, b) => (valueIn(b, "T2") ?? 0) - (valueIn(a, "T2") ?? 0) || (a.course < b.course ? -1 : 1))[0];
  const wishes = wished === undefined ? 0 : (valueIn(wished, "T2") ?? 0);
  if (wished !== undefined && wishes >= 3) return fill(w.sWish, { course: wished.label, n: shownCell(wishes, undefined, language) });
  const left = most(machines, (machine) => valueIn(machine, "M04"));
  if (left !== undefined && left.amount >= 2 * hourMs) {
    return fill(w.sLeftOn, { machine: left.label, hours: spelledHours(left.amount, language) });
  }
  const trained = training.reduce((sum, course) => sum + (valueIn(course, "T5") ?? 0), 0);
  return trained > 0 ? fill(w.sTrained, { n: shownCell(trained, undefined, language) }) : w.sCalm;
}
