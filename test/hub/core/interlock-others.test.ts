/** Corners of the interlock: company, hand-over, and warnings. */
import { describe, expect, it } from "vitest";
import { liveSession } from "#core";
import {
  activity,
  ask,
  type Bare,
  type Corner,
  cutBy,
  enabled,
  hold,
  minute,
  permitted,
  play,
  playCorners,
  saw,
  type Timed,
  tap,
  tick,
  used,
} from "./interlock-play.ts";

const long = { leaseMs: 180 * minute, idleMs: 0 };
const taught = used({ ...long, supervisor: 9 }, [10_000, activity("busy")]);
const watched = { ...long, supervisor: 9, buddy: 8 };
const both = used(watched, [10_000, activity("busy")]);
const bothMissed: readonly Timed[] = [...both, [29 * minute, tap(8)], [100 + 30 * minute, tick]];
const back = ["mach.companion", "say granted"];
const handed: Bare = permitted(3, { leaseMs: 0 });
const company: readonly Corner[] = [
  [
    "who takes over before the first start gets their own time to start",
    saw,
    [...enabled, [5000, tap(9)], [5100, permitted(9)]],
    "enabled",
    ["closed taken_over", "mach.session_started", "say granted", "beep grant"],
    { deadlines: { enable: 35_100, lease: 905_100, leaseWarn: 875_100 } },
  ],
  [
    "who is handed the machine inherits none of the former company's time",
    { ...saw, stillHereMs: 20 * minute },
    [
      ...both,
      [100 + 20 * minute, tick],
      [21 * minute, { kind: "ahead", endMono: 120 * minute, reason: "closing" }],
      [21 * minute, tap(8)],
      [21 * minute, tap(9)],
      [21 * minute + 1, ask(3, "handover")],
      [21 * minute + 100, handed],
    ],
    "busy",
    ["closed handed_over", "mach.session_started", "say granted", "beep grant"],
    { ahead: null, deadlines: { stillHere: 41 * minute + 100 } },
  ],
  [
    "a supervisor who left ends it for want of permission",
    saw,
    [...taught, [20_000, tap(9)], [23_500, tick], [30_000, activity("idle")]],
    "off",
    cutBy("permission_ended"),
  ],
  ["a missed supervisor's hold says that they are back", saw, [...taught, [100 + 30 * minute, tick], [32 * minute, hold(9)]], "busy", back],
  [
    "a supervisor who is back has another half hour",
    saw,
    [...taught, [100 + 30 * minute, tick], [32 * minute, tap(9)], [61 * minute, tick]],
    "busy",
    [],
  ],
  ["of two that are missed one comes back, the other is missed still", saw, [...bothMissed, [31 * minute, tap(8)]], "busy", back],
  [
    "and it ends by the one who stays away",
    saw,
    [...bothMissed, [31 * minute, tap(8)], [34 * minute, tick]],
    "stopping",
    ["say stops_when_finished"],
  ],
  [
    "a companion who is needed no more is missed no more",
    saw,
    [...both, [20_000, tap(8)], [21_000, ask(7, "extend")], [21_100, permitted(7, { ...long, supervisor: 9 })], [6 * minute, tick]],
    "busy",
    [],
  ],
  [
    "a supervisor is still waited for when the second person is needed no more",
    saw,
    [...both, [21_000, ask(7, "extend")], [21_100, permitted(7, { ...long, supervisor: 9 })], [100 + 30 * minute, tick]],
    "busy",
    ["mach.companion_missed", "say AWAIT_SUPERVISOR", "beep slow"],
  ],
  [
    "an unknown card is nobody's companion, though the permit names none",
    saw,
    used({ ...long, buddy: 0 }, [10_000, activity("busy")], [20_000, tap(0)]),
    "busy",
    ["request start best"],
  ],
  [
    "a supervisor who is needed no more may leave",
    saw,
    [...taught, [20_000, tap(9)], [20_050, ask(7, "extend")], [20_100, permitted(7, long)], [23_600, tick]],
    "busy",
    [],
  ],
];
const ahead = (endMono: number, reason: "closing" | "permission_ended"): Bare => ({ kind: "ahead", endMono, reason });
const warnings: readonly Corner[] = [
  [
    "the same end for another reason is news",
    saw,
    [...both, [20_000, ahead(120 * minute, "permission_ended")], [21_000, ahead(120 * minute, "closing")]],
    "busy",
    [],
    { ahead: { endMono: 120 * minute, reason: "closing" }, deadlines: { ...play(saw, ...both).state.deadlines, ahead: 60 * minute } },
  ],
  [
    "an end that is past takes the warnings of the former with it",
    saw,
    [...both, [20_000, ahead(120 * minute, "closing")], [21_000, ahead(20_500, "closing")]],
    "busy",
    [],
    { deadlines: play(saw, ...both).state.deadlines },
  ],
];

describe("company and hand-over", () => playCorners(company));
describe("warnings", () => playCorners(warnings));

describe("who is missed", () => {
  it("is told by name of the place, and stands beside nobody", () => {
    const { state } = play(saw, ...bothMissed);
    expect([state.session?.missed, liveSession(state, 31 * minute, saw)?.with]).toEqual([["buddy", "supervisor"], []]);
    expect(play(saw, ...bothMissed, [31 * minute, tap(8)]).state.session?.missed).toEqual(["supervisor"]);
  });
});
