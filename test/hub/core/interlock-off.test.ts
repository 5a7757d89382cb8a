/** Corners of the interlock where power may stay on: verification, welds, faults. */
import { describe } from "vitest";
import {
  type Bare,
  boot,
  busy,
  type Corner,
  extraction,
  idleMeter,
  onIdle,
  permitted,
  play,
  playCorners,
  powered,
  printer,
  refused,
  saw,
  type Timed,
  tap,
  tick,
} from "./interlock-play.ts";

const fan = { ...saw, ancillary: extraction };
const stop: Bare = { kind: "stop_button" };
const ready: Bare = { kind: "ancillary", ready: true };
const power = (powerW: number, energyWh: number | null = null): Bare => ({ kind: "power", powerW, energyWh });
const bypass = (on: boolean): Bare => ({ kind: "bypass", on });
const safety = (open: boolean): Bare => ({ kind: "safety", open, cause: "lid" });
const reset: Bare = { kind: "reset", member: 5 };
const cleared: Bare = { kind: "cleared" };
const fault: Bare = { kind: "fault", cause: "hot" };
const started = (on: boolean | null, selfTest = true, journal: ReturnType<typeof play>["state"]["session"] = null): Timed => [
  0,
  { kind: "booted", selfTest, powered: on, journal },
];
const unsensed = [started(null), idleMeter, [0, tap(7)], [100, permitted(7)]] as const;
const fanOn: readonly Timed[] = [boot, idleMeter, [0, tap(7)], [100, permitted(7)], [200, ready], [1000, powered(true)]];
const ran: readonly Timed[] = [...fanOn, [9000, stop], [9100, powered(false)]];
const welded: readonly Timed[] = [boot, idleMeter, [0, power(300)], [3000, tick]];
const unverified: readonly Timed[] = [...onIdle, [9000, stop], [10_000, tick]];
const deniedReset = ["say DEVICE_FAULT", "beep deny"];
const alarm = ["mach.current_while_off", "beep alarm", "say DEVICE_FAULT"];
const journal = play(printer, ...busy).state.session;
const off: readonly Corner[] = [
  [
    "no contact tells whether it is off: nothing is verified",
    { ...saw, hasAux: false },
    [...busy, [20_000, stop]],
    "off",
    endedBy("stop_button"),
    { deadlines: {} },
  ],
  [
    "a session in which the key switch was turned and turned back is verified like any other",
    saw,
    [...onIdle, [5000, bypass(true)], [6000, bypass(false)], [7000, stop]],
    "off",
    endedBy("stop_button"),
    { deadlines: { verifyOff: 8000 } },
  ],
  [
    "a refused tap does not put off the look at power that nobody asked for",
    saw,
    [boot, [10_000, powered(true)], [12_000, tap(7)], [12_100, refused(7)], [13_000, tick]],
    "fault_welded",
    ["relay off", ...alarm],
  ],
  [
    "power that comes while somebody is asked about is looked at when they are refused",
    saw,
    [boot, [10_000, tap(7)], [10_050, powered(true)], [10_100, refused(7)]],
    "off",
    ["say TRAINING_MISSING", "beep deny"],
    { deadlines: { weld: 13_100 } },
  ],
  [
    "and at a latching contactor it is nobody's",
    printer,
    [boot, [10_000, tap(7)], [10_050, powered(true)], [10_100, refused(7)]],
    "bypassed",
    ["say TRAINING_MISSING", "beep deny", "mach.manual_bypass", "beep alarm"],
    { cause: "unowned_power" },
  ],
  [
    "a fault that is cleared while power is there leaves the machine watched",
    saw,
    [started(true, false), [1000, reset], [1100, cleared], [4100, tick]],
    "fault_welded",
    ["relay off", ...alarm],
  ],
  [
    "a contact that says nothing yet accuses nobody",
    saw,
    [...unsensed, [9000, stop], [10_000, tick]],
    "off",
    [],
    { stopTries: 0, alarms: [] },
  ],
  [
    "power that a person switches on while STOP is verified is theirs: no automatic stop",
    printer,
    [...unsensed, [9000, stop], [9500, powered(true)], [11_000, tick]],
    "bypassed",
    [],
    { cause: "unowned_power" },
  ],
  [
    "the key switch ends a verification; a contactor that stays in after it is nobody's",
    printer,
    [...onIdle, [9000, stop], [9500, bypass(true)], [9600, bypass(false)], [11_000, tick]],
    "bypassed",
    [],
    { cause: "unowned_power" },
  ],
  [
    "whoever turns the key at a contactor that is nobody's owns its power: one alarm, not two, and both are told",
    printer,
    [started(true), [1000, bypass(true)]],
    "bypassed",
    ["mach.manual_bypass", "mach.manual_bypass", "beep alarm", "say bypass_on"],
    { cause: "bypass", alarms: ["manual_bypass"] },
  ],
  [
    "and when the power has gone before the key goes back, nothing is left of either",
    printer,
    [started(true), [1000, bypass(true)], [2000, powered(false)], [3000, bypass(false)]],
    "off",
    ["mach.manual_bypass"],
    { alarms: [] },
  ],
  [
    "a latching contactor that stays in is reported, and no relay is named",
    printer,
    [...onIdle, [9000, stop], [11_000, tick], [13_000, tick], [15_000, tick]],
    "fault_welded",
    ["mach.verify_failed", "beep alarm", "say DEVICE_FAULT"],
  ],
  [
    "a failed verification ends the wait for extraction",
    fan,
    [
      ...fanOn,
      [9000, stop],
      [9100, { kind: "ancillary", ready: false }],
      [9200, tap(7)],
      [9300, permitted(7)],
      [10_000, tick],
      [40_000, tick],
    ],
    "fault_welded",
    [],
  ],
  [
    "a failed verification ends the question",
    fan,
    [...fanOn, [9000, stop], [9500, tap(7)], [10_000, tick], [14_500, tick]],
    "fault_welded",
    [],
  ],
  [
    "a failed verification is told once, though current flows too",
    saw,
    [...onIdle, [9000, stop], [9100, power(300)], [10_000, tick], [12_100, tick]],
    "fault_welded",
    [],
  ],
  [
    "current is told once, though STOP is being verified too",
    printer,
    [...onIdle, [9000, stop], [9001, power(300)], [11_000, tick], [12_001, tick], [13_000, tick]],
    "fault_welded",
    [],
  ],
  [
    "the contactor has rested after exactly 5 s",
    saw,
    [...onIdle, [5000, stop], [5100, powered(false)], [9900, tap(7)], [10_000, permitted(7)]],
    "enabled",
    ["mach.session_started", "relay on", "say granted", "beep grant"],
  ],
];
const welds: readonly Corner[] = [
  ["current is told whole", saw, welded, "fault_welded", ["relay off", ...alarm], { alarms: ["current_while_off"], deadlines: {} }],
  [
    "a draw that is not known ends no suspicion",
    saw,
    [boot, idleMeter, [0, power(300)], [1000, { kind: "power", powerW: null, energyWh: null }], [3000, tick]],
    "fault_welded",
    ["relay off", ...alarm],
  ],
  ["a draw of exactly the limit is current", saw, [boot, idleMeter, [0, power(20)], [3000, tick]], "fault_welded", ["relay off", ...alarm]],
  [
    "a contact that is in accuses, though nothing is drawn",
    saw,
    [started(true), [1000, power(0)], [3000, tick]],
    "fault_welded",
    ["relay off", ...alarm],
  ],
  [
    "current is nobody's weld once the key switch is on",
    saw,
    [boot, idleMeter, [0, power(300)], [1000, bypass(true)], [3000, tick]],
    "bypassed",
    [],
  ],
  [
    "current is no weld once somebody may use it",
    saw,
    [boot, idleMeter, [0, power(300)], [100, tap(7)], [200, permitted(7)], [3000, tick]],
    "enabled",
    [],
    { alarms: [] },
  ],
  ["a fault is not taken for a weld", saw, [boot, idleMeter, [0, power(300)], [1000, fault], [3000, tick]], "fault", []],
];
const faults: readonly Corner[] = [
  [
    "a failed self-test closes what was open",
    saw,
    [started(false, false, journal)],
    "fault",
    ["relay off", "ancillary off", "closed device_reboot", "mach.fault", "beep alarm"],
  ],
  [
    "a fault is reset whatever the machine draws",
    saw,
    [...busy, [11_000, power(900)], [20_000, fault], [20_500, reset]],
    "fault",
    ["mach.reset", "beep grant"],
    { causeGone: true },
  ],
  ["a weld is not reset while the contact is in", saw, [...unverified, [11_000, power(0)], [12_000, reset]], "fault_welded", deniedReset],
  ["a weld is not reset at exactly the limit", saw, [...welded, [4000, power(20)], [5000, reset]], "fault_welded", deniedReset],
  [
    "a weld by current leaves no alarm behind",
    saw,
    [...welded, [4000, power(0)], [5000, reset], [6000, cleared]],
    "off",
    ["beep off"],
    { alarms: [] },
  ],
  [
    "a weld by contact leaves no alarm behind",
    saw,
    [...unverified, [11_000, powered(false)], [12_000, reset], [13_000, cleared]],
    "off",
    ["beep off"],
    { alarms: [] },
  ],
  ["a cleared lockout alone tells nothing", saw, [boot, [0, fault], [1, cleared]], "fault", [], { cleared: true }],
  ["extraction that runs out leaves the fault", fan, [...ran, [20_000, fault], [69_000, tick]], "fault", ["ancillary off"]],
  [
    "a closed safety input leaves no alarm behind",
    saw,
    [boot, [0, safety(true)], [1, safety(false)]],
    "off",
    [],
    { alarms: [], safetyOpen: false },
  ],
  [
    "an open safety input is named to who is granted",
    saw,
    [boot, [0, safety(true)], [1, tap(7)], [100, permitted(7)]],
    "off",
    ["say DEVICE_FAULT", "beep deny"],
  ],
  ["nothing happens before the self-test", saw, [[0, tick]], "boot", []],
  [
    "on for too long is an alarm while it lasts",
    { ...saw, maxOnMs: 60_000 },
    [...onIdle, [60_100, tick]],
    "on_idle",
    ["say on_too_long", "beep alarm"],
    { alarms: ["on_too_long"] },
  ],
  [
    "on for too long is over when it is off",
    { ...saw, maxOnMs: 60_000 },
    [...onIdle, [60_100, tick], [61_000, stop]],
    "off",
    endedBy("stop_button"),
    { alarms: [] },
  ],
];
function endedBy(reason: string): readonly string[] {
  return ["relay off", "mach.relay_off", `closed ${reason}`, "beep off", "say ended"];
}

describe("off means off", () => playCorners(off));
describe("a weld", () => playCorners(welds));
describe("faults and alarms", () => playCorners(faults));
