/**
 * Acceptance scenarios of decisions (domain.md §7) on the pure core, to the millisecond: who asks, when, and what is said and to be
 * done next. The same sentences are played on the assembled system in test/simulation.
 */
import { describe, expect, it } from "vitest";
import type { Code, Schedule, SubjectFacts } from "#contract";
import { dateEndMs, decide, explain, isOpen } from "#core";
import { afternoon, asking, berlin, beside, daily, door, laser, onNode, tz } from "./access/builders.ts";

type Asked = Parameters<typeof asking>[1];
type Line = readonly [sentence: string, asked: Asked, reason: Code, next?: string];
const utc = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const week = (weekday: number, startMin: number, endMin: number): Schedule => ({ intervals: [{ weekday, startMin, endMin }], special: [] });
const by = (schedule: Schedule, at: number): Asked => ({
  at,
  who: { schedule: 0 },
  clock: { floorMs: 0 },
  rest: { schedules: [schedule] },
});
const until = (untilMs: number, graceUntilMs: number | null = null): Partial<SubjectFacts> => ({
  membership: { state: "held", fromMs: null, untilMs, graceUntilMs },
});
const level = (name: SubjectFacts["competence"]["level"], untilMs: number | null = null): Partial<SubjectFacts> => ({
  competence: { level: name, untilMs },
});
const unknownTime = { nowMs: null, quality: "unknown" } as const;
const twoAtNight = { ...laser, openingHours: null, twoPerson: daily(22 * 60, 6 * 60) };
const night = berlin("2026-03-11T22:30");

const june30 = dateEndMs(tz, "2026-06-30");
const dayPass = dateEndMs(tz, "2026-10-25");
const midnight = berlin("2026-03-12T00:00");
const working = { live: { session: { member: 7, phase: "busy" as const, idleForMs: 0 } } };

const atTheDoor: readonly Line[] = [
  ["S02 an unknown card", { who: null }, "UNKNOWN_CREDENTIAL", "Try once more, or have the card registered."],
  ["S02 Ada in the penalty", { live: { readerPenaltyUntilMono: 1_000_001 } }, "TOO_MANY_ATTEMPTS", "Wait half a minute."],
  ["S02 Ada at its end", { live: { readerPenaltyUntilMono: 1_000_000 } }, "GRANT"],
  ["S11 anybody in an evacuation", { rest: { mode: "evacuate" } }, "EMERGENCY_ACTIVE", "Leave by the nearest exit."],
  ["S11 a responder in an evacuation", { rest: { mode: "evacuate" }, who: { roles: ["responder"] } }, "GRANT_RESPONDER"],
  ["S13 the last millisecond of the last day", { at: june30 - 1, who: until(june30), clock: { floorMs: 0 } }, "GRANT"],
  ["S13 the first of the next", { at: june30, who: until(june30), clock: { floorMs: 0 } }, "MEMBERSHIP_EXPIRED", "Renew it."],
  ["S13 with days of grace", { at: june30, who: until(june30, june30 + 1), clock: { floorMs: 0 } }, "GRANT"],
  ["S13 the way out, always", { at: june30, kind: "exit", who: until(june30) }, "GRANT_EGRESS"],
  ["S14 half past two in summer time", by(week(6, 22 * 60, 3 * 60), utc("2026-10-25T00:30:00Z")), "GRANT"],
  ["S14 half past two again", by(week(6, 22 * 60, 3 * 60), utc("2026-10-25T01:30:00Z")), "GRANT"],
  ["S14 three o'clock", by(week(6, 22 * 60, 3 * 60), utc("2026-10-25T02:00:00Z")), "OUTSIDE_SCHEDULE", "Come back in your hours."],
  ["S14 the 25th hour of a day pass", { at: utc("2026-10-25T22:59:59.999Z"), who: until(dayPass) }, "GRANT"],
  ["S14 the day after a day pass", { at: utc("2026-10-25T23:00:00Z"), who: until(dayPass) }, "MEMBERSHIP_EXPIRED"],
  ["S16 Saturday 01:59:59.999 in Friday's night", by(week(5, 18 * 60, 120), berlin("2026-03-14T02:00") - 1), "GRANT"],
  ["S16 Saturday 02:00", by(week(5, 18 * 60, 120), berlin("2026-03-14T02:00")), "OUTSIDE_SCHEDULE"],
  ["S16 Friday 01:00", by(week(5, 18 * 60, 120), berlin("2026-03-13T01:00")), "OUTSIDE_SCHEDULE"],
  ["S18 a lost card", { who: { credential: "lost" } }, "CREDENTIAL_REVOKED", "Try once more, or have the card registered."],
];

