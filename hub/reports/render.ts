/** One report, every format: files with their names and media types. The same report gives the same bytes. */

import type { ReportFile } from "../views.ts";
import { reportCsv, tableCsv } from "./render-csv.ts";
import { reportHtml } from "./render-html.ts";
import { reportPdf } from "./render-pdf.ts";
import { reportXlsx } from "./render-xlsx.ts";
import type { MonthReport } from "./types.ts";

export const formats = ["csv", "json", "html", "pdf", "xlsx"] as const;
export type Format = (typeof formats)[number];

/** One file; CSV in the long form, a line per cell. */
export async function reportFile(report: MonthReport, format: Format): Promise<ReportFile> {
  const name = fileName(report);
  switch (format) {
    case "csv":
      return { fileName: `${name}.csv`, mediaType: "text/csv; charset=utf-8; header=present", bytes: utf8(reportCsv(report)) };
    case "json":
      return { fileName: `${name}.json`, mediaType: "application/json", bytes: utf8(reportJson(report)) };
    case "html":
      return { fileName: `${name}.html`, mediaType: "text/html; charset=utf-8", bytes: utf8(reportHtml(report)) };
    case "pdf":
      return { fileName: `${name}.pdf`, mediaType: "application/pdf", bytes: await reportPdf(report) };
    case "xlsx":
      return {
        fileName: `${name}.xlsx`,
        mediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        bytes: await reportXlsx(report),
      };
  }
}

/** Files for a folder: CSV as one file per table, the rest as `reportFile`. */
export async function reportFiles(report: MonthReport, format: Format): Promise<ReportFile[]> {
  if (format !== "csv") return [await reportFile(report, format)];
  return report.tables.map((table) => ({
    fileName: `${fileName(report)}-${table.id}.csv`,
    mediaType: "text/csv; charset=utf-8; header=present",
    bytes: utf8(tableCsv(table)),
  }));
}

/** Rows as objects under the columns' stable keys; `schema` says which shape this is. */
export function reportJson(report: MonthReport): string {
  const { tables, ...head } = report;
  const named = tables.map((table) => {
    const object = (cells: (typeof table.rows)[number]) =>
      Object.fromEntries(table.columns.map((column, i) => [column.key, cells[i] ?? null]));
    return { ...table, rows: table.rows.map(object), total: table.total === null ? null : object(table.total) };
  });
  return `${JSON.stringify({ schema: "koprade-month-report/2", ...head, tables: named }, null, 2)}\n`;
}

/** Drafts and revisions never get each other's names. */
function fileName({ simulated, month, language, seal }: MonthReport): string {
  return `${simulated ? "simulated-" : ""}month-${month}${seal === null ? "" : `-r${seal.revision}`}-${language}`;
}
const utf8 = (text: string) => new TextEncoder().encode(text);
