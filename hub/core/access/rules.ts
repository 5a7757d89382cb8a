/**
 * The policy, in order (domain.md §3.2): integrity, free egress, emergency, identity, standing, time, availability, competence,
 * people, degraded. Reasons before R50 tell strangers nothing about the resource.
 */

import { accessDefaults } from "../defaults.ts";
import type { Ask } from "./facts.ts";
import { mayFinish } from "./facts.ts";
import { holds, isRestricted } from "./people.ts";
import type { Rule, Verdict } from "./rule.ts";
import { fail, grant, must, mustLive, noop, notKnownHere, pass, passAs, pending, skip, warn } from "./rule.ts";
import { rulesOfPeople } from "./rules-people.ts";
import { rulesOfTime } from "./rules-time.ts";
import { rulesOfUse } from "./rules-use.ts";

/** To leave and to stop are free: what keeps people from getting in or starting has no part in them. */
const isFree = (ask: Ask): boolean => ask.act === "leave" || ask.act === "stop";

const integrity: readonly Rule[] = [
  { id: "R00", looksAt: "the node is adopted and the channel is bound", check: (ask) => must(ask.nodeAuthorised, "DEVICE_NOT_AUTHORISED") },
  {
    id: "R01",
    looksAt: "the door or machine is known and of the right kind",
    check(ask) {
      if (isFree(ask) || ask.snapshot === "none") return skip;
      return must(ask.resource?.kind === (ask.act === "enter" ? "door" : "machine"), "RESOURCE_UNKNOWN");
    },
  },
  {
    id: "R02",
    looksAt: "this very request was not answered before",
    check: (ask) => (isFree(ask) ? skip : ask.question.duplicate === true ? noop("DUPLICATE_REQUEST") : pass),
  },
  {
    id: "R03",
    looksAt: "the tap is fresh",
    check: (ask) => (isFree(ask) ? skip : must(ask.question.ageMs <= accessDefaults.staleMs, "REQUEST_STALE")),
  },
  {
    id: "R04",
    looksAt: "the reader is not silenced after too many refusals",
    check(ask) {
      if (isFree(ask)) return skip;
      return must((ask.live.readerPenaltyUntilMono ?? -1) <= ask.live.nowMono, "TOO_MANY_ATTEMPTS");
    },
  },
];

const egress: readonly Rule[] = [
  { id: "R10", looksAt: "somebody wants out", check: (ask) => (ask.act === "leave" ? grant("GRANT_EGRESS") : skip) },
  {
    id: "R11",
    looksAt: "the person in charge, a steward or a maintainer wants to stop",
    check(ask) {
      if (ask.act !== "stop") return skip;
      const { session } = ask.live;
      const member = ask.subject?.member;
      const own = session === null || session.member === member || (member !== undefined && session.with?.includes(member) === true);
      return own || ask.is("steward") || ask.is("maintainer") ? grant("GRANT_STOP") : pass;
    },
  },
];

const emergency: readonly Rule[] = [
  {
    id: "R20",
    looksAt: "no evacuation",
    check(ask) {
      if (ask.mode !== "evacuate" || ask.act === "stop") return pass;
      const responds =
        ask.kind === "enter" &&
        ask.is("responder") &&
        ask.facts?.member === "active" &&
        ask.facts.credential === "active" &&
        !ask.live.revoked;
      return responds ? grant("GRANT_RESPONDER") : fail("EMERGENCY_ACTIVE");
    },
  },
  {
    id: "R21",
    looksAt: "no lockdown",
    check: (ask) => must(ask.mode !== "lockdown" || ask.act === "stop" || ask.is("responder"), "LOCKDOWN"),
  },
];

/**
 * The person stays the person when a card is lost: of a session in which the machine has run only a stolen card makes an end
 * (domain.md §3.6). Which it was stands in the snapshot, which follows the list of revoked cards at once. Until it has run, any
 * revoked card keeps the machine off.
 */
function cardInForce(ask: Ask): Verdict {
  const { facts } = ask;
  const { session } = ask.live;
  const hasRun = session !== null && session.phase !== "enabled" && session.member === ask.subject?.member;
  if (ask.kind === "extend" && facts !== null && (hasRun || ask.where.place === "hub"))
    return must(facts.credential !== "stolen", "CREDENTIAL_REVOKED");
  return must(!ask.live.revoked && (facts === null || facts.credential === "active"), "CREDENTIAL_REVOKED");
}

