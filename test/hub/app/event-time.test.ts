/** When did it happen: the hub's belief about the time of an event (domain.md §5.2, reports.md G15). */
import { describe, expect, test } from "vitest";
import type { ClockQuality, EventBody, NodeEvent } from "#contract";
import { foldSessions } from "#core";
import { timedAll } from "../../../hub/app/event-time.ts";
import type { BootTime } from "../../../hub/ports.ts";

const hour = 3_600_000;
const minute = 60_000;
const recvMs = Date.UTC(2026, 5, 1, 12);
const ids = { session: "01JDGC5F7W9ZK3T5V0QXN2B8MA", decision: "01JDGC5F7W9ZK3T5V0QXN2B8MB" };
const started: EventBody = { kind: "mach.session_started", ...ids, member: 7, provisional: true };
const booted: EventBody = { kind: "node.boot", restart: "start", fw: "1" };
const event = (boot: string, seq: number, atMono: number, body: EventBody = started): NodeEvent => ({
  boot,
  seq,
  ch: "saw",
  atMono,
  atMs: null,
  tq: "unknown",
  body,
});
const told = (boot: string, seq: number, atMono: number, atMs: number, tq: ClockQuality = "holdover"): NodeEvent => ({
  ...event(boot, seq, atMono),
  atMs,
  tq,
});
type Given = { mono?: number; boots?: readonly BootTime[]; ownOffMs?: number | null; hub?: ClockQuality; recv?: number };
/** The present boot is `b`, a minute old. */
const timed = (events: readonly NodeEvent[], { mono = minute, boots = [], ownOffMs = null, hub = "synced", recv = recvMs }: Given = {}) =>
  timedAll("saw-node", events, { envelope: { boot: "b", mono }, recvMs: recv, hub, ownOffMs }, () => boots);
const times = (...given: Parameters<typeof timed>) => timed(...given).map(({ evtMs, tqHub }) => [evtMs, tqHub]);
const beganMs = recvMs - minute;
const bootTime = (boot: string, atMono: number, evtMs: number, tqHub: ClockQuality = "synced"): BootTime => ({
  boot,
  atMono,
  evtMs,
  tqHub,
});

describe("of the present boot", () => {
  test("an event is as old as the node's monotonic clock says, however long it waited and whatever its own clock told", () => {
    const events = [event("b", 3, 1000), told("b", 4, 2000, recvMs + 5 * hour)];
    expect(times(events, { mono: hour + 1000 })).toEqual([
      [recvMs - hour, "synced"],
      [recvMs - hour + 1000, "synced"],
    ]);
  });
  test("a hub that does not know the time believes a node that does, and marks what neither knows", () => {
    const lost = { hub: "unknown", recv: Date.UTC(2000, 0, 1) } as const;
    expect(times([told("b", 3, 1000, recvMs, "synced"), told("a", 9, 1000, recvMs - hour)], lost)).toEqual([
      [recvMs, "synced"],
      [recvMs - hour, "holdover"],
    ]);
    expect(timed([event("b", 4, 1000)], lost)).toMatchObject([{ tqHub: "unknown" }]);
  });
});

describe("of an earlier boot", () => {
  test("without any time it happened before the present boot: the session it opened does not outlive the power cut", () => {
    const [old, boot] = timed([event("a", 9, 5_000_000), event("b", 1, 300, booted)]);
    if (old === undefined || boot === undefined) throw new Error("no events");
    expect(old.tqHub).toBe("unknown");
    expect(old.evtMs).toBeLessThan(boot.evtMs);
    expect(foldSessions([old, boot]).sessions.get(ids.session)).toMatchObject({ phase: "closed", endReason: "device_reboot" });
  });
  test("without any time its events lie apart as its steady clock says, in every message, and boots stand in their order", () => {
    const first = timed([event("a", 1, 0), event("a", 2, 5000), event("c", 1, 0), event("c", 2, 3000)]);
    const [a1 = 0, a2 = 0, c1 = 0, c2 = 0] = first.map(({ evtMs }) => evtMs);
    expect([a2 - a1, c2 - c1]).toEqual([5000, 3000]);
    expect(a2).toBeLessThan(c1);
    expect(c2).toBeLessThan(beganMs);
    const rest = timed([event("a", 3, 6000), event("a", 4, hour)], { boots: [bootTime("a", 5000, a2, "unknown")] });
    expect(rest[0]?.evtMs).toBe(a2 + 1000);
    expect(rest[1]?.evtMs).toBeLessThan(beganMs); // more than there is room for
  });
  test("that the hub has heard of is timed by what it heard, not by the node's clock", () => {
    const boots = [bootTime("a", 10_000, recvMs - 5 * hour)];
    expect(times([told("a", 9, 10_000 + hour, recvMs - hour), event("a", 10, 20_000 + hour)], { boots })).toEqual([
      [recvMs - 4 * hour, "synced"],
      [recvMs - 4 * hour + 10_000, "synced"],
    ]);
  });
  test("that told the hub's time is believed, and gives a time to what it did before it had one", () => {
    expect(times([event("a", 1, 0), told("a", 2, 9000, recvMs - 2 * hour, "synced")])).toEqual([
      [recvMs - 2 * hour - 9000, "synced"],
      [recvMs - 2 * hour, "synced"],
    ]);
  });
  test("by the node's own clock is believed where it is right, as far as anybody can tell", () => {
    for (const ownOffMs of [null, 0, 2000, -1999])
      expect(times([told("a", 1, 0, recvMs - 2 * hour)], { ownOffMs }), String(ownOffMs)).toEqual([[recvMs - 2 * hour, "holdover"]]);
  });
  test("G15 by a clock that is found wrong is corrected by what it is off, and stays an estimate", () => {
    for (const ownOffMs of [2001, hour, -3 * hour])
      expect(times([told("a", 1, 0, recvMs - 2 * hour + ownOffMs)], { ownOffMs }), String(ownOffMs)).toEqual([
        [recvMs - 2 * hour, "unknown"],
      ]);
  });
  test("G15 is not later than the present boot's begin: the whole boot is moved, so that its lengths stay", () => {
    const [start, end] = timed([told("a", 1, 0, recvMs), told("a", 2, hour, recvMs + hour)]);
    expect(end?.evtMs).toBeLessThan(beganMs);
    expect(end?.evtMs).toBeGreaterThan(beganMs - minute);
    expect([(end?.evtMs ?? 0) - (start?.evtMs ?? 0), start?.tqHub, end?.tqHub]).toEqual([hour, "unknown", "unknown"]);
  });
  test("G15 is not earlier than what is sure of a boot before it", () => {
    const boots = [bootTime("z", 0, recvMs - 3 * hour), bootTime("y", 0, recvMs - minute, "unknown"), bootTime("b", 0, recvMs)];
    expect(
      times([told("a", 1, 0, recvMs - 9 * hour), told("a", 2, minute, recvMs - 9 * hour + minute)], { boots: boots.slice(0, 1) }),
    ).toEqual([
      [recvMs - 3 * hour, "unknown"],
      [recvMs - 3 * hour + minute, "unknown"],
    ]);
    expect(times([told("a", 1, 0, recvMs - 2 * hour)], { boots })).toEqual([[recvMs - 2 * hour, "holdover"]]);
  });
  test("within the same process is told by the same steady clock", () => {
    expect(times([told("a", 1, 9 * minute, recvMs - minute)], { mono: 10 * minute })).toEqual([[recvMs - minute, "holdover"]]);
  });
});
