/** Every row of the interlock's table (domain.md §4.2). */
import { describe, expect, it } from "vitest";
import { liveSession, renewal } from "#core";
import {
  activity,
  type Bare,
  boot,
  busy,
  end,
  extraction,
  fan,
  hazard,
  idleMeter,
  onIdle,
  permitted,
  play,
  power,
  powered,
  refused,
  saw,
  session,
  type Timed,
  tap,
  tick,
} from "./interlock-play.ts";

describe("BOOT, OFF and AUTHORISING", () => {
  it("boots with the relay off, closes a journalled session, restores nothing", () => {
    const open = play(saw, ...busy).state.session;
    const { kind, words } = play(saw, [0, { kind: "booted", selfTest: true, powered: false, journal: open }]);
    expect([kind, words]).toEqual(["off", ["relay off", "ancillary off", "closed device_reboot"]]);
  });
  it("latches FAULT when the self-test fails", () =>
    expect(play(saw, [0, { kind: "booted", selfTest: false, powered: null, journal: null }]).kind).toBe("fault"));
  it("asks on a tap, locally after 700 ms, and gives up after 5 s", () => {
    const asked = [boot, [0, tap(7)]] as const;
    expect(play(saw, ...asked)).toMatchObject({ kind: "authorising", words: ["request start best"] });
    expect(play(saw, ...asked, [700, tick]).words).toEqual(["request start local"]);
    expect(play(saw, ...asked, [700, tick], [5000, tick])).toMatchObject({ kind: "off", words: ["say no_answer", "beep deny"] });
  });
  it("permits: the session is recorded before the relay closes", () => {
    const { kind, words, state } = play(saw, boot, [0, tap(7)], [100, permitted(7)]);
    expect([kind, words.slice(0, 2), state.deadlines.enable]).toEqual(["enabled", ["mach.session_started", "relay on"], 30_100]);
  });
  it("ignores a permit whose question nobody waits for any more", () => {
    expect(play(saw, boot, [0, tap(7)], [5000, tick], [5100, permitted(7)])).toMatchObject({ kind: "off", words: [] });
    expect(play(saw, boot, [0, tap(7)], [100, permitted(7, {}, "other")])).toMatchObject({ kind: "authorising", words: [] });
  });
  it("says the reason of a refusal and is off again", () =>
    expect(play(saw, boot, [0, tap(7)], [100, refused(7)])).toMatchObject({ kind: "off", words: ["say TRAINING_MISSING", "beep deny"] }));
  it("forgets who pulled the card out of an insert reader", () => {
    const events: readonly Timed[] = [boot, [0, tap(7)], [50, { kind: "removed", member: 7 }]];
    expect(play({ ...saw, insertReader: true }, ...events).kind).toBe("off");
    expect(play({ ...saw, insertReader: true }, ...events, [100, permitted(7)]).kind).toBe("off");
  });
  it("finds a welded contactor by its current, after 3 s", () => {
    expect(play(saw, boot, [0, power(300)], [2999, power(300)]).kind).toBe("off");
    expect(play(saw, boot, [0, power(300)], [3000, power(300)])).toMatchObject({
      kind: "fault_welded",
      state: { alarms: ["current_while_off"] },
    });
    expect(play(saw, boot, [0, power(300)], [2000, power(1)], [9000, tick]).kind).toBe("off");
  });
  it("does not authorise into an open safety input or an emergency", () => {
    expect(play(saw, boot, [0, { kind: "safety", open: true, cause: "lid" }], [1, tap(7)], [100, permitted(7)]).kind).toBe("off");
    expect(play(saw, boot, [0, { kind: "emergency", on: true }], [1, tap(7)], [100, permitted(7)]).kind).toBe("off");
  });
});

describe("ANC_START", () => {
  const spinning: readonly Timed[] = [boot, [0, tap(7)], [100, permitted(7)]];
  it("spins extraction up first, then permits", () => {
    expect(play(fan, ...spinning)).toMatchObject({ kind: "anc_start", words: ["ancillary on", "say wait", "beep grant"] });
    expect(play(fan, ...spinning, [5000, { kind: "ancillary", ready: true }]).words).toContain("relay on");
  });
  it("gives up when it does not become ready, and lets it run on", () => {
    expect(play(fan, ...spinning, [15_100, tick])).toMatchObject({
      kind: "run_on",
      words: ["say ANCILLARY_NOT_READY", "beep deny"],
    });
    expect(play(fan, ...spinning, [15_100, tick], [75_100, tick])).toMatchObject({ kind: "off", words: ["ancillary off"] });
  });
  it("waits out the contactor's rest of 5 s", () => {
    const again: readonly Timed[] = [
      ...onIdle,
      [5000, { kind: "stop_button" }],
      [5100, powered(false)],
      [6000, tap(7)],
      [6100, permitted(7)],
    ];
    expect(play(saw, ...again).kind).toBe("anc_start");
    expect(play(saw, ...again, [10_000, tick]).words).toContain("relay on");
  });
});

