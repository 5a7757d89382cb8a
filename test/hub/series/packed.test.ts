/** Runs of a day in few bytes: they come back as they were, and their energy adds up to the milliwatt-hour. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { eachRun, packRuns, type Run } from "../../../hub/series/packed.ts";

const unpacked = (dayMs: number, bytes: Uint8Array) => {
  const runs: Run[] = [];
  eachRun(dayMs, bytes, (startMs, endMs, powerW, mwh) => void runs.push({ startMs, endMs, powerW, energyWh: mwh / 1000 }));
  return runs;
};

test("any day comes back: times to the millisecond, power to a tenth of a watt, energy in sum", () => {
  const run = fc.record({
    gapMs: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 80_000_000 })),
    lengthMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 86_400_000 })),
    tenths: fc.option(fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: -500, max: 690_000 })), { nil: null }),
    energyWh: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 50_000, noNaN: true })),
  });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 60 }), fc.integer({ min: 0, max: 30_000 }), (list, day) => {
      const dayMs = day * 86_400_000;
      let at = dayMs;
      const runs = list.map(({ gapMs, lengthMs, tenths, energyWh }): Run => {
        const startMs = at + gapMs;
        at = startMs + lengthMs;
        return { startMs, endMs: at, powerW: tenths === null ? null : tenths / 10, energyWh };
      });
      const back = unpacked(dayMs, packRuns(dayMs, runs));
      expect(back.map(({ startMs, endMs, powerW }) => [startMs, endMs, powerW])).toEqual(
        runs.map(({ startMs, endMs, powerW }) => [startMs, endMs, powerW === 0 ? 0 : powerW]),
      );
      const sum = (of: readonly Run[]): number => of.reduce((all, { energyWh }) => all + energyWh, 0);
      expect(Math.abs(sum(back) - sum(runs))).toBeLessThan(0.001);
    }),
    { numRuns: 300 },
  );
});

test("an idle day costs a few bytes, and what is cut short or of another form is refused", () => {
  const bytes = packRuns(0, [{ startMs: 500, endMs: 86_399_500, powerW: 3.2, energyWh: 76.8 }]);
  expect(bytes.length).toBeLessThan(14);
  expect(() => unpacked(0, bytes.slice(0, -1))).toThrow(/cut short/);
  expect(() => unpacked(0, Uint8Array.of(9))).toThrow(/unknown form/);
});
