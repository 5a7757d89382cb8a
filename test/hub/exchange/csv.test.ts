/** CSV as spreadsheets of four countries write it, and files that are none. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvOf, readCsv } from "../../../hub/exchange/csv.ts";

const cellsOf = (text: string) => {
  const read = readCsv(new TextEncoder().encode(text));
  return read.ok ? read.records.map((record) => record.cells) : read.sentence;
};

describe("a CSV file", () => {
  it("may use commas, semicolons or tabs, and any line ends", () => {
    const rows = [
      ["name", "card"],
      ["Ada", "1"],
    ];
    for (const text of ["name,card\nAda,1\n", "name;card\r\nAda;1", "name\tcard\rAda\t1\r", "\uFEFFname,card\r\nAda,1\r\n\r\n"]) {
      expect(cellsOf(text), JSON.stringify(text)).toEqual(rows);
    }
  });
  it("keeps separators, line ends and doubled quotes inside quotes, and counts lines through them", () => {
    const read = readCsv(new TextEncoder().encode('a,b\n"x, ""y""\nz",2\n3,4'));
    expect(read).toEqual({
      ok: true,
      records: [
        { line: 1, cells: ["a", "b"] },
        { line: 2, cells: ['x, "y"\nz', "2"] },
        { line: 4, cells: ["3", "4"] },
      ],
    });
  });
  it("keeps empty cells at the end of a line and of the file", () => {
    expect(cellsOf("a,b,c\n1,,")).toEqual([
      ["a", "b", "c"],
      ["1", "", ""],
    ]);
  });
  it.each([
    ['a,b\n1,"2', "Line 2: a quotation mark is opened and never closed; close it, or double it where it belongs to the text."],
    ['a\n"b" c\n', "Line 2: there is text after a closing quotation mark; double the marks that belong to the text."],
  ])("%j is refused with its line", (text, sentence) => expect(cellsOf(text)).toBe(sentence));
  it("is refused when it is not UTF-8", () => {
    expect(readCsv(Uint8Array.of(0x76, 0xe2, 0x72))).toEqual({ ok: false, sentence: "The file is not in UTF-8; save it as “CSV UTF-8”." });
    expect(readCsv(Uint8Array.of(0xff, 0xfe, 0x61, 0))).toEqual({ ok: false, sentence: "The file is in UTF-16; save it as “CSV UTF-8”." });
  });
  it("comes back as it was written, whatever the cells hold", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", ";", "\n", "\r", " ", "ē") });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 }), (rows) => {
        const kept = [["h", "i"], ...rows].filter((row) => row.some((text) => text.trim() !== ""));
        const text = kept.map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(",")).join("\r\n");
        expect(cellsOf(text)).toEqual(kept);
      }),
      { numRuns: 300 },
    );
  });
  it("never makes the reader throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(typeof readCsv(bytes).ok).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });
});

it("reads what it wrote, and a spreadsheet runs none of it", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('"', "=1+1", "-2", "a;b", "'x", "'=x", "ž\r\n")), { minLength: 2, maxLength: 4 }),
      ),
      (rows) => {
        const kept = rows.filter((row) => row.some((cell) => cell.trim() !== ""));
        const text = csvOf([["name", "note"], ...kept]);
        const read = readCsv(new TextEncoder().encode(text));
        expect(read.ok && read.records.slice(1).map(({ cells }) => cells)).toEqual(
          kept.map((row) => row.map((cell) => cell.toWellFormed())),
        );
        for (const line of text.split(/\r\n/)) expect(line).not.toMatch(/^[=+\-@]/);
      },
    ),
    { seed: 5, numRuns: 300 },
  );
});
