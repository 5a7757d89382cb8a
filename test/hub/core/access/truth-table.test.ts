/** The golden table T01–T28 of domain.md §3.3. */
import { describe, expect, it } from "vitest";
import type { ResourceFacts } from "#contract";
import { dateEndMs, decide } from "#core";
import { afternoon, asking, berlin, beside, door, laser, onNode, tz } from "./builders.ts";

const unknownTime = { nowMs: null, quality: "unknown" } as const;
const minute = 60_000;

describe("truth table", () => {
  it("T01 grants the competent member 15 minutes and looks again at 14:15", () => {
    const decision = decide(asking(laser));
    expect(decision).toMatchObject({ outcome: "grant", reason: "GRANT", degraded: false, reevaluateAtMs: berlin("2026-03-11T14:15") });
    expect(decision.obligations).toMatchObject({ leaseMs: 15 * minute, idleMs: 20 * minute, attended: true, holdPolicy: "fixed" });
  });
  it("T02 refuses a start one minute before closing and looks again at closing", () => {
    expect(decide(asking(laser, { at: berlin("2026-03-11T22:59") }))).toMatchObject({
      outcome: "deny",
      reason: "TIME_TOO_SHORT",
      reevaluateAtMs: berlin("2026-03-11T23:00"),
    });
  });
  it("T03 lets a 24/7 plan in at 03:00", () => {
    expect(decide(asking(laser, { at: berlin("2026-03-11T03:00"), who: { always: true } })).reason).toBe("GRANT");
  });
  it("T04 refuses without a training record", () => {
    expect(decide(asking(laser, { who: { competence: { level: "none", untilMs: null } } }))).toMatchObject({
      outcome: "deny",
      reason: "TRAINING_MISSING",
      also: [],
    });
  });
  it("T05 grants until the training ends at midnight, warns, and looks again then", () => {
    const untilMs = dateEndMs(tz, "2026-03-11");
    const decision = decide(
      asking(laser, { at: berlin("2026-03-11T23:58"), who: { always: true, competence: { level: "competent", untilMs } } }),
    );
    expect(decision).toMatchObject({ outcome: "grant", warnings: ["TRAINING_ENDS"], reevaluateAtMs: berlin("2026-03-12T00:00") });
  });
  it("T06 refuses to extend at the instant the training ended", () => {
    const untilMs = dateEndMs(tz, "2026-03-11");
    const who = { always: true, competence: { level: "competent", untilMs } } as const;
    const session = { member: 7, phase: "busy", idleForMs: 0 } as const;
    expect(decide(asking(laser, { kind: "extend", at: untilMs, who, live: { session } })).reason).toBe("TRAINING_EXPIRED");
    expect(decide(asking(laser, { kind: "extend", at: untilMs - 1, who, live: { session } })).reason).toBe("GRANT_EXTENSION");
  });
  it("T07 names the maintenance lock first and the oops beside it", () => {
    expect(decide(asking(laser, { live: { lockouts: ["oops", "maintenance"] } }))).toMatchObject({
      reason: "LOCKED_OUT",
      also: ["OUT_OF_ORDER"],
    });
  });
  it("T08 lets a maintainer work on a locked machine", () => {
    expect(decide(asking(laser, { kind: "maintain", who: { roles: ["maintainer"] }, live: { lockouts: ["maintenance"] } }))).toMatchObject({
      outcome: "grant",
      reason: "GRANT_MAINTENANCE",
    });
  });
  it("T09 refuses even a maintainer while a fault is latched", () => {
    expect(decide(asking(laser, { kind: "maintain", who: { roles: ["maintainer"] }, live: { lockouts: ["fault"] } })).reason).toBe(
      "DEVICE_FAULT",
    );
  });
  it("T10 refuses while extraction is not ready", () => {
    expect(decide(asking(laser, { live: { ancillariesReady: false } })).reason).toBe("ANCILLARY_NOT_READY");
  });
  it("T11 refuses a maintainer with a hold", () => {
    expect(decide(asking(laser, { who: { roles: ["maintainer"], hold: true } })).reason).toBe("HOLD_ACTIVE");
  });
  it("T12 refuses B while A is busy", () => {
    expect(decide(asking(laser, { live: { session: { member: 3, phase: "busy", idleForMs: 0 } } }))).toMatchObject({
      outcome: "deny",
      reason: "IN_USE",
    });
  });
  it("T13 lets B take over in A's grace, or after two idle minutes, and not before", () => {
    const shared = { ...laser, sharing: "takeover_when_idle" } as const;
    const at = (phase: "grace" | "idle", idleForMs: number) =>
      decide(asking(shared, { live: { session: { member: 3, phase, idleForMs } } })).reason;
    expect([at("grace", 0), at("idle", 120_000), at("idle", 119_999)]).toEqual(["GRANT_TAKEOVER", "GRANT_TAKEOVER", "IN_USE"]);
  });
  it("T14 lets a trainee wait for a supervisor, and start when a trainer taps", () => {
    const trainee = asking(laser, { who: { competence: { level: "trainee", untilMs: null } } });
    expect(decide(trainee)).toMatchObject({ outcome: "pending", reason: "AWAIT_SUPERVISOR" });
    expect(decide({ ...trainee, companions: [beside(3)] })).toMatchObject({ outcome: "pending", reason: "AWAIT_SUPERVISOR" });
    const granted = decide({ ...trainee, companions: [beside(4, { roles: ["trainer"] })] });
    expect(granted).toMatchObject({ outcome: "grant", reason: "GRANT_SUPERVISED", obligations: { supervisor: 4 } });
  });
  it("T15 lets a trainer teach a student without a record", () => {
    const untrained = { competence: { level: "none", untilMs: null } } as const;
    const lesson = asking(laser, { kind: "teach", who: untrained, rest: { companions: [beside(4, { roles: ["trainer"] })] } });
    expect(decide(lesson)).toMatchObject({ outcome: "grant", reason: "GRANT_TEACH", member: 7, obligations: { supervisor: 4 } });
    expect(decide({ ...lesson, companions: [beside(4)] }).reason).toBe("TRAINING_MISSING");
    expect(decide(asking(laser, { kind: "teach", who: { roles: ["trainer"] } }))).toMatchObject({
      outcome: "pending",
      reason: "AWAIT_SECOND_PERSON",
    });
  });
  it("T16 refuses a lost card", () => {
    expect(decide(asking(door, { who: { credential: "lost" } })).reason).toBe("CREDENTIAL_REVOKED");
  });
  it("T17 lets a member in within the days of grace, with a warning", () => {
    const membership = {
      state: "held",
      fromMs: null,
      untilMs: dateEndMs(tz, "2026-03-10"),
      graceUntilMs: dateEndMs(tz, "2026-03-17"),
    } as const;
    expect(decide(asking(door, { who: { membership } }))).toMatchObject({
      outcome: "grant",
      warnings: ["MEMBERSHIP_OVERDUE"],
      reevaluateAtMs: membership.graceUntilMs,
    });
  });
  it("T18 counts Saturday 01:30 to Friday's night", () => {
    const schedules = [{ intervals: [{ weekday: 5, startMin: 18 * 60, endMin: 2 * 60 }], special: [] }];
    const at = (local: string) =>
      decide(asking(door, { at: berlin(local), who: { schedule: 0 }, clock: { floorMs: 0 }, rest: { schedules } })).reason;
    expect([at("2026-03-14T01:30"), at("2026-03-14T02:00"), at("2026-03-15T01:30")]).toEqual([
      "GRANT",
      "OUTSIDE_SCHEDULE",
      "OUTSIDE_SCHEDULE",
    ]);
  });
  it("T19 lets in at both occurrences of 02:30 in the autumn night", () => {
    const schedules = [{ intervals: [{ weekday: 6, startMin: 22 * 60, endMin: 3 * 60 }], special: [] }];
    const first = Temporal.Instant.from("2026-10-25T00:30:00Z").epochMilliseconds;
    for (const at of [first, first + 3_600_000])
      expect(decide(asking(door, { at, who: { schedule: 0 }, rest: { schedules } })).reason).toBe("GRANT");
  });
  it("T20 refuses a scheduled member while the time is unknown", () => {
    const schedules = [{ intervals: [{ weekday: 3, startMin: 0, endMin: 0 }], special: [] }];
    expect(decide(asking(door, { who: { schedule: 0 }, clock: unknownTime, rest: { schedules } })).reason).toBe("CLOCK_UNTRUSTED");
  });
  it("T21 trusts the floor for a 24/7 plan where the policy says so", () => {
    const membership = { state: "held", fromMs: null, untilMs: afternoon, graceUntilMs: null } as const;
    const input = asking({ ...door, unknownClock: "floor" }, { who: { always: true, membership }, clock: unknownTime });
    expect(decide(input)).toMatchObject({ outcome: "grant", reason: "GRANT_DEGRADED", degraded: true });
    expect(decide({ ...input, clock: { ...input.clock, floorMs: afternoon } }).reason).toBe("MEMBERSHIP_EXPIRED");
    expect(decide({ ...input, resource: door }).reason).toBe("CLOCK_UNTRUSTED");
  });
  it("T22 refuses entry in an evacuation and never an exit", () => {
    expect(decide(asking(door, { rest: { mode: "evacuate" } })).reason).toBe("EMERGENCY_ACTIVE");
    expect(
      decide(asking(null, { kind: "exit", who: null, question: { ageMs: 99_999, usable: false }, rest: { mode: "evacuate" } })).reason,
    ).toBe("GRANT_EGRESS");
    expect(decide(asking(door, { who: { roles: ["responder"] }, rest: { mode: "evacuate" } })).reason).toBe("GRANT_RESPONDER");
    expect(decide(asking(door, { who: { roles: ["responder"], credential: "stolen" }, rest: { mode: "evacuate" } })).outcome).toBe("deny");
  });
  it("T23 grants from a snapshot of 30 h while the hub is away, and says so", () => {
    const alone = { rest: { where: onNode(30 * 3_600_000, false) } };
    expect(decide(asking(door, alone))).toMatchObject({ outcome: "grant", reason: "GRANT_DEGRADED", degraded: true });
    expect(decide(asking(door, { rest: { where: onNode(30 * 3_600_000, true) } })).reason).toBe("GRANT");
    expect(decide(asking(door, { rest: { where: onNode(8 * 86_400_000, false) } })).reason).toBe("SNAPSHOT_STALE");
  });
  it("T24 refuses a class-A start without the hub where the policy denies it", () => {
    expect(decide(asking(laser, { rest: { where: onNode(1000, false) } })).reason).toBe("OFFLINE_NOT_ALLOWED");
    const staffOnly = { ...laser, offline: "staff" } as const;
    expect(decide(asking(staffOnly, { who: { roles: ["staff"] }, rest: { where: onNode(1000, false) } })).reason).toBe("GRANT_DEGRADED");
    expect(decide(asking(staffOnly, { rest: { where: onNode(1000, false) } })).reason).toBe("OFFLINE_NOT_ALLOWED");
  });
  it("T25 refuses a fifteen-year-old where sixteen is the least, with and without a clock", () => {
    const minor = { ofAgeMs: berlin("2026-09-01T00:00"), adultMs: berlin("2028-09-01T00:00"), consent: true };
    expect(decide(asking(laser, { who: { minor } })).reason).toBe("MINOR_NOT_ALLOWED");
    expect(decide(asking(laser, { who: { minor }, at: minor.ofAgeMs - 1 })).reason).toBe("OUTSIDE_OPENING_HOURS");
    expect(decide(asking(laser, { who: { minor, always: true }, at: minor.ofAgeMs })).reason).toBe("GRANT");
    const noClock = { ...laser, openingHours: null, unknownClock: "floor" } as const;
    expect(decide(asking(noClock, { who: { minor }, clock: unknownTime })).reason).toBe("MINOR_NOT_ALLOWED");
  });
  it("T26 refuses a third machine where two are the limit, and a second attended class-A machine anywhere", () => {
    const printer = { ...laser, riskClass: "C", attendance: "unattended_ok", memberLimit: 2 } as const;
    const at = (resource: ResourceFacts, all: number, attendedA: number) =>
      decide(asking(resource, { live: { memberSessions: { all, attendedA } } })).reason;
    expect([at(printer, 2, 0), at(printer, 1, 1)]).toEqual(["MEMBER_LIMIT", "GRANT"]);
    expect([at(laser, 1, 1), at(laser, 5, 0)]).toEqual(["MEMBER_LIMIT", "GRANT"]);
  });
  it("T27 waits for a second person and does not take the same member's other card for one", () => {
    const first = asking({ ...laser, twoPerson: "always" });
    expect(decide(first)).toMatchObject({ outcome: "pending", reason: "AWAIT_SECOND_PERSON" });
    expect(decide({ ...first, companions: [beside(7)] })).toMatchObject({ outcome: "deny", reason: "SECOND_PERSON_SAME" });
    expect(decide({ ...first, companions: [beside(7), beside(3)] })).toMatchObject({ outcome: "grant", obligations: { buddy: 3 } });
  });
  it("T28 warns at a full zone where the policy only warns", () => {
    const full = (mode: "warn" | "deny", occupancy: number) =>
      decide(asking({ ...door, capacity: { people: 20, mode } }, { live: { occupancy } }));
    expect(full("warn", 20)).toMatchObject({ outcome: "grant", warnings: ["ZONE_FULL"] });
    expect(full("warn", 19)).toMatchObject({ outcome: "grant", warnings: [] });
    expect([full("deny", 20).reason, full("deny", 19).reason]).toEqual(["ZONE_FULL", "GRANT"]);
  });
});