describe("ENABLED and ON_IDLE", () => {
  it("is ON_IDLE when a person powers it, and OFF when nobody does", () => {
    expect(play(saw, ...onIdle)).toMatchObject({ kind: "on_idle", state: { deadlines: { idle: 1_201_000 } } });
    expect(play(saw, boot, [0, tap(7)], [100, permitted(7)], [30_100, tick])).toMatchObject({ kind: "off" });
    expect(play(saw, boot, [0, tap(7)], [100, permitted(7)], [30_100, tick]).words.slice(0, 3)).toEqual([
      "relay off",
      "mach.relay_off",
      "closed not_used",
    ]);
  });
  it("is ON_IDLE at once without an auxiliary contact", () =>
    expect(play({ ...saw, hasAux: false }, boot, idleMeter, [0, tap(7)], [100, permitted(7)]).kind).toBe("on_idle"));
  it("goes BUSY and back, and counts busy time", () => {
    expect(play(saw, ...busy).kind).toBe("busy");
    const back = play(saw, ...busy, [25_000, activity("idle")]);
    expect(back).toMatchObject({ kind: "on_idle", state: { session: { busyMs: 15_000 }, deadlines: { idle: 1_225_000 } } });
  });
  it("goes to GRACE when idle too long; a tap resumes, time ends it", () => {
    const idle: readonly Timed[] = [...onIdle.slice(0, 3), [100, permitted(7, { idleMs: 60_000 })], [1000, powered(true)], [61_000, tick]];
    expect(play(saw, ...idle)).toMatchObject({ kind: "grace", words: ["mach.grace", "beep slow", "say tap_to_continue"] });
    const asked: readonly Timed[] = [...idle, [62_000, tap(7, "again")]];
    expect(play(saw, ...asked).words).toEqual(["request extend best"]);
    expect(play(saw, ...asked, [62_100, permitted(7, {}, "again")])).toMatchObject({ kind: "on_idle", state: { session: { session } } });
    expect(play(saw, ...idle, [151_000, tick]).words).toContain("closed idle_timeout");
  });
  it("taps out after the start guard: grace, or off at once without grace", () => {
    expect(play(saw, ...onIdle, [3000, tap(7)])).toMatchObject({ kind: "on_idle", words: [] });
    expect(play(saw, ...onIdle, [3100, tap(7)])).toMatchObject({ kind: "grace", state: { cause: "tap_out" } });
    const none: readonly Timed[] = [
      boot,
      idleMeter,
      [0, tap(7)],
      [100, permitted(7, { graceMs: 0 })],
      [1000, powered(true)],
      [4000, tap(7)],
    ];
    expect(play(saw, ...none).words.slice(0, 3)).toEqual(["relay off", "mach.relay_off", "closed tap_out"]);
  });
  it("a refused tap of another changes nothing (I4)", () => {
    for (const before of [onIdle, busy]) {
      const first = play(saw, ...before).state;
      const after = play(saw, ...before, [20_000, tap(9)], [20_100, refused(9)]);
      expect(after.state).toEqual(first);
      expect(after.words).toEqual(["say TRAINING_MISSING", "beep deny"]);
    }
  });
  it("a granted takeover swaps the session and leaves the relay alone", () => {
    const { kind, words, state } = play(saw, ...onIdle, [200_000, tap(9)], [200_100, permitted(9)]);
    expect([kind, words, state.session?.member]).toEqual([
      "on_idle",
      ["closed taken_over", "mach.session_started", "say granted", "beep grant"],
      9,
    ]);
  });
  it("refuses a takeover that arrives after the machine went busy", () => {
    expect(play(saw, ...onIdle, [200_000, tap(9)], [200_050, activity("busy")], [200_100, permitted(9)])).toMatchObject({
      kind: "busy",
      words: ["say IN_USE", "beep deny"],
      state: { session: { member: 7 } },
    });
  });
  it("the user's own stop leaves time to start again, and counts a cut in mid-work", () => {
    const off: readonly Timed[] = [...busy, [20_000, powered(false)]];
    expect(play(saw, ...off)).toMatchObject({
      kind: "on_idle",
      words: ["mach.powered", "mach.bad_poweroff"],
      state: { deadlines: { enable: 50_000 } },
    });
    expect(play(saw, ...off, [50_000, tick]).words).toContain("closed stop_button");
    expect(play(saw, ...off, [30_000, powered(true)]).state.deadlines.enable).toBeUndefined();
  });
});

