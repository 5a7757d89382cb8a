/**
 * Electrical models of machines at their own circuit (domain.md §6.3): watts as a function of what the machine is doing and
 * for how long. Ground truth: the hub sees it only through a meter.
 */
import type { Dice } from "./random.ts";

export type MachineKind = "laser" | "printer" | "saw";
/** `standby`: energised, waiting. `working`: the program or the cut is running. */
export type Activity = "off" | "standby" | "working";

export type Load = {
  set(activity: Activity, atMs: number): void;
  activity(): Activity;
  /** watts at an instant, never negative */
  powerW(atMs: number): number;
};

/** The plan of one job: working spans and the pauses between them, ms. */
export type JobPlan = readonly { readonly workMs: number; readonly pauseMs: number }[];

export function createLoad(kind: MachineKind, random: Dice): Load {
  let activity: Activity = "off";
  let sinceMs = 0;
  const standbyW = { laser: 62 + random.next() * 15, printer: 8 + random.next() * 3, saw: 0 }[kind];
  const workW = { laser: 480 + random.next() * 250, printer: 120 + random.next() * 50, saw: 1300 + random.next() * 700 }[kind];
  const periodMs = { laser: 4000 + random.int(0, 9000), printer: 10_000 + random.int(0, 15_000), saw: 2500 }[kind];
  return {
    set(next, atMs) {
      if (next !== activity) sinceMs = atMs;
      activity = next;
    },
    activity: () => activity,
    powerW(atMs) {
      if (activity === "off") return 0;
      if (activity === "standby") return standbyW;
      const forMs = atMs - sinceMs;
      const phase = (forMs % periodMs) / periodMs;
      return standbyW + working[kind](forMs, phase, workW);
    },
  };
}

const working: Readonly<Record<MachineKind, (forMs: number, phase: number, workW: number) => number>> = {
  /** raster: modulated while firing, but never quiet for long */
  laser: (_forMs, phase, workW) => workW * (0.65 + 0.35 * Math.sin(2 * Math.PI * phase)),
  /** heat-up for four minutes, then a bang-bang bed on top of motors and hot end */
  printer: (forMs, phase, workW) => (forMs < 240_000 ? 265 : workW * 0.5 + (phase < 0.4 ? 180 : 0)),
  /** inrush, then no-load and cutting in turn */
  saw: (forMs, phase, workW) => (forMs < 600 ? workW * 2 : phase < 0.5 ? 800 : workW),
};

export function planJob(kind: MachineKind, random: Dice): JobPlan {
  const minute = 60_000;
  if (kind === "printer") return [{ workMs: random.lognormal(45 * minute, 0.6), pauseMs: 0 }];
  if (kind === "saw")
    return Array.from({ length: random.int(3, 9) }, () => ({ workMs: random.int(8, 90) * 1000, pauseMs: random.int(20, 120) * 1000 }));
  return Array.from({ length: random.int(2, 4) }, () => ({ workMs: random.int(60, 400) * 1000, pauseMs: random.int(30, 120) * 1000 }));
}