describe("asking the hub", () => {
  const near = { where: onNode(1000, true) };
  const far = { where: onNode(1000, false) };
  it("asks about a card the snapshot does not know, and refuses it when the hub is away", () => {
    expect(decide(asking(door, { who: null, rest: near })).outcome).toBe("ask");
    expect(decide(asking(door, { who: null, rest: far }))).toMatchObject({ outcome: "deny", reason: "OFFLINE_UNKNOWN" });
    expect(decide(asking(door, { who: null }))).toMatchObject({ outcome: "deny", reason: "UNKNOWN_CREDENTIAL" });
  });
  it("does not ask about a card that was revoked since", () => {
    expect(decide(asking(door, { who: null, live: { revoked: true }, rest: near }))).toMatchObject({
      outcome: "deny",
      reason: "CREDENTIAL_REVOKED",
    });
  });
  it("asks when the policy needs live facts, and applies the offline policy without the hub", () => {
    const paid = { ...door, asks: ["credit" as const] };
    expect(decide(asking(paid, { rest: near })).outcome).toBe("ask");
    expect(decide(asking(paid, { rest: far })).reason).toBe("GRANT_DEGRADED");
    expect(decide(asking(paid, { who: { hold: true }, rest: near })).outcome).toBe("deny");
  });
  it("asks when its snapshot is stale or absent, even where the snapshot would refuse", () => {
    expect(decide(asking(door, { who: { hold: true }, rest: { where: onNode(8 * 86_400_000, true) } })).outcome).toBe("ask");
    expect(
      decide(asking(null, { kind: "enter", who: null, rest: { where: { place: "node", snapshot: null, hubReachable: true } } })).outcome,
    ).toBe("ask");
    expect(
      decide(asking(null, { kind: "enter", who: null, rest: { where: { place: "node", snapshot: null, hubReachable: false } } })).reason,
    ).toBe("OFFLINE_NO_SNAPSHOT");
  });
  it("never asks what it can prove alone", () => {
    for (const question of [{ ageMs: 10_001 }, { usable: false }])
      expect(decide(asking(door, { who: null, question, rest: near })).outcome).toBe("deny");
    expect(decide(asking(door, { who: null, rest: { ...near, mode: "evacuate" } })).outcome).toBe("deny");
  });
});
