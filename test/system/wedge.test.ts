/** A reader that types, on a device node: a pipe that carries what `/dev/input` would. No kernel here makes a keyboard of bytes. */
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, rmSync, writeSync } from "node:fs";
import { expect, it } from "vitest";
import { grabInput, ioctl, openInputDevice } from "../../devices/drivers/input-device.ts";
import { openWedge } from "../../devices/drivers/wedge-reader.ts";
import { keyEvents } from "../../simulators/hardware/wedge.ts";
import { aSocket, cleanups } from "../devices/drivers/cables.ts";

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