describe("at the door", () => {
  it.each(atTheDoor.map(([sentence, asked, reason, next]) => ({ sentence, asked, reason, next })))(
    "$sentence",
    ({ asked, reason, next }) => {
      const decision = decide(asking(door, asked));
      expect(decision.reason).toBe(reason);
      if (next !== undefined) expect(explain(decision, "en").next).toBe(next);
      expect(decision.outcome).toBe(reason.startsWith("GRANT") ? "grant" : "deny");
    },
  );
  it("S14 the hour that spring leaves out is nobody's, and asking for it throws nothing", () => {
    const left = daily(120, 180);
    for (let at = utc("2026-03-28T23:30:00Z"); at < utc("2026-03-29T02:30:00Z"); at += 60_000) expect(isOpen(left, tz, at)).toBe(false);
  });
  it("S20 a special day is told as a holiday, and is no matter to a plan that is always open", () => {
    const openingHours = { ...daily(480, 1200), special: [{ date: "2026-03-11", reason: "stocktaking", open: [] }] };
    const closed = decide(asking({ ...door, openingHours }));
    expect([closed.reason, explain(closed, "en").next]).toEqual(["HOLIDAY_CLOSED", "Come back on another day."]);
    expect(decide(asking({ ...door, openingHours }, { who: { always: true } })).reason).toBe("GRANT");
    expect(decide(asking({ ...door, openingHours }, { at: berlin("2026-03-12T07:59:59") })).reason).toBe("OUTSIDE_OPENING_HOURS");
  });
  it.each([
    ["a member without hours whose end is past the floor", { always: true, ...until(afternoon) }, "GRANT_DEGRADED"],
    ["a member with hours of their own", { always: true, schedule: 0 }, "CLOCK_UNTRUSTED"],
    ["a member whose end is before the floor", { always: true, ...until(afternoon - 86_400_001) }, "MEMBERSHIP_EXPIRED"],
  ] as const)("S15 without a clock: %s", (_who, who, reason) => {
    const asked = { who, clock: unknownTime, rest: { where: onNode(0, false), schedules: [daily(0, 1439)] } };
    expect(decide(asking({ ...door, unknownClock: "floor" }, asked)).reason).toBe(reason);
  });
});

describe("at the laser", () => {
  it.each([
    [
      "S23 an hour's end at midnight, before it",
      { at: midnight - 1, who: { always: true, ...level("competent", midnight) } },
      "GRANT_EXTENSION",
    ],
    ["S23 at it", { at: midnight, who: { always: true, ...level("competent", midnight) } }, "TRAINING_EXPIRED"],
    ["S23 a new revision of the course", { who: level("superseded") }, "TRAINING_SUPERSEDED"],
  ] as const)("%s: asked again while it works", (_sentence, asked, reason) => {
    expect(decide(asking(laser, { ...asked, ...working, kind: "extend" })).reason).toBe(reason);
  });
  it.each([
    ["untrained Bob", { who: level("none") }, "IN_USE", ["TRAINING_MISSING"]],
    ["a stranger", { who: null }, "UNKNOWN_CREDENTIAL", ["IN_USE"]],
  ] as const)("S25 a bystander, %s, is refused beside Ada's session", (_who, asked, reason, also) => {
    const beam = { live: { session: { member: 3, phase: "busy" as const, idleForMs: 0 } } };
    const decision = decide(asking(laser, { ...asked, ...beam }));
    expect([decision.outcome, decision.reason, decision.obligations]).toEqual(["deny", reason, null]);
    for (const code of also) expect(decision.also).toContain(code);
  });
  it("S31 grants the machine and withholds the accessory whose training is missing", () => {
    const rotary = { ...laser, accessories: [{ accessory: "rotary", label: "Rotary axis" }] };
    const without = decide(asking(rotary, { who: { accessories: { rotary: { level: "none", untilMs: null } } } }));
    expect([without.reason, without.obligations?.accessories]).toEqual(["GRANT", { rotary: false }]);
    expect(decide(asking(rotary)).obligations?.accessories).toEqual({ rotary: true });
  });
  it.each([
    ["alone waits for another", [], "pending", "AWAIT_SECOND_PERSON"],
    ["with her spare fob", [beside(7)], "deny", "SECOND_PERSON_SAME"],
    ["with Bob", [beside(8)], "grant", "GRANT"],
  ] as const)("S32 out of hours Ada %s", (_sentence, companions, outcome, reason) => {
    const decision = decide(asking(twoAtNight, { at: night, rest: { companions } }));
    expect([decision.outcome, decision.reason]).toEqual([outcome, reason]);
    if (outcome === "grant") expect(decision.obligations).toMatchObject({ buddy: 8 });
  });
  it("S32 before ten Ada is enough", () => expect(decide(asking(twoAtNight)).reason).toBe("GRANT"));
  it.each([
    ["Sam with Tia beside him learns", "teach", level("none"), "GRANT_TEACH"],
    ["Sam alone next day", "start", level("none"), "TRAINING_MISSING"],
    ["a trainee with Tia beside him works supervised", "start", level("trainee"), "GRANT_SUPERVISED"],
  ] as const)("S33 %s", (_sentence, kind, who, reason) => {
    const companions = reason === "TRAINING_MISSING" ? [] : [beside(4, { roles: ["trainer"] })];
    expect(decide(asking(laser, { kind, who, rest: { companions } })).reason).toBe(reason);
  });
});

describe("at the printer", () => {
  const printer = { ...laser, riskClass: "C", attendance: "unattended_ok", cutHazard: true } as const;
  const job = { live: { session: { member: 7, phase: "unattended" as const, idleForMs: 0 } } };
  it.each([
    ["outlives the opening hours", { at: berlin("2026-03-11T23:30"), who: {} }, "GRANT_EXTENSION"],
    ["outlives the membership", { at: midnight, who: until(midnight) }, "GRANT_EXTENSION"],
    ["does not where the plan says no", { at: midnight, who: { ...until(midnight), unattendedMayFinish: false } }, "MEMBERSHIP_EXPIRED"],
  ] as const)("S34 an unattended job %s", (_sentence, asked, reason) => {
    expect(decide(asking(printer, { ...asked, ...job, kind: "extend", clock: { floorMs: 0 } })).reason).toBe(reason);
  });
});
