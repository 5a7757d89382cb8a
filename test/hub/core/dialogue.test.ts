/** Every row of the dialogue's table: what people mean who tap one after the other. */
import { describe, expect, it } from "vitest";
import type { Around, DialogueEffect, DialogueEvent, Presenter } from "#core";
import { dialogueTimes, initialDialogue, stepDialogue } from "#core";

const person = (member: number, changes: Partial<Presenter> = {}): Presenter => ({
  card: `card-${member}`,
  member,
  trains: false,
  maintains: false,
  ...changes,
});
const ada = person(1);
const bob = person(2);
const cem = person(3);
const sam = person(4);
const tia = person(9, { trains: true });
const max = person(8, { maintains: true });
const spareFob = person(1, { card: "ada's other card" });

const free: Around = { wants: "start", keepsCard: false, session: null, blocked: null, times: dialogueTimes };
const door: Around = { wants: "enter", keepsCard: false, session: null, blocked: null, times: dialogueTimes };
const session = "01JDGC5F7W9ZK3T5V0QXN2B8M1";
const inSession = (member: number, changes: Partial<NonNullable<Around["session"]>> = {}): Around => ({
  ...free,
  session: { session, member, supervisor: null, misses: false, fresh: false, renewal: null, ...changes },
});

type Bare = DialogueEvent extends infer E ? (E extends DialogueEvent ? Omit<E, "nowMono"> : never) : never;
const tap = (who: Presenter): Bare => ({ kind: "tap", ...who });
const hold = (who: Presenter): Bare => ({ kind: "hold", ...who });
const confirm = (who: Presenter): Bare => ({ kind: "confirm", ...who });
const answer = (
  presented: readonly Presenter[],
  outcome: "grant" | "deny" | "pending",
  reason: Extract<DialogueEvent, { kind: "answered" }>["reason"],
  changes: { wants?: "start" | "enter" | "handover" | "teach" | "extend"; checkDue?: boolean } = {},
): Bare => ({ kind: "answered", wants: "start", presented, outcome, reason, checkDue: false, ...changes });

function inWords(effect: DialogueEffect): string {
  switch (effect.kind) {
    case "ask":
      return `${effect.wants} ${effect.presented.map(({ card }) => card.replace("card-", "")).join("+")}${effect.acknowledged ? " acknowledged" : ""}`;
    case "signed_off":
      return effect.undone ? "sign-off undone" : "signed off";
    case "checked":
      return effect.accepted ? "accepted" : "sent back";
    case "reset":
      return `reset by ${effect.member}`;
    case "say":
      return `say ${effect.key}`;
  }
}
/** Plays events at their times; answers what the last one became. */
function play(around: Around, ...events: readonly (readonly [atMs: number, event: Bare, around?: Around])[]): readonly string[] {
  let state = initialDialogue;
  let last: readonly DialogueEffect[] = [];
  for (const [nowMono, event, here] of events) [state, last] = stepDialogue(state, { ...event, nowMono } as DialogueEvent, here ?? around);
  return last.map(inWords);
}

describe("a tap by itself", () => {
  it("asks for what the reader is for", () => {
    expect(play(free, [0, tap(ada)])).toEqual(["start 1"]);
    expect(play(door, [0, tap(ada)])).toEqual(["enter 1"]);
  });
  it("is alone, so that the owner's tap may mean to stop", () => {
    expect(stepDialogue(initialDialogue, { kind: "tap", ...ada, nowMono: 0 }, free)[1][0]).toMatchObject({ kind: "ask", alone: true });
  });
});

