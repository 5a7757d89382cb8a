/** Chip cards end to end: made from the command line at a PN532 on a pseudo-terminal, and asked by the real node program at a door that wants proof. */
import { afterEach, describe, expect, test } from "vitest";
import { createPn532, type SimulatedCard } from "../../simulators/hardware/pn532.ts";
import { openPty } from "../../simulators/hardware/pty.ts";
import { type CardModel, createClone, createReplayer, createSmartCard } from "../../simulators/hardware/smart-card.ts";
import { createFirmataPeer } from "../devices/drivers/firmata-peer.ts";
import { nodeProgram } from "../devices/kit/node-process.ts";
import { pause, startRealHub, until } from "../devices/kit/test-hub.ts";
import { doorFacts } from "../devices/kit/world.ts";
import { openDesk } from "../hub/cli/desk.ts";
import { slowdown } from "../support/slowdown.ts";
import { personalised, proofOf, siteKeys } from "../support/smart-cards.ts";

const uid = "04A23B1C5D6E80";
const [outputPin, lampPin] = [4, 9];
/** from a tap to the first sign of life */
const firstSignMs = 150;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A PN532 on a cable. */
function reader() {
  const cable = openPty();
  const module = createPn532({ send: (bytes) => cable.write(bytes) });
  cable.onData((bytes) => module.receive(bytes));
  cleanups.push(
    () => cable.close(),
    () => module.close(),
  );
  return { path: cable.path, module };
}

/** The real node program at a door that wants cards which prove themselves. */
async function openDoor() {
  const keys = siteKeys();
  const facts = { ...doorFacts, assurance: 3, door: { strikeMs: 500, shuntMs: 30_000 } };
  const hub = await startRealHub({ node: "door-node", ch: "door", facts, more: [`iso14443a:${uid}`] });
  cleanups.push(() => hub.close());
  const boardCable = openPty();
  cleanups.push(() => boardCable.close());
  const board = createFirmataPeer((bytes) => boardCable.write(bytes));
  boardCable.onData((bytes) => board.receive(bytes));
  const { path, module } = reader();
  const settings = { readerSameCardMs: 300 };
  const wiring = {
    kind: "door",
    door: { reader: { kind: "pn532", port: path }, strike: { pin: outputPin }, lamp: { pin: lampPin }, settings },
    board: { port: boardCable.path },
  };
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  const cards = { generation: keys.generation, identity: base64(keys.identity), proof: base64(keys.proof) };
  const node = nodeProgram(hub, hub.writeConfig(hub.port, { logLevel: "error", ...wiring }, { cards }));
  cleanups.push(() => node.kill());
  await node.start();
  await until("a woken module", () => hub.bodies().some((body) => body.kind === "node.reader" && body.state === "ready"), 15_000);
  await pause(1_200); // what lay there at the start is past
  const decisions = () => hub.bodies().filter((body) => body.kind === "access.decided");
  return {
    keys,
    module,
    isOpen: () => board.levels[outputPin] === 1,
    isLampOn: () => board.levels[lampPin] === 1,
    suspects: () => hub.bodies().flatMap((body) => (body.kind === "card.suspect" ? [body.why] : [])),
    /** Lays it down, waits for the verdict, takes it away. */
    async taps(card: SimulatedCard) {
      const before = decisions().length;
      module.present(card);
      await until("a verdict", () => decisions().length > before, 15_000);
      module.remove();
      await until("a locked door", () => board.levels[outputPin] !== 1, 15_000);
      await pause(800); // sooner it would be the same presence
      return decisions().at(-1);
    },
    stop: () => node.stop(),
  };
}

