/** The decision as a whole: how findings become an answer, what it is called, what a grant carries. */
import { describe, expect, it } from "vitest";
import type { Code, Permit, ResourceFacts, SubjectFacts } from "#contract";
import { denyCodes } from "#contract";
import type { Decision, DecisionInput } from "#core";
import { decide } from "#core";
import { afternoon, asking, berlin, beside, door, laser, onNode } from "./builders.ts";
import { causes } from "./causes.ts";
import { answers } from "./rows.ts";

const minute = 60_000;
const hour = 60 * minute;
const near = { where: onNode(0, true) };
const always = { ...laser, openingHours: null, offline: "snapshot" } satisfies ResourceFacts;
const trainer = beside(4, { roles: ["trainer"] });
const none = { level: "none", untilMs: null } as const;
const trainee = { level: "trainee", untilMs: null } as const;
const permitOf = (input: DecisionInput): Permit | null => decide(input).obligations;

describe("a decision", () => {
  it("of a start carries everything that the machine needs to know", () => {
    const { member, obligations, ...rest } = decide(asking(laser));
    expect(rest).toEqual({
      outcome: "grant",
      reason: "GRANT",
      also: [],
      waived: [],
      warnings: [],
      degraded: false,
      reevaluateAtMs: berlin("2026-03-11T14:15"),
    } satisfies Omit<Decision, "member" | "obligations">);
    expect([member, obligations]).toEqual([
      7,
      {
        leaseMs: 15 * minute,
        idleMs: 20 * minute,
        graceMs: 90_000,
        enableMs: 2 * minute,
        strikeMs: 0,
        shuntMs: 0,
        attended: true,
        holdPolicy: "fixed",
      },
    ]);
  });
  it("of a refusal names the reason, everything else that refuses, and carries nothing", () => {
    const input = asking(laser, { who: { hold: true, competence: none }, live: { lockouts: ["oops", "maintenance"] } });
    expect(decide(input)).toEqual({
      outcome: "deny",
      reason: "HOLD_ACTIVE",
      also: ["LOCKED_OUT", "OUT_OF_ORDER", "TRAINING_MISSING"],
      waived: [],
      warnings: [],
      member: 7,
      obligations: null,
      degraded: false,
      reevaluateAtMs: berlin("2026-03-11T22:58") + 1, // TIME_TOO_SHORT joins
    });
  });
  it("names each refusal once, failures before what is waited for, and that before what is not known", () => {
    const both = { ...laser, twoPerson: "always", minorsNeedSupervisor: true, exclusiveGroup: "dusty", offline: "snapshot" } as const;
    const minor = { ofAgeMs: null, adultMs: afternoon + 1, consent: true };
    const input = asking(both, { who: { competence: trainee, minor, waiver: "missing" }, rest: near });
    expect(answers(input)).toBe("deny WAIVER_MISSING; also AWAIT_SUPERVISOR, AWAIT_SECOND_PERSON, EXCLUSIVE_CONFLICT");
    expect(answers(asking(both, { who: { competence: trainee, minor }, rest: near }))).toBe(
      "ask AWAIT_SUPERVISOR; also AWAIT_SECOND_PERSON, EXCLUSIVE_CONFLICT",
    );
    expect(answers(asking(both, { who: { competence: trainee, minor }, live: { groupBusy: false }, rest: near }))).toBe(
      "pending AWAIT_SUPERVISOR; also AWAIT_SECOND_PERSON",
    );
  });
  it("warns of all there is with a grant, and of nothing with a refusal", () => {
    const membership = { state: "held", fromMs: null, untilMs: afternoon + 1, graceUntilMs: afternoon + 2 * hour } as const;
    const who = { membership, competence: { level: "competent", untilMs: afternoon + 2 * hour } } as const;
    expect(decide(asking({ ...laser, loneWorking: "warn" }, { who })).warnings).toEqual([
      "MEMBERSHIP_ENDS",
      "TRAINING_ENDS",
      "LONE_WORKING",
    ]);
    expect(decide(asking({ ...laser, loneWorking: "warn" }, { who: { ...who, hold: true } })).warnings).toEqual([]);
  });
  it("that is free or changes nothing carries nothing", () => {
    expect([permitOf(asking(door, { kind: "exit" })), permitOf(asking(laser, { kind: "stop" }))]).toEqual([null, null]);
    expect(permitOf(asking(door, { question: { duplicate: true } }))).toBeNull();
    expect(permitOf(causes.AWAIT_SECOND_PERSON)).toBeNull();
  });
  it("lets a responder in with what the door needs", () => {
    const input = asking(door, { who: { roles: ["responder"] }, rest: { mode: "evacuate" } });
    expect(permitOf(input)).toEqual(permitOf(asking(door)));
  });
});

