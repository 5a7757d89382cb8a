/** The interlock's table row by row, in its own order and words (domain.md §4.2); what lies between the rows is in interlock*.test.ts. */
import { describe, expect, it } from "vitest";
import type { EndReason } from "#contract";
import type { InterlockConfig, InterlockKind } from "#core";
import { interlockDefaults } from "#core";
import {
  activity,
  asked,
  type Bare,
  boot,
  busy,
  bypass,
  enabled,
  fan,
  grace,
  hazard,
  idleMeter,
  insert,
  onIdle,
  permitted,
  play,
  power,
  powered,
  printer,
  ran,
  ready,
  refused,
  saw,
  session,
  type Timed,
  tap,
  tick,
  unattended,
} from "./interlock-play.ts";

const end = (mode: "when_idle" | "immediate", reason: EndReason = "permission_ended"): Bare => ({ kind: "end", reason, mode }) as Bare;
const off: readonly Timed[] = [boot, idleMeter];
const spinning: readonly Timed[] = [...asked, [100, permitted(7)]];
const endless: readonly Timed[] = [...asked, [100, permitted(7, { leaseMs: 0 })], [1000, powered(true)]];
const stopping: readonly Timed[] = [...busy, [20_000, end("when_idle")]];
const warned: readonly Timed[] = [...busy, [20_000, end("immediate", "lockout")]];

type Row = readonly [row: string, config: InterlockConfig, events: readonly Timed[], kind: InterlockKind, effects: readonly string[]];

/** what gives power: a row that does not name it must not do it */
const isPermit = (effect: string): boolean => effect === "relay on" || effect === "press start";

const rest: readonly Row[] = [
  ["BOOT × self-test ok → OFF", saw, [boot], "off", ["relay off", "ancillary off"]],
  [
    "BOOT × self-test fails → FAULT",
    saw,
    [[0, { kind: "booted", selfTest: false, powered: null, journal: null }]],
    "fault",
    ["relay off", "mach.fault"],
  ],
  [
    "any × self-test fails → FAULT, off at once",
    saw,
    [...busy, [20_000, { kind: "fault", cause: "self-test failed" }]],
    "fault",
    ["relay off", "closed safety_stop"],
  ],
  ["OFF × tap → AUTHORISING", saw, asked, "authorising", ["request start best"]],
  ["OFF × tap, unanswered → AUTHORISING, decided here", saw, [...asked, [700, tick]], "authorising", ["request start local"]],
  [
    "OFF × current above weldW for 3 s → FAULT_WELDED",
    saw,
    [...off, [0, power(300)], [3000, power(300)]],
    "fault_welded",
    ["relay off", "mach.current_while_off"],
  ],
  [
    "AUTHORISING × permit [ancillaries ready] → ENABLED",
    fan,
    [...off, [0, ready], [0, tap(7)], [100, permitted(7)]],
    "enabled",
    ["mach.session_started", "relay on"],
  ],
  ["AUTHORISING × permit [ancillary required] → ANC_START", fan, spinning, "anc_start", ["ancillary on"]],
  ["ANC_START × ready → ENABLED", fan, [...spinning, [9000, ready]], "enabled", ["mach.session_started", "relay on"]],
  ["ANC_START × readyTimeout → OFF, with run-on", fan, [...spinning, [15_100, tick]], "run_on", ["say ANCILLARY_NOT_READY"]],
  ["AUTHORISING × deny → OFF", saw, [...asked, [100, refused(7)]], "off", ["say TRAINING_MISSING"]],
  ["AUTHORISING × timeout → OFF", saw, [...asked, [700, tick], [5000, tick]], "off", ["say no_answer"]],
  ["AUTHORISING × removed (insert reader) → OFF", insert, [...asked, [50, { kind: "removed", member: 7 }]], "off", []],
  ["AUTHORISING × removed, late permit → OFF", insert, [...asked, [50, { kind: "removed", member: 7 }], [100, permitted(7)]], "off", []],
];

