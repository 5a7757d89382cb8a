/**
 * Energy between two samples of a meter: from its counter when both have one, else from power over time. Used for the embedded
 * store and for what InfluxDB gives back, so that both say the same.
 */

/** One reading: `powerW` null when the meter said nothing, `energyWh` its counter or null when it has none. */
export type Sample = { readonly atMs: number; readonly powerW: number | null; readonly energyWh: number | null };

/** Between samples farther apart than this nothing is known of the power. A counter still counts. */
export const maxGapMs = 120_000;
export const hourMs = 3_600_000;
export const minuteMs = 60_000;

export type Interval = {
  /** energy taken between the two samples, Wh */
  readonly energyWh: number;
  /** mean power in between, W; null when unknown */
  readonly meanW: number | null;
};

/**
 * What happened from one sample to the next. A counter that falls has started again at zero: then its new value is what was
 * taken since (PZEM-004T v3 manual, "reset energy"). Two identical counters mean zero, not unknown.
 */
export function between(before: Sample, after: Sample): Interval {
  const spanMs = after.atMs - before.atMs;
  const isKnown = before.powerW !== null && after.powerW !== null && spanMs <= maxGapMs;
  const meanW = isKnown ? ((before.powerW ?? 0) + (after.powerW ?? 0)) / 2 : null;
  if (before.energyWh !== null && after.energyWh !== null) {
    return { energyWh: after.energyWh >= before.energyWh ? after.energyWh - before.energyWh : after.energyWh, meanW };
  }
  return { energyWh: meanW === null ? 0 : (meanW * spanMs) / hourMs, meanW };
}

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
  let before: Sample | null = null;
  for (const sample of samples) {
    if (before !== null && sample.atMs > before.atMs) addInterval(hours, before, sample);
    if (before === null || sample.atMs > before.atMs) before = sample;
  }
  return hours;
}

function addInterval(hours: Map<number, HourSum>, before: Sample, after: Sample): void {
  const { energyWh, meanW } = between(before, after);
  for (const slice of slices(before.atMs, after.atMs, hourMs)) {
    const sum = hours.get(slice.slotMs) ?? { energyWh: 0, knownMs: 0 };
    sum.energyWh += energyWh * slice.share;
    if (meanW !== null) sum.knownMs += slice.spanMs;
    hours.set(slice.slotMs, sum);
  }
}
