/** Corners of the interlock: the key switch, power that nobody owns, a silent meter, extraction. */
import { describe, expect, it } from "vitest";
import {
  activity,
  type Bare,
  boot,
  busy,
  bypass,
  type Corner,
  decision,
  extraction,
  fan,
  idleMeter,
  onIdle,
  permitted,
  play,
  playCorners,
  powered,
  printer,
  ran,
  refused,
  saw,
  session,
  started,
  stop,
  type Timed,
  tap,
  tick,
  unsensed,
  welded,
} from "./interlock-play.ts";

const meter = (ok: boolean): Bare => ({ kind: "meter", ok, resetWh: null });
const journal = play(printer, ...busy).state.session;
const keys: readonly Corner[] = [
  [
    "the key switch starts extraction",
    fan,
    [boot, [1000, bypass(true)]],
    "bypassed",
    ["ancillary on", "mach.manual_bypass", "beep alarm", "say bypass_on"],
    { ancillaryOn: true },
  ],
  [
    "the machine's own switch does not end the key switch",
    saw,
    [boot, [1000, bypass(true)], [2000, powered(true)], [3000, powered(false)]],
    "bypassed",
    ["mach.powered"],
  ],
  [
    "a contact that stays in after the key is a weld",
    saw,
    [boot, [1000, bypass(true)], [2000, powered(true)], [5000, bypass(false)], [8000, tick]],
    "fault_welded",
    ["relay off", "mach.current_while_off", "beep alarm", "say DEVICE_FAULT"],
  ],
  [
    "a contact that falls a moment after the key is none",
    saw,
    [boot, [1000, bypass(true)], [2000, powered(true)], [5000, bypass(false)], [5100, powered(false)], [9000, tick]],
    "off",
    [],
  ],
  [
    "a latching contactor that stays in after the key is nobody's",
    printer,
    [boot, [1000, bypass(true)], [2000, powered(true)], [5000, bypass(false)]],
    "bypassed",
    ["mach.manual_bypass", "mach.manual_bypass", "beep alarm"],
    { cause: "unowned_power", alarms: ["unowned_power"] },
  ],
  [
    "the key does not end power that nobody owns",
    printer,
    [
      [0, bypass(true)],
      [0, { kind: "booted", selfTest: true, powered: true, journal: null }],
      [5000, bypass(false)],
    ],
    "bypassed",
    ["mach.manual_bypass"],
    { cause: "unowned_power" },
  ],
  [
    "an emergency stops extraction, not the key switch",
    fan,
    [boot, [1000, bypass(true)], [2000, { kind: "emergency", on: true }]],
    "bypassed",
    ["ancillary off"],
    { ancillaryOn: false },
  ],
  [
    "a machine found on keeps its extraction",
    { ...printer, ancillary: extraction },
    [started(true)],
    "bypassed",
    ["ancillary on", "mach.manual_bypass", "beep alarm"],
    { ancillaryOn: true },
  ],
  [
    "a session found on keeps its extraction",
    { ...printer, ancillary: extraction },
    [started(true, true, journal)],
    "busy",
    ["ancillary on", "mach.resumed", "request extend best"],
    { ancillaryOn: true },
  ],
];
const meters: readonly Corner[] = [
  [
    "silence is told though the session has ended",
    saw,
    [...busy, [20_000, meter(false)], [21_000, stop], [21_500, powered(false)], [80_000, tick]],
    "off",
    ["mach.meter_lost"],
    { alarms: ["meter_lost"] },
  ],
  [
    "silence told again does not put the alarm off",
    saw,
    [...busy, [20_000, meter(false)], [70_000, meter(false)], [80_000, tick]],
    "busy",
    ["mach.meter_lost"],
  ],
  [
    "a meter that is back within the minute is no news",
    saw,
    [...busy, [20_000, meter(false)], [24_000, meter(true)]],
    "busy",
    [],
    { alarms: [] },
  ],
  ["nor is it later", saw, [...busy, [20_000, meter(false)], [24_000, meter(true)], [80_000, tick]], "busy", []],
  [
    "a meter that is back leaves no alarm behind",
    saw,
    [...busy, [20_000, meter(false)], [80_000, tick], [81_000, meter(true)]],
    "busy",
    ["mach.meter_back"],
    { alarms: [] },
  ],
  [
    "a machine that is switched off does not work, though its meter is silent",
    saw,
    [...onIdle, [5000, powered(false)], [6000, meter(false)]],
    "on_idle",
    [],
  ],
  ["work is work though the contact says off", saw, [...onIdle, [5000, powered(false)], [6000, activity("busy")]], "busy", []],
  ["ignorance does not prove power", saw, [...unsensed, [200, activity("unknown")]], "enabled", []],
  [
    "a session that begins in silence, without a contact, counts as busy",
    { ...saw, hasAux: false },
    [boot, idleMeter, [0, tap(7)], [50, meter(false)], [100, permitted(7)]],
    "busy",
    ["mach.session_started", "relay on", "say granted", "beep grant"],
  ],
  [
    "without meter and controller it counts as idle",
    { ...saw, hasMeter: false },
    [boot, [0, tap(7)], [100, permitted(7)], [1000, powered(true)]],
    "on_idle",
    ["mach.powered"],
  ],
];

