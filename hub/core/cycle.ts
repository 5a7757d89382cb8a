/** The power-cycle detector: samples of power become runs and busy/idle (domain.md §4.3). Back-dated, never inventing zeros. */
import type { Activity } from "./interlock-types.ts";
import type { Deadlines } from "./step.ts";

/** Thresholds of one kind of machine; `offW < onW`. */
export type CycleProfile = {
  readonly onW: number;
  readonly offW: number;
  readonly minOnMs: number;
  readonly minOffMs: number;
  readonly maxGapMs: number;
  /** how long after the last work the machine still counts as busy, at most `minOffMs` */
  readonly busyHoldMs: number;
};

export type CycleKind = "unknown" | "off" | "standby" | "starting" | "running" | "ending" | "stale";
export type CycleState = {
  readonly kind: CycleKind;
  /** the state to return to after a gap */
  readonly before: "unknown" | "off" | "standby" | "starting" | "running" | "ending";
  /** start of the run or of the suspected run */
  readonly startMono: number;
  /** when power fell below `offW` in a run */
  readonly fellMono: number;
  readonly lastSampleMono: number | null;
  readonly lastPowerW: number;
  readonly peakW: number;
  readonly energy: EnergyState;
  readonly energyAtStartWh: number;
  readonly energyAtFallWh: number;
  readonly activity: Activity;
  readonly deadlines: Deadlines<"stale" | "end" | "busyHold">;
};

/** A running total that never falls: from the meter's counter when it has one, else integrated. */
export type EnergyState = {
  readonly totalWh: number;
  readonly counterWh: number | null;
  readonly lastMono: number | null;
  readonly lastPowerW: number | null;
};

export type CycleEvent = { readonly nowMono: number } & (
  | { readonly kind: "sample"; readonly powerW: number | null; readonly counterWh: number | null }
  /** the interlock took the permit away: a run ends at this instant */
  | { readonly kind: "relay_off" }
  | { readonly kind: "tick" }
);
export type CycleEffect =
  | { readonly kind: "run_started"; readonly startMono: number }
  | {
      readonly kind: "run_ended";
      readonly endMono: number;
      readonly energyWh: number;
      readonly peakW: number;
      readonly uncertainMs: number;
    }
  | { readonly kind: "activity"; readonly busy: Activity }
  | { readonly kind: "meter_reset"; readonly counterWh: number };

export function initialCycle(): CycleState {
  return {
    kind: "unknown",
    before: "unknown",
    startMono: 0,
    fellMono: 0,
    lastSampleMono: null,
    lastPowerW: 0,
    peakW: 0,
    energy: { totalWh: 0, counterWh: null, lastMono: null, lastPowerW: null },
    energyAtStartWh: 0,
    energyAtFallWh: 0,
    activity: "unknown",
    deadlines: {},
  };
}

export function stepCycle(_state: CycleState, _event: CycleEvent, _profile: CycleProfile): readonly [CycleState, readonly CycleEffect[]] {
  throw new Error("being written");
}
