/**
 * Key strokes as Linux tells them of `/dev/input/event…`: 24 bytes each on a 64-bit system (input-event-codes.h, evdev).
 *
 *   seconds i64 · microseconds i64 · type u16 · code u16 · value i32        little-endian; value 1 pressed, 0 let go, 2 held
 *
 * The codes are places on a US keyboard, whatever layout the computer has: a reader means those.
 */

export type KeyStroke = {
  /** the digit, letter, comma or control character that the key types; "?" for any other key */
  readonly character: string;
  /** in ms, by the clock of the device */
  readonly atMs: number;
};
export type InputHeard =
  | ({ readonly kind: "key" } & KeyStroke)
  | { readonly kind: "gap" } /** the kernel has dropped events: what was typed is not whole */
  | { readonly kind: "rubbish"; readonly count: number };

export interface InputEventParser {
  feed(bytes: Uint8Array): readonly InputHeard[];
  reset(): void;
  /** Bytes kept between calls; never more than 23. */
  bufferedBytes(): number;
}

export const inputEventBytes = 24;
const types = { sync: 0, key: 1, max: 0x1f } as const;
const droppedCode = 3;
const [pressed, held] = [1, 2];
const codesMax = 0x2ff;

const rows: readonly (readonly [from: number, characters: string])[] = [
  [2, "1234567890"],
  [16, "qwertyuiop"],
  [30, "asdfghjkl"],
  [44, "zxcvbnm,"],
  [71, "789"], // the keypad
  [75, "456"],
  [79, "1230"],
  [121, ","],
];
const characters = new Map<number, string>([
  ...rows.flatMap(([from, row]) => [...row].map((character, i) => [from + i, character] as const)),
  [28, "\n"],
  [96, "\n"],
  [15, "\t"],
]);
/** Shift makes the letters of some readers great ones, which mean the same; Num Lock is pressed by some before a number. */
const silentCodes: ReadonlySet<number> = new Set([42, 54, 69]);

export function createInputEventParser(): InputEventParser {
  let kept: Uint8Array = new Uint8Array(0);
  return {
    feed(bytes) {
      const out: InputHeard[] = [];
      const input = new Uint8Array(kept.length + bytes.length);
      input.set(kept);
      input.set(bytes, kept.length);
      const view = new DataView(input.buffer);
      let at = 0;
      while (input.length - at >= inputEventBytes) {
        const heard = eventAt(view, at);
        if (heard === "rubbish") {
          const last = out.at(-1);
          if (last?.kind === "rubbish") out[out.length - 1] = { kind: "rubbish", count: last.count + 1 };
          else out.push({ kind: "rubbish", count: 1 });
          at += 1; // nothing marks a start: the next whole event is where all its parts are possible
          continue;
        }
        if (heard !== null) out.push(heard);
        at += inputEventBytes;
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

function eventAt(view: DataView, at: number): InputHeard | "rubbish" | null {
  const [seconds, microseconds] = [view.getBigInt64(at, true), view.getBigInt64(at + 8, true)];
  const [type, code, value] = [view.getUint16(at + 16, true), view.getUint16(at + 18, true), view.getInt32(at + 20, true)];
  if (seconds < 0n || seconds >> 40n !== 0n || microseconds < 0n || microseconds > 999_999n || type > types.max) return "rubbish";
  if (type === types.sync) return code > droppedCode ? "rubbish" : code === droppedCode ? { kind: "gap" } : null;
  if (type !== types.key) return null;
  if (code > codesMax || value < 0 || value > held) return "rubbish";
  if (value === 0 || silentCodes.has(code)) return null;
  const character = value === pressed ? (characters.get(code) ?? "?") : "?"; // a key that is held down is a person's
  return { kind: "key", character, atMs: Number(seconds) * 1000 + Number(microseconds) / 1000 };
}
