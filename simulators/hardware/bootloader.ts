// The bootloader of an Arduino Uno as avrdude meets it: Optiboot's part of STK500 version 1 (Atmel AVR061). It keeps the flash
// that was written; when avrdude leaves, it says so, and whoever simulates the board starts what is in the flash.

/** Commands, each ended by `endOfCommand`, which Optiboot knows. */
const stk = {
  getSync: 0x30,
  getParameter: 0x41,
  setDevice: 0x42,
  setDeviceExtended: 0x45,
  enterProgramming: 0x50,
  leaveProgramming: 0x51,
  loadAddress: 0x55,
  universal: 0x56,
  writePage: 0x64,
  readPage: 0x74,
  readSignature: 0x75,
} as const;
const endOfCommand = 0x20;
const inSync = 0x14;
const ok = 0x10;
const flashBytes = 32_768;
const atmega328p = [0x1e, 0x95, 0x0f];

export interface Bootloader {
  /** Bytes from avrdude. */
  rx(bytes: Uint8Array): void;
  /** What was written so far, as Intel HEX. */
  hex(): string;
}

export interface BootloaderOptions {
  readonly tx: (bytes: Uint8Array) => void;
  /** avrdude has left; the sketch would start now */
  readonly onLeave: () => void;
  /** a worn-out flash: this byte keeps its old value */
  readonly deadAddress?: number;
}

export function createBootloader({ tx, onLeave, deadAddress }: BootloaderOptions): Bootloader {
  const flash = new Uint8Array(flashBytes).fill(0xff);
  let heard: number[] = [];
  let address = 0;
  let isLeft = false;

  /** Bytes a command has beside its first and its end; undefined while that is not known yet. */
  const lengthOf = ([code, high, low]: readonly number[]): number | undefined => {
    if (code === stk.getParameter) return 1;
    if (code === stk.setDevice) return 20;
    if (code === stk.setDeviceExtended) return 5;
    if (code === stk.loadAddress) return 2;
    if (code === stk.universal) return 4;
    if (code === stk.readPage) return 3;
    if (code === stk.writePage) return high === undefined || low === undefined ? undefined : 3 + high * 256 + low;
    return 0;
  };

  /** What a command is answered with, beside the frame that every answer has. */
  const replyTo = ([code, first = 0, second = 0, ...rest]: readonly number[]): readonly number[] => {
    if (code === stk.getParameter) return [first === 0x81 || first === 0x82 ? 4 : 3];
    if (code === stk.universal) return [0];
    if (code === stk.readSignature) return atmega328p;
    if (code === stk.readPage) return [...flash.subarray(address, address + first * 256 + second)];
    if (code === stk.loadAddress) address = (first | (second << 8)) * 2;
    if (code === stk.writePage) {
      rest.slice(1).forEach((byte, index) => {
        if (address + index !== deadAddress && address + index < flashBytes) flash[address + index] = byte;
      });
    }
    return [];
  };

  const obey = (command: readonly number[]): void => {
    tx(Uint8Array.from([inSync, ...replyTo(command), ok]));
    if (command[0] !== stk.leaveProgramming) return;
    isLeft = true;
    onLeave();
  };

  return {
    rx(bytes) {
      heard.push(...bytes);
      while (heard.length > 0 && !isLeft) {
        const length = lengthOf(heard);
        if (length === undefined || heard.length < length + 2) return;
        if (heard[length + 1] === endOfCommand) obey(heard.slice(0, length + 1));
        heard = heard[length + 1] === endOfCommand ? heard.slice(length + 2) : heard.slice(1);
      }
    },
    hex() {
      const end = flash.findLastIndex((byte) => byte !== 0xff) + 1;
      const lines: string[] = [];
      for (let at = 0; at < end; at += 16) {
        const record = [Math.min(16, end - at), at >> 8, at & 0xff, 0, ...flash.subarray(at, Math.min(at + 16, end))];
        const sum = record.reduce((total, byte) => total + byte, 0);
        lines.push(
          `:${Buffer.from([...record, -sum & 0xff])
            .toString("hex")
            .toUpperCase()}`,
        );
      }
      return [...lines, ":00000001FF"].join("\n");
    },
  };
}