describe("the lease", () => {
  it("is renewed silently 30 s before its end", () => {
    expect(play(saw, ...busy, [870_100, tick]).words).toEqual(["request extend best"]);
    const renewed = play(saw, ...busy, [870_100, tick], [870_200, permitted(7, {}, renewal(session))]);
    expect(renewed).toMatchObject({ kind: "busy", words: [], state: { deadlines: { lease: 1_770_200 } } });
    expect(
      play(saw, ...busy, [870_100, tick], [870_200, { kind: "refused", nonce: renewal(session), reason: "TRAINING_EXPIRED" }]),
    ).toMatchObject({ kind: "busy", words: ["say lease_ends"] });
  });
  it("ends at once in ENABLED, with a short grace in ON_IDLE, after the work in BUSY", () => {
    expect(play(saw, ...onIdle.slice(0, 4), [200, end("when_idle", "permission_ended")]).words).toContain("closed permission_ended");
    const graced = play(saw, ...onIdle, [900_100, tick]);
    expect(graced).toMatchObject({ kind: "grace", state: { cause: "permission_ended", deadlines: { grace: 930_100 } } });
    const stopping = play(saw, ...busy, [900_100, tick]);
    expect(stopping).toMatchObject({ kind: "stopping", words: ["request extend best", "say stops_when_finished"] });
    expect(play(saw, ...busy, [900_100, tick], [950_000, activity("idle")]).words).toContain("closed lease_expired");
  });
  it("ends under every policy while the hub is there", () => {
    for (const holdPolicy of ["until_idle", "fixed", "indefinite"] as const) {
      const there: readonly Timed[] = [
        boot,
        idleMeter,
        [0, { kind: "link", up: true }],
        [0, tap(7)],
        [100, permitted(7, { holdPolicy })],
        [1000, powered(true)],
        [2000, activity("busy")],
      ];
      expect(play(saw, ...there, [870_100, tick], [900_100, tick]).kind).toBe("stopping");
    }
  });
  it("with the hub away runs on as the policy says", () => {
    const away = (holdPolicy: "until_idle" | "fixed" | "indefinite"): readonly Timed[] => [
      boot,
      idleMeter,
      [0, { kind: "link", up: true }],
      [0, tap(7)],
      [100, permitted(7, { holdPolicy })],
      [1000, powered(true)],
      [2000, activity("busy")],
      [3000, { kind: "link", up: false }],
      [870_100, tick],
      [900_100, tick],
    ];
    expect(play(saw, ...away("until_idle")).kind).toBe("stopping");
    expect(play(saw, ...away("indefinite"), [9_000_000, tick])).toMatchObject({ kind: "busy" });
    expect(play(saw, ...away("indefinite"), [9_000_000, { kind: "link", up: true }]).words).toEqual(["request extend best"]);
    expect(play(saw, ...away("fixed"), [2_700_099, tick]).kind).toBe("busy");
    expect(play(saw, ...away("fixed"), [2_700_100, tick]).kind).toBe("grace");
    expect(play(hazard, ...away("fixed"), [2_700_100, tick]).kind).toBe("stopping");
  });
});

