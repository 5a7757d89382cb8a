/**
 * RDM6300, ID-12LA and ID-20LA: 125 kHz EM4100 readers on a serial line (9600 8N1, one way).
 *
 *   02  V V I I I I I I I I  S S  03          14 bytes: 10 hex digits, 2 hex digits of checksum
 *   02  V V I I I I I I I I  S S  0D 0A  03   16 bytes: ID-20LA
 *   02  V V I I I I I I I I  s  03            13 bytes: a clone with a binary checksum, which may be 02, 03, 0D or 0A
 *
 * The checksum is the XOR of the five bytes, version included. A frame repeats about every 65 ms while the card is
 * near. Noise yields frames with a right checksum, so a number counts only after three identical frames in a row: a card is
 * accepted 130 ms after its first frame.
 */
import type { ByteLine } from "./byte-line.ts";
import { type CardNumber, canonicalEm4100 } from "./card-number.ts";

export type Rdm6300RubbishWhy =
  | "noise" /** bytes outside any frame */
  | "not hex"
  | "checksum"
  | "no end"
  | "cut short" /** a frame that stopped in the middle */
  | "ghost" /** at most one byte that is not zero */
  | "unconfirmed"; /** a good frame that was not repeated in time */

/** `bytes` holds at most `rubbishBytesMax` of the `count` bytes that were thrown away. */
export type Rdm6300Frame =
  | { readonly kind: "card"; readonly number: CardNumber }
  | { readonly kind: "rubbish"; readonly bytes: Uint8Array; readonly count: number; readonly why: Rdm6300RubbishWhy };

export interface Rdm6300Options {
  /** How many identical frames in a row make a card; three unless said. 1 trusts every frame: for noise-free desks. */
  readonly confirmFrames?: number;
  /** The frames that confirm each other arrive within this time, 100 ms a frame unless said; a longer pause starts again. */
  readonly confirmMs?: number;
  /** A first good frame has come, and others must follow before it is a card. */
  readonly onFirst?: () => void;
}

export interface Rdm6300Parser {
  /** `atMs` is monotonic. Feeding no bytes lets time pass. */
  feed(bytes: Uint8Array, atMs: number): readonly Rdm6300Frame[];
  /** Forgets half frames and unconfirmed numbers: call it when the line was lost. */
  reset(): void;
  /** Bytes kept between calls; never more than 15. */
  bufferedBytes(): number;
}

const stx = 0x02;
const etx = 0x03;
const cr = 0x0d;
const lf = 0x0a;
const rubbishBytesMax = 64;
/** A whole frame takes 17 ms at 9600 baud; after this pause the rest of it will not come. */
const cutShortMs = 300;
export const rdm6300ConfirmFrames = 3;
/** A frame comes every 65 ms; more is a lost one. */
const confirmMsPerFrame = 100;

export function createRdm6300Parser(options: Rdm6300Options = {}): Rdm6300Parser {
  const { confirmFrames = rdm6300ConfirmFrames } = options;
  const confirmMs = options.confirmMs ?? Math.max(confirmMsPerFrame * confirmFrames, cutShortMs);
  const confirm = createConfirmation(confirmFrames, confirmMs, options.onFirst);
  let kept: number[] = [];
  let lastAtMs = 0;
  return {
    feed(bytes, atMs) {
      const out: Rdm6300Frame[] = [];
      const discard = createRubbishHeap(out);
      if (kept.length > 0 && (atMs - lastAtMs > cutShortMs || atMs < lastAtMs)) {
        for (const byte of kept) discard.add(byte, "cut short");
        kept = [];
      }
      lastAtMs = atMs;
      const input = kept.concat(Array.from(bytes));
      let at = 0;
      while (at < input.length) {
        const look = lookAt(input, at);
        if (look.kind === "incomplete") break;
        if (look.kind === "wrong") {
          // One byte only: a good start may lie inside what looked like a frame.
          discard.add(input[at] ?? 0, look.why);
          at += 1;
          continue;
        }
        discard.flush();
        out.push(...confirm.take(look.hex, input.slice(at, at + look.length), atMs));
        at += look.length;
      }
      discard.flush();
      kept = input.slice(at);
      out.push(...confirm.expire(atMs));
      return out;
    },
    reset() {
      kept = [];
      confirm.reset();
    },
    bufferedBytes: () => kept.length,
  };
}

type Look =
  | { readonly kind: "frame"; readonly hex: string; readonly length: 13 | 14 | 16 }
  | { readonly kind: "incomplete" }
  | { readonly kind: "wrong"; readonly why: Rdm6300RubbishWhy };

/** Decides by length what starts at `at`: the binary checksum may look like any control byte. */
function lookAt(input: readonly number[], at: number): Look {
  if (input[at] !== stx) return { kind: "wrong", why: "noise" };
  for (let i = 1; i <= 10; i += 1) {
    const byte = input[at + i];
    if (byte === undefined) return { kind: "incomplete" };
    if (!isHexDigit(byte)) return { kind: "wrong", why: "not hex" };
  }
  const sum1 = input[at + 11];
  const sum2 = input[at + 12];
  if (sum1 === undefined || sum2 === undefined) return { kind: "incomplete" };
  const hex = String.fromCharCode(...input.slice(at + 1, at + 11)).toUpperCase();
  const sum = checksumOf(hex);
  if (sum2 === etx) return sum === sum1 ? { kind: "frame", hex, length: 13 } : { kind: "wrong", why: "checksum" };
  if (!isHexDigit(sum1) || !isHexDigit(sum2)) return { kind: "wrong", why: "not hex" };
  const length = endOf(input, at + 13);
  if (length === undefined) return { kind: "incomplete" };
  if (length === 0) return { kind: "wrong", why: "no end" };
  if (Number.parseInt(String.fromCharCode(sum1, sum2), 16) !== sum) return { kind: "wrong", why: "checksum" };
  return { kind: "frame", hex, length };
}