function cardDates(ask: Ask): Verdict {
  if (ask.facts === null || mayFinish(ask)) return skip;
  const { credentialFromMs, credentialUntilMs } = ask.facts;
  if (ask.nowMs !== null && credentialFromMs !== null && ask.nowMs < credentialFromMs) return fail("CREDENTIAL_NOT_YET_VALID");
  return must(credentialUntilMs === null || ask.atLeastMs < credentialUntilMs, "CREDENTIAL_EXPIRED");
}

/** More proof than the card's number: a PIN, which only the hub can check, or a card that answers cryptographically (domain.md D7). */
function provenEnough(ask: Ask): Verdict {
  const needed = ask.resource?.assurance ?? 1;
  if (needed === 1 || ask.facts === null || isFree(ask) || ask.kind === "extend" || ask.kind === "remote_unlock") return skip;
  if (ask.question.assurance === 3) return pass;
  if (needed === 3) return fail("FACTOR_REQUIRED"); // no PIN makes up for a card that can be copied
  if (ask.question.pin === "unchecked") return notKnownHere(ask, "FACTOR_REQUIRED", fail("OFFLINE_NOT_ALLOWED"));
  if (ask.question.pin !== undefined) return must(ask.question.pin === "right", "FACTOR_WRONG");
  if (ask.facts.hasPin !== true) return fail("FACTOR_REQUIRED");
  return ask.alone ? fail("OFFLINE_NOT_ALLOWED") : pending("FACTOR_REQUIRED"); // nobody is let type what nobody can check
}

const identity: readonly Rule[] = [
  {
    id: "R30",
    looksAt: "the card is known",
    check(ask) {
      if (!ask.question.usable || ask.live.revoked) return skip;
      if (ask.subject === null && ask.live.capturing === true && !isFree(ask)) return noop("ENROLMENT_CAPTURED");
      if (ask.snapshot === "none") return skip;
      if (ask.subject === null && ask.alone) return skip; // R90 says it, honestly: not known *here*
      return must(ask.subject !== null, "UNKNOWN_CREDENTIAL");
    },
  },
  { id: "R31", looksAt: "the card's number is its own", check: (ask) => must(ask.question.usable, "CREDENTIAL_UNUSABLE") },
  { id: "R32", looksAt: "the card is in force", check: cardInForce },
  { id: "R33", looksAt: "the card's dates", check: cardDates },
  { id: "R34", looksAt: "enough proof of the card", check: provenEnough },
];

/** A guest has no membership: the visit has an end, and a number of days of which this one is the last that counts. */
function visiting(ask: Ask, guest: NonNullable<NonNullable<Ask["facts"]>["guest"]>): Verdict {
  if (ask.kind === "enter" && guest.visitsLeft === 0) return fail("MEMBERSHIP_EXPIRED");
  return must(ask.atLeastMs < guest.untilMs, "MEMBERSHIP_EXPIRED");
}

function membershipRuns(ask: Ask): Verdict {
  if (ask.facts === null || ask.inClass) return skip;
  if (ask.facts.guest !== undefined) return visiting(ask, ask.facts.guest);
  const { state, fromMs, untilMs, graceUntilMs } = ask.facts.membership;
  if (state === "none") return fail("MEMBERSHIP_NONE");
  if (ask.nowMs !== null && fromMs !== null && ask.nowMs < fromMs) return fail("MEMBERSHIP_NOT_STARTED");
  if (untilMs === null || ask.atLeastMs < untilMs || mayFinish(ask)) return pass;
  return graceUntilMs !== null && ask.atLeastMs < graceUntilMs ? warn("MEMBERSHIP_OVERDUE") : fail("MEMBERSHIP_EXPIRED");
}

function membershipEndsSoon(ask: Ask): Verdict {
  const untilMs = ask.facts?.membership.untilMs ?? null;
  if (ask.nowMs === null || untilMs === null || ask.facts?.guest !== undefined) return skip;
  return untilMs > ask.nowMs && untilMs - ask.nowMs <= accessDefaults.warnAheadMs ? warn("MEMBERSHIP_ENDS") : skip;
}

