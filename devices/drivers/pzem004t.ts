/**
 * PZEM-004T v3: a mains meter that answers Modbus RTU questions (9600 8N1).
 *
 *   host  ─▶ AA 04 0000 000A CRC                    input registers 0 to 9
 *   meter ─▶ AA 04 14 V I I P P E E F PF AL CRC     16-bit registers, 32-bit values low word first
 *
 * Framing is our own: modbus-serial opens its ports itself, once, and gives an answer with a false start up as a
 * failure, while our line reopens by itself and the search goes on one byte later. The command that resets the
 * energy counter (0x42) and the factory calibration (0x41) are not in this file on purpose: energy is billed.
 */
import type { ByteLine, LineState } from "./byte-line.ts";

export type PzemBadWhy =
  | "short" /** an answer began and did not end */
  | "checksum"
  | "exception" /** the meter refused the question */
  | "foreign" /** a whole answer of another meter */
  | "not an answer"
  | "line lost";

export interface PzemReading {
  readonly kind: "reading";
  readonly address: number;
  readonly voltageV: number;
  readonly currentA: number;
  readonly powerW: number;
  /** A counter without direction; it wraps at 9 999 990 Wh. */
  readonly energyWh: number;
  readonly frequencyHz: number;
  readonly powerFactor: number;
  /** The power is above the meter's own threshold. */
  readonly alarm: boolean;
}

export type PzemBad = { readonly kind: "bad"; readonly why: PzemBadWhy; readonly exceptionCode?: number };

/** `silent`: not one byte came. The meter's bus side is powered by the mains it measures: usually "machine unpowered". */
export type PzemOutcome = PzemReading | { readonly kind: "silent" } | PzemBad;

export interface Pzem {
  /** One question, one answer, within `timeoutMs` of its turn on the line. Never rejects. */
  read(): Promise<PzemOutcome>;
  /** Bytes of an unfinished answer, for diagnostics. */
  bufferedBytes(): number;
}

/** Addresses of single meters; 0xF8 reaches any meter and is for setting up one alone on its line. */
export const pzemAddressMin = 0x01;
export const pzemAddressMax = 0xf7;
export const pzemGeneralAddress = 0xf8;
export const pzemBaudRate = 9_600;

const readInputRegisters = 0x04;
const registerCount = 10;
const answerLength = 3 + registerCount * 2 + 2;
const exceptionLength = 5;
/** Answers are 25 bytes; more than a few of them without a valid one is noise. */
const heardBytesMax = 128;
const timeoutMsDefault = 500;

/** The question for all ten values. Throws for an address that no meter can have: that is our configuration. */
export function encodeRead(address: number): Uint8Array {
  return framed(checkedAddress(address), [readInputRegisters, 0x00, 0x00, 0x00, registerCount]);
}

/** Asks the only meter on a line which address it has. */
export function encodeReadAddress(): Uint8Array {
  return framed(pzemGeneralAddress, [0x03, 0x00, 0x02, 0x00, 0x01]);
}

/** Gives a meter another address, to put several on one line. */
export function encodeSetAddress(from: number, to: number): Uint8Array {
  if (to === pzemGeneralAddress) throw new RangeError("a meter cannot have the general address 0xF8");
  return framed(checkedAddress(from), [0x06, 0x00, 0x02, 0x00, checkedAddress(to)]);
}

/** Decodes exactly one answer. `address` demands the meter that was asked; 0xF8 or nothing takes any. */
export function decodeRead(bytes: Uint8Array, address?: number): PzemReading | PzemBad {
  const [from, code, size] = bytes;
  if (from === undefined || code === undefined || size === undefined || bytes.length < exceptionLength) return bad("short");
  if ((code & 0x80) !== 0) {
    if (!hasValidCrc(bytes.subarray(0, exceptionLength))) return bad("checksum");
    return { kind: "bad", why: "exception", exceptionCode: size };
  }
  if (code !== readInputRegisters || size !== registerCount * 2) return bad("not an answer");
  if (bytes.length < answerLength) return bad("short");
  if (bytes.length > answerLength) return bad("not an answer");
  if (!hasValidCrc(bytes)) return bad("checksum");
  if (address !== undefined && address !== pzemGeneralAddress && from !== address) return bad("foreign");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (register: number): number => view.getUint16(3 + register * 2);
  const lowWordFirst = (register: number): number => word(register + 1) * 0x1_0000 + word(register);
  return {
    kind: "reading",
    address: from,
    voltageV: word(0) / 10,
    currentA: lowWordFirst(1) / 1_000,
    powerW: lowWordFirst(3) / 10,
    energyWh: lowWordFirst(5),
    frequencyHz: word(7) / 10,
    powerFactor: word(8) / 100,
    alarm: word(9) !== 0,
  };
}

