/** One case per rule and code, the order of reasons, totality, and that taking something away never opens a door. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Code, ResourceFacts, SubjectFacts } from "#contract";
import { denyCodes, grantCodes } from "#contract";
import type { DecisionInput } from "#core";
import { answerChangesAtMs, decide, explain, explainCode, hints, locales, rulesInWords, shortText, traceOf } from "#core";
import { afternoon, asking, berlin, beside, daily, door, laser, onNode } from "./builders.ts";

const day = 86_400_000;
const held = { state: "held", fromMs: null, untilMs: null, graceUntilMs: null } as const;
const cases: readonly (readonly [rule: string, code: Code, input: DecisionInput])[] = [
  ["R00", "DEVICE_NOT_AUTHORISED", asking(door, { rest: { nodeAuthorised: false } })],
  ["R01", "RESOURCE_UNKNOWN", asking(null, { kind: "enter" })],
  ["R01", "RESOURCE_UNKNOWN", asking(door, { kind: "start" })],
  ["R03", "REQUEST_STALE", asking(door, { question: { ageMs: 10_001 } })],
  ["R04", "TOO_MANY_ATTEMPTS", asking(door, { live: { readerPenaltyUntilMono: 1_000_001 } })],
  ["R11", "GRANT_STOP", asking(laser, { kind: "stop", live: { session: { member: 7, phase: "busy", idleForMs: 0 } } })],
  [
    "R11",
    "GRANT_STOP",
    asking(laser, { kind: "stop", who: { roles: ["steward"] }, live: { session: { member: 3, phase: "busy", idleForMs: 0 } } }),
  ],
  ["R65", "IN_USE", asking(laser, { kind: "stop", live: { session: { member: 3, phase: "busy", idleForMs: 0 } } })],
  ["R21", "LOCKDOWN", asking(door, { rest: { mode: "lockdown" } })],
  ["R31", "CREDENTIAL_UNUSABLE", asking(door, { who: null, question: { usable: false } })],
  ["R33", "CREDENTIAL_NOT_YET_VALID", asking(door, { who: { credentialFromMs: afternoon + 1 } })],
  ["R33", "CREDENTIAL_EXPIRED", asking(door, { who: { credentialUntilMs: afternoon } })],
  ["R40", "MEMBER_SUSPENDED", asking(door, { who: { member: "banned" } })],
  ["R41", "RESTRICTED_HERE", asking(door, { who: { restricted: true } })],
  ["R42", "MEMBERSHIP_NONE", asking(door, { who: { membership: { ...held, state: "none" } } })],
  ["R42", "MEMBERSHIP_NOT_STARTED", asking(door, { who: { membership: { ...held, fromMs: afternoon + 1 } } })],
  ["R42", "MEMBERSHIP_EXPIRED", asking(door, { who: { membership: { ...held, untilMs: afternoon } } })],
  ["R43", "NOT_IN_PLAN", asking(door, { who: { inPlan: false } })],
  ["R44", "WAIVER_MISSING", asking(door, { who: { waiver: "missing" } })],
  ["R44", "WAIVER_OUTDATED", asking(door, { who: { waiver: "outdated" } })],
  ["R51", "OUTSIDE_OPENING_HOURS", asking(laser, { at: berlin("2026-03-11T07:59:59") })],
  [
    "R51",
    "HOLIDAY_CLOSED",
    asking({ ...laser, openingHours: { ...daily(480, 1380), special: [{ date: "2026-03-11", reason: "stocktaking", open: [] }] } }),
  ],
  ["R52", "OUTSIDE_SCHEDULE", asking(door, { who: { schedule: 4 } })],
  ["R60", "RESOURCE_DISABLED", asking({ ...laser, disabled: true })],
  ["R62", "OUT_OF_ORDER", asking(laser, { live: { lockouts: ["oops"] } })],
  ["R62", "DEVICE_TAMPER", asking(laser, { live: { lockouts: ["tamper"] } })],
  ["R64", "RESOURCE_OFFLINE", asking(laser, { live: { online: false } })],
  ["R65", "AWAIT_HANDOVER", asking({ ...laser, sharing: "handover" }, { live: { session: { member: 3, phase: "busy", idleForMs: 0 } } })],
  [
    "R65",
    "GRANT_HANDOVER",
    asking(
      { ...laser, sharing: "handover" },
      { kind: "handover", live: { session: { member: 3, phase: "idle", idleForMs: 0 } }, rest: { companions: [beside(3)] } },
    ),
  ],
  ["R68", "NEEDS_CHECK", asking(laser, { live: { lockouts: ["check"] } })],
  ["R70", "TRAINING_EXPIRED", asking(laser, { who: { competence: { level: "competent", untilMs: afternoon } } })],
  ["R70", "TRAINING_LAPSED", asking(laser, { who: { competence: { level: "lapsed", untilMs: null } } })],
  ["R70", "TRAINING_SUSPENDED", asking(laser, { who: { competence: { level: "suspended", untilMs: null } } })],
  ["R70", "TRAINING_SUPERSEDED", asking(laser, { who: { competence: { level: "superseded", untilMs: null } } })],
  ["R70", "TRAINING_MISSING", asking(laser, { kind: "teach" })],
  ["R82", "STEWARD_REQUIRED", asking(door, { kind: "remote_unlock" })],
  ["R01", "INTERNAL_ERROR", asking({ ...laser, tz: "Nowhere/Land" })],
];

describe("rules", () => {
  it.each(cases)("%s answers %s", (_rule, code, input) => {
    expect(decide(input).reason).toBe(code);
  });
  it("lets nothing decisive pass over a failed check of integrity", () => {
    expect(decide(asking(door, { kind: "exit", rest: { nodeAuthorised: false } })).reason).toBe("DEVICE_NOT_AUTHORISED");
    const stale = asking(door, { who: { roles: ["responder"] }, question: { ageMs: 60_000 }, rest: { mode: "evacuate" } });
    expect(decide(stale)).toMatchObject({ outcome: "deny", reason: "REQUEST_STALE" });
  });
  it("waits for a hand-over only if nothing else refuses", () => {
    const session = { member: 3, phase: "busy", idleForMs: 0 } as const;
    const untrained = { competence: { level: "none", untilMs: null } } as const;
    expect(decide(asking({ ...laser, sharing: "handover" }, { who: untrained, live: { session } }))).toMatchObject({
      outcome: "deny",
      reason: "TRAINING_MISSING",
      also: ["AWAIT_HANDOVER"],
    });
  });
  it("lifts a clock that is seconds behind the floor and distrusts one that is far behind", () => {
    const input = asking(laser, { who: { credentialUntilMs: afternoon + day } });
    expect(decide({ ...input, clock: { nowMs: afternoon - 60_000, floorMs: afternoon, quality: "synced" } }).reason).toBe("GRANT");
    expect(decide({ ...input, clock: { nowMs: afternoon - day, floorMs: afternoon, quality: "synced" } }).reason).toBe("CLOCK_UNTRUSTED");
  });
  it("tells staff every rule, and the member in every language within the display's limits", () => {
    expect(rulesInWords(traceOf(asking(laser))).length).toBeGreaterThan(30);
    const codes: readonly Code[] = [...grantCodes, ...denyCodes];
    for (const locale of locales) {
      for (const key of [...codes, ...hints])
        for (const line of shortText(key, locale)) expect(line.length, `${locale} ${key}: "${line}"`).toBeLessThanOrEqual(20);
      for (const code of codes) expect(explainCode(code, locale).why, code).not.toBe("");
    }
    expect(explain({ reason: "TRAINING_MISSING" }, "sv", { TRAINING_MISSING: { sv: "Tisdagar kl. 18." } }).next).toBe("Tisdagar kl. 18.");
  });
  it("shows a revoked card as an unknown one", () => {
    for (const locale of locales) expect(explainCode("CREDENTIAL_REVOKED", locale)).toEqual(explainCode("UNKNOWN_CREDENTIAL", locale));
  });
});

const instant = fc.option(fc.integer({ min: afternoon - 3 * day, max: afternoon + 3 * day }), { nil: null });
const anyFacts: fc.Arbitrary<SubjectFacts> = fc.record({
  member: fc.constantFrom("active", "active", "active", "suspended"),
  credential: fc.constantFrom("active", "active", "active", "lost"),
  credentialFromMs: instant,
  credentialUntilMs: instant,
  hold: fc.constantFrom(false, false, false, true),
  restricted: fc.constant(false),
  membership: fc.record({ state: fc.constantFrom("held", "held", "none"), fromMs: instant, untilMs: instant, graceUntilMs: instant }),
  inPlan: fc.constantFrom(true, true, false),
  always: fc.boolean(),
  schedule: fc.constantFrom(null, 0, 1),
  waiver: fc.constantFrom("ok", "ok", "missing"),
  competence: fc.record({ level: fc.constantFrom("competent", "competent", "trainee", "none"), untilMs: instant }),
  roles: fc.subarray(["staff", "steward", "trainer", "maintainer", "responder"]),
});
const anyInput: fc.Arbitrary<DecisionInput> = fc.record({
  question: fc.record({
    kind: fc.constantFrom("enter", "exit", "start", "extend", "stop", "handover", "maintain", "teach", "remote_unlock"),
    ageMs: fc.constantFrom(0, 10_000, 10_001),
    usable: fc.constantFrom(true, true, false),
  }),
  clock: fc.record({ nowMs: instant, floorMs: fc.constantFrom(0, afternoon), quality: fc.constantFrom("synced", "holdover", "unknown") }),
  subject: fc.option(fc.record({ member: fc.constantFrom(3, 7), facts: anyFacts }), { nil: null, freq: 8 }),
  resource: fc.option(
    fc
      .record({
        base: fc.constantFrom(laser, door),
        sharing: fc.constantFrom("exclusive", "takeover_when_idle", "handover", "shared"),
        unknownClock: fc.constantFrom("deny", "floor"),
        offline: fc.constantFrom("snapshot", "staff", "deny"),
        asks: fc.constantFrom<ResourceFacts["asks"]>([], ["credit"]),
      })
      .map(({ base, ...rest }) => ({ ...base, ...rest })),
    { nil: null, freq: 8 },
  ),
  schedules: fc.constant([daily(600, 1200)]),
  live: fc.record({
    lockouts: fc.subarray(["maintenance", "oops", "fault", "tamper", "check"], { maxLength: 1 }),
    online: fc.constantFrom(null, true, false),
    session: fc.option(
      fc.record({ member: fc.constantFrom(3, 7), phase: fc.constantFrom("idle", "busy", "grace"), idleForMs: fc.constantFrom(0, 200_000) }),
      { nil: null },
    ),
    ancillariesReady: fc.boolean(),
    memberSessions: fc.constantFrom({ all: 0, attendedA: 0 }, { all: 2, attendedA: 1 }),
    readerPenaltyUntilMono: fc.constant(null),
    nowMono: fc.constant(0),
    revoked: fc.constantFrom(false, false, true),
  }),
  mode: fc.constantFrom("normal", "normal", "evacuate", "lockdown"),
  nodeAuthorised: fc.constantFrom(true, true, false),
  where: fc.constantFrom({ place: "hub" } as const, onNode(1000, true), onNode(1000, false), onNode(30 * day, true), {
    place: "node",
    snapshot: null,
    hubReachable: false,
  } as const),
});

/** Each takes something away from the person. */
const revocations: readonly ((facts: SubjectFacts) => SubjectFacts)[] = [
  (f) => ({ ...f, member: "suspended" }),
  (f) => ({ ...f, credential: "lost" }),
  (f) => ({ ...f, hold: true }),
  (f) => ({ ...f, restricted: true }),
  (f) => ({ ...f, inPlan: false }),
  (f) => ({ ...f, waiver: "missing" }),
  (f) => ({ ...f, roles: [] }),
  (f) => ({ ...f, membership: { ...f.membership, state: "none" } }),
  (f) => ({ ...f, credentialUntilMs: 0 }),
  (f) => ({ ...f, competence: { level: "none", untilMs: null } }),
  (f) => ({ ...f, always: false }),
];