const use: readonly Row[] = [
  ["ENABLED × powered → ON_IDLE", saw, [...enabled, [1000, powered(true)]], "on_idle", ["mach.powered"]],
  ["ENABLED × enable expires → OFF", saw, [...enabled, [30_100, tick]], "off", ["relay off", "closed not_used"]],
  ["ENABLED (no aux sensing) → ON_IDLE immediately", { ...saw, hasAux: false }, enabled, "on_idle", ["relay on"]],
  ["ON_IDLE × busy → BUSY", saw, busy, "busy", []],
  ["BUSY × notBusy → ON_IDLE", saw, [...busy, [20_000, activity("idle")]], "on_idle", []],
  ["ON_IDLE × idle expires → GRACE(idle_timeout)", saw, [...onIdle, [1_201_001, tick]], "grace", ["say tap_to_continue"]],
  ["ON_IDLE × tapOwner → GRACE(tap_out)", saw, grace, "grace", ["mach.grace"]],
  [
    "ON_IDLE × tapOwner [graceS = 0] → RUN_ON",
    saw,
    [...asked, [100, permitted(7, { graceMs: 0 })], [1000, powered(true)], [5000, tap(7)]],
    "off",
    ["relay off", "closed tap_out"],
  ],
  ["ON_IDLE × tapOwner [< startGuard] → ON_IDLE", saw, [...onIdle, [2000, tap(7)]], "on_idle", []],
  ["BUSY × tapOwner [unattended_ok] → BUSY, UNATTENDED", unattended, [...busy, [20_000, tap(7)]], "busy", ["mach.session_unattended"]],
  ["BUSY × tapOwner [attended] → STOPPING(tap_out)", saw, [...busy, [20_000, tap(7)]], "stopping", ["say stops_when_finished"]],
  [
    "BUSY × tapOwner, hold ≥ 3 s [¬cutHazard] → stop now",
    saw,
    [...busy, [20_000, tap(7)], [23_000, { kind: "hold", member: 7 }]],
    "off",
    ["relay off", "closed stop_button"],
  ],
  [
    "BUSY × tapOwner, hold ≥ 3 s [cutHazard] → STOPPING",
    hazard,
    [...busy, [20_000, tap(7)], [23_000, { kind: "hold", member: 7 }]],
    "stopping",
    [],
  ],
  [
    "ON_IDLE × tapOther granted takeover → ON_IDLE",
    saw,
    [...onIdle, [5000, tap(9)], [5100, permitted(9)]],
    "on_idle",
    ["closed taken_over", "mach.session_started"],
  ],
  ["ON_IDLE/BUSY × leaseExpiring(−30 s) → same, renewed silently", saw, [...busy, [870_100, tick]], "busy", ["request extend best"]],
  [
    "ENABLED × leaseExpired → OFF",
    saw,
    [...asked, [100, permitted(7, { leaseMs: 10_000 })], [10_100, tick]],
    "off",
    ["relay off", "closed lease_expired"],
  ],
  ["ENABLED × revoke → OFF", saw, [...enabled, [200, end("when_idle")]], "off", ["relay off", "closed permission_ended"]],
  ["ENABLED × lock(any mode) → OFF", saw, [...enabled, [200, end("immediate", "lockout")]], "off", ["relay off", "closed lockout"]],
  ["ON_IDLE × leaseExpired → GRACE(permission_ended)", saw, [...onIdle, [870_100, tick], [900_100, tick]], "grace", ["mach.grace"]],
  ["ON_IDLE × revoke(when_idle) → GRACE(permission_ended)", saw, [...onIdle, [5000, end("when_idle")]], "grace", ["mach.grace"]],
  ["ON_IDLE × lock(when_idle) → GRACE(permission_ended)", saw, [...onIdle, [5000, end("when_idle", "lockout")]], "grace", ["mach.grace"]],
];

