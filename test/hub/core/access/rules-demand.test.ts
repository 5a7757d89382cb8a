/** R66–R69 row by row: is it somebody else's turn, can the house bear it, is it fit to be used. */
import { describe } from "vitest";
import type { ResourceFacts } from "#contract";
import type { LiveFacts } from "#core";
import { afternoon, asking, beside, door, laser, onNode } from "./builders.ts";
import type { Table } from "./rows.ts";
import { passes, play, refuses, silent, waits } from "./rows.ts";

const minute = 60_000;
const hour = 60 * minute;
const noClock = { nowMs: null, quality: "unknown" } as const;
const near = { where: onNode(1000, true) };
const alone = { where: onNode(1000, false) };
const always = { ...laser, openingHours: null, offline: "snapshot" } satisfies ResourceFacts;
const session = (phase: "enabled" | "idle" | "busy" | "grace" | "unattended", idleForMs = 0, member = 3) => ({
  session: { member, phase, idleForMs },
});
const stopping = { kind: "stop", live: { ...session("busy") } } as const;
const maintainer = { kind: "maintain" as const, who: { roles: ["maintainer" as const] } };
const locked = (...lockouts: LiveFacts["lockouts"]) => ({ lockouts });
const trainer = beside(4, { roles: ["trainer"] });

/** Somebody else's, unless said otherwise; from now for an hour. */
const booking = (changes: Partial<NonNullable<ResourceFacts["bookings"]>[number]> = {}) => ({
  fromMs: afternoon,
  untilMs: afternoon + hour,
  member: 3,
  checkedIn: false,
  ...changes,
});
const booked = (mode: "optional" | "required", ...bookings: readonly ReturnType<typeof booking>[]): ResourceFacts => ({
  ...always,
  booking: { mode, leadMs: 5 * minute, noShowMs: 15 * minute },
  bookings: [...bookings],
});
const group = { ...always, exclusiveGroup: "dusty" } satisfies ResourceFacts;
const fed = { ...always, feed: { circuit: "f1", ratedW: 2000, budgetW: 3600 } } satisfies ResourceFacts;
const checkedByNext = { ...laser, check: "next_user" } satisfies ResourceFacts;
const dueAfter = (rejected: boolean, lastMember: number) => ({ ...locked("check"), check: { rejected, lastMember } });
const restless = { ...laser, restartable: false } satisfies ResourceFacts;

