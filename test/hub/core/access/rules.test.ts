/** One case per code, the order of reasons, and the words. */
import { describe, expect, it } from "vitest";
import type { Code } from "#contract";
import { denyCodes, grantCodes } from "#contract";
import type { DecisionInput } from "#core";
import { decide, explain, explainCode, hints, locales, rulesInWords, shortText, traceOf } from "#core";
import { afternoon, asking, berlin, beside, daily, door, laser } from "./builders.ts";

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
