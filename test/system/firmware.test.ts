// The firmware as a host meets it: compiled by the real compiler, run on the emulated chip, driven over a serial line by
// unchanged johnny-five. Prints its figures.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildFirmware } from "../../devices/firmware/build.ts";
import { type Arduino, createArduino } from "../../simulators/hardware/arduino.ts";
import { openPty, type Pty, stdioWithoutPtys } from "../../simulators/hardware/pty.ts";
import { attachToPty, type PinLevel } from "../../simulators/hardware/simulated-board.ts";
import { openJohnny } from "../simulation/board-johnny.ts";
import { slowdown } from "../support/slowdown.ts";

const committedHex = new URL("../../devices/firmware/koprade.hex", import.meta.url);
const hostProgram = new URL("../simulation/board-host.ts", import.meta.url).pathname;
const hex = await readFile(committedHex, "utf8");

test("the committed image is what the sources compile to, byte for byte", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "koprade-firmware-test-"));
  try {
    const built = await buildFirmware(folder);
    expect(await readFile(built.hexPath, "utf8")).toBe(hex);
    console.log(`firmware: ${built.flashBytes} bytes of flash, sha256 ${built.sha256.slice(0, 12)}`);
    expect(built.flashBytes).toBeLessThan(8192);
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe("on the emulated chip, over a serial line", { timeout: 30_000 }, () => {
  let arduino: Arduino;
  let pty: Pty;
  let detach: () => void;
  let changes: [pin: number, level: PinLevel][];
  const children: ChildProcess[] = [];

  beforeEach(() => {
    pty = openPty();
    arduino = createArduino({ hex });
    changes = [];
    arduino.onPinChange((pin, level) => changes.push([pin, level]));
    detach = attachToPty(arduino, pty);
    arduino.start();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    arduino.stop();
    detach();
    pty.close();
  });

  test("johnny-five blinks a lamp, sees a button and reads an analog pin", async () => {
    const { five, board, close } = await openJohnny(pty.path);
    expect(board.io.firmware.name).toBe("koprade");
    expect(changes).toEqual([]);

    const lamp = new five.Led({ board, pin: 13 });
    lamp.blink(60);
    await expect.poll(() => changes.filter(([pin]) => pin === 13).length, { timeout: 3000 }).toBeGreaterThan(6);
    lamp.stop();
    lamp.off();
    await expect.poll(() => arduino.pinLevel(13)).toBe(0);

    const presses: string[] = [];
    const button = new five.Button({ board, pin: 2, isPullup: true });
    button.on("down", () => presses.push("down"));
    button.on("up", () => presses.push("up"));
    await pause(200);
    arduino.setInput(2, 0);
    await expect.poll(() => presses, { timeout: 2000 }).toEqual(["down"]);
    arduino.setInput(2, "z");
    await expect.poll(() => presses, { timeout: 2000 }).toEqual(["down", "up"]);

    arduino.setAnalog(1, 3.75);
    const sensor = new five.Sensor({ board, pin: "A1", freq: 50 });
    await expect.poll(() => sensor.value, { timeout: 2000 }).toBe(768);
    await close();
  });

  test("a killed host loses its hold output within 2.5 s and keeps the latching one", async () => {
    const host = await startHost();
    await pause(2500);
    expect([arduino.pinLevel(8), arduino.pinLevel(9)]).toEqual([1, 1]);
    host.kill("SIGKILL");
    const diedAt = performance.now();
    await expect.poll(() => arduino.pinLevel(8), { timeout: 20_000, interval: 5 }).toBe(0);
    const droppedMs = performance.now() - diedAt;
    console.log(`hold output off ${Math.round(droppedMs)} ms after the host was killed`);
    expect(droppedMs).toBeLessThan(2000 + 500 * slowdown());
    expect(arduino.pinLevel(9)).toBe(1);
  });

  test("a host that comes back finds the outputs as the watchdog left them, and why", async () => {
    (await startHost()).kill("SIGKILL");
    await expect.poll(() => arduino.pinLevel(8), { timeout: 4000 }).toBe(0);
    const { five, board, close } = await openJohnny(pty.path);
    const hello: number[][] = [];
    board.io.sysexResponse(0x01, (data) => hello.push(data));
    board.io.sysexCommand([0x01, 0x00]);
    await expect.poll(() => hello).toEqual([[0, 3, 1, 1, 0, 0, 0x50, 0x0f, 1]]);
    const permit = new five.Led({ board, pin: 8 });
    expect(arduino.pinLevel(8)).toBe(0);
    permit.on();
    await pause(100);
    expect(arduino.pinLevel(8), "on needs an off first: the board cannot tell a new wish from an old one").toBe(0);
    permit.off();
    permit.on();
    await expect.poll(() => arduino.pinLevel(8)).toBe(1);
    await close();
  });

  test("twenty reboots under a living host: outputs fall with each, and none is driven without a new command", async () => {
    await startHost();
    let active = 0;
    for (let reboot = 0; reboot < 20; reboot++) {
      changes.length = 0;
      arduino.reset((["external", "brown-out", "watchdog"] as const)[reboot % 3]);
      await pause(30 + (reboot % 4) * 10);
      active += changes.filter(([, level]) => level !== "z").length;
      expect([arduino.pinLevel(8), arduino.pinLevel(9)]).toEqual(["z", "z"]);
    }
    console.log(`reboot storm: 20 resets, ${active} outputs driven without a command`);
    expect(active).toBe(0);
  });

  test("a firmware that hangs is restarted by the chip's own watchdog", async () => {
    // An endless loop in place of the main loop's first wdr instruction (0x95A8): rjmp to itself.
    const hung = withEndlessLoop(hex);
    const board = createArduino({ hex: hung });
    let received = "";
    board.serial.onTx((bytes) => {
      received += Buffer.from(bytes).toString("hex");
    });
    board.start();
    await expect.poll(() => received.split("f90206").length - 1, { timeout: 4000 }).toBeGreaterThanOrEqual(2);
    board.stop();
  });

  test("forty Wiegand words while four clamps are measured and the host talks: none is lost, none is wrong", async () => {
    const words = Array.from({ length: 40 }, (_, i) => ((i * 2_654_435_761) % 2 ** 26).toString(2).padStart(26, "0"));
    let received = "";
    arduino.serial.onTx((bytes) => {
      received += Buffer.from(bytes).toString("hex");
    });
    for (const pin of [2, 3]) arduino.setInput(pin, 1);
    const send = (...bytes: number[]): void => arduino.serial.rx(Uint8Array.from(bytes));
    for (const channel of [0, 1, 2, 3]) {
      arduino.setWave(channel, (aliveS) => 2.5 + Math.sin(2 * Math.PI * 50 * aliveS));
      send(0xf0, 1, 5, channel, 1, 0xf7);
    }
    send(0xf0, 1, 7, 2, 3, 0xf7);
    await expect.poll(() => received).toContain("f001070203f7");
    const talk = setInterval(() => send(0xf0, 1, 0, 0xf7, 0xf9), 5);
    for (const [index, word] of words.entries()) {
      arduino.sendWiegand(2, 3, word);
      await expect.poll(() => wiegandWords(received).length, { timeout: 3000, interval: 5 }).toBe(index + 1);
    }
    clearInterval(talk);
    expect(wiegandWords(received)).toEqual(words);
    console.log(
      `Wiegand under load: ${words.length} words of 26 bits, 0 wrong; awake ${(arduino.awakeShare() * 100).toFixed(1)} % of the time`,
    );
  });

  test("an idle board costs little", async () => {
    await pause(300);
    const before = process.cpuUsage();
    const since = performance.now();
    await pause(3000);
    const { user, system } = process.cpuUsage(before);
    const share = (user + system) / 1000 / (performance.now() - since);
    console.log(
      `idle board: ${(share * 100).toFixed(1)} % of a core; the firmware is awake ${(arduino.awakeShare() * 100).toFixed(1)} % of the time`,
    );
    // What the firmware does is the firmware's; how much of a core that is differs between computers.
    expect(arduino.awakeShare()).toBeLessThan(0.1);
    expect(arduino.slippedMs()).toBeLessThan(500 * slowdown());
  });

  async function startHost(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [hostProgram, pty.path], { stdio: stdioWithoutPtys(["ignore", "pipe", "inherit"]) });
    children.push(child);
    let printed = "";
    child.stdout?.on("data", (text: Buffer) => {
      printed += text.toString();
    });
    await expect.poll(() => printed, { timeout: 15_000 }).toContain("on");
    await expect.poll(() => [arduino.pinLevel(8), arduino.pinLevel(9)]).toEqual([1, 1]);
    return child;
  }
});

