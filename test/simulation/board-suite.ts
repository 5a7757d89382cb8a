// What every simulated board must do; run by the emulated chip and by the protocol-level board. Times are the wall clock's.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PinLevel, SimulatedBoard } from "../../simulators/hardware/simulated-board.ts";
import { hex, meanOf, wiegandOf, windowsOf } from "./board-words.ts";

const [plain, hold, latch, pulse] = [0, 1, 2, 3];
const [input, output, pullup] = [0, 1, 11];
const greeting = "F9 02 06 F0 79 01 00 6B 00 6F 00 70 00 72 00 61 00 64 00 65 00 F7";
const capabilityLength = 2 + 2 + 18 * 7 + 6 * 2 + 2 * 2 + 1;

/** Registers the suite for one kind of board. `create` makes one with blank memory. */
export function boardSuite(kind: string, create: () => SimulatedBoard): void {
  describe(kind, () => {
    let board: SimulatedBoard;
    let received: number[];
    let changes: [pin: number, level: PinLevel][];

    const send = (...bytes: number[]): void => board.serial.rx(Uint8Array.from(bytes));
    const sysex = (...bytes: number[]): void => send(0xf0, ...bytes, 0xf7);
    const expectReply = async (bytes: string, timeout = 1000): Promise<void> => {
      await expect.poll(() => hex(received), { timeout, interval: 10 }).toContain(bytes);
      received.length = 0;
    };
    const ping = async (): Promise<void> => {
      sysex(1, 3);
      await expectReply("F0 01 03 F7");
    };
    const wire = (pin: number, role: number, isActiveLow = 0, durationMs = 0): void =>
      sysex(1, 1, pin, role, isActiveLow, durationMs & 0x7f, durationMs >> 7);
    const expectLevel = (pin: number, level: PinLevel, timeout = 500): Promise<void> =>
      expect.poll(() => board.pinLevel(pin), { timeout, interval: 5 }).toBe(level);

    beforeEach(async () => {
      board = create();
      received = [];
      changes = [];
      board.serial.onTx((bytes) => received.push(...bytes));
      board.onPinChange((pin, level) => changes.push([pin, level]));
      board.start();
      await expectReply(greeting);
    });
    afterEach(() => board.stop());

    test("answers the queries of a Firmata host", async () => {
      send(0xf9);
      await expectReply("F9 02 06");
      sysex(0x79);
      await expectReply(greeting.slice(9));
      sysex(0x6b);
      await expect.poll(() => received.length).toBe(capabilityLength);
      expect(hex(received.slice(0, 6))).toBe("F0 6C 7F 7F 00 01");
      received.length = 0;
      sysex(0x69);
      await expectReply("F0 6A 7F 7F 7F 7F 7F 7F 7F 7F 7F 7F 7F 7F 7F 7F 00 01 02 03 04 05 F7");
      sysex(0x6d, 13);
      await expectReply("F0 6E 0D 00 00 F7");
    });

    test("drives a pin by single write and by port, and says so when asked", async () => {
      send(0xf4, 13, output, 0xf5, 13, 1);
      await expectLevel(13, 1);
      sysex(0x6d, 13);
      await expectReply("F0 6E 0D 01 01 F7");
      send(0x91, 0, 0);
      await expectLevel(13, 0);
      send(0x91, 0x20, 0);
      await expectLevel(13, 1);
      expect(changes).toEqual([
        [13, 0],
        [13, 1],
        [13, 0],
        [13, 1],
      ]);
    });

    test("never drives a pin that is not an output", async () => {
      send(0xf5, 8, 1, 0x91, 0x7f, 1, 0xf5, 0, 1, 0xf4, 0, output, 0xf4, 60, output, 0xf5, 60, 1);
      await ping();
      expect(changes).toEqual([]);
    });

    test("reports inputs, with pull-up and without, when they change", async () => {
      send(0xf4, 2, pullup, 0xf4, 3, input, 0xd0, 1);
      await expectReply("90 04 00");
      board.setInput(2, 0);
      await expectReply("90 00 00");
      board.setInput(3, 1);
      await expectReply("90 08 00");
      board.setInput(2, "z");
      await expectReply("90 0C 00");
      send(0xd0, 0);
      await ping();
      board.setInput(3, 0);
      await ping();
      expect(received).toEqual([]);
    });

    test("a write to a plain input switches its pull-up, as johnny-five's buttons ask; to a wired one it does nothing", async () => {
      wire(4, hold);
      send(0xf4, 2, input, 0xf4, 4, input, 0xd0, 1);
      await expectReply("90 00 00");
      send(0x90, 0x14, 0);
      await expectReply("90 04 00");
      send(0xf5, 2, 0);
      await expectReply("90 00 00");
      expect(changes).toEqual([]);
    });

    test("samples an analog channel at the interval asked for", async () => {
      board.setAnalog(2, 2.5);
      sysex(0x7a, 50, 0);
      send(0xc2, 1);
      const since = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 520));
      send(0xc2, 0);
      const due = (performance.now() - since) / 50;
      const count = hex(received).split("E2 00 04").length - 1;
      expect(Math.abs(count - due), `${count} samples, ${due.toFixed(1)} due`).toBeLessThan(3);
    });

    test("drops hold outputs when the host falls silent, keeps latching and plain ones, and tells", async () => {
      wire(8, hold);
      wire(9, latch);
      wire(10, hold, 1);
      sysex(1, 2, 800 & 0x7f, 800 >> 7);
      for (const pin of [8, 9, 10, 11]) send(0xf4, pin, output, 0xf5, pin, 1);
      for (const [pin, level] of [
        [8, 1],
        [9, 1],
        [10, 0],
        [11, 1],
      ] as const)
        await expectLevel(pin, level);
      const since = performance.now();
      await expectLevel(8, 0, 2000);
      expect(performance.now() - since).toBeGreaterThan(200);
      expect([9, 10, 11].map((pin) => board.pinLevel(pin))).toEqual([1, 1, 1]);
      await expectReply("F0 01 04 00 0A 00 F7");
      sysex(1, 0);
      await expectReply("F0 01 00 03 01 01 00 00 20 06 01 F7");
    });

    test("keeps hold outputs while the host pings", async () => {
      wire(8, hold);
      sysex(1, 2, 800 & 0x7f, 800 >> 7);
      send(0xf4, 8, output, 0xf5, 8, 1);
      for (let i = 0; i < 8; i++) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        sysex(1, 3);
      }
      expect(changes).toEqual([
        [8, 0],
        [8, 1],
      ]);
    });

    test("a dropped output comes back only after the host has written off and on again", async () => {
      wire(8, hold);
      sysex(1, 2, 120, 0);
      send(0xf4, 8, output, 0xf5, 8, 1);
      await expectLevel(8, 1);
      await expectLevel(8, 0);
      send(0x91, 0x01, 0);
      await ping();
      expect(board.pinLevel(8)).toBe(0);
      send(0x91, 0, 0, 0x91, 0x01, 0);
      await expectLevel(8, 1);
    });

    test("a pulse ends by itself and starts again only on a new command", async () => {
      wire(7, pulse, 0, 150);
      send(0xf4, 7, output, 0xf5, 7, 1);
      await expectLevel(7, 1);
      const since = performance.now();
      await expectLevel(7, 0);
      expect(performance.now() - since).toBeGreaterThan(80);
      send(0xf5, 7, 1);
      await ping();
      expect(board.pinLevel(7)).toBe(0);
      send(0xf5, 7, 0, 0xf5, 7, 1);
      await expectLevel(7, 1);
    });

    test("an active-low output is never driven low before it is commanded on, not even across resets", async () => {
      wire(10, hold, 1);
      send(0xf4, 10, output);
      await expectLevel(10, 1);
      send(0xff);
      await expectLevel(10, "z");
      board.reset("brown-out");
      received.length = 0;
      await expectReply(greeting);
      send(0xf4, 10, output);
      await expectLevel(10, 1);
      expect(changes.filter(([, level]) => level === 0)).toEqual([]);
      send(0xf5, 10, 1);
      await expectLevel(10, 0);
    });

    test("a system reset switches every output off on its way to high impedance", async () => {
      wire(10, latch, 1);
      send(0xf4, 8, output, 0xf5, 8, 1, 0xf4, 10, output, 0xf5, 10, 1);
      await expectLevel(10, 0);
      changes.length = 0;
      send(0xff);
      await expectLevel(10, "z");
      expect(changes.filter(([pin]) => pin === 8)).toEqual([
        [8, 0],
        [8, "z"],
      ]);
      expect(changes.filter(([pin]) => pin === 10)).toEqual([
        [10, 1],
        [10, "z"],
      ]);
    });

    test.each([
      ["a sine of 50 Hz", 50, (phase: number) => Math.sin(phase)],
      ["a sine of 60 Hz", 60, (phase: number) => Math.sin(phase)],
      ["the pulses of a switched supply", 50, (phase: number) => (Math.abs(Math.sin(phase)) > 0.93 ? Math.sign(Math.sin(phase)) : 0)],
    ])("measures the true RMS of %s within 3 %", async (_name, mainsHz, shape) => {
      const amplitudeV = 1.2;
      board.setWave(1, (aliveS) => 2.5 + amplitudeV * shape(2 * Math.PI * mainsHz * aliveS));
      sysex(1, 5, 1, 1);
      await expectReply("F0 01 05 01 01 F7");
      await expect.poll(() => windowsOf(received).length, { timeout: 3000 }).toBeGreaterThanOrEqual(3);
      const truth = amplitudeV * Math.sqrt(meanOf((x) => shape(2 * Math.PI * x) ** 2));
      for (const [channel, rmsV, clipped] of windowsOf(received)) {
        expect([channel, clipped]).toEqual([1, 0]);
        expect(Math.abs(rmsV / truth - 1), `${rmsV} V of ${truth} V`).toBeLessThan(0.03);
      }
      sysex(1, 5, 1, 0);
      await expectReply("F0 01 05 01 00 F7");
      await ping();
      await new Promise((resolve) => setTimeout(resolve, 450));
      expect(windowsOf(received)).toEqual([]);
    });

    test("measures four clamps at a time and no fifth, says when a wave is cut, and goes on with Firmata's own samples", async () => {
      board.setWave(0, (aliveS) => 2.5 + 4 * Math.sin(2 * Math.PI * 50 * aliveS));
      board.setAnalog(4, 2.5);
      for (const channel of [0, 1, 2, 3]) {
        sysex(1, 5, channel, 1);
        await expectReply(`F0 01 05 0${channel} 01 F7`);
      }
      for (const [channel, on] of [
        [4, 1],
        [6, 1],
        [0, 2],
      ] as const) {
        sysex(1, 5, channel, on);
        await expectReply("F0 01 7F 05 03 F7");
      }
      send(0xc4, 1);
      await expect.poll(() => windowsOf(received).length, { timeout: 3000 }).toBeGreaterThanOrEqual(8);
      expect(new Set(windowsOf(received).map(([channel, , clipped]) => `${channel}${clipped === 1 ? " cut" : ""}`))).toEqual(
        new Set(["0 cut", "1 cut", "2 cut", "3 cut"]),
      );
      expect(hex(received)).toContain("E4 00 04");
    });

    test("hears a Wiegand reader bit by bit, passes every word on, and calls too long a word none", async () => {
      sysex(1, 7, 2, 9);
      await expectReply("F0 01 07 02 09 F7");
      for (const word of ["10000001000000000100000101", `1${"01".repeat(16)}0`, "0110"]) {
        board.setInput(2, 1);
        board.setInput(9, 1);
        board.sendWiegand(2, 9, word);
        await expectReply(`F0 01 08 ${wiegandOf(word)} F7`, 2000);
      }
      board.sendWiegand(2, 9, "1".repeat(70));
      await expectReply("F0 01 08 00 F7", 2000);
      sysex(1, 7, 0, 5);
      await expectReply("F0 01 7F 07 03 F7");
      sysex(1, 7, 2, 2);
      await expectReply("F0 01 07 02 02 F7");
      board.sendWiegand(2, 9, "10000001000000000100000101");
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(hex(received)).not.toContain("F0 01 08");
    });

    test("writes to an I2C device and reads from it; one that is not there answers nothing and holds nothing up", async () => {
      const written: number[] = [];
      let isThere = true;
      board.attachI2c(0x27, { isThere: () => isThere, write: (byte) => void written.push(byte), read: () => 0xa5 });
      sysex(0x76, 0x27, 0, 0x55, 1);
      await ping();
      expect(written, "before it was configured").toEqual([]);
      sysex(0x78, 0, 0);
      const bytes = Array.from({ length: 29 }, (_, i) => (i * 37) & 0xff);
      sysex(0x76, 0x27, 0, ...bytes.flatMap((byte) => [byte & 0x7f, byte >> 7]));
      await ping();
      expect(written).toEqual(bytes);
      sysex(0x76, 0x27, 8, 2, 0);
      await expectReply("F0 77 27 00 00 00 25 01 25 01 F7");
      sysex(0x76, 0x26, 8, 1, 0);
      await expectReply("F0 77 26 00 00 00 F7");
      isThere = false;
      sysex(0x76, 0x27, 8, 1, 0);
      await expectReply("F0 77 27 00 00 00 F7");
      sysex(0x76, 0x27, 0, 1, 0);
      await ping();
      isThere = true;
      sysex(0x76, 0x27, 8, 1, 0);
      await expectReply("F0 77 27 00 00 00 25 01 F7");
      sysex(0x6d, 18);
      await expectReply("F0 6E 12 06 00 F7");
      send(0xff);
      sysex(0x76, 0x27, 8, 1, 0);
      await ping();
      expect(hex(received)).not.toContain("F0 77");
      expect(written).toEqual(bytes);
    });

    test("writes to a character display by itself, half a byte at a time", async () => {
      const written: number[] = [];
      let isThere = true;
      board.attachI2c(0x3f, { isThere: () => isThere, write: (byte) => void written.push(byte), read: () => 0 });
      sysex(1, 9, 0x3f, 1, 0x41, 0);
      await expectReply("F0 01 7F 09 03 F7");
      sysex(0x78, 0, 0);
      sysex(1, 9, 0x3f, 1, 0x41, 0, 0x25, 1);
      await expectReply("F0 01 09 3F 01 F7");
      expect(hex(written)).toBe("09 4D 49 1D 19 AD A9 5D 59");
      written.length = 0;
      sysex(1, 9, 0x3f, 0, 0x40, 1);
      await expectReply("F0 01 09 3F 01 F7");
      expect(hex(written)).toBe("08 CC C8 0C 08");
      isThere = false;
      sysex(1, 9, 0x3f, 0, 0x40, 1);
      await expectReply("F0 01 09 3F 00 F7");
      sysex(1, 9, 0x3f);
      await expectReply("F0 01 7F 09 02 F7");
    });

    test("tells why it started and how often", async () => {
      for (const [index, [cause, bits]] of (
        [
          ["watchdog", "08"],
          ["brown-out", "04"],
          ["external", "02"],
        ] as const
      ).entries()) {
        board.reset(cause);
        received.length = 0;
        await expectReply(greeting);
        sysex(1, 0);
        await expectReply(`F0 01 00 03 ${bits} 0${index + 2} 00 00 50 0F 00 F7`);
      }
    });

    test("passes over what it does not know and answers what comes after", async () => {
      send(0x80, 1, 2, 0xe3, 1, 1, 0xf1, 0x55, 0xf7);
      sysex(0x0f, 1, 2, 3);
      sysex(0x71, ...new Array<number>(100).fill(5));
      sysex();
      send(0xf0, 0x6b, 0xf5, 13);
      await ping();
      expect(changes).toEqual([]);
      sysex(1, 42);
      await expectReply("F0 01 7F 2A 01 F7");
      sysex(1, 1, 8, hold);
      await expectReply("F0 01 7F 01 02 F7");
      sysex(1, 1, 1, plain, 0, 0, 0);
      await expectReply("F0 01 7F 01 03 F7");
      sysex(1, 2, 5, 0);
      await expectReply("F0 01 7F 02 03 F7");
    });

    test("twenty resets in a storm: no output is ever driven without a command", async () => {
      wire(8, hold);
      wire(9, pulse, 1, 500);
      await ping();
      for (let storm = 0; storm < 20; storm++) {
        board.reset(storm % 2 ? "brown-out" : "external");
        await new Promise((resolve) => setTimeout(resolve, (storm % 5) * 8));
      }
      received.length = 0;
      await new Promise((resolve) => setTimeout(resolve, 100));
      await ping();
      expect(changes).toEqual([]);
    });
  });
}
