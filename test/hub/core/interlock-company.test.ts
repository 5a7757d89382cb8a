/** Who has to be at the machine (domain.md §3.6, S32, S33), hand-over, accessories and warnings. */
import { describe, expect, it } from "vitest";
import type { Permit } from "#contract";
import { interlockDefaults, renewal } from "#core";
import {
  activity,
  ask,
  type Bare,
  boot,
  busy,
  hold,
  idleMeter,
  minute,
  onIdle,
  otherSession,
  permitted,
  play,
  powered,
  refused,
  saw,
  session,
  type Timed,
  tap,
  tick,
} from "./interlock-play.ts";

const long = { leaseMs: 10_800_000, idleMs: 10_800_000 };
/** A session of member 7 with these companions, BUSY at 10 s. */
const withCompany = (company: Partial<Permit>): readonly Timed[] => [
  boot,
  idleMeter,
  [0, ask(7, "teach")],
  [100, permitted(7, { ...long, ...company })],
  [1000, powered(true)],
  [10_000, activity("busy")],
];
const taught = withCompany({ supervisor: 9 });
const inPair = withCompany({ buddy: 8 });

describe("a question of several", () => {
  it("is asked as it is, and never means to stop", () => {
    expect(play(saw, boot, [0, ask(7, "teach")])).toMatchObject({ kind: "authorising", words: ["request teach best"] });
    expect(play(saw, ...onIdle, [200_000, ask(7, "extend")])).toMatchObject({ kind: "on_idle", words: ["request extend best"] });
    expect(play(saw, boot, [0, { kind: "bypass", on: true }], [1, ask(7, "start")]).words).toEqual(["say bypass_on"]);
    expect(play(saw, boot, [0, { kind: "fault", cause: "hot" }], [1, ask(7, "start")]).words).toEqual(["say DEVICE_FAULT", "beep deny"]);
    expect(play(saw, boot, [0, ask(7, "start")], [1, ask(8, "start")]).words).toEqual(["say wait"]);
  });
  it("names the company in the record of the session, and renews with the same question", () => {
    const started = play(saw, boot, [0, ask(7, "teach")], [100, permitted(7, { supervisor: 9, buddy: 8 })]).last[0];
    expect(started).toMatchObject({ kind: "emit", body: { kind: "mach.session_started", member: 7, supervisor: 9, buddy: 8 } });
    expect(play(saw, ...taught, [long.leaseMs - 29_900, tick]).words).toContain("request teach best");
  });
});

describe("the supervisor", () => {
  it("leaves with a tap: both end, after the work", () => {
    expect(play(saw, ...taught, [20_000, tap(9)])).toMatchObject({ kind: "busy", words: ["say wait"] });
    expect(play(saw, ...taught, [20_000, tap(9)], [23_500, tick])).toMatchObject({ kind: "stopping", words: ["say stops_when_finished"] });
    const idle = [...taught, [15_000, activity("idle")]] as const;
    expect(play(saw, ...idle, [20_000, tap(9)], [23_500, tick])).toMatchObject({ kind: "grace", state: { cause: "permission_ended" } });
  });
  it("stays with a hold, which counts as a sign of life", () => {
    const held = [...taught, [20_000, tap(9)], [23_000, hold(9)]] as const;
    expect(play(saw, ...held, [23_500, tick]).kind).toBe("busy");
    expect(play(saw, ...held).state.deadlines.supervisor).toBe(23_000 + 30 * minute);
  });
  it("is missed after 30 min without a tap, and the session ends 5 min later unless they tap", () => {
    const missed = play(saw, ...taught, [100 + 30 * minute, tick]);
    expect(missed).toMatchObject({ kind: "busy", words: ["mach.companion_missed", "say AWAIT_SUPERVISOR", "beep slow"] });
    expect(play(saw, ...taught, [100 + 30 * minute, tick], [99 + 35 * minute, tick]).kind).toBe("busy");
    expect(play(saw, ...taught, [100 + 30 * minute, tick], [100 + 35 * minute, tick]).kind).toBe("stopping");
    const back = [...taught, [100 + 30 * minute, tick], [32 * minute, tap(9)]] as const;
    expect(play(saw, ...back)).toMatchObject({ words: ["mach.companion", "say granted"], state: { session: { missed: [] } } });
    expect(play(saw, ...back, [36 * minute, tick]).kind).toBe("busy");
    expect(play(saw, ...back, [62 * minute, tick]).words).toContain("mach.companion_missed");
  });
  it("is replaced by whoever the next permit names", () => {
    const replaced = [
      ...taught,
      [100 + 30 * minute, tick],
      [31 * minute, ask(7, "teach", "again")],
      [31 * minute + 100, permitted(7, { ...long, supervisor: 5 }, "again")],
    ] as const;
    const { words, state } = play(saw, ...replaced);
    expect([words, state.session?.permit.supervisor, state.deadlines.companionGone]).toEqual([
      ["mach.companion", "say granted"],
      5,
      undefined,
    ]);
  });
  it("is needed no more once the operator has been signed off", () => {
    const alone = play(saw, ...taught, [20_000, ask(7, "extend", "alone")], [20_100, permitted(7, long, "alone")]);
    expect(alone.state.deadlines.supervisor).toBeUndefined();
    expect(alone).toMatchObject({ kind: "busy", state: { session: { session, permit: { leaseMs: long.leaseMs } } } });
  });
});