describe("what a grant carries", () => {
  const times = { leaseMs: 0, idleMs: 0, graceMs: 0, enableMs: 1000, strikeMs: 0, shuntMs: 0 };
  it("of a door is how long it opens", () => {
    expect(permitOf(asking(door))).toEqual({ ...times, strikeMs: 5000, shuntMs: 30_000, attended: true, holdPolicy: "until_idle" });
    const openMs = (change: object, moreTime: boolean) =>
      permitOf(asking({ ...door, door: { strikeMs: 5000, shuntMs: 30_000, ...change } }, { who: { moreTime } }))?.shuntMs;
    expect([openMs({}, false), openMs({}, true)], "a member who needs more time").toEqual([30_000, 120_000]);
    expect([openMs({ extendedShuntMs: 240_000 }, true), openMs({ shuntMs: 200_000 }, true)]).toEqual([240_000, 200_000]);
  });
  it("stays within the limits of the wire", () => {
    const most = { leaseMs: 1e12, idleMs: 1e12, graceMs: 1e12, enableMs: 1e12 };
    const wide = { ...laser, lease: most, door: { strikeMs: 1e12, shuntMs: 1e12 } };
    const limits = {
      leaseMs: 12 * hour,
      idleMs: 12 * hour,
      graceMs: 10 * minute,
      enableMs: 5 * minute,
      strikeMs: 30_000,
      shuntMs: 10 * minute,
    };
    expect(permitOf(asking(wide))).toMatchObject(limits);
    const least = { leaseMs: -1, idleMs: -1, graceMs: -1, enableMs: -1 };
    expect(permitOf(asking({ ...laser, lease: least, door: { strikeMs: -1, shuntMs: -1 } }))).toMatchObject(times);
  });
  it("says what happens when its lease ends without the hub", () => {
    const held = (riskClass: ResourceFacts["riskClass"], attendance: ResourceFacts["attendance"]) => {
      const permit = permitOf(asking({ ...laser, riskClass, attendance }));
      return [permit?.attended, permit?.holdPolicy];
    };
    expect(held("A", "attended")).toEqual([true, "fixed"]);
    expect(held("B", "attended")).toEqual([true, "until_idle"]);
    expect(held("A", "unattended_ok")).toEqual([false, "indefinite"]);
    expect(held("A", "unattended_after_start")).toEqual([false, "until_idle"]);
  });
  it("names who has to stay: supervisor and second person", () => {
    const named = (input: DecisionInput) => [permitOf(input)?.supervisor, permitOf(input)?.buddy];
    const two = { ...laser, twoPerson: "always" } as const;
    const both = { companions: [beside(3), trainer] };
    expect(named(asking(laser, { rest: both }))).toEqual([undefined, undefined]);
    expect(named(asking(two, { rest: both }))).toEqual([undefined, 3]);
    expect(named(asking(two, { who: { competence: trainee }, rest: both }))).toEqual([4, 3]);
    expect(named(asking(laser, { kind: "teach", who: { competence: none }, rest: both }))).toEqual([4, undefined]);
    expect(named(asking(laser, { kind: "extend", who: { competence: none }, rest: both }))).toEqual([4, undefined]);
    const minor = { ofAgeMs: null, adultMs: afternoon + 1, consent: true };
    expect(named(asking({ ...laser, minorsNeedSupervisor: true }, { who: { minor }, rest: both }))).toEqual([3, undefined]);
    expect("supervisor" in (permitOf(asking(laser)) ?? {}) || "buddy" in (permitOf(asking(laser)) ?? {})).toBe(false);
  });
  it("names each accessory and whether it may be switched on", () => {
    const accessories = ["rotary", "camera", "chuck"].map((accessory) => ({ accessory, label: accessory }));
    const learnt: SubjectFacts["accessories"] = { rotary: none, camera: { level: "competent", untilMs: null } };
    const permit = permitOf(asking({ ...laser, accessories }, { who: { accessories: learnt } }));
    expect(permit?.accessories).toEqual({ rotary: false, camera: true, chuck: true });
    expect("accessories" in (permitOf(asking(laser)) ?? {})).toBe(false);
    const extended = permitOf(
      asking(
        { ...laser, accessories },
        { kind: "extend", who: { accessories: learnt, competence: none }, rest: { companions: [trainer] } },
      ),
    );
    expect(extended?.accessories).toEqual({ rotary: true, camera: true, chuck: true });
  });
});

