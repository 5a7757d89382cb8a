/** Corners of the interlock: the end of a permission, and whose the work is. */
import { describe, expect, it } from "vitest";
import type { Permit } from "#contract";
import { renewal } from "#core";
import {
  activity,
  ask,
  asked,
  type Bare,
  boot,
  busy,
  type Corner,
  cutBy,
  enabled,
  end,
  grace,
  hazard,
  minute,
  onIdle,
  otherSession,
  permitted,
  play,
  playCorners,
  powered,
  saw,
  session,
  type Timed,
  tap,
  tick,
  used,
} from "./interlock-play.ts";

const hot = { ...hazard, attendance: "unattended_ok", hasController: true, coolDownMs: 10 * minute, coolDownC: 50 } as const;
const says = (job: "running" | "complete", tempC: number): Bare => ({ kind: "controller", job, tempC });
const fixed = { leaseMs: minute, holdPolicy: "fixed" } as const;
const overMono = 100 + minute + 30 * minute;
const over = (changes: Partial<Permit>, ...work: readonly Timed[]) =>
  used({ ...fixed, idleMs: 0, ...changes }, ...work, [100 + minute, tick], [overMono, tick]);
const works: Timed = [10_000, activity("busy")];
const ends: readonly Corner[] = [
  [
    "a fixed overrun ends busy work with the short grace",
    saw,
    over({}, works),
    "grace",
    ["mach.grace", "beep slow", "say tap_to_continue"],
    { cause: "permission_ended", reason: "lease_expired", deadlines: { grace: overMono + 30_000, graceBeep: overMono + 30_000 } },
  ],
  [
    "a fixed overrun warns busy work though it has no grace",
    saw,
    over({ graceMs: 0 }, works),
    "grace",
    ["mach.grace", "beep slow", "say tap_to_continue"],
    { deadlines: { grace: overMono + 1, graceBeep: overMono + 30_000 } },
  ],
  ["a fixed overrun ends an idle machine without grace at once", saw, over({ graceMs: 0 }), "off", cutBy("lease_expired")],
  [
    "a fixed overrun lets dangerous work finish",
    hazard,
    over({}, works),
    "stopping",
    ["say stops_when_finished"],
    { reason: "lease_expired" },
  ],
  [
    "an overrun whose renewal is refused ends after the work",
    saw,
    used(
      { leaseMs: minute, idleMs: 0, holdPolicy: "indefinite" },
      works,
      [100 + minute, tick],
      [200_000, { kind: "link", up: true }],
      [200_100, { kind: "refused", nonce: renewal(session), reason: "TRAINING_EXPIRED" }],
    ),
    "stopping",
    ["say stops_when_finished"],
    { reason: "lease_expired" },
  ],
  ["a grace beeps every 30 s", saw, [...grace, [35_000, tick], [65_000, tick]], "grace", ["beep slow"]],
  [
    "work in a grace takes an endless lease up again",
    saw,
    used({ leaseMs: 0, idleMs: 0 }, [5000, tap(7)], [6000, activity("busy")]),
    "busy",
    ["mach.resumed", "beep off", "request extend best"],
    { deadlines: {} },
  ],
  [
    "cooling down is not begun again by a second word of rest",
    { ...saw, coolDownMs: 10 * minute },
    [...busy, [20_000, tap(7)], [60_000, activity("idle")], [100_000, activity("idle")]],
    "stopping",
    [],
    { deadlines: { coolDown: 660_000 } },
  ],
  [
    "power that comes back in a grace without permission is told, and worked off",
    saw,
    [...busy, [12_000, powered(false)], [13_000, end("when_idle")], [14_000, powered(true)]],
    "stopping",
    ["mach.powered", "say stops_when_finished"],
  ],
  [
    "a start after one's own stop is no start too late",
    saw,
    [...onIdle, [5000, powered(false)], [6000, powered(true)]],
    "on_idle",
    ["mach.powered"],
    { deadlines: { lease: 900_100, leaseWarn: 870_100, idle: 1_206_000 } },
  ],
  [
    "the contact's first word is told",
    saw,
    [[0, { kind: "booted", selfTest: true, powered: null, journal: null }], ...enabled.slice(1), [200, powered(false)]],
    "enabled",
    ["mach.powered"],
  ],
  [
    "a machine that is in already is in use at once",
    saw,
    [...asked, [50, powered(true)], [100, permitted(7)]],
    "on_idle",
    ["mach.session_started", "relay on", "say granted", "beep grant"],
  ],
  [
    "a machine that works already is busy at once",
    saw,
    [...asked, [50, activity("busy")], [100, permitted(7)]],
    "busy",
    ["mach.session_started", "relay on", "say granted", "beep grant"],
  ],
  [
    "a machine that has cooled to exactly its limit is not said to be waited for",
    hot,
    [...busy, [11_000, says("running", 210)], [20_000, tap(7)], [100_000, says("complete", 50)]],
    "off",
    ["mach.job", ...cutBy("job_complete")],
  ],
  [
    "without a limit frost is no sign that it has cooled",
    { ...hot, coolDownC: null },
    [...busy, [11_000, says("running", 0)], [20_000, tap(7)], [100_000, says("complete", 0)]],
    "stopping",
    ["mach.job", "say stops_when_finished"],
    { deadlines: { coolDown: 100_000 + 10 * minute } },
  ],
  ["rest is said by nobody", saw, [...busy, [20_000, activity("idle")]], "on_idle", []],
];