/** Total length by the bytes after the checksum: ETX, or CR LF ETX; 0 when neither, undefined when not known yet. */
function endOf(input: readonly number[], at: number): 14 | 16 | 0 | undefined {
  const [first, second, third] = input.slice(at, at + 3);
  if (first === undefined) return undefined;
  if (first === etx) return 14;
  if (first !== cr) return 0;
  if (second === undefined) return undefined;
  if (second !== lf) return 0;
  if (third === undefined) return undefined;
  return third === etx ? 16 : 0;
}

function isHexDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

function checksumOf(hex: string): number {
  let sum = 0;
  for (let i = 0; i < hex.length; i += 2) sum ^= Number.parseInt(hex.slice(i, i + 2), 16);
  return sum;
}

/** Joins neighbouring bytes that were thrown away into one rubbish frame, however many there are. */
function createRubbishHeap(out: Rdm6300Frame[]) {
  let bytes: number[] = [];
  let count = 0;
  let why: Rdm6300RubbishWhy = "noise";
  return {
    /** The first cause that is more than noise names the heap. */
    add(byte: number, cause: Rdm6300RubbishWhy): void {
      if (cause !== "noise" && why === "noise") why = cause;
      if (bytes.length < rubbishBytesMax) bytes.push(byte);
      count += 1;
    },
    flush(): void {
      if (count > 0) out.push({ kind: "rubbish", bytes: Uint8Array.from(bytes), count, why });
      bytes = [];
      count = 0;
      why = "noise";
    },
  };
}

/** Lets a number pass once it came `frames` times in a row within `windowMs`, and as long as it keeps coming. */
function createConfirmation(frames: number, windowMs: number, onFirst: (() => void) | undefined) {
  let run: { readonly hex: string; readonly raw: readonly number[]; seenAtMs: readonly number[]; isConfirmed: boolean } | undefined;
  const abandon = (): Rdm6300Frame[] => {
    const given = run;
    run = undefined;
    if (given === undefined || given.isConfirmed) return [];
    return [{ kind: "rubbish", bytes: Uint8Array.from(given.raw), count: given.raw.length * given.seenAtMs.length, why: "unconfirmed" }];
  };
  const isStale = (atMs: number): boolean => {
    const lastMs = run?.seenAtMs.at(-1);
    return lastMs !== undefined && (atMs - lastMs > windowMs || atMs < lastMs);
  };
  return {
    take(hex: string, raw: readonly number[], atMs: number): Rdm6300Frame[] {
      const canonical = canonicalEm4100(hex);
      const out: Rdm6300Frame[] = run !== undefined && (run.hex !== hex || isStale(atMs)) ? abandon() : [];
      if (canonical.kind === "refused") {
        out.push({ kind: "rubbish", bytes: Uint8Array.from(raw), count: raw.length, why: "ghost" });
        return out;
      }
      if (run === undefined && frames > 1) onFirst?.();
      run ??= { hex, raw, seenAtMs: [], isConfirmed: false };
      run.seenAtMs = [...run.seenAtMs, atMs].slice(-frames);
      const [firstMs = atMs] = run.seenAtMs;
      if (run.seenAtMs.length === frames && atMs - firstMs <= windowMs) run.isConfirmed = true;
      if (run.isConfirmed) out.push({ kind: "card", number: canonical.number });
      return out;
    },
    expire: (atMs: number): Rdm6300Frame[] => (isStale(atMs) ? abandon() : []),
    reset(): void {
      run = undefined;
    },
  };
}

export interface Rdm6300Reader {
  /** Every frame, rubbish included: count rubbish, do not log it byte by byte. */
  onFrame(listener: (frame: Rdm6300Frame, atMs: number) => void): void;
  /** Bytes kept for an unfinished frame, for diagnostics. */
  bufferedBytes(): number;
  close(): Promise<void>;
}

/** Listens on a line. `nowMs` is a monotonic clock; the line belongs to the reader and closes with it. */
export function openRdm6300(line: ByteLine, options: Rdm6300Options & { readonly nowMs?: () => number } = {}): Rdm6300Reader {
  const nowMs = options.nowMs ?? (() => performance.now());
  const parser = createRdm6300Parser(options);
  const listeners: ((frame: Rdm6300Frame, atMs: number) => void)[] = [];
  line.onBytes((bytes) => {
    const atMs = nowMs();
    for (const frame of parser.feed(bytes, atMs)) for (const listener of listeners) listener(frame, atMs);
  });
  line.onState((state) => {
    if (state.kind === "lost") parser.reset();
  });
  return {
    onFrame: (listener) => void listeners.push(listener),
    bufferedBytes: () => parser.bufferedBytes(),
    close: () => line.close(),
  };
}

/** The line settings of every reader of this family. */
export const rdm6300BaudRate = 9_600;
