/** Sessions folded from machines played by dice; 100,000 streams are the campaign `streams`. */
import { expect, it } from "vitest";
import { cycleProfiles, initialCycle, stepCycle } from "#core";
import { playStreams } from "../../campaigns/streams.ts";

it("are the sessions that were, whatever order, doubles and restarts did to their events", () => {
  const { wrong, sessions } = playStreams({ seed: 7, streams: 300 });
  expect(wrong).toEqual([]);
  expect(sessions).toBeGreaterThan(200);
});

it("power that is there when a silent meter returns is not idleness", () => {
  let state = initialCycle();
  const said: string[] = [];
  for (const [nowMono, powerW] of [...Array(10).keys()]
    .map((i) => [i * 1000, 900] as const)
    .concat([
      [40_000, 900],
      [42_000, 900],
    ])) {
    const [next, effects] = stepCycle(state, { kind: "sample", nowMono, powerW, counterWh: null }, cycleProfiles.saw);
    state = next;
    for (const effect of effects) if (effect.kind === "activity") said.push(effect.busy);
  }
  expect(said.slice(0, 1)).toEqual(["busy"]);
  expect(said).not.toContain("idle");
});
