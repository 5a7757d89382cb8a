import { expect, test } from "vitest";
import { topicPath } from "#contract";
import { cardKeyOf } from "../../../devices/kit/authorise.ts";
import { createMemoryJournal, type Journal } from "../../../devices/kit/journal.ts";
import { createMemoryFiles } from "../../../devices/kit/node-files.ts";
import { cards, doorFacts, extraCard, settled, signedSnapshot, site } from "../kit/world.ts";
import { doorWorld, node } from "./door-world.ts";

type World = Awaited<ReturnType<typeof doorWorld>>;
const events = (world: World) => world.bus.heard.flatMap((message) => (message.topic === "events" ? message.body.events : []));
/** Confirms what the node sends until it has nothing left. */
async function confirmAll(world: World) {
  for (let i = 0; i < 50; i += 1) {
    world.clock.advance(40);
    const last = world.bus.last("events")?.body.events.at(-1);
    if (last !== undefined) world.bus.say("eventAck", [], { boot: last.boot, upTo: last.seq });
    await settled();
    if (world.node.outbox.depth() === 0) return;
  }
}
const shortStrike = async () =>
  signedSnapshot((await doorWorld()).hub, { node, ch: "door", facts: { ...doorFacts, door: { strikeMs: 1000, shuntMs: 30_000 } } });
const withFriend = async () => signedSnapshot((await doorWorld()).hub, { node, ch: "door", facts: doorFacts, extra: 1 });
/** The hub's two steps: prepare, and commit with the challenge. */
async function remotely(world: World, permissive: "door.unlock" | "door.passage_on") {
  const conn = world.node.link.conn();
  const base = { ch: "door", issuedMs: world.clock.nowMs(), ttlMs: 3000, boot: world.node.boot, conn, actor: "7" };
  world.bus.say("command", [], { ...base, op: "prepare", permissive });
  world.bus.say("command", [], { ...base, op: "commit", challenge: world.bus.last("acknowledgement")?.body.challenge ?? "" });
  await settled();
}
/** A journal whose disk answers when told. */
function slowJournal() {
  const waiting: ((error: Error | null) => void)[] = [];
  const journal: Journal = { ...createMemoryJournal(), sync: (done) => void waiting.push(done) };
  return { journal, answer: (error: Error | null = null) => waiting.splice(0).forEach((done) => void done(error)) };
}

test("a member's tap opens the door, which locks again by itself", async () => {
  const world = await doorWorld();
  world.hardware.tap(cards.good);
  expect(world.hardware.state.released).toBe(true);
  expect(world.hardware.state.limitMs).toBeGreaterThan(4999);
  world.hardware.contact(true);
  world.clock.advance(1000);
  expect(world.hardware.state.released).toBe(false);
  world.hardware.contact(false);
  await confirmAll(world);
  const kinds = events(world).map((event) => event.body.kind);
  expect(kinds).toEqual(expect.arrayContaining(["node.boot", "access.decided", "door.granted", "door.opened", "door.closed"]));
});

test("an unknown card opens nothing, and its number is nowhere in what the node says", async () => {
  const world = await doorWorld();
  world.hardware.tap(cards.unknown);
  expect(world.bus.last("accessRequest")).toBeDefined(); // the hub may know a card that is newer than the snapshot
  world.clock.advance(3000);
  expect(world.hardware.state.changes).toBe(0);
  await confirmAll(world);
  const decided = events(world).find((event) => event.body.kind === "access.decided");
  expect(decided?.body).toMatchObject({ outcome: "deny", member: 0, where: "node" });
  const everything = JSON.stringify([world.bus.heard, world.log.lines]);
  expect(everything).not.toContain("0F00184E33");
});

test("the strike waits for the record on the disk, and a grant whose record is not written opens nothing", async () => {
  const { journal, answer } = slowJournal();
  const world = await doorWorld({ journal });
  world.hardware.tap(cards.good);
  expect(world.hardware.state.released).toBe(false);
  answer();
  expect(world.hardware.state.released).toBe(true);
  world.clock.advance(10_000);
  expect(world.hardware.state.released).toBe(false);
  world.hardware.tap(cards.good);
  world.clock.advance(1999);
  expect(world.hardware.state.released).toBe(false);
  world.clock.advance(2);
  answer(); // too late
  expect(world.hardware.state).toMatchObject({ released: false, changes: 2 });
  world.clock.advance(2000);
  world.hardware.tap(cards.good);
  answer(new Error("ENOSPC"));
  expect(world.hardware.state).toMatchObject({ released: false, changes: 2 });
  expect(world.hardware.state.said.at(-1)).toBe("INTERNAL_ERROR");
});

