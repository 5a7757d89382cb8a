/**
 * What a decision rests on, flattened: the hub derives these facts from members, memberships, trainings and calendars;
 * a node reads the very same facts from its snapshot. Both hand them to the same `decide`.
 */
import * as z from "zod";
import { slug } from "./ids.ts";
import { instantMs } from "./units.ts";

/** Reasons in the words of domain.md §3.2. Grants first. */
export const grantCodes = [
  "GRANT",
  "GRANT_DEGRADED",
  "GRANT_EGRESS",
  "GRANT_STOP",
  "GRANT_RESPONDER",
  "GRANT_SUPERVISED",
  "GRANT_TEACH",
  "GRANT_EVENT",
  "GRANT_HANDOVER",
  "GRANT_TAKEOVER",
  "GRANT_EXTENSION",
  "GRANT_MAINTENANCE",
  "GRANT_OVERRIDE",
  "GRANT_WARN_ONLY",
  "GRANT_ALWAYS_ENABLED",
] as const;
export const denyCodes = [
  "DEVICE_NOT_AUTHORISED",
  "RESOURCE_UNKNOWN",
  "DUPLICATE_REQUEST",
  "REQUEST_STALE",
  "TOO_MANY_ATTEMPTS",
  "EMERGENCY_ACTIVE",
  "LOCKDOWN",
  "UNKNOWN_CREDENTIAL",
  "ENROLMENT_CAPTURED",
  "CREDENTIAL_UNUSABLE",
  "CREDENTIAL_REVOKED",
  "CREDENTIAL_NOT_YET_VALID",
  "CREDENTIAL_EXPIRED",
  "FACTOR_REQUIRED",
  "FACTOR_WRONG",
  "MEMBER_SUSPENDED",
  "HOLD_ACTIVE",
  "RESTRICTED_HERE",
  "MEMBERSHIP_NONE",
  "MEMBERSHIP_NOT_STARTED",
  "MEMBERSHIP_EXPIRED",
  "NOT_IN_PLAN",
  "WAIVER_MISSING",
  "WAIVER_OUTDATED",
  "INSUFFICIENT_CREDIT",
  "NOT_CHECKED_IN",
  "CLOCK_UNTRUSTED",
  "OUTSIDE_OPENING_HOURS",
  "HOLIDAY_CLOSED",
  "OUTSIDE_SCHEDULE",
  "TIME_TOO_SHORT",
  "RESOURCE_DISABLED",
  "LOCKED_OUT",
  "OUT_OF_ORDER",
  "DEVICE_FAULT",
  "DEVICE_TAMPER",
  "ANCILLARY_NOT_READY",
  "RESOURCE_OFFLINE",
  "IN_USE",
  "AWAIT_HANDOVER",
  "BOOKED_BY_OTHER",
  "BOOKING_REQUIRED",
  "EXCLUSIVE_CONFLICT",
  "POWER_BUDGET",
  "NEEDS_CHECK",
  "COOLING_DOWN",
  "TRAINING_MISSING",
  "TRAINING_EXPIRED",
  "TRAINING_LAPSED",
  "TRAINING_SUSPENDED",
  "TRAINING_SUPERSEDED",
  "AWAIT_SUPERVISOR",
  "MINOR_NOT_ALLOWED",
  "CONSENT_MISSING",
  "AWAIT_SECOND_PERSON",
  "SECOND_PERSON_SAME",
  "LONE_WORKING",
  "STEWARD_REQUIRED",
  "ZONE_FULL",
  "MEMBER_LIMIT",
  "OFFLINE_NO_SNAPSHOT",
  "SNAPSHOT_STALE",
  "OFFLINE_UNKNOWN",
  "OFFLINE_NOT_ALLOWED",
  "INTERNAL_ERROR",
] as const;
export const warningCodes = ["MEMBERSHIP_OVERDUE", "MEMBERSHIP_ENDS", "TRAINING_ENDS", "ANTI_PASSBACK", "ZONE_FULL"] as const;
export const code = z.enum([...grantCodes, ...denyCodes]);
export const warningCode = z.enum(warningCodes);
export type Code = z.infer<typeof code>;
export type WarningCode = z.infer<typeof warningCode>;

