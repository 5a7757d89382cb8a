/** A month of each kind of plug with every recorded quirk; a hundred months are the campaign `quirks`. */
import { expect, it } from "vitest";
import { playMonth, playThrough, plugs, wrongBy } from "../campaigns/quirks.ts";

it.each(plugs)("a month of a %s plug is told within half a percent, and what was missed lies within what is called uncertain", (kind) => {
  const month = playMonth(kind, 3);
  console.log(
    `${kind}: ${(month.truthWh / 1000).toFixed(1)} kWh, off by ${(wrongBy(month) * 100).toFixed(3)} %, uncertain ± ${Math.round(month.uncertainWh)} Wh`,
  );
  expect(wrongBy(month)).toBeLessThan(0.005);
  expect(month.uncoveredWh).toBe(0);
  expect(month.fellWh).toBe(0);
  expect(month.uncertainWh).toBeLessThan(month.truthWh * 0.1);
  expect(Object.keys(month.met)).toEqual(
    expect.arrayContaining(["restart", "unitChange", "partialReset", "networkAway", "falseZero", "zeroCounter"]),
  );
});

it.each(plugs)("days of a %s plug, from its messages to the sum in the hub, over ends of the host: within half a percent", async (kind) => {
  const days = await playThrough(kind, 5, 8);
  console.log(
    `${kind}: ${(days.truthWh / 1000).toFixed(1)} kWh, off by ${(wrongBy(days) * 100).toFixed(3)} %, uncertain ± ${days.uncertainWh} Wh, ${days.lives} lives`,
  );
  expect(days.lives).toBe(3);
  expect(days.doubts).toBeGreaterThan(0);
  expect(wrongBy(days)).toBeLessThan(0.005);
  expect(Math.abs(days.totalWh - days.truthWh)).toBeLessThan(days.uncertainWh + days.truthWh * 0.001 + 20);
});
