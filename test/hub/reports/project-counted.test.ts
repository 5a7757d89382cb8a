/** What an indicator may say of people who were counted by heart: counted by hand, and attacked by taking shown numbers from one another. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { monthFigures } from "../../../hub/reports/figures.ts";
import { type CountedMonth, type CountedRow, countedValue } from "../../../hub/reports/project-counted.ts";
import { aMonth, counted } from "./builders.ts";

const monthOf = (month: string, rows: readonly CountedRow[]): CountedMonth => ({
  rows,
  figures: monthFigures(aMonth({ month, headcounts: rows.map((row) => counted(row)) })),
});
const row = (people: number, target: string, kind = "class"): CountedRow => ({ people, target, kind });
const people = (group: string | null, kind: string | null = null) => ({ count: "people" as const, kind, group });

describe("people who were counted", () => {
  const march = monthOf("2026-03", [row(12, "pupil"), row(20, "visitor", "fair"), row(9, "senior")]);
  it("are told as they were counted where every group is large, in one month and over two", () => {
    const april = monthOf("2026-04", [row(6, "pupil"), row(8, "visitor", "fair")]);
    expect(["pupil", "visitor", "senior", null].map((group) => countedValue(people(group), [march, april]))).toEqual([18, 28, 9, 55]);
    expect(countedValue(people(null, "class"), [march, april])).toBe(27);
    expect(countedValue({ count: "events", kind: "class", group: "pupil" }, [march, april])).toBe(2);
    expect(countedValue(people("student"), [march])).toBe(0);
  });
  it("are not told where they are fewer than five", () => {
    expect(countedValue(people("senior"), [monthOf("2026-03", [row(4, "senior"), row(30, "pupil")])])).toBeNull();
  });
  it("are not told where the others of the same events would be fewer than five", () => {
    const of = [monthOf("2026-03", [row(17, "pupil"), row(3, "senior")])];
    expect(countedValue(people("pupil"), of)).toBeNull();
    expect(countedValue(people(null), of)).toBe(20);
  });
  it("are not told where another kind of events would be given away by the whole group", () => {
    const of = [monthOf("2026-03", [row(17, "pupil"), row(3, "pupil", "fair"), row(40, "visitor", "fair"), row(40, "visitor")])];
    expect(countedValue(people("pupil", "class"), of)).toBeNull();
    expect(countedValue(people("pupil"), of)).toBe(20);
  });
  it("are not told where the months show all but one of theirs, and that one is small", () => {
    const april = monthOf("2026-04", [row(3, "pupil"), row(30, "visitor", "fair"), row(2, "senior")]);
    expect(countedValue(people("pupil"), [march, april])).toBeNull();
  });
});

it("gives no group below five away, whichever indicators and months are taken from one another", () => {
  const aRow = fc.record({
    people: fc.integer({ min: 1, max: 14 }),
    target: fc.constantFrom("pupil", "senior", "visitor"),
    kind: fc.constantFrom("class", "fair"),
  });
  fc.assert(
    fc.property(fc.array(aRow, { minLength: 1, maxLength: 6 }), fc.array(aRow, { maxLength: 6 }), (first, second) => {
      const months = [monthOf("2026-03", first), monthOf("2026-04", second)];
      const whole = countedValue(people(null), months) ?? 0;
      for (const kind of [null, "class", "fair"]) {
        const groups = ["pupil", "senior", "visitor"].map((group) => countedValue(people(group, kind), months));
        for (const shown of groups) if (shown !== null) expect(shown === 0 || shown >= 5).toBe(true);
        const all = kind === null ? whole : countedValue(people(null, kind), months);
        const missing = groups.filter((shown) => shown === null).length;
        const rest = all === null ? null : all - groups.reduce<number>((sum, shown) => sum + (shown ?? 0), 0);
        if (missing === 1 && rest !== null) expect(rest === 0 || rest >= 5).toBe(true);
      }
    }),
    { numRuns: 25, seed: 3 },
  );
});
