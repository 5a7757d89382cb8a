/**
 * A character display (HD44780) behind an I2C expander (PCF8574: P0 RS, P1 RW, P2 E, P3 light, P4–P7 data), as bytes for that expander.
 * Only what changes is written, in pieces that leave the line to the board free for outputs in between. Pure: no clock, no line.
 *
 * Four wires, so each byte goes as two halves; a half is taken when E falls. RS is set before E rises (HD44780U datasheet, p. 58).
 */
import { glyphOf, plainOf } from "./lcd-letters.ts";

export type LcdSize = { readonly columns: number; readonly rows: number };

export type LcdRun = { readonly isData: boolean; readonly bytes: readonly number[] };

export interface LcdWriter {
  /** The display as it was switched on: how it is woken, each step with the pause after it. What it shows is unknown from here on. */
  wake(): readonly { readonly bytes: Uint8Array; readonly pauseMs: number }[];
  /** What it is to show; longer lines are cut, missing ones empty. */
  want(lines: readonly string[]): void;
  /** The next piece on the way to it, at most 29 bytes; null when it shows what it should. */
  next(): Uint8Array | null;
  /** The same for a board that makes the halves by itself: at most 16 bytes, all of them data or all of them instructions. */
  nextRun(): LcdRun | null;
}

/** Whether an expander with this port has been written by us since it was switched on: all its pins are high then, E among them. */
export const isAwake = (port: number): boolean => (port & enable) === 0;

const [rs, enable, light] = [0x01, 0x04, 0x08];
/** Two bytes of seven bits each fit a Firmata message of 64 with its head (devices/firmware). */
const pieceBytesMax = 29;
const runBytesMax = 16;
const slots = 8;
const unknown = -1;
const blank = 0x20;
type Op = { readonly isData: boolean; readonly byte: number };

export function createLcdWriter({ columns, rows }: LcdSize): LcdWriter {
  const cells = columns * rows;
  let lines: readonly string[] = [];
  let wanted: readonly number[] = new Array<number>(cells).fill(blank);
  let shown: number[] = new Array<number>(cells).fill(unknown);
  let ops: Op[] = [];
  let isDataLast: boolean | null = null;
  /** the letter drawn in each place, the place used longest ago first in `order` */
  let drawn = new Array<string | null>(slots).fill(null);
  let order = drawn.map((_, slot) => slot);

  const half = (value: number, isData: boolean): number[] => {
    const byte = (value << 4) | light | (isData ? rs : 0);
    return [byte | enable, byte];
  };
  const bytesOf = ({ isData, byte }: Op): number[] => {
    const setup = isData === isDataLast ? [] : [light | (isData ? rs : 0)];
    isDataLast = isData;
    return [...setup, ...half(byte >> 4, isData), ...half(byte & 0x0f, isData)];
  };
  const instruct = (byte: number): Op => ({ isData: false, byte });

  /** The places of the letters of these lines; those for which there is none are left out. */
  function draw(text: readonly string[]): Map<string, number> {
    const needed = [...new Set(text.join(""))].filter((letter) => glyphOf(letter) !== undefined).slice(0, slots);
    const places = new Map<string, number>();
    for (const letter of needed) if (drawn.includes(letter)) places.set(letter, drawn.indexOf(letter));
    for (const letter of needed) {
      if (places.has(letter)) continue;
      const slot = order.find((each) => ![...places.values()].includes(each)) ?? 0;
      drawn[slot] = letter;
      places.set(letter, slot);
      const rowOps = (glyphOf(letter) ?? []).map((byte) => ({ isData: true, byte }));
      ops.push(instruct(0x40 | (slot << 3)), ...rowOps);
    }
    const used = [...places.values()];
    order = [...order.filter((slot) => !used.includes(slot)), ...used];
    return places;
  }

  function layOut(): void {
    const text = Array.from({ length: rows }, (_, row) => [...(lines[row] ?? "").normalize("NFC")].slice(0, columns).join(""));
    const places = draw(text);
    wanted = text.flatMap((line) =>
      Array.from({ length: columns }, (_, column) => {
        const letter = [...line][column] ?? " ";
        return places.get(letter) ?? plainOf(letter).charCodeAt(0);
      }),
    );
  }

  const addressOf = (cell: number): number => {
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    return (row % 2) * 0x40 + (row >= 2 ? columns : 0) + column;
  };
  /** The next run of cells that are wrong, within one line. */
  function correct(): void {
    const from = wanted.findIndex((code, cell) => code !== shown[cell]);
    if (from < 0) return;
    ops.push(instruct(0x80 | addressOf(from)));
    const end = (Math.floor(from / columns) + 1) * columns;
    for (let cell = from; cell < end && wanted[cell] !== shown[cell]; cell += 1) {
      const byte = wanted[cell] ?? blank;
      ops.push({ isData: true, byte });
      shown[cell] = byte;
    }
  }

  function nextRun(): LcdRun | null {
    if (ops.length === 0) correct();
    const [first] = ops;
    if (first === undefined) return null;
    const other = ops.findIndex(({ isData }) => isData !== first.isData);
    const run = ops.splice(0, Math.min(runBytesMax, other < 0 ? ops.length : other));
    isDataLast = first.isData;
    return { isData: first.isData, bytes: run.map(({ byte }) => byte) };
  }

  return {
    nextRun,
    wake() {
      shown = new Array<number>(cells).fill(unknown);
      drawn = new Array<string | null>(slots).fill(null);
      ops = [];
      isDataLast = false;
      layOut();
      const once = (value: number, pauseMs: number) => ({ bytes: Uint8Array.of(light, ...half(value, false)), pauseMs });
      // p. 46: three times "eight wires", then four; two lines; on without a cursor; left to right
      const settings = [0x28, 0x0c, 0x06].flatMap((byte) => bytesOf(instruct(byte)));
      return [once(3, 5), once(3, 1), once(3, 1), once(2, 1), { bytes: Uint8Array.from(settings), pauseMs: 1 }];
    },
    want(next) {
      lines = next;
      layOut();
    },
    next() {
      if (ops.length === 0) correct();
      const piece: number[] = [];
      while (ops.length > 0) {
        const [op] = ops;
        const before = isDataLast;
        const bytes = op === undefined ? [] : bytesOf(op);
        if (piece.length + bytes.length > pieceBytesMax) {
          isDataLast = before;
          break;
        }
        piece.push(...bytes);
        ops.shift();
        if (ops.length === 0) correct();
      }
      return piece.length === 0 ? null : Uint8Array.from(piece);
    },
  };
}
