/**
 * Modbus RTU as meters speak it: one host asks, one meter answers, a checksum at the end (Modbus over serial line V1.02, §2.5).
 *
 *   host  ─▶ AA FC ........ CRC          AA address, FC function, CRC low byte first
 *   meter ─▶ AA FC NN data… CRC          or AA FC|80 EE CRC: refused with exception EE
 *
 * Framing is our own: modbus-serial opens its ports itself, once, and gives an answer with a false start up as a failure,
 * while our line reopens by itself and the search goes on one byte later.
 */
import type { ByteLine, LineState } from "./byte-line.ts";

export type ModbusBadWhy =
  | "short" /** an answer began and did not end */
  | "checksum"
  | "exception" /** the meter refused the question */
  | "foreign" /** a whole answer of another meter */
  | "not an answer"
  | "line lost";

export type ModbusBad = { readonly kind: "bad"; readonly why: ModbusBadWhy; readonly exceptionCode?: number };
/** `data` is what stands between the byte count and the checksum. */
export type ModbusAnswer = { readonly kind: "answer"; readonly address: number; readonly data: Uint8Array };
/** `silent`: not one byte came. */
export type ModbusOutcome = ModbusAnswer | { readonly kind: "silent" } | ModbusBad;

/** The answer that is waited for: from whom, to which function, with how many bytes of data. */
export type ModbusExpected = {
  /** none takes any meter's answer */
  readonly address?: number;
  readonly code: number;
  readonly dataBytes: number;
};

export const readHoldingRegisters = 0x03;
export const readInputRegisters = 0x04;
const exceptionBit = 0x80;
const exceptionLength = 5;
/** Ten times the shortest answer, twice the longest of a meter: more without a valid one is noise. */
const heardBytesMax = 256;

/** CRC-16: polynomial 0xA001 reflected, start 0xFFFF. Over a whole frame, checksum included, it is 0. */
export function modbusCrc(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

export function hasModbusCrc(frame: Uint8Array): boolean {
  return frame.length > 3 && modbusCrc(frame) === 0;
}

export function modbusFrame(address: number, body: readonly number[]): Uint8Array {
  const head = Uint8Array.from([address, ...body]);
  const crc = modbusCrc(head);
  return Uint8Array.from([...head, crc & 0xff, crc >>> 8]);
}

/** Decodes exactly one answer. */
export function decodeModbusAnswer(bytes: Uint8Array, expected: ModbusExpected): ModbusAnswer | ModbusBad {
  const [from, code, size] = bytes;
  if (from === undefined || code === undefined || size === undefined || bytes.length < exceptionLength) return bad("short");
  if ((code & exceptionBit) !== 0) {
    if (!hasModbusCrc(bytes.subarray(0, exceptionLength))) return bad("checksum");
    return { kind: "bad", why: "exception", exceptionCode: size };
  }
  const length = 3 + expected.dataBytes + 2;
  if (code !== expected.code || size !== expected.dataBytes) return bad("not an answer");
  if (bytes.length < length) return bad("short");
  if (bytes.length > length) return bad("not an answer");
  if (!hasModbusCrc(bytes)) return bad("checksum");
  if (expected.address !== undefined && from !== expected.address) return bad("foreign");
  return { kind: "answer", address: from, data: bytes.subarray(3, 3 + expected.dataBytes) };
}

/**
 * Looks for an answer anywhere in what was heard: RS-485 turn-around puts glitches in front, other meters speak too.
 * Without one, tells what was closest.
 */
export function findModbusAnswer(heard: Uint8Array, expected: ModbusExpected): ModbusAnswer | ModbusBad {
  let closest: ModbusBad = bad("not an answer");
  for (let at = 0; at < heard.length; at += 1) {
    const code = heard[at + 1];
    if (code !== expected.code && code !== (expected.code | exceptionBit)) continue;
    const length = code === expected.code ? 3 + expected.dataBytes + 2 : exceptionLength;
    const outcome = decodeModbusAnswer(heard.subarray(at, at + length), expected);
    if (outcome.kind === "answer") return outcome;
    if (closeness.indexOf(outcome.why) > closeness.indexOf(closest.why)) closest = outcome;
  }
  return closest;
}

/** The order in which causes explain more than one another. */
const closeness: readonly ModbusBadWhy[] = ["not an answer", "short", "checksum", "foreign", "exception", "line lost"];

/** Meters may share a line; each question waits until the one before it is answered or given up. */
const turns = new WeakMap<ByteLine, Promise<unknown>>();

export interface ModbusHost {
  /** One question, one answer, within `timeoutMs` of its turn on the line. Never rejects. */
  ask(question: Uint8Array, expected: ModbusExpected): Promise<ModbusOutcome>;
  /** Bytes of an unfinished answer, for diagnostics. */
  bufferedBytes(): number;
}

/** The asking end of a line, one per meter. The line stays the caller's: it is closed by whoever opened it. */
export function createModbusHost(line: ByteLine, timeoutMs: number): ModbusHost {
  let heardBytes = 0;
  const askNow = (question: Uint8Array, expected: ModbusExpected): Promise<ModbusOutcome> =>
    new Promise((resolve) => {
      let heard = new Uint8Array(0);
      const finish = (outcome: ModbusOutcome): void => {
        clearTimeout(answerTimer);
        stopBytes();
        stopState();
        heardBytes = 0;
        resolve(outcome);
      };
      const giveUp = (): void => finish(heard.length === 0 ? { kind: "silent" } : findModbusAnswer(heard, expected));
      const answerTimer = setTimeout(giveUp, timeoutMs);
      const stopBytes = line.onBytes((bytes) => {
        heard = lastBytes(heard, bytes, heardBytesMax);
        heardBytes = heard.length;
        const outcome = findModbusAnswer(heard, expected);
        if (outcome.kind === "answer" || outcome.why === "exception") finish(outcome);
      });
      const stopState = line.onState((state: LineState) => {
        if (state.kind === "lost") finish(bad("line lost"));
      });
      line.write(question).then((written) => {
        if (written.kind === "failed") finish(bad("line lost"));
      });
    });
  return {
    ask(question, expected) {
      const before = turns.get(line) ?? Promise.resolve();
      const mine = before.then(() => askNow(question, expected));
      turns.set(line, mine);
      return mine;
    },
    bufferedBytes: () => heardBytes,
  };
}

function lastBytes(before: Uint8Array, more: Uint8Array, most: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(before.length + more.length);
  all.set(before);
  all.set(more, before.length);
  return all.length > most ? all.slice(-most) : all;
}

function bad(why: ModbusBadWhy): ModbusBad {
  return { kind: "bad", why };
}