const demand: Table = {
  R66: [
    ["refuses what another has booked", "fail BOOKED_BY_OTHER; skip", "deny BOOKED_BY_OTHER", asking(booked("optional", booking()))],
    [
      "refuses it from five minutes before",
      "fail BOOKED_BY_OTHER; warn BOOKING_NEXT",
      "deny BOOKED_BY_OTHER",
      asking(booked("optional", booking({ fromMs: afternoon + 5 * minute }))),
    ],
    [
      "until then passes, and says that it is next",
      "pass; warn BOOKING_NEXT",
      "grant GRANT; warns BOOKING_NEXT",
      asking(booked("optional", booking({ fromMs: afternoon + 5 * minute + 1, untilMs: afternoon + 2 * hour }))),
    ],
    [
      "says so an hour before",
      "pass; warn BOOKING_NEXT",
      "grant GRANT; warns BOOKING_NEXT",
      asking(booked("optional", booking({ fromMs: afternoon + hour, untilMs: afternoon + 2 * hour }))),
    ],
    [
      "not earlier",
      "pass; skip",
      "grant GRANT",
      asking(booked("optional", booking({ fromMs: afternoon + hour + 1, untilMs: afternoon + 2 * hour }))),
    ],
    [
      "passes from its end",
      "pass; skip",
      "grant GRANT",
      asking(booked("optional", booking({ fromMs: afternoon - hour, untilMs: afternoon }))),
    ],
    [
      "refuses until a quarter of an hour after its beginning",
      "fail BOOKED_BY_OTHER; skip",
      "deny BOOKED_BY_OTHER",
      asking(booked("optional", booking({ fromMs: afternoon - 15 * minute + 1 })), { live: { freeSinceMs: 0 } }),
    ],
    [
      "from then passes when nobody came",
      "pass; skip",
      "grant GRANT",
      asking(booked("optional", booking({ fromMs: afternoon - 15 * minute })), { live: { freeSinceMs: 0 } }),
    ],
    [
      "counts that only from when the machine is free",
      "fail BOOKED_BY_OTHER; skip",
      "deny BOOKED_BY_OTHER",
      asking(booked("optional", booking({ fromMs: afternoon - 30 * minute })), { live: { freeSinceMs: afternoon - 15 * minute + 1 } }),
    ],
    [
      "which is not known",
      "fail BOOKED_BY_OTHER; skip",
      "deny BOOKED_BY_OTHER",
      asking(booked("optional", booking({ fromMs: afternoon - 30 * minute }))),
    ],
    [
      "nor free while another uses it",
      "fail BOOKED_BY_OTHER; skip",
      "deny IN_USE; also BOOKED_BY_OTHER",
      asking(booked("optional", booking({ fromMs: afternoon - 30 * minute })), { live: { ...session("busy", 0, 9), freeSinceMs: 0 } }),
    ],
    [
      "keeps it for who has come",
      "fail BOOKED_BY_OTHER; skip",
      "deny BOOKED_BY_OTHER",
      asking(booked("optional", booking({ fromMs: afternoon - 30 * minute, checkedIn: true })), { live: { freeSinceMs: 0 } }),
    ],
    [
      "lets a session run until the booking begins",
      "pass; warn BOOKING_NEXT",
      "grant GRANT_EXTENSION; warns BOOKING_NEXT",
      asking(booked("optional", booking({ fromMs: afternoon + 1 })), { kind: "extend" }),
    ],
    ["and ends it then", "fail BOOKED_BY_OTHER; skip", "deny BOOKED_BY_OTHER", asking(booked("optional", booking()), { kind: "extend" })],
    ["refuses without a booking where one is required", "fail BOOKING_REQUIRED; skip", "deny BOOKING_REQUIRED", asking(booked("required"))],
    ["passes with one", "pass; skip", "grant GRANT", asking(booked("required", booking({ member: 7 })))],
    [
      "from five minutes before it",
      "pass; skip",
      "grant GRANT",
      asking(booked("required", booking({ member: 7, fromMs: afternoon + 5 * minute }))),
    ],
    [
      "not earlier",
      "fail BOOKING_REQUIRED; skip",
      "deny BOOKING_REQUIRED",
      asking(booked("required", booking({ member: 7, fromMs: afternoon + 5 * minute + 1 }))),
    ],
    [
      "not after it",
      "fail BOOKING_REQUIRED; skip",
      "deny BOOKING_REQUIRED",
      asking(booked("required", booking({ member: 7, fromMs: afternoon - hour, untilMs: afternoon }))),
    ],
    [
      "keeps what is reserved for a class from others",
      "fail BOOKED_BY_OTHER; skip",
      "deny BOOKED_BY_OTHER",
      asking(booked("required", booking({ member: 0 }))),
    ],
    [
      "passes who is in the class",
      "pass; skip",
      "grant GRANT_EVENT",
      asking({ ...booked("required", booking({ member: 0 })), riskClass: "B" }, { who: { events: [booking()] } }),
    ],
    [
      "passes the class where only another hour is reserved for it",
      "pass; skip",
      "grant GRANT_EVENT",
      asking({ ...booked("required"), riskClass: "B" }, { who: { events: [booking()] } }),
    ],
    ["passes a trainer", "pass; skip", "grant GRANT", asking(booked("required", booking({ member: 0 })), { who: { roles: ["trainer"] } })],
    [
      "passes who has a trainer beside them",
      "pass; skip",
      "grant GRANT_TEACH",
      asking(booked("required", booking({ member: 0 })), { kind: "teach", rest: { companions: [trainer] } }),
    ],
    [
      "not who has somebody else beside them",
      "fail BOOKED_BY_OTHER; skip",
      "deny BOOKED_BY_OTHER",
      asking(booked("required", booking({ member: 0 })), { rest: { companions: [beside(4)] } }),
    ],
    [
      "says nothing to who mends, but that somebody is next",
      "skip; warn BOOKING_NEXT",
      "grant GRANT_MAINTENANCE; warns BOOKING_NEXT",
      asking(booked("optional", booking({ fromMs: afternoon + 1 })), maintainer),
    ],
    ["says nothing to a stop", "skip; skip", "deny IN_USE", asking(booked("optional", booking({ fromMs: afternoon + 1 })), stopping)],
    ["says nothing where nothing can be booked", "skip; skip", "grant GRANT", asking(always)],
    [
      "says nothing at a door",
      "skip; skip",
      "grant GRANT",
      asking({ ...booked("required", booking({ fromMs: afternoon + 1 })), kind: "door", requiresTraining: false }, { kind: "enter" }),
    ],
    [
      "says nothing without the time",
      "skip; skip",
      "deny CLOCK_UNTRUSTED",
      asking(booked("required", booking({ fromMs: afternoon + 1 })), { clock: noClock }),
    ],
  ],
  R67: [
    [
      "refuses while another of its group runs",
      "fail EXCLUSIVE_CONFLICT; skip",
      "deny EXCLUSIVE_CONFLICT",
      asking(group, { live: { groupBusy: true } }),
    ],
    ["passes when none does", "pass; skip", "grant GRANT", asking(group, { live: { groupBusy: false } })],
    ["asks the hub about the others", "ask EXCLUSIVE_CONFLICT; skip", "ask EXCLUSIVE_CONFLICT", asking(group, { rest: near })],
    [
      "refuses without the hub: it protects people",
      "fail EXCLUSIVE_CONFLICT; skip",
      "deny EXCLUSIVE_CONFLICT",
      asking(group, { rest: alone }),
    ],
    [
      "refuses who mends as well",
      "fail EXCLUSIVE_CONFLICT; skip",
      "deny EXCLUSIVE_CONFLICT",
      asking(group, { ...maintainer, live: { groupBusy: true } }),
    ],
    [
      "refuses what the circuit cannot carry",
      "skip; fail POWER_BUDGET",
      "deny POWER_BUDGET",
      asking(fed, { live: { circuitLoadW: 1601 } }),
    ],
    ["passes what it just can", "skip; pass", "grant GRANT", asking(fed, { live: { circuitLoadW: 1600 } })],
    ["asks the hub about the circuit", "skip; ask POWER_BUDGET", "ask POWER_BUDGET", asking(fed, { rest: near })],
    ["refuses without the hub: it protects wires", "skip; fail POWER_BUDGET", "deny POWER_BUDGET", asking(fed, { rest: alone })],
    [
      "says nothing to an extension: what runs is not cut",
      "skip; skip",
      "grant GRANT_EXTENSION",
      asking({ ...group, ...fed }, { kind: "extend", live: { groupBusy: true, circuitLoadW: 9000 } }),
    ],
    [
      "says nothing where it shares nothing",
      "skip; skip",
      "grant GRANT",
      asking(always, { live: { groupBusy: true, circuitLoadW: 9000 } }),
    ],
  ],
  R68: [
    refuses("refuses until a checker has looked", "NEEDS_CHECK", asking(laser, { live: locked("check") })),
    waits("waits for the next user to accept it where that is enough", "NEEDS_CHECK", asking(checkedByNext, { live: locked("check") })),
    passes("passes who accepts it", asking(checkedByNext, { question: { acknowledged: true }, live: locked("check") })),
    refuses(
      "does not take that for an answer where a checker must look",
      "NEEDS_CHECK",
      asking(laser, { question: { acknowledged: true }, live: locked("check") }),
    ),
    refuses(
      "nor after somebody has rejected it",
      "NEEDS_CHECK",
      asking(checkedByNext, { question: { acknowledged: true }, live: dueAfter(true, 3) }),
    ),
    waits("waits for the next user while nobody has", "NEEDS_CHECK", asking(checkedByNext, { live: dueAfter(false, 7) })),
    passes("lets the previous user put right what was rejected", asking(laser, { live: dueAfter(true, 7) })),
    refuses("not before it was rejected", "NEEDS_CHECK", asking(laser, { live: dueAfter(false, 7) })),
    ...(["steward", "staff"] as const).map((role) =>
      passes(`lets ${role} start it, to check`, asking(laser, { who: { roles: [role] }, live: locked("check") })),
    ),
    passes("lets a maintainer start it, to check", asking(laser, { who: { roles: ["maintainer"] }, live: locked("check") })),
    refuses("lets no trainer", "NEEDS_CHECK", asking(laser, { who: { roles: ["trainer"] }, live: locked("check") })),
    passes("passes where none is due", asking(checkedByNext)),
    silent("says nothing to an extension", "grant GRANT_EXTENSION", asking(laser, { kind: "extend", live: locked("check") })),
    silent("says nothing to a stop", "deny IN_USE", asking(laser, { ...stopping, live: { ...stopping.live, ...locked("check") } })),
    silent("says nothing at a door", "grant GRANT", asking(door, { live: locked("check") })),
  ],
  R69: [
    refuses("refuses what must come to rest first", "COOLING_DOWN", asking(restless, { live: { resting: true } })),
    refuses("refuses who mends as well", "COOLING_DOWN", asking(restless, { ...maintainer, live: { resting: true } })),
    silent("says nothing when it rests", "grant GRANT", asking(restless, { live: { resting: false } })),
    silent(
      "says nothing of what may be started again",
      "grant GRANT",
      asking({ ...laser, restartable: true }, { live: { resting: true } }),
    ),
    silent("says nothing where the policy does not", "grant GRANT", asking(laser, { live: { resting: true } })),
    silent("says nothing to an extension", "grant GRANT_EXTENSION", asking(restless, { kind: "extend", live: { resting: true } })),
  ],
};

describe("demand", () => play(demand));
