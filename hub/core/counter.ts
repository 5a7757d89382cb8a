/** What a meter's energy counter says between two readings. */

/** The most that any meter we read can count: three phases of 100 A at 230 V. */
const mostW = 69_000;
/** Of a silence longer than this nothing is known that would make a fallen counter credible. */
const knownMs = 120_000;
const nearly = 0.9;
const hourMs = 3_600_000;

/**
 * Energy taken between two readings, Wh. A counter that falls has started again at zero, and its new value is what was taken since
 * (PZEM-004T v3 manual, "reset energy"; domain.md §4.3) – where that could have been taken in the time. Some fall by a part
 * (Tasmota: 183.360 kWh, then 181.522), and no meter comes from zero to nearly where it was: such a value is a new beginning to count
 * from, and nothing more.
 */
export function counterGainWh(beforeWh: number, nowWh: number, spanMs: number): number {
  if (nowWh >= beforeWh) return nowWh - beforeWh;
  if (nowWh > beforeWh * nearly) return 0;
  return nowWh <= (mostW * Math.min(spanMs, knownMs)) / hourMs ? nowWh : 0;
}
