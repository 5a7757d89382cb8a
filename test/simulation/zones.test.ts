/** Opening hours in every time zone, around one clock change of each; the campaign of the same name looks at all of them. */
import { expect, it } from "vitest";
import { sweepZones } from "../campaigns/zones.ts";

it("opening hours and dates in every time zone are what its wall clock says of every minute", { timeout: 120_000 }, () => {
  const { wrong, zones } = sweepZones(1, 2024, 2028, 1);
  expect(wrong).toEqual([]);
  expect(zones).toBeGreaterThan(400);
});
