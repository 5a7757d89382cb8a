/**
 * Turns a machine's samples into what is stored: runs of unchanged power, sums per minute and hour, and what the hours were used
 * for. A run goes on while the power stays within 1 W or 1 % of its first value and on the same side of every threshold, so an
 * idle machine costs one row a day and is classified from its runs as from its samples.
 */
import { type ClassSink, type ClassState, classify, newClassState, type PowerClasses, tellSure, zoneOf } from "#core/power-class.ts";
import { hourMs, type Meter, maxGapMs, minuteMs, newMeter, read, type Sample, slices, type Taken } from "./energy.ts";
import type { Run } from "./packed.ts";

const deadbandW = 1;
const deadbandShare = 0.01;
/** A run is cut here, so that old runs can be packed by day and a crash loses little. */
const runMaxMs = 24 * hourMs;

export type Slot = { energyWh: number; wattMs: number; knownMs: number; minW: number | null; maxW: number | null };
/** What an hour was used for; `starts` are the beginnings of work in it. */
export type Use = { busyMs: number; idleMs: number; starts: number };
export type MachineFold = { meter: Meter; run: Run | null; classes: PowerClasses | null; state: ClassState | null };
export const newFold = (classes: PowerClasses | null = null): MachineFold => ({ meter: newMeter, run: null, classes, state: null });
/** What a batch changed: runs to write as they are, sums to add to what is stored. */
export type Changes = {
  readonly runs: Map<number, Run>;
  readonly minutes: Map<number, Slot>;
  readonly hours: Map<number, Slot>;
  readonly uses: Map<number, Use>;
  ignored: number;
};

export const noChanges = (): Changes => ({ runs: new Map(), minutes: new Map(), hours: new Map(), uses: new Map(), ignored: 0 });

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
  const silence = fold.run === null || last === null ? null : silenceBetween(last, sample, taken);
  const run = silence ?? fold.run;
  if (run !== null && (silence !== null || taken.energyWh !== 0)) {
    run.energyWh += taken.energyWh;
    changes.runs.set(run.startMs, run);
  }
  if (last !== null && last.powerW !== null && taken.meanW !== null && fold.classes !== null) {
    fold.state ??= newClassState(last.atMs);
    classify(fold.state, fold.classes, last.atMs, sample.atMs, last.powerW, usesInto(changes.uses));
  }
  const before = fold.run;
  fold.run = extend(fold, last, sample, taken);
  if (before !== null && before !== fold.run) changes.runs.set(before.startMs, before);
  changes.runs.set(fold.run.startMs, fold.run);
  fold.meter = meter;
}

/** After the samples of a batch: what is sure by now of the machine's use. */
export function finish(fold: MachineFold, changes: Changes): void {
  if (fold.state !== null) tellSure(fold.state, usesInto(changes.uses));
}

/** Adds what is sure of a machine's use to the hours it falls in. */
export function usesInto(uses: Map<number, Use>): ClassSink {
  return {
    stretch(fromMs, toMs, cls) {
      if (cls === "off") return;
      for (const { slotMs, spanMs } of slices(fromMs, toMs, hourMs)) {
        const use = entryOf(uses, slotMs);
        if (cls === "busy") use.busyMs += spanMs;
        else use.idleMs += spanMs;
      }
    },
    began(atMs) {
      entryOf(uses, Math.floor(atMs / hourMs) * hourMs).starts += 1;
    },
  };
}

function entryOf(uses: Map<number, Use>, slotMs: number): Use {
  const known = uses.get(slotMs);
  if (known !== undefined) return known;
  const made: Use = { busyMs: 0, idleMs: 0, starts: 0 };
  uses.set(slotMs, made);
  return made;
}

/**
 * A run of unknown power in a silence that is too short to be told by what lies between two runs: it ends when the next one begins,
 * like every run of unknown power, so an instant is enough.
 */
function silenceBetween(last: Sample, sample: Sample, { isSilence }: Taken): Run | null {
  if (!isSilence || sample.atMs - last.atMs > maxGapMs || last.powerW === null || sample.powerW === null) return null;
  return { startMs: last.atMs + 1, endMs: last.atMs + 1, powerW: null, energyWh: 0 };
}

function extend({ run, classes }: MachineFold, last: Sample | null, sample: Sample, { isSilence, meanW }: Taken): Run {
  const fresh: Run = { startMs: sample.atMs, endMs: sample.atMs, powerW: sample.powerW, energyWh: 0 };
  if (run === null || last === null || isSilence) return fresh;
  if (sample.atMs - run.startMs <= runMaxMs && isSame(run.powerW, sample.powerW, classes)) {
    run.endMs = sample.atMs;
    return run;
  }
  // A meter that tells seldom: what is known between two runs must not look like a silence.
  if (meanW !== null) run.endMs = Math.max(run.endMs, sample.atMs - maxGapMs);
  return fresh;
}

function isSame(a: number | null, b: number | null, classes: PowerClasses | null): boolean {
  if (a === null || b === null) return a === b;
  if (Math.abs(a - b) > Math.max(deadbandW, Math.abs(a) * deadbandShare)) return false;
  return classes === null || zoneOf(classes, a) === zoneOf(classes, b);
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
