/** When to ask again: the instant at which the answer changes by itself, and after a grant the end of the lease at the latest. */
import { describe, expect, it } from "vitest";
import type { ResourceFacts, Schedule, SubjectFacts } from "#contract";
import type { DecisionInput } from "#core";
import { answerChangesAtMs, decide } from "#core";
import { afternoon, asking, beside, daily, door, facts, laser, onNode } from "./builders.ts";
import { answers } from "./rows.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const soon = afternoon + 10 * minute;
const always = { ...laser, openingHours: null, offline: "snapshot" } satisfies ResourceFacts;
const membership = (changes: Partial<SubjectFacts["membership"]>) => ({
  membership: { state: "held" as const, fromMs: null, untilMs: null, graceUntilMs: null, ...changes },
});
const level = (name: SubjectFacts["competence"]["level"], untilMs: number | null = null) => ({ competence: { level: name, untilMs } });
const trainee = level("trainee");
const trainer = (changes: Partial<SubjectFacts> = {}, member = 4) => beside(member, { roles: ["trainer"], ...changes });
const minor = (changes: Partial<NonNullable<SubjectFacts["minor"]>>) => ({
  minor: { ofAgeMs: null, adultMs: afternoon + day, consent: true, ...changes },
});
const booked = (fromMs: number, changes: Partial<ResourceFacts> = {}, checkedIn = false): ResourceFacts => ({
  ...always,
  booking: { mode: "optional", leadMs: 5 * minute, noShowMs: 15 * minute },
  bookings: [{ member: 3, fromMs, untilMs: fromMs + 4 * hour, checkedIn }],
  ...changes,
});
const overridden = (untilMs = afternoon + day) => ({
  overrides: [{ codes: ["BOOKED_BY_OTHER" as const], sinceMs: 0, untilMs, by: ["steward" as const] }],
});
const session = (phase: "idle" | "grace", idleForMs: number) => ({ session: { member: 3, phase, idleForMs } });
const takeover = { ...always, sharing: "takeover_when_idle" } satisfies ResourceFacts;
const node = (ageMs: number) => ({ where: onNode(ageMs, false) });
const week = 7 * day;

