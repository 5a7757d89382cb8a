/**
 * The power-cycle detector: samples of power become runs and busy/idle (domain.md §4.3). Back-dated, never inventing zeros: only
 * a sample can say that a machine is idle. Silence says nothing, and after it low power is idleness only once it has lasted,
 * for it may be a pause in work that began or went on unseen.
 */
import { counterGainWh } from "./counter.ts";
import type { Activity } from "./interlock-types.ts";
import type { Deadlines } from "./step.ts";

/** Thresholds of one kind of machine; `offW < onW`. */
export type CycleProfile = {
  readonly onW: number;
  readonly offW: number;
  readonly minOnMs: number;
  readonly minOffMs: number;
  /** silence for longer than this makes the state stale */
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
  /** nothing was known before the power was seen to be low: that is no idleness until then */
  readonly doubtUntilMono: number;
  readonly activity: Activity;
  readonly deadlines: Deadlines<"stale">;
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
  /** the machine is somebody else's from this instant: a run in progress becomes two that touch */
  | { readonly kind: "split" }
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
    doubtUntilMono: 0,
    activity: "unknown",
    deadlines: {},
  };
}

type Step = readonly [CycleState, readonly CycleEffect[]];
const hourMs = 3_600_000;

/** One sample, the interlock's cut, or the passing of time. A sample of null says nothing, like no sample. */
export function stepCycle(state: CycleState, event: CycleEvent, profile: CycleProfile): Step {
  const timed = passTime(state, event.nowMono, profile);
  const [answered, effects] = answer(timed, event, profile);
  const next = isFirstRest(timed, answered) ? { ...answered, doubtUntilMono: event.nowMono + holdMs(profile) } : answered;
  return said(state, { ...next, activity: activityOf(timed, next, profile) }, effects, profile);
}

/** Low power where nothing was known before: how long it has lasted counts from here. */
const isFirstRest = (before: CycleState, next: CycleState): boolean =>
  (next.kind === "standby" || next.kind === "ending") && before.kind !== "standby" && before.activity === "unknown";
const holdMs = (profile: CycleProfile): number => Math.min(profile.busyHoldMs, profile.minOffMs);

function answer(state: CycleState, event: CycleEvent, profile: CycleProfile): Step {
  if (event.kind === "tick") return [state, []];
  if (event.kind === "relay_off") return relayOff(state, event.nowMono);
  if (event.kind === "split") return split(state, event.nowMono);
  if (event.powerW === null) return [state, []];
  const measured = measure(state, event.nowMono, event.powerW, event.counterWh, profile);
  const reset: readonly CycleEffect[] =
    state.energy.counterWh !== null && event.counterWh !== null && event.counterWh < state.energy.counterWh
      ? [{ kind: "meter_reset", counterWh: event.counterWh }]
      : [];
  const [next, effects] = judge(resume(measured, event.nowMono, state, profile), event.nowMono, event.powerW, profile);
  return [next, [...reset, ...effects]];
}

/** Energy up to this sample: what the counter counted, else a trapezoid that spans no gap. */
function measure(state: CycleState, nowMono: number, powerW: number, counterWh: number | null, profile: CycleProfile): CycleState {
  const { energy } = state;
  let gainedWh = 0;
  if (counterWh !== null) {
    const spanMs = nowMono - (energy.lastMono ?? nowMono);
    if (energy.counterWh !== null) gainedWh = counterGainWh(energy.counterWh, counterWh, spanMs);
  } else if (energy.lastMono !== null && energy.lastPowerW !== null && nowMono - energy.lastMono <= profile.maxGapMs) {
    gainedWh = (Math.max(0, (energy.lastPowerW + powerW) / 2) * (nowMono - energy.lastMono)) / hourMs;
  }
  const next: EnergyState = {
    totalWh: energy.totalWh + gainedWh,
    counterWh: counterWh ?? energy.counterWh,
    lastMono: nowMono,
    lastPowerW: powerW,
  };
  return { ...state, energy: next, lastSampleMono: nowMono, lastPowerW: powerW };
}

/** Back from a gap: a short one never was, a long one ended the run at its last sample. */
function resume(state: CycleState, nowMono: number, before: CycleState, profile: CycleProfile): Step {
  if (state.kind !== "stale") return [state, []];
  const gapMs = nowMono - (before.lastSampleMono ?? nowMono);
  if (gapMs < profile.minOffMs) return [{ ...state, kind: state.before }, []];
  const ran = state.before === "running" || state.before === "ending";
  if (!ran) return [{ ...state, kind: "standby" }, []];
  const endMono = state.before === "ending" ? state.fellMono : (before.lastSampleMono ?? nowMono);
  const uncertainMs = state.before === "ending" ? 0 : gapMs;
  const [next, effects] = endRun({ ...state, energyAtFallWh: before.energy.totalWh }, endMono, uncertainMs);
  return [next, effects];
}