describe("company", () => {
  const waits = [0, answer([ada], "pending", "AWAIT_SECOND_PERSON")] as const;
  it("asks again with whoever taps within 15 s, not later", () => {
    expect(play(free, waits, [14_999, tap(bob)])).toEqual(["start 1+2"]);
    expect(play(free, waits, [15_000, tap(bob)])).toEqual(["start 2"]);
  });
  it("needs nobody for a PIN: the same card asks again, another one for itself", () => {
    const waits = answer([ada], "pending", "FACTOR_REQUIRED", { wants: "enter" });
    expect(play(door, [0, waits], [5000, tap(ada)])).toEqual(["enter 1"]);
    expect(play(door, [0, waits], [5000, tap(bob)])).toEqual(["enter 2"]);
  });

  it("asks for the same as before: a guest's host at the door", () =>
    expect(play(door, [0, answer([ada], "pending", "AWAIT_SUPERVISOR", { wants: "enter" })], [5000, tap(bob)])).toEqual(["enter 1+2"]));
  it("says once more what is missing when the first taps again", () =>
    expect(play(free, waits, [3000, tap(ada)])).toEqual(["say AWAIT_SECOND_PERSON"]));
  it("keeps waiting after the same member's other card", () => {
    const same = [2000, answer([ada, spareFob], "deny", "SECOND_PERSON_SAME")] as const;
    expect(play(free, waits, same)).toEqual([]);
    expect(play(free, waits, same, [9000, tap(bob)])).toEqual(["start 1+2"]);
  });
  it("lets a newcomer who does not help ask for themselves, and goes on waiting", () => {
    const idle = [2000, answer([ada, bob], "pending", "AWAIT_SECOND_PERSON")] as const;
    expect(play(free, waits, idle)).toEqual(["start 2"]);
    expect(play(free, waits, idle, [4000, tap(cem)])).toEqual(["start 1+3"]);
  });
  it("keeps a newcomer who helped but is not enough", () => {
    const partly = [2000, answer([ada, bob], "pending", "AWAIT_SUPERVISOR")] as const;
    expect(play(free, waits, partly, [16_000, tap(cem)])).toEqual(["start 1+2+3"]);
  });
  it("ends with the grant", () =>
    expect(play(free, waits, [2000, answer([ada, bob], "grant", "GRANT_SUPERVISED")], [3000, tap(cem)])).toEqual(["start 3"]));
  it("is not ended by somebody else's refusal", () =>
    expect(play(free, waits, [2000, answer([cem], "deny", "TRAINING_MISSING")], [3000, tap(bob)])).toEqual(["start 1+2"]));
});

describe("hand-over", () => {
  const wants = [0, answer([bob], "pending", "AWAIT_HANDOVER")] as const;
  const adas = inSession(1);
  it("is the owner's tap within 15 s", () => {
    expect(play(adas, wants, [10_000, tap(ada)])).toEqual(["handover 2+1"]);
    expect(play(adas, wants, [15_000, tap(ada)])).toEqual(["start 1"]);
  });
  it("is nobody else's", () => expect(play(adas, wants, [5000, tap(cem)])).toEqual(["start 3"]));
});

describe("a check that is due", () => {
  const due = [0, answer([ada], "pending", "NEEDS_CHECK")] as const;
  it("is accepted by the same card once more", () => {
    expect(play(free, due, [5000, tap(ada)])).toEqual(["start 1 acknowledged"]);
    expect(play(free, due, [5000, tap(bob)])).toEqual(["start 2"]);
    expect(play(free, due, [15_000, tap(ada)])).toEqual(["start 1"]);
  });
  it("is on record as accepted with the grant, also when a checker simply starts", () => {
    expect(play(free, [0, answer([ada], "grant", "GRANT", { checkDue: true })])).toEqual(["accepted"]);
    expect(play(free, [0, answer([ada], "grant", "GRANT")])).toEqual([]);
  });
  it("is sent back by a hold", () => {
    expect(play(free, due, [3000, hold(ada)])).toEqual(["sent back", "say sent_back"]);
    expect(play(free, due, [3000, hold(bob)])).toEqual([]);
    expect(play({ ...free, keepsCard: true }, due, [3000, hold(ada)])).toEqual([]); // it only stays in its holder
  });
});

describe("teach mode", () => {
  it("is a trainer's hold; the next card within 60 s is the student's", () => {
    expect(play(free, [0, hold(tia)])).toEqual(["say teach_student"]);
    expect(play(free, [0, hold(tia)], [59_999, tap(sam)])).toEqual(["teach 4+9"]);
    expect(play(free, [0, hold(tia)], [60_000, tap(sam)])).toEqual(["start 4"]);
  });
  it("is nobody else's hold, and not at a door", () => {
    expect(play(free, [0, hold(bob)], [5000, tap(sam)])).toEqual(["start 4"]);
    expect(play(door, [0, hold(tia)], [5000, tap(sam)])).toEqual(["enter 4"]);
    expect(play(free, [0, hold(person(0, { trains: true }))])).toEqual([]);
  });
  it("is left by the trainer's own tap", () => expect(play(free, [0, hold(tia)], [4000, tap(tia)], [5000, tap(sam)])).toEqual(["start 4"]));
});

