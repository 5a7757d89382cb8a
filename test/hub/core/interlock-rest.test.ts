/** The interlock's table (domain.md §4.2), second part: after the permit, the key switch, faults, and latching contactors. */
import { describe, expect, it } from "vitest";
import {
  activity,
  boot,
  fan,
  idleMeter,
  onIdle,
  permit,
  permitted,
  play,
  power,
  powered,
  printer,
  saw,
  session,
  type Timed,
  tap,
  tick,
} from "./interlock-play.ts";

describe("RUN_ON, BYPASSED and FAULT", () => {
  const ran: readonly Timed[] = [
    boot,
    idleMeter,
    [0, tap(7)],
    [100, permitted(7)],
    [200, { kind: "ancillary", ready: true }],
    [1000, powered(true)],
    [9000, { kind: "stop_button" }],
    [9100, powered(false)],
  ];
  it("runs extraction on, then rests", () => {
    expect(play(fan, ...ran)).toMatchObject({ kind: "run_on", state: { deadlines: { runOn: 69_000 } } });
    expect(play(fan, ...ran, [69_000, tick])).toMatchObject({ kind: "off", words: ["ancillary off"] });
  });
  it("finds a contactor that is in at the start, though its permit is off, after 3 s", () => {
    const found = [0, { kind: "booted", selfTest: true, powered: true, journal: null }] as const;
    expect(play(saw, found, [2999, tick]).kind).toBe("off");
    expect(play(saw, found, [3000, tick]).kind).toBe("fault_welded");
    expect(play(saw, found, [500, powered(false)], [3000, tick]).kind).toBe("off"); // it fell with the relay
  });
  it("starts from RUN_ON without another spin-up", () => {
    expect(play(fan, ...ran, [20_000, tap(7)], [20_100, permitted(7)])).toMatchObject({ kind: "enabled" });
  });
  it("verifies that off means off", () => {
    expect(play(saw, ...onIdle, [9000, { kind: "stop_button" }], [10_000, tick])).toMatchObject({
      kind: "fault_welded",
      state: { alarms: ["verify_failed"] },
    });
    expect(play(saw, ...onIdle, [9000, { kind: "stop_button" }], [9900, powered(false)], [10_000, tick]).kind).toBe("off");
  });
  it("never hides the key switch: no session, no weld alarm, and off again afterwards", () => {
    const keyed: readonly Timed[] = [boot, [0, { kind: "bypass", on: true }], [100, power(300)], [9000, power(300)]];
    expect(play(saw, ...keyed).kind).toBe("bypassed");
    expect(play(saw, ...keyed, [9100, tap(7)]).words).toEqual(["say bypass_on"]);
    expect(play(saw, ...keyed, [9200, { kind: "bypass", on: false }])).toMatchObject({ kind: "off", state: { alarms: [] } });
    const flagged: readonly Timed[] = [...onIdle, [5000, { kind: "bypass", on: true }]];
    expect(play(saw, ...flagged)).toMatchObject({ kind: "on_idle", state: { bypass: true, alarms: ["manual_bypass"] } });
    expect(play(saw, ...flagged, [9000, { kind: "stop_button" }], [20_000, tick]).kind).toBe("bypassed");
  });
  it("leaves a fault in two steps, in either order, and only when the cause is gone", () => {
    const fault: readonly Timed[] = [boot, [0, { kind: "fault", cause: "overheated" }]];
    expect(play(saw, ...fault, [1, { kind: "reset", member: 5 }]).kind).toBe("fault");
    expect(play(saw, ...fault, [1, { kind: "cleared" }], [2, { kind: "reset", member: 5 }]).kind).toBe("off");
    const welded: readonly Timed[] = [
      boot,
      [0, power(300)],
      [3000, power(300)],
      [4000, { kind: "cleared" }],
      [4001, { kind: "reset", member: 5 }],
    ];
    expect(play(saw, ...welded).kind).toBe("fault_welded");
    expect(play(saw, ...welded, [5000, power(0)], [5001, { kind: "reset", member: 5 }]).kind).toBe("off");
    expect(play(saw, ...fault, [1, tap(7)]).words).toContain("say DEVICE_FAULT");
  });
});

describe("the latching variant", () => {
  const running: readonly Timed[] = [
    [0, { kind: "booted", selfTest: true, powered: false, journal: null }],
    idleMeter,
    [0, tap(7)],
    [100, permitted(7)],
    [900, powered(true)],
  ];
  it("presses START once, only on a permit", () => {
    expect(play(printer, ...running.slice(0, 4)).words).toContain("press start");
    expect(play(printer, ...running).kind).toBe("on_idle");
  });
  it("boots beside a running machine without touching it", () => {
    const journal = play(printer, ...running, [5000, activity("busy")]).state.session;
    const known = play(printer, [0, { kind: "booted", selfTest: true, powered: true, journal }]);
    expect(known).toMatchObject({
      kind: "busy",
      words: ["mach.resumed", "request extend best"],
      state: { session: { session, provisional: true } },
    });
    const unowned = play(printer, [0, { kind: "booted", selfTest: true, powered: true, journal: null }]);
    expect(unowned).toMatchObject({ kind: "bypassed", state: { cause: "unowned_power" }, words: ["mach.manual_bypass", "beep alarm"] });
    expect(play(printer, [0, { kind: "booted", selfTest: true, powered: true, journal: null }], [5000, powered(false)]).kind).toBe("off");
    expect(play(printer, [0, { kind: "booted", selfTest: true, powered: false, journal }]).words).toEqual(["closed power_lost"]);
  });
  it("presses STOP at most three times, then calls it welded", () => {
    const stopped: readonly Timed[] = [...running, [9000, { kind: "stop_button" }]];
    expect(play(printer, ...stopped).words).toContain("press stop");
    expect(play(printer, ...stopped, [11_000, tick]).words).toEqual(["press stop"]);
    expect(play(printer, ...stopped, [11_000, tick], [13_000, tick]).words).toEqual(["press stop"]);
    expect(play(printer, ...stopped, [11_000, tick], [13_000, tick], [15_000, tick]).kind).toBe("fault_welded");
    expect(play(printer, ...stopped, [9500, powered(false)], [15_000, tick]).kind).toBe("off");
  });
  it("only alarms when it is on for too long", () => {
    expect(play({ ...printer, maxOnMs: 60_000 }, ...running, [60_100, tick])).toMatchObject({
      kind: "on_idle",
      words: ["say on_too_long", "beep alarm"],
    });
  });
  it("a lease of zero has no end", () => {
    expect(
      play(printer, boot, idleMeter, [0, tap(7)], [100, permitted(7, { leaseMs: 0, idleMs: 0 })], [900, powered(true)]).state.deadlines,
    ).toEqual({});
    expect(permit.leaseMs).toBeGreaterThan(0);
  });
});
