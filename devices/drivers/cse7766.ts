/**
 * CSE7766: the metering chip of Sonoff POW R2 and many plugs. It speaks by itself, every 50 ms, at 4800 8E1:
 *
 *   SS 5A  U U U  u u u  I I I  i i i  P P P  p p p  AA  CC CC  KK
 *   status  coefficient and period of voltage, current, power · adjust · pulse count · sum of bytes 2 to 22
 *
 * A value is coefficient / period (CSE7766 manual 1.1, §4). A period that overflowed or is not complete says nothing.
 */

import type { ByteLine } from "./byte-line.ts";

export type Cse7766BadWhy = "short" | "overlong" | "not a frame" | "checksum" | "not calibrated";

export type Cse7766Reading = {
  readonly kind: "reading";
  /** null: too small for the chip to tell, or its measuring period is not complete */
  readonly voltageV: number | null;
  readonly currentA: number | null;
  readonly powerW: number | null;
  /** adjust byte as sent */
  readonly adjust: number;
  /** Energy pulses, 16 bits; wraps at 65536. */
  readonly pulses: number;
};

export const cse7766FrameLength = 24;
const header = 0x5a;
const calibrated = 0x55;
const notCalibrated = 0xaa;
/** Status Fx: bits 1 to 3 tell which period is beyond its range. */
const beyond = { power: 0x02, current: 0x04, voltage: 0x08 } as const;
/** Adjust: bits 4 to 6 tell which period is complete. */
const complete = { voltage: 0x10, current: 0x20, power: 0x40 } as const;

/** Decodes exactly one frame. */
export function decodeCse7766(frame: Uint8Array): Cse7766Reading | { readonly kind: "bad"; readonly why: Cse7766BadWhy } {
  if (frame.length < cse7766FrameLength) return { kind: "bad", why: "short" };
  if (frame.length > cse7766FrameLength) return { kind: "bad", why: "overlong" };
  const [status = 0] = frame;
  const isFrame = frame[1] === header && (status === calibrated || status === notCalibrated || status >> 4 === 0x0f);
  if (!isFrame) return { kind: "bad", why: "not a frame" };
  const sum = frame.subarray(2, 23).reduce((total, byte) => total + byte, 0);
  if ((sum & 0xff) !== frame[23]) return { kind: "bad", why: "checksum" };
  if (status === notCalibrated) return { kind: "bad", why: "not calibrated" };
  const adjust = frame[20] ?? 0;
  const value = (at: number, beyondBit: number, completeBit: number): number | null => {
    const [coefficient, period] = [triple(frame, at), triple(frame, at + 3)];
    const isBeyond = status !== calibrated && (status & beyondBit) !== 0;
    return isBeyond || (adjust & completeBit) === 0 || period === 0 ? null : coefficient / period;
  };
  return {
    kind: "reading",
    voltageV: value(2, beyond.voltage, complete.voltage),
    currentA: value(8, beyond.current, complete.current),
    powerW: value(14, beyond.power, complete.power),
    adjust,
    pulses: ((frame[21] ?? 0) << 8) | (frame[22] ?? 0),
  };
}

function triple(frame: Uint8Array, at: number): number {
  return ((frame[at] ?? 0) << 16) | ((frame[at + 1] ?? 0) << 8) | (frame[at + 2] ?? 0);
}

export type Cse7766Heard =
  | Cse7766Reading
  | { readonly kind: "bad"; readonly why: Cse7766BadWhy }
  | { readonly kind: "rubbish"; readonly count: number };

export interface Cse7766Parser {
  /** `atMs` is monotonic. Feeding no bytes lets time pass. */
  feed(bytes: Uint8Array, atMs: number): readonly Cse7766Heard[];
  reset(): void;
  /** Bytes kept between calls; never more than 23. */
  bufferedBytes(): number;
}

/** A frame takes 55 ms at 4800 baud, and the next follows at once; after this pause the rest of one will not come. */
const cutShortMs = 300;

/** Finds frames in the stream, however it is cut. After a bad one it looks on one byte later. */
export function createCse7766Parser(): Cse7766Parser {
  let kept: Uint8Array = new Uint8Array(0);
  let lastAtMs = 0;
  return {
    feed(bytes, atMs) {
      const out: Cse7766Heard[] = [];
      const discard = (count: number): void => {
        const last = out.at(-1);
        if (last?.kind === "rubbish") out[out.length - 1] = { kind: "rubbish", count: last.count + count };
        else out.push({ kind: "rubbish", count });
      };
      if (kept.length > 0 && (atMs - lastAtMs > cutShortMs || atMs < lastAtMs)) {
        discard(kept.length);
        kept = new Uint8Array(0);
      }
      lastAtMs = atMs;
      const input = Uint8Array.from([...kept, ...bytes]);
      let at = 0;
      while (at < input.length) {
        if (!mayStartAt(input, at)) {
          discard(1);
          at += 1;
          continue;
        }
        if (input.length - at < cse7766FrameLength) break;
        const outcome = decodeCse7766(input.subarray(at, at + cse7766FrameLength));
        const isFrame = outcome.kind === "reading" || outcome.why === "not calibrated";
        if (isFrame) out.push(outcome);
        else discard(1);
        at += isFrame ? cse7766FrameLength : 1;
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

function mayStartAt(input: Uint8Array, at: number): boolean {
  const [status = 0, second = header] = input.subarray(at, at + 2);
  return second === header && (status === calibrated || status === notCalibrated || status >> 4 === 0x0f);
}

/** The chip speaks by itself: every frame, bad ones included. The line stays the caller's. */
export function listenToCse7766(line: ByteLine, listener: (heard: Cse7766Heard) => void, nowMs: () => number = () => performance.now()) {
  const parser = createCse7766Parser();
  line.onBytes((bytes) => {
    for (const heard of parser.feed(bytes, nowMs())) listener(heard);
  });
  line.onState((state) => {
    if (state.kind === "lost") parser.reset();
  });
  return { bufferedBytes: () => parser.bufferedBytes() };
}
