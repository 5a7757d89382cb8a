/**
 * The policy, in order (domain.md §3.2): integrity, free egress, emergency, identity, standing, time, availability, competence,
 * people, degraded. Reasons before R50 tell strangers nothing about the resource.
 */

import { accessDefaults } from "../defaults.ts";
import type { Rule } from "./rule.ts";
import { fail, grant, must, pass, skip, warn } from "./rule.ts";
import { rulesOfTime } from "./rules-time.ts";
import { rulesOfUse } from "./rules-use.ts";

const integrity: readonly Rule[] = [
  { id: "R00", looksAt: "the node is adopted and the channel is bound", check: (ask) => must(ask.nodeAuthorised, "DEVICE_NOT_AUTHORISED") },
  {
    id: "R01",
    looksAt: "the door or machine is known and of the right kind",
    check(ask) {
      if (ask.act === "leave" || ask.act === "stop" || ask.snapshot === "none") return skip;
      return must(ask.resource?.kind === (ask.act === "enter" ? "door" : "machine"), "RESOURCE_UNKNOWN");
    },
  },
  {
    id: "R03",
    looksAt: "the tap is fresh",
    check: (ask) =>
      ask.act === "leave" || ask.act === "stop" ? skip : must(ask.question.ageMs <= accessDefaults.staleMs, "REQUEST_STALE"),
  },
  {
    id: "R04",
    looksAt: "the reader is not silenced after too many refusals",
    check(ask) {
      if (ask.act === "leave" || ask.act === "stop") return skip;
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
      const own = ask.live.session === null || ask.live.session.member === ask.subject?.member;
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
        ask.wants("enter") &&
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

const identity: readonly Rule[] = [
  {
    id: "R30",
    looksAt: "the card is known",
    check(ask) {
      if (!ask.question.usable || ask.live.revoked || ask.snapshot === "none") return skip;
      if (ask.subject === null && ask.alone) return skip; // R90 says it, honestly: not known *here*
      return must(ask.subject !== null, "UNKNOWN_CREDENTIAL");
    },
  },
  { id: "R31", looksAt: "the card's number is its own", check: (ask) => must(ask.question.usable, "CREDENTIAL_UNUSABLE") },
  {
    id: "R32",
    looksAt: "the card is in force",
    check: (ask) => must(!ask.live.revoked && (ask.facts === null || ask.facts.credential === "active"), "CREDENTIAL_REVOKED"),
  },
  {
    id: "R33",
    looksAt: "the card's dates",
    check(ask) {
      if (ask.facts === null) return skip;
      if (ask.nowMs !== null && ask.facts.credentialFromMs !== null && ask.nowMs < ask.facts.credentialFromMs)
        return fail("CREDENTIAL_NOT_YET_VALID");
      return must(ask.facts.credentialUntilMs === null || ask.atLeastMs < ask.facts.credentialUntilMs, "CREDENTIAL_EXPIRED");
    },
  },
];

const standing: readonly Rule[] = [
  {
    id: "R40",
    looksAt: "the member is in good standing",
    check: (ask) => (ask.facts === null ? skip : must(ask.facts.member === "active", "MEMBER_SUSPENDED")),
  },
  { id: "R41", looksAt: "no hold on the member", check: (ask) => (ask.facts === null ? skip : must(!ask.facts.hold, "HOLD_ACTIVE")) },
  {
    id: "R41",
    looksAt: "no restriction here",
    check: (ask) => (ask.facts === null ? skip : must(!ask.facts.restricted, "RESTRICTED_HERE")),
  },
  {
    id: "R42",
    looksAt: "a membership is running",
    check(ask) {
      if (ask.facts === null) return skip;
      const { state, fromMs, untilMs, graceUntilMs } = ask.facts.membership;
      if (state === "none") return fail("MEMBERSHIP_NONE");
      if (ask.nowMs !== null && fromMs !== null && ask.nowMs < fromMs) return fail("MEMBERSHIP_NOT_STARTED");
      if (untilMs === null || ask.atLeastMs < untilMs) return pass;
      return graceUntilMs !== null && ask.atLeastMs < graceUntilMs ? warn("MEMBERSHIP_OVERDUE") : fail("MEMBERSHIP_EXPIRED");
    },
  },
  { id: "R43", looksAt: "the plan covers this", check: (ask) => (ask.facts === null ? skip : must(ask.facts.inPlan, "NOT_IN_PLAN")) },
  {
    id: "R44",
    looksAt: "the waiver is signed in its present text",
    check: (ask) =>
      ask.facts === null
        ? skip
        : ask.facts.waiver === "ok"
          ? pass
          : fail(ask.facts.waiver === "missing" ? "WAIVER_MISSING" : "WAIVER_OUTDATED"),
  },
];

const degraded: readonly Rule[] = [
  {
    id: "R90",
    looksAt: "the snapshot can prove an answer without the hub",
    check(ask) {
      if (ask.snapshot === "not_needed") return skip;
      if (ask.snapshot === "none") return fail("OFFLINE_NO_SNAPSHOT");
      if (ask.snapshot === "stale") return fail("SNAPSHOT_STALE");
      return ask.alone && ask.subject === null ? fail("OFFLINE_UNKNOWN") : pass;
    },
  },
  {
    id: "R91",
    looksAt: "the policy lets the node decide alone",
    check(ask) {
      if (!ask.alone || ask.resource === null || ask.resource.offline === "snapshot") return skip;
      return must(
        ask.resource.offline === "staff" && (ask.is("staff") || ask.is("steward") || ask.is("maintainer")),
        "OFFLINE_NOT_ALLOWED",
      );
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
  ...degraded,
];