describe("the sign-off with two cards", () => {
  const teaching = inSession(4, { supervisor: 9 });
  const fresh = inSession(4, { supervisor: 9, fresh: true });
  it("is the trainer's hold and the operator's tap within 15 s", () => {
    expect(play(teaching, [0, hold(tia)], [14_999, tap(sam)])).toEqual(["signed off", "say signed_off"]);
    expect(play(teaching, [0, hold(tia)], [15_000, tap(sam)])).toEqual(["start 4"]);
    expect(play(teaching, [0, hold(tia)], [5000, tap(bob)])).toEqual(["start 2"]);
  });
  it("needs no running machine: hold, tap, tap, tap", () =>
    expect(play(free, [0, hold(tia)], [4000, tap(sam)], [8000, tap(tia), fresh], [12_000, tap(sam), fresh])).toEqual([
      "signed off",
      "say signed_off",
    ]));
  it("a trainer's tap in a session that has worked is a tap of its own", () => expect(play(teaching, [0, tap(tia)])).toEqual(["start 9"]));
  it("the hold of a trainer who does not supervise here is teach mode", () =>
    expect(play(inSession(4), [0, hold(tia)])).toEqual(["say teach_student"]));
  it("a supervisor who is no trainer signs nothing off", () =>
    expect(play(inSession(4, { supervisor: 2, fresh: true }), [0, tap(bob)])).toEqual(["start 2"]));
  it("is undone by the same pair within 10 min, and signed again after that", () => {
    const signed = [
      [0, hold(tia)],
      [5000, tap(sam)],
    ] as const;
    expect(play(teaching, ...signed, [590_000, hold(tia)], [600_000, tap(sam)])).toEqual(["sign-off undone", "say sign_off_undone"]);
    expect(play(teaching, ...signed, [595_000, hold(tia)], [605_001, tap(sam)])).toEqual(["signed off", "say signed_off"]);
    const undone = [...signed, [10_000, hold(tia)], [15_000, tap(sam)]] as const;
    expect(play(teaching, ...undone, [20_000, hold(tia)], [25_000, tap(sam)])).toEqual(["signed off", "say signed_off"]);
  });
});

describe("somebody is missed", () => {
  const renewal = { wants: "extend", cards: ["card-1"] } as const;
  it("whoever taps is proposed in their place", () =>
    expect(play(inSession(1, { misses: true, renewal }), [0, tap(cem)])).toEqual(["extend 1+3"]));
  it("the operator's own tap is no replacement", () =>
    expect(play(inSession(1, { misses: true, renewal }), [0, tap(ada)])).toEqual(["start 1"]));
  it("nobody can be proposed when no card speaks for the operator", () =>
    expect(play(inSession(1, { misses: true }), [0, tap(cem)])).toEqual(["start 3"]));
});

describe("a reset", () => {
  const broken: Around = { ...free, blocked: "broken" };
  it("is a maintainer's hold of ten seconds at a broken machine; three ask for more", () => {
    expect(play(broken, [0, confirm(max)])).toEqual(["reset by 8"]);
    expect(play(broken, [0, hold(max)])).toEqual(["say keep_holding"]);
    expect(play(free, [0, confirm(max)])).toEqual([]);
    expect(play(broken, [0, confirm(ada)])).toEqual([]);
    expect(play({ ...broken, wants: "enter" }, [0, confirm(max)])).toEqual([]);
    expect(play({ ...broken, keepsCard: true }, [0, hold(max)])).toEqual([]);
  });
});

describe("maintenance", () => {
  it("is a maintainer's hold of ten seconds at a locked machine that nobody is using", () => {
    const locked: Around = { ...free, blocked: "locked" };
    expect(play(locked, [0, confirm(max)])).toEqual(["maintain 8"]);
    expect(play(locked, [0, hold(max)])).toEqual(["say keep_holding"]);
    expect(play(locked, [0, hold(ada)])).toEqual([]);
    expect(play({ ...inSession(1), blocked: "locked" }, [0, confirm(max)])).toEqual([]);
    expect(play(free, [0, confirm(max)])).toEqual([]);
  });
});
