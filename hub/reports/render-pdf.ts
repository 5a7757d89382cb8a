/** A report as PDF: A4, tagged, with pictures in words, and the same bytes for the same report: the only date inside is its own. */
import { signed } from "./headline.ts";
import { isOfMonth } from "./packs.ts";
import { leading, Paper } from "./paper.ts";
import { prepareTable } from "./paper-table.ts";
import { boxPath, ink } from "./scene.ts";
import { columnOf, monthBeside, shownCell, shownHead, shownTitle } from "./show.ts";
import type { MonthReport, ReportTable } from "./types.ts";
import { fill, words } from "./words.ts";

const h1 = { size: 20, bold: true, colour: ink.text } as const;
const h2 = { size: 12.5, bold: true, colour: ink.accent } as const;
const h3 = { size: 9, bold: true, colour: ink.text } as const;
const plain = { size: 9, colour: ink.text } as const;
const note = { size: 7.5, colour: ink.quiet } as const;

/** What is promised to be one page is one: where texts are long, its pictures are smaller. */
const scales = [1, 0.9, 0.8, 0.7] as const;

export async function reportPdf(report: MonthReport): Promise<Uint8Array> {
  const w = words[report.language];
  let paper = drawn(report, 1);
  if (report.pack === "page") for (const scale of scales.slice(1)) if (paper.pages > 1) paper = drawn(report, scale);
  return paper.finish((page, pages) => `${report.simulated ? `${w.simulatedShort} · ` : ""}${fill(w.page, { page, pages })}`);
}

function drawn(report: MonthReport, scale: number): Paper {
  const paper = new Paper({
    title: shownTitle(report),
    shortTitle: `${report.title} · ${report.period}`,
    author: report.siteName,
    language: report.language,
    madeMs: report.madeMs,
  });
  cover(paper, report);
  const onPage = report.pack === "page";
  const charted = new Set<string>();
  for (const table of report.tables) {
    if (table.id === "numbers") continue;
    const charts = report.charts.filter((chart) => chart.table === table.id);
    if (onPage && charts.length === 0) continue;
    for (const chart of charts) {
      paper.space(onPage ? 9 : 14);
      paper.write("H2", chart.title, onPage ? h3 : h2, chart.scene.height * scale + 30);
      paper.space(3);
      paper.figure(chart.scene, `${chart.title}. ${chart.summary}`, scale);
      paper.space(3);
      paper.write("P", chart.summary, note);
      charted.add(chart.id);
    }
    if (!onPage) section(paper, table, report);
  }
  return paper;
}

/** Title, what this is, the six numbers, the sentences, and what is doubtful. */
function cover(paper: Paper, report: MonthReport): void {
  const w = words[report.language];
  paper.write("P", report.siteName, { ...note, size: 9, bold: true, colour: ink.accent });
  paper.write("H1", `${report.title} · ${report.period}`, h1);
  paper.space(2);
  if (typeof report.logo === "string") paper.picture(Buffer.from(report.logo, "base64"), report.sentences.at(-1) ?? report.title);
  shownHead(report).forEach((line, i) => {
    paper.write("P", line, report.simulated && i === 0 ? { ...plain, bold: true, colour: "#9c1f1f" } : note);
  });
  const numbers = report.tables.find(({ id }) => id === "numbers");
  if (numbers !== undefined) {
    paper.space(10);
    cards(paper, numbers, report);
  }
  if (report.sentences.length > 0) {
    paper.space(8);
    paper.list(report.sentences, plain);
  }
  paper.space(4);
  if (!isOfMonth(report.pack)) return;
  if (report.pack === "page") {
    paper.write("P", qualityLine(report), note);
    return;
  }
  paper.space(6);
  paper.write("H2", w.quality, h2, 20);
  paper.space(2);
  if (report.quality.length === 0) paper.write("P", w.qualityNone, plain);
  else paper.list(report.quality, plain);
}

const qualityLine = ({ quality, language }: MonthReport): string => {
  const w = words[language];
  return quality.length === 0 ? w.qualityNone : fill(w.qualityLine, { n: quality.length, first: quality[0] ?? "" });
};

/** Six numbers as cards: for the eye three in a row, for a screen reader a table. */
function cards(paper: Paper, table: ReportTable, { language, month }: MonthReport): void {
  const [across, gap, height] = [3, 10, 54];
  const width = (paper.width - gap * (across - 1)) / across;
  const down = Math.ceil(table.rows.length / across);
  paper.need(down * (height + gap) + 2 * h3.size);
  const element = paper.open("Table");
  const caption = paper.lines(table.title, h3, paper.width);
  paper.open("Caption", {}, element).add(() => paper.put(caption, h3, { x: paper.left, y: paper.y, width: paper.width }));
  paper.y += h3.size * 1.7;
  const top = paper.y;
  table.rows.forEach(([label, unit, value, before, changeMonth, yearBefore, changeYear], i) => {
    const x = paper.left + (i % across) * (width + gap);
    const y = top + Math.floor(i / across) * (height + gap);
    paper.artifact(() => {
      paper.doc
        .fillColor(ink.pale)
        .path(boxPath({ x, y, w: width, h: height }))
        .fill();
      paper.doc
        .fillColor(ink.accent)
        .path(boxPath({ x, y, w: 2, h: height }))
        .fill();
    });
    const row = paper.open("TR", {}, element);
    const inside = { x: x + 10, width: width - 16 };
    const column = columnOf(unit);
    const write = (type: "TH" | "TD", text: string, style: { size: number; bold?: boolean; colour: string }, at: number): void => {
      const lines = paper.lines(text, style, inside.width).slice(0, 1);
      paper.open(type, type === "TH" ? { scope: "Row" } : {}, row).add(() => paper.put(lines, style, { ...inside, y: y + at }));
    };
    write("TH", String(label), { size: 7.5, colour: ink.quiet }, 5);
    const shown = `${shownCell(value ?? null, column, language)}${value === null || unit === "" ? "" : ` ${String(unit)}`}`;
    write("TD", shown, { size: 16, bold: true, colour: ink.text }, 14);
    const then = (of: string, was: typeof before, change: typeof before): string =>
      `${of}: ${shownCell(was ?? null, column, language)}${typeof change === "number" ? ` (${signed(change, language, column.unit)})` : ""}`;
    write("TD", then(monthBeside(month, -1, language), before ?? null, changeMonth ?? null), { size: 6.5, colour: ink.quiet }, 34.5);
    write("TD", then(monthBeside(month, -12, language), yearBefore ?? null, changeYear ?? null), { size: 6.5, colour: ink.quiet }, 43);
  });
  element.end();
  paper.y = top + down * (height + gap) - gap;
}

function section(paper: Paper, table: ReportTable, report: MonthReport): void {
  const w = words[report.language];
  paper.space(16);
  const prepared = prepareTable(paper, table, report.language, w.nothingHere);
  const noted = paper.lines(table.note, note, paper.width).length * note.size * leading;
  paper.write("H2", table.title, h2, noted + prepared.least + 5);
  paper.space(1);
  paper.write("P", table.note, note);
  paper.space(4);
  prepared.draw();
}