test("a slow disk takes nothing from the strike time, and nobody hears 'granted' before the lock lets go", async () => {
  const { journal, answer } = slowJournal();
  const world = await doorWorld({ journal });
  world.hardware.tap(cards.good);
  world.clock.advance(1900);
  expect(world.hardware.state.said).not.toContain("granted");
  answer();
  expect(world.hardware.state.said.at(-1)).toBe("granted");
  expect(world.hardware.state.limitMs).toBeGreaterThanOrEqual(5000);
  world.clock.advance(4990);
  expect(world.hardware.state.released).toBe(true);
  world.clock.advance(20);
  expect(world.hardware.state.released).toBe(false);
});

test("a strike of one second is a whole second, also when the record takes longer", async () => {
  const { journal, answer } = slowJournal();
  const world = await doorWorld({ journal, snapshot: await shortStrike() });
  world.hardware.tap(cards.good);
  world.clock.advance(1500);
  answer();
  expect(world.hardware.state.released).toBe(true);
  world.clock.advance(990);
  expect(world.hardware.state.released).toBe(true);
  world.clock.advance(20);
  expect(world.hardware.state.released).toBe(false);
});

test("who is granted while the lock is released gets the whole strike time, from the lock's own limit too", async () => {
  const world = await doorWorld({ snapshot: await withFriend() });
  world.hardware.tap(cards.good);
  world.clock.advance(4500);
  world.hardware.tap(extraCard(0));
  expect(world.hardware.state.limitMs).toBeGreaterThanOrEqual(5000);
  expect(world.hardware.state).toMatchObject({ released: true, changes: 1, drives: 2 });
  world.clock.advance(4990);
  expect(world.hardware.state.released).toBe(true);
  world.clock.advance(20);
  expect(world.hardware.state.released).toBe(false);
});

test("passage mode that begins while the lock is released outlasts the lock's own limit", async () => {
  const world = await doorWorld();
  world.hardware.tap(cards.good);
  world.clock.advance(1000);
  await remotely(world, "door.passage_on");
  expect(world.door.state().kind).toBe("passage");
  expect(world.hardware.state).toMatchObject({ released: true, limitMs: null });
});

test("a lock that gives no answer to 'release' is told to lock, until it says so", async () => {
  const world = await doorWorld();
  world.hardware.state.failure = "no answer";
  world.hardware.tap(cards.good);
  expect(world.hardware.state.said).toEqual(["INTERNAL_ERROR"]);
  world.hardware.state.released = true; // it had obeyed; only its answer was lost
  world.hardware.state.failure = null;
  world.clock.advance(1001);
  expect(world.hardware.state.released).toBe(false);
});

test("a board that comes back during an evacuation releases the door again", async () => {
  const world = await doorWorld();
  world.bus.say("siteMode", [], { mode: "evacuate", version: 1 });
  expect(world.hardware.state.released).toBe(true);
  world.hardware.board("lost");
  world.hardware.state.released = false;
  world.hardware.board("ready");
  expect(world.hardware.state.released).toBe(true);
});

test("a disk that hangs keeps nobody from the node: it connects, and hears of an evacuation", async () => {
  const files = createMemoryFiles();
  const world = await doorWorld({ files: { ...files, save: () => new Promise<void>(() => {}) }, snapshot: null });
  world.clock.advance(3000);
  await settled();
  world.bus.say("siteMode", [], { mode: "evacuate", version: 1 });
  expect(world.hardware.state.released).toBe(true);
  expect(world.bus.dials()).toBe(1);
});

test("locking waits for no disk", async () => {
  const { journal, answer } = slowJournal();
  const world = await doorWorld({ journal });
  world.hardware.tap(cards.good);
  answer();
  expect(world.hardware.state.released).toBe(true);
  world.clock.advance(6000);
  expect(world.hardware.state.released).toBe(false);
});

