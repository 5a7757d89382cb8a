/** The door's table row by row, in its own order and words (domain.md §4.1); what lies between the rows is in door.test.ts. */
import { describe, expect, it } from "vitest";
import type { DoorConfig, DoorKind } from "#core";
import { type Bare, boot, bootOpen, closes, decision, grant, opens, play, tick } from "./door-play.ts";

type Timed = readonly [atMs: number, event: Bare];
type Row = readonly [row: string, config: Partial<DoorConfig>, events: readonly Timed[], kind: DoorKind, effects: readonly string[]];

const passageOn: Bare = { kind: "passage", on: true };
const passageOff: Bare = { kind: "passage", on: false };
const emergency = (on: boolean): Bare => ({ kind: "emergency", on });
const bob: Bare = { ...grant, who: [9] } as Bare;
/** A remote unlock that passed every barrier reaches the door as the grant of whoever gave it. */
const desk: Bare = { ...grant, who: [5] } as Bare;
const always = { firstPersonIn: false };
const opened: readonly Timed[] = [boot, [0, grant], [1000, opens]];
const warned: readonly Timed[] = [...opened, [21_000, tick]];
const held: readonly Timed[] = [...warned, [31_000, tick]];
const forced: readonly Timed[] = [boot, [100, opens]];
const jammed: readonly Timed[] = [boot, [0, grant], [100, { kind: "bolt", state: "stuck" }]];
const passage: readonly Timed[] = [boot, [0, passageOn]];
const released: readonly Timed[] = [boot, [0, grant], [100, emergency(true)]];

