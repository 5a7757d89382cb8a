/** A table on paper: as wide as the page, its head repeated on every page, tagged with headers that screen readers can name. */
import { type Element, type Line, leading, type Paper, type Style } from "./paper.ts";
import { ink } from "./scene.ts";
import { shownCell } from "./show.ts";
import type { Language, ReportTable } from "./types.ts";

const gap = 8;
const pad = 2.4;
/** Rows of a table that is not broken over pages. */
const wholeMost = 14;
/** The larger sizes are tried first; in the smallest one, columns that do not fit break their words. */
const sizes = [8, 7.5, 7, 6.5, 6] as const;
const namesLeast = 96;

type Column = { readonly x: number; readonly width: number; readonly side: "left" | "right" };
type Grid = { readonly paper: Paper; readonly size: number; readonly columns: readonly Column[]; readonly head: readonly Line[][] };

/** @param nothing  what stands in a table without rows */
export function prepareTable(
  paper: Paper,
  table: ReportTable,
  language: Language,
  nothing: string,
): { readonly least: number; readonly draw: () => void } {
  const shown = (row: ReportTable["rows"][number]): string[] => row.map((cell, i) => shownCell(cell, table.columns[i], language));
  const rows = table.rows.length === 0 ? [[nothing, ...table.columns.slice(1).map(() => "")]] : table.rows.map(shown);
  const total = table.total === null ? null : shown(table.total.map((cell) => cell ?? ""));
  const grid = gridOf(paper, table, [...rows, ...(total === null ? [] : [total])]);
  const rowHeight = grid.size * leading + 2 * pad;
  // A head alone at the foot of a page would be read as an empty table; a short table stays in one piece.
  const together = (rows.length <= wholeMost ? rows.length : 3) + 1;
  return { least: heightOf(grid.head, grid) + rowHeight * together, draw: () => drawTable(grid, rows, total, rowHeight) };
}

function drawTable(grid: Grid, rows: readonly string[][], total: readonly string[] | null, rowHeight: number): void {
  const { paper, size } = grid;
  const element = paper.open("Table");
  const headRow = paper.open("TR", {}, paper.open("THead", {}, element));
  putRow(grid, grid.head, headStyle(grid), (draw) => paper.open("TH", { scope: "Column" }, headRow).add(draw));
  headRule(grid);
  const body = paper.open("TBody", {}, element);
  rows.forEach((cells, i) => {
    // The sum never stands alone on the next page.
    if (i === rows.length - 1 && total !== null) startPage(grid, 2 * rowHeight);
    writeRow(grid, cells, { size }, body);
  });
  if (total !== null) {
    paper.rule(widthOf(grid), "#7b8794", 0.7);
    writeRow(grid, total, { size, bold: true }, paper.open("TFoot", {}, element));
  }
  element.end();
}

const headStyle = ({ size }: Grid): Style => ({ size, bold: true, colour: ink.quiet });
const widthOf = ({ columns }: Grid): number => (columns.at(-1)?.x ?? 0) + (columns.at(-1)?.width ?? 0);
const headRule = (grid: Grid): void => grid.paper.rule(widthOf(grid), "#7b8794", 0.7);
const heightOf = (cells: readonly (readonly Line[])[], { size }: Pick<Grid, "size">): number =>
  Math.max(...cells.map((lines) => lines.length)) * size * leading + 2 * pad;

function writeRow(grid: Grid, cells: readonly string[], style: Style, within: Element): void {
  const { paper } = grid;
  const lines = cells.map((text, i) => paper.lines(text, style, grid.columns[i]?.width ?? 0));
  const height = heightOf(lines, grid);
  startPage(grid, height);
  const row = paper.open("TR", {}, within);
  putRow(grid, lines, style, (draw, i) => paper.open(i === 0 ? "TH" : "TD", i === 0 ? { scope: "Row" } : {}, row).add(draw));
  paper.rule(widthOf(grid), "#e4e7eb", 0.4);
}

/** A page that begins with the head again, unless so much room is left on this one. */
function startPage(grid: Grid, height: number): void {
  const { paper } = grid;
  if (paper.y + height <= paper.bottom) return;
  paper.page();
  paper.artifact(() => putRow(grid, grid.head, headStyle(grid), (draw) => draw()), "Pagination");
  headRule(grid);
}

