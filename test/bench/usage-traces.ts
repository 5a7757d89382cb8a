/**
 * Power of a workshop's machines over a month, one sample in ten seconds: the same for the same seed. Levels, duty cycles and noise
 * are those of domain.md §6.3; meters tell tenths of a watt. Work and rest last a minute or longer and keep clear of the
 * thresholds, so that plain SQL tells the same as thresholds with hysteresis do.
 */
import { type PowerClasses, powerClassesOf } from "../../hub/core/index.ts";

export const stepMs = 10_000;

export type Kind = {
  readonly name: string;
  readonly count: number;
  readonly classes: PowerClasses;
  /** standby; 0: switched off at the wall between uses */
  readonly restW: number;
  /** working level, and a second one a heater or a head goes to and fro to, with the length of a turn in samples */
  readonly workW: number;
  readonly highW: number;
  readonly turn: number;
  readonly noise: number;
  /** uses a day, and their length in minutes */
  readonly uses: number;
  readonly minutes: number;
};

const classesOf = (settings: Record<string, string | number>): PowerClasses => {
  const classes = powerClassesOf(settings);
  if (classes === null) throw new Error("bench: no thresholds");
  return classes;
};
/** Thirty seconds of least rest: shorter than any rest in the traces. */
const times = { minOnMs: 5000, minOffMs: 30_000 };
export const kinds: readonly Kind[] = [
  { name: "fdm", count: 12, classes: classesOf({ onW: 30, offW: 20, ...times }), restW: 7, workW: 70, highW: 260, turn: 6, noise: 0.01, uses: 0.8, minutes: 240 },
  { name: "laser", count: 6, classes: classesOf({ onW: 180, offW: 95, ...times }), restW: 45, workW: 320, highW: 900, turn: 9, noise: 0.02, uses: 5, minutes: 25 },
  { name: "cnc", count: 4, classes: classesOf({ onW: 220, offW: 160, ...times }), restW: 90, workW: 700, highW: 1100, turn: 15, noise: 0.02, uses: 1.5, minutes: 60 },
  { name: "saw", count: 8, classes: classesOf({ onW: 200, offW: 60, ...times }), restW: 0, workW: 600, highW: 1700, turn: 3, noise: 0.05, uses: 9, minutes: 3 },
  { name: "sewing", count: 8, classes: classesOf({ onW: 22, offW: 16, ...times }), restW: 6, workW: 60, highW: 95, turn: 2, noise: 0.03, uses: 3, minutes: 30 },
  { name: "other", count: 12, classes: classesOf({ onW: 50, offW: 30, ...times }), restW: 0, workW: 150, highW: 150, turn: 30, noise: 0.005, uses: 1, minutes: 40 },
]; // biome-ignore format: a table

export type Machine = { readonly name: string; readonly kind: Kind; readonly seed: number };
export const machinesOf = (most: number): Machine[] =>
  kinds
    .flatMap((kind) => Array.from({ length: kind.count }, (_, i) => ({ name: `${kind.name}-${i + 1}`, kind })))
    .map((machine, i) => ({ ...machine, seed: 1000 + i }))
    .slice(0, most);

/** Small and fast, 32 bits (mulberry32); the figures of the bench rest on no finer dice. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** `samples` tenths of a watt, the first at the beginning of a day. */
export function traceOf({ kind, seed }: Machine, samples: number): Int32Array {
  const roll = dice(seed);
  const watts = new Int32Array(samples);
  const perDay = 86_400_000 / stepMs;
  const least = 60_000 / stepMs;
  // One state until the next: rest, work, or off at the wall overnight for those with a switch.
  const meanRest = (perDay / kind.uses) * 0.6;
  let at = 0;
  let isWork = false;
  while (at < samples) {
    const hour = ((at % perDay) / perDay) * 24;
    const mean = isWork ? kind.minutes * (60_000 / stepMs) : meanRest * (hour < 9 ? 2.5 : 1);
    const length = Math.min(samples - at, least + Math.floor(-Math.log(1 - roll()) * mean));
    for (let i = 0; i < length; i += 1) {
      const level = isWork ? (Math.floor(i / kind.turn) % 2 === 0 ? kind.highW : kind.workW) : kind.restW;
      const noise = isWork ? 1 + (roll() - 0.5) * 2 * kind.noise : 1;
      // A power supply at rest moves by a tenth now and then.
      const flicker = !isWork && level > 0 && roll() < 0.05 ? 1 : 0;
      watts[at + i] = Math.round(level * 10 * noise) + flicker;
    }
    at += length;
    isWork = !isWork;
  }
  return watts;
}