describe("a grant is called", () => {
  const lesson = [{ fromMs: afternoon, untilMs: afternoon + hour }];
  const session = { session: { member: 3, phase: "grace", idleForMs: 0 } } as const;
  const alone = { where: onNode(0, false) };
  const names: readonly (readonly [Code, why: string, DecisionInput])[] = [
    [
      "GRANT_MAINTENANCE",
      "before that the machine is always on",
      asking({ ...always, alwaysEnabled: true }, { kind: "maintain", who: { roles: ["maintainer"] } }),
    ],
    [
      "GRANT_TEACH",
      "before the class that it is in",
      asking(always, { kind: "teach", who: { events: lesson }, rest: { companions: [trainer] } }),
    ],
    [
      "GRANT_HANDOVER",
      "before who watches over it",
      asking(
        { ...always, sharing: "handover" },
        { kind: "handover", who: { competence: trainee }, live: session, rest: { companions: [beside(3), trainer] } },
      ),
    ],
    ["GRANT_TAKEOVER", "before the missing hub", asking({ ...always, sharing: "takeover_when_idle" }, { live: session, rest: alone })],
    [
      "GRANT_ALWAYS_ENABLED",
      "before what is only said",
      asking({ ...always, alwaysEnabled: true, warnOnly: true }, { who: { inPlan: false } }),
    ],
    [
      "GRANT_WARN_ONLY",
      "before the class",
      asking({ ...always, riskClass: "B", warnOnly: true }, { who: { events: lesson, waiver: "missing" } }),
    ],
    ["GRANT_EXTENSION", "before the class", asking({ ...always, riskClass: "B" }, { kind: "extend", who: { events: lesson } })],
    ["GRANT_DEGRADED", "before an extension", asking(always, { kind: "extend", rest: alone })],
    [
      "GRANT_EVENT",
      "before who watches over it",
      asking(always, { who: { events: lesson, competence: none }, rest: { companions: [trainer] } }),
    ],
    [
      "GRANT_SUPERVISED",
      "before the missing hub",
      asking(always, { who: { competence: trainee }, rest: { ...alone, companions: [trainer] } }),
    ],
    ["GRANT_DEGRADED", "without the hub", asking(always, { rest: alone })],
    ["GRANT_DEGRADED", "without the time", asking(always, { clock: { nowMs: null } })],
    ["GRANT", "on an ordinary day", asking(always)],
  ];
  it.each(names)("%s %s", (name, _why, input) => {
    expect(decide(input)).toMatchObject({ outcome: "grant", reason: name });
  });
  it("and is provisional without the hub or the time, where something opens or runs", () => {
    const degraded = (input: DecisionInput) => decide(input).degraded;
    expect([degraded(asking(always, { rest: alone })), degraded(asking(always, { clock: { nowMs: null } }))]).toEqual([true, true]);
    expect([degraded(asking(door, { clock: { nowMs: null } })), degraded(asking(door, { kind: "exit", clock: { nowMs: null } }))]).toEqual([
      true,
      false,
    ]);
    expect([degraded(asking(always, { rest: near })), degraded(asking(always)), degraded(causes.OFFLINE_NOT_ALLOWED)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(degraded(asking(laser, { kind: "stop", clock: { nowMs: null } }))).toBe(false);
  });
});

describe("a node with the hub in reach", () => {
  /** Nothing about the person decides these; the hub would say the same. */
  const proven: readonly Code[] = [
    "DEVICE_NOT_AUTHORISED",
    "RESOURCE_UNKNOWN",
    "REQUEST_STALE",
    "TOO_MANY_ATTEMPTS",
    "EMERGENCY_ACTIVE",
    "LOCKDOWN",
    "CREDENTIAL_UNUSABLE",
    "INTERNAL_ERROR",
  ];
  const elsewhere: readonly Code[] = ["DUPLICATE_REQUEST", "ENROLMENT_CAPTURED", "OFFLINE_NO_SNAPSHOT"];
  const stale = { where: onNode(8 * 86_400_000, true) };
  it.each(denyCodes.filter((code) => !elsewhere.includes(code)))(
    "with a stale snapshot asks about %s, unless it can prove that alone",
    (code) => {
      expect(decide({ ...causes[code], ...stale }).outcome).toBe(proven.includes(code) ? "deny" : "ask");
    },
  );
  it("asks about a card it does not know, where it asks about a known one", () => {
    for (const code of ["HOLD_ACTIVE", "IN_USE", "MEMBER_LIMIT"] as const)
      expect(decide({ ...causes[code], ...near, subject: null })).toMatchObject({ outcome: "ask", reason: "UNKNOWN_CREDENTIAL" });
  });
  it("does not ask about a known card that its snapshot refuses, nor about one that was revoked", () => {
    expect(answers({ ...causes.HOLD_ACTIVE, ...near })).toBe("deny HOLD_ACTIVE");
    expect(answers(asking(door, { who: null, live: { revoked: true }, rest: near }))).toBe("deny CREDENTIAL_REVOKED");
  });
  it("asks what its policy wants asked, be it a grant or a wait, and decides alone when it is alone", () => {
    const asks: ResourceFacts = { ...door, asks: ["credit"], twoPerson: "always" };
    expect(decide(asking(asks, { rest: { ...near, companions: [beside(3)] } }))).toMatchObject({
      outcome: "ask",
      reason: "GRANT",
      obligations: null,
    });
    expect(answers(asking(asks, { rest: near }))).toBe("ask AWAIT_SECOND_PERSON");
    expect(answers(asking(asks, { rest: { where: onNode(0, false) } }))).toBe("pending AWAIT_SECOND_PERSON");
    expect(answers(asking(asks))).toBe("pending AWAIT_SECOND_PERSON");
    expect(answers(asking({ ...asks, asks: [] }, { rest: near }))).toBe("pending AWAIT_SECOND_PERSON");
  });
  it("asks about a second card it does not know, instead of waiting", () => {
    const two: ResourceFacts = { ...door, twoPerson: "always" };
    expect(answers(asking(two, { rest: { ...near, strangers: true } }))).toBe("ask AWAIT_SECOND_PERSON");
    expect(answers(asking(two, { rest: { ...near, strangers: false } }))).toBe("pending AWAIT_SECOND_PERSON");
    expect(answers(asking(two, { rest: { where: onNode(0, false), strangers: true } }))).toBe("pending AWAIT_SECOND_PERSON");
  });
});
