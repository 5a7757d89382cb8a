/** The shape of what people are told, so that a forgotten translation is a compile error. Texts: words-en.ts, words-lv.ts, words-sv.ts, words-nb.ts. */
import type { Code } from "#contract";
import type { Hint } from "../step.ts";

/** Whom to turn to. */
export type Helper = "nobody" | "staff" | "trainer" | "maintainer" | "colleague";

/** Why, what to do next, and at most 20 characters for a small display. */
export type Sentence = readonly [why: string, next: string, short: string];

export type Words = {
  readonly what: { readonly granted: string; readonly refused: string; readonly waiting: string };
  /** first line of a small display, at most 20 characters */
  readonly head: { readonly granted: string; readonly refused: string; readonly waiting: string; readonly hint: string };
  readonly who: Readonly<Record<Helper, string>>;
  readonly codes: Readonly<Record<Code, Sentence>>;
  /** at most 20 characters each */
  readonly hints: Readonly<Record<Hint, string>>;
  /** under the name of a door or machine while nobody is told anything, at most 20 characters each */
  readonly idle: Readonly<Record<IdleKey, string>>;
};

/** `tap`: it waits for a card; `open`: it lets everybody in. What else it may be doing has words already. */
export type IdleKey = "tap" | "open";

/** Who can help with a refusal, in every language the same. */
export const helpers: Readonly<Record<Code, Helper>> = {
  GRANT: "nobody",
  GRANT_DEGRADED: "nobody",
  GRANT_EGRESS: "nobody",
  GRANT_STOP: "nobody",
  GRANT_RESPONDER: "nobody",
  GRANT_SUPERVISED: "nobody",
  GRANT_TEACH: "nobody",
  GRANT_EVENT: "nobody",
  GRANT_HANDOVER: "nobody",
  GRANT_TAKEOVER: "nobody",
  GRANT_EXTENSION: "nobody",
  GRANT_MAINTENANCE: "nobody",
  GRANT_OVERRIDE: "nobody",
  GRANT_WARN_ONLY: "staff",
  GRANT_ALWAYS_ENABLED: "nobody",
  DEVICE_NOT_AUTHORISED: "staff",
  RESOURCE_UNKNOWN: "staff",
  DUPLICATE_REQUEST: "nobody",
  REQUEST_STALE: "nobody",
  TOO_MANY_ATTEMPTS: "nobody",
  EMERGENCY_ACTIVE: "nobody",
  LOCKDOWN: "nobody",
  UNKNOWN_CREDENTIAL: "staff",
  ENROLMENT_CAPTURED: "nobody",
  CREDENTIAL_UNUSABLE: "staff",
  CREDENTIAL_REVOKED: "staff",
  CREDENTIAL_NOT_YET_VALID: "staff",
  CREDENTIAL_EXPIRED: "staff",
  FACTOR_REQUIRED: "staff",
  FACTOR_WRONG: "staff",
  MEMBER_SUSPENDED: "staff",
  HOLD_ACTIVE: "staff",
  RESTRICTED_HERE: "staff",
  MEMBERSHIP_NONE: "staff",
  MEMBERSHIP_NOT_STARTED: "staff",
  MEMBERSHIP_EXPIRED: "staff",
  NOT_IN_PLAN: "staff",
  WAIVER_MISSING: "staff",
  WAIVER_OUTDATED: "staff",
  INSUFFICIENT_CREDIT: "staff",
  NOT_CHECKED_IN: "staff",
  CLOCK_UNTRUSTED: "staff",
  OUTSIDE_OPENING_HOURS: "nobody",
  HOLIDAY_CLOSED: "nobody",
  OUTSIDE_SCHEDULE: "staff",
  TIME_TOO_SHORT: "nobody",
  RESOURCE_DISABLED: "staff",
  NOT_COMMISSIONED: "staff",
  LOCKED_OUT: "maintainer",
  OUT_OF_ORDER: "maintainer",
  DEVICE_FAULT: "maintainer",
  DEVICE_TAMPER: "maintainer",
  ANCILLARY_NOT_READY: "maintainer",
  RESOURCE_OFFLINE: "staff",
  IN_USE: "colleague",
  AWAIT_HANDOVER: "colleague",
  BOOKED_BY_OTHER: "staff",
  BOOKING_REQUIRED: "staff",
  EXCLUSIVE_CONFLICT: "staff",
  POWER_BUDGET: "staff",
  NEEDS_CHECK: "maintainer",
  COOLING_DOWN: "nobody",
  TRAINING_MISSING: "trainer",
  TRAINING_EXPIRED: "trainer",
  TRAINING_LAPSED: "trainer",
  TRAINING_SUSPENDED: "trainer",
  TRAINING_SUPERSEDED: "trainer",
  AWAIT_SUPERVISOR: "trainer",
  MINOR_NOT_ALLOWED: "staff",
  CONSENT_MISSING: "staff",
  AWAIT_SECOND_PERSON: "nobody",
  SECOND_PERSON_SAME: "nobody",
  LONE_WORKING: "staff",
  STEWARD_REQUIRED: "staff",
  ZONE_FULL: "nobody",
  MEMBER_LIMIT: "nobody",
  OFFLINE_NO_SNAPSHOT: "staff",
  SNAPSHOT_STALE: "staff",
  OFFLINE_UNKNOWN: "staff",
  OFFLINE_NOT_ALLOWED: "staff",
  INTERNAL_ERROR: "staff",
};
