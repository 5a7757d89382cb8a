/** Readers and meters on real serial lines, through the real node program: what is written in node.yaml is what works. */
import { chmodSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { EventBody, ResourceFacts } from "#contract";
import { readOsdpKey } from "../../devices/drivers/osdp-key.ts";
import { createOsdpReader } from "../../simulators/hardware/osdp.ts";
import { createPn532 } from "../../simulators/hardware/pn532.ts";
import { openPty, type Pty } from "../../simulators/hardware/pty.ts";
import { createRdm6300 } from "../../simulators/hardware/rdm6300.ts";
import { createSdm } from "../../simulators/hardware/sdm.ts";
import { aSocket } from "../devices/drivers/cables.ts";
import { createFirmataPeer } from "../devices/drivers/firmata-peer.ts";
import { nodeProgram } from "../devices/kit/node-process.ts";
import { pause, startRealHub, until } from "../devices/kit/test-hub.ts";
import { cards, doorFacts, laserFacts } from "../devices/kit/world.ts";
import { koprade } from "../support/command-line.ts";

const outputPin = 4;
const auxBit = 1 << 5;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function cable(): Pty {
  const pty = openPty();
  cleanups.push(() => pty.close());
  return pty;
}

/** A node program with a board, a hub, and whatever `wiring` names. */
async function startNode(
  about: { readonly node: string; readonly ch: string; readonly facts: ResourceFacts; readonly more?: readonly string[] },
  wiring: Record<string, unknown>,
) {
  const hub = await startRealHub(about);
  cleanups.push(() => hub.close());
  const boardCable = cable();
  const board = createFirmataPeer((bytes) => boardCable.write(bytes));
  boardCable.onData((bytes) => board.receive(bytes));
  const node = nodeProgram(hub, hub.writeConfig(hub.port, { logLevel: "error", board: { port: boardCable.path }, ...wiring }));
  cleanups.push(() => node.kill());
  await node.start();
  return {
    isOn: () => board.levels[outputPin] === 1,
    contactor: (isIn: boolean) => board.say([0x90, isIn ? 0 : auxBit, 0]),
    bodies: <K extends EventBody["kind"]>(kind: K) =>
      hub.bodies().filter((body): body is Extract<EventBody, { kind: K }> => body.kind === kind),
    stop: () => node.stop(),
  };
}

describe("a door with a PN532", () => {
  const ntag = "iso14443a:04A23B1C5D6E80";

  test("opens for a 7-byte card, tells a phone that it has no number, and wakes its module again", async () => {
    const readerCable = cable();
    const module = createPn532({ send: (bytes) => readerCable.write(bytes) });
    cleanups.push(() => module.close());
    readerCable.onData((bytes) => module.receive(bytes));
    const door = await startNode(
      { node: "door-node", ch: "door", facts: { ...doorFacts, door: { strikeMs: 1000, shuntMs: 30_000 } }, more: [ntag] },
      { kind: "door", door: { reader: { kind: "pn532", port: readerCable.path }, strike: { pin: outputPin } } },
    );
    const decisions = () => door.bodies("access.decided");

    await until("a woken module", () => door.bodies("node.reader").at(-1)?.state === "ready", 15_000);
    await pause(1_200); // cards that lay there at the start are past
    module.setDelivery("separate");
    const tappedMs = performance.now();
    module.present({ uid: "04A23B1C5D6E80", selRes: 0x20, ats: "067577810280" });
    await until("an open door", door.isOn);
    const tookMs = performance.now() - tappedMs;
    module.remove();
    await until("a locked door", () => !door.isOn());
    await until("the grant on record", () => decisions().length === 1);
    expect(decisions()[0]).toMatchObject({ outcome: "grant" });

    module.setDelivery("bytewise");
    module.present({ uid: "0824A937", selRes: 0x20, ats: "0578807002" });
    await until("the refusal of a phone", () => decisions().length === 2);
    expect(decisions()[1]).toMatchObject({ outcome: "deny", reason: "CREDENTIAL_UNUSABLE" });
    module.remove();
    await pause(500);

    module.present({ uid: "04A23B1C5D6E80" }, { uid: "8A4CB512" });
    await pause(800);
    expect(decisions()).toHaveLength(2);
    expect(door.isOn()).toBe(false);
    module.remove();

    module.brownOut();
    await until("the module missed", () => door.bodies("node.reader").some(({ state }) => state === "lost"), 15_000);
    await until("the module back", () => door.bodies("node.reader").at(-1)?.state === "ready", 15_000);
    await pause(1_200); // what lies on a reader that comes back was there before
    module.present({ uid: "04A23B1C5D6E80" });
    await until("an open door after the module came back", door.isOn);
    expect(module.endlessSearches()).toBe(0);
    console.log(`pn532: card to strike ${tookMs.toFixed(0)} ms in a real node (looks every 100 ms)`);
    expect(await door.stop()).toBe(0);
  });
});

describe("a door with an OSDP reader", () => {
  const w26 = "10001100010001000011011000"; // facility 24, card 34924

  test("gets its key from the command, opens for a card, says so itself, and is back after a replug", async () => {
    const socket = aSocket();
    const far = createOsdpReader({ send: (bytes) => plugged.write(bytes), address: 3 });
    cleanups.push(() => far.close());
    const plugIn = () => {
      const pty = socket.plugIn();
      pty.onData((bytes) => far.receive(bytes));
      return pty;
    };
    let plugged = plugIn();
    const file = join(socket.path, "..", "osdp-reader.key");
    const words = ["reader", "key", "--port", socket.path, "--address", "3", "--file", file];
    const given = await koprade(...words);
    expect(given).toMatchObject({ code: 0, said: expect.stringContaining("the reader at address 3 has its key now") });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await koprade(...words)).toMatchObject({ code: 0, said: expect.stringContaining("had this key already") });
    const problemOf = (path: string) => {
      const read = readOsdpKey(path);
      return read.ok ? "" : read.problem;
    };
    expect(problemOf(file)).toBe("");
    const other = join(file, "..", "other.key");
    expect(problemOf(other)).toContain("there is no such file; the key of an OSDP reader is made with `koprade reader key`.");
    writeFileSync(other, Buffer.from("0123456789:;<=>?").toString("hex"), { mode: 0o644 });
    expect(problemOf(other)).toContain("other users may read the reader's key; run: chmod 600");
    chmodSync(other, 0o600);
    expect(problemOf(other)).toContain("this is the default key, which is printed in the standard");
    writeFileSync(other, "secret");
    expect(problemOf(other)).toContain("expected the reader's key as 32 hexadecimal digits.");
    plugged.unplug();
    plugged = plugIn();

    const door = await startNode(
      { node: "door-node", ch: "door", facts: { ...doorFacts, door: { strikeMs: 1000, shuntMs: 30_000 } }, more: ["w26:024/34924"] },
      { kind: "door", door: { reader: { kind: "osdp", port: socket.path, address: 3, keyFile: file }, strike: { pin: outputPin } } },
    );
    const reader = () => door.bodies("node.reader").at(-1)?.state;
    await until("a secure channel", () => reader() === "ready", 15_000);
    await pause(1_200); // cards that lay there at the start are past
    const before = far.acted.length;
    const tappedMs = performance.now();
    far.present(w26);
    await until("an open door", door.isOn);
    const tookMs = performance.now() - tappedMs;
    await until("its own lamp and buzzer", () => far.acted.length >= before + 2);
    const shownMs = performance.now() - tappedMs;
    await until("a locked door", () => !door.isOn());

    plugged.unplug();
    await until("the reader missed", () => reader() === "lost", 15_000);
    far.restart();
    plugged = plugIn();
    await until("the reader back", () => reader() === "ready", 15_000);
    await pause(1_200);
    far.present(w26);
    await until("an open door after the replug", door.isOn);
    far.setTamper(true);
    await until("the tampering on record", () => door.bodies("door.tamper").length === 1);
    console.log(
      `osdp: card to strike ${tookMs.toFixed(0)} ms, to the reader's lamp and buzzer ${shownMs.toFixed(0)} ms (polled every 100 ms)`,
    );
    expect(await door.stop()).toBe(0);
  });
});