describe("the end of a permission", () => playCorners(ends));

describe("whose the work is", () => {
  const run = "01JDGC5F7W9ZK3T5V0QXN2B8MR";
  const ended: Bare = { kind: "activity", busy: "idle", run: { kind: "ended", run, endMono: 9000, energyWh: 2, peakW: 5, uncertainMs: 7 } };
  const bodies = (...events: readonly Timed[]) =>
    play(saw, ...events).last.flatMap((effect) => (effect.kind === "emit" ? [effect.body] : []));
  const told = (whose: string | null) => [
    { kind: "mach.run_ended", run, session: whose, endMono: 9000, energyWh: 2, peakW: 5, uncertainMs: 7 },
  ];
  it("a run whose start nobody told is the session's in which it ends", () => {
    expect(bodies(...onIdle, [10_000, ended])).toEqual(told(session));
    expect(bodies(boot, [10_000, ended])).toEqual(told(null));
  });
  it("another run in progress does not own it", () => {
    const started: Bare = { kind: "activity", busy: "busy", run: { kind: "started", run: otherSession, startMono: 500 } };
    expect(bodies(boot, [600, started], [700, tap(7)], [800, permitted(7)], [10_000, ended])).toEqual(told(session));
  });
  it("work is closed with the time it took when it changes hands", () =>
    expect(
      bodies(...busy, [15_000, activity("idle")], [20_000, activity("busy")], [30_000, ask(9, "handover")], [30_100, permitted(9)])[0],
    ).toEqual({
      kind: "mach.session_closed",
      session,
      reason: "handed_over",
      busyMs: 15_100,
      energyWh: 0,
    }));
  it("an idle machine adds nothing to it", () =>
    expect(bodies(...busy, [15_000, activity("idle")], [20_000, tap(9)], [20_100, permitted(9)])[0]).toMatchObject({ busyMs: 5000 }));
  it("an idle grace is told with its cause", () =>
    expect(bodies(...used({ leaseMs: 0, idleMs: minute }), [1001 + minute, tick])).toEqual([
      { kind: "mach.grace", session, cause: "idle_timeout" },
    ]));
  it("what nobody answers for is told with all its energy, loudly", () => {
    const metered = { ...saw, weldW: 5000 };
    const power = (energyWh: number): Bare => ({ kind: "power", powerW: 300, energyWh });
    const alone: readonly Timed[] = [boot, [0, power(10)], [1000, activity("busy")], [300_000, power(60)], [300_001, activity("busy")]];
    expect(play(metered, ...alone, [1000 + 10 * minute, tick]).last).toEqual([
      { kind: "emit", body: { kind: "mach.unattributed_use", powerW: 300, energyWh: 50 } },
      { kind: "beep", pattern: "alarm" },
    ]);
  });
  it("an extension granted at a machine at rest is a start", () =>
    expect(play(saw, boot, [0, ask(7, "extend")], [100, permitted(7)]).state.session?.wants).toBe("start"));
});
