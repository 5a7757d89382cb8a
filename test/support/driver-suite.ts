/**
 * The suite that every serial driver passes: bytes split anywhere, garbage around them, bad checksums, overlong and
 * unfinished messages, silence, unplug and replug, bounded memory. A driver joins with one `DriverUnderTest`.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ByteLine, BytesListener, LineState, StateListener, WriteOutcome } from "../../devices/drivers/byte-line.ts";

/** A byte line whose far end is the test: `push` is what the device sends, `written` what it was sent. */
export interface TestLine extends ByteLine {
  readonly written: Uint8Array[];
  push(bytes: Uint8Array): void;
  unplug(): void;
  plugIn(): void;
}

export function createTestLine(): TestLine {
  const bytesListeners = new Set<BytesListener>();
  const stateListeners = new Set<StateListener>();
  const written: Uint8Array[] = [];
  let state: LineState = { kind: "open" };
  const enter = (next: LineState): void => {
    state = next;
    for (const listener of [...stateListeners]) listener(next);
  };
  return {
    path: "/test/line",
    written,
    state: () => state,
    onBytes(listener) {
      bytesListeners.add(listener);
      return () => bytesListeners.delete(listener);
    },
    onState(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    write(bytes): Promise<WriteOutcome> {
      if (state.kind === "lost") return Promise.resolve({ kind: "failed", why: "not open" });
      written.push(bytes);
      return Promise.resolve({ kind: "written" });
    },
    async close() {
      bytesListeners.clear();
      stateListeners.clear();
    },
    push(bytes) {
      if (state.kind === "open") for (const listener of [...bytesListeners]) listener(bytes);
    },
    unplug: () => enter({ kind: "lost", why: "unplugged" }),
    plugIn: () => enter({ kind: "open" }),
  };
}

/** A driver opened on a test line. */
export interface OpenDriver {
  /** Delivers what the device sends, read by read, to one round of the driver; returns what it accepted, as text. */
  hear(reads: readonly Uint8Array[]): Promise<readonly string[]>;
  /** Lets so much time pass that anything unfinished is given up. */
  wait(): Promise<void>;
  /** The most that was ever kept for an unfinished message, as far as the driver shows it. */
  bufferedBytes(): number;
}

export interface DriverUnderTest {
  readonly name: string;
  open(line: TestLine): OpenDriver;
  /** A complete message that the driver accepts, and what it then says. */
  readonly good: { readonly bytes: Uint8Array; readonly says: string };
  readonly other: { readonly bytes: Uint8Array; readonly says: string };
  readonly badChecksum: Uint8Array;
  /** What it sends carries no check: a changed bit may be another message, and only its form can be refused. */
  readonly hasNoChecksum?: true;
  /** A message that starts well and goes on for longer than any message may. */
  readonly overlong: Uint8Array;
  /** Bytes that come between messages on a real line. */
  readonly garbage: readonly Uint8Array[];
  readonly bufferedBytesMax: number;
  /** After bytes of another rate the message is heard at the latest when it comes for this time; 1 unless said. */
  readonly resyncMessages?: number;
}

export function testDriver(driver: DriverUnderTest): void {
  const open = (): { readonly line: TestLine; readonly opened: OpenDriver } => {
    const line = createTestLine();
    return { line, opened: driver.open(line) };
  };
  const { good, other } = driver;

  describe(`${driver.name} passes the driver suite`, () => {
    it("accepts a message split at every byte, and byte by byte", async () => {
      const { opened } = open();
      for (let at = 1; at < good.bytes.length; at += 1) {
        const says = await opened.hear([good.bytes.slice(0, at), good.bytes.slice(at)]);
        expect(says, `split at ${at}`).toEqual([good.says]);
        await opened.wait();
      }
      expect(await opened.hear(Array.from(good.bytes, (byte) => Uint8Array.of(byte)))).toEqual([good.says]);
    });

    it("finds a message with garbage before, after and around it", async () => {
      const { opened } = open();
      for (const garbage of driver.garbage) {
        expect(await opened.hear([garbage, good.bytes])).toEqual([good.says]);
        await opened.wait();
        expect(await opened.hear([good.bytes, garbage])).toEqual([good.says]);
        await opened.wait();
        expect(await opened.hear([concat(garbage, other.bytes, garbage)])).toEqual([other.says]);
        await opened.wait();
      }
    });

    it("refuses a bad checksum and accepts the next good message", async () => {
      const { opened } = open();
      expect(await opened.hear([driver.badChecksum])).toEqual([]);
      await opened.wait();
      expect(await opened.hear([good.bytes])).toEqual([good.says]);
    });

    // A number that is typed has no checksum: there is nothing to refuse.
    if (driver.hasNoChecksum !== true)
      it("refuses every message with one bit changed", async () => {
        for (let bit = 0; bit < good.bytes.length * 8; bit += 5) {
          const { opened } = open();
          const changed = Uint8Array.from(good.bytes);
          changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          expect(
            (await opened.hear([changed])).filter((says) => says !== good.says),
            `bit ${bit}`,
          ).toEqual([]);
        }
      });

    it("hears nothing at another baud rate, and the message that comes at its own", async () => {
      const { opened } = open();
      for (const [sent, heard] of wrongRates) {
        expect(await opened.hear([heardAt(good.bytes, sent, heard)]), `${sent} heard at ${heard}`).toEqual([]);
        expect(opened.bufferedBytes()).toBeLessThanOrEqual(driver.bufferedBytesMax);
        await opened.wait();
        const again = Array.from({ length: driver.resyncMessages ?? 1 }, () => good.bytes);
        expect(await opened.hear(again), `after ${sent} heard at ${heard}`).toEqual([good.says]);
        await opened.wait();
      }
    });

    it("refuses an overlong message and accepts the next good one", async () => {
      const { opened } = open();
      expect(await opened.hear([driver.overlong])).toEqual([]);
      expect(opened.bufferedBytes()).toBeLessThanOrEqual(driver.bufferedBytesMax);
      await opened.wait();
      expect(await opened.hear([good.bytes])).toEqual([good.says]);
    });

    it("says nothing on silence, gives up a half message, and recovers", async () => {
      const { opened } = open();
      expect(await opened.hear([])).toEqual([]);
      for (let at = 1; at < Math.min(good.bytes.length, 25); at += 6) {
        expect(await opened.hear([good.bytes.slice(0, at)])).toEqual([]);
        await opened.wait();
        expect(await opened.hear([good.bytes]), `after ${at} bytes`).toEqual([good.says]);
        await opened.wait();
      }
    });

    it("does not join halves from before and after an unplug, and works after the replug", async () => {
      const { line, opened } = open();
      const half = good.bytes.length >> 1;
      await opened.hear([good.bytes.slice(0, half)]);
      line.unplug();
      expect(await opened.hear([good.bytes.slice(half)])).toEqual([]);
      line.plugIn();
      expect(await opened.hear([good.bytes.slice(half)])).toEqual([]);
      await opened.wait();
      expect(await opened.hear([good.bytes])).toEqual([good.says]);
    });

    it("keeps its memory bounded under 128 KB of noise, and hears the message after it", async () => {
      const { opened } = open();
      const noise = new Uint8Array(1 << 17);
      for (let at = 0; at < noise.length; at += 1) noise[at] = driver.overlong[at % driver.overlong.length] ?? 0;
      expect(await opened.hear([noise])).toEqual([]);
      expect(opened.bufferedBytes()).toBeLessThanOrEqual(driver.bufferedBytesMax);
      await opened.wait();
      expect(await opened.hear([good.bytes])).toEqual([good.says]);
    });

    it("accepts nothing from random bytes", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), async (reads) => {
          const { opened } = open();
          expect(await opened.hear(reads)).toEqual([]);
          expect(opened.bufferedBytes()).toBeLessThanOrEqual(driver.bufferedBytesMax);
        }),
        { numRuns: 60, seed: 20_260 },
      );
    });
  });
}

