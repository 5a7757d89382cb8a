/** One cause of each refusal, and nothing else that refuses. */
import type { denyCodes, ResourceFacts } from "#contract";
import type { DecisionInput } from "#core";
import { afternoon, asking, beside, daily, door, laser, onNode } from "./builders.ts";

const always = { ...laser, openingHours: null } satisfies ResourceFacts;
const busy = { session: { member: 3, phase: "busy", idleForMs: 0 } } as const;
const held = { state: "held", fromMs: null, untilMs: null, graceUntilMs: null } as const;
const minor = { ofAgeMs: afternoon + 1, adultMs: afternoon + 1, consent: true };
const untrained = (level: "none" | "expired" | "lapsed" | "suspended" | "superseded" | "trainee") =>
  asking(laser, { who: { competence: { level, untilMs: null } } });
const missed = { member: 3, fromMs: afternoon - 900_000, untilMs: afternoon + 3_600_000, checkedIn: false };
/** Booked by another a quarter of an hour ago, who has not come; nobody knows since when the machine is free. */
export const noShow = {
  ...always,
  booking: { mode: "optional", leadMs: 300_000, noShowMs: 900_000 },
  bookings: [missed],
} satisfies ResourceFacts;
const stocktaking = { date: "2026-03-11", reason: "stocktaking", open: [] };

