/** Random schedules of a machine's day; ten thousand are the campaign `schedules`. */
import { expect, it } from "vitest";
import { playSchedules } from "../campaigns/schedules.ts";

it("policy takes no power from a load that works, whatever comes when (R3)", () => {
  const { wrong, sessions, runs } = playSchedules({ seed: 7, schedules: 300 });
  console.log(`300 schedules: ${sessions} sessions, ${runs} runs`);
  expect(wrong).toEqual([]);
  expect(Math.min(sessions, runs)).toBeGreaterThan(300);
});