const wrongRates = [
  [9_600, 19_200],
  [9_600, 115_200],
  [9_600, 4_800],
  [115_200, 9_600],
  [19_200, 57_600],
] as const;

/**
 * What a receiver set to one rate makes of bytes sent at another (8N1): it waits for a falling edge, then looks at the middle of each
 * of its own bits. A byte without its stop bit is handed on all the same, as most adapters do.
 */
export function heardAt(bytes: Uint8Array, sentBaud: number, heardBaud: number): Uint8Array {
  const levels = [1, 1, ...[...bytes].flatMap((byte) => [0, ...Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1), 1]), 1, 1, 1];
  const levelAt = (time: number): number => levels[Math.floor(time * sentBaud)] ?? 1;
  const bit = 1 / heardBaud;
  const step = 1 / (16 * Math.max(sentBaud, heardBaud));
  const out: number[] = [];
  for (let time = 0; time < levels.length / sentBaud; time += step) {
    if (levelAt(time) === 1) continue;
    out.push(Array.from({ length: 8 }, (_, i) => levelAt(time + (i + 1.5) * bit) << i).reduce((byte, one) => byte | one, 0));
    time += 9.5 * bit;
    while (levelAt(time) === 0 && time < levels.length / sentBaud) time += step;
  }
  return Uint8Array.from(out);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));
}
