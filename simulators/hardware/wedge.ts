// A USB reader that types, as Linux hands its keys on: four events of 24 bytes for each key (pressed, sync, let go, sync), all with
// the time at which the kernel heard them.

/** linux/input-event-codes.h */
const codes: Readonly<Record<string, number>> = {
  ...{ "1": 2, "2": 3, "3": 4, "4": 5, "5": 6, "6": 7, "7": 8, "8": 9, "9": 10, "0": 11 },
  ...{ a: 30, b: 48, c: 46, d: 32, e: 18, f: 33, h: 35, l: 38, o: 24 },
  ...{ ",": 51, "\t": 15, "\n": 28 },
};
const keypad: Readonly<Record<string, number>> = {
  ...{ "7": 71, "8": 72, "9": 73, "4": 75, "5": 76, "6": 77, "1": 79, "2": 80, "3": 81, "0": 82, ",": 121, "\n": 96 },
};
const leftShift = 42;

/** The events of a text typed with `keyMs` from key to key, beginning at `startMs`. Throws for a character that no reader types. */
export function keyEvents(text: string, given: { startMs?: number; keyMs?: number; keypad?: boolean } = {}): Uint8Array {
  const { startMs = 1_000, keyMs = 10 } = given;
  const codesOf = given.keypad === true ? keypad : codes;
  const parts = [...text].flatMap((character, i) => {
    const code = codesOf[character.toLowerCase()];
    if (code === undefined) throw new Error(`no reader types "${character}"`);
    const atMs = startMs + i * keyMs;
    const isGreat = /[A-Z]/.test(character);
    return [
      ...(isGreat ? [event(atMs, 1, leftShift, 1), event(atMs, 0, 0, 0)] : []),
      ...[
        event(atMs, 4, 4, 0x7001e + i),
        event(atMs, 1, code, 1),
        event(atMs, 0, 0, 0),
        event(atMs + 2, 1, code, 0),
        event(atMs + 2, 0, 0, 0),
      ],
      ...(isGreat ? [event(atMs + 2, 1, leftShift, 0), event(atMs + 2, 0, 0, 0)] : []),
    ];
  });
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** One `struct input_event` of a 64-bit system. */
export function event(atMs: number, type: number, code: number, value: number): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(Math.floor(atMs / 1000)), true);
  view.setBigInt64(8, BigInt(Math.round((atMs % 1000) * 1000)), true);
  view.setUint16(16, type, true);
  view.setUint16(18, code, true);
  view.setInt32(20, value, true);
  return bytes;
}