const ending: readonly Row[] = [
  ["BUSY × leaseExpired → STOPPING", saw, [...busy, [870_100, tick], [900_100, tick]], "stopping", ["say stops_when_finished"]],
  ["BUSY × revoke(when_idle) → STOPPING", saw, [...busy, [20_000, end("when_idle")]], "stopping", ["say stops_when_finished"]],
  ["BUSY × lock(when_idle) → STOPPING", saw, [...busy, [20_000, end("when_idle", "lockout")]], "stopping", ["say stops_when_finished"]],
  ["BUSY × bookingEnd → STOPPING", saw, [...busy, [20_000, end("when_idle", "booking_end")]], "stopping", ["say stops_when_finished"]],
  ["BUSY × closing → STOPPING", saw, [...busy, [20_000, end("when_idle", "closing")]], "stopping", ["say stops_when_finished"]],
  ["STOPPING × notBusy → RUN_ON", saw, [...stopping, [30_000, activity("idle")]], "off", ["relay off", "closed permission_ended"]],
  [
    "STOPPING × notBusy → after the coolDown condition",
    { ...saw, coolDownMs: 60_000 },
    [...stopping, [30_000, activity("idle")]],
    "stopping",
    [],
  ],
  ["STOPPING × user's own stop → RUN_ON", saw, [...stopping, [30_000, powered(false)]], "off", ["relay off"]],
  ["STOPPING × extend granted → BUSY", saw, [...stopping, [21_000, tap(7)], [21_100, permitted(7)]], "busy", ["mach.resumed"]],
  [
    "STOPPING × extend granted [reason = tap_out] → STOPPING",
    saw,
    [...busy, [20_000, tap(7)], [25_000, tap(7)]],
    "stopping",
    ["say stops_when_finished"],
  ],
  ["BUSY × lock(immediate) [¬cutHazard] → STOP10", saw, warned, "stop10", ["beep fast"]],
  ["BUSY × lock(immediate) [cutHazard] → as when_idle", hazard, [...busy, [20_000, end("immediate", "lockout")]], "stopping", []],
  ["ON_IDLE × lock(immediate) → STOP10", saw, [...onIdle, [5000, end("immediate", "lockout")]], "stop10", ["beep fast"]],
  ["GRACE × lock(immediate) → STOP10", saw, [...grace, [6000, end("immediate", "lockout")]], "stop10", ["beep fast"]],
  ["STOPPING × lock(immediate) → STOP10", saw, [...stopping, [21_000, end("immediate", "lockout")]], "stop10", ["beep fast"]],
  ["STOP10 × 10 s expire → RUN_ON", saw, [...warned, [30_000, tick]], "off", ["relay off", "closed lockout"]],
  ["STOP10 × notBusy → RUN_ON", saw, [...warned, [25_000, activity("idle")]], "off", ["relay off", "closed lockout"]],
  ["STOP10 × user's stop → RUN_ON", saw, [...warned, [22_000, { kind: "stop_button" }]], "off", ["relay off", "closed lockout"]],
  ["any on × oops → OFF", hazard, [...busy, [20_000, { kind: "oops" }]], "off", ["relay off", "closed oops"]],
  [
    "any on × safetyInput open → OFF",
    hazard,
    [...busy, [20_000, { kind: "safety", open: true, cause: "lid" }]],
    "off",
    ["relay off", "closed safety_stop"],
  ],
  ["any on × emergency → OFF", hazard, [...busy, [20_000, { kind: "emergency", on: true }]], "off", ["relay off", "closed emergency"]],
  ["any on × overTemp → FAULT", hazard, [...busy, [20_000, { kind: "fault", cause: "too hot" }]], "fault", ["relay off"]],
  ["GRACE × tap granted (same) → ON_IDLE", saw, [...grace, [6000, tap(7)], [6100, permitted(7)]], "on_idle", ["mach.resumed"]],
  [
    "GRACE × tap granted (other) → ON_IDLE",
    saw,
    [...grace, [6000, tap(9)], [6100, permitted(9)]],
    "on_idle",
    ["closed taken_over", "mach.session_started"],
  ],
  ["GRACE(tap_out) × busy → BUSY", saw, [...grace, [6000, activity("busy")]], "busy", ["mach.resumed"]],
  ["GRACE(idle_timeout) × busy → BUSY", saw, [...endless, [1_201_000, tick], [1_202_000, activity("busy")]], "busy", ["mach.resumed"]],
  ["GRACE(permission_ended) × busy → STOPPING", saw, [...onIdle, [5000, end("when_idle")], [6000, activity("busy")]], "stopping", []],
  ["GRACE × grace expires → RUN_ON", saw, [...grace, [95_000, tick]], "off", ["relay off", "closed tap_out"]],
];