/** what flips · from the answer · to the answer · at · the question */
const flips: readonly (readonly [what: string, from: string, to: string, atMs: number, DecisionInput])[] = [
  ["a card begins", "deny CREDENTIAL_NOT_YET_VALID", "grant GRANT", soon, asking(door, { who: { credentialFromMs: soon } })],
  ["a card ends", "grant GRANT", "deny CREDENTIAL_EXPIRED", soon, asking(door, { who: { credentialUntilMs: soon } })],
  ["a membership begins", "deny MEMBERSHIP_NOT_STARTED", "grant GRANT", soon, asking(door, { who: membership({ fromMs: soon }) })],
  [
    "its end comes near",
    "grant GRANT",
    "grant GRANT; warns MEMBERSHIP_ENDS",
    soon,
    asking(door, { who: membership({ untilMs: soon + 14 * day }) }),
  ],
  ["it ends", "grant GRANT; warns MEMBERSHIP_ENDS", "deny MEMBERSHIP_EXPIRED", soon, asking(door, { who: membership({ untilMs: soon }) })],
  [
    "its days of grace begin",
    "grant GRANT; warns MEMBERSHIP_ENDS",
    "grant GRANT; warns MEMBERSHIP_OVERDUE",
    soon,
    asking(door, { who: membership({ untilMs: soon, graceUntilMs: soon + day }) }),
  ],
  [
    "they end",
    "grant GRANT; warns MEMBERSHIP_OVERDUE",
    "deny MEMBERSHIP_EXPIRED",
    soon,
    asking(door, { who: membership({ untilMs: afternoon, graceUntilMs: soon }) }),
  ],
  [
    "the end of a training comes near",
    "grant GRANT",
    "grant GRANT; warns TRAINING_ENDS",
    soon,
    asking(always, { who: level("competent", soon + 14 * day) }),
  ],
  [
    "a training ends",
    "grant GRANT_EXTENSION; warns TRAINING_ENDS",
    "deny TRAINING_EXPIRED",
    soon,
    asking(always, { kind: "extend", who: level("competent", soon) }),
  ],
  ["a hold ends", "deny HOLD_ACTIVE", "grant GRANT", soon, asking(door, { who: { hold: true, holdUntilMs: soon } })],
  ["a restriction ends", "deny RESTRICTED_HERE", "grant GRANT", soon, asking(door, { who: { restricted: true, restrictedUntilMs: soon } })],
  [
    "a visit ends",
    "grant GRANT",
    "deny MEMBERSHIP_EXPIRED",
    soon,
    asking({ ...door, guests: "with_host" }, { who: { guest: { host: 4, untilMs: soon, visitsLeft: null } }, live: { hostPresent: true } }),
  ],
  ["somebody is old enough", "deny MINOR_NOT_ALLOWED", "grant GRANT", soon, asking(door, { who: minor({ ofAgeMs: soon }) })],
  ["somebody comes of age", "deny CONSENT_MISSING", "grant GRANT", soon, asking(door, { who: minor({ adultMs: soon, consent: false }) })],
  [
    "a class begins",
    "deny NOT_IN_PLAN",
    "grant GRANT_EVENT",
    soon,
    asking(door, { who: { inPlan: false, events: [{ fromMs: soon, untilMs: soon + hour }] } }),
  ],
  [
    "a class ends",
    "grant GRANT_EVENT",
    "deny NOT_IN_PLAN",
    soon,
    asking(door, { who: { inPlan: false, events: [{ fromMs: afternoon, untilMs: soon }] } }),
  ],
  [
    "the training of an accessory ends",
    "grant GRANT",
    "grant GRANT",
    soon,
    asking(
      { ...always, accessories: [{ accessory: "rotary", label: "Rotary axis" }] },
      { who: { accessories: { rotary: { level: "competent", untilMs: soon } } } },
    ),
  ],
  [
    "a trainer's card ends",
    "grant GRANT_SUPERVISED",
    "pending AWAIT_SUPERVISOR",
    soon,
    asking(always, { who: trainee, rest: { companions: [trainer({ credentialUntilMs: soon })] } }),
  ],
  [
    "another trainer has to watch",
    "grant GRANT_SUPERVISED",
    "grant GRANT_SUPERVISED",
    soon,
    asking(always, { who: trainee, rest: { companions: [trainer({ credentialUntilMs: soon }), trainer({}, 5)] } }),
  ],
  [
    "another second person has to stay",
    "grant GRANT",
    "grant GRANT",
    soon,
    asking({ ...always, twoPerson: "always" }, { rest: { companions: [beside(3, { credentialUntilMs: soon }), beside(5)] } }),
  ],
  [
    "an override ends",
    "grant GRANT_OVERRIDE; waived BOOKED_BY_OTHER",
    "deny BOOKED_BY_OTHER",
    soon,
    asking(booked(afternoon - hour), { who: overridden(soon) }),
  ],
  [
    "nobody came to a booking that may be overridden",
    "deny BOOKED_BY_OTHER",
    "grant GRANT_OVERRIDE; waived BOOKED_BY_OTHER",
    soon,
    asking(booked(soon - 15 * minute), { who: overridden() }),
  ],
  [
    "nobody came to a booking",
    "deny BOOKED_BY_OTHER",
    "grant GRANT",
    soon,
    asking(booked(afternoon - hour), { live: { freeSinceMs: soon - 15 * minute } }),
  ],
  ["a booking comes near", "grant GRANT", "grant GRANT; warns BOOKING_NEXT", soon, asking(booked(soon + hour))],
  ["a machine is held for a booking", "grant GRANT; warns BOOKING_NEXT", "deny BOOKED_BY_OTHER", soon, asking(booked(soon + 5 * minute))],
  ["a booking begins", "grant GRANT_EXTENSION; warns BOOKING_NEXT", "deny BOOKED_BY_OTHER", soon, asking(booked(soon), { kind: "extend" })],
  ["a booking ends", "deny BOOKED_BY_OTHER", "grant GRANT", soon, asking(booked(soon - 4 * hour, {}, true))],
  [
    "a shift begins",
    "deny STEWARD_REQUIRED",
    "grant GRANT",
    soon,
    asking({ ...always, stewardRequired: true, duty: [{ member: 9, fromMs: soon, untilMs: soon + hour }] }),
  ],
  [
    "a shift ends",
    "grant GRANT",
    "deny STEWARD_REQUIRED",
    soon,
    asking({ ...always, stewardRequired: true, duty: [{ member: 9, fromMs: afternoon, untilMs: soon }] }),
  ],
  ["the space opens", "deny OUTSIDE_OPENING_HOURS", "grant GRANT", soon, asking({ ...door, openingHours: daily(14 * 60 + 10, 900) })],
  ["the space closes", "grant GRANT", "deny OUTSIDE_OPENING_HOURS", soon, asking({ ...door, openingHours: daily(0, 14 * 60 + 10) })],
  ["too little time is left", "grant GRANT", "deny TIME_TOO_SHORT", soon + 1, asking({ ...always, openingHours: daily(0, 14 * 60 + 12) })],
  [
    "a member's hours begin",
    "deny OUTSIDE_SCHEDULE",
    "grant GRANT",
    soon,
    asking(door, { who: { schedule: 0 }, rest: { schedules: [daily(14 * 60 + 10, 900)] } }),
  ],
  [
    "the hours for two begin",
    "grant GRANT",
    "pending AWAIT_SECOND_PERSON",
    soon,
    asking({ ...always, twoPerson: daily(14 * 60 + 10, 900) }),
  ],
  ["a snapshot grows stale", "grant GRANT_DEGRADED", "deny SNAPSHOT_STALE", soon + 1, asking(door, { rest: node(week - 10 * minute) })],
  [
    "too stale for staff as well",
    "grant GRANT_DEGRADED",
    "deny SNAPSHOT_STALE",
    soon + 1,
    asking(door, { who: { roles: ["staff"] }, rest: node(2 * week - 10 * minute) }),
  ],
  [
    "a reader's silence ends",
    "deny TOO_MANY_ATTEMPTS",
    "grant GRANT",
    soon,
    asking(door, { live: { readerPenaltyUntilMono: 1_000_000 + 10 * minute } }),
  ],
  [
    "a machine has been idle for long enough",
    "deny IN_USE",
    "grant GRANT_TAKEOVER",
    afternoon + minute,
    asking(takeover, { live: session("idle", minute) }),
  ],
];

