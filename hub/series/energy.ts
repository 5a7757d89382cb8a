/**
 * Energy from the samples of a meter: from its counter when it has one, else from power over time. Used for the embedded
 * store and for what InfluxDB gives back, so that both say the same.
 */

import { counterGainWh } from "#core/counter.ts"; // alone: the whole core would be another 30 MB in this thread

/** One reading: `powerW` null when the meter said nothing, `energyWh` its counter or null when it has none. */
export type Sample = { readonly atMs: number; readonly powerW: number | null; readonly energyWh: number | null };

/** Stored runs farther apart than this are so because nothing is known of the time between; nearer ones touch, or a silence stands between. */
export const maxGapMs = 120_000;
/** What travels may be late by seconds: less than this is no silence, however short the steps. Samples of a second come ten at a time. */
const bridgedLeastMs = 5000;
/** Whoever tells less often than every five minutes does not know what a machine does. */
const bridgedMostMs = 600_000;
/** A counter that has not been heard for this long while power was has gone: power over time counts from then on. */
const counterSilenceMs = 600_000;
export const hourMs = 3_600_000;
export const minuteMs = 60_000;

/** How far apart the last samples came, ms, newest last; Infinity where there were none. */
export type Steps = readonly [number, number, number];
/** What is remembered of a meter between samples: the last one, the last reading of its counter, and how often it tells. */
export type Meter = { readonly last: Sample | null; readonly counterMs: number; readonly counterWh: number | null; readonly steps: Steps };
const noSteps: Steps = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
export const newMeter: Meter = { last: null, counterMs: 0, counterWh: null, steps: noSteps };

/**
 * Between samples farther apart than this nothing is known of the power (reports.md M28: twice the meter's own interval); a counter still
 * counts. The interval is the least of the last three, so that what is lost is missed at once, and a slower meter is known after three.
 */
export function bridgedMs(steps: Steps): number {
  const usualMs = Math.min(...steps);
  return usualMs === Number.POSITIVE_INFINITY ? maxGapMs : Math.min(bridgedMostMs, Math.max(bridgedLeastMs, 2 * usualMs));
}

function withStep(steps: Steps, stepMs: number): Steps {
  const [first, second, third] = steps;
  return first === stepMs && second === stepMs && third === stepMs ? steps : [second, third, stepMs];
}

export type Taken = {
  /** energy taken since `fromMs`, Wh */
  readonly energyWh: number;
  readonly fromMs: number;
  /** mean power since the sample before, W; null when unknown */
  readonly meanW: number | null;
  /** samples are missing since the one before */
  readonly isSilence: boolean;
};

/**
 * One more sample of a meter, newer than the last. Meters send their counter less often than their power: while it is to come,
 * no energy is counted, and when it comes it counts for the whole time since.
 */
export function read(meter: Meter, sample: Sample): { readonly meter: Meter; readonly taken: Taken } {
  const { last, counterMs, counterWh } = meter;
  const apartMs = last === null ? 0 : sample.atMs - last.atMs;
  const isSilence = apartMs > bridgedMs(meter.steps);
  const meanW = last === null || isSilence ? null : meanOf(last, sample);
  const fromMs = last?.atMs ?? sample.atMs;
  const steps = last === null ? meter.steps : withStep(meter.steps, apartMs);
  if (sample.energyWh !== null) {
    const next: Meter = { last: sample, counterMs: sample.atMs, counterWh: sample.energyWh, steps };
    if (counterWh === null) return { meter: next, taken: { energyWh: integral(meanW, apartMs), fromMs, meanW, isSilence } };
    const energyWh = counterGainWh(counterWh, sample.energyWh, sample.atMs - counterMs);
    return { meter: next, taken: { energyWh, fromMs: counterMs, meanW, isSilence } };
  }
  const isDue = counterWh !== null && sample.atMs - counterMs <= counterSilenceMs;
  const next: Meter = isDue ? { last: sample, counterMs, counterWh, steps } : { last: sample, counterMs: 0, counterWh: null, steps };
  return { meter: next, taken: { energyWh: isDue ? 0 : integral(meanW, apartMs), fromMs, meanW, isSilence } };
}

const meanOf = (before: Sample, after: Sample): number | null =>
  before.powerW === null || after.powerW === null ? null : (before.powerW + after.powerW) / 2;

const integral = (meanW: number | null, spanMs: number): number => (meanW === null ? 0 : (meanW * spanMs) / hourMs);

export type Slice = { readonly slotMs: number; readonly share: number; readonly spanMs: number };

/** Cuts the time from one instant to another at the borders of slots (minutes, hours), with the share that falls in each. */
export function slices(fromMs: number, toMs: number, stepMs: number): Slice[] {
  const whole = toMs - fromMs;
  if (whole <= 0) return [];
  const parts: Slice[] = [];
  for (let at = fromMs; at < toMs; ) {
    const slotMs = Math.floor(at / stepMs) * stepMs;
    const endMs = Math.min(toMs, slotMs + stepMs);
    parts.push({ slotMs, share: (endMs - at) / whole, spanMs: endMs - at });
    at = endMs;
  }
  return parts;
}

export type HourSum = { energyWh: number; knownMs: number };

/** Energy and known time per hour of samples in order of time. Long silences are spread by the counter over their hours. */
export function hourSums(samples: Iterable<Sample>): Map<number, HourSum> {
  const hours = new Map<number, HourSum>();
  const sumOf = (slotMs: number): HourSum => {
    const sum = hours.get(slotMs) ?? { energyWh: 0, knownMs: 0 };
    hours.set(slotMs, sum);
    return sum;
  };
  let meter = newMeter;
  for (const sample of samples) {
    const before = meter.last;
    if (before !== null && sample.atMs <= before.atMs) continue;
    const { meter: next, taken } = read(meter, sample);
    meter = next;
    for (const { slotMs, share } of slices(taken.fromMs, sample.atMs, hourMs)) sumOf(slotMs).energyWh += taken.energyWh * share;
    if (before === null || taken.meanW === null) continue;
    for (const { slotMs, spanMs } of slices(before.atMs, sample.atMs, hourMs)) sumOf(slotMs).knownMs += spanMs;
  }
  return hours;
}
