/**
 * Turns a machine's samples into what is stored: runs of unchanged power, and sums per minute and hour. A run goes on while the
 * power stays within 1 W or 1 % of its first value, so an idle machine costs one row a day.
 */
import { hourMs, type Meter, maxGapMs, minuteMs, newMeter, read, type Sample, slices, type Taken } from "./energy.ts";

const deadbandW = 1;
const deadbandShare = 0.01;
/** A run is cut here, so that old runs can be deleted and a crash loses little. */
const runMaxMs = 24 * hourMs;

export type Run = { readonly startMs: number; endMs: number; readonly powerW: number | null };
export type Slot = { energyWh: number; wattMs: number; knownMs: number; minW: number | null; maxW: number | null };
export type MachineFold = { meter: Meter; run: Run | null };
export const newFold = (): MachineFold => ({ meter: newMeter, run: null });
/** What a batch changed: runs to write as they are, sums to add to what is stored. */
export type Changes = {
  readonly runs: Map<number, Run>;
  readonly minutes: Map<number, Slot>;
  readonly hours: Map<number, Slot>;
  ignored: number;
};

export const noChanges = (): Changes => ({ runs: new Map(), minutes: new Map(), hours: new Map(), ignored: 0 });

/** One more sample. What is not newer than the last one is ignored and counted: it has been stored already. */
export function take(fold: MachineFold, sample: Sample, changes: Changes): void {
  const { last } = fold.meter;
  if (last !== null && sample.atMs <= last.atMs) {
    changes.ignored += 1;
    return;
  }
  const { meter, taken } = read(fold.meter, sample);
  for (const [slots, stepMs] of [
    [changes.minutes, minuteMs],
    [changes.hours, hourMs],
  ] as const) {
    addEnergy(slots, stepMs, taken, sample.atMs);
    if (last !== null && taken.meanW !== null) addPower(slots, stepMs, last, sample, taken.meanW);
  }
  fold.run = extend(fold.run, last, sample);
  changes.runs.set(fold.run.startMs, fold.run);
  fold.meter = meter;
}

function extend(run: Run | null, last: Sample | null, sample: Sample): Run {
  const fresh: Run = { startMs: sample.atMs, endMs: sample.atMs, powerW: sample.powerW };
  if (run === null || last === null) return fresh;
  if (sample.atMs - last.atMs > maxGapMs || sample.atMs - run.startMs > runMaxMs || !isSame(run.powerW, sample.powerW)) return fresh;
  run.endMs = sample.atMs;
  return run;
}

function isSame(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= Math.max(deadbandW, Math.abs(a) * deadbandShare);
}

function addEnergy(slots: Map<number, Slot>, stepMs: number, taken: Taken, untilMs: number): void {
  // A silence of hours is not cut into minutes: only hours carry its energy.
  if (taken.energyWh === 0 || (stepMs === minuteMs && untilMs - taken.fromMs > hourMs)) return;
  if (untilMs === taken.fromMs) return;
  for (const { slotMs, share } of slices(taken.fromMs, untilMs, stepMs)) slotOf(slots, slotMs).energyWh += taken.energyWh * share;
}

function addPower(slots: Map<number, Slot>, stepMs: number, before: Sample, after: Sample, meanW: number): void {
  for (const { slotMs, spanMs } of slices(before.atMs, after.atMs, stepMs)) {
    const slot = slotOf(slots, slotMs);
    slot.wattMs += meanW * spanMs;
    slot.knownMs += spanMs;
    slot.minW = Math.min(slot.minW ?? Number.POSITIVE_INFINITY, after.powerW ?? meanW);
    slot.maxW = Math.max(slot.maxW ?? Number.NEGATIVE_INFINITY, after.powerW ?? meanW);
  }
}

function slotOf(slots: Map<number, Slot>, slotMs: number): Slot {
  const known = slots.get(slotMs);
  if (known !== undefined) return known;
  const made: Slot = { energyWh: 0, wattMs: 0, knownMs: 0, minW: null, maxW: null };
  slots.set(slotMs, made);
  return made;
}
