/** The review of a year: twelve months against the twelve before. Only what may be added is added. */
import { type Chart, chartWidth, legend, metricOf, spelledHours } from "./chart.ts";
import { valueIn } from "./figures.ts";
import { boxPath, filled, ink, label, linePath, patterned, type Shape, stroked } from "./scene.ts";
import { monthIn, shownCell } from "./show.ts";
import { looks } from "./state-look.ts";
import { cellOf, dated, hours, number, text } from "./tables.ts";
import type { Language, MonthFigures, MonthReport, ReportTable } from "./types.ts";
import { fill, words } from "./words.ts";
import { documentWords } from "./words-documents.ts";

type Months = readonly (MonthFigures | null)[];
type Line = {
  readonly key: string;
  readonly label: string;
  readonly unit: string | null;
  readonly of: (month: MonthFigures) => number | null;
};

/** Measures that may be added over months, in the unit of their cells. */
function linesOf(language: Language): Line[] {
  const w = words[language];
  const cell = (month: MonthFigures, id: string): number | null => {
    const value = cellOf(metricOf({ metrics: [...month.all, ...month.people.metrics, ...(month.programme ?? [])] }, id));
    return typeof value === "number" ? value : null;
  };
  return [
    { key: "person_days", label: w.personDays, unit: null, of: (month) => cell(month, "V01") },
    { key: "sessions", label: w.sessions, unit: null, of: (month) => cell(month, "M15") },
    { key: "busy_h", label: w.busy, unit: "h", of: (month) => cell(month, "M01") },
    {
      key: "trained",
      label: w.trainedPeople,
      unit: null,
      of: ({ training }) => training.reduce((sum, course) => sum + (valueIn(course, "T5") ?? 0), 0),
    },
    { key: "events", label: w.E01, unit: null, of: (month) => cell(month, "E01") },
    { key: "participant_h", label: w.E03, unit: "h", of: (month) => cell(month, "E03") },
    { key: "energy_kwh", label: w.energy, unit: "kWh", of: (month) => cell(month, "M28") },
  ];
}

/** Unknown as soon as one of the months is. */
function summed(months: Months, of: Line["of"]): number | null {
  const values = months.map((month) => (month === null ? null : of(month)));
  return values.length === 0 || values.includes(null)
    ? null
    : Math.round(values.reduce<number>((sum, value) => sum + (value ?? 0), 0) * 1000) / 1000;
}

/**
 * @param year    twelve months in order, null where one is not known
 * @param before  the twelve months before those
 */
export function annualReport(year: Months, before: Months, head: Pick<MonthReport, "madeMs" | "seal">, language: Language): MonthReport {
  const d = documentWords[language];
  const known = year.filter((month) => month !== null);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError("report: a year without any month");
  return {
    ...head,
    pack: "annual",
    title: d.annual,
    period: `${monthIn(first.month, language)} – ${monthIn(last.month, language)}`,
    month: last.month,
    siteName: last.siteName,
    zone: last.zone,
    simulated: known.some(({ simulated }) => simulated),
    language,
    running: last.untilMs !== null,
    quality: [],
    sentences: yearSentence(known, language),
    charts: [yearChart(known, language)],
    tables: [yearTable(year, before, language), monthsTable(known, language), machinesTable(year, before, language)],
  };
}

function yearTable(year: Months, before: Months, language: Language): ReportTable {
  const d = documentWords[language];
  return {
    id: "year",
    title: d.year,
    note: d.yearNote,
    columns: [
      text("measure", d.measure),
      text("unit", d.unit),
      number("value", d.value),
      number("year_before", d.before),
      number("change", d.change),
    ],
    rows: linesOf(language).map(({ label, unit, of }) => {
      const [now, then] = [summed(year, of), summed(before, of)];
      return [label, unit ?? "", now, then, now === null || then === null ? null : Math.round((now - then) * 1000) / 1000];
    }),
    total: null,
  };
}

function monthsTable(known: readonly MonthFigures[], language: Language): ReportTable {
  const [d, w] = [documentWords[language], words[language]];
  const lines = linesOf(language);
  return {
    id: "months",
    title: d.byMonth,
    note: d.byMonthNote,
    columns: [
      dated("month", d.month, "month"),
      number("people", w.persons),
      ...lines.map(({ key, label, unit }) => number(key, label, unit)),
    ],
    rows: known.map((month) => [month.month, valueIn(month.people, "V03"), ...lines.map(({ of }) => of(month))]),
    total: [w.total, null, ...lines.map(({ of }) => summed(known, of))],
  };
}

