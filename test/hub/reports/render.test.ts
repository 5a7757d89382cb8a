/** Every format from one report: equal numbers, no formula, no script, the same bytes, all letters there. */
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { monthReport } from "../../../hub/reports/month.ts";
import { type formats, reportFile, reportFiles } from "../../../hub/reports/render.ts";
import { csvField, tableCsv } from "../../../hub/reports/render-csv.ts";
import type { MonthInput } from "../../../hub/reports/types.ts";
import { words } from "../../../hub/reports/words.ts";

const evil = '=HYPERLINK("http://x","<b>Lāzers</b>")';
const input: MonthInput = {
  month: "2026-11",
  siteName: "Valmiera <script>alert(1)</script>",
  zone: "Europe/Riga",
  madeMs: Date.UTC(2026, 11, 1, 6),
  simulated: true,
  machines: [
    {
      id: "laser-1",
      label: evil,
      sessions: [{ session: "s", member: 1, fromMs: Date.UTC(2026, 10, 5, 10), toMs: Date.UTC(2026, 10, 5, 12), estimated: false }],
      runs: [],
      energyWh: 1234,
      sinceMs: 0,
      unknown: [],
      open: null,
      plannedDown: [],
      unplannedDown: [],
    },
  ],
  doors: [{ id: "door-1", label: 'Front "main", door', opened: 3, notUsed: 0, forced: 0, heldOpen: 0 }],
  decisions: [],
  lostEvents: 2,
  unreadableMessages: 0,
  cutShort: false,
};
const report = monthReport(input, "lv");
const text = async (format: (typeof formats)[number]) => new TextDecoder().decode((await reportFile(report, format)).bytes);

describe("CSV", () => {
  it.each([
    ["=1+1", "'=1+1"],
    ["+371", "'+371"],
    ["-2", "'-2"],
    ["@sum", "'@sum"],
    ["\tx", "'\tx"],
    ['a"b', '"a""b"'],
    ["a,b", '"a,b"'],
    ["=a,b", `"'=a,b"`],
    ["two\nlines", '"two\nlines"'],
  ])("writes %j as %j", (cell, field) => expect(csvField(cell)).toBe(field));
  it("keeps numbers as numbers, negative ones too, and unknown as nothing", () => {
    expect([csvField(-2), csvField(0), csvField(null)]).toEqual(["-2", "0", ""]);
  });
  it("has stable keys in the header, whatever the language", () => {
    const machines = report.tables.find((table) => table.id === "machines");
    expect(machines === undefined ? "" : tableCsv(machines)).toBe(
      `machine,sessions,active_sessions,busy_h,occupied_h,energy_kwh,users,coverage_percent\r\n"'=HYPERLINK(""http://x"",""<b>Lāzers</b>"")",1,1,0,2,1.234,1,100\r\n`,
    );
  });
  it("comes as one file per table, or as one file with a line per cell", async () => {
    expect((await reportFiles(report, "csv")).map((file) => file.fileName)).toEqual(
      report.tables.map((table) => `simulated-month-2026-11-lv-${table.id}.csv`),
    );
    expect(await text("csv")).toContain(`machines,"'=HYPERLINK(""http://x"",""<b>Lāzers</b>"")",energy_kwh,kWh,1.234\r\n`);
  });
});

describe("HTML", () => {
  it("runs nothing and asks nobody: names are text", async () => {
    const html = await text("html");
    expect(html).not.toMatch(/<script|<b>|javascript:|src=|href=/);
    expect(html).toContain("Valmiera &lt;script&gt;");
    expect(html).toContain('<html lang="lv">');
    expect(html).toContain("Simulēta ēka");
  });
});

describe("JSON", () => {
  it("has the same keys and numbers as the CSV", async () => {
    const json = JSON.parse(await text("json"));
    expect(json.schema).toBe("koprade-month-report/1");
    expect(json.tables[0].rows[0]).toMatchObject({ machine: evil, energy_kwh: 1.234, occupied_h: 2, busy_h: 0 });
  });
});

describe("PDF", () => {
  it("is tagged, in the reader's language, and the same bytes each time", async () => {
    const [a, b] = [await reportFile(report, "pdf"), await reportFile(report, "pdf")];
    const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
    expect(digest(b.bytes)).toBe(digest(a.bytes));
    const raw = Buffer.from(a.bytes).toString("latin1");
    expect(raw.slice(0, 8)).toBe("%PDF-1.7");
    expect(raw).toMatch(/\/Lang \(lv\)/);
    expect(raw).toMatch(/\/Marked true/);
  });
  it("has a glyph for every letter of the four languages", () => {
    const load = createRequire(import.meta.url);
    const fontkit = createRequire(load.resolve("pdfmake"))("fontkit") as {
      openSync(path: string): { hasGlyphForCodePoint(point: number): boolean };
    };
    const roboto: Record<string, string> = load("pdfmake/fonts/Roboto.js").Roboto;
    const letters = new Set([
      ...Object.values(words)
        .flatMap((of) => Object.values(of))
        .join(""),
      ..."āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽåäöæøÅÄÖÆØ€–·",
    ]);
    for (const face of [roboto.normal, roboto.bold]) {
      const font = fontkit.openSync(face ?? "");
      expect([...letters].filter((letter) => !font.hasGlyphForCodePoint(letter.codePointAt(0) ?? 0))).toEqual([]);
    }
  });
});

describe("every language", () => {
  it.each(["en", "lv", "sv", "nb"] as const)("fills every place of its words in %s, and has them all", (language) => {
    const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
    for (const [key, text] of Object.entries(words.en)) {
      const mine = words[language][key as keyof typeof words.en];
      expect(places(mine), key).toEqual(places(text));
      expect(mine.trim(), key).not.toBe("");
    }
    const shown = JSON.stringify(monthReport(input, language));
    expect(shown).not.toMatch(/\{\w+\}|undefined|NaN/);
  });
});
