/** A report as one page that prints well: no script, no request to anywhere, every text escaped. */
import { shownCell, shownHead } from "./show.ts";
import type { MonthReport, ReportTable } from "./types.ts";
import { words } from "./words.ts";

export function reportHtml(report: MonthReport): string {
  const w = words[report.language];
  const title = `${report.siteName} · ${w.title} ${report.month}`;
  const quality =
    report.quality.length === 0
      ? `<p>${escaped(w.qualityNone)}</p>`
      : `<ul>${report.quality.map((line) => `<li>${escaped(line)}</li>`).join("")}</ul>`;
  return [
    "<!doctype html>",
    `<html lang="${report.language}">`,
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    `<h1>${escaped(title)}</h1>`,
    ...shownHead(report).map((line, index) => `<p class="${report.simulated && index === 0 ? "mark" : "head"}">${escaped(line)}</p>`),
    `<section><h2>${escaped(w.quality)}</h2>${quality}</section>`,
    ...report.tables.map((table) => section(table, report)),
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

function section(table: ReportTable, report: MonthReport): string {
  const side = (index: number) => (table.columns[index]?.numeric === true ? ' class="n"' : "");
  const head = table.columns
    .map(({ label, unit }, index) => `<th scope="col"${side(index)}>${escaped(unit === null ? label : `${label}, ${unit}`)}</th>`)
    .join("");
  const row = (cells: ReportTable["rows"][number]) =>
    `<tr>${cells.map((cell, index) => `<td${side(index)}>${escaped(shownCell(cell, table.columns[index], report.language))}</td>`).join("")}</tr>`;
  const foot = table.total === null ? "" : `<tfoot>${row(table.total)}</tfoot>`;
  return [
    `<section><h2>${escaped(table.title)}</h2><p class="note">${escaped(table.note)}</p>`,
    `<div class="wide" role="region" tabindex="0" aria-label="${escaped(table.title)}"><table id="${escaped(table.id)}"><thead><tr>${head}</tr></thead><tbody>${table.rows.map(row).join("\n")}</tbody>${foot}</table></div></section>`,
  ].join("\n");
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

const style = `
body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
h1{font-size:1.5rem;margin-bottom:.25rem}h2{font-size:1.1rem;margin:1.75rem 0 .25rem}
.head{margin:0;color:#444}.mark{border:2px solid #111;padding:.3rem .6rem;font-weight:600}.note{margin:.1rem 0 .5rem;color:#444;font-size:.9rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #ccc;vertical-align:top}
th.n,td.n{text-align:right;font-variant-numeric:tabular-nums}tfoot td{font-weight:600;border-top:2px solid #111}
@media print{body{margin:0;max-width:none;font-size:8.5pt}.wide{overflow:visible}section{break-inside:avoid}@page{size:A4;margin:16mm}}
`.trim();
