// What every simulated Arduino offers, be it a chip running the real firmware (arduino.ts) or only its protocol (firmata-board.ts).

import type { Pty } from "./pty.ts";

/** What a pin puts on its wire: 0 or 1 if driven, "z" if it only listens (with or without pull-up). */
export type PinLevel = 0 | 1 | "z";

/** Why the board starts: the bits of the ATmega328P's MCUSR. */
export type ResetCause = "power-on" | "external" | "brown-out" | "watchdog";

export const resetCauseBits: Readonly<Record<ResetCause, number>> = { "power-on": 1, external: 2, "brown-out": 4, watchdog: 8 };

/** A pin changed what it drives. `pin` is the digital number, A0 is 14. */
export type PinListener = (pin: number, level: PinLevel, before: PinLevel) => void;

/** Something on the I2C bus, A4 and A5. */
export interface I2cDevice {
  /** Whether it answers to its address. */
  isThere(): boolean;
  write(byte: number): void;
  read(): number;
}

export interface SimulatedBoard {
  /** Applies power: the firmware boots (cause "power-on"). */
  start(): void;
  /** Takes power away: all pins "z", no more bytes, no more timers. */
  stop(): void;
  /** Restarts the firmware, as the reset button, DTR, a brown-out or the watchdog do. EEPROM and input levels stay. */
  reset(cause?: ResetCause): void;
  pinLevel(pin: number): PinLevel;
  /** What the world puts on a pin; "z" leaves it floating: 1 with pull-up, else 0. */
  setInput(pin: number, level: PinLevel): void;
  /** Volts 0–5 on an analog channel: 0 is A0. */
  setAnalog(channel: number, volts: number): void;
  /** Volts over the seconds of the board's own life, as a CT clamp gives them. Stays until the next `setAnalog`. */
  setWave(channel: number, voltsAt: (aliveS: number) => number): void;
  /** What a Wiegand reader sends: a pulse of 50 µs on `pin0` or `pin1` for each bit ("0" or "1"), one every 2 ms. */
  sendWiegand(pin0: number, pin1: number, bits: string): void;
  /** Puts a device on the I2C bus, for as long as the board exists. */
  attachI2c(address: number, device: I2cDevice): void;
  /** Returns the function that stops the calls. */
  onPinChange(listener: PinListener): () => void;
  readonly serial: {
    /** Bytes from the board to the host. Returns the function that stops the calls. */
    onTx(listener: (bytes: Uint8Array) => void): () => void;
    /** Bytes from the host to the board. */
    rx(bytes: Uint8Array): void;
  };
}

/** Joins a board to a cable, both ways. Returns the function that cuts it. */
export function attachToPty(board: SimulatedBoard, pty: Pty): () => void {
  const stopTx = board.serial.onTx((bytes) => pty.write(bytes));
  const stopRx = pty.onData((bytes) => board.serial.rx(bytes));
  return () => {
    stopTx();
    stopRx();
  };
}
