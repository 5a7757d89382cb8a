/** Figures of a month for a network of spaces: stable keys, no person below five, and a word on what may be added up (F08). */
import { smallestGroup } from "#core";
import type { ReportCell } from "../views.ts";
import { metricOf } from "./chart.ts";
import { monthIn } from "./show.ts";
import { shownGroups } from "./shown-groups.ts";
import { cellOf, number, text } from "./tables.ts";
import type { Language, MonthFigures, MonthReport, ReportTable } from "./types.ts";
import { words } from "./words.ts";
import { documentWords } from "./words-documents.ts";

/** People are counted in heads: a few of them are not given away. Hours and energy are. */
type Measure = readonly [
  key: string,
  id: string,
  label: keyof (typeof words)["en"],
  unit: string | null,
  additive: boolean,
  heads: boolean,
];
const measures: readonly Measure[] = [
  ["people", "V03", "uniquePeople", null, false, true],
  ["person_days", "V01", "personDays", null, true, true],
  ["visits", "V02", "visits", null, true, true],
  ["headcount", "V11", "headcount", null, true, true],
  ["busy_h", "M01", "busy", "h", true, false],
  ["occupied_h", "M02", "occupied", "h", true, false],
  ["sessions", "M15", "sessions", null, true, true],
  ["energy_kwh", "M28", "energy", "kWh", true, false],
  ["events", "E01", "E01", null, true, false],
  ["participations", "E02", "E02", null, true, true],
  ["participant_h", "E03", "E03", "h", true, false],
  ["volunteer_h", "F05.hours", "F05_hours", "h", true, false],
  ["enterprises", "F02", "F02", null, false, true],
  ["municipalities", "F07", "F07", null, false, false],
];

export function networkReport(figures: MonthFigures, head: Pick<MonthReport, "madeMs" | "seal">, language: Language): MonthReport {
  const d = documentWords[language];
  return {
    ...head,
    pack: "network",
    title: d.network,
    period: monthIn(figures.month, language),
    month: figures.month,
    siteName: figures.siteName,
    zone: figures.zone,
    simulated: figures.simulated,
    language,
    running: figures.untilMs !== null,
    quality: [],
    sentences: [],
    charts: [],
    tables: [measureTable(figures, language), ...exchangeTables(figures, language)],
  };
}

function measureTable(figures: MonthFigures, language: Language): ReportTable {
  const [d, w] = [documentWords[language], words[language]];
  const all = { metrics: [...figures.all, ...figures.people.metrics, ...(figures.programme ?? [])] };
  const shown = (cell: ReportCell, heads: boolean): ReportCell =>
    heads && typeof cell === "number" && cell > 0 && cell < smallestGroup ? `< ${smallestGroup}` : cell;
  return {
    id: "network",
    title: d.network,
    note: d.networkNote,
    columns: [
      text("key", d.key),
      text("measure", d.measure),
      text("unit", d.unit),
      text("additive", d.additive),
      number("value", figures.siteName),
    ],
    rows: measures.map(([key, id, label, unit, additive, heads]) => [
      key,
      w[label],
      unit ?? "",
      additive ? d.yes : d.no,
      shown(cellOf(metricOf(all, id)), heads),
    ]),
    total: null,
  };
}

/** Members of partner spaces who were here, by their own space; small groups are hidden as in every table of the month. */
function exchangeTables(figures: MonthFigures, language: Language): ReportTable[] {
  const w = words[language];
  const rows = figures.backgrounds?.find(({ what }) => what === "home_space")?.rows ?? [];
  const shown = shownGroups(figures).get("home_space") ?? null;
  if (shown === null || rows.length === 0) return [];
  return [
    {
      id: "exchange",
      title: w.whatHomeSpace,
      note: w.backgroundsNote,
      columns: [text("home_space", w.whatHomeSpace), number("people", w.persons)],
      rows: rows.map(({ value, people }) => [value, shown.get(value) === true ? people : "·"]),
      total: null,
    },
  ];
}
