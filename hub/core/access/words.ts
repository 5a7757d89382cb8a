/** The shape of what people are told, so that a forgotten translation is a compile error. Texts: words-en.ts, words-lv.ts, words-sv.ts, words-nb.ts. */
import type { Code } from "#contract";
import type { Hint } from "../step.ts";

/** Codes of rules that are not in the list yet; they share one text until their rule is written. */
export const codesWithoutRule = [
  "DUPLICATE_REQUEST",
  "ENROLMENT_CAPTURED",
  "FACTOR_REQUIRED",
  "FACTOR_WRONG",
  "INSUFFICIENT_CREDIT",
  "NOT_CHECKED_IN",
  "BOOKED_BY_OTHER",
  "BOOKING_REQUIRED",
  "EXCLUSIVE_CONFLICT",
  "POWER_BUDGET",
  "COOLING_DOWN",
  "MINOR_NOT_ALLOWED",
  "CONSENT_MISSING",
  "AWAIT_SECOND_PERSON",
  "SECOND_PERSON_SAME",
  "LONE_WORKING",
  "ZONE_FULL",
  "GRANT_SUPERVISED",
  "GRANT_EVENT",
  "GRANT_OVERRIDE",
  "GRANT_WARN_ONLY",
  "GRANT_ALWAYS_ENABLED",
] as const satisfies readonly Code[];
export type SpokenCode = Exclude<Code, (typeof codesWithoutRule)[number]>;

/** Whom to turn to. */
export type Helper = "nobody" | "staff" | "trainer" | "maintainer" | "colleague";

/** Why, what to do next, and at most 20 characters for a small display. */
export type Sentence = readonly [why: string, next: string, short: string];

export type Words = {
  readonly what: { readonly granted: string; readonly refused: string; readonly waiting: string };
  /** first line of a small display, at most 20 characters */
  readonly head: { readonly granted: string; readonly refused: string; readonly waiting: string; readonly hint: string };
  readonly who: Readonly<Record<Helper, string>>;
  readonly codes: Readonly<Record<SpokenCode, Sentence>>;
  readonly other: Sentence;
  /** at most 20 characters each */
  readonly hints: Readonly<Record<Hint, string>>;
};

/** Who can help with a refusal, in every language the same. */
export const helpers: Readonly<Record<SpokenCode, Helper>> = {
  GRANT: "nobody",
  GRANT_DEGRADED: "nobody",
  GRANT_EGRESS: "nobody",
  GRANT_STOP: "nobody",
  GRANT_RESPONDER: "nobody",
  GRANT_TEACH: "nobody",
  GRANT_HANDOVER: "nobody",
  GRANT_TAKEOVER: "nobody",
  GRANT_EXTENSION: "nobody",
  GRANT_MAINTENANCE: "nobody",
  DEVICE_NOT_AUTHORISED: "staff",
  RESOURCE_UNKNOWN: "staff",
  REQUEST_STALE: "nobody",
  TOO_MANY_ATTEMPTS: "nobody",
  EMERGENCY_ACTIVE: "nobody",
  LOCKDOWN: "nobody",
  UNKNOWN_CREDENTIAL: "staff",
  CREDENTIAL_UNUSABLE: "staff",
  CREDENTIAL_REVOKED: "staff",
  CREDENTIAL_NOT_YET_VALID: "staff",
  CREDENTIAL_EXPIRED: "staff",
  MEMBER_SUSPENDED: "staff",
  HOLD_ACTIVE: "staff",
  RESTRICTED_HERE: "staff",
  MEMBERSHIP_NONE: "staff",
  MEMBERSHIP_NOT_STARTED: "staff",
  MEMBERSHIP_EXPIRED: "staff",
  NOT_IN_PLAN: "staff",
  WAIVER_MISSING: "staff",
  WAIVER_OUTDATED: "staff",
  CLOCK_UNTRUSTED: "staff",
  OUTSIDE_OPENING_HOURS: "nobody",
  HOLIDAY_CLOSED: "nobody",
  OUTSIDE_SCHEDULE: "staff",
  TIME_TOO_SHORT: "nobody",
  RESOURCE_DISABLED: "staff",
  LOCKED_OUT: "maintainer",
  OUT_OF_ORDER: "maintainer",
  DEVICE_FAULT: "maintainer",
  DEVICE_TAMPER: "maintainer",
  ANCILLARY_NOT_READY: "maintainer",
  RESOURCE_OFFLINE: "staff",
  IN_USE: "colleague",
  AWAIT_HANDOVER: "colleague",
  NEEDS_CHECK: "maintainer",
  TRAINING_MISSING: "trainer",
  TRAINING_EXPIRED: "trainer",
  TRAINING_LAPSED: "trainer",
  TRAINING_SUSPENDED: "trainer",
  TRAINING_SUPERSEDED: "trainer",
  AWAIT_SUPERVISOR: "trainer",
  STEWARD_REQUIRED: "staff",
  MEMBER_LIMIT: "nobody",
  OFFLINE_NO_SNAPSHOT: "staff",
  SNAPSHOT_STALE: "staff",
  OFFLINE_UNKNOWN: "staff",
  OFFLINE_NOT_ALLOWED: "staff",
  INTERNAL_ERROR: "staff",
};
