/**
 * One to three current clamps on the board as the meter of a machine. The board measures amperes (true RMS, 200 ms); watts are an
 * estimate, volts and power factor being settings: 102 VA of a real supply were 76 W (protocols.md B4). There is no counter, so whoever
 * reads this adds the energy up. A clamp around a whole cable reads nothing, and so does a machine that is off: neither is an error.
 */
import type { ClampConfig, ClampPort, ClampWindow } from "./board-ports.ts";
import type { MeterPort } from "./open-meter.ts";

export type ClampMeterWiring = {
  /** pins 14 to 19 are A0 to A5; one for each live conductor */
  readonly pin: number;
  readonly pin2?: number;
  readonly pin3?: number;
  readonly ampsPerVolt: number;
  readonly supplyV: number;
  readonly powerFactor: number;
  readonly noiseA: number;
  readonly uncertainPct: number;
};

/** What the clamps need of their board. */
export type ClampBoard = {
  clamp(name: string): ClampPort;
  onState(listener: (state: { readonly kind: "starting" | "ready" | "lost" }) => void): unknown;
};

/** A steady voltage between two steps of the converter (5 V / 1024) reads as half a step, whatever the clamp. */
const stepNoiseV = 0.51 * (5 / 1024);
const firstAnalogPin = 14;
/** A window comes every 200 ms; a reading that finds none since the last one may still use it. */
const freshMs = 700;
const cutSentence =
  "a current clamp goes beyond the range of its pin: more flows than can be told; take a smaller burden resistor or a larger clamp";

const clampsOf = ({ pin, pin2, pin3 }: Pick<ClampMeterWiring, "pin" | "pin2" | "pin3">) =>
  [pin, pin2, pin3].flatMap((each) => (each === undefined ? [] : [{ name: `clamp ${each}`, channel: each - firstAnalogPin }]));

/** The part of a board's configuration that a meter needs. */
export function boardClamps(wiring: { readonly kind: string } | undefined): Readonly<Record<string, ClampConfig>> {
  if (wiring?.kind !== "clamp") return {};
  const clamps = clampsOf(wiring as { readonly kind: "clamp" } & ClampMeterWiring);
  return Object.fromEntries(clamps.map(({ name, channel }) => [name, { channel }]));
}

/** Amperes of one window; what a clamp shows without a load is none. */
export function ampsOf({ rmsV }: ClampWindow, { ampsPerVolt, noiseA }: Pick<ClampMeterWiring, "ampsPerVolt" | "noiseA">): number {
  return rmsV < stepNoiseV || rmsV * ampsPerVolt < noiseA ? 0 : rmsV * ampsPerVolt;
}

type Heard = { sumA: number; windows: number; lastA: number; lastMs: number };

/** `read` gives the mean since the last one; null while a clamp says nothing. `nowMs` is a steady clock, for tests. */
export function openClampMeter(
  wiring: ClampMeterWiring,
  board: ClampBoard,
  onTrouble: (sentence: string) => void,
  nowMs: () => number = () => performance.now(),
): MeterPort {
  const heard = new Map<string, Heard>();
  const cut = new Set<string>();
  const clamps = clampsOf(wiring);
  for (const { name } of clamps) {
    board.clamp(name).onWindow((window) => {
      if (window.isCut && cut.size === 0) onTrouble(cutSentence);
      if (window.isCut) cut.add(name);
      else cut.delete(name);
      const amps = ampsOf(window, wiring);
      const { sumA, windows } = heard.get(name) ?? { sumA: 0, windows: 0 };
      heard.set(name, { sumA: sumA + amps, windows: windows + 1, lastA: amps, lastMs: nowMs() });
    });
  }
  board.onState(() => heard.clear()); // what came before a loss says nothing of now

  return {
    async read() {
      let amps = 0;
      for (const { name } of clamps) {
        const since = heard.get(name);
        if (since === undefined || nowMs() - since.lastMs > freshMs) return null;
        amps += since.windows === 0 ? since.lastA : since.sumA / since.windows;
      }
      for (const since of heard.values()) since.sumA = since.windows = 0;
      const powerW = amps * wiring.supplyV * wiring.powerFactor;
      return { powerW, energyWh: null, voltageV: null, uncertainPct: wiring.uncertainPct };
    },
    close: async () => undefined,
  };
}
