/**
 * What our own firmware adds to Firmata (devices/firmware): a host watchdog, pins that know what they are wired to, and
 * a count of starts. Everything is one system message, 0x01, followed by what it is about; the board answers each.
 *
 *   hello     F0 01 00 F7                                  version, reset cause, starts, watchdog, drops
 *   wiring    F0 01 01 pin role activeLow ms(14 bit) F7    the same back; from then on 1 on the wire means "on"
 *   watchdog  F0 01 02 ms(14 bit) F7                       the same back
 *   dropped                                                unasked: the host was silent, hold outputs went off
 *   clamp     F0 01 05 channel 1 F7                        the same back, then every 200 ms its true RMS (version 2)
 *   display   F0 01 09 address isData (7 1 bits)… F7       address and whether it was heard (version 3)
 *   Wiegand   F0 01 07 pin0 pin1 F7                        the same back, then every word that a reader sends (version 2)
 */
import firmataIo, { type Firmata } from "firmata-io";
import type { ClampWindow, OutputConfig, ResetCause } from "./board-ports.ts";

const extensionByte = 0x01;
const what = {
  hello: 0x00,
  wiring: 0x01,
  watchdog: 0x02,
  dropped: 0x04,
  watchCurrent: 0x05,
  current: 0x06,
  watchWiegand: 0x07,
  wiegand: 0x08,
  writeLcd: 0x09,
  refused: 0x7f,
} as const;
const roles = { hold: 1, latch: 2, pulse: 3 } as const;
const answerMs = 500;
/** An ADC step of a 5 V board; the firmware tells 1/32 of it. */
const voltsPerStep = 5 / 1024;
const extensionEvent = "koprade-extension";
/** firmata-io hands system messages to one table for all boards; each board then tells its own listeners. */
firmataIo.Firmata.SYSEX_RESPONSE[extensionByte] = (board) => void board.emit(extensionEvent, board.buffer.slice(2, -1));

export interface BoardHello {
  readonly version: number;
  readonly resetCause: ResetCause;
  /** Grows by one at each start of the board; 16 bits. */
  readonly boots: number;
  readonly watchdogMs: number;
  /** How often the watchdog dropped outputs since the start, up to 127. */
  readonly drops: number;
}

export interface BoardExtension {
  /** Also feeds the watchdog, as every message does. `undefined` when the board does not answer in time. */
  hello(): Promise<BoardHello | undefined>;
  /** 100 to 16383 ms; false when the board refused or did not answer. */
  setWatchdog(watchdogMs: number): Promise<boolean>;
  /** Tells the board, which remembers it over power cuts, what a pin is wired to. Before the pin becomes an output. */
  wire(output: OutputConfig): Promise<boolean>;
  /** Writes to a character display on the I2C bus; answered by `onLcd` once the display has it. Version 3. */
  writeLcd(address: number, isData: boolean, bytes: readonly number[]): void;
  onLcd(address: number, listener: (isHeard: boolean) => void): () => void;
  onDropped(listener: () => void): void;
  /** Starts measuring the clamp on A0–A5 (`channel` 0–5), four at most; false when the board refused or did not answer. */
  watchClamp(channel: number, listener: (window: ClampWindow) => void): Promise<boolean>;
  /** Starts listening to a Wiegand reader; a word is a text of 0 and 1, "" when what came was no word. */
  watchWiegand(pin0: number, pin1: number, listener: (word: string) => void): Promise<boolean>;
}

/** The name by which our firmware introduces itself. */
export const ourFirmwareName = "koprade";