/** The same question later: what counts from a beginning has grown older. */
function later(input: DecisionInput, atMs: number): DecisionInput {
  const passedMs = atMs - (input.clock.nowMs ?? 0);
  const { live, where } = input;
  return {
    ...input,
    clock: { ...input.clock, nowMs: atMs },
    live: {
      ...live,
      nowMono: live.nowMono + passedMs,
      session: live.session === null ? null : { ...live.session, idleForMs: live.session.idleForMs + passedMs },
    },
    where:
      where.place === "hub" || where.snapshot === null
        ? where
        : { ...where, snapshot: { ...where.snapshot, ageMs: where.snapshot.ageMs + passedMs } },
  };
}

describe("the answer changes when", () => {
  it.each(flips)("%s", (_what, from, to, atMs, input) => {
    expect([answers(input), answers(later(input, atMs - 1)), answers(later(input, atMs))]).toEqual([from, from, to]);
    expect(answerChangesAtMs(input)).toBe(atMs);
  });
});

describe("what counts from a beginning grows older with every look", () => {
  /** a fact that flips on the way and changes nothing */
  const onTheWay = { ...door, duty: [{ member: 9, fromMs: afternoon + 30_000, untilMs: afternoon + 60_000 }] };
  it("a reader's silence", () => {
    expect(answerChangesAtMs(asking(onTheWay, { live: { readerPenaltyUntilMono: 1_000_000 + 90_000 } }))).toBe(afternoon + 90_000);
  });
  it("the age of a snapshot", () => {
    const staff = { roles: ["staff" as const] };
    expect(answerChangesAtMs(asking(onTheWay, { who: staff, rest: node(week - 10 * minute) }))).toBe(soon + week + 1);
  });
  it("another's idle time", () => {
    expect(answerChangesAtMs(asking({ ...takeover, duty: onTheWay.duty }, { live: session("idle", 0) }))).toBe(afternoon + 2 * minute);
  });
  it("and not a session that nobody leaves idle", () => {
    expect(answerChangesAtMs(asking(takeover, { live: session("grace", 0) }))).toBeNull();
  });
});