/**
 * Looks for an answer anywhere in what was heard: RS-485 turn-around puts glitches in front, other meters speak
 * too. Without one, tells what was closest.
 */
export function findReading(heard: Uint8Array, address: number): PzemReading | PzemBad {
  let closest: PzemBad = bad("not an answer");
  for (let at = 0; at < heard.length; at += 1) {
    const code = heard[at + 1];
    if (code !== readInputRegisters && code !== (readInputRegisters | 0x80)) continue;
    const length = code === readInputRegisters ? answerLength : exceptionLength;
    const outcome = decodeRead(heard.subarray(at, at + length), address);
    if (outcome.kind === "reading") return outcome;
    if (isCloser(outcome, closest)) closest = outcome;
  }
  return closest;
}

/** The order in which causes explain more than one another. */
const closeness: readonly PzemBadWhy[] = ["not an answer", "short", "checksum", "foreign", "exception", "line lost"];

function isCloser(outcome: PzemBad, than: PzemBad): boolean {
  return closeness.indexOf(outcome.why) > closeness.indexOf(than.why);
}

/** Meters may share a line; each question waits until the one before it is answered or given up. */
const turns = new WeakMap<ByteLine, Promise<unknown>>();

/** A meter on a line. The line stays the caller's: it is closed by whoever opened it. */
export function createPzem(line: ByteLine, options: { readonly address: number; readonly timeoutMs?: number }): Pzem {
  const address = checkedAddress(options.address);
  const question = encodeRead(address);
  const timeoutMs = options.timeoutMs ?? timeoutMsDefault;
  let heardBytes = 0;

  const ask = (): Promise<PzemOutcome> =>
    new Promise((resolve) => {
      let heard = new Uint8Array(0);
      const finish = (outcome: PzemOutcome): void => {
        clearTimeout(answerTimer);
        stopBytes();
        stopState();
        heardBytes = 0;
        resolve(outcome);
      };
      const giveUp = (): void => finish(heard.length === 0 ? { kind: "silent" } : findReading(heard, address));
      const answerTimer = setTimeout(giveUp, timeoutMs);
      const stopBytes = line.onBytes((bytes) => {
        heard = lastBytes(heard, bytes, heardBytesMax);
        heardBytes = heard.length;
        const outcome = findReading(heard, address);
        if (outcome.kind === "reading" || outcome.why === "exception") finish(outcome);
      });
      const stopState = line.onState((state: LineState) => {
        if (state.kind === "lost") finish(bad("line lost"));
      });
      line.write(question).then((written) => {
        if (written.kind === "failed") finish(bad("line lost"));
      });
    });

  return {
    read() {
      const before = turns.get(line) ?? Promise.resolve();
      const mine = before.then(ask);
      turns.set(line, mine);
      return mine;
    },
    bufferedBytes: () => heardBytes,
  };
}

/** Modbus CRC-16: polynomial 0xA001 reflected, start 0xFFFF; low byte first on the wire. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

function hasValidCrc(frame: Uint8Array): boolean {
  const end = frame.length - 2;
  return end > 0 && crc16(frame.subarray(0, end)) === (frame[end] ?? 0) + (frame[end + 1] ?? 0) * 0x100;
}

function framed(address: number, body: readonly number[]): Uint8Array {
  const head = Uint8Array.from([address, ...body]);
  const crc = crc16(head);
  return Uint8Array.from([...head, crc & 0xff, crc >>> 8]);
}

function checkedAddress(address: number): number {
  if (Number.isInteger(address) && address >= pzemAddressMin && address <= pzemGeneralAddress) return address;
  throw new RangeError(`a meter address is a whole number from 1 to 247, or 248 for the only meter on a line; got ${address}`);
}

function lastBytes(before: Uint8Array, more: Uint8Array, most: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(before.length + more.length);
  all.set(before);
  all.set(more, before.length);
  return all.length > most ? all.slice(-most) : all;
}

function bad(why: PzemBadWhy): PzemBad {
  return { kind: "bad", why };
}
