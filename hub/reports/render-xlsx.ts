/**
 * A report as a workbook: what it is and what is doubtful on the first sheet, then one sheet a table with a frozen header and
 * typed cells. Text stays text, whatever it begins with. The same report gives the same bytes: the times of the ZIP's entries,
 * which the writer takes from the clock, are set to the first day a ZIP can name.
 */
import writeExcelFile, { type Cell, type Sheet } from "write-excel-file/node";
import type { ReportCell } from "../views.ts";
import { shownHead, shownTitle } from "./show.ts";
import type { Language, MonthReport, ReportColumn, ReportTable } from "./types.ts";
import { words } from "./words.ts";

/** Hours are durations, which a spreadsheet keeps as days and shows in hours and minutes. */
const formats: Readonly<Record<string, string>> = { h: "[h]:mm", "%": "0.00", kWh: "0.000", "kWh/h": "0.000", kg: "0.000" };
const hoursPerDay = 24;
/** As dates are written where the language is spoken; months in its words (the locale ids of [MS-LCID]). */
const dateFormats: Readonly<Record<Language, Readonly<Record<NonNullable<ReportColumn["date"]>, string>>>> = {
  en: { day: "dd/mm/yyyy", month: "[$-809]mmmm yyyy", instant: "dd/mm/yyyy hh:mm" },
  lv: { day: 'dd.mm.yyyy"."', month: '[$-426]yyyy". gada "mmmm', instant: 'dd.mm.yyyy". "hh:mm' },
  sv: { day: "yyyy-mm-dd", month: "[$-41D]mmmm yyyy", instant: "yyyy-mm-dd hh:mm" },
  nb: { day: "dd.mm.yyyy", month: "[$-414]mmmm yyyy", instant: "dd.mm.yyyy hh:mm" },
};
/** A sheet's name: at most 31 characters, none of `\ / ? * [ ] :` (ECMA-376, 18.2.19, and Excel's own limit). */
const nameMost = 31;

export async function reportXlsx(report: MonthReport): Promise<Uint8Array> {
  const w = words[report.language];
  const title = shownTitle(report);
  const quality = report.quality.length === 0 ? [w.qualityNone] : report.quality;
  const about = [title, ...shownHead(report), "", ...report.sentences, "", w.quality, ...quality].map((line, i): Cell[] => [
    textCell(line, i === 0),
  ]);
  const names = new Set<string>();
  const sheets: Sheet<never>[] = [
    { data: about, sheet: sheetName(w.title, names), columns: [{ width: 100 }] },
    ...report.tables.map((table) => tableSheet(table, sheetName(table.title, names), report.language)),
  ];
  const buffer = await writeExcelFile(sheets).toBuffer();
  return withoutTimes(Uint8Array.from(buffer));
}

function tableSheet(table: ReportTable, sheet: string, language: Language): Sheet<never> {
  const head = table.columns.map(({ label, unit }) => textCell(unit === null ? label : `${label}, ${unit === "h" ? "h:mm" : unit}`, true));
  const row = (cells: readonly ReportCell[], bold: boolean): Cell[] =>
    cells.map((cell, i) => cellOf(cell, table.columns[i], bold, language));
  return {
    data: [head, ...table.rows.map((cells) => row(cells, false)), ...(table.total === null ? [] : [row(table.total, true)])],
    sheet,
    columns: table.columns.map((column) => ({ width: column.numeric ? 14 : column.date === undefined ? 32 : 20 })),
    stickyRowsCount: 1,
  };
}

const textCell = (value: string, bold: boolean): Cell => ({ value, type: String, ...(bold ? { fontWeight: "bold" as const } : {}) });

/** Unknown is an empty cell: a dash would make the column text. */
function cellOf(cell: ReportCell, column: ReportColumn | undefined, bold: boolean, language: Language): Cell {
  if (cell === null) return null;
  if (typeof cell === "string") return dateCell(cell, column, language) ?? textCell(cell, bold);
  const format = formats[column?.unit ?? ""] ?? (column?.digits === 2 ? "0.00" : undefined);
  const value = column?.unit === "h" ? cell / hoursPerDay : cell;
  return { value, type: Number, ...(format === undefined ? {} : { format }), ...(bold ? { fontWeight: "bold" as const } : {}) };
}

/** A wall time as the day number that spreadsheets count in; undefined for what is no date, such as the word in a sum. */
function dateCell(cell: string, column: ReportColumn | undefined, language: Language): Cell | undefined {
  if (column?.date === undefined || !/^\d{4}-\d{2}(-\d{2}( \d{2}:\d{2})?)?$/.test(cell)) return undefined;
  const value = new Date(`${cell.length === 7 ? `${cell}-01` : cell.replace(" ", "T")}${cell.length > 10 ? "Z" : ""}`);
  return Number.isNaN(value.getTime()) ? undefined : { value, type: Date, format: dateFormats[language][column.date] };
}

function sheetName(title: string, taken: Set<string>): string {
  const plain = title
    .replaceAll(/[\\/?*[\]:]/g, " ")
    .trim()
    .slice(0, nameMost);
  let name = plain;
  for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = `${plain.slice(0, nameMost - 3)} ${n}`;
  taken.add(name.toLowerCase());
  return name;
}

/** 1980-01-01 00:00 as a ZIP spells it: date above, time below (APPNOTE 4.4.6). */
const firstDay = 0x0021_0000;

/** Sets the modification time in every header of a ZIP: central directory (APPNOTE 4.3.12) and local (4.3.7). */
function withoutTimes(zip: Uint8Array): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.length - 22; // the writer adds no comment
  if (end < 0 || view.getUint32(end, true) !== 0x0605_4b50) throw new Error("report: the workbook is no ZIP");
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    view.setUint32(at + 12, firstDay, true);
    view.setUint32(view.getUint32(at + 42, true) + 10, firstDay, true);
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return zip;
}
