/** The month of a makerspace as tables and pictures in one language: pure, from figures to cells. Each table says how it counts. */
import type { Chart } from "./chart.ts";
import { barCharts, energyCharts, laneCharts } from "./charts-machines.ts";
import { busyHeatCharts, funnelCharts, heatChart } from "./charts-people.ts";
import { numbersTable, sentencesOf } from "./headline.ts";
import { type Only, ofSome, tablesOfSome } from "./only.ts";
import { contentOf, type Pack } from "./packs.ts";
import { monthIn } from "./show.ts";
import { doorTable, machineTables, methodTable, refusalTable } from "./tables.ts";
import { groupTables } from "./tables-groups.ts";
import { moneyTables, nodeTables, peopleTables, trainingTables, trustTable } from "./tables-people.ts";
import { incidentTables } from "./tables-safety.ts";
import { workTables } from "./tables-work.ts";
import type { Doubt, Earlier, Language, MonthFigures, MonthReport, ReportTable, Seal } from "./types.ts";
import { fill, words } from "./words.ts";
import type { Words } from "./words-en.ts";

export type Head = {
  readonly madeMs: number;
  /** under which number it was closed: a closed month shows when that was */
  readonly seal: Seal | null;
  /** which document of the pack; default the whole month */
  readonly pack?: Pack;
  /** for comparison; default nothing */
  readonly earlier?: Earlier;
  /** some machines and doors; default the whole space */
  readonly only?: Only | null;
};

/** On one page stand so many bars. */
const barsOnPage = 8;

export function monthReport(all: MonthFigures, head: Head, language: Language): MonthReport {
  const w = words[language];
  const { pack = "full", earlier = { month: null, year: null }, only = null } = head;
  const content = contentOf(pack);
  const figures = only === null ? all : ofSome(all, only);
  const headline = content.headline && only === null;
  const made = tablesOf(figures, earlier, language, content.defines);
  const tables = inOrder(made, content.tables).filter(
    ({ id }) => (id !== "numbers" || headline) && (only === null || tablesOfSome.has(id)),
  );
  const there = new Set(tables.map(({ id }) => id));
  return {
    pack,
    title: only === null ? w[content.title] : `${w[content.title]}: ${only.label}`,
    period: monthIn(figures.month, language),
    month: figures.month,
    siteName: figures.siteName,
    zone: figures.zone,
    madeMs: head.seal?.closedMs ?? head.madeMs,
    simulated: figures.simulated,
    language,
    running: figures.untilMs !== null,
    seal: head.seal,
    quality: figures.doubts.map((doubt) => sentence(doubt, language, w)),
    sentences: headline ? sentencesOf(figures, earlier, language) : [],
    charts: content.charts.flatMap((chart) => chartsOf(chart, figures, pack, language)).filter(({ table }) => there.has(table)),
    tables,
  };
}

/** A document has the tables that it names, in its own order: what it is about comes first. */
const inOrder = (tables: readonly ReportTable[], named: readonly string[] | null): readonly ReportTable[] =>
  named === null ? tables : named.flatMap((name) => tables.filter(({ id }) => id === name));

function tablesOf(figures: MonthFigures, earlier: Earlier, language: Language, defines: RegExp | null): ReportTable[] {
  const w = words[language];
  return [
    numbersTable(figures, earlier, w),
    ...machineTables(figures, w),
    ...workTables(figures, w),
    ...incidentTables(figures, language),
    ...peopleTables(figures, w),
    ...groupTables(figures, language),
    ...trainingTables(figures, w),
    ...(figures.doors.length === 0 ? [] : [doorTable(figures, w)]),
    refusalTable(figures, language),
    ...moneyTables(figures, w),
    trustTable(figures, w),
    ...nodeTables(figures, w),
    methodTable(figures, language, defines),
  ];
}

function chartsOf(chart: ReturnType<typeof contentOf>["charts"][number], figures: MonthFigures, pack: Pack, language: Language): Chart[] {
  switch (chart) {
    case "lanes":
      return laneCharts(figures, language);
    case "bars":
      return barCharts(figures, language, pack === "page" ? barsOnPage : null);
    case "energy":
      return energyCharts(figures, language);
    case "heat":
      return [heatChart(figures, language)];
    case "busy":
      return busyHeatCharts(figures, language);
    case "funnel":
      return funnelCharts(figures, language);
  }
}

function sentence({ doubt, values }: Doubt, language: Language, w: Words): string {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
  const shown = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === "number" && name !== "n" ? number.format(value) : value,
  ]);
  return fill(w[doubt as keyof Words] ?? doubt, Object.fromEntries(shown));
}