describe("the second person", () => {
  it("leaves with a tap: warned, stopped when idle after 5 min", () => {
    const left = [...inPair, [20_000, tap(8)]] as const;
    expect(play(saw, ...left)).toMatchObject({ kind: "busy", words: ["mach.companion_missed", "say AWAIT_SECOND_PERSON", "beep slow"] });
    expect(play(saw, ...left, [20_000 + 5 * minute, tick]).kind).toBe("stopping");
    expect(play(saw, ...left, [20_000 + 5 * minute, tick], [20_001 + 5 * minute, activity("idle")]).words).toContain(
      "closed permission_ended",
    );
  });
  it("is replaced by another before that, also while it is already stopping", () => {
    const other = (atMs: number): readonly Timed[] => [
      [atMs, ask(7, "extend", "again")],
      [atMs + 100, permitted(7, { ...long, buddy: 5 }, "again")],
    ];
    const left = [...inPair, [20_000, tap(8)]] as const;
    expect(play(saw, ...left, ...other(60_000), [20_000 + 5 * minute, tick])).toMatchObject({
      kind: "busy",
      state: { session: { missed: [] } },
    });
    const late = play(saw, ...left, [20_000 + 5 * minute, tick], ...other(6 * minute));
    expect(late.kind).toBe("busy");
    expect(late.words).toEqual(["mach.companion", "say granted", "mach.resumed", "beep grant", "say granted"]);
  });
  it("a refused replacement changes nothing (I4)", () => {
    const left = [...inPair, [20_000, tap(8)]] as const;
    const before = play(saw, ...left).state;
    const after = play(saw, ...left, [21_000, ask(7, "extend", "n9")], [21_100, refused(9)]).state;
    expect(after).toEqual(before);
  });
});

describe("the operator of a class-A machine", () => {
  const laser = { ...saw, stillHereMs: 20 * minute };
  const run = withCompany({});
  it("is asked every 20 min; a tap answers and is no tap-out", () => {
    const asked = [...run, [100 + 20 * minute, tick]] as const;
    expect(play(laser, ...asked)).toMatchObject({ kind: "busy", words: ["say still_here", "beep slow"] });
    expect(play(laser, ...asked, [22 * minute, tap(7)])).toMatchObject({ kind: "busy", words: ["say granted", "beep grant"] });
    expect(play(laser, ...asked, [22 * minute, tap(7)], [42 * minute, tick]).words).toEqual(["say still_here", "beep slow"]);
    expect(play(laser, ...asked, [22 * minute, tap(7)], [23 * minute, tap(7)]).kind).toBe("stopping");
  });
  it("who does not answer within 5 min has gone: stopped when idle", () => {
    expect(play(laser, ...run, [100 + 20 * minute, tick], [100 + 25 * minute, tick])).toMatchObject({
      kind: "stopping",
      state: { reason: "idle_timeout" },
    });
  });
  it("is not asked where a job may run alone", () =>
    expect(play({ ...laser, attendance: "unattended_ok" }, ...run, [100 + 20 * minute, tick]).words).toEqual([]));
});

describe("hand-over", () => {
  const given: readonly Timed[] = [...busy, [20_000, ask(9, "handover")], [20_100, permitted(9)]];
  it("changes hands while it works, without touching the relay", () => {
    const { kind, words, state } = play(saw, ...given);
    expect([kind, words, state.session?.member]).toEqual([
      "busy",
      ["closed handed_over", "mach.session_started", "say granted", "beep grant"],
      9,
    ]);
  });
  it("splits the run in progress", () => {
    const running: Bare = { kind: "activity", busy: "busy", run: { kind: "started", run: otherSession, startMono: 9000 } };
    expect(play(saw, ...onIdle, [10_000, running], [20_000, ask(9, "handover")], [20_100, permitted(9)]).words).toContain("split run");
  });
  it("a teach session takes the place of the trainer's own", () =>
    expect(play(saw, ...onIdle, [20_000, ask(9, "teach")], [20_100, permitted(9, { supervisor: 7 })])).toMatchObject({
      kind: "on_idle",
      words: ["closed handed_over", "mach.session_started", "say granted", "beep grant"],
      state: { session: { member: 9, wants: "teach" } },
    }));
  it("is refused while a lockout stops it", () => {
    const stopping = [...busy, [20_000, { kind: "end", reason: "lockout", mode: "immediate" }]] as const;
    expect(play(saw, ...stopping, [21_000, ask(9, "handover")]).words).toEqual(["say LOCKED_OUT"]);
  });
});