const rows: readonly Row[] = [
  ["BOOT × dps known, closed → SECURE", {}, [boot], "secure", ["lock"]],
  ["BOOT × dps known, open → OPEN_UNKNOWN", {}, [bootOpen], "open_unknown", ["lock"]],
  ["OPEN_UNKNOWN × dpsClosed → SECURE", {}, [bootOpen, [100, closes]], "secure", []],
  ["OPEN_UNKNOWN × shunt expires → HELD", {}, [bootOpen, [30_000, tick]], "held", ["door.held_open"]],
  ["SECURE × grant → UNLOCKED", {}, [boot, [0, grant]], "unlocked", ["door.granted", "unlock", "say granted"]],
  ["SECURE × rex [unlocks] → UNLOCKED", { rex: "unlocks" }, [boot, [0, { kind: "rex" }]], "unlocked", ["unlock"]],
  ["SECURE × rex [shunts] → SECURE", {}, [boot, [0, { kind: "rex" }]], "secure", ["door.rex"]],
  ["SECURE × dpsOpen [rexShunt running] → OPEN", {}, [boot, [0, { kind: "rex" }], [4900, opens]], "open", ["door.opened"]],
  ["SECURE × dpsOpen [forcedTolerance running] → OPEN", {}, [boot, [0, grant], [5000, tick], [6900, opens]], "open", ["door.opened"]],
  ["SECURE × dpsOpen [bond sense shows manual unlock] → OPEN", {}, [boot, [0, { kind: "manual" }], [100, opens]], "open", ["door.opened"]],
  ["SECURE × dpsOpen [none] → FORCED", { siren: true }, forced, "forced", ["door.forced_open", "siren"]],
  ["SECURE × passageOn [¬firstPersonIn] → PASSAGE", always, passage, "passage", ["unlock"]],
  ["SECURE × passageOn [firstPersonIn, nobody yet] → SECURE", {}, passage, "secure", []],
  ["SECURE × passageOn [firstGrantSeen] → PASSAGE", {}, [...passage, [100, grant]], "passage", ["unlock"]],
  ["UNLOCKED × dpsOpen → OPEN", {}, opened, "open", ["door.opened"]],
  ["UNLOCKED × dpsOpen, 500 ms later: lock(on)", {}, [...opened, [1500, tick]], "open", ["lock"]],
  ["UNLOCKED × strike expires → SECURE", {}, [boot, [0, grant], [5000, tick]], "secure", ["lock", "door.granted_not_used"]],
  ["UNLOCKED × grant(who2) → UNLOCKED", {}, [boot, [0, grant], [3000, bob]], "unlocked", ["door.granted"]],
  [
    "UNLOCKED × deny → UNLOCKED",
    {},
    [boot, [0, grant], [3000, { kind: "deny", reason: "TRAINING_MISSING" }]],
    "unlocked",
    ["say TRAINING_MISSING"],
  ],
  ["UNLOCKED × bond stuck → FAULT_JAM", {}, jammed, "fault_jam", ["door.jam"]],
  [
    "UNLOCKED × motor timeout 30 s → FAULT_JAM",
    { lock: "motor" },
    [boot, [0, { ...grant, strikeMs: 60_000 } as Bare], [30_000, tick]],
    "fault_jam",
    ["door.jam"],
  ],
  ["FAULT_JAM × bolt position correct → SECURE if closed", {}, [...jammed, [200, { kind: "bolt", state: "moved" }]], "secure", ["lock"]],
  ["FAULT_JAM × operator reset → SECURE if closed", {}, [...jammed, [200, { kind: "reset" }]], "secure", ["lock"]],
  [
    "FAULT_JAM × bolt position correct → OPEN_UNKNOWN if open",
    {},
    [...jammed, [150, opens], [200, { kind: "bolt", state: "moved" }]],
    "open_unknown",
    ["lock"],
  ],
  ["FAULT_JAM × operator reset → OPEN_UNKNOWN if open", {}, [...jammed, [150, opens], [200, { kind: "reset" }]], "open_unknown", ["lock"]],
  ["OPEN × dpsClosed → SECURE", {}, [...opened, [6000, closes]], "secure", ["door.closed"]],
  [
    "OPEN × dpsClosed [relock onClose], 300 ms later: lock(on)",
    { relock: "onClose" },
    [...opened, [6000, closes], [6300, tick]],
    "secure",
    ["lock"],
  ],
  ["OPEN × preAlarm → OPEN_WARN", {}, warned, "open_warn", ["beep slow"]],
  ["OPEN × grant → OPEN", {}, [...opened, [6000, bob]], "open", ["door.opened_again"]],
  ["OPEN × rex → OPEN", {}, [...opened, [6000, { kind: "rex" }]], "open", ["door.rex", "door.opened_again"]],
  ["OPEN_WARN × grant → OPEN", {}, [...warned, [22_000, bob]], "open", ["door.opened_again"]],
  ["OPEN_WARN × rex → OPEN", {}, [...warned, [22_000, { kind: "rex" }]], "open", []],
  ["OPEN_WARN × dpsClosed → SECURE", {}, [...warned, [22_000, closes]], "secure", ["beep off"]],
  ["OPEN_WARN × shunt expires → HELD", {}, held, "held", ["door.held_open"]],
  ["HELD × dpsClosed → SECURE", {}, [...held, [40_000, closes]], "secure", ["door.held_open_cleared"]],
  ["HELD × grant → HELD", {}, [...held, [40_000, bob]], "held", ["say close_the_door"]],
  ["FORCED × dpsClosed → SECURE", {}, [...forced, [9000, closes]], "secure", ["door.forced_cleared"]],
  ["FORCED × grant → FORCED", {}, [...forced, [9000, grant]], "forced", []],
  ["PASSAGE × dps* → PASSAGE", always, [...passage, [100, opens], [900_000, tick]], "passage", []],
  ["PASSAGE × passageOff, closed → SECURE", always, [...passage, [9000, passageOff]], "secure", ["lock"]],
  ["PASSAGE × passageOff, open → OPEN", always, [...passage, [100, opens], [9000, passageOff]], "open", ["lock"]],
  [
    "PASSAGE × passageOff, open [maglock]: lock(on) when closed",
    { ...always, lock: "maglock" },
    [...passage, [100, opens], [9000, passageOff]],
    "open",
    [],
  ],
  ["any × emergencyOn → RELEASED", {}, released, "released", ["unlock"]],
  ["any × emergencyOn: forced/held suppressed", {}, [...released, [200, opens], [999_000, tick]], "released", []],
  ["RELEASED × emergencyOff alone → RELEASED", {}, [...released, [9000, emergency(false)]], "released", []],
  [
    "RELEASED × emergencyOff and operator reset → SECURE",
    {},
    [...released, [9000, emergency(false)], [9100, { kind: "reset" }]],
    "secure",
    ["lock"],
  ],
  [
    "RELEASED × emergencyOff and operator reset: passage is not resumed",
    always,
    [...passage, [100, emergency(true)], [9000, emergency(false)], [9100, { kind: "reset" }]],
    "secure",
    ["lock"],
  ],
  ["any × lockdownOn → same, passage off", always, [...passage, [100, { kind: "lockdown", on: true }]], "secure", ["lock"]],
  ["any × lockdownOn → same", {}, [...opened, [2000, { kind: "lockdown", on: true }]], "open", []],
  ["any × remoteUnlock → as grant: SECURE → UNLOCKED", {}, [boot, [0, desk]], "unlocked", ["door.granted", "unlock"]],
  ["any × remoteUnlock → as grant: OPEN → OPEN", {}, [...opened, [6000, desk]], "open", ["door.opened_again"]],
  ["any × remoteUnlock → as grant: HELD → HELD", {}, [...held, [40_000, desk]], "held", ["say close_the_door"]],
  ["any × remoteUnlock → as grant: FORCED → FORCED", {}, [...forced, [9000, desk]], "forced", []],
  ["any × remoteUnlock → as grant: FAULT_JAM → FAULT_JAM", {}, [...jammed, [9000, desk]], "fault_jam", ["say DEVICE_FAULT"]],
  ["any × tamper → same", {}, [...opened, [2000, { kind: "tamper" }]], "open", ["door.tamper"]],
];