describe("nothing is to be asked again", () => {
  const ends = { credentialUntilMs: soon };
  it.each([
    ["after an exit", asking(door, { kind: "exit", who: ends })],
    ["after a stop", asking(laser, { kind: "stop", who: ends })],
    ["of what was done already", asking(door, { who: ends, question: { duplicate: true } })],
    ["without the time", asking(door, { who: ends, clock: { nowMs: null } })],
    ["where no end is in sight", asking(door)],
    [
      "where what is past is past",
      asking(door, { who: { ...membership({ fromMs: afternoon }), holdUntilMs: afternoon, restrictedUntilMs: afternoon } }),
    ],
    ["where only a broken fact could tell", asking({ ...laser, tz: "Nowhere/Land" })],
  ] as const)("%s", (_when, input) => {
    expect([answerChangesAtMs(input), decide(input).reevaluateAtMs]).toEqual([null, null]);
  });
  it("but a stop that was refused may be granted", () => {
    const refused = asking(laser, {
      kind: "stop",
      who: { hold: true, holdUntilMs: soon },
      live: { session: { member: 3, phase: "busy", idleForMs: 0 } },
    });
    expect(answerChangesAtMs(refused)).toBe(soon);
  });
});

describe("a granted use", () => {
  const leaseEnd = afternoon + 15 * minute;
  const again = (input: DecisionInput) => decide(input).reevaluateAtMs;
  it("is looked at again at the end of its lease", () => {
    expect([again(asking(always)), again(asking(always, { kind: "extend" }))]).toEqual([leaseEnd, leaseEnd]);
    expect(again(asking(always, { kind: "maintain", who: { roles: ["maintainer"] } }))).toBe(leaseEnd);
  });
  it("earlier when its extension would be refused, not when another start would", () => {
    expect(again(asking({ ...always, openingHours: daily(0, 14 * 60 + 12) }))).toBe(afternoon + 12 * minute);
    expect(again(asking(booked(afternoon + 11 * minute)))).toBe(afternoon + 11 * minute);
    expect(again(asking(always, { who: { credentialUntilMs: leaseEnd } }))).toBe(leaseEnd);
    expect(again(asking(always, { kind: "teach", who: level("none"), rest: { companions: [trainer({ credentialUntilMs: soon })] } }))).toBe(
      soon,
    );
  });
  it("without a lease when that happens, or never", () => {
    const endless = { ...always, lease: { ...laser.lease, leaseMs: 0 } };
    expect([again(asking(endless)), again(asking(endless, { who: { credentialUntilMs: afternoon + day } }))]).toEqual([
      null,
      afternoon + day,
    ]);
  });
  it("and a door, which is entered at once, when the same question is answered otherwise", () => {
    expect(again(asking({ ...door, lease: laser.lease }, { who: { credentialUntilMs: afternoon + day } }))).toBe(afternoon + day);
  });
  it("of always-on machines by nobody in particular is asked again as it was", () => {
    expect(again({ ...asking({ ...always, disabled: true }, { who: { credentialUntilMs: soon } }), subject: null })).toBeNull();
  });
});

describe("many flips that change nothing", () => {
  const hourly: Schedule = {
    intervals: [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) =>
      Array.from({ length: 24 }, (_, h) => ({ weekday, startMin: h * 60, endMin: h * 60 + 30 })),
    ),
    special: [],
  };
  it("are looked at sixty-four times; then the last is named, which is early and never late", () => {
    const duty = Array.from({ length: 40 }, (_, i) => ({
      member: 9,
      fromMs: afternoon + i * minute + 1,
      untilMs: afternoon + i * minute + 30_000,
    }));
    const input = asking({ ...door, duty }, { who: { credentialUntilMs: afternoon + day } });
    expect(answerChangesAtMs(input)).toBe(afternoon + 31 * minute + 30_000);
    expect(answerChangesAtMs(asking({ ...door, duty: duty.slice(0, 31) }, { who: { credentialUntilMs: afternoon + day } }))).toBe(
      afternoon + day,
    );
  });
  it("are looked at no further than the lease", () => {
    const input = asking(
      { ...always, stewardRequired: false, twoPerson: hourly },
      { rest: { companions: [{ member: 3, facts: facts() }] } },
    );
    expect(decide(input).reevaluateAtMs).toBe(afternoon + 15 * minute);
  });
});
