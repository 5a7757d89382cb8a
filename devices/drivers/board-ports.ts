/** What small drivers (strike, relay, lamp, contact) stand on: one output or one input of a board, wherever the board runs. */
import type { Unsubscribe } from "./byte-line.ts";

/** `applied` only when the board itself reported the level back. */
export type OutputOutcome =
  | { readonly kind: "applied" }
  | { readonly kind: "failed"; readonly why: "not ready" | "board lost" | "not applied" | "no answer" };

export interface OutputPort {
  /** Resolves within the port's time limit, never rejects. Off also ends a pulse. */
  write(isOn: boolean): Promise<OutputOutcome>;
  /** On now, off after `pulseMs` without another command; a second pulse starts the time again. */
  pulse(pulseMs: number): Promise<OutputOutcome>;
}

/** `undefined`: not known, because the board is not there or has not told yet. */
export type InputLevel = "high" | "low" | undefined;

export interface InputPort {
  level(): InputLevel;
  /** Called with debounced levels, and with `undefined` when the board is lost. */
  onChange(listener: (level: InputLevel) => void): Unsubscribe;
}

/**
 * `hold`: ends with its host: written off at the start and at the end, dropped by the board when the host is silent.
 * `latch`: stays as it is over a restart of the host; only a command changes it.
 * `pulse`: a button that is pressed for `durationMs`. Our firmware ends the press by itself, whatever becomes of the host; with other
 * firmware the host times it.
 */
export type OutputConfig = {
  readonly pin: number;
  /** On is low: common relay modules. Boards without our firmware switch those on while they boot. */
  readonly activeLow: boolean;
} & ({ readonly type: "hold" | "latch" } | { readonly type: "pulse"; readonly durationMs: number });

/** Why a board started, from the chip's own register; "external" is the reset button, or the opening of the port. */
export type ResetCause = "power-on" | "external" | "brown-out" | "watchdog" | "unknown";

export interface InputConfig {
  readonly pin: number;
  readonly pullup: boolean;
  readonly debounceMs: number;
}

/** A CT clamp on an analog pin, biased to half of the supply. Only our firmware can measure it. */
export interface ClampConfig {
  /** 0 is A0 */
  readonly channel: number;
}

/** What a clamp showed in 200 ms. `isCut`: the wave touched an end of the range, and more current may flow than is told. */
export interface ClampWindow {
  readonly rmsV: number;
  readonly isCut: boolean;
}

export interface ClampPort {
  onWindow(listener: (window: ClampWindow) => void): Unsubscribe;
}

/** A character display (HD44780 behind a PCF8574) on the I2C bus: A4 and A5 of an Uno. */
export interface DisplayConfig {
  readonly address: number;
  readonly columns: number;
  readonly rows: number;
}

export interface DisplayPort {
  /** Shown as soon as it can be, and again after a loss; never rejects. One text a line, the rest of it is blank. */
  show(lines: readonly string[]): void;
  /** Told when it is there and when it is not; a board that is away has no display. */
  onState(listener: (isThere: boolean) => void): Unsubscribe;
}

/** A Wiegand reader on two pins with pull-ups. Only our firmware can hear it. */
export interface WiegandConfig {
  readonly pin0: number;
  readonly pin1: number;
}

export interface WiegandPort {
  /** A word as a text of 0 and 1 in the order of the pulses; "" when what came was no word. */
  onWord(listener: (word: string) => void): Unsubscribe;
}

export const pulseMsMin = 10;
export const pulseMsMax = 30_000;

/** Throws for a time that no strike or beeper needs: a program error, better loud than a door left open. */
export function checkedPulseMs(pulseMs: number): number {
  if (Number.isFinite(pulseMs) && pulseMs >= pulseMsMin && pulseMs <= pulseMsMax) return pulseMs;
  throw new RangeError(`a pulse lasts ${pulseMsMin} to ${pulseMsMax} ms; got ${pulseMs}`);
}