export const causes: Readonly<Record<(typeof denyCodes)[number], DecisionInput>> = {
  DEVICE_NOT_AUTHORISED: asking(door, { rest: { nodeAuthorised: false } }),
  RESOURCE_UNKNOWN: asking(door, { kind: "start" }),
  DUPLICATE_REQUEST: asking(door, { question: { duplicate: true } }),
  REQUEST_STALE: asking(door, { question: { ageMs: 10_001 } }),
  TOO_MANY_ATTEMPTS: asking(door, { live: { readerPenaltyUntilMono: 1_000_001 } }),
  EMERGENCY_ACTIVE: asking(door, { rest: { mode: "evacuate" } }),
  LOCKDOWN: asking(door, { rest: { mode: "lockdown" } }),
  UNKNOWN_CREDENTIAL: asking(door, { who: null }),
  ENROLMENT_CAPTURED: asking(door, { who: null, live: { capturing: true } }),
  CREDENTIAL_UNUSABLE: asking(door, { who: null, question: { usable: false } }),
  CREDENTIAL_REVOKED: asking(door, { who: { credential: "lost" } }),
  CREDENTIAL_NOT_YET_VALID: asking(door, { who: { credentialFromMs: afternoon + 1 } }),
  CREDENTIAL_EXPIRED: asking(door, { who: { credentialUntilMs: afternoon } }),
  FACTOR_REQUIRED: asking({ ...door, assurance: 2 }),
  FACTOR_WRONG: asking({ ...door, assurance: 2 }, { question: { pin: "wrong" } }),
  MEMBER_SUSPENDED: asking(door, { who: { member: "banned" } }),
  HOLD_ACTIVE: asking(door, { who: { hold: true } }),
  RESTRICTED_HERE: asking(door, { who: { restricted: true } }),
  MEMBERSHIP_NONE: asking(door, { who: { membership: { ...held, state: "none" } } }),
  MEMBERSHIP_NOT_STARTED: asking(door, { who: { membership: { ...held, fromMs: afternoon + 1 } } }),
  MEMBERSHIP_EXPIRED: asking(door, { who: { membership: { ...held, untilMs: afternoon } } }),
  NOT_IN_PLAN: asking(door, { who: { inPlan: false } }),
  WAIVER_MISSING: asking(door, { who: { waiver: "missing" } }),
  WAIVER_OUTDATED: asking(door, { who: { waiver: "outdated" } }),
  INSUFFICIENT_CREDIT: asking({ ...door, minCreditCents: 1 }, { live: { creditCents: 0 } }),
  NOT_CHECKED_IN: asking({ ...door, checkIn: true }, { live: { checkedIn: false } }),
  CLOCK_UNTRUSTED: asking(laser, { clock: { nowMs: null, quality: "unknown" } }),
  OUTSIDE_OPENING_HOURS: asking({ ...laser, openingHours: daily(0, 60) }),
  HOLIDAY_CLOSED: asking({ ...laser, openingHours: { ...daily(480, 1380), special: [stocktaking] } }),
  OUTSIDE_SCHEDULE: asking(always, { who: { schedule: 0 } }),
  TIME_TOO_SHORT: asking(laser, { who: { credentialUntilMs: afternoon + 1 } }),
  RESOURCE_DISABLED: asking({ ...laser, disabled: true }),
  NOT_COMMISSIONED: asking({ ...laser, notCommissioned: true }),
  LOCKED_OUT: asking(laser, { live: { lockouts: ["maintenance"] } }),
  OUT_OF_ORDER: asking(laser, { live: { lockouts: ["oops"] } }),
  DEVICE_FAULT: asking(laser, { live: { lockouts: ["fault"] } }),
  DEVICE_TAMPER: asking(laser, { live: { lockouts: ["tamper"] } }),
  ANCILLARY_NOT_READY: asking(laser, { live: { ancillariesReady: false } }),
  RESOURCE_OFFLINE: asking(laser, { live: { online: false } }),
  IN_USE: asking(laser, { live: busy }),
  AWAIT_HANDOVER: asking({ ...laser, sharing: "handover" }, { live: busy }),
  BOOKED_BY_OTHER: asking(noShow),
  BOOKING_REQUIRED: asking({ ...noShow, booking: { ...noShow.booking, mode: "required" }, bookings: [] }),
  EXCLUSIVE_CONFLICT: asking({ ...laser, exclusiveGroup: "dusty" }, { live: { groupBusy: true } }),
  POWER_BUDGET: asking({ ...laser, feed: { circuit: "f1", ratedW: 2, budgetW: 1 } }, { live: { circuitLoadW: 0 } }),
  NEEDS_CHECK: asking(laser, { live: { lockouts: ["check"] } }),
  COOLING_DOWN: asking({ ...laser, restartable: false }, { live: { resting: true } }),
  TRAINING_MISSING: untrained("none"),
  TRAINING_EXPIRED: untrained("expired"),
  TRAINING_LAPSED: untrained("lapsed"),
  TRAINING_SUSPENDED: untrained("suspended"),
  TRAINING_SUPERSEDED: untrained("superseded"),
  AWAIT_SUPERVISOR: untrained("trainee"),
  MINOR_NOT_ALLOWED: asking(laser, { who: { minor } }),
  CONSENT_MISSING: asking(laser, { who: { minor: { ...minor, ofAgeMs: null, consent: false } } }),
  AWAIT_SECOND_PERSON: asking({ ...laser, twoPerson: "always" }),
  SECOND_PERSON_SAME: asking({ ...laser, twoPerson: "always" }, { rest: { companions: [beside(7)] } }),
  LONE_WORKING: asking({ ...laser, loneWorking: "forbid" }, { live: { othersPresent: 0 } }),
  STEWARD_REQUIRED: asking({ ...laser, stewardRequired: true, duty: [] }),
  ZONE_FULL: asking({ ...door, capacity: { people: 1, mode: "deny" } }, { live: { occupancy: 1 } }),
  MEMBER_LIMIT: asking(laser, { live: { memberSessions: { all: 1, attendedA: 1 } } }),
  OFFLINE_NO_SNAPSHOT: asking(null, { kind: "enter", who: null, rest: { where: { place: "node", snapshot: null, hubReachable: false } } }),
  SNAPSHOT_STALE: asking(door, { rest: { where: onNode(door.offlineMaxAgeMs + 1, false) } }),
  OFFLINE_UNKNOWN: asking(door, { who: null, rest: { where: onNode(0, false) } }),
  OFFLINE_NOT_ALLOWED: asking(laser, { rest: { where: onNode(0, false) } }),
  INTERNAL_ERROR: asking({ ...laser, tz: "Nowhere/Land" }),
};