describe("the door's table", () => {
  it.each(rows)("%s", (_row, config, events, kind, effects) => {
    const played = play(config, ...events);
    expect(played.state.kind).toBe(kind);
    for (const effect of effects) expect(played.words).toContain(effect);
    const unlocks = (words: readonly string[]): boolean => words.includes("unlock");
    expect(unlocks(played.words) && !unlocks(effects), "a row that does not unlock must not").toBe(false);
  });
  it("UNLOCKED × grant(who2): strike := max(remaining, strikeS), `who` list += who2", () =>
    expect(play({}, boot, [0, { ...grant, strikeMs: 9000 } as Bare], [3000, bob]).state).toMatchObject({
      deadlines: { strike: 9000 },
      release: { who: [7, 9] },
    }));
  it("OPEN × rex: the shunt starts again, nobody came in", () => {
    const { state, last } = play({}, ...opened, [6000, { kind: "rex" }]);
    expect(state.deadlines).toMatchObject({ preAlarm: 26_000, shunt: 36_000 });
    expect(last).toContainEqual({ kind: "emit", body: { kind: "door.opened_again", who: [] } });
  });
  it("any × remoteUnlock: its actor is on record", () =>
    expect(play({}, boot, [0, desk]).last).toContainEqual({ kind: "emit", body: { kind: "door.granted", who: [5], decision } }));
  it("the alarm of FORCED and of FAULT_JAM stays until acknowledged", () => {
    const [door, bolt] = [
      [...forced, [9000, closes] as const],
      [...jammed, [200, { kind: "bolt", state: "moved" }] as const],
    ] as const;
    expect([play({}, ...door).state.alarms, play({}, ...bolt).state.alarms]).toEqual([["forced_open"], ["jam"]]);
    expect(play({}, ...door, [9100, { kind: "acknowledge" }]).state.alarms).toEqual([]);
  });
});
