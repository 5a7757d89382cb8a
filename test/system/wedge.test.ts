/**
 * A reader that types, on a device node: a pipe that carries what `/dev/input` would. No kernel here makes a keyboard of bytes; for the
 * whole node a library stands between it and the kernel (keyboard.c), which leads the path to the pipe and grants the grab.
 */
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { grabInput, ioctl, openInputDevice } from "../../devices/drivers/input-device.ts";
import { openWedge } from "../../devices/drivers/wedge-reader.ts";
import { openPty } from "../../simulators/hardware/pty.ts";
import { keyEvents } from "../../simulators/hardware/wedge.ts";
import { aSocket, cleanups } from "../devices/drivers/cables.ts";
import { createFirmataPeer } from "../devices/drivers/firmata-peer.ts";
import { nodeProgram } from "../devices/kit/node-process.ts";
import { startRealHub, until } from "../devices/kit/test-hub.ts";
import { doorFacts } from "../devices/kit/world.ts";

/** _IO('T', 0x0c): nobody else may open this terminal */
const exclusive = 0x540cn;

function aPipe(path: string): { type(text: string): void; unplug(): void } {
  execFileSync("mkfifo", [path]);
  const end = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  let isIn = true;
  const unplug = (): void => {
    if (!isIn) return;
    isIn = false;
    closeSync(end);
    rmSync(path);
  };
  cleanups.push(unplug);
  return { type: (text) => void writeSync(end, keyEvents(text, { startMs: performance.now() })), unplug };
}

it("reads cards, is lost with its device, and reads again after the replug, without a rest from before", async () => {
  const { path } = aSocket();
  let grabs = 0;
  const grab = (): boolean => {
    grabs += 1;
    return true;
  };
  let keyboard = aPipe(path);
  const device = openInputDevice({ path, reopenMs: 50, reopenMsMax: 200, grab });
  const reader = openWedge(device, { format: "8H10D" });
  cleanups.push(() => reader.close());
  const heard: unknown[] = [];
  reader.onRead((read) => heard.push(read));
  reader.onState((state) => heard.push(state));
  const card = { kind: "card", number: "em32:026F6C3A", usable: true };
  await expect.poll(() => heard.splice(0)).toEqual(["ready"]);
  await new Promise((resolve) => setTimeout(resolve, 150)); // what is typed while it opens may lack its beginning

  keyboard.type("0040856634\n");
  await expect.poll(() => heard.splice(0)).toEqual([card]);
  keyboard.type("0040856634"); // no end: silence is one
  await expect.poll(() => heard.splice(0)).toEqual([card]);
  keyboard.type("00408");
  keyboard.unplug();
  await expect.poll(() => heard.splice(0).at(-1), { timeout: 5_000 }).toBe("lost");
  keyboard = aPipe(path);
  await expect.poll(() => heard.splice(0).at(-1), { timeout: 5_000 }).toBe("ready");
  await new Promise((resolve) => setTimeout(resolve, 150));
  keyboard.type("0040856634\n");
  await expect.poll(() => heard.splice(0)).toEqual([card]);
  expect(grabs).toBe(2);
});

it("asks the kernel itself: what is no keyboard cannot be grabbed, and the call reaches the device", async () => {
  const { path, plugIn } = aSocket();
  const pty = plugIn();
  const terminal = openSync(pty.path, constants.O_RDWR | constants.O_NOCTTY);
  cleanups.push(() => closeSync(terminal));
  expect(grabInput(terminal)).toBe(false);
  expect(ioctl(terminal, exclusive, 0n)).toBe(0);
  expect(ioctl(-1, exclusive, 0n)).toBe(-1);
  const states: unknown[] = [];
  const device = openInputDevice({ path });
  cleanups.push(() => device.close());
  device.onState((state) => states.push(state));
  await expect.poll(() => states).toEqual([{ kind: "lost", why: "another program has grabbed it, or it is no input device" }]);
});

it("opens a door in a whole node, which takes the keyboard for itself alone, and takes it again after a replug", {
  timeout: 90_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "koprade-wedge-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const [library, pipe, grabs] = ["keyboard.so", "keyboard", "grabs"].map((name) => join(folder, name)) as [string, string, string];
  execFileSync("gcc", ["-shared", "-fPIC", "-O2", "-o", library, join(import.meta.dirname, "..", "support", "keyboard.c"), "-ldl"]);
  let keyboard = aPipe(pipe);
  const strikePin = 4;
  const facts = { ...doorFacts, door: { strikeMs: 500, shuntMs: 30_000 } };
  const hub = await startRealHub({ node: "door-node", ch: "door", facts, more: ["em32:026F6C3A"] });
  const cable = openPty();
  const board = createFirmataPeer((bytes) => cable.write(bytes));
  cable.onData((bytes) => board.receive(bytes));
  const reader = { kind: "wedge", port: "/dev/input/by-id/usb-reader-event-kbd", format: "8H10D" };
  const door = { reader, strike: { pin: strikePin }, settings: { readerSameCardMs: 0 } };
  const node = nodeProgram(hub, hub.writeConfig(hub.port, { kind: "door", logLevel: "error", board: { port: cable.path }, door }));
  cleanups.push(
    () => hub.close(),
    () => cable.close(),
    () => node.kill(),
  );
  const isOpen = () => board.levels[strikePin] === 1;
  const readerIs = () => hub.bodies().flatMap((body) => (body.kind === "node.reader" ? [body.state] : []));
  await node.start({ LD_PRELOAD: library, KEYBOARD_PIPE: pipe, KEYBOARD_GRABS: grabs });
  expect(readFileSync(grabs, "utf8")).toBe("1\n");

  keyboard.type("0040856634\n");
  await until("an open door", isOpen, 15_000);
  await until("a locked door", () => !isOpen(), 15_000);
  keyboard.unplug();
  await until("the reader missed", () => readerIs().at(-1) === "lost", 15_000);
  keyboard = aPipe(pipe);
  await until("the reader back", () => readerIs().at(-1) === "ready", 15_000);
  await new Promise((resolve) => setTimeout(resolve, 1_200)); // what lies on a reader that comes back was there before
  expect(readFileSync(grabs, "utf8")).toBe("1\n1\n");
  keyboard.type("0040856634\n");
  await until("an open door after the replug", isOpen, 15_000);
  const decided = hub.bodies().flatMap((body) => (body.kind === "access.decided" ? [body.outcome] : []));
  expect(decided.every((outcome) => outcome === "grant")).toBe(true);
  expect(await node.stop()).toBe(0);
});
