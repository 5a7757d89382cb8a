/** Small parts of the virtual building: pins without a board, a reader, clocks that die with their program, a silent log. */
import type { CardReader } from "../devices/kit/reader-channel.ts";
import type { Clock, Log, Series } from "../hub/ports.ts";
import type { Level, Pins } from "./bodies.ts";
import type { Dice } from "./random.ts";
import type { VirtualScheduler } from "./scheduler.ts";

/** One run of one program: once it has ended, its timers and wires are dead. */
export type Life = { alive: boolean };

/**
 * The clocks a program sees: monotonic time begins with its life, wall time is the world's, or `wallMs` at the start of that
 * life for a computer without a battery clock.
 */
export function virtualClock(
  scheduler: VirtualScheduler,
  startMs: number,
  life: Life = { alive: true },
  given: { monoFromMs?: number; wallMs?: number } = {},
): Clock {
  const { monoFromMs = 0 } = given;
  const wallFromMs = given.wallMs === undefined ? startMs : given.wallMs - scheduler.nowMs();
  const after = (delayMs: number, run: () => void): (() => void) => scheduler.after(delayMs, () => life.alive && run());
  return {
    nowMs: () => wallFromMs + Math.floor(scheduler.nowMs()),
    monoMs: () => scheduler.nowMs() - monoFromMs,
    after: (_name, delayMs, run) => after(delayMs, run),
    every(_name, periodMs, run) {
      let cancel = (): void => undefined;
      const again = (): void => {
        cancel = after(periodMs, () => {
          again();
          run();
        });
      };
      again();
      return () => cancel();
    },
  };
}

/** A reader that repeats the card every 65 ms while it is near. A card may lie on it across the lives of its node. */
export function virtualReader(scheduler: VirtualScheduler) {
  let listeners: Parameters<CardReader["onRead"]>[0][] = [];
  let lying: string | null = null;
  const read = (card: string): void => {
    for (const listen of listeners) listen({ kind: "card", number: `em4100:${card}` });
  };
  const repeat = (): void => {
    if (lying === null) return;
    read(lying);
    scheduler.after(65, repeat);
  };
  return {
    /** For one life of the node; the reader of the life before is deaf. */
    forLife(life: Life): CardReader {
      listeners = [];
      return {
        onRead: (listener) => void listeners.push((frame) => life.alive && listener(frame)),
        onState: () => undefined,
        close: () => undefined,
      };
    },
    present(card: string, forMs: number): void {
      for (let at = 0; at <= forMs; at += 65) scheduler.after(at, () => read(card));
    },
    insert(card: string): void {
      const isNew = lying === null;
      lying = card;
      if (isNew) repeat();
    },
    remove(): void {
      lying = null;
    },
  };
}

/** Levels of a board's pins without a board. */
export function createPins() {
  const outputs = new Map<number, Level>();
  const inputs = new Map<number, 0 | 1>();
  const watchers: ((pin: number, level: Level) => void)[] = [];
  const listeners: { pin: number; run: (level: 0 | 1) => void }[] = [];
  const pins: Pins = {
    level: (pin) => outputs.get(pin) ?? "z",
    onChange: (watch) => void watchers.push(watch),
    setInput(pin, level) {
      if (inputs.get(pin) === level) return;
      inputs.set(pin, level);
      for (const listener of listeners) if (listener.pin === pin) listener.run(level);
    },
  };
  return {
    ...pins,
    drive(pin: number, level: 0 | 1) {
      if (outputs.get(pin) === level) return;
      outputs.set(pin, level);
      for (const watch of watchers) watch(pin, level);
    },
    onInput: (pin: number, run: (level: 0 | 1) => void) => void listeners.push({ pin, run }),
    /** an input as an on/off sense; `onLevel` is the level that means on */
    sense: (pin: number, onLevel: 0 | 1) => ({
      read: () => inputs.get(pin) === onLevel,
      onChange: (listener: (on: boolean | null) => void) => void listeners.push({ pin, run: (level) => listener(level === onLevel) }),
    }),
  };
}
export type VirtualPins = ReturnType<typeof createPins>;

export const bytesOf = (random: Dice, count: number): Uint8Array => Uint8Array.from({ length: count }, () => random.int(0, 255));
export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
export const noSeries: Series = {
  power: () => undefined,
  state: () => undefined,
  classify: () => undefined,
  energySince: () => null,
  health: () => ({ ok: true, waiting: 0, sentence: "" }),
  close: async () => undefined,
};
