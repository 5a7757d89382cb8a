/** `koprade report`: the month of the space as files; the same tables that the page shows. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemCode } from "../errors.ts";
import { monthInput } from "../reports/gather.ts";
import { monthReport } from "../reports/month.ts";
import { monthSpan } from "../reports/period.ts";
import { formats, reportFiles } from "../reports/render.ts";
import { shownCell, shownHead } from "../reports/show.ts";
import type { MonthReport } from "../reports/types.ts";
import { createSeries } from "../series/index.ts";
import { badUsage, command, failed } from "./command.ts";
import { withLedger } from "./data.ts";
import { listed } from "./parse.ts";
import { columns } from "./text.ts";
import { list } from "./values.ts";

export const report = command({
  summary: "print or write the month of the space",
  args: {
    month: { type: "positional", required: true, description: "such as 2026-11" },
    format: { type: "string", valueHint: formats.join(","), description: "files to write; without it the tables are printed" },
    out: { type: "string", default: ".", valueHint: "dir", description: "folder for the files, made when missing" },
    lang: { type: "enum", options: ["en", "lv", "sv", "nb"], description: "language (default that of the space)" },
  },
  examples: ["koprade report 2026-11", "koprade report 2026-11 --format pdf,csv --out reports --lang lv"],
  async run(given, context) {
    const wanted = [...new Set(list(given.format))].map((name) => {
      const format = formats.find((each) => each === name);
      if (format === undefined) throw badUsage(`--format cannot be "${name}"; give some of ${listed(formats)}, with commas.`);
      return format;
    });
    if (monthSpan(given.month, "UTC") === undefined) throw badUsage(`<month> cannot be "${given.month}"; give a month such as 2026-11.`);
    const made = await withLedger(context, async (ledger) => {
      const { clock } = context.world;
      const log = { info: () => {}, warn: () => {}, error: () => {} };
      const series = await createSeries({ dir: context.dataDir, influx: null }, { clock, log });
      try {
        const input = monthInput({ ledger, series, month: given.month, madeMs: clock.nowMs() });
        return monthReport(input, given.lang ?? ledger.read.site().locale);
      } finally {
        await series.close();
      }
    });
    if (wanted.length === 0) return { lines: printed(made), json: made };
    const files = (await Promise.all(wanted.map((format) => reportFiles(made, format)))).flat();
    const folder = resolve(context.world.cwd, given.out);
    const paths = files.map((file) => write(folder, file.fileName, file.bytes));
    const doubts = made.quality.map((sentence) => `Note: ${sentence}`);
    return {
      lines: [...paths.map((path) => `Wrote ${path}`), ...doubts],
      json: { month: made.month, files: paths, quality: made.quality },
    };
  },
});

function printed(made: MonthReport): string[] {
  const tables = made.tables.flatMap((table) => [
    "",
    table.title,
    ...columns(
      table.columns.map((column) => (column.unit === null ? column.label : `${column.label}, ${column.unit}`)),
      [...table.rows, ...(table.total === null ? [] : [table.total])].map((row) =>
        row.map((cell, i) => shownCell(cell, table.columns[i], made.language)),
      ),
    ),
  ]);
  return [`${made.siteName} ${made.month}`, ...shownHead(made), ...tables, ...(made.quality.length === 0 ? [] : ["", ...made.quality])];
}

function write(folder: string, name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, bytes);
    return path;
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failed(`${path} cannot be written (${code}); choose another folder with --out, or free some space.`);
  }
}
