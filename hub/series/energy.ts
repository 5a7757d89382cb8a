/**
 * Energy from the samples of a meter: from its counter when it has one, else from power over time. Used for the embedded
 * store and for what InfluxDB gives back, so that both say the same.
 */

import { counterGainWh } from "#core/counter.ts"; // alone: the whole core would be another 30 MB in this thread

/** One reading: `powerW` null when the meter said nothing, `energyWh` its counter or null when it has none. */
export type Sample = { readonly atMs: number; readonly powerW: number | null; readonly energyWh: number | null };

/** Between samples farther apart than this nothing is known of the power. A counter still counts. */
export const maxGapMs = 120_000;
/** A counter that has not been heard for this long while power was has gone: power over time counts from then on. */
const counterSilenceMs = 600_000;
export const hourMs = 3_600_000;
export const minuteMs = 60_000;

/** What is remembered of a meter between samples: the last one, and the last reading of its counter. */
export type Meter = { readonly last: Sample | null; readonly counterMs: number; readonly counterWh: number | null };
export const newMeter: Meter = { last: null, counterMs: 0, counterWh: null };

export type Taken = {
  /** energy taken since `fromMs`, Wh */
  readonly energyWh: number;
  readonly fromMs: number;
  /** mean power since the sample before, W; null when unknown */
  readonly meanW: number | null;
};

/**
 * One more sample of a meter, newer than the last. Meters send their counter less often than their power: while it is to come,
 * no energy is counted, and when it comes it counts for the whole time since.
 */
export function read(meter: Meter, sample: Sample): { readonly meter: Meter; readonly taken: Taken } {
  const { last, counterMs, counterWh } = meter;
  const meanW = last === null ? null : meanOf(last, sample);
  const lastMs = last?.atMs ?? sample.atMs;
  if (sample.energyWh !== null) {
    const next: Meter = { last: sample, counterMs: sample.atMs, counterWh: sample.energyWh };
    if (counterWh === null) return { meter: next, taken: { energyWh: integral(meanW, sample.atMs - lastMs), fromMs: lastMs, meanW } };
    const energyWh = counterGainWh(counterWh, sample.energyWh, sample.atMs - counterMs);
    return { meter: next, taken: { energyWh, fromMs: counterMs, meanW } };
  }
  const isDue = counterWh !== null && sample.atMs - counterMs <= counterSilenceMs;
  const next: Meter = isDue ? { last: sample, counterMs, counterWh } : { last: sample, counterMs: 0, counterWh: null };
  return { meter: next, taken: { energyWh: isDue ? 0 : integral(meanW, sample.atMs - lastMs), fromMs: lastMs, meanW } };
}

function meanOf(before: Sample, after: Sample): number | null {
  if (before.powerW === null || after.powerW === null || after.atMs - before.atMs > maxGapMs) return null;
  return (before.powerW + after.powerW) / 2;
}

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
