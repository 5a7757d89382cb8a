/**
 * Frames of the PN532 NFC chip on its serial port, HSU, 115200 8N1 (NXP UM0701-02 §6.2).
 *
 *   00 00 FF  LEN LCS  TFI CC data…  DCS 00            LEN + LCS = 0, TFI + … + DCS = 0 (mod 256); TFI D4 host, D5 chip
 *   00 00 FF  FF FF  LENM LENL LCS  TFI …  DCS 00      more than 255 bytes
 *   00 00 FF 00 FF 00   ACK        00 00 FF FF 00 00   NACK        00 00 FF 01 FF 7F 81 00   application error
 *
 * All bytes before `00 FF` are nothing: wake-ups, preambles, the AA AA … that a clone sends after a frame.
 */

export type Pn532RubbishWhy = "noise" | "length checksum" | "data checksum" | "overlong" | "cut short";
export type Pn532Frame =
  | { readonly kind: "ack" }
  | { readonly kind: "nack" }
  | { readonly kind: "error" }
  | {
      readonly kind: "data";
      readonly tfi: number;
      readonly command: number;
      readonly data: Uint8Array;
      /** TFI, command and data */
      readonly length: number;
      readonly isExtended: boolean;
    }
  | { readonly kind: "rubbish"; readonly count: number; readonly why: Pn532RubbishWhy };

export const pn532BaudRate = 115_200;
export const fromHost = 0xd4;
export const fromChip = 0xd5;
/** TFI and 264 bytes: the most that the chip exchanges (UM0701-02 §7.4.8). */
export const pn532LengthMax = 265;
const overhead = 11;
/** A whole frame takes 24 ms; after this pause the rest of it will not come. */
const cutShortMs = 100;

export function encodePn532(command: number, data: readonly number[] | Uint8Array = [], tfi: number = fromHost): Uint8Array {
  const body = [tfi, command, ...data];
  if (body.length > pn532LengthMax) throw new RangeError(`a PN532 frame has at most ${pn532LengthMax} bytes; got ${body.length}`);
  const size = body.length;
  const head = size > 0xff ? [0xff, 0xff, size >> 8, size & 0xff, -((size >> 8) + size) & 0xff] : [size, -size & 0xff];
  return Uint8Array.from([0, 0, 0xff, ...head, ...body, -body.reduce((sum, byte) => sum + byte, 0) & 0xff, 0]);
}

export const pn532Ack: Uint8Array = Uint8Array.of(0, 0, 0xff, 0, 0xff, 0);

type Look =
  | { readonly kind: "frame"; readonly frame: Pn532Frame; readonly length: number }
  | { readonly kind: "incomplete" }
  | { readonly kind: "wrong"; readonly why: Pn532RubbishWhy };

/** What starts at `at`, where `00 FF` stands or may stand. The closing 00 is no part of it. */
function lookAt(input: Uint8Array, at: number): Look {
  if (input[at] !== 0x00) return { kind: "wrong", why: "noise" };
  const [start, size, check] = [input[at + 1], input[at + 2], input[at + 3]];
  if (start === undefined) return { kind: "incomplete" };
  if (start !== 0xff) return { kind: "wrong", why: "noise" };
  if (size === undefined || check === undefined) return { kind: "incomplete" };
  if (size === 0x00 && check === 0xff) return { kind: "frame", frame: { kind: "ack" }, length: 4 };
  if (size === 0xff && check === 0x00) return { kind: "frame", frame: { kind: "nack" }, length: 4 };
  if (size === 0xff && check === 0xff) {
    const [high, low, sum] = [input[at + 4], input[at + 5], input[at + 6]];
    if (high === undefined || low === undefined || sum === undefined) return { kind: "incomplete" };
    if (((high + low + sum) & 0xff) !== 0) return { kind: "wrong", why: "length checksum" };
    return bodyAt(input, at + 7, high * 0x100 + low, at, true);
  }
  if (((size + check) & 0xff) !== 0) return { kind: "wrong", why: "length checksum" };
  return bodyAt(input, at + 4, size, at, false);
}

function bodyAt(input: Uint8Array, from: number, length: number, at: number, isExtended: boolean): Look {
  if (length > pn532LengthMax) return { kind: "wrong", why: "overlong" };
  if (length === 0) return { kind: "wrong", why: "length checksum" };
  const end = from + length;
  if (input.length <= end) return { kind: "incomplete" };
  const body = input.subarray(from, end);
  if (((body.reduce((sum, byte) => sum + byte, 0) + (input[end] ?? 0)) & 0xff) !== 0) return { kind: "wrong", why: "data checksum" };
  const [tfi = 0, command = 0] = body;
  const total = end + 1 - at;
  if (length === 1) return tfi === 0x7f ? { kind: "frame", frame: { kind: "error" }, length: total } : { kind: "wrong", why: "overlong" };
  return { kind: "frame", frame: { kind: "data", tfi, command, data: body.slice(2), length, isExtended }, length: total };
}

export interface Pn532Parser {
  /** `atMs` is monotonic. Feeding no bytes lets time pass. */
  feed(bytes: Uint8Array, atMs: number): readonly Pn532Frame[];
  reset(): void;
  /** Bytes kept between calls. */
  bufferedBytes(): number;
}

export const pn532BufferMax = pn532LengthMax + overhead;

/** Finds frames in a stream, however it is cut. After a bad one it looks on one byte later. Zeros between frames are no rubbish. */
export function createPn532Parser(): Pn532Parser {
  let kept: Uint8Array = new Uint8Array(0);
  let lastAtMs = 0;
  return {
    feed(bytes, atMs) {
      const out: Pn532Frame[] = [];
      const discard = (byte: number, why: Pn532RubbishWhy): void => {
        const last = out.at(-1);
        if (last?.kind === "rubbish" && (why === "noise" || last.why === why)) out[out.length - 1] = { ...last, count: last.count + 1 };
        else if (byte !== 0x00 || why !== "noise") out.push({ kind: "rubbish", count: 1, why });
      };
      if (kept.length > 0 && (atMs - lastAtMs > cutShortMs || atMs < lastAtMs)) {
        if (kept.some((byte) => byte !== 0)) out.push({ kind: "rubbish", count: kept.length, why: "cut short" });
        kept = new Uint8Array(0);
      }
      lastAtMs = atMs;
      const input = Uint8Array.from([...kept, ...bytes]);
      let at = 0;
      while (at < input.length) {
        const look = lookAt(input, at);
        if (look.kind === "incomplete") break;
        if (look.kind === "wrong") {
          discard(input[at] ?? 0, look.why);
          at += 1;
        } else {
          out.push(look.frame);
          at += look.length;
        }
      }
      kept = input.slice(at);
      return out;
    },
    reset() {
      kept = new Uint8Array(0);
    },
    bufferedBytes: () => kept.length,
  };
}
