/** Every format from one report: equal numbers, no formula, no script, the same bytes, all letters there. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { monthFigures } from "../../../hub/reports/figures.ts";
import { reportSchema } from "../../../hub/reports/json-shape.ts";
import { methods } from "../../../hub/reports/methods.ts";
import { monthReport } from "../../../hub/reports/month.ts";
import { type formats, reportFile, reportFiles } from "../../../hub/reports/render.ts";
import { csvField, excelDialect, tableCsv } from "../../../hub/reports/render-csv.ts";
import { columnOf, shownCell } from "../../../hub/reports/show.ts";
import type { Language, MonthInput, Seal } from "../../../hub/reports/types.ts";
import { words } from "../../../hub/reports/words.ts";
import type { ReportCell } from "../../../hub/views.ts";
import { heldBy, session } from "../core/utilisation/builders.ts";
import { aMonth, theMachine } from "./builders.ts";

const evil = '=HYPERLINK("http://x","<b>Lāzers</b>")';
const spent = { ...session("s", 1, "2026-11-05T12:00", "2026-11-05T14:00") };
const input: MonthInput = aMonth({
  month: "2026-11",
  siteName: "Valmiera <script>alert(1)</script>",
  madeMs: Date.UTC(2026, 11, 1, 6),
  simulated: true,
  machines: [
    {
      ...theMachine(
        "laser-1",
        { use: [heldBy(spent)] },
        { sessions: [spent], metered: [{ fromMs: spent.fromMs, toMs: spent.toMs, energyWh: 1234 }] },
      ),
      label: evil,
    },
  ],
  doors: [{ id: "door-1", label: 'Front "main", door', opened: 3, notUsed: 0, forced: 0, heldOpen: 0 }],
  lostEvents: 2,
});
const inLanguage = (language: Language, seal: Seal | null = null) =>
  monthReport(monthFigures(input), { madeMs: input.madeMs, seal }, language);
const report = inLanguage("lv");
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
      `machine,sessions,active_sessions,busy_h,occupied_h,energy_kwh,users,coverage_percent,left_on_h\r\n"'=HYPERLINK(""http://x"",""<b>Lāzers</b>"")",1,1,0,2,1.234,1,100,0\r\n`,
    );
  });
  it("comes as one file per table, or as one file with a line per cell", async () => {
    expect((await reportFiles(report, "csv")).map((file) => file.fileName)).toEqual(
      report.tables.map((table) => `simulated-month-2026-11-lv-${table.id}.csv`),
    );
    expect(await text("csv")).toContain(`machines,"'=HYPERLINK(""http://x"",""<b>Lāzers</b>"")",energy_kwh,kWh,1.234\r\n`);
  });
});

describe("CSV for spreadsheets", () => {
  it("has a mark, semicolons and the comma of the country, and the point in English", async () => {
    const machines = (language: Language) => {
      const table = inLanguage(language).tables.find(({ id }) => id === "machines");
      return table === undefined ? "" : tableCsv(table, excelDialect(language));
    };
    for (const language of ["lv", "sv", "nb"] as const) {
      expect(machines(language).startsWith("\ufeffmachine;sessions;")).toBe(true);
      expect(machines(language)).toContain(";1,234;");
    }
    expect(machines("en")).toContain(",1.234,");
    const file = await reportFile(report, "csv", { excel: true });
    expect([...file.bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  });
  it("disarms formulas and quotes its own separator", () => {
    expect([csvField("=1;2", excelDialect("lv")), csvField("a,b", excelDialect("lv")), csvField(-1.5, excelDialect("lv"))]).toEqual([
      `"'=1;2"`,
      "a,b",
      "-1,5",
    ]);
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
    expect(json.schema).toBe("koprade-month-report/4");
    const { default: Ajv } = createRequire(createRequire(import.meta.url).resolve("fastify"))("ajv/dist/2020") as {
      default: new () => { compile(schema: unknown): { (data: unknown): boolean; errors: unknown } };
    };
    const published = JSON.parse(readFileSync("hub/reports/month-report.schema.json", "utf8"));
    expect(published, "hub/reports/month-report.schema.json is not what json-shape.ts says").toEqual(
      JSON.parse(JSON.stringify(reportSchema())),
    );
    const fits = new Ajv().compile(published);
    expect([fits(json), fits.errors]).toEqual([true, null]);
    expect(fits({ ...json, month: "2026-13" })).toBe(false);
    expect(json.tables.find((table: { id: string }) => table.id === "machines").rows[0]).toMatchObject({
      machine: evil,
      energy_kwh: 1.234,
      occupied_h: 2,
      busy_h: 0,
    });
  });
});

describe("XLSX", () => {
  const sheets = async () => {
    const { unzipSync, strFromU8 } = createRequire(createRequire(import.meta.url).resolve("write-excel-file/node"))("fflate") as {
      unzipSync(bytes: Uint8Array): Record<string, Uint8Array>;
      strFromU8(bytes: Uint8Array): string;
    };
    const parts = unzipSync((await reportFile(report, "xlsx")).bytes);
    return (name: string) => strFromU8(parts[name] ?? new Uint8Array());
  };
  it("has a sheet of what it is and one a table, and gives every number back", async () => {
    const part = await sheets();
    const strings = [...part("xl/sharedStrings.xml").matchAll(/<t[^>]*>([^<]*)<\/t>/g)].map((match) => match[1]);
    expect([...part("xl/workbook.xml").matchAll(/<sheet /g)]).toHaveLength(report.tables.length + 1);
    report.tables.forEach((table, i) => {
      const xml = part(`xl/worksheets/sheet${i + 2}.xml`);
      const cells = [...xml.matchAll(/<c [^>]*?(?:t="(\w)"[^>]*)?>(?:<v>([^<]*)<\/v>)?<\/c>/g)].map(([, type, value]) =>
        type === "s" ? strings[Number(value)] : Number(value),
      );
      // Hours are kept as days, as a spreadsheet keeps durations, and a date as the days since the end of 1899.
      const kept = (cell: ReportCell, c: number) => {
        const { unit, date } = table.columns[c] ?? {};
        if (date !== undefined && typeof cell === "string")
          return (Date.parse(`${cell}${cell.length === 7 ? "-01" : ""}`) - Date.UTC(1899, 11, 30)) / 86_400_000;
        return unit === "h" && typeof cell === "number" ? cell / 24 : cell;
      };
      const rows = [...table.rows, ...(table.total === null ? [] : [table.total])].map((row) => row.map(kept));
      const numbers = rows.flat().filter((cell) => typeof cell === "number");
      expect(
        cells.filter((cell) => typeof cell === "number"),
        table.id,
      ).toEqual(numbers);
    });
    expect(strings).toContain('=HYPERLINK("http://x","&lt;b&gt;Lāzers&lt;/b&gt;")');
    expect(part("xl/worksheets/sheet2.xml")).not.toContain("<f>");
  });
  it("is the same bytes each time", async () => {
    const [a, b] = [await reportFile(report, "xlsx"), await reportFile(report, "xlsx")];
    expect(Buffer.from(a.bytes).equals(Buffer.from(b.bytes))).toBe(true);
    expect(Buffer.from(a.bytes).readUInt32LE(10)).toBe(0x0021_0000);
  });
});

describe("a closed month", () => {
  const seal = { number: 7, revision: 2, hash: "ab".repeat(32), closedMs: Date.UTC(2026, 11, 2) };
  it("says its number, revision and hash on every form, and when it was closed instead of now", async () => {
    const closed = inLanguage("en", seal);
    expect(closed.madeMs).toBe(seal.closedMs);
    for (const format of ["html", "json"] as const) {
      const file = await reportFile(closed, format);
      expect(file.fileName).toBe(`simulated-month-2026-11-r2-en.${format}`);
      expect(new TextDecoder().decode(file.bytes)).toContain("abababababababab");
    }
    expect(new TextDecoder().decode((await reportFile(closed, "html")).bytes)).toContain("Closed as No. 7, revision 2");
  });
});

describe("every format", () => {
  it("shows the same numbers: HTML has each cell as it is spelled, JSON and CSV as it is", async () => {
    const [html, json, csv] = [await text("html"), JSON.parse(await text("json")), await text("csv")];
    for (const [i, table] of report.tables.entries()) {
      for (const [r, row] of table.rows.entries()) {
        row.forEach((cell, c) => {
          const column = table.columns[c];
          expect(json.tables[i].rows[r][column?.key ?? ""]).toBe(cell);
          if (typeof cell !== "number") return;
          // The page has the row's unit behind its numbers, and the change within a sentence about the other month.
          if (table.id !== "numbers") expect(html).toContain(`>${shownCell(cell, column, "lv")}<`);
          else expect(html).toContain(shownCell(Math.abs(cell), columnOf(row[1]), "lv"));
          expect(csv).toContain(`,${column?.key},${column?.unit ?? ""},${cell}\r\n`);
        });
      }
    }
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
      ...Object.values(methods).join(""),
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
    const shown = JSON.stringify(inLanguage(language));
    expect(shown).not.toMatch(/\{\w+\}|undefined|NaN/);
  });
});