/** Wall-clock minutes of a week, Monday first; `end ≤ start` runs into the next day (domain.md §3.4). */
export const weekInterval = z.object({
  /** 1 Monday … 7 Sunday */
  weekday: z.int().min(1).max(7),
  /** minutes after local midnight, 0 … 1439 */
  startMin: z.int().min(0).max(1439),
  /** minutes after local midnight, 1 … 1440; not after `startMin` means the next day */
  endMin: z.int().min(0).max(1440),
});
export const schedule = z.object({
  intervals: z.array(weekInterval).max(100),
  /** dates on which the weekly intervals do not count; `open` gives other hours for that date */
  special: z
    .array(z.object({ date: z.iso.date(), reason: z.string().max(80), open: z.array(weekInterval.omit({ weekday: true })).max(10) }))
    .max(60)
    .default([]),
});
export type Schedule = z.infer<typeof schedule>;

/** Competence of one member for one resource at the instant the facts were made; `untilMs` is when it ends by itself. */
export const competence = z.object({
  level: z.enum(["none", "trainee", "competent", "expired", "lapsed", "suspended", "superseded"]),
  untilMs: instantMs.nullable(),
});

/** Facts of one member towards one resource. Everything optional is absent when it does not apply. */
export const subjectFacts = z.object({
  member: z.enum(["active", "suspended", "banned", "left"]),
  credential: z.enum(["active", "lost", "stolen", "returned", "revoked"]),
  credentialFromMs: instantMs.nullable(),
  credentialUntilMs: instantMs.nullable(),
  hold: z.boolean(),
  restricted: z.boolean(),
  membership: z.object({
    state: z.enum(["none", "held"]),
    fromMs: instantMs.nullable(),
    untilMs: instantMs.nullable(),
    graceUntilMs: instantMs.nullable(),
  }),
  /** the plan covers this resource */
  inPlan: z.boolean(),
  /** the plan ignores opening hours */
  always: z.boolean(),
  /** index into the schedules of the same snapshot; null = the opening hours only */
  schedule: z.int().min(0).nullable(),
  waiver: z.enum(["ok", "missing", "outdated"]),
  competence,
  roles: z.array(z.enum(["staff", "steward", "trainer", "maintainer", "responder"])).max(5),
});
export type SubjectFacts = z.infer<typeof subjectFacts>;

export const offlinePolicy = z.enum(["snapshot", "staff", "deny"]);
export const lockoutKind = z.enum(["maintenance", "oops", "fault", "tamper", "check"]);

/** What a policy says of one door or machine. No default for risk, cut hazard and fail mode (domain.md D4). */
export const resourceFacts = z.object({
  id: slug,
  kind: z.enum(["door", "machine"]),
  label: z.string().max(60),
  tz: z.string().max(60),
  riskClass: z.enum(["A", "B", "C"]).nullable(),
  cutHazard: z.boolean(),
  sharing: z.enum(["exclusive", "takeover_when_idle", "handover", "shared"]),
  attendance: z.enum(["attended", "unattended_ok", "unattended_after_start"]),
  requiresTraining: z.boolean(),
  /** what a refused member is told to do next, already in the site's languages; key is a deny code */
  nextStep: z.record(z.string(), z.record(z.string(), z.string().max(160))).default({}),
  openingHours: schedule.nullable(),
  unknownClock: z.enum(["deny", "floor"]),
  offline: offlinePolicy,
  offlineMaxAgeMs: z.int().min(60_000).max(2_678_400_000),
  minUsefulMs: z.int().min(0),
  /** live facts no snapshot can hold: with any of these the node asks the hub (domain.md D1) */
  asks: z.array(z.enum(["credit", "occupancy", "handover", "booking"])).max(4),
  disabled: z.boolean(),
  lease: z.object({ leaseMs: z.int(), idleMs: z.int(), graceMs: z.int(), enableMs: z.int() }),
  door: z.object({ strikeMs: z.int(), shuntMs: z.int() }).nullable(),
});
export type ResourceFacts = z.infer<typeof resourceFacts>;
