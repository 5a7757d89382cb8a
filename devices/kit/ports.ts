/**
 * What every node needs of the world, as interfaces: time, dice and a log. A real node binds them in its `main.ts`; a
 * simulation binds a virtual clock and seeded dice and runs the very same node code.
 */

/** Wall clock for labels, monotonic for durations (since process start). Timers have names for diagnostics. */
export type Clock = {
  /** what the operating system believes, UTC ms; may step */
  nowMs(): number;
  monoMs(): number;
  /** calls `run` once; the returned function cancels */
  after(name: string, delayMs: number, run: () => void): () => void;
  every(name: string, periodMs: number, run: () => void): () => void;
};

/** Random bytes, from the operating system or from a seed. */
export type Dice = (count: number) => Uint8Array;

/** Structured, few lines; never card numbers, names or secrets. */
export type Log = {
  info(facts: Readonly<Record<string, unknown>>, sentence: string): void;
  warn(facts: Readonly<Record<string, unknown>>, sentence: string): void;
  error(facts: Readonly<Record<string, unknown>>, sentence: string): void;
};

/** Cancels or closes what a call began; calling it twice is fine. */
export type Cancel = () => void;

/** The same clock, whose timers arrive on the node's loop as everything else does. */
export function postingClock(clock: Clock, post: (task: () => void) => void): Clock {
  return {
    nowMs: () => clock.nowMs(),
    monoMs: () => clock.monoMs(),
    after: (name, delayMs, run) => clock.after(name, delayMs, () => post(run)),
    every: (name, periodMs, run) => clock.every(name, periodMs, () => post(run)),
  };
}