const others: readonly Row[] = [
  ["any on × powered→off by the user → ON_IDLE, enable runs", saw, [...onIdle, [5000, powered(false)]], "on_idle", ["mach.powered"]],
  [
    "any on × powered→off by the user [was BUSY] → bad_poweroff",
    saw,
    [...busy, [20_000, powered(false)]],
    "on_idle",
    ["mach.bad_poweroff"],
  ],
  [
    "any on × powered→off, not started again → OFF",
    saw,
    [...onIdle, [5000, powered(false)], [35_000, tick]],
    "off",
    ["relay off", "closed stop_button"],
  ],
  ["RUN_ON × runOn expires → OFF", fan, [...ran, [69_000, tick]], "off", ["ancillary off"]],
  ["RUN_ON × tap granted → ENABLED, no new spin-up", fan, [...ran, [20_000, tap(7)], [20_100, permitted(7)]], "enabled", ["relay on"]],
  ["RUN_ON × lock(any) → same", fan, [...ran, [20_000, end("immediate", "lockout")]], "run_on", []],
  ["OFF × lock(any) → same", saw, [...off, [20_000, end("immediate", "lockout")]], "off", []],
  [
    "any on × linkLost → same (I2)",
    saw,
    [...busy, [20_000, { kind: "link", up: true }], [21_000, { kind: "link", up: false }]],
    "busy",
    ["say offline"],
  ],
  ["any on × meter lost → same, treated as busy", saw, [...onIdle, [5000, { kind: "meter", ok: false, resetWh: null }]], "busy", []],
  [
    "any on × meter lost → alarm after 60 s",
    saw,
    [...onIdle, [5000, { kind: "meter", ok: false, resetWh: null }], [65_000, tick]],
    "busy",
    ["mach.meter_lost"],
  ],
  ["OFF × bypassOn → BYPASSED", fan, [...off, [1000, bypass(true)]], "bypassed", ["mach.manual_bypass", "ancillary on"]],
  ["RUN_ON × bypassOn → BYPASSED", fan, [...ran, [20_000, bypass(true)]], "bypassed", ["mach.manual_bypass"]],
  ["BYPASSED: current is no welded contactor", saw, [...off, [1000, bypass(true)], [2000, power(900)], [9000, power(900)]], "bypassed", []],
  ["BYPASSED × tap → BYPASSED", saw, [...off, [1000, bypass(true)], [2000, tap(7)]], "bypassed", ["say bypass_on"]],
  ["BYPASSED × permit → BYPASSED", saw, [...asked, [50, bypass(true)], [100, permitted(7)]], "bypassed", []],
  ["BYPASSED × bypassOff → OFF", saw, [...off, [1000, bypass(true)], [9000, bypass(false)]], "off", ["mach.manual_bypass"]],
  ["any on × bypassOn → same, flagged", saw, [...onIdle, [5000, bypass(true)]], "on_idle", ["mach.manual_bypass", "beep alarm"]],
  [
    "any on × bypassOn: verify_failed is skipped",
    saw,
    [...onIdle, [5000, bypass(true)], [6000, { kind: "oops" }], [8000, tick]],
    "bypassed",
    [],
  ],
  [
    "FAULT × reset ∧ clear → OFF",
    saw,
    [boot, [0, { kind: "fault", cause: "hot" }], [1, { kind: "reset", member: 5 }], [2, { kind: "cleared" }]],
    "off",
    ["beep off"],
  ],
  ["FAULT × clear alone → FAULT", saw, [boot, [0, { kind: "fault", cause: "hot" }], [2, { kind: "cleared" }]], "fault", []],
  [
    "FAULT_WELDED × reset ∧ clear [current gone] → OFF",
    saw,
    [...off, [0, power(300)], [3000, power(300)], [4000, power(0)], [4001, { kind: "reset", member: 5 }], [4002, { kind: "cleared" }]],
    "off",
    [],
  ],
  [
    "FAULT_WELDED × reset ∧ clear [current there] → FAULT_WELDED",
    saw,
    [...off, [0, power(300)], [3000, power(300)], [4001, { kind: "reset", member: 5 }], [4002, { kind: "cleared" }]],
    "fault_welded",
    [],
  ],
];

const away = (
  config: InterlockConfig,
  holdPolicy: "until_idle" | "fixed" | "indefinite",
  ...more: readonly Timed[]
): readonly [InterlockConfig, readonly Timed[]] => [
  config,
  [
    ...asked,
    [100, permitted(7, { leaseMs: 60_000, holdPolicy })],
    [1000, powered(true)],
    [2000, activity("busy")],
    [60_100, tick],
    ...more,
  ],
];
const journal = play(printer, ...asked, [100, permitted(7)], [900, powered(true)], [5000, activity("busy")]).state.session;
const found = (on: boolean, open: typeof journal): readonly Timed[] => [
  [0, { kind: "booted", selfTest: true, powered: on, journal: open }],
];
const pressed: readonly Timed[] = [...asked, [100, permitted(7)], [900, powered(true)], [9000, { kind: "stop_button" }]];

