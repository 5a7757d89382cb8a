/** The attack on suppressed tables: everything that fits what is printed, the method itself included, must leave a choice. */
import { describe, expect, it } from "vitest";
import { suppressed } from "#core";

/** Every row of so many cells up to `most`. */
function* rows(cells: number, most: number): Generator<number[]> {
  if (cells === 0) yield [];
  else for (const rest of rows(cells - 1, most)) for (let n = 0; n <= most; n += 1) yield [...rest, n];
}
const sum = (row: readonly number[]): number => row.reduce((all, n) => all + n, 0);

describe("suppression", () => {
  it("prints no group below five, leaves larger ones and zeros where it can", () => {
    expect(suppressed([12, 7, 0, 30])).toEqual([12, 7, 0, 30]);
    expect(suppressed([12, 3, 0, 30])).toEqual([null, null, 0, 30]);
    expect(suppressed([2, 1, 20])).toEqual([null, null, null]);
    expect(suppressed([4, 6, 20])).toEqual([null, null, 20]);
    expect(suppressed([4, 6, 6, 20])).toEqual([null, null, null, 20]);
    expect(suppressed([2])).toEqual([null]);
  });
  it.each([
    [2, 14, 5],
    [3, 11, 5],
    [4, 7, 3],
  ])("of %i cells up to %i with k = %i cannot be undone by subtraction", (cells, most, least) => {
    const prints = new Map<string, number[][]>();
    for (const row of rows(cells, most)) {
      const shown = suppressed(row, least);
      expect(shown.every((n) => n === null || n === 0 || n >= least)).toBe(true);
      const key = `${JSON.stringify(shown)} of ${sum(row)}`;
      prints.set(key, [...(prints.get(key) ?? []), row]);
    }
    for (const [print, fitting] of prints) {
      const all = Number(print.split(" of ")[1]);
      // A total that is itself a small group gives its members away whatever is done with the cells.
      if (all < least + cells - 1 || !print.includes("null")) continue;
      const shown: (number | null)[] = JSON.parse(print.split(" of ")[0] ?? "");
      shown.forEach((n, i) => {
        if (n === null) expect(new Set(fitting.map((row) => row[i])).size, `${print} cell ${i}`).toBeGreaterThan(1);
      });
    }
  });
});
