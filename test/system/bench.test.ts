/** A taste of the bench: every line is there, nothing lost, nothing unanswered, nothing granted late. Times are the bench's own. */
import { expect, test } from "vitest";
import { taste } from "../bench/lines.ts";
import { bench, measures } from "../bench/run.ts";

const counted = /: (lost|unanswered|granted late|not acknowledged|members refused|totals that differ between stores, runs and samples)$/;

test("every line of the bench can be measured, and what must never happen does not happen", { timeout: 180_000 }, async () => {
  const lines = await bench(taste, [], ({ what, ours, floor, ratio }) => console.log(`${what}: ${ours} | ${floor} | ${ratio}`));
  expect(lines.length).toBeGreaterThanOrEqual(Object.keys(measures).length);
  for (const line of lines) expect(`${line.ours} ${line.ratio}`, line.what).not.toContain("NaN");
  expect(lines.filter(({ what }) => counted.test(what)).map(({ what, ours }) => ({ what, ours }))).toEqual(
    lines.filter(({ what }) => counted.test(what)).map(({ what }) => ({ what, ours: "0" })),
  );
  expect(lines.filter(({ what }) => counted.test(what))).toHaveLength(11);
  expect(lines.find(({ what }) => what === "of those taps granted")?.met).toBe(true);
});