describe("BUSY, STOPPING, STOP10 and GRACE", () => {
  it("taps out of attended work into STOPPING, and of unattended work into UNATTENDED and back", () => {
    expect(play(saw, ...busy, [20_000, tap(7)])).toMatchObject({ kind: "stopping", words: ["say stops_when_finished"] });
    const left = play({ ...saw, attendance: "unattended_ok" }, ...busy, [20_000, tap(7)]);
    expect(left).toMatchObject({ kind: "busy", words: ["mach.session_unattended", "say stops_when_finished"] });
    expect(liveSession(left.state, 20_001, saw)).toMatchObject({ member: 7, phase: "unattended" });
    expect(play({ ...saw, attendance: "unattended_ok" }, ...busy, [20_000, tap(7)], [30_000, tap(7)]).words).toEqual([
      "mach.session_attended",
    ]);
    expect(play({ ...saw, attendance: "unattended_ok" }, ...busy, [20_000, tap(7)], [90_000, activity("idle")]).words).toContain(
      "closed job_complete",
    );
  });
  it("a hold after tapping out stops now, unless a cut is dangerous", () => {
    expect(play(saw, ...busy, [20_000, tap(7)], [23_000, { kind: "hold", member: 7 }]).words).toContain("closed stop_button");
    expect(play(hazard, ...busy, [20_000, tap(7)], [23_000, { kind: "hold", member: 7 }]).kind).toBe("stopping");
    expect(play(saw, ...busy, [13_000, { kind: "hold", member: 7 }]).kind).toBe("busy");
  });
  it("policy never cuts a busy machine (I3)", () => {
    for (const reason of ["permission_ended", "lockout", "booking_end", "closing"] as const)
      expect(play(saw, ...busy, [20_000, end("when_idle", reason)]).kind).toBe("stopping");
  });
  it("STOPPING goes on with an extension unless the user tapped out", () => {
    const stopping: readonly Timed[] = [...busy, [20_000, end("when_idle", "permission_ended")], [21_000, tap(7, "more")]];
    expect(play(saw, ...stopping, [21_100, permitted(7, {}, "more")])).toMatchObject({ kind: "busy" });
    expect(play(saw, ...busy, [20_000, tap(7)], [21_000, tap(7)])).toMatchObject({ kind: "stopping", words: ["say stops_when_finished"] });
  });
  it("STOPPING waits until the machine has cooled", () => {
    const hot = { ...saw, coolDownMs: 600_000 };
    const cooling: readonly Timed[] = [...busy, [20_000, tap(7)], [60_000, activity("idle")]];
    expect(play(hot, ...cooling)).toMatchObject({ kind: "stopping", state: { deadlines: { coolDown: 660_000 } } });
    expect(play(hot, ...cooling, [100_000, activity("busy")]).state.deadlines.coolDown).toBeUndefined();
    expect(play(hot, ...cooling, [660_000, tick]).words[0]).toBe("relay off");
  });
  it("a permit whose wire let go is over at once, also where a cut is dangerous: power is gone, nobody may tap on", () => {
    const dropped = { kind: "dropped", reason: "power_lost" } as const;
    for (const config of [saw, hazard])
      expect(play(config, ...busy, [20_000, dropped])).toMatchObject({ kind: "off", state: { session: null } });
    expect(play(hazard, ...busy, [20_000, dropped]).words).toContain("closed power_lost");
    expect(play(saw, boot, [0, tap(7)], [50, dropped]).kind).toBe("off");
    expect(play(saw, boot, [0, dropped])).toMatchObject({ kind: "off", words: [] });
  });
  it("an immediate lock warns for 10 s, except where a cut is dangerous", () => {
    expect(play(saw, ...busy, [20_000, end("immediate")])).toMatchObject({ kind: "stop10", words: ["beep fast", "say stopping_now"] });
    expect(play(saw, ...busy, [20_000, end("immediate")], [30_000, tick]).words).toContain("closed lockout");
    expect(play(saw, ...busy, [20_000, end("immediate")], [21_000, activity("idle")]).words).toContain("closed lockout");
    expect(play(hazard, ...busy, [20_000, end("immediate")]).kind).toBe("stopping");
  });
  it("an oops, an open safety input, an emergency and a fault cut at once", () => {
    expect(play(saw, ...busy, [20_000, { kind: "oops" }]).words.slice(0, 3)).toEqual(["relay off", "mach.relay_off", "closed oops"]);
    expect(play(saw, ...busy, [20_000, { kind: "safety", open: true, cause: "lid" }]).words).toContain("closed safety_stop");
    expect(play(saw, ...busy, [20_000, { kind: "fault", cause: "overheated" }])).toMatchObject({ kind: "fault" });
    const fire = play(
      fan,
      boot,
      idleMeter,
      [0, tap(7)],
      [100, permitted(7)],
      [200, { kind: "ancillary", ready: true }],
      [300, { kind: "emergency", on: true }],
    );
    expect([fire.kind, fire.words.filter((word) => word.includes("off"))]).toEqual([
      "off",
      ["relay off", "mach.relay_off", "beep off", "ancillary off"],
    ]);
    const kept = play(
      { ...fan, ancillary: { ...extraction, keepInFire: true } },
      boot,
      [0, tap(7)],
      [100, permitted(7)],
      [200, { kind: "ancillary", ready: true }],
      [300, { kind: "emergency", on: true }],
    );
    expect(kept.words).not.toContain("ancillary off");
  });
  it("GRACE goes on when somebody works, but towards the end when permission is gone", () => {
    expect(play(saw, ...onIdle, [4000, tap(7)], [5000, activity("busy")])).toMatchObject({ kind: "busy" });
    expect(play(saw, ...onIdle, [4000, end("when_idle")], [5000, activity("busy")])).toMatchObject({ kind: "stopping" });
  });
  it("GRACE passes to another member as a new session", () => {
    expect(play(saw, ...onIdle, [4000, tap(7)], [5000, tap(9)], [5100, permitted(9)]).words).toContain("closed taken_over");
  });
  it("loss of the link changes nothing (I2)", () => {
    for (const before of [onIdle, busy]) {
      const { state, words } = play(saw, ...before, [20_000, { kind: "link", up: true }], [21_000, { kind: "link", up: false }]);
      expect([state, words]).toEqual([play(saw, ...before).state, ["say offline"]]);
    }
  });
  it("a silent meter counts as busy for cutting and as idle for billing", () => {
    const silent: readonly Timed[] = [...busy, [20_000, { kind: "meter", ok: false, resetWh: null }]];
    expect(play(saw, ...silent)).toMatchObject({ kind: "busy", state: { session: { busyMs: 10_000, busySinceMono: null } } });
    expect(play(saw, ...silent, [80_000, tick]).words).toEqual(["mach.meter_lost"]);
    expect(play(saw, ...silent, [80_000, tick], [90_000, { kind: "meter", ok: true, resetWh: null }]).words).toEqual(["mach.meter_back"]);
    expect(play(saw, ...silent, [25_000, end("when_idle")]).kind).toBe("stopping");
  });
  it("a meter that answers again is heard at once: what the detector says counts, whether or not it changed", () => {
    const gone: Bare = { kind: "meter", ok: false, resetWh: null };
    const back: Bare = { kind: "meter", ok: true, resetWh: null };
    expect(play(saw, ...onIdle, [20_000, gone])).toMatchObject({ kind: "busy", state: { busy: "unknown" } });
    expect(play(saw, ...onIdle, [20_000, gone], [24_000, back])).toMatchObject({ kind: "on_idle", state: { busy: "idle" } });
    expect(play(saw, ...busy, [20_000, gone], [24_000, back])).toMatchObject({ kind: "busy", state: { busy: "busy" } });
    expect(play(saw, ...busy, [20_000, gone], [22_000, activity("idle")])).toMatchObject({ kind: "busy", state: { busy: "unknown" } });
  });
  it("a session that begins while the meter is silent counts as busy", () => {
    const silent: Timed = [50, { kind: "meter", ok: false, resetWh: null }];
    expect(play(saw, boot, idleMeter, [0, tap(7)], silent, [100, permitted(7)], [1000, powered(true)]).kind).toBe("busy");
  });
  it("work that goes on right after the user's own stop is work: nothing is cut", () => {
    const again: readonly Timed[] = [...busy, [12_000, powered(false)], [14_000, powered(true)]];
    expect(play(saw, ...again).kind).toBe("busy");
    expect(play(saw, ...again, [15_000, end("when_idle")]).kind).toBe("stopping");
    const late: readonly Timed[] = [...busy, [12_000, powered(false)], [13_000, end("when_idle")]];
    expect([play(saw, ...late).kind, play(saw, ...late, [14_000, powered(true)]).kind]).toEqual(["grace", "stopping"]);
  });
  it("gives runs and energy to the session they began in", () => {
    const run = "01JDGC5F7W9ZK3T5V0QXN2B8MR";
    const events: readonly Timed[] = [
      ...onIdle,
      [2000, power(10, 5)],
      [10_000, { kind: "activity", busy: "busy", run: { kind: "started", run, startMono: 9000 } }],
      [20_000, power(900, 7.5)],
      [30_000, { kind: "oops" }],
    ];
    expect(play(saw, ...events).last).toContainEqual({
      kind: "emit",
      body: { kind: "mach.session_closed", session, reason: "oops", busyMs: 20_000, energyWh: 2.5 },
    });
    const ended = play(saw, ...events, [
      30_001,
      { kind: "activity", busy: "idle", run: { kind: "ended", run, endMono: 30_000, energyWh: 2.5, peakW: 900, uncertainMs: 0 } },
    ]);
    expect(ended.last).toContainEqual({
      kind: "emit",
      body: { kind: "mach.run_ended", run, session, endMono: 30_000, energyWh: 2.5, peakW: 900, uncertainMs: 0 },
    });
  });
});