function putRow(grid: Grid, cells: readonly Line[][], style: Style, put: (draw: () => void, column: number) => void): void {
  const { paper, columns } = grid;
  const { y } = paper;
  // Figures stand in line with the last line of a head, and with the first of a name.
  const tallest = Math.max(...cells.map((lines) => lines.length));
  cells.forEach((lines, i) => {
    const column = columns[i];
    if (column === undefined) return;
    const down = style.colour === ink.quiet ? (tallest - lines.length) * style.size * leading : 0;
    put(() => paper.put(lines, style, { x: paper.left + column.x, y: y + pad + down, width: column.width }, column.side), i);
  });
  paper.y += heightOf(cells, grid);
}

/** Widths by what stands in the columns: figures as wide as they are, text shares what is left. */
function gridOf(paper: Paper, table: ReportTable, rows: readonly (readonly string[])[]): Grid {
  const head = table.columns.map(({ label, unit }) => (unit === null ? label : `${label}, ${unit}`));
  const room = paper.width - gap * (table.columns.length - 1);
  for (const size of sizes) {
    const widths = table.columns.map((_, i) =>
      widthsOf(
        paper,
        head[i] ?? "",
        rows.map((row) => row[i] ?? ""),
        size,
      ),
    );
    const least = widths.reduce((sum, { least: width }) => sum + width, 0);
    if (least <= room || size === sizes.at(-1)) return finished({ paper, size, table, head }, shared(widths, room, table));
  }
  throw new Error("report: a table without sizes"); // sizes is not empty
}

type Widths = { readonly least: number; readonly wished: number };

function widthsOf(paper: Paper, head: string, cells: readonly string[], size: number): Widths {
  const style = { size, bold: true };
  const word = (text: string): number => Math.max(...text.split(" ").map((each) => paper.measure(each, style)));
  const isText = cells.some((cell) => cell.length > 14);
  // In bold, which the sum below is written in.
  const widest = Math.max(...cells.map((cell) => paper.measure(cell, style)), 0);
  // Names of several words get room for two or three of them before the letters become smaller.
  const longest = isText ? Math.max(...cells.map(word), Math.min(widest, namesLeast)) : widest;
  return { least: Math.max(word(head), Math.min(longest, 110)) + 0.5, wished: Math.max(word(head), widest) + 0.5 };
}

/** Each column its least; what is left goes to columns that wish for more, and what is still left to the first one. */
function shared(widths: readonly Widths[], room: number, { columns }: ReportTable): number[] {
  const least = widths.reduce((sum, width) => sum + width.least, 0);
  if (least > room) return widths.map((width) => (width.least / least) * room);
  const wishes = widths.map(({ least: width, wished }) => wished - width);
  const wished = wishes.reduce((sum, wish) => sum + wish, 0);
  const spare = room - least;
  const given = widths.map(({ least: width }, i) => width + (wished === 0 ? 0 : (wishes[i] ?? 0) * Math.min(1, spare / wished)));
  const rest = room - given.reduce((sum, width) => sum + width, 0);
  // A few narrow columns of figures stand together with their names instead of at the far edge; many share the width.
  const growing = columns.length > 3 ? rest : Math.min(rest, room * 0.3);
  const texts = columns.filter(({ numeric }) => !numeric).length;
  const figures = columns.length - texts;
  const forTexts = texts === 0 ? 0 : figures === 0 ? 1 : 0.5;
  return given.map((width, i) =>
    columns[i]?.numeric === true ? width + (growing * (1 - forTexts)) / figures : width + (growing * forTexts) / texts,
  );
}

type Half = { readonly paper: Paper; readonly size: number; readonly table: ReportTable; readonly head: readonly string[] };

function finished({ paper, size, table, head }: Half, widths: readonly number[]): Grid {
  let x = 0;
  const columns = table.columns.map(({ numeric }, i): Column => {
    const width = widths[i] ?? 0;
    const column: Column = { x, width, side: numeric ? "right" : "left" };
    x += width + gap;
    return column;
  });
  const style = { size, bold: true };
  return { paper, size, columns, head: head.map((text, i) => paper.lines(text, style, widths[i] ?? 0)) };
}
