/** `koprade firmware flash`: the real command, the real avrdude, a bootloader on a serial line; then the chip runs what was written. */
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Arduino, createArduino } from "../../simulators/hardware/arduino.ts";
import { createBootloader } from "../../simulators/hardware/bootloader.ts";
import { openPty, type Pty } from "../../simulators/hardware/pty.ts";
import { attachToPty } from "../../simulators/hardware/simulated-board.ts";
import { koprade } from "../support/command-line.ts";

const committed = await readFile(new URL("../../devices/firmware/koprade.hex", import.meta.url), "utf8");
let pty: Pty;
let arduino: Arduino | undefined;

beforeEach(() => {
  pty = openPty();
});
afterEach(() => {
  arduino?.stop();
  arduino = undefined;
  pty.close();
});

/** A board fresh from its box: nothing but a bootloader, which starts what it was given. */
function plugIn(deadAddress?: number): { written(): string } {
  const bootloader = createBootloader({
    tx: (bytes) => pty.write(bytes),
    onLeave() {
      stop();
      arduino = createArduino({ hex: bootloader.hex() });
      attachToPty(arduino, pty);
      arduino.start();
    },
    ...(deadAddress === undefined ? {} : { deadAddress }),
  });
  const stop = pty.onData((bytes) => bootloader.rx(bytes));
  return { written: () => bootloader.hex() };
}

test("the firmware is written, read back, and answers", async () => {
  const board = plugIn();
  const { code, said } = await koprade("firmware", "flash", "--port", pty.path);
  expect(said).toContain("the firmware is on the board and was read back; it answers as koprade 1.0, extension 3.");
  expect(code).toBe(0);
  expect(bytesOf(board.written())).toEqual(bytesOf(committed));
  const shown = await koprade("firmware", "show", "--port", pty.path);
  expect(shown).toMatchObject({ code: 0, said: expect.stringContaining("koprade 1.0 (extension 3), 20 pins.") });
}, 60_000);

test("a byte that does not take, a port where something else speaks and a missing one are told apart", async () => {
  plugIn(0x100);
  const worn = await koprade("firmware", "flash", "--port", pty.path);
  expect(worn).toEqual({
    code: 1,
    said: expect.stringMatching(/^koprade firmware flash: .*what was read back differs .*replace the board\.\n$/),
  });
  pty.close();
  pty = openPty();
  pty.onData(() => pty.write(Uint8Array.of(0xf9, 2, 6)));
  const busy = await koprade("firmware", "flash", "--port", pty.path);
  expect(busy).toEqual({ code: 1, said: expect.stringMatching(/^koprade firmware flash: .*no bootloader answers\..*--baud 57600\.\n$/) });
  const missing = await koprade("firmware", "flash", "--port", "/dev/ttyACM99");
  expect(missing).toEqual({ code: 1, said: expect.stringMatching(/^koprade firmware flash: --port: there is no \/dev\/ttyACM99\. .*\n$/) });
}, 120_000);

/** What an Intel HEX holds, without how its lines are cut. */
function bytesOf(hex: string): Buffer {
  const flash = Buffer.alloc(32_768, 0xff);
  for (const line of hex.trim().split(/\r?\n/)) {
    const record = Buffer.from(line.slice(1), "hex");
    if (record[3] === 0) record.subarray(4, -1).copy(flash, record.readUInt16BE(1));
  }
  return flash;
}