/** The words in what a board sent: a count, then seven bits a byte. */
function wiegandWords(hexText: string): string[] {
  return [...hexText.matchAll(/f001081a((?:[0-7][0-9a-f]){4})f7/g)].map(([, sevens = ""]) =>
    [...Buffer.from(sevens, "hex")]
      .map((seven) => seven.toString(2).padStart(7, "0"))
      .join("")
      .slice(0, 26),
  );
}

/** The image with its last wdr instruction (in the main loop) replaced by a jump to itself. */
function withEndlessLoop(image: string): string {
  const lines = image.trim().split(/\r?\n/);
  const bytes = lines.map((line) => Buffer.from(line.slice(1), "hex"));
  const flat = Buffer.concat(bytes.slice(0, -1).map((record) => record.subarray(4, -1)));
  const at = flat.lastIndexOf(Buffer.of(0xa8, 0x95));
  if (at < 0) throw new Error("the image holds no wdr instruction");
  flat.set([0xff, 0xcf], at);
  const records: string[] = [];
  for (let address = 0; address < flat.length; address += 16) {
    const data = flat.subarray(address, address + 16);
    const record = Buffer.of(data.length, address >> 8, address & 0xff, 0, ...data);
    const sum = record.reduce((total, byte) => total + byte, 0);
    records.push(`:${record.toString("hex")}${(-sum & 0xff).toString(16).padStart(2, "0")}`.toUpperCase());
  }
  return [...records, ":00000001FF"].join("\n");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
