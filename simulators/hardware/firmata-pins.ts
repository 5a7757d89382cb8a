// The pins of a simulated board without a chip, with the promises of devices/firmware/koprade/pins.h: nothing is on unless a
// host said so after the start, a dropped or ended output needs an off before the next on, and "on" is what the wiring says.

import { mode, role, type Wiring } from "./firmata-wire.ts";
import type { PinLevel, PinListener } from "./simulated-board.ts";

export interface FirmataPins {
  levelOf(pin: number): PinLevel;
  modeOf(pin: number): number;
  /** Whether an output is on, or an input has its pull-up: what a pin state query answers. */
  stateOf(pin: number): boolean;
  wiringOf(pin: number): Wiring;
  setMode(pin: number, wanted: number): void;
  write(pin: number, value: boolean): void;
  /** Switches an output off before its wiring changes. */
  setWiring(pin: number, wiring: Wiring): void;
  /** Switches every hold output off; returns the pins that were on. */
  dropHolds(): readonly number[];
  setInput(pin: number, level: PinLevel): void;
  /** The inputs among the eight pins of a port that are high, one bit each. */
  inputsOf(port: number): number;
  /** What a power cut does: everything lets go at once. */
  halt(): void;
}

interface Pin {
  mode: number;
  isPulledUp: boolean;
  isOn: boolean;
  isCommanded: boolean;
  pulseEnd: NodeJS.Timeout | undefined;
  input: PinLevel;
}

export const pinCount = 20;
export const firstAnalogPin = 14;
const plainWiring: Wiring = { role: role.plain, isActiveLow: false, durationMs: 0 };

/** Pins 0 and 1 are the serial line; they have no modes. */
export function isUsablePin(pin: number): boolean {
  return pin >= 2 && pin < pinCount;
}

/** `wirings` is the board's memory; `onChange` hears every change of what a pin drives. */
export function createFirmataPins(wirings: Map<number, Wiring>, onChange: PinListener): FirmataPins {
  const pins = Array.from({ length: pinCount }, blankPin);
  const wiringOf = (pin: number): Wiring => wirings.get(pin) ?? plainWiring;

  const { levelOf, change, drive } = createDrives(pins, wiringOf, onChange);

  function setMode(pin: number, wanted: number): void {
    const it = pins[pin];
    if (!it || !isUsablePin(pin) || (wanted === mode.output && it.mode === mode.output)) return;
    if (wanted === mode.analog && pin < firstAnalogPin) return;
    if (it.mode === mode.output) drive(pin, false);
    change(pin, () => {
      if (it.mode === mode.output) Object.assign(it, { mode: mode.input, isCommanded: false });
      if (wanted === mode.input || wanted === mode.output || wanted === mode.analog || wanted === mode.pullup || wanted === mode.i2c) {
        Object.assign(it, { mode: wanted, isPulledUp: wanted === mode.pullup || wanted === mode.i2c });
      }
    });
  }

  function write(pin: number, value: boolean): void {
    const it = pins[pin];
    if (!it || !isUsablePin(pin)) return;
    // johnny-five's buttons still switch the pull-up on by writing to an input, as Firmata had it before 2.5.
    if (it.mode === mode.input && wiringOf(pin).role === role.plain) it.isPulledUp = value;
    if (it.mode !== mode.output || value === it.isCommanded) return;
    it.isCommanded = value;
    drive(pin, value);
  }

  function setWiring(pin: number, wiring: Wiring): void {
    const old = wiringOf(pin);
    if (old.role === wiring.role && old.isActiveLow === wiring.isActiveLow && old.durationMs === wiring.durationMs) return;
    const wasOutput = pins[pin]?.mode === mode.output;
    if (wasOutput) setMode(pin, mode.input);
    wirings.set(pin, wiring);
    if (wasOutput) setMode(pin, mode.output);
  }

  return {
    levelOf,
    modeOf: (pin) => (isUsablePin(pin) ? (pins[pin]?.mode ?? mode.ignore) : mode.ignore),
    stateOf: (pin) => (pins[pin]?.mode === mode.output ? pins[pin].isOn : pins[pin]?.mode === mode.pullup),
    wiringOf,
    setMode,
    write,
    setWiring,
    dropHolds() {
      const dropped = pins.flatMap((it, pin) => (it.isOn && wiringOf(pin).role === role.hold ? [pin] : []));
      for (const pin of dropped) drive(pin, false);
      return dropped;
    },
    setInput(pin, level) {
      const it = pins[pin];
      if (it) it.input = level;
    },
    inputsOf: (port) => inputsOf(pins, port),
    halt() {
      for (let pin = 0; pin < pinCount; pin++) {
        change(pin, (it) => {
          clearTimeout(it.pulseEnd);
          Object.assign(it, { ...blankPin(), input: it.input });
        });
      }
    },
  };
}

/** What the pins drive, by role and wiring, and who hears of it. */
function createDrives(pins: readonly Pin[], wiringOf: (pin: number) => Wiring, onChange: PinListener) {
  function levelOf(pin: number): PinLevel {
    const it = pins[pin];
    if (!it || it.mode !== mode.output) return "z";
    return it.isOn === wiringOf(pin).isActiveLow ? 0 : 1;
  }

  /** Makes a change to a pin and tells the listeners what became of its level. */
  function change(pin: number, apply: (it: Pin) => void): void {
    const it = pins[pin];
    if (!it) return;
    const before = levelOf(pin);
    apply(it);
    const after = levelOf(pin);
    if (after !== before) onChange(pin, after, before);
  }

  function drive(pin: number, isOn: boolean): void {
    change(pin, (it) => {
      clearTimeout(it.pulseEnd);
      it.isOn = isOn;
      if (isOn && wiringOf(pin).role === role.pulse) it.pulseEnd = setTimeout(() => drive(pin, false), wiringOf(pin).durationMs);
    });
  }

  return { levelOf, change, drive };
}

const isHigh = (it: Pin | undefined): boolean => it !== undefined && (it.input === "z" ? it.isPulledUp : it.input === 1);

/** The levels of a port's inputs, a bit each. */
function inputsOf(pins: readonly Pin[], port: number): number {
  let levels = 0;
  for (let bit = 0; bit < 8; bit++) {
    const kind = pins[port * 8 + bit]?.mode;
    if (isUsablePin(port * 8 + bit) && (kind === mode.input || kind === mode.pullup) && isHigh(pins[port * 8 + bit])) levels |= 1 << bit;
  }
  return levels;
}

function blankPin(): Pin {
  return { mode: mode.input, isPulledUp: false, isOn: false, isCommanded: false, pulseEnd: undefined, input: "z" };
}
