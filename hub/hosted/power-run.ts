/**
 * Runs in a short series of power readings, found by the same detector that nodes use (#core `stepCycle`). Recorded plugs flip
 * between a load and an isolated zero a second later (Tasmota #2891, Zigbee2MQTT #16709): a run ends only after a hold.
 */
import { type CycleProfile, initialCycle, stepCycle } from "#core";

export type PowerPoint = { readonly atMs: number; readonly powerW: number | null };

/** A hobby plug: anything above standby electronics of some watts for a minute. */
export const smallLoad = { onW: 3, holdMs: 60_000 } as const;
/** Machines draw more than their waiting electronics (2 to 7 W in the recorded ones). */
export const machineOnW = 20;

/** Runs with a hold, and what a plain comparison with the threshold would have counted. Points in order of time. */
export function countRuns(points: readonly PowerPoint[], limits: { readonly onW: number; readonly holdMs: number }) {
  const profile: CycleProfile = {
    onW: limits.onW,
    offW: limits.onW,
    minOnMs: 0,
    minOffMs: limits.holdMs,
    maxGapMs: Number.MAX_SAFE_INTEGER,
    busyHoldMs: limits.holdMs,
  };
  let state = initialCycle();
  let runs = 0;
  let naiveRuns = 0;
  let wasOn = false;
  for (const { atMs, powerW } of points) {
    const [next, effects] = stepCycle(state, { kind: "sample", nowMono: atMs, powerW, counterWh: null }, profile);
    runs += effects.filter(({ kind }) => kind === "run_started").length;
    state = next;
    if (powerW === null) continue;
    if (powerW >= limits.onW && !wasOn) naiveRuns += 1;
    wasOn = powerW >= limits.onW;
  }
  return { runs, naiveRuns };
}

/** Energy under the readings, Wh; null without two known ones. A stretch with an unknown end counts nothing. */
export function trapezoidWh(points: readonly PowerPoint[]): number | null {
  let sum: number | null = null;
  for (const [i, point] of points.entries()) {
    const before = points[i - 1];
    if (before === undefined || before.powerW === null || point.powerW === null) continue;
    sum = (sum ?? 0) + (((before.powerW + point.powerW) / 2) * (point.atMs - before.atMs)) / 3_600_000;
  }
  return sum;
}