describe("the key switch and power that nobody owns", () => playCorners(keys));
describe("the meter", () => playCorners(meters));

describe("extraction", () => {
  const again: readonly Timed[] = [...ran, [69_000, tick], [80_000, tap(7)], [80_100, permitted(7)]];
  const rows: readonly Corner[] = [
    ["that has run out starts anew", fan, again, "anc_start", ["ancillary on", "say wait", "beep grant"]],
    [
      "that runs out under a question leaves it open",
      fan,
      [...ran, [68_000, tap(7)], [69_000, tick]],
      "authorising",
      ["request start local", "ancillary off"],
    ],
    [
      "is not run on when it never ran",
      fan,
      [boot, idleMeter, [0, tap(7)], [100, refused(7)]],
      "off",
      ["say TRAINING_MISSING", "beep deny"],
      { deadlines: {} },
    ],
    ["that runs on lets one question wait", fan, [...ran, [20_000, tap(7)], [20_100, tap(9)]], "run_on", ["say wait"]],
    [
      "that runs on forgets a question with a lockout",
      fan,
      [...ran, [20_000, tap(7)], [20_100, { kind: "end", reason: "lockout", mode: "immediate" }], [25_000, tick]],
      "run_on",
      [],
    ],
    [
      "that runs on forgets a question with an oops",
      fan,
      [...ran, [20_000, tap(7)], [20_100, { kind: "oops" }], [25_000, tick]],
      "run_on",
      [],
    ],
    [
      "that runs on forgets a question when the hub permits",
      fan,
      [...ran, [20_000, tap(7)], [20_100, { ...permitted(7), kind: "remote_permit" } as Bare], [25_000, tick]],
      "enabled",
      [],
    ],
    [
      "that spins up ends work that nobody answers for",
      fan,
      [boot, [1000, activity("busy")], [600_000, tap(7)], [600_100, permitted(7)], [601_500, tick]],
      "anc_start",
      [],
    ],
  ];
  playCorners(rows);
});

describe("what is told of it", () => {
  const bodies = (config: Corner[1], ...events: readonly Timed[]) =>
    play(config, ...events).last.flatMap((effect) => (effect.kind === "emit" ? [effect.body] : []));
  it("current with its power", () => expect(bodies(saw, ...welded)).toEqual([{ kind: "mach.current_while_off", powerW: 300 }]));
  it("the cause of a failed self-test", () =>
    expect(bodies(saw, started(false, false))).toEqual([{ kind: "mach.fault", cause: "self-test failed" }]));
  it("power that nobody owns", () =>
    expect(bodies(printer, started(true))).toEqual([{ kind: "mach.manual_bypass", on: true, cause: "unowned_power" }]));
  it("a session found on goes on as it was, provisionally", () => {
    if (journal === null) throw new Error("no session was journalled");
    const left = { ...journal, missed: ["buddy" as const], asked: true };
    expect(play(printer, [0, { kind: "booted", selfTest: true, powered: true, journal: left }]).state.session).toEqual({
      ...journal,
      decision,
      session,
      provisional: true,
      missed: [],
      asked: false,
      startedMono: 0,
      busySinceMono: null,
    });
  });
  it("a session without a lease gets none when it is found on", () => {
    if (journal === null) throw new Error("no session was journalled");
    const endless = { ...journal, permit: { ...journal.permit, leaseMs: 0 } };
    expect(play(printer, [0, { kind: "booted", selfTest: true, powered: true, journal: endless }]).state.deadlines).toEqual({});
  });
});
