/** 10,000 random machines partitioned exactly, and the hours of every time zone from 2020 to 2030 against the time that went by. */
import fc from "fast-check";
import { localHours, monthSpan } from "#core";
import { aHistory, fortnight } from "../support/histories.ts";
import { partitionsExactly } from "../support/partition.ts";

export const name = "timelines";

export async function run(seed: number): Promise<{ readonly figures: Record<string, number> }> {
  const timelines = 10_000;
  fc.assert(
    fc.property(aHistory, (history) => partitionsExactly(history, fortnight)),
    { numRuns: timelines, seed },
  );
  let hours = 0;
  const zones = Intl.supportedValuesOf("timeZone");
  for (const zone of zones) hours += sweep(zone);
  return { figures: { timelines, zones: zones.length, hours } };
}

/** Months join without a gap, and their local hours add up to their length. */
function sweep(zone: string): number {
  let count = 0;
  let endMs: number | null = null;
  for (let month = 0; month < 132; month += 1) {
    const text = `${2020 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
    const span = monthSpan(text, zone);
    if (span === undefined || (endMs !== null && span.fromMs !== endMs)) throw new Error(`${zone} ${text}: the months do not join`);
    const cells = localHours(span, zone);
    const sum = cells.reduce((all, { fromMs, toMs }) => all + toMs - fromMs, 0);
    if (sum !== span.toMs - span.fromMs) throw new Error(`${zone} ${text}: ${sum} ms of ${span.toMs - span.fromMs}`);
    endMs = span.toMs;
    count += cells.length;
  }
  return count;
}