describe("a door that wants proof", () => {
  test("opens for a card that proves itself and for no copy of it", async () => {
    const door = await openDoor();
    const card = await personalised(createSmartCard({ model: "ntag424", uid }), door.keys);
    expect(await door.taps(card.present())).toMatchObject({ outcome: "grant", proof: { counter: 1 } });
    const recording = createReplayer(card);
    const refused = { outcome: "deny", reason: "FACTOR_REQUIRED" };
    expect(await door.taps({ uid, selRes: 0x00 })).toMatchObject(refused); // a number written to a blank
    expect(await door.taps(createClone(card, "ntag424").present())).toMatchObject(refused);
    expect(await door.taps(recording)).toMatchObject(refused);
    card.leaveAfter(2);
    expect(await door.taps(card.present())).toMatchObject(refused); // gone before it had proved anything
    expect(await door.taps(card.present())).toMatchObject({ outcome: "grant" });
    expect(door.suspects()).toEqual(["wrong key", "wrong key"]);
    expect(await door.stop()).toBe(0);
  });

  test("knows a DESFire behind its random number", async () => {
    const door = await openDoor();
    const card = await personalised(createSmartCard({ model: "desfire-ev1", uid, randomUid: true }), door.keys);
    const slow = slowdown(30);
    const fromMs = performance.now();
    door.module.present(card.present());
    await until("a sign that it was seen", door.isLampOn, 15_000, 1);
    const seenMs = performance.now() - fromMs;
    await until("an open door", door.isOpen, 15_000, 1);
    const openMs = performance.now() - fromMs;
    console.log(
      `DESFire EV1 behind a random number: card to lamp ${seenMs.toFixed(0)} ms, to strike ${openMs.toFixed(0)} ms in a real node`,
    );
    expect(seenMs).toBeLessThan(firstSignMs * Math.max(slow, slowdown(30)));
    expect(await door.stop()).toBe(0);
  });
});

describe("10,000 replays", () => {
  test("of recorded proofs open nothing", async () => {
    const keys = siteKeys();
    let accepted = 0;
    for (const model of ["ntag424", "desfire-ev1", "desfire-ev2"] satisfies CardModel[]) {
      const card = await personalised(createSmartCard({ model, uid }), keys);
      const counters = new Map<string, number>();
      const counterRises = async (number: string, counter: number) => {
        if (counter <= (counters.get(number) ?? -1)) return "stale";
        counters.set(number, counter);
        return "rises";
      };
      expect((await proofOf(card.present(), keys, { counterRises })).kind).toBe("proved");
      const recording = createReplayer(card);
      for (let i = 0; i < 3_334; i += 1) if ((await proofOf(recording, keys, { counterRises })).kind === "proved") accepted += 1;
      expect((await proofOf(card.present(), keys, { counterRises })).kind).toBe("proved"); // it is the recording that is refused
    }
    console.log(`cards: 10002 replays of recorded proofs, ${accepted} accepted`);
    expect(accepted).toBe(0);
  });
});

describe("koprade card personalise", () => {
  test("makes a blank card a member's, mends one that was left half made, and refuses what cannot be ours", async () => {
    const desk = openDesk();
    cleanups.push(() => desk.remove());
    await desk.makeSite();
    await desk.run("member", "add", "Ada Ozola");
    const { path, module } = reader();
    const make = (...more: string[]) => desk.run("card", "personalise", "--member", "Ada Ozola", "--reader", path, ...more);
    const card = createSmartCard({ model: "ntag424", uid });
    card.leaveAfter(22);
    module.present(card.present());
    const cut = await make();
    expect(cut).toMatchObject({
      code: 1,
      err: expect.stringContaining("The card is not finished: it was taken away or lost its power at"),
    });
    expect((await desk.run("card", "list", "Ada Ozola")).out).toMatch(/card +active/);
    module.present(card.present());
    expect(await make("--label", "blue card")).toMatchObject({
      code: 0,
      out: "The card belongs to Ada Ozola (1) now. It is a NTAG 424 DNA, was half made, and is finished, and has proved itself.\n",
    });
    expect(await make("--json")).toMatchObject({ code: 0, out: expect.stringContaining('"was":"finished"') });

    await desk.run("member", "add", "Bo Ek");
    const hers = await desk.run("card", "personalise", "--member", "Bo Ek", "--reader", path);
    expect(hers).toMatchObject({ code: 1, err: expect.stringContaining("This card belongs to member 1") });

    await desk.run("card", "renew-keys", "--reason", "a node was stolen");
    module.present(card.present());
    expect((await make()).out).toContain("had older keys, and has the present ones");

    const strange = await personalised(createSmartCard({ model: "desfire-ev2", uid: "04FFFFFFFFFF80" }), siteKeys());
    module.present(strange.present());
    expect(await make()).toMatchObject({ code: 1, err: expect.stringContaining("Somebody else has put keys on this card") });
    module.present({ uid: "8A4CB512" });
    expect(await make()).toMatchObject({ code: 1, err: expect.stringContaining("This card cannot prove itself") });
    expect(await desk.run("card", "personalise", "--member", "Ada Ozola", "--reader", "/dev/none")).toMatchObject({
      code: 1,
      err: expect.stringContaining("--reader: there is no /dev/none"),
    });
  });
});
