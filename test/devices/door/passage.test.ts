/** The hours in which a door stands unlocked (domain.md §4.1, S10): what begins them, ends them, and keeps them away. */
import { describe, expect, it } from "vitest";
import type { ResourceFacts } from "#contract";
import { createMemoryFiles } from "../../../devices/kit/node-files.ts";
import { cards, doorFacts, settled, signedSnapshot, virtualClock } from "../kit/world.ts";
import { type DoorWorldOptions, doorWorld, hub, node } from "./door-world.ts";

const minute = 60_000;
const hour = 60 * minute;
/** Twice a day, 09:00–16:00 and 16:30–17:00; the world's clock starts on a Monday at 15:00 in Rīga. */
const hours: ResourceFacts["passage"] = {
  intervals: [
    { weekday: 1, startMin: 9 * 60, endMin: 16 * 60 },
    { weekday: 1, startMin: 16 * 60 + 30, endMin: 17 * 60 },
  ],
  special: [],
};
type World = Awaited<ReturnType<typeof doorWorld>>;
const snapshotWith = (facts: Partial<ResourceFacts>, version = 1) =>
  signedSnapshot(hub, { node, ch: "door", facts: { ...doorFacts, passage: hours, ...facts }, version });
/** A door within its hours, unlocked by the first person in. */
async function unlockedDoor(facts: Partial<ResourceFacts> = {}, options: DoorWorldOptions = {}): Promise<World> {
  const world = await doorWorld({ snapshot: snapshotWith(facts), ...options });
  world.hardware.tap(cards.good);
  world.clock.advance(6000);
  return world;
}
/** Whether the hours still wait for, or have had, their first person; and whether the lock is released. */
const stands = (world: World) => [world.door.state().passage, world.hardware.state.released];
const isUnlocked = ["on", true];
const isLocked = ["off", false];
/** The next person in, who would find a door that waits for the first and leave it unlocked. */
async function later(world: World, ms: number): Promise<ReturnType<typeof stands>> {
  world.clock.advance(ms);
  await settled();
  if (world.hardware.state.released) return stands(world);
  world.hardware.tap(cards.good);
  world.clock.advance(6000);
  return stands(world);
}
function order(world: World, given: { readonly op: "relock" | "stop_now" | "stop_at_idle" }) {
  const conn = world.node.link.conn();
  world.bus.say("command", [], {
    ...given,
    ch: "door",
    issuedMs: world.clock.nowMs(),
    ttlMs: 3000,
    boot: world.node.boot,
    conn,
    actor: "7",
  });
  return world.bus.last("acknowledgement")?.body;
}
async function passageOn(world: World) {
  const base = { ch: "door", issuedMs: world.clock.nowMs(), ttlMs: 3000, boot: world.node.boot, conn: world.node.link.conn(), actor: "7" };
  world.bus.say("command", [], { ...base, op: "prepare", permissive: "door.passage_on" });
  world.bus.say("command", [], { ...base, op: "commit", challenge: world.bus.last("acknowledgement")?.body.challenge ?? "" });
  await settled();
}

describe("the hours", () => {
  it("unlock with the first person in and end by the clock", async () => {
    const world = await unlockedDoor();
    expect(stands(world)).toEqual(isUnlocked);
    world.clock.advance(hour);
    expect(stands(world)).toEqual(isLocked);
  });
  it.each(["relock", "stop_now", "stop_at_idle"] as const)(
    "are over till they begin the next time by %s, also after a restart",
    async (op) => {
      const files = createMemoryFiles();
      const clock = virtualClock();
      const world = await unlockedDoor({}, { files, clock });
      expect(order(world, { op })).toMatchObject({ status: "applied" });
      expect(await later(world, minute)).toEqual(isLocked);
      world.door.stop();
      const again = await doorWorld({ files, clock, snapshot: null });
      expect(await later(again, minute)).toEqual(isLocked);
      expect(await later(again, 90 * minute)).toEqual(isUnlocked);
    },
  );
  it("are over till they begin the next time by a lockdown and by an evacuation that a tap ended", async () => {
    const files = createMemoryFiles();
    const clock = virtualClock();
    const world = await unlockedDoor({}, { files, clock });
    world.bus.say("siteMode", [], { mode: "lockdown", version: 1 });
    world.bus.say("siteMode", [], { mode: "normal", version: 2 });
    expect(await later(world, minute)).toEqual(isLocked);
    world.door.stop();
    expect(await later(await doorWorld({ files, clock, snapshot: null }), minute)).toEqual(isLocked);
    const other = await unlockedDoor();
    other.bus.say("siteMode", [], { mode: "evacuate", version: 1 });
    other.bus.say("siteMode", [], { mode: "normal", version: 2 });
    other.hardware.tap(cards.good); // locks behind them
    other.clock.advance(6000);
    expect(await later(other, minute)).toEqual(isLocked);
  });
  it("count again, with their end, when a hand unlocks the door within them", async () => {
    const world = await unlockedDoor();
    order(world, { op: "relock" });
    await passageOn(world);
    world.hardware.tap(cards.good);
    world.clock.advance(hour / 2);
    expect(stands(world)).toEqual(isUnlocked);
    world.clock.advance(hour / 2);
    expect(stands(world)).toEqual(isLocked);
  });
  it("go on with the next person in when a board that was away is back", async () => {
    const world = await unlockedDoor();
    world.hardware.board("lost");
    world.hardware.board("ready");
    expect(stands(world)).toEqual(["waits_for_first", false]);
    expect(await later(world, minute)).toEqual(isUnlocked);
  });
});

describe("there are no such hours", () => {
  it("where the snapshot has become too old to let anybody in by it", async () => {
    const world = await unlockedDoor({ offlineMaxAgeMs: hour + 30_000 }); // issued an hour before the start
    expect(stands(world)).toEqual(isUnlocked);
    world.bus.refuse(true);
    world.bus.cut();
    expect((await later(world, minute))[0]).toBe("off");
  });
  it("where the door is locked out, and there are again when it is not", async () => {
    const world = await unlockedDoor();
    const lockout = { ch: "door", kind: "fault", mode: "immediate", reason: "hinge" } as const;
    world.bus.say("restrictions", [], { version: 1, lockouts: [lockout], revoked: [] });
    expect(stands(world)).toEqual(isLocked);
    world.bus.say("restrictions", [], { version: 2, lockouts: [], revoked: [] });
    expect(await later(world, 1000)).toEqual(isUnlocked);
  });
  it("where the door is out of service", async () => {
    const world = await unlockedDoor();
    await world.give(snapshotWith({ disabled: true }, 2));
    expect(stands(world)).toEqual(isLocked);
  });
  it("where this computer does not know the door's zone, which harms nothing else of the door", async () => {
    const unknown = await unlockedDoor({ tz: "Europe/Nowhere" });
    expect(stands(unknown)).toEqual(isLocked);
    expect([unknown.hardware.state.drives, unknown.restarts]).toEqual([1, []]); // the tap was granted
  });
});
