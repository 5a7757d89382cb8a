/** A funder's report on a project: what was promised, what was reached and on what that rests, and the machines it bought. */
import { type Chart, chartWidth, metricOf } from "./chart.ts";
import type { ProjectFigures } from "./project.ts";
import { boxPath, filled, fitted, ink, label, patterned, type Shape } from "./scene.ts";
import { monthIn, shownCell } from "./show.ts";
import { looks } from "./state-look.ts";
import { cellOf, dated, number, text } from "./tables.ts";
import { hiddenMark } from "./tables-groups.ts";
import type { Language, MonthReport, ReportTable } from "./types.ts";
import { fill, words } from "./words.ts";
import { documentWords } from "./words-documents.ts";

/** @param head  when it was made; a project is never closed, its months are */
export function projectReport(project: ProjectFigures, head: Pick<MonthReport, "madeMs">, language: Language): MonthReport {
  const d = documentWords[language];
  const months = project.months.map(({ month }) => month);
  const [first = project.from.slice(0, 7), last = project.from.slice(0, 7)] = [months[0], months.at(-1)];
  return {
    ...head,
    seal: null,
    pack: "project",
    title: `${d.project}: ${project.label}`,
    period: first === last ? monthIn(last, language) : `${monthIn(first, language)} – ${monthIn(last, language)}`,
    month: last,
    siteName: project.siteName,
    zone: project.zone,
    simulated: project.simulated,
    language,
    running: false,
    quality: [],
    sentences: [reachedIn(project, language), ...(project.publicity === "" ? [] : [project.publicity])],
    charts: project.indicators.length === 0 ? [] : [indicatorChart(project, language)],
    tables: [
      aboutTable(project, language),
      indicatorTable(project, language),
      ...(project.assets.length === 0 ? [] : [assetTable(project, language)]),
      ...(project.indicators.every(({ evidence }) => evidence.length === 0) ? [] : [evidenceTable(project, language)]),
      monthTable(project, language),
    ],
    logo: project.logo,
  };
}

const reachedIn = ({ indicators }: ProjectFigures, language: Language): string =>
  fill(documentWords[language].sumIndicators, {
    reached: indicators.filter(({ share }) => (share ?? 0) >= 1).length,
    all: indicators.length,
  });

function aboutTable(project: ProjectFigures, language: Language): ReportTable {
  const d = documentWords[language];
  const rows = [
    [d.number, project.number],
    [d.funder, project.funder],
    [d.programme, project.programme],
    [d.duration, `${project.from} – ${project.through}`],
  ];
  return {
    id: "project",
    title: d.about,
    note: d.aboutNote,
    columns: [text("item", d.item), text("value", d.value)],
    rows: rows.filter(([, value]) => value !== ""),
    total: null,
  };
}

const percent = (share: number | null): number | null => (share === null ? null : Math.round(share * 10_000) / 100);

function indicatorTable({ indicators }: ProjectFigures, language: Language): ReportTable {
  const d = documentWords[language];
  return {
    id: "indicators",
    title: d.indicators,
    note: d.indicatorsNote,
    columns: [
      text("indicator", d.indicator),
      text("unit", d.unit),
      number("baseline", d.baseline),
      number("target", d.target),
      number("actual", d.actual),
      number("reached_percent", d.reached, "%"),
      text("source", d.source),
    ],
    rows: indicators.map(({ label, unit, baseline, target, actual, share, source }) => [
      label,
      unit,
      baseline,
      target,
      // Of people who were counted nothing is unknown: too few are not told.
      ...(source === "counted" && actual === null ? [hiddenMark, hiddenMark] : [actual, percent(share)]),
      d[`source_${source}`],
    ]),
    total: null,
  };
}

function assetTable({ assets }: ProjectFigures, language: Language): ReportTable {
  const [d, w] = [documentWords[language], words[language]];
  return {
    id: "assets",
    title: d.assets,
    note: d.assetsNote,
    columns: [
      text("machine", w.machine),
      dated("since", d.since, "day"),
      number("busy_h", w.busy, "h"),
      number("utilisation_percent", w.utilisation, "%"),
      number("users", w.users),
    ],
    rows: assets.map((asset) => [asset.label, asset.from, ...["M01", "M09", "M16"].map((id) => cellOf(metricOf(asset, id)))]),
    total: null,
  };
}

function evidenceTable({ indicators }: ProjectFigures, language: Language): ReportTable {
  const d = documentWords[language];
  return {
    id: "evidence",
    title: d.evidence,
    note: d.evidenceNote,
    columns: [text("indicator", d.indicator), dated("date", d.date, "day"), number("value", d.value), text("evidence", d.evidence)],
    rows: indicators.flatMap(({ label: of, evidence }) => evidence.map(({ on, value, evidence: what }) => [of, on, value, what])),
    total: null,
  };
}

function monthTable({ months }: ProjectFigures, language: Language): ReportTable {
  const d = documentWords[language];
  return {
    id: "months",
    title: d.months,
    note: d.monthsNote,
    columns: [dated("month", d.month, "month"), number("revision", d.revision)],
    rows: months.map(({ month, revision }) => [month, revision]),
    total: null,
  };
}

/** Bars from the baseline to the target; beyond it they end at the edge, and the number goes on. */
function indicatorChart({ indicators, ...project }: ProjectFigures, language: Language): Chart {
  const d = documentWords[language];
  const [row, names, values] = [18, 190, 60];
  const plot = chartWidth - names - values;
  const shapes = indicators.flatMap(({ label: of, share }, i): Shape[] => {
    const y = i * row;
    const part = Math.min(1, Math.max(0, share ?? 0));
    return [
      label(0, y + 11, fitted(of, 7.5, names - 8)),
      filled(boxPath({ x: names, y: y + 3, w: plot, h: row - 7 }), ink.pale),
      ...(part > 0 ? [filled(boxPath({ x: names, y: y + 3, w: plot * part, h: row - 7 }), looks.busy.colour)] : []),
      ...patterned([{ x: names, y: y + 3, w: plot, h: row - 7 }], "hollow", "#7b8794"),
      label(
        chartWidth,
        y + 11,
        share === null ? shownCell(null, undefined, language) : `${shownCell(percent(share), { unit: "%" }, language)} %`,
        {
          anchor: "end",
          size: 7.5,
          bold: (share ?? 0) >= 1,
        },
      ),
    ];
  });
  return {
    id: "indicators",
    title: d.chartIndicators,
    summary: reachedIn({ indicators, ...project }, language),
    table: "indicators",
    scene: { width: chartWidth, height: indicators.length * row + 2, shapes },
  };
}