test("the hub dead, the door goes on deciding and delivers everything later, once, in order", async () => {
  const world = await doorWorld();
  await confirmAll(world);
  world.bus.refuse(true);
  world.bus.cut();
  const before = world.bus.heard.length;
  for (let i = 0; i < 20; i += 1) {
    world.clock.advance(10_000);
    await settled();
    world.hardware.tap(i % 2 === 0 ? cards.good : cards.unknown);
  }
  expect(world.hardware.state.changes).toBe(20);
  world.bus.refuse(false);
  for (let i = 0; i < 20 && world.bus.heard.length === before; i += 1) {
    world.clock.advance(60_000);
    await settled();
  }
  world.bus.say("hubState", [], { state: "online", epoch: 1 });
  await confirmAll(world);
  const decided = events(world).filter((event) => event.body.kind === "access.decided");
  expect(decided).toHaveLength(20);
  const seqs = events(world).map((event) => event.seq);
  expect(new Set(seqs).size).toBe(seqs.length);
});

test("a hundred losses of the bus move no lock and count the connections", async () => {
  const world = await doorWorld();
  world.hardware.tap(cards.good);
  expect(world.hardware.state.changes).toBe(1);
  const dials = world.bus.dials();
  for (let i = 0; i < 100; i += 1) {
    world.bus.cut();
    await settled();
    expect(world.hardware.state.changes).toBeLessThanOrEqual(2);
    world.clock.advance(2000);
    await settled();
  }
  expect(world.hardware.state.changes).toBe(2); // its own strike time, once
  expect(world.bus.dials() - dials).toBeGreaterThanOrEqual(50);
  expect(world.bus.last("nodeState")?.envelope.conn).toBe(world.bus.dials());
});

test("a remote unlock needs the challenge, and its recorded bytes open nothing later", async () => {
  const world = await doorWorld();
  const conn = () => world.node.link.conn();
  const base = { ch: "door", issuedMs: world.clock.nowMs(), ttlMs: 3000, boot: world.node.boot, actor: "7" };
  const prepare = world.bus.say("command", [], { ...base, op: "prepare", permissive: "door.unlock", conn: conn() });
  const challenge = world.bus.last("acknowledgement")?.body.challenge ?? "";
  expect(world.hardware.state.released).toBe(false);
  const commit = world.bus.say("command", [], { ...base, op: "commit", challenge, conn: conn() });
  expect(world.hardware.state.released).toBe(true);
  expect(world.bus.last("acknowledgement")?.body.status).toBe("applied");
  world.clock.advance(10_000);
  const changes = world.hardware.state.changes;
  for (const { path, bytes } of [prepare, commit]) world.bus.raw(path, bytes);
  for (const { path, bytes } of [prepare, commit]) world.bus.raw(path, bytes, true);
  world.bus.cut();
  world.clock.advance(2000);
  await settled();
  for (const { path, bytes } of [prepare, commit]) world.bus.raw(path, bytes);
  expect(world.bus.last("acknowledgement")?.body).toMatchObject({ status: "rejected", code: "WRONG_CONNECTION" });
  const forged = Uint8Array.from(commit.bytes);
  forged[forged.length - 4] = forged[forged.length - 4] === 65 ? 66 : 65;
  world.bus.raw(commit.path, forged);
  expect(world.hardware.state.changes).toBe(changes);
});

test("a revoked card opens nothing from the moment the node hears of it, also after a restart without a hub", async () => {
  const files = createMemoryFiles();
  const world = await doorWorld({ files });
  world.bus.say("restrictions", [], { version: 3, lockouts: [], revoked: [cardKeyOf(world.hub.keys.card, cards.good)] });
  world.hardware.tap(cards.good);
  expect(world.hardware.state.changes).toBe(0);
  await settled();
  world.bus.say("restrictions", [], { version: 2, lockouts: [], revoked: [] });
  world.clock.advance(5000);
  world.hardware.tap(cards.good);
  expect(world.hardware.state.changes).toBe(0);
  const again = await doorWorld({ files, snapshot: null });
  expect(again.node.snapshots.version()).toEqual({ epoch: 1, version: 1 });
  again.hardware.tap(cards.good);
  expect(again.hardware.state.changes).toBe(0);
});

