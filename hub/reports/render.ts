/** One report, every format: files with their names and media types. The same report gives the same bytes. */

import type * as shown from "../views.ts";
import type { ReportFile } from "../views.ts";
import { excelDialect, reportCsv, standard, tableCsv } from "./render-csv.ts";
import { reportHtml } from "./render-html.ts";
import { reportPdf } from "./render-pdf.ts";
import { sceneSvg } from "./render-svg.ts";
import { reportXlsx } from "./render-xlsx.ts";
import type { MonthReport } from "./types.ts";

/** A report as pages show it: pictures drawn, nothing else changed. */
export function withPictures(report: MonthReport): shown.MonthReport {
  return { ...report, charts: report.charts.map(({ scene, ...chart }) => ({ ...chart, svg: sceneSvg(scene, chart.summary) })) };
}

export const formats = ["csv", "json", "html", "pdf", "xlsx"] as const;
export type Format = (typeof formats)[number];

/** `excel`: CSV as the spreadsheets of the reader's country open it. */
export type Spelling = { readonly excel?: boolean };

/** One file; CSV in the long form, a line per cell. */
export async function reportFile(report: MonthReport, format: Format, { excel = false }: Spelling = {}): Promise<ReportFile> {
  const name = fileName(report);
  const dialect = excel ? excelDialect(report.language) : standard;
  switch (format) {
    case "csv":
      return { fileName: `${name}.csv`, mediaType: "text/csv; charset=utf-8; header=present", bytes: utf8(reportCsv(report, dialect)) };
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
export async function reportFiles(report: MonthReport, format: Format, spelling: Spelling = {}): Promise<ReportFile[]> {
  if (format !== "csv") return [await reportFile(report, format)];
  const dialect = spelling.excel === true ? excelDialect(report.language) : standard;
  return report.tables.map((table) => ({
    fileName: `${fileName(report)}-${table.id}.csv`,
    mediaType: "text/csv; charset=utf-8; header=present",
    bytes: utf8(tableCsv(table, dialect)),
  }));
}

/** Rows as objects under the columns' stable keys; `schema` says which shape this is. */
export function reportJson(report: MonthReport): string {
  const { tables, charts, logo: _logo, ...head } = report; // in the shape of month-report.schema.json
  const named = tables.map(({ names: _names, ...table }) => {
    const object = (cells: (typeof table.rows)[number]) =>
      Object.fromEntries(table.columns.map((column, i) => [column.key, cells[i] ?? null]));
    return { ...table, rows: table.rows.map(object), total: table.total === null ? null : object(table.total) };
  });
  return `${JSON.stringify({ schema: "koprade-month-report/4", ...head, charts: charts.map(({ scene: _, ...chart }) => chart), tables: named }, null, 2)}\n`;
}

/** Drafts and revisions never get each other's names. */
function fileName({ simulated, month, language, seal, pack }: MonthReport): string {
  return `${simulated ? "simulated-" : ""}${pack === "full" ? "month" : pack}-${month}${seal === null ? "" : `-r${seal.revision}`}-${language}`;
}
const utf8 = (text: string) => new TextEncoder().encode(text);
