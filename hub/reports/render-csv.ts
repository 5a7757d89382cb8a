/**
 * Tables as CSV (RFC 4180): CRLF, quotes where needed, one header row with stable keys, numbers with a point, nothing for
 * unknown. Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV injection").
 */
import type { ReportCell } from "../views.ts";
import type { MonthReport, ReportTable } from "./types.ts";

/** One table as one file. */
export function tableCsv(table: ReportTable): string {
  return lines([table.columns.map((column) => column.key), ...table.rows]);
}

/** The whole report as one file, a line per cell: table, row, column, unit, value. Rows are named by their text cells. */
export function reportCsv(report: MonthReport): string {
  const cells = report.tables.flatMap((table) =>
    table.rows.flatMap((row) => {
      const name = row.filter((_, index) => table.columns[index]?.numeric === false).join(" / ");
      return row.flatMap((cell, index): ReportCell[][] => {
        const column = table.columns[index];
        return column?.numeric === true ? [[table.id, name, column.key, column.unit ?? "", cell]] : [];
      });
    }),
  );
  return lines([["table", "row", "column", "unit", "value"], ...cells]);
}

function lines(rows: readonly (readonly ReportCell[])[]): string {
  return rows.map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
}

/** `"` `,` and line ends are quoted; `= + - @`, tab and carriage return in front are disarmed. */
export function csvField(cell: ReportCell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
