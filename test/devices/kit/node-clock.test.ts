import { expect, test } from "vitest";
import { hour, minute } from "#contract";
import { createNodeClock } from "../../../devices/kit/node-clock.ts";
import { virtualClock } from "./world.ts";

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
