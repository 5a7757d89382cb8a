/** A report as one page that prints well: no script, no request to anywhere, every text escaped. */
import { signed } from "./headline.ts";
import { isOfMonth } from "./packs.ts";
import { escaped, sceneSvg } from "./render-svg.ts";
import { columnOf, monthBeside, shownCell, shownHead, shownTitle } from "./show.ts";
import type { MonthReport, ReportTable } from "./types.ts";
import { words } from "./words.ts";

export function reportHtml(report: MonthReport): string {
  const w = words[report.language];
  const quality =
    report.quality.length === 0
      ? `<p>${escaped(w.qualityNone)}</p>`
      : `<ul>${report.quality.map((line) => `<li>${escaped(line)}</li>`).join("")}</ul>`;
  const numbers = report.tables.find(({ id }) => id === "numbers");
  return [
    "<!doctype html>",
    `<html lang="${report.language}">`,
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`,
    `<title>${escaped(shownTitle(report))}</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    "<main>",
    `<p class="site">${escaped(report.siteName)}</p>`,
    `<h1>${escaped(`${report.title} · ${report.period}`)}</h1>`,
    ...(typeof report.logo === "string"
      ? [`<p><img class="logo" alt="${escaped(report.sentences.at(-1) ?? "")}" src="data:image/png;base64,${escaped(report.logo)}"></p>`]
      : []),
    ...shownHead(report).map((line, index) => `<p class="${report.simulated && index === 0 ? "mark" : "head"}">${escaped(line)}</p>`),
    ...(numbers === undefined ? [] : [cards(numbers, report)]),
    ...(report.sentences.length === 0 ? [] : [`<ul>${report.sentences.map((line) => `<li>${escaped(line)}</li>`).join("")}</ul>`]),
    ...(isOfMonth(report.pack) ? [`<section><h2>${escaped(w.quality)}</h2>${quality}</section>`] : []),
    ...report.tables.filter(({ id }) => id !== "numbers").map((table) => section(table, report)),
    "</main>",
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

/** The six numbers as a table that looks like cards. */
function cards(table: ReportTable, { language, month }: MonthReport): string {
  const cell = (text: string): string => `<td>${escaped(text)}</td>`;
  const rows = table.rows.map(([label, unit, value, before, changeMonth, yearBefore, changeYear]) => {
    const column = columnOf(unit);
    const then = (by: number, was: typeof before, change: typeof before): string =>
      `${monthBeside(month, by, language)}: ${shownCell(was ?? null, column, language)}${typeof change === "number" ? ` (${signed(change, language, column.unit)})` : ""}`;
    const now = `<strong>${escaped(shownCell(value ?? null, column, language))}</strong>${value === null ? "" : ` ${escaped(String(unit))}`}`;
    return `<tr><th scope="row">${escaped(String(label))}</th><td>${now}</td>${cell(then(-1, before, changeMonth))}${cell(then(-12, yearBefore, changeYear))}</tr>`;
  });
  return `<table class="cards" aria-label="${escaped(table.title)}"><tbody>${rows.join("\n")}</tbody></table>`;
}

/** On the page of one month the tables are behind their pictures; elsewhere they are what the document is for. */
function section(table: ReportTable, report: MonthReport): string {
  const charts = report.charts
    .filter((chart) => chart.table === table.id)
    .map(
      ({ title, summary, scene }) =>
        `<figure><h2>${escaped(title)}</h2><div class="wide" role="region" tabindex="0" aria-label="${escaped(title)}">${sceneSvg(scene, `${title}. ${summary}`)}</div><figcaption>${escaped(summary)}</figcaption></figure>`,
    );
  const body = `<p class="note">${escaped(table.note)}</p>\n${tableHtml(table, report)}`;
  const shown =
    report.pack === "page"
      ? `<details><summary>${escaped(table.title)}</summary>${body}</details>`
      : `<h2>${escaped(table.title)}</h2>${body}`;
  return `${charts.join("\n")}<section>${shown}</section>`;
}

function tableHtml(table: ReportTable, report: MonthReport): string {
  const side = (index: number) => (table.columns[index]?.numeric === true ? ' class="n"' : "");
  const head = table.columns
    .map(({ label, unit }, index) => `<th scope="col"${side(index)}>${escaped(unit === null ? label : `${label}, ${unit}`)}</th>`)
    .join("");
  const row = (cells: ReportTable["rows"][number], isTotal: boolean) =>
    `<tr>${cells
      .map((cell, index) => {
        const text = escaped(isTotal && cell === null ? "" : shownCell(cell, table.columns[index], report.language));
        return index === 0 ? `<th scope="row">${text}</th>` : `<td${side(index)}>${text}</td>`;
      })
      .join("")}</tr>`;
  const nothing = `<tr><td colspan="${table.columns.length}">${escaped(words[report.language].nothingHere)}</td></tr>`;
  const foot = table.total === null ? "" : `<tfoot>${row(table.total, true)}</tfoot>`;
  const rows = table.rows.length === 0 ? nothing : table.rows.map((cells) => row(cells, false)).join("\n");
  return `<div class="wide" role="region" tabindex="0" aria-label="${escaped(table.title)}"><table id="${escaped(table.id)}"><thead><tr>${head}</tr></thead><tbody>${rows}</tbody>${foot}</table></div>`;
}

const style = `
body{font:15px/1.45 Roboto,system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1f2933;background:#fff}
h1{font-size:1.7rem;margin:0 0 .3rem}h2{font-size:1.15rem;margin:2rem 0 .25rem;color:#0b5c94}
.site{margin:0;font-weight:600;color:#0b5c94}.head{margin:0;color:#52606d;font-size:.9rem}
.mark{border:2px solid #9c1f1f;color:#9c1f1f;padding:.3rem .6rem;font-weight:600}.note,figcaption{margin:.1rem 0 .6rem;color:#52606d;font-size:.85rem}
figure{margin:0}.logo{max-height:4rem;max-width:14rem}svg{width:100%;height:auto;min-width:34rem}.wide{overflow-x:auto}details{margin:.5rem 0 1.2rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;font-weight:400;padding:.28rem .5rem;border-bottom:1px solid #e4e7eb;vertical-align:top}
thead th{font-weight:600;color:#52606d;vertical-align:bottom;border-bottom:1px solid #7b8794}
th.n,td.n{text-align:right;font-variant-numeric:tabular-nums}tfoot th,tfoot td{font-weight:600;border-top:1px solid #7b8794}
.cards tbody{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:.7rem}.cards{margin:1.2rem 0}
.cards tr{display:block;background:#eef1f4;border-left:3px solid #0b5c94;padding:.45rem .8rem}.cards th,.cards td{display:block;border:0;padding:0;font-size:.78rem;color:#52606d}
.cards td:nth-child(2){color:#1f2933;font-size:1.1rem}.cards strong{font-size:1.5rem}
@media print{body{margin:0;max-width:none;font-size:8.5pt}.wide{overflow:visible}svg{min-width:0}figure,tr{break-inside:avoid}h2{break-after:avoid}@page{size:A4;margin:16mm}}
`.trim();
