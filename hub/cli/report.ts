/** `koprade report`: the month of the space as files, its closing, and what stands behind its numbers. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemCode } from "../errors.ts";
import { type Month, monthOf, revisionOf } from "../reports/book.ts";
import { formats, reportFiles } from "../reports/render.ts";
import { shownCell, shownHead } from "../reports/show.ts";
import type { MonthReport } from "../reports/types.ts";
import { badUsage, command, failed, type Noun } from "./command.ts";
import { listed } from "./parse.ts";
import { close, monthGiven, revise, verify, withBook } from "./report-close.ts";
import { background, rate } from "./report-dated.ts";
import { documentNames, documentsGiven, documentsOf } from "./report-documents.ts";
import { explain } from "./report-explain.ts";
import { cost, count, entries, group, income, material, undoCount, undoMaterial, undoMoney } from "./report-facts.ts";
import { check, diff, draft, months } from "./report-life.ts";
import { onlyGiven } from "./report-only.ts";
import { columns } from "./text.ts";
import { list } from "./values.ts";

const show = command({
  summary: "print or write the month of the space",
  args: {
    month: { type: "positional", required: true, description: "such as 2026-11" },
    format: { type: "string", valueHint: formats.join(","), description: "files to write; without it the tables are printed" },
    out: { type: "string", default: ".", valueHint: "dir", description: "folder for the files, made when missing" },
    lang: { type: "enum", options: ["en", "lv", "sv", "nb"], description: "language (default that of the space)" },
    pack: {
      type: "string",
      valueHint: documentNames.join(","),
      description: "documents: full is all of the month, page its first page, annual the twelve months up to it (default full)",
    },
    machine: { type: "string", valueHint: "id,…", description: "only these machines (default all)" },
    zone: { type: "string", valueHint: "name", description: "only machines and doors of a zone and the zones in it" },
    "of-project": { type: "string", valueHint: "name", description: "only the machines that a project bought" },
    project: { type: "string", valueHint: "name", description: "with it, the funder's report on a project, up to the month" },
    excel: { type: "boolean", description: "CSV for a double click: with a mark, and in lv, sv and nb with semicolons and decimal commas" },
    revision: { type: "string", valueHint: "n", description: "a revision of a closed month (default the last)" },
  },
  examples: [
    "koprade report 2026-11",
    "koprade report 2026-11 --format pdf,xlsx,csv,json,html --out reports --lang lv",
    "koprade report 2026-11 --pack page,machines --format pdf",
    "koprade report 2026-11 --pack machines,safety --zone wood-shop --format pdf",
    "koprade report 2026-12 --pack annual --project leader-2026 --format pdf,xlsx",
  ],
  async run(given, context) {
    const wanted = [...new Set(list(given.format))].map((name) => {
      const format = formats.find((each) => each === name);
      if (format === undefined) throw badUsage(`--format cannot be "${name}"; give some of ${listed(formats)}, with commas.`);
      return format;
    });
    const text = monthGiven(given.month);
    const documents = documentsGiven(given.pack, given.project);
    const reports = await withBook(context, async (book, nowMs) => {
      const revisions = book.ledger.read.usage.closedMonths(text);
      const asked = revisions.find(({ revision }) => String(revision) === given.revision);
      if (given.revision !== undefined && asked === undefined) {
        throw failed(`${text} has no revision ${given.revision}; it has ${revisions.length}.`);
      }
      const found: Month = asked === undefined ? monthOf(book, text, nowMs) : revisionOf(asked);
      const language = given.lang ?? book.ledger.read.site().locale;
      const only = onlyGiven(book.ledger.read, found.figures, { machine: given.machine, zone: given.zone, project: given["of-project"] });
      return documentsOf(book, found, { documents, project: given.project, only, language }, nowMs);
    });
    const [made] = reports;
    if (made === undefined || wanted.length === 0) return { lines: reports.flatMap(printed), json: reports.length === 1 ? made : reports };
    const spelling = { excel: given.excel === true };
    const each = reports.flatMap((report) => wanted.map((format) => reportFiles(report, format, spelling)));
    const files = (await Promise.all(each)).flat();
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
  return [`${made.siteName} ${made.month}`, ...shownHead(made), ...(made.quality.length === 0 ? [] : ["", ...made.quality]), ...tables];
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

export const report: Noun = {
  summary: "the month of the space: print it, close it, check it, explain it, and note what no node can tell",
  verbs: {
    show,
    list: months,
    draft,
    check,
    close,
    revise,
    verify,
    diff,
    explain,
    count,
    cost,
    income,
    entries,
    "undo-count": undoCount,
    "undo-money": undoMoney,
    material,
    "undo-material": undoMaterial,
    group,
    background,
    rate,
  },
  byDefault: "show",
};