/** What a sample means in the present state. */
function judge([state, told]: Step, nowMono: number, powerW: number, profile: CycleProfile): Step {
  const peak = (next: CycleState): CycleState => ({ ...next, peakW: Math.max(next.peakW, powerW) });
  switch (state.kind) {
    case "unknown":
    case "off":
    case "standby":
    case "stale":
      if (powerW < profile.onW) return [{ ...state, kind: "standby" }, told];
      return confirm(
        [{ ...state, kind: "starting", startMono: nowMono, peakW: powerW, energyAtStartWh: state.energy.totalWh }, told],
        nowMono,
        profile,
      );
    case "starting":
      return powerW < profile.offW ? [{ ...state, kind: "standby" }, told] : confirm([peak(state), told], nowMono, profile);
    case "running":
      if (powerW >= profile.offW) return [peak(state), told];
      return [{ ...state, kind: "ending", fellMono: nowMono, energyAtFallWh: state.energy.totalWh }, told];
    case "ending": {
      if (nowMono - state.fellMono < profile.minOffMs)
        return powerW >= profile.onW ? [peak({ ...state, kind: "running" }), told] : [state, told];
      const [next, effects] = endRun(state, state.fellMono, 0);
      return judge([next, [...told, ...effects]], nowMono, powerW, profile);
    }
  }
}

/** A start that lasted is a run, back-dated to its first sample. */
function confirm([state, told]: Step, nowMono: number, profile: CycleProfile): Step {
  if (nowMono - state.startMono < profile.minOnMs) return [state, told];
  return [{ ...state, kind: "running" }, [...told, { kind: "run_started", startMono: state.startMono }]];
}

function endRun(state: CycleState, endMono: number, uncertainMs: number): Step {
  const energyWh = Math.max(0, state.energyAtFallWh - state.energyAtStartWh);
  return [{ ...state, kind: "standby" }, [{ kind: "run_ended", endMono, energyWh, peakW: state.peakW, uncertainMs }]];
}

/** The permit is gone: the run ends here and nothing lingers into the next session. */
function relayOff(state: CycleState, nowMono: number): Step {
  const running = state.kind === "running" || (state.kind === "stale" && state.before === "running");
  const ending = state.kind === "ending" || (state.kind === "stale" && state.before === "ending");
  // A meter that was never heard is silent from here on: idleness by the open permit does not outlive `maxGapMs`.
  const off = (next: CycleState): CycleState => ({
    ...next,
    kind: "off",
    before: "off",
    doubtUntilMono: 0,
    lastSampleMono: next.lastSampleMono ?? nowMono,
  });
  if (!running && !ending) return [off(state), []];
  const stale = state.kind === "stale";
  const endMono = ending ? state.fellMono : stale ? (state.lastSampleMono ?? nowMono) : nowMono;
  const energyAtFallWh = ending ? state.energyAtFallWh : state.energy.totalWh;
  const [next, effects] = endRun({ ...state, energyAtFallWh }, endMono, stale && running ? nowMono - endMono : 0);
  return [off(next), effects];
}

/** Energy goes to each side by the counter as it stands; work that has just fallen silent belongs to who did it. */
function split(state: CycleState, nowMono: number): Step {
  if (state.kind !== "running") return [state, []];
  const { totalWh } = state.energy;
  const [, ended] = endRun({ ...state, energyAtFallWh: totalWh }, nowMono, 0);
  const next: CycleState = { ...state, startMono: nowMono, energyAtStartWh: totalWh, peakW: state.lastPowerW };
  return [next, [...ended, { kind: "run_started", startMono: nowMono }]];
}

/** Silence makes the state stale. It never ends a run: that is for the next sample to say. */
function passTime(state: CycleState, nowMono: number, profile: CycleProfile): CycleState {
  const isSilent = state.lastSampleMono !== null && nowMono > state.lastSampleMono + profile.maxGapMs;
  if (!isSilent || state.kind === "stale" || state.kind === "unknown") return state;
  return { ...state, kind: "stale", before: state.kind, activity: "unknown" };
}

/** Adds the change of busy/idle, and when to look again. */
function said(before: CycleState, state: CycleState, effects: readonly CycleEffect[], profile: CycleProfile): Step {
  const deadlines: Deadlines<"stale"> =
    state.lastSampleMono === null || state.kind === "stale" ? {} : { stale: state.lastSampleMono + profile.maxGapMs + 1 };
  const change: readonly CycleEffect[] = state.activity === before.activity ? [] : [{ kind: "activity", busy: state.activity }];
  return [{ ...state, deadlines }, [...effects, ...change]];
}

/** `busy` outlives the fall of power by `busyHoldMs`, told by samples. */
function activityOf(before: CycleState, state: CycleState, profile: CycleProfile): Activity {
  const seenMono = state.lastSampleMono ?? 0;
  switch (state.kind) {
    case "unknown":
    case "stale":
      return "unknown";
    case "off":
      return "idle";
    case "standby":
      return seenMono < state.doubtUntilMono ? "unknown" : "idle";
    case "starting":
      // power that begins as the meter returns may be work that never stopped
      return before.activity === "idle" ? "idle" : "unknown";
    case "running":
      return "busy";
    case "ending":
      return seenMono < Math.max(state.fellMono + holdMs(profile), state.doubtUntilMono) ? "busy" : "idle";
  }
}
