/** The node's own view of its connection row by row, in the order and words of domain.md §4.4; the hub's is in hub/core/status.test.ts. */
import { describe, expect, it } from "vitest";
import type { EventBody } from "#contract";
import { createMemoryFiles } from "../../../devices/kit/node-files.ts";
import { doorWorld, hub, memoryDoor, node } from "../door/door-world.ts";
import { cards, doorFacts, settled, signedSnapshot } from "./world.ts";

type World = Awaited<ReturnType<typeof doorWorld>>;

async function pass(world: World, ms: number): Promise<void> {
  world.clock.advance(ms);
  await settled();
}
async function lose(world: World): Promise<void> {
  world.bus.refuse(true);
  world.bus.cut();
  await settled();
}
const verdicts = (world: World): Extract<EventBody, { kind: "access.decided" }>[] =>
  world.node.outbox
    .nextBatch()
    .map(({ body }) => body)
    .filter((body) => body.kind === "access.decided");
const sentences = (world: World): string[] => world.log.lines.map(({ sentence }) => sentence);
const offline = "the hub is not there; offline rules apply";

describe("a node's connection", () => {
  it("BOOT → SAFE_INIT: outputs off, whoever is there", async () => {
    const hardware = memoryDoor();
    hardware.state.released = true;
    const world = await doorWorld({ hardware, isAlone: true });
    expect([hardware.state.released, world.bus.heard]).toEqual([false, []]);
  });
  it("SAFE_INIT → LOAD: the snapshot of an earlier life is verified, and decides before anybody is met", async () => {
    const files = createMemoryFiles();
    await doorWorld({ files });
    const world = await doorWorld({ files, snapshot: null, isAlone: true });
    expect([world.node.snapshots.version(), world.bus.heard]).toEqual([{ epoch: 1, version: 1 }, []]);
    world.hardware.tap(cards.good);
    expect(world.hardware.state.released).toBe(true);
  });
  it("LOAD × the stored snapshot is not as it was signed → none", async () => {
    const files = createMemoryFiles();
    await doorWorld({ files });
    const bytes = files.snapshot.load().snapshot;
    if (bytes !== null) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const world = await doorWorld({ files, snapshot: null, isAlone: true });
    world.hardware.tap(cards.good);
    expect([world.node.snapshots.current(), world.hardware.state.released]).toEqual([null, false]);
    expect(verdicts(world)).toMatchObject([{ outcome: "deny", reason: "OFFLINE_NO_SNAPSHOT" }]);
  });
  it("CONNECTING × up → SYNCING: state, birth and reports first, then what waits", async () => {
    const world = await doorWorld();
    const topics = world.bus.heard.map(({ topic }) => topic);
    expect(topics.slice(0, 4)).toEqual(["nodeState", "nodeBirth", "channelReported", "events"]);
  });
  it("SYNCING × outbox drained → ONLINE, said at once", async () => {
    const world = await doorWorld();
    const empty = () => world.bus.last("nodeHeartbeat")?.body.outboxDepth;
    expect(empty()).toBeGreaterThan(0);
    const upTo = world.node.outbox.nextBatch().at(-1)?.seq ?? 0;
    world.bus.say("eventAck", [], { boot: world.node.boot, upTo });
    expect(empty()).toBe(0);
  });
  it.each<readonly [row: string, end: (world: World) => Promise<void>]>([
    ["ONLINE × disconnected → OFFLINE_MODE after 5 s", lose],
    [
      "ONLINE × hub state lost → OFFLINE_MODE after 5 s",
      async (world) => void world.bus.say("hubState", [], { state: "offline", epoch: 1 }),
    ],
  ])("%s, and moves nothing", async (_row, end) => {
    const world = await doorWorld();
    world.hardware.tap(cards.good);
    await end(world);
    await pass(world, 4900);
    expect(sentences(world)).not.toContain(offline);
    await pass(world, 200);
    expect(sentences(world)).toContain(offline);
    expect(world.hardware.state.changes).toBe(2); // the strike's own time
  });
  it("OFFLINE_MODE never begins when the hub is back within 5 s", async () => {
    const world = await doorWorld();
    world.bus.say("hubState", [], { state: "offline", epoch: 1 });
    await pass(world, 4900);
    world.bus.say("hubState", [], { state: "online", epoch: 1 });
    await pass(world, 60_000);
    expect(sentences(world)).not.toContain(offline);
  });
  it("OFFLINE_MODE × connected, the hub heard → ONLINE", async () => {
    const world = await doorWorld();
    await lose(world);
    await pass(world, 6000);
    expect(world.node.link.isHubReachable()).toBe(false);
    world.bus.refuse(false);
    await pass(world, 60_000);
    expect(world.node.link.isHubReachable()).toBe(false); // a broker alone is no hub
    world.bus.say("hubState", [], { state: "online", epoch: 1 });
    expect(world.node.link.isHubReachable()).toBe(true);
  });
  it("ONLINE × no answer → decided here, and for 45 s nobody waits for it again", async () => {
    const facts = { ...doorFacts, asks: ["occupancy" as const] };
    const world = await doorWorld({ snapshot: signedSnapshot(hub, { node, ch: "door", facts }) });
    const asked = () => world.bus.heard.filter(({ topic }) => topic === "accessRequest").length;
    world.hardware.tap(cards.good);
    expect([asked(), verdicts(world)]).toEqual([1, []]);
    await pass(world, 700);
    expect(verdicts(world)).toMatchObject([{ outcome: "grant", where: "node" }]);
    await pass(world, 44_000);
    world.hardware.tap(cards.good);
    expect([asked(), verdicts(world).length]).toEqual([1, 2]);
    await pass(world, 1500);
    world.hardware.tap(cards.good);
    expect([asked(), verdicts(world).length]).toEqual([2, 2]);
  });
  it("OFFLINE_MODE → CONNECTING: after a part of 1 s, of 2 s … of 60 s that each node draws for itself", async () => {
    const pauses = async (seed: number): Promise<number[]> => {
      const world = await doorWorld({ seed });
      await lose(world);
      const gaps: number[] = [];
      for (let last = world.clock.monoMs(), dials = world.bus.dials(); gaps.length < 12; await pass(world, 50)) {
        if (world.bus.dials() === dials) continue;
        dials = world.bus.dials();
        gaps.push(world.clock.monoMs() - last);
        last = world.clock.monoMs();
      }
      return gaps;
    };
    const all = [await pauses(1), await pauses(2), await pauses(3)];
    for (const gaps of all)
      gaps.forEach((gap, i) => {
        expect(gap).toBeGreaterThanOrEqual(100);
        expect(gap).toBeLessThanOrEqual(Math.min(60_000, 1000 * 2 ** i) + 50);
      });
    expect(new Set(all.map(String)).size).toBe(3);
    expect(Math.max(...all.flat())).toBeGreaterThan(30_000);
  });
  it("any × no word from the hub for 90 s, nothing on and no door open → restart", async () => {
    const world = await doorWorld();
    await lose(world);
    await pass(world, 85_000);
    expect(world.restarts).toEqual([]);
    await pass(world, 10_000);
    expect(world.restarts).toHaveLength(1);
  });
  it("any × no word from the hub for 90 s, a door open → the restart waits, and says so", async () => {
    const world = await doorWorld();
    world.hardware.tap(cards.good);
    world.hardware.contact(true);
    await lose(world);
    await pass(world, 300_000);
    expect([world.restarts, world.node.watchdog.isPostponed()]).toEqual([[], true]);
    world.hardware.contact(false);
    await pass(world, 10_000);
    expect(world.restarts).toHaveLength(1);
  });
});