describe("accessories", () => {
  const laser = { ...saw, accessories: ["rotary", "camera"] };
  const allowed = { accessories: { rotary: true, camera: false } };
  it("are off at the start, on with the permit where it says so, off with it (S31)", () => {
    expect(play(laser, boot).words).toEqual(["relay off", "ancillary off", "rotary off", "camera off"]);
    const on = play(laser, boot, [0, tap(7)], [100, permitted(7, allowed)]);
    expect(on.words).toEqual(["mach.session_started", "relay on", "rotary on", "say granted", "beep grant"]);
    const off = play(laser, boot, [0, tap(7)], [100, permitted(7, allowed)], [9000, { kind: "stop_button" }]);
    expect(off.words.slice(0, 2)).toEqual(["relay off", "rotary off"]);
    expect(play(laser, boot, [0, tap(7)], [100, permitted(7)]).words).not.toContain("rotary on");
  });
  it("follow the person who takes over, and a permit that changes", () => {
    const mine: readonly Timed[] = [
      boot,
      idleMeter,
      [0, tap(7)],
      [100, permitted(7, allowed)],
      [1000, powered(true)],
      [1001, activity("idle")],
    ];
    expect(play(laser, ...mine, [200_000, tap(9)], [200_100, permitted(9)]).words[0]).toBe("rotary off");
    const renewed = play(laser, ...mine, [870_100, tick], [870_200, permitted(7, { accessories: { camera: true } }, renewal(session))]);
    expect(renewed.words).toEqual(["rotary off", "camera on"]);
  });
});

describe("warnings before the end of the permission", () => {
  const run = withCompany({});
  const ends = (endMono: number, reason: "closing" | "booking_end" | "permission_ended"): Bare => ({ kind: "ahead", endMono, reason });
  const said = (reason: "closing" | "booking_end" | "permission_ended", ...atMin: readonly number[]) =>
    play(saw, ...run, [20_000, ends(120 * minute, reason)], ...atMin.map((min): Timed => [min * minute, tick])).words;
  it("come 15, 5, 2 and 0 min ahead, and an hour before the space closes", () => {
    expect(said("permission_ended", 60)).toEqual([]);
    expect(said("closing", 60)).toEqual(["say ends_in_60", "beep slow"]);
    expect(said("permission_ended", 105)).toEqual(["say ends_in_15", "beep slow"]);
    expect(said("permission_ended", 105, 115)).toEqual(["say ends_in_5", "beep slow"]);
    expect(said("permission_ended", 105, 115, 118)).toEqual(["say ends_in_2", "beep slow"]);
    expect(said("booking_end", 105, 115, 118, 120)).toEqual(["say ends_now", "beep slow"]);
  });
  it("are not said twice, and not when the end is called off", () => {
    expect(play(saw, ...run, [20_000, ends(120 * minute, "closing")], [60 * minute, tick], [61 * minute, tick]).words).toEqual([]);
    expect(
      play(
        saw,
        ...run,
        [20_000, ends(120 * minute, "closing")],
        [30 * minute, { kind: "ahead", endMono: null, reason: "closing" }],
        [60 * minute, tick],
      ).words,
    ).toEqual([]);
  });
  it("cut nothing", () => expect(play(saw, ...run, [20_000, ends(60 * minute, "closing")], [61 * minute, tick]).kind).toBe("busy"));
  it("are for people: an unattended job gets none", () => {
    const printer = { ...saw, attendance: "unattended_ok" } as const;
    const left = [...run, [20_000, tap(7)], [21_000, ends(120 * minute, "closing")]] as const;
    expect(play(printer, ...left, [60 * minute, tick]).words).toEqual([]);
  });
  it("have their times in the register", () =>
    expect([interlockDefaults.warnAheadMs, interlockDefaults.closingAheadMs]).toEqual([
      [15 * minute, 5 * minute, 2 * minute, 0],
      60 * minute,
    ]));
});
