/** Energy out of samples: counters, resets, silences, hours. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { hourMs, hourSums, type Sample } from "../../../hub/series/energy.ts";

const at = (atMs: number, powerW: number | null, energyWh: number | null): Sample => ({ atMs, powerW, energyWh });

const energyOf = (...samples: Sample[]): number => [...hourSums(samples).values()].reduce((sum, hour) => sum + hour.energyWh, 0);

test("the counter counts, not the power, when there is one", () => {
  expect(energyOf(at(0, 100, 50), at(60_000, 100, 53))).toBe(3);
});

test("a counter that comes with every tenth sample counts for all of them, and nothing counts twice", () => {
  const samples = Array.from({ length: 3001 }, (_, i) => at(i * 1000, 360, i % 10 === 0 ? 40 + i / 10 : null));
  expect(energyOf(...samples)).toBeCloseTo(300, 6);
});

test("a counter that falls has started again at zero", () => {
  expect(energyOf(at(0, 100, 900), at(1000, 100, 2))).toBe(2);
});

test("a counter that falls by a part is a new beginning, not a year's energy in a second", () => {
  expect(energyOf(at(0, 100, 183_360), at(1000, 100, 181_522), at(2000, 100, 181_525))).toBe(3);
  expect(energyOf(at(0, 100, 183_360), at(10 * hourMs, 100, 181_522))).toBe(0);
});

test("without a counter power over time counts, and a long silence counts for nothing", () => {
  expect(energyOf(at(0, 100, null), at(36_000, 300, null))).toBeCloseTo(2);
  expect(energyOf(at(0, 100, null), at(600_000, 100, null))).toBe(0);
  expect(energyOf(at(0, 100, null), at(1000, null, null))).toBe(0);
});

test("without a counter nothing counts between samples that lie more than twice their usual step apart", () => {
  const every = (stepMs: number, skip: number) => [0, 1, 2, 3, 4, 5 + skip, 6 + skip].map((i) => at(i * stepMs, 360, null)); // 0.1 Wh a second
  const steps = (stepMs: number, skip: number) => Math.round((energyOf(...every(stepMs, skip)) * 10_000) / stepMs);
  expect([steps(10_000, 0), steps(10_000, 1), steps(10_000, 2)]).toEqual([6, 7, 5]);
  expect([steps(1000, 4), steps(1000, 5)]).toEqual([10, 5]); // what is a little late is not lost
  expect([steps(250_000, 0), steps(250_000, 2)]).toEqual([5, 4]); // the first step nobody knows yet
});

test("a counter that falls silent for good gives way to power over time", () => {
  const samples = [at(0, 360, 7), ...Array.from({ length: 3600 }, (_, i) => at((i + 1) * 1000, 360, null))];
  expect(energyOf(...samples)).toBeCloseTo(300, 0);
});

test("what a counter took during an outage is spread over its hours, as unknown time", () => {
  const sums = hourSums([at(hourMs / 2, 100, 0), at(2.5 * hourMs, 100, 200)]);
  expect([...sums]).toEqual([
    [0, { energyWh: 50, knownMs: 0 }],
    [hourMs, { energyWh: 100, knownMs: 0 }],
    [2 * hourMs, { energyWh: 50, knownMs: 0 }],
  ]);
});

test("the hours of any rising counter add up to its difference", () => {
  const steps = fc.array(fc.record({ ms: fc.integer({ min: 1, max: 5_000_000 }), wh: fc.integer({ min: 0, max: 5000 }) }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, (list) => {
      const samples: Sample[] = [at(0, 5, 10)];
      for (const { ms, wh } of list) {
        const last = samples.at(-1) ?? at(0, 5, 10);
        samples.push(at(last.atMs + ms, 5, (last.energyWh ?? 0) + wh));
      }
      const sum = [...hourSums(samples).values()].reduce((total, hour) => total + hour.energyWh, 0);
      expect(sum).toBeCloseTo((samples.at(-1)?.energyWh ?? 0) - 10, 6);
    }),
    { numRuns: 200 },
  );
});
