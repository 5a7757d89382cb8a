/**
 * What may be let pass although a rule refuses (domain.md §3.5): an override by an authorised person, a warn-only policy, a machine
 * that is always enabled. The registers are data; the policy of a resource may replace the first, never the second.
 */
import type { Code, ResourceFacts } from "#contract";
import type { Ask } from "./facts.ts";
import { type Around, inForce, stewardOnDuty } from "./people.ts";
import type { Role, Subject } from "./types.ts";

/** Who may override which refusal, unless the resource says otherwise. A maintainer works on a locked machine with `maintain`, a trainer teaches with `teach`. */
const overridableBy: Readonly<Partial<Record<Code, readonly Role[]>>> = {
  CREDENTIAL_NOT_YET_VALID: ["steward"],
  CREDENTIAL_EXPIRED: ["steward"],
  MEMBERSHIP_NONE: ["steward"],
  MEMBERSHIP_NOT_STARTED: ["steward"],
  MEMBERSHIP_EXPIRED: ["steward"],
  INSUFFICIENT_CREDIT: ["steward"],
  NOT_CHECKED_IN: ["steward"],
  CLOCK_UNTRUSTED: ["maintainer"],
  OUTSIDE_OPENING_HOURS: ["steward"],
  HOLIDAY_CLOSED: ["steward"],
  OUTSIDE_SCHEDULE: ["steward"],
  OUT_OF_ORDER: ["maintainer"],
  IN_USE: ["steward"],
  AWAIT_HANDOVER: ["steward"],
  BOOKED_BY_OTHER: ["steward"],
  BOOKING_REQUIRED: ["steward"],
  NEEDS_CHECK: ["steward"],
  ZONE_FULL: ["steward"],
  MEMBER_LIMIT: ["steward"],
};

/** R00–R04, R20, R30–R32, R34, R40, R41, R43, R44, R60 not commissioned, R62 fault and tamper, R63, R67, R70, R73, R80; with R73 also R71, which shares its code. No policy can change these. */
export const neverOverridable: ReadonlySet<Code> = new Set<Code>([
  "DEVICE_NOT_AUTHORISED",
  "RESOURCE_UNKNOWN",
  "DUPLICATE_REQUEST",
  "REQUEST_STALE",
  "TOO_MANY_ATTEMPTS",
  "EMERGENCY_ACTIVE",
  "UNKNOWN_CREDENTIAL",
  "ENROLMENT_CAPTURED",
  "CREDENTIAL_UNUSABLE",
  "CREDENTIAL_REVOKED",
  "FACTOR_REQUIRED",
  "FACTOR_WRONG",
  "MEMBER_SUSPENDED",
  "HOLD_ACTIVE",
  "RESTRICTED_HERE",
  "NOT_IN_PLAN",
  "WAIVER_MISSING",
  "WAIVER_OUTDATED",
  "NOT_COMMISSIONED",
  "DEVICE_FAULT",
  "DEVICE_TAMPER",
  "ANCILLARY_NOT_READY",
  "EXCLUSIVE_CONFLICT",
  "POWER_BUDGET",
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
  "INTERNAL_ERROR",
]);

/**
 * Does an override that was given for this member here cover this refusal? Who gave it had the right to when they did
 * (`mayOverride`), and has the role that the policy asks for still; it ends by itself, or with a session here. One for a broken machine
 * is for what was known when it was given, never for a later report. Where the time is not known it covers nothing but that.
 */
export function isOverridden(ask: Ask, code: Code): boolean {
  if (ask.resource === null || neverOverridable.has(code)) return false; // of an unknown place nothing is set aside
  if (isMembership(code) && ask.act !== "enter") return false; // R42: a steward lets somebody in, not onto a machine
  if (code === "BOOKED_BY_OTHER" && !everybodyWaited(ask)) return false;
  const atMs = code === "CLOCK_UNTRUSTED" ? ask.atLeastMs : ask.nowMs;
  if (atMs === null) return false;
  const roles = rolesFor(ask.resource, code);
  const { overridesOver = [], oopsMs = -1 } = ask.live;
  return (ask.facts?.overrides ?? []).some(
    ({ codes, sinceMs, untilMs, by }) =>
      codes.includes(code) &&
      atMs < untilMs &&
      by.some((role) => roles.includes(role)) &&
      !overridesOver.includes(sinceMs) &&
      (code !== "OUT_OF_ORDER" || sinceMs > oopsMs),
  );
}

/** The roles that may override this refusal there, by the policy as it is. */
export const rolesFor = (resource: ResourceFacts | null, code: Code): readonly Role[] =>
  resource?.overridableBy?.[code] ?? overridableBy[code] ?? [];

/** May this person give an override of this refusal there? They must be in force, have a role for it, and, as a steward, be on duty. */
export function mayOverride(around: Around, by: Subject, code: Code): boolean {
  if (neverOverridable.has(code) || !inForce(around, by)) return false;
  return rolesFor(around.resource, code).some((role) => (role === "steward" ? stewardOnDuty(around, by) : by.facts.roles.includes(role)));
}

const isMembership = (code: Code): boolean =>
  code === "MEMBERSHIP_NONE" || code === "MEMBERSHIP_NOT_STARTED" || code === "MEMBERSHIP_EXPIRED";

/** R66: only after a no-show. Every booking that stands in the way has begun that long ago, and nobody has come. */
function everybodyWaited(ask: Ask): boolean {
  const { nowMs, resource } = ask;
  const booked = resource?.booking;
  if (nowMs === null || booked === undefined) return false;
  return (resource?.bookings ?? []).every(
    ({ fromMs, untilMs, checkedIn }) =>
      fromMs - booked.leadMs > nowMs || untilMs <= nowMs || (!checkedIn && fromMs + booked.noShowMs <= nowMs),
  );
}

/**
 * Rules that a warn-only machine only says, and an always-enabled one does not ask: who may use it, and when. Never what protects:
 * integrity, emergencies, identity, holds (to R41), lockouts and extraction (R60–R63), another's session (R65), circuits (R67),
 * rest (R69), minors (R73), two people (R80), working alone (R81); nor what a node cannot prove offline (R64, R90, R91).
 */
const aboutUse: ReadonlySet<string> = new Set([
  "R42",
  "R43",
  "R44",
  "R45",
  "R46",
  "R50",
  "R51",
  "R52",
  "R53",
  "R66",
  "R68",
  "R70",
  "R71",
  "R82",
  "R83",
]);

/** Does the policy of this resource let the rule pass? It says who may use it, not who may teach, mend or open from afar: those need their role. */
export function yieldsToPolicy(ask: Ask, rule: string): boolean {
  if (ask.resource?.warnOnly !== true && ask.resource?.alwaysEnabled !== true) return false;
  if (rule === "R70") return ask.kind !== "teach" && ask.kind !== "maintain";
  if (rule === "R82") return ask.kind !== "remote_unlock";
  return aboutUse.has(rule);
}