function machinesTable(year: Months, before: Months, language: Language): ReportTable {
  const [d, w] = [documentWords[language], words[language]];
  const labels = new Map(year.flatMap((month) => month?.machines.map(({ id, label }) => [id, label] as const) ?? []));
  const busy = (months: Months, id: string): number | null => {
    const values = months.flatMap(
      (month) => month?.machines.filter((machine) => machine.id === id).map((machine) => valueIn(machine, "M01")) ?? [],
    );
    return values.length === 0 || values.includes(null) ? null : hours(values.reduce<number>((sum, value) => sum + (value ?? 0), 0));
  };
  return {
    id: "machines_year",
    title: d.byMachine,
    note: d.byMachineNote,
    columns: [text("machine", w.machine), number("busy_h", w.busy, "h"), number("year_before_h", d.before, "h")],
    rows: [...labels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, label]) => [label, busy(year, id), busy(before, id)]),
    total: null,
  };
}

const best = (known: readonly MonthFigures[], of: (month: MonthFigures) => number | null): MonthFigures | undefined =>
  known.reduce<MonthFigures | undefined>(
    (found, month) => (found === undefined || (of(month) ?? 0) > (of(found) ?? 0) ? month : found),
    undefined,
  );
const daysIn = ({ people }: MonthFigures): number | null => valueIn(people, "V01");
const busyIn = ({ all }: MonthFigures): number | null => valueIn({ metrics: all }, "M01");

function yearSentence(known: readonly MonthFigures[], language: Language): string[] {
  const [days, busy] = [best(known, daysIn), best(known, busyIn)];
  if (days === undefined || busy === undefined) return [];
  return [
    fill(documentWords[language].sumYear, {
      month: monthIn(days.month, language),
      days: shownCell(daysIn(days), undefined, language),
      busy: monthIn(busy.month, language),
      hours: spelledHours(busyIn(busy) ?? 0, language),
    }),
  ];
}

function yearChart(known: readonly MonthFigures[], language: Language): Chart {
  const [d, w] = [documentWords[language], words[language]];
  const [top, height, slot] = [10, 96, chartWidth / 12];
  const [mostDays, mostBusy] = [
    Math.max(1, ...known.map((month) => daysIn(month) ?? 0)),
    Math.max(1, ...known.map((month) => busyIn(month) ?? 0)),
  ];
  const ground = top + height;
  const shapes = known.flatMap((month, i): Shape[] => {
    const [days, busy] = [daysIn(month) ?? 0, busyIn(month) ?? 0];
    const [left, dayHeight, busyHeight] = [i * slot + 6, (days / mostDays) * height, (busy / mostBusy) * height];
    const value = (x: number, tall: number, shown: string): Shape =>
      label(x, ground - tall - 2, shown, { size: 5.5, anchor: "middle", colour: ink.quiet });
    return [
      ...(dayHeight > 0 ? [filled(boxPath({ x: left, y: ground - dayHeight, w: 13, h: dayHeight }), looks.busy.colour)] : []),
      ...(busyHeight > 0
        ? patterned([{ x: left + 15, y: ground - busyHeight, w: 13, h: busyHeight }], "diagonal", looks.down_planned.colour)
        : []),
      value(left + 6.5, dayHeight, shownCell(days, undefined, language)),
      value(left + 21.5, busyHeight, shownCell(Math.round(busy / 3_600_000), undefined, language)),
      label(left + 14, ground + 9, month.month.slice(2), { size: 6.5, anchor: "middle", colour: ink.quiet }),
    ];
  });
  const key = legend(
    [
      { text: w.personDays, pattern: "solid", colour: looks.busy.colour },
      { text: `${w.busy}, h`, pattern: "diagonal", colour: looks.down_planned.colour },
    ],
    ground + 16,
  );
  return {
    id: "year",
    title: d.chartYear,
    summary: yearSentence(known, language).join(" "),
    table: "months",
    scene: {
      width: chartWidth,
      height: ground + 16 + key.height,
      shapes: [stroked(linePath(0, ground, chartWidth, ground), ink.rule, 0.5), ...shapes, ...key.shapes],
    },
  };
}
