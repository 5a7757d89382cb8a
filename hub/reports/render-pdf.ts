/**
 * A report as PDF: A4, Roboto embedded (it has the Latvian letters), tagged for screen readers by pdfmake, and the same bytes for
 * the same report: the only date inside is the report's own.
 */
import { createRequire } from "node:module";
import { shownCell, shownHead } from "./show.ts";
import type { MonthReport, ReportTable } from "./types.ts";
import { fill, words } from "./words.ts";

/** The part of pdfmake 0.3 that is used here (it brings no types). */
type PdfMake = {
  setFonts(fonts: unknown): void;
  setUrlAccessPolicy(allow: (url: string) => boolean): void;
  setLocalAccessPolicy(allow: (path: string) => boolean): void;
  createPdf(definition: Record<string, unknown>): { getBuffer(): Promise<Uint8Array> };
};

const pdfMsMax = 20_000;

/** Rejects when the page cannot be made within 20 s. */
export async function reportPdf(report: MonthReport): Promise<Uint8Array> {
  const load = createRequire(import.meta.url);
  const pdfmake = load("pdfmake") as PdfMake;
  // pdfmake replaces the paths in the fonts it is given by what it reads: each report gets its own copy.
  const fonts: Record<string, Record<string, string>> = structuredClone(load("pdfmake/fonts/Roboto.js"));
  const paths = new Set(Object.values(fonts.Roboto ?? {}));
  pdfmake.setFonts(fonts);
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path) => paths.has(path));
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error(`report: the PDF was not made within ${pdfMsMax} ms`)), pdfMsMax);
  try {
    return Uint8Array.from(await Promise.race([pdfmake.createPdf(definitionOf(report)).getBuffer(), timeout.promise]));
  } finally {
    clearTimeout(timer);
  }
}

function definitionOf(report: MonthReport): Record<string, unknown> {
  const w = words[report.language];
  const title = `${report.siteName} · ${w.title} ${report.month}`;
  return {
    pageSize: "A4",
    pageOrientation: "portrait",
    pageMargins: [40, 48, 40, 48],
    version: "1.7",
    tagged: true,
    displayTitle: true,
    language: report.language,
    info: { title, author: report.siteName, creator: "koprade", producer: "koprade", creationDate: new Date(report.madeMs) },
    defaultStyle: { font: "Roboto", fontSize: 8.5, lineHeight: 1.15 },
    styles: {
      title: { fontSize: 17, bold: true, margin: [0, 0, 0, 2] },
      mark: { fontSize: 11, bold: true, color: "#a00000", margin: [0, 2, 0, 4] },
      heading: { fontSize: 11.5, bold: true, margin: [0, 12, 0, 1] },
      note: { color: "#444444", margin: [0, 0, 0, 4] },
    },
    footer: (page: number, pages: number) => ({
      text: `${title}${report.simulated ? ` · ${w.simulated}` : ""} · ${fill(w.page, { page, pages })}`,
      alignment: "center",
      fontSize: 7.5,
      margin: [0, 16, 0, 0],
    }),
    content: [
      { text: title, style: "title" },
      ...shownHead(report).map((line, index) => ({ text: line, style: report.simulated && index === 0 ? "mark" : "note" })),
      { text: w.quality, style: "heading" },
      report.quality.length === 0 ? { text: w.qualityNone } : { ul: [...report.quality] },
      ...report.tables.flatMap((table) => section(table, report)),
    ],
  };
}

function section(table: ReportTable, report: MonthReport): unknown[] {
  const align = (index: number) => (table.columns[index]?.numeric === true ? "right" : "left");
  const row = (cells: ReportTable["rows"][number], bold: boolean) =>
    cells.map((cell, index) => ({ text: shownCell(cell, table.columns[index], report.language), alignment: align(index), bold }));
  const head = table.columns.map(({ label, unit }, index) => ({
    text: unit === null ? label : `${label}, ${unit}`,
    alignment: align(index),
    bold: true,
  }));
  return [
    { text: table.title, style: "heading", headlineLevel: 1 },
    { text: table.note, style: "note" },
    {
      layout: "lightHorizontalLines",
      // Ten columns of Latvian words fit the page in smaller type only.
      ...(table.columns.length > 8 ? { fontSize: 7 } : {}),
      table: {
        headerRows: 1,
        keepWithHeaderRows: 1,
        dontBreakRows: true,
        widths: table.columns.map((column) => (column.numeric ? "auto" : "*")),
        body: [head, ...table.rows.map((cells) => row(cells, false)), ...(table.total === null ? [] : [row(table.total, true)])],
      },
    },
  ];
}
