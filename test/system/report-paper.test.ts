/**
 * Documents as paper, read back with poppler: every text and number of the tables stands there, in every language; the structure
 * is the one that PDF/UA-1 asks for; and nothing is cut off at the edge.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signed } from "../../hub/reports/headline.ts";
import { type formats, reportFile, reportFiles } from "../../hub/reports/render.ts";
import { columnOf, shownCell } from "../../hub/reports/show.ts";
import { languages, type MonthReport } from "../../hub/reports/types.ts";
import { aBusyMonth } from "../hub/reports/busy-month.ts";
import { aHardMonth, anEmptyMonth, documentsOf } from "../hub/reports/every-document.ts";

const hard = aHardMonth(9);
let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "koprade-paper-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const read = new Map<string, ReturnType<typeof readBack>>();

/** Each document is written and read once. */
function paper(report: MonthReport): ReturnType<typeof readBack> {
  const name = `${report.pack}-${report.language}`;
  const known = read.get(name) ?? readBack(report);
  read.set(name, known);
  return known;
}

async function readBack(report: MonthReport) {
  const path = join(dir, `${report.pack}-${report.language}.pdf`);
  const { bytes } = await reportFile(report, "pdf");
  writeFileSync(path, bytes);
  const asked = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  const squeezed = (text: string) => text.replace(/\s+/g, "");
  return {
    bytes,
    text: squeezed(asked("pdftotext", "-raw", path, "-")),
    info: asked("pdfinfo", path),
    structure: asked("pdfinfo", "-struct", path),
    words: [
      ...asked("pdftotext", "-bbox", path, "-").matchAll(/<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"/g),
    ].map((match) => match.slice(1).map(Number)),
    squeezed,
  };
}

/** Rows as they are spelled on paper; the six numbers stand as cards, with their changes in brackets. */
function spelledRows({ tables, language }: MonthReport): string[] {
  return tables.flatMap((table) =>
    [...table.rows, ...(table.total === null ? [] : [table.total.map((cell) => cell ?? "")])].flatMap((row) =>
      table.id === "numbers"
        ? [
            shownCell(row[2] ?? null, columnOf(row[1]), language),
            ...[row[4], row[6]].flatMap((cell) => (typeof cell === "number" ? [`(${signed(cell, language, columnOf(row[1]).unit)})`] : [])),
          ]
        : [row.map((cell, i) => shownCell(cell, table.columns[i], language)).join("")],
    ),
  );
}

const documents = (language: (typeof languages)[number]): MonthReport[] => documentsOf(hard, language, true);
const pairs = <T>(these: readonly T[], those: readonly T[]): [T, T][] =>
  these.flatMap((one, i) => {
    const other = those[i];
    return other === undefined ? [] : [[one, other] as [T, T]];
  });
const others = ["csv", "json", "html", "xlsx"] as const satisfies readonly (typeof formats)[number][];

describe.each(languages)("in %s", (language) => {
  const count = (text: string, element: string) => [...text.matchAll(new RegExp(`^\\s*${element}\\b`, "gm"))].length;
  it("every row of every table, every sentence and every summary is on the paper, and nothing is cut off", async () => {
    for (const report of documents(language)) {
      const { text, words, squeezed } = await paper(report);
      const shown = report.pack === "page" ? report.tables.filter(({ id }) => id === "numbers") : report.tables;
      for (const row of spelledRows({ ...report, tables: shown })) expect(text, `${report.pack}: ${row}`).toContain(squeezed(row));
      for (const line of [report.title, report.period, ...report.sentences]) expect(text).toContain(squeezed(line));
      for (const { summary, title } of report.charts)
        expect([text.includes(squeezed(summary)), text.includes(squeezed(title))]).toEqual([true, true]);
      const outside = words.filter(([left = 0, top = 0, right = 0, bottom = 0]) => left < 47 || right > 549 || top < 40 || bottom > 815);
      expect(outside, `${report.pack}: words outside the margins`).toEqual([]);
    }
  });
  it("the same document gives the same bytes, in every format", async () => {
    const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
    for (const [report, again] of pairs(documents(language), documents(language))) {
      const { bytes } = await paper(report);
      expect(digest((await reportFile(again, "pdf")).bytes), `${report.pack} as pdf`).toBe(digest(bytes));
      for (const format of others) {
        const [one, two] = [await reportFiles(report, format), await reportFiles(again, format)];
        expect(
          two.map((file) => [file.fileName, digest(file.bytes)]),
          `${report.pack} as ${format}`,
        ).toEqual(one.map((file) => [file.fileName, digest(file.bytes)]));
      }
    }
  });
  it("is tagged: one tree, headers that can be named, pictures with their words, and the language and title of the file", async () => {
    // The page of one month draws what the others write in tables.
    for (const report of documents(language).filter(({ pack }) => pack !== "page")) {
      const { info, structure } = await paper(report);
      expect(info).toMatch(/Tagged:\s+yes/);
      expect(info).toMatch(/Page size:\s+595\.\d+ x 841\.\d+ pts \(A4\)/);
      expect(info).toContain(report.title);
      const rows = report.tables.reduce((sum, { id, rows: own, total }) => {
        return sum + Math.max(1, own.length) + (total === null ? 0 : 1) + (id === "numbers" ? 0 : 1);
      }, 0);
      expect([count(structure, "Table"), count(structure, "TR"), count(structure, "Figure"), count(structure, "H1")]).toEqual([
        report.tables.length,
        rows,
        report.charts.length + (typeof report.logo === "string" ? 1 : 0),
        1,
      ]);
      expect(structure).toContain("Scope");
    }
  });
});

it.each([
  ["hard", hard],
  ["busy", aBusyMonth(24)],
  ["empty", anEmptyMonth()],
] as const)("the page of one %s month is one page, in every language", async (_, input) => {
  for (const language of languages) {
    const page = documentsOf(input, language).find(({ pack }) => pack === "page");
    const { info } = page === undefined ? { info: "" } : await readBack(page);
    expect(info, language).toMatch(/Pages:\s+1\n/);
  }
});