export function createBoardExtension(io: Firmata, send: (bytes: Uint8Array) => void): BoardExtension {
  const ask = (kind: number, body: readonly number[]): Promise<readonly number[] | undefined> =>
    new Promise((resolve) => {
      const finish = (answer: readonly number[] | undefined): void => {
        clearTimeout(answerTimer);
        io.off(extensionEvent, hear);
        resolve(answer);
      };
      const hear = ([heard, ...rest]: readonly number[]): void => {
        if (heard === kind) finish(rest);
        else if (heard === what.refused && rest[0] === kind) finish(undefined);
      };
      const answerTimer = setTimeout(() => finish(undefined), answerMs);
      io.on(extensionEvent, hear);
      send(Uint8Array.of(0xf0, extensionByte, kind, ...body, 0xf7));
    });
  return {
    hello: async () => decodeHello((await ask(what.hello, [])) ?? []),
    async setWatchdog(watchdogMs) {
      const body = low14(watchdogMs);
      return isSame(await ask(what.watchdog, body), body);
    },
    async wire(output) {
      const durationMs = output.type === "pulse" ? output.durationMs : 0;
      const body = [output.pin, roles[output.type], output.activeLow ? 1 : 0, ...low14(durationMs)];
      return isSame(await ask(what.wiring, body), body);
    },
    writeLcd(address, isData, bytes) {
      send(Uint8Array.of(0xf0, extensionByte, what.writeLcd, address, isData ? 1 : 0, ...bytes.flatMap(low14), 0xf7));
    },
    onLcd(address, listener) {
      const hear = ([heard, from, isHeard]: readonly number[]): void => {
        if (heard === what.writeLcd && from === address) listener(isHeard === 1);
      };
      io.on(extensionEvent, hear);
      return () => void io.off(extensionEvent, hear);
    },
    onDropped(listener) {
      io.on(extensionEvent, ([heard]: readonly number[]) => {
        if (heard === what.dropped) listener();
      });
    },
    async watchClamp(channel, listener) {
      const body = [channel, 1];
      if (!isSame(await ask(what.watchCurrent, body), body)) return false;
      io.on(extensionEvent, ([heard, from, low = 0, high = 0, cut]: readonly number[]) => {
        if (heard !== what.current || from !== channel) return;
        listener({ rmsV: ((low | (high << 7)) / 32) * voltsPerStep, isCut: cut === 1 });
      });
      return true;
    },
    async watchWiegand(pin0, pin1, listener) {
      const body = [pin0, pin1];
      if (!isSame(await ask(what.watchWiegand, body), body)) return false;
      io.on(extensionEvent, ([heard, bits = 0, ...sevens]: readonly number[]) => {
        if (heard === what.wiegand) listener(wordOf(bits, sevens));
      });
      return true;
    },
  };
}

/** Seven bits a byte, the first on top. */
function wordOf(bits: number, sevens: readonly number[]): string {
  return sevens
    .map((seven) => seven.toString(2).padStart(7, "0"))
    .join("")
    .slice(0, bits);
}

/** The body of a hello; nothing unless it is whole. */
export function decodeHello(body: readonly number[]): BoardHello | undefined {
  const [version, resetCause, boots0, boots1, boots2, watchdog0, watchdog1, drops] = body;
  if (version === undefined || resetCause === undefined || boots0 === undefined || boots1 === undefined || boots2 === undefined)
    return undefined;
  if (watchdog0 === undefined || watchdog1 === undefined || drops === undefined) return undefined;
  return {
    version,
    resetCause: resetCauseOf(resetCause),
    boots: boots0 | (boots1 << 7) | (boots2 << 14),
    watchdogMs: watchdog0 | (watchdog1 << 7),
    drops,
  };
}

/** Of the chip's MCUSR (ATmega328P datasheet §15.9.1). A power-on sets the brown-out flag too, and so on upwards: the widest cause counts. */
function resetCauseOf(bits: number): ResetCause {
  if (bits & 1) return "power-on";
  if (bits & 8) return "watchdog";
  if (bits & 4) return "brown-out";
  return bits & 2 ? "external" : "unknown";
}

function low14(value: number): readonly [number, number] {
  return [value & 0x7f, (value >> 7) & 0x7f];
}

function isSame(answer: readonly number[] | undefined, body: readonly number[]): boolean {
  return answer !== undefined && answer.length === body.length && answer.every((byte, at) => byte === body[at]);
}
