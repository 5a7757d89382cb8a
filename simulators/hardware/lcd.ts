// A character display as shops sell it: an HD44780 behind a PCF8574 on an I2C "backpack" (P0 RS, P1 RW, P2 E, P3 light, P4–P7 data).
// It takes what comes at a falling edge of E, nibble by nibble as the datasheet has it, and forgets everything without power.

import type { I2cDevice } from "./simulated-board.ts";

export interface SimulatedLcd extends I2cDevice {
  /** What people see, one line each; a character of CGRAM through `letterOf`, "?" without it. Dark displays show nothing. */
  lines(): readonly string[];
  isLit(): boolean;
  /** Pulls it off the bus, and puts it back after a power-on. */
  unplug(): void;
  plugIn(): void;
  /** Called after every change of what people see. */
  onChange(listener: () => void): void;
}

const [rs, enable, light] = [0x01, 0x04, 0x08];
const cells = 0x80;
const blank = 0x20;

export function createLcd(columns: number, rows: number, letterOf: (glyph: readonly number[]) => string = () => "?"): SimulatedLcd {
  let port = 0xff;
  let isPlugged = true;
  let isFourBit = false;
  let isOn = false;
  let pending: number | null = null;
  let address = 0;
  let isCgram = false;
  const ddram = new Uint8Array(cells);
  const cgram = new Uint8Array(64);
  const listeners = new Set<() => void>();

  function powerOn(): void {
    port = 0xff;
    isFourBit = isOn = isCgram = false;
    pending = null;
    address = 0;
    // what the cells hold after a power-on is chance, and so is the half of a display of two lines that lights up
    ddram.fill(0xff);
    cgram.fill(0x15);
  }
  powerOn();

  function instruct(byte: number): void {
    if (byte & 0x80) [isCgram, address] = [false, byte & 0x7f];
    else if (byte & 0x40) [isCgram, address] = [true, byte & 0x3f];
    else if (byte & 0x20) isFourBit = (byte & 0x10) === 0;
    else if (byte & 0x10)
      return; // shifts are not for us
    else if (byte & 0x08) isOn = (byte & 0x04) !== 0;
    else if (byte & 0x04)
      return; // entry mode: left to right
    else if (byte & 0x02) [isCgram, address] = [false, 0];
    else if (byte & 0x01) {
      ddram.fill(blank);
      [isCgram, address] = [false, 0];
    }
  }

  function take(byte: number, isData: boolean): void {
    if (!isData) instruct(byte);
    else if (isCgram) {
      cgram[address] = byte & 0x1f;
      address = (address + 1) & 0x3f;
    } else {
      ddram[address] = byte;
      address = (address + 1) & 0x7f;
    }
    for (const listener of listeners) listener();
  }

  /** Half a byte on D4–D7; before the display knows that it has four wires it takes each half for a whole with zeros below. */
  function latch(value: number): void {
    const half = value >> 4;
    const isData = (value & rs) !== 0;
    if (!isFourBit) take(half << 4, isData);
    else if (pending === null) pending = half;
    else {
      const byte = (pending << 4) | half;
      pending = null;
      take(byte, isData);
    }
  }

  const letter = (code: number): string => {
    if (code < 0x10) return letterOf([...cgram.subarray((code & 7) * 8, (code & 7) * 8 + 8)]);
    return code >= 0x20 && code < 0x7e && code !== 0x5c ? String.fromCharCode(code) : "?";
  };
  return {
    isThere: () => isPlugged,
    write(byte) {
      const fell = (port & enable) !== 0 && (byte & enable) === 0;
      const before = port;
      port = byte;
      if (fell) latch(before);
    },
    read: () => port,
    lines: () =>
      Array.from({ length: rows }, (_, row) => {
        const from = (row % 2) * 0x40 + (row >= 2 ? columns : 0);
        return isOn && isPlugged ? [...ddram.subarray(from, from + columns)].map(letter).join("") : "";
      }),
    isLit: () => isPlugged && (port & light) !== 0,
    unplug() {
      isPlugged = false;
      for (const listener of listeners) listener();
    },
    plugIn() {
      powerOn();
      isPlugged = true;
    },
    onChange: (listener) => void listeners.add(listener),
  };
}
