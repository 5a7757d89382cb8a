/**
 * Counters of foreign plugs. They go back to 0 at a reboot, or by a part (Tasmota #1811: 183.360 to 181.522 kWh) without any
 * other sign, so only the difference tells: one that falls sets a new baseline and counts nothing; nothing is ever negative.
 */

export type CounterWalk = {
  /** energy per step, Wh; 0 where the counter fell */
  readonly deltasWh: readonly number[];
  /** the counter fell at least once */
  readonly didReset: boolean;
  /** counted since the last fall, or since the first reading */
  readonly sinceResetWh: number;
  /** last reading minus first: not an energy once the counter fell */
  readonly spanWh: number;
};

/** Readings of one counter in order of arrival, Wh; null and undefined readings say nothing. */
export function walkCounter(readingsWh: readonly (number | null | undefined)[]): CounterWalk {
  const readings = readingsWh.filter((reading) => typeof reading === "number");
  const deltasWh: number[] = [];
  let didReset = false;
  let sinceResetWh = 0;
  for (const [i, reading] of readings.entries()) {
    if (i === 0) continue;
    const delta = reading - (readings[i - 1] ?? reading);
    deltasWh.push(Math.max(0, delta));
    sinceResetWh = delta < 0 ? 0 : sinceResetWh + delta;
    if (delta < 0) didReset = true;
  }
  return { deltasWh, didReset, sinceResetWh, spanWh: (readings.at(-1) ?? 0) - (readings[0] ?? 0) };
}