function planCovers(ask: Ask): Verdict {
  if (ask.facts === null) return skip;
  if (ask.inClass) return passAs("GRANT_EVENT");
  return must(ask.facts.guest === undefined ? ask.facts.inPlan : ask.resource?.guests === "with_host", "NOT_IN_PLAN");
}

function waiverSigned(ask: Ask): Verdict {
  if (ask.facts === null || ask.facts.waiver === "ok") return ask.facts === null ? skip : pass;
  return fail(ask.facts.waiver === "missing" ? "WAIVER_MISSING" : "WAIVER_OUTDATED");
}

/** Who mends or opens from afar pays nothing and need not have come in by a door. */
const asCustomer = (ask: Ask): boolean => ask.facts !== null && !isFree(ask) && ask.kind !== "maintain" && ask.kind !== "remote_unlock";

/** Protects money only: without the hub nobody is refused for it. */
function creditLeft(ask: Ask): Verdict {
  const least = ask.resource?.minCreditCents;
  if (least === undefined || !asCustomer(ask)) return skip;
  return mustLive(ask, ask.live.creditCents === undefined ? undefined : ask.live.creditCents >= least, "INSUFFICIENT_CREDIT", "passes");
}

/** Protects nobody: without the hub nobody is refused for it. */
const checkedIn = (ask: Ask): Verdict =>
  ask.resource?.checkIn === true && asCustomer(ask) ? mustLive(ask, ask.live.checkedIn, "NOT_CHECKED_IN", "passes") : skip;

const standing: readonly Rule[] = [
  {
    id: "R40",
    looksAt: "the member is in good standing",
    check: (ask) => (ask.facts === null ? skip : must(ask.facts.member === "active", "MEMBER_SUSPENDED")),
  },
  {
    id: "R41",
    looksAt: "no hold on the member",
    check: (ask) => (ask.facts === null ? skip : must(!holds(ask, ask.facts), "HOLD_ACTIVE")),
  },
  {
    id: "R41",
    looksAt: "no restriction here",
    check: (ask) => (ask.facts === null ? skip : must(!isRestricted(ask, ask.facts), "RESTRICTED_HERE")),
  },
  { id: "R42", looksAt: "a membership is running", check: membershipRuns },
  { id: "R42", looksAt: "how long the membership still runs", check: membershipEndsSoon },
  { id: "R43", looksAt: "the plan covers this", check: planCovers },
  { id: "R44", looksAt: "the waiver is signed in its present text", check: waiverSigned },
  { id: "R45", looksAt: "enough credit", check: creditLeft },
  { id: "R46", looksAt: "the member has checked in today", check: checkedIn },
];

const isStaffHere = (ask: Ask): boolean => ask.is("staff") || ask.is("steward") || ask.is("maintainer");

/** Beyond the policy's age only staff, beyond twice that nobody (domain.md §5.6); while the hub is in reach it is asked instead. */
const tooOldForStaff = (ask: Ask): boolean =>
  !ask.alone || ask.where.place === "hub" || ask.resource === null || (ask.where.snapshot?.ageMs ?? 0) > 2 * ask.resource.offlineMaxAgeMs;

const degraded: readonly Rule[] = [
  {
    id: "R90",
    looksAt: "the snapshot can prove an answer without the hub",
    check(ask) {
      if (ask.snapshot === "not_needed") return skip;
      if (ask.snapshot === "none") return fail("OFFLINE_NO_SNAPSHOT");
      if (ask.snapshot === "stale") return must(isStaffHere(ask) && !tooOldForStaff(ask), "SNAPSHOT_STALE");
      return ask.alone && ask.subject === null ? fail("OFFLINE_UNKNOWN") : pass;
    },
  },
  {
    id: "R91",
    looksAt: "the policy lets the node decide alone",
    check(ask) {
      if (!ask.alone || ask.resource === null || ask.resource.offline === "snapshot") return skip;
      return must(ask.resource.offline === "staff" && isStaffHere(ask), "OFFLINE_NOT_ALLOWED");
    },
  },
];

/** All rules, in the order in which the first failing one is the reason. */
export const rules: readonly Rule[] = [
  ...integrity,
  ...egress,
  ...emergency,
  ...identity,
  ...standing,
  ...rulesOfTime,
  ...rulesOfUse,
  ...rulesOfPeople,
  ...degraded,
];