describe("decide, for any facts", () => {
  it("answers without throwing, and carries a permit exactly with a grant to enter or use", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const decision = decide(input);
        const opens = decision.outcome === "grant" && !["exit", "stop"].includes(input.question.kind) && input.resource !== null;
        expect(decision.obligations !== null).toBe(opens);
        expect(decision.reason.startsWith("GRANT")).toBe(
          decision.outcome === "grant" || (decision.outcome === "ask" && decision.also.length === 0 && decision.reason.startsWith("GRANT")),
        );
        expect(decision.reevaluateAtMs ?? Infinity).toBeGreaterThan(input.clock.nowMs ?? 0);
        expect(decide(input)).toEqual(decision);
      }),
      { numRuns: 1500 },
    );
  });
  it("never opens because something was taken away", () => {
    const order = { grant: 2, ask: 1, pending: 1, noop: 0, deny: 0 } as const;
    fc.assert(
      fc.property(anyInput, fc.constantFrom(...revocations), (input, revoke) => {
        if (input.subject === null) return;
        const less = decide({ ...input, subject: { ...input.subject, facts: revoke(input.subject.facts) } });
        expect(order[less.outcome]).toBeLessThanOrEqual(order[decide(input).outcome]);
      }),
      { numRuns: 3000 },
    );
  });
  it("names no instant before which its answer to the same question has changed", () => {
    fc.assert(
      fc.property(anyInput, fc.double({ min: 0, max: 1, noNaN: true }), (input, share) => {
        const { nowMs, floorMs } = input.clock;
        const changesAtMs = answerChangesAtMs(input);
        if (changesAtMs === null || nowMs === null || nowMs < floorMs) return;
        const { outcome, reason, also, warnings } = decide(input);
        const asked = nowMs + Math.floor(share * (changesAtMs - 1 - nowMs));
        expect(decide({ ...input, clock: { ...input.clock, nowMs: asked } })).toMatchObject({ outcome, reason, also, warnings });
      }),
      { numRuns: 500 },
    );
  });
});
