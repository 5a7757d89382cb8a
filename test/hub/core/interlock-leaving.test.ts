/** Corners of the interlock: who leaves, and answers that come late. */
import { describe } from "vitest";
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
  fan,
  grace,
  hazard,
  hold,
  idleMeter,
  insert,
  minute,
  onIdle,
  permitted,
  playCorners,
  powered,
  saw,
  session,
  stop,
  tap,
  tick,
  unattended,
  used,
} from "./interlock-play.ts";

const removed = (member: number): Bare => ({ kind: "removed", member });
const renewed = (changes: Partial<Permit> = {}): Bare => permitted(7, changes, renewal(session));
const long = { leaseMs: 180 * minute, idleMs: 0 };
const taught = used({ ...long, supervisor: 9 }, [10_000, activity("busy")]);
const resumed = ["mach.resumed", "beep grant", "say granted"];
const leaving: readonly Corner[] = [
  ["a tap ends what nobody has started yet", saw, [...enabled, [5000, tap(7)]], "off", cutBy("tap_out")],
  [
    "the stop button ends what nobody has started, also where a cut is dangerous",
    hazard,
    [...enabled, [5000, stop]],
    "off",
    cutBy("stop_button"),
  ],
  ["the stop button ends a grace, also where a cut is dangerous", hazard, [...grace, [6000, stop]], "off", cutBy("stop_button")],
  ["a hold ends unattended work", unattended, [...busy, [20_000, tap(7)], [23_000, hold(7)]], "off", cutBy("stop_button")],
  [
    "a hold is nothing at a machine that was left and switched off",
    unattended,
    [...busy, [20_000, tap(7)], [21_000, powered(false)], [22_000, hold(7)]],
    "on_idle",
    [],
  ],
  ["a hold is nothing where nobody has tapped out", unattended, [...onIdle, [9000, hold(7)]], "on_idle", []],
  ["another's card that is pulled leaves the question", insert, [...asked, [50, removed(9)]], "authorising", []],
  ["one's own card that is pulled takes it back in silence", insert, [...asked, [50, removed(7)]], "off", []],
  [
    "another's card that is pulled leaves who waits for extraction",
    { ...fan, insertReader: true },
    [...enabled, [200, removed(9)]],
    "anc_start",
    [],
  ],
  ["who pulls the card need not wait for extraction", { ...fan, insertReader: true }, [...enabled, [200, removed(7)]], "run_on", []],
  ["another's card that is pulled ends no session", insert, [...onIdle, [5000, removed(9)]], "on_idle", []],
  ["a card that is pulled in the grace changes nothing", insert, [...grace, [6000, removed(7)]], "grace", []],
  [
    "an unknown card is not the owner, though the session is nobody's",
    saw,
    [boot, idleMeter, [0, { ...permitted(0), kind: "remote_permit" } as Bare], [1000, powered(true)], [9000, tap(0)]],
    "on_idle",
    ["request start best"],
  ],
  [
    "who is named as their own companion still taps out",
    saw,
    used({ ...long, supervisor: 7 }, [10_000, activity("busy")], [20_000, tap(7)]),
    "stopping",
    ["say stops_when_finished"],
  ],
];
const late: readonly Corner[] = [
  [
    "nobody answers a question beside a session: it goes on",
    saw,
    [...onIdle, [5000, tap(9)], [10_000, tick]],
    "on_idle",
    ["request start local", "say no_answer"],
  ],
  [
    "an extension that comes after a lockout does not end the warning",
    saw,
    [...onIdle, [5000, ask(7, "extend")], [5050, end("immediate")], [5100, permitted(7)]],
    "stop10",
    [],
  ],
  [
    "a hand-over that comes after a lockout does not either",
    saw,
    [...onIdle, [5000, ask(9, "handover")], [5050, end("immediate")], [5100, permitted(9)]],
    "stop10",
    ["say IN_USE", "beep deny"],
  ],
  [
    "who tapped out of work is not taken back by an extension",
    saw,
    [...busy, [20_000, tap(7)], [21_000, ask(7, "extend")], [21_100, permitted(7)]],
    "stopping",
    ["say stops_when_finished"],
  ],
  [
    "a renewal does not undo a lockout of an idle machine",
    saw,
    [...onIdle, [870_100, tick], [870_150, end("when_idle")], [870_200, renewed()]],
    "grace",
    [],
  ],
  [
    "a renewal does not undo a lockout of a busy machine",
    saw,
    [...busy, [870_100, tick], [870_150, end("when_idle")], [870_200, renewed()]],
    "stopping",
    [],
  ],
  ["a renewal does not undo a tap-out", saw, [...onIdle, [870_100, tick], [870_150, tap(7)], [870_200, renewed()]], "grace", []],
  [
    "a renewal does not end the warning",
    saw,
    [...onIdle, [870_100, tick], [870_150, end("immediate")], [870_200, renewed()]],
    "stop10",
    [],
  ],
  [
    "a renewal that comes after the lease takes the work up again",
    saw,
    [...busy, [870_100, tick], [900_100, tick], [900_200, renewed()]],
    "busy",
    resumed,
  ],
  [
    "an endless renewal leaves no end behind",
    saw,
    [...busy, [870_000, tick], [870_100, tick], [870_200, renewed({ leaseMs: 0 })]],
    "busy",
    [],
    { renewing: false, deadlines: {} },
  ],
  [
    "an endless extension leaves neither an end nor a renewal behind",
    saw,
    [...busy, [20_000, ask(7, "extend")], [20_100, permitted(7, { leaseMs: 0 })]],
    "busy",
    [],
    { deadlines: {} },
  ],
  ["a renewal that is under way is noted", saw, [...busy, [870_100, tick]], "busy", ["request extend best"], { renewing: true }],
  [
    "maintenance is renewed as maintenance",
    saw,
    [boot, idleMeter, [0, ask(7, "maintain")], [100, permitted(7)], [1000, powered(true)], [870_100, tick]],
    "on_idle",
    ["request maintain best"],
  ],
  [
    "a lease is not renewed with who needs no companion told again",
    saw,
    [...taught, [20_000, ask(7, "extend")], [20_100, permitted(7, { ...long, supervisor: 9 })]],
    "busy",
    [],
  ],
];

describe("who leaves", () => playCorners(leaving));
describe("answers that come late", () => playCorners(late));
