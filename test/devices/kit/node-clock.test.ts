import { describe, expect, test } from "vitest";
import { hour, minute } from "#contract";
import { createMemoryJournal } from "../../../devices/kit/journal.ts";
import { createNodeClock } from "../../../devices/kit/node-clock.ts";
import { createMemoryFiles } from "../../../devices/kit/node-files.ts";
import { type DoorWorldOptions, doorWorld } from "../door/door-world.ts";
import { cards, virtualClock } from "./world.ts";

const hubStart = Date.UTC(2026, 5, 1, 12);
function world(trustSystemClock = false, floorMs = 0) {
  const clock = virtualClock(Date.UTC(1970, 0, 1)); // a Pi without a battery
  const nodeClock = createNodeClock({ clock, floorMs, trustSystemClock });
  const beacon = (errorMs = 0) => nodeClock.beacon(hubStart + clock.monoMs() + errorMs, "synced");
  return { clock, nodeClock, beacon };
}

test("without a beacon the time is unknown, whatever the system says", () => {
  const { nodeClock } = world();
  expect(nodeClock.read()).toMatchObject({ nowMs: null, quality: "unknown" });
});

test("a beacon makes the time known, and late beacons do not set it back", () => {
  const { clock, nodeClock, beacon } = world();
  beacon(0);
  clock.advance(5000);
  beacon(-400); // 400 ms on the way
  expect(nodeClock.read()).toMatchObject({ nowMs: hubStart + 5000, quality: "synced" });
});

test("a stepping system clock moves nothing", () => {
  const { clock, nodeClock, beacon } = world();
  beacon();
  clock.set(Date.UTC(2035, 0, 1));
  expect(nodeClock.read().nowMs).toBe(hubStart);
});

test("after a day without beacons synced becomes holdover, after two weeks unknown", () => {
  const { clock, nodeClock, beacon } = world();
  beacon();
  clock.advance(23 * hour);
  expect(nodeClock.read().quality).toBe("synced");
  clock.advance(2 * hour);
  expect(nodeClock.read().quality).toBe("holdover");
  clock.advance(14 * 24 * hour);
  expect(nodeClock.read()).toMatchObject({ nowMs: null, quality: "unknown" });
});

test("a beacon that jumps by more than five minutes or back is believed only when three agree", () => {
  const { clock, nodeClock, beacon } = world();
  for (const jumpMs of [6 * minute, -30 * 1000]) {
    for (let i = 0; i < 4; i += 1) beacon();
    clock.advance(5000);
    const first = beacon(jumpMs);
    expect(first).toMatchObject({ quality: "unknown" });
    expect(nodeClock.read().nowMs).toBeNull();
    beacon(jumpMs);
    beacon(jumpMs);
    expect(nodeClock.read()).toMatchObject({ nowMs: hubStart + clock.monoMs() + jumpMs, quality: "synced" });
    for (let i = 0; i < 3; i += 1) beacon();
  }
});

test("time is never before the floor: an old beacon and an old battery clock are not believed", () => {
  const floorMs = hubStart + hour;
  const { nodeClock, beacon } = world(true, floorMs);
  expect(nodeClock.read()).toMatchObject({ nowMs: null, quality: "unknown", floorMs });
  beacon();
  expect(nodeClock.read()).toMatchObject({ nowMs: null, quality: "unknown" });
});

describe("the time floor of a node that knows no time (domain.md §3.4)", () => {
  const alone = { snapshot: null, isAlone: true } as const;
  const floor = async (options: DoorWorldOptions): Promise<number> =>
    (await doorWorld({ ...alone, ...options })).node.nodeClock.read().floorMs;
  const builtMs = Date.UTC(2026, 0, 1);
  test("is the time its program was built", async () => expect(await floor({ builtMs })).toBe(builtMs));
  test("is when its verified snapshot was issued, if that is later", async () => {
    const [earlier, files] = [createMemoryFiles(), createMemoryFiles()];
    await doorWorld({ files: earlier });
    const { snapshot, mark } = earlier.snapshot.load();
    if (snapshot !== null && mark !== null) await files.snapshot.save(snapshot, mark);
    expect(await floor({ builtMs, files })).toBe(Date.UTC(2026, 5, 1, 11));
  });
  test("is the newest event that it kept with a time it knew, if that is later", async () => {
    const journal = createMemoryJournal();
    const world = await doorWorld({ journal });
    world.clock.advance(minute);
    world.hardware.tap(cards.good);
    const tappedMs = world.clock.nowMs();
    expect(Math.abs((await floor({ builtMs, journal: createMemoryJournal(journal.kept) })) - tappedMs)).toBeLessThan(1000);
  });
  test("is what it had proven in its last life, if that is later", async () => {
    const files = createMemoryFiles();
    const world = await doorWorld({ files });
    world.clock.advance(10 * minute);
    const endedMs = world.clock.nowMs();
    await world.node.runtime.stop();
    expect(Math.abs((await floor({ builtMs, files })) - endedMs)).toBeLessThan(1000);
  });
});