describe("a machine with an SDM120", () => {
  test("runs, ends and counts its energy although the meter is wired the other way round", async () => {
    const [readerCable, meterCable] = [cable(), cable()];
    const card = createRdm6300({ sink: (bytes) => readerCable.write(bytes) });
    const meter = createSdm({ send: (bytes) => meterCable.write(bytes), energyWh: 1_234_000, address: 7 });
    cleanups.push(
      () => card.close(),
      () => meter.close(),
    );
    meterCable.onData((bytes) => meter.receive(bytes));
    meter.setReversed(true);
    meter.setGlitch("leading");
    const facts = { ...laserFacts, lease: { ...laserFacts.lease, graceMs: 1000 } };
    const laser = await startNode(
      { node: "laser-node", ch: "laser-1", facts },
      {
        kind: "machine",
        machine: {
          ch: "laser-1",
          reader: { kind: "rdm6300", port: readerCable.path, confirmFrames: 1 },
          permit: { kind: "hold", pin: outputPin },
          aux: { pin: 5 },
          meter: { kind: "sdm120", port: meterCable.path, address: 7, baudRate: 9600 },
          settings: { profile: "laser", minOnMs: 1000, minOffMs: 2000, busyHoldMs: 2000 },
        },
      },
    );
    const tap = async () => {
      card.present(cards.good.slice("em4100:".length));
      await pause(200);
      card.remove();
    };
    laser.contactor(false);
    const before = meter.energyWhExact();
    await tap();
    await until("the permit", laser.isOn);
    laser.contactor(true);
    await until("power", () => laser.bodies("mach.powered").length > 0);
    await pause(3000); // a tap this soon after the start would be a bounce
    meter.setLoadW(3600);
    await until("a run", () => laser.bodies("mach.run_started").length === 1, 15_000);
    await pause(4000);
    meter.setLoadW(20);
    await until("its end", () => laser.bodies("mach.run_ended").length === 1, 15_000);
    await pause(1500);
    await tap();
    await until("off", () => !laser.isOn(), 15_000);
    laser.contactor(false);
    await until("the end of the session", () => laser.bodies("mach.session_closed").length === 1);
    const counted = meter.energyWhExact() - before;
    const closed = laser.bodies("mach.session_closed")[0];
    expect(Math.abs((closed?.energyWh ?? 0) - counted)).toBeLessThanOrEqual(2);
    expect(closed?.busyMs).toBeGreaterThan(3000);
    console.log(`sdm120, reversed and glitching: session ${closed?.energyWh} Wh, the meter counted ${counted.toFixed(2)} Wh`);
    expect(await laser.stop()).toBe(0);
  });
});