test("what only the hub knows is asked; the answer counts for its own nonce and not after 2.5 s", async () => {
  const facts = { ...doorFacts, asks: ["occupancy" as const], offline: "deny" as const };
  const world = await doorWorld({ snapshot: signedSnapshot((await doorWorld()).hub, { node, ch: "door", facts }) });
  const answer = (nonce: string, conn = world.node.link.conn()) => {
    const permit = {
      leaseMs: 0,
      idleMs: 0,
      graceMs: 0,
      enableMs: 1000,
      strikeMs: 5000,
      shuntMs: 30_000,
      attended: false,
      holdPolicy: "until_idle" as const,
    };
    const display = { key: "granted", params: {} };
    world.bus.say("accessResponse", [], {
      nonce,
      decision: "01J00000000000000000000000",
      outcome: "grant",
      reason: "GRANT",
      also: [],
      member: 1,
      display,
      permit,
      pendingMs: null,
      boot: world.node.boot,
      conn,
    });
  };
  world.hardware.tap(cards.good);
  expect(world.hardware.state.released).toBe(false);
  const first = world.bus.last("accessRequest")?.body.nonce ?? "";
  expect(first).not.toBe("");
  answer("0123456789abcdef01234567");
  answer(first, 99);
  expect(world.hardware.state.released).toBe(false);
  answer(first);
  expect(world.hardware.state.released).toBe(true);
  world.clock.advance(20_000);
  const changes = world.hardware.state.changes;
  answer(first);
  world.hardware.tap(cards.good);
  const second = world.bus.last("accessRequest")?.body.nonce ?? "";
  expect(second).not.toBe(first);
  world.clock.advance(2600);
  answer(second);
  expect(world.hardware.state.changes).toBe(changes);
  expect(world.hardware.state.said.length).toBeGreaterThan(0);
});

test("no word from the hub for ninety seconds asks for a restart, but never while the door is open", async () => {
  const world = await doorWorld();
  world.hardware.tap(cards.good);
  world.hardware.contact(true);
  world.bus.refuse(true);
  world.bus.cut();
  world.clock.advance(300_000);
  expect(world.restarts).toEqual([]);
  world.hardware.contact(false);
  world.clock.advance(10_000);
  expect(world.restarts).toHaveLength(1);
});

test("a board that comes back finds the door locked", async () => {
  const world = await doorWorld();
  world.hardware.tap(cards.good);
  expect(world.hardware.state.released).toBe(true);
  world.hardware.board("lost");
  expect(world.door.isReleased()).toBe(false);
  world.hardware.board("ready");
  expect(world.hardware.state.released).toBe(false);
  expect(world.door.state().kind).toBe("secure");
});

test("evacuation from the hub releases the door at once, disk or no disk, and normal times lock nothing by themselves", async () => {
  const { journal } = slowJournal();
  const world = await doorWorld({ journal });
  world.bus.say("siteMode", [], { mode: "evacuate", version: 1 });
  expect(world.door.state().kind).toBe("released");
  expect(world.hardware.state.released).toBe(true);
});

test("after an evacuation the door stays released until somebody with access taps, and locks behind them", async () => {
  const world = await doorWorld();
  world.bus.say("siteMode", [], { mode: "evacuate", version: 1 });
  world.bus.say("siteMode", [], { mode: "normal", version: 2 });
  world.clock.advance(60_000);
  expect(world.hardware.state.released).toBe(true);
  world.hardware.tap(cards.good);
  expect(world.hardware.state.released).toBe(true);
  world.clock.advance(5010);
  expect(world.hardware.state.released).toBe(false);
  expect(world.door.state().kind).toBe("secure");
});

test("a late last will of an earlier connection is answered with online", async () => {
  const world = await doorWorld();
  const before = world.bus.heard.filter((message) => message.topic === "nodeState").length;
  world.bus.say("nodeState", [], { state: "lost" });
  const states = world.bus.heard.filter((message) => message.topic === "nodeState");
  expect(states).toHaveLength(before + 1);
  expect(states.at(-1)?.body).toEqual({ state: "online" });
});

test("a message that is no message, too long or badly sealed disturbs nothing", async () => {
  const world = await doorWorld();
  const path = topicPath(site, "command", node);
  for (const bytes of [
    new Uint8Array(),
    new Uint8Array(5000),
    new TextEncoder().encode("{}"),
    new TextEncoder().encode(`{"p":"e30","m":"${"A".repeat(43)}"}`),
  ]) {
    world.bus.raw(path, bytes);
    world.bus.raw(topicPath(site, "snapshotManifest", node), bytes);
    world.bus.raw("nowhere", bytes);
  }
  world.hardware.tap(cards.good);
  expect(world.hardware.state.released).toBe(true);
});
