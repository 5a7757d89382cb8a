/**
 * Tables as CSV (RFC 4180): CRLF, quotes where needed, one header row with stable keys, numbers with a point, nothing for
 * unknown. Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV injection").
 */
import type { ReportCell } from "../views.ts";
import type { Language, MonthReport, ReportTable } from "./types.ts";

/** How the file is spelled: as RFC 4180 says, or as the spreadsheets of a country open it by a double click. */
export type Dialect = { readonly mark: "" | "\ufeff"; readonly separator: "," | ";"; readonly point: "." | "," };
export const standard: Dialect = { mark: "", separator: ",", point: "." };

/** With a byte order mark, so that letters are read as UTF-8; lv, sv and nb have the comma for decimals. */
export const excelDialect = (language: Language): Dialect =>
  language === "en" ? { ...standard, mark: "\ufeff" } : { mark: "\ufeff", separator: ";", point: "," };

/** One table as one file. */
export function tableCsv(table: ReportTable, dialect = standard): string {
  return lines([table.columns.map((column) => column.key), ...table.rows], dialect);
}

/** The whole report as one file, a line per cell: table, row, column, unit, value. Rows are named by their text cells. */
export function reportCsv(report: MonthReport, dialect = standard): string {
  const cells = report.tables.flatMap((table) =>
    table.rows.flatMap((row) => {
      const name = row.filter((_, index) => table.columns[index]?.numeric === false).join(" / ");
      return row.flatMap((cell, index): ReportCell[][] => {
        const column = table.columns[index];
        return column?.numeric === true ? [[table.id, name, column.key, column.unit ?? "", cell]] : [];
      });
    }),
  );
  return lines([["table", "row", "column", "unit", "value"], ...cells], dialect);
}

function lines(rows: readonly (readonly ReportCell[])[], dialect: Dialect): string {
  return `${dialect.mark}${rows.map((row) => `${row.map((cell) => csvField(cell, dialect)).join(dialect.separator)}\r\n`).join("")}`;
}

/** The separator, `"` and line ends are quoted; `= + - @`, tab and carriage return in front are disarmed. */
export function csvField(cell: ReportCell, { separator, point } = standard): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell).replace(".", point);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return safe.includes(separator) || /["\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
