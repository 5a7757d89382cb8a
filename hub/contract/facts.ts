/**
 * What a decision rests on, flattened: the hub derives these facts from members, memberships, trainings and calendars;
 * a node reads the very same facts from its snapshot. Both hand them to the same `decide`.
 */
import * as z from "zod";
import { memberRef, slug } from "./ids.ts";
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
  "NOT_COMMISSIONED",
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
export const warningCodes = [
  "MEMBERSHIP_OVERDUE",
  "MEMBERSHIP_ENDS",
  "TRAINING_ENDS",
  "BOOKING_NEXT",
  "ANTI_PASSBACK",
  "ZONE_FULL",
  "LONE_WORKING",
] as const;
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

/** Competence of one member for one resource at the instant the facts were made; `untilMs` is when it ends by itself, `endsAs` as what (absent: expired). */
export const competence = z.object({
  level: z.enum(["none", "trainee", "competent", "expired", "lapsed", "suspended", "superseded"]),
  untilMs: instantMs.nullable(),
  endsAs: z.enum(["expired", "lapsed", "superseded"]).optional(),
});

export const role = z.enum(["staff", "steward", "trainer", "maintainer", "responder"]);
const span = z.object({ fromMs: instantMs, untilMs: instantMs });

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
  /** roles that hold here: a trainer's for the course of this resource, a maintainer's for this machine */
  roles: z.array(role).max(5),
  /** when the hold or the restriction ends by itself; absent = when somebody clears it */
  holdUntilMs: instantMs.optional(),
  restrictedUntilMs: instantMs.optional(),
  /** a PIN is on file at the hub */
  hasPin: z.boolean().optional(),
  /** a door may stand open longer after them: a wheelchair, a pram, crutches */
  moreTime: z.boolean().optional(),
  /** no membership of their own: somebody answers for them until then; `visitsLeft` null = without limit */
  guest: z.object({ host: memberRef, untilMs: instantMs, visitsLeft: z.int().min(0).nullable() }).optional(),
  /** absent: of full age. `ofAgeMs` is when the least age for this resource is reached, null when it has none */
  minor: z.object({ ofAgeMs: instantMs.nullable(), adultMs: instantMs, consent: z.boolean() }).optional(),
  /** classes here that the member is enrolled in, with their margins (domain.md §2.2 rule 10) */
  events: z.array(span).max(8).optional(),
  /**
   * Refusals that somebody has set aside for this member here, from one instant to another (domain.md §3.5), and the roles that this
   * somebody has here now; of a snapshot that does not name them it is worth nothing.
   */
  overrides: z
    .array(
      z.object({
        codes: z.array(code).min(1).max(10),
        sinceMs: instantMs.default(0),
        untilMs: instantMs,
        by: z.array(role).max(5).default([]),
      }),
    )
    .max(8)
    .optional(),
  /** false: the plan does not let an unattended job finish after membership, opening hours or schedule have ended (domain.md §3.6) */
  unattendedMayFinish: z.boolean().optional(),
  /** competence for each accessory that has a course of its own */
  accessories: z.record(slug, competence).optional(),
});
export type SubjectFacts = z.infer<typeof subjectFacts>;

export const offlinePolicy = z.enum(["snapshot", "staff", "deny"]);
export const lockoutKind = z.enum(["maintenance", "oops", "fault", "tamper", "check"]);
/** What only the hub knows: what a member's account holds, who is in, what else runs. */
export const liveFact = z.enum(["credit", "check_in", "occupancy", "handover", "booking", "group", "member_limit", "pin"]);

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
  asks: z.array(liveFact).max(8),
  disabled: z.boolean(),
  /** a machine without a valid commissioning record: nobody enables it (security.md R5). Absent: it has one, or is a door */
  notCommissioned: z.literal(true).optional(),
  lease: z.object({ leaseMs: z.int(), idleMs: z.int(), graceMs: z.int(), enableMs: z.int() }),
  /** `extendedShuntMs`: after a member who needs more time; absent = the register says */
  door: z.object({ strikeMs: z.int(), shuntMs: z.int(), extendedShuntMs: z.int().optional() }).nullable(),
  /** hours in which a door stands unlocked, once somebody has been granted entry in them (domain.md §4.1) */
  passage: schedule.optional(),
  /** least proof of the card (absent: 1): 1 its number, 2 number and PIN, 3 a cryptographic answer (domain.md D7) */
  assurance: z.int().min(1).max(3).optional(),
  guests: z.literal("with_host").optional(),
  minorsNeedSupervisor: z.boolean().optional(),
  minCreditCents: z.int().min(0).optional(),
  /** a member must have come in by a door today */
  checkIn: z.boolean().optional(),
  booking: z.object({ mode: z.enum(["optional", "required"]), leadMs: z.int().min(0), noShowMs: z.int().min(0) }).optional(),
  /** the next bookings, earliest first; member 0 = reserved for a class, whose participants carry `events` */
  bookings: z
    .array(span.extend({ member: memberRef, checkedIn: z.boolean() }))
    .max(60)
    .optional(),
  /** of the machines of a group only one may run at a time */
  exclusiveGroup: slug.optional(),
  /** the circuit it hangs on, what it draws and what the circuit may carry */
  feed: z.object({ circuit: slug, ratedW: z.int().min(0), budgetW: z.int().min(0) }).optional(),
  /** who accepts a machine that needs a check: the next user, or only a checker (steward, maintainer, staff) */
  check: z.enum(["next_user", "checker"]).optional(),
  /** false: once off it must come to rest before it may be enabled again */
  restartable: z.boolean().optional(),
  accessories: z
    .array(z.object({ accessory: slug, label: z.string().max(60) }))
    .max(4)
    .optional(),
  /** hours in which two people must tap */
  twoPerson: z.union([z.literal("always"), schedule]).optional(),
  loneWorking: z.enum(["warn", "forbid"]).optional(),
  stewardRequired: z.boolean().optional(),
  /** shifts in sight; absent = the space keeps no roster, whoever has the role is always on duty */
  duty: z
    .array(span.extend({ member: memberRef }))
    .max(60)
    .optional(),
  capacity: z.object({ people: z.int().min(1), mode: z.enum(["warn", "deny"]) }).optional(),
  /** how many machines one member may answer for at a time; absent = the risk class says */
  memberLimit: z.int().min(1).max(100).optional(),
  /** how many people one supervisor may watch over at a time; absent = the risk class says */
  supervisorLimit: z.int().min(1).max(20).optional(),
  antiPassback: z.boolean().optional(),
  /** how long it must have been idle before another may take it over; absent = the register says */
  takeoverIdleMs: z.int().min(0).max(43_200_000).optional(),
  /** refusals from membership on are said, not enforced; never the ones that protect (domain.md §3.5) */
  warnOnly: z.boolean().optional(),
  /** on for every known card in good standing; still subject to emergencies and lockouts */
  alwaysEnabled: z.boolean().optional(),
  /** who may override which refusal here, in place of the core's own register */
  overridableBy: z.partialRecord(code, z.array(role).max(5)).optional(),
});
export type ResourceFacts = z.infer<typeof resourceFacts>;