const paragraphs: readonly Row[] = [
  ["holdPolicy until_idle: the lease ends, the work is finished", ...away(saw, "until_idle"), "stopping", []],
  ["holdPolicy fixed: 30 min more", ...away(saw, "fixed"), "busy", ["say lease_ends"]],
  ["holdPolicy fixed: then GRACE even if busy [¬cutHazard]", ...away(saw, "fixed", [60_100 + 1_800_000, tick]), "grace", []],
  ["holdPolicy fixed: then STOPPING [cutHazard]", ...away(hazard, "fixed", [60_100 + 1_800_000, tick]), "stopping", []],
  ["holdPolicy indefinite: no end", ...away(saw, "indefinite", [86_400_000, activity("busy")]), "busy", []],
  [
    "chatter guard: ≥ 5 s between off and on",
    saw,
    [...enabled, [200, { kind: "stop_button" }], [300, powered(false)], [1000, tap(7)], [1100, permitted(7)]],
    "anc_start",
    [],
  ],
  [
    "verification: relay(off) ⇒ no voltage within 1 s, else FAULT_WELDED",
    saw,
    [...onIdle, [5000, { kind: "stop_button" }], [6000, tick]],
    "fault_welded",
    ["mach.verify_failed"],
  ],
  ["latching (b): START is pulsed on a fresh permit", printer, enabled, "enabled", ["mach.session_started", "press start"]],
  ["latching (c): boot, aux off → OFF", printer, found(false, journal), "off", ["closed power_lost"]],
  [
    "latching (c): boot, aux on with a journalled session → BUSY, provisional",
    printer,
    found(true, journal),
    "busy",
    ["mach.resumed", "request extend best"],
  ],
  [
    "latching (c): boot, aux on without one → BYPASSED(unowned_power)",
    printer,
    found(true, null),
    "bypassed",
    ["mach.manual_bypass", "beep alarm"],
  ],
  [
    "latching (c): unowned power leaves to OFF when aux drops",
    printer,
    [...found(true, null), [5000, powered(false)]],
    "off",
    ["mach.manual_bypass"],
  ],
  ["latching (d): STOP is repeated at most 3 ×", printer, [...pressed, [11_000, tick], [13_000, tick]], "off", ["press stop"]],
  [
    "latching (d): else verify_failed",
    printer,
    [...pressed, [11_000, tick], [13_000, tick], [15_000, tick]],
    "fault_welded",
    ["mach.verify_failed"],
  ],
  [
    "latching (e): maxOn only alarms",
    { ...printer, maxOnMs: 60_000 },
    [...asked, [100, permitted(7)], [900, powered(true)], [60_100, tick]],
    "on_idle",
    ["say on_too_long"],
  ],
];

describe.each([
  ["rest", rest],
  ["use", use],
  ["the end", ending],
  ["other events", others],
  ["hold policy, verification and the latching variant", paragraphs],
] as const)("interlock, %s", (_part, rows) => {
  it.each(rows)("%s", (_row, config, events, kind, effects) => {
    const played = play(config, ...events);
    expect(played.kind).toBe(kind);
    for (const effect of effects) expect(played.words).toContain(effect);
    expect(played.words.filter(isPermit)).toEqual(effects.filter(isPermit));
  });
});

describe("interlock, nothing else", () => {
  it.each(["on_idle", "busy"] as const)("%s × tapOther denied → same", (kind) => {
    const before = kind === "busy" ? busy : onIdle;
    const { state, words } = play(saw, ...before, [20_000, tap(9)], [20_100, refused(9)]);
    expect([state, words]).toEqual([play(saw, ...before).state, ["say TRAINING_MISSING", "beep deny"]]);
  });
  it.each(["permission_ended", "lockout", "booking_end", "closing"] as const)(
    "BUSY × %s (when idle): no cut (I3), then the work's end",
    (reason) => {
      const ended: readonly Timed[] = [...busy, [20_000, end("when_idle", reason)]];
      expect(play(saw, ...ended).words).toEqual(["say stops_when_finished"]);
      expect(play(saw, ...ended, [3_600_000, tick])).toMatchObject({ kind: "stopping", words: [] });
      expect(play(saw, ...ended, [30_000, activity("idle")]).words).toEqual(expect.arrayContaining(["relay off", `closed ${reason}`]));
    },
  );
  it("has its times in the register", () =>
    expect(interlockDefaults).toMatchObject({
      askGiveUpMs: 5000,
      weldMs: 3000,
      stopWarnMs: 10_000,
      startGuardMs: 3000,
      chatterMs: 5000,
      meterLostMs: 60_000,
      endGraceMsMax: 30_000,
      stopPulseTries: 3,
      maxOverrunMs: 1_800_000,
      verifyOffMs: 1000,
    }));
  it("keeps a run-on's session closed: that was told when the relay fell", () =>
    expect(play(fan, ...ran.slice(0, -1)).words).toEqual(expect.arrayContaining(["relay off", "closed stop_button"])));
  it("names the session it permits", () => expect(play(saw, ...enabled).state.session?.session).toBe(session));
});
