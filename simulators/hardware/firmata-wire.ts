// The numbers of the Firmata protocol 2.6 and of our extension, and a parser of what a host sends.
// The firmware's own copy is devices/firmware/koprade/host.c; the meaning is in devices/firmware/README.md.

export const firmata = {
  digitalMessage: 0x90,
  reportAnalog: 0xc0,
  reportDigital: 0xd0,
  analogMessage: 0xe0,
  startSysex: 0xf0,
  setPinMode: 0xf4,
  setDigitalPin: 0xf5,
  endSysex: 0xf7,
  reportVersion: 0xf9,
  systemReset: 0xff,
} as const;

export const sysex = {
  koprade: 0x01,
  analogMappingQuery: 0x69,
  analogMappingResponse: 0x6a,
  capabilityQuery: 0x6b,
  capabilityResponse: 0x6c,
  pinStateQuery: 0x6d,
  pinStateResponse: 0x6e,
  reportFirmware: 0x79,
  samplingInterval: 0x7a,
  i2cRequest: 0x76,
  i2cReply: 0x77,
  i2cConfig: 0x78,
} as const;

export const extension = {
  hello: 0,
  wiring: 1,
  watchdog: 2,
  ping: 3,
  dropped: 4,
  watchCurrent: 5,
  current: 6,
  watchWiegand: 7,
  wiegand: 8,
  writeLcd: 9,
  refused: 0x7f,
} as const;
export const refused = { command: 1, length: 2, value: 3 } as const;
export const mode = { input: 0, output: 1, analog: 2, i2c: 6, pullup: 11, ignore: 127 } as const;
export const role = { plain: 0, hold: 1, latch: 2, pulse: 3 } as const;

/** How a pin is wired: see the table of roles in devices/firmware/README.md. */
export interface Wiring {
  readonly role: number;
  readonly isActiveLow: boolean;
  readonly durationMs: number;
}

/** One whole command. `data` holds the arguments, or everything between start and end of a sysex. */
export interface FirmataCommand {
  readonly code: number;
  /** Port or analog channel of a command that has one, else 0. */
  readonly channel: number;
  readonly data: readonly number[];
}

const sysexBytesMax = 64;
const argumentCounts: Readonly<Record<number, number>> = {
  [firmata.digitalMessage]: 2,
  [firmata.analogMessage]: 2,
  [firmata.setPinMode]: 2,
  [firmata.setDigitalPin]: 2,
  [firmata.reportAnalog]: 1,
  [firmata.reportDigital]: 1,
  [firmata.reportVersion]: 0,
  [firmata.systemReset]: 0,
};

/** Takes bytes in pieces of any size. A byte with its top bit set begins something new; what is unknown or too long is passed over. */
export function createFirmataParser(onCommand: (command: FirmataCommand) => void): (bytes: Uint8Array) => void {
  let code: number | null = null;
  let channel = 0;
  let data: number[] = [];

  function begin(byte: number): void {
    const isEnd = byte === firmata.endSysex;
    const finished = isEnd && code === firmata.startSysex && data.length > 0 && data.length <= sysexBytesMax ? data : null;
    code = isEnd ? null : byte < firmata.startSysex ? byte & 0xf0 : byte;
    channel = byte < firmata.startSysex ? byte & 0x0f : 0;
    data = [];
    if (finished) onCommand({ code: firmata.startSysex, channel: 0, data: finished });
    if (code !== null && code !== firmata.startSysex) finishIfWhole(code);
  }

  function finishIfWhole(current: number): void {
    const wanted = argumentCounts[current];
    if (wanted !== undefined && data.length < wanted) return;
    const command = { code: current, channel, data };
    code = null;
    if (wanted !== undefined) onCommand(command);
  }

  function on(byte: number): void {
    if (byte & 0x80) begin(byte);
    else if (code !== null && data.length <= sysexBytesMax) {
      data.push(byte);
      if (code !== firmata.startSysex) finishIfWhole(code);
    }
  }

  return (bytes) => {
    for (const byte of bytes) on(byte);
  };
}

/** A number as two 7-bit bytes, low first. */
export function to14(value: number): [number, number] {
  return [value & 0x7f, (value >> 7) & 0x7f];
}
