/** R60–R83: is the machine or door available, and may this person use it. A part of the policy in rules.ts. */
import type { Code } from "#contract";
import { accessDefaults } from "../defaults.ts";
import type { Ask } from "./facts.ts";
import type { Rule, Verdict } from "./rule.ts";
import { fail, must, pass, passAs, pending, skip } from "./rule.ts";

/** A lockout of one kind refuses; a maintainer at work passes where the policy lets them. */
function lockout(ask: Ask, kind: Ask["live"]["lockouts"][number], code: Code, maintainerPasses: boolean): Verdict {
  if (ask.act === "stop") return skip;
  if (!ask.live.lockouts.includes(kind)) return pass;
  return maintainerPasses && ask.wants("maintain") && ask.is("maintainer") ? pass : fail(code);
}

/** Somebody else is in charge: refuse, wait for their hand-over, or take over what lies idle. */
function notInUse(ask: Ask): Verdict {
  const { session } = ask.live;
  if (session === null || ask.resource === null || ask.act === "enter" || session.member === ask.subject?.member) return pass;
  if (ask.act === "stop") return fail("IN_USE");
  switch (ask.resource.sharing) {
    case "shared":
      return pass;
    case "exclusive":
      return fail("IN_USE");
    case "handover":
      return ask.wants("handover") ? passAs("GRANT_HANDOVER") : pending("AWAIT_HANDOVER");
    case "takeover_when_idle": {
      const idle = session.phase === "grace" || (session.phase === "idle" && session.idleForMs >= accessDefaults.takeoverIdleMs);
      return idle && !ask.wants("extend") ? passAs("GRANT_TAKEOVER") : fail("IN_USE");
    }
  }
}

const untrained = {
  none: "TRAINING_MISSING",
  expired: "TRAINING_EXPIRED",
  lapsed: "TRAINING_LAPSED",
  suspended: "TRAINING_SUSPENDED",
  superseded: "TRAINING_SUPERSEDED",
} as const satisfies Record<string, Code>;

function trained(ask: Ask): Verdict {
  if (ask.resource === null || ask.facts === null || ask.act === "stop" || ask.wants("remote_unlock")) return skip;
  if (ask.wants("maintain")) return ask.is("maintainer") ? passAs("GRANT_MAINTENANCE") : fail("TRAINING_MISSING");
  if (ask.wants("teach")) return ask.is("trainer") ? passAs("GRANT_TEACH") : fail("TRAINING_MISSING");
  const { level, untilMs } = ask.facts.competence;
  if (!ask.resource.requiresTraining || level === "trainee") return pass;
  if (level !== "competent") return fail(untrained[level]);
  return must(untilMs === null || ask.atLeastMs < untilMs, "TRAINING_EXPIRED");
}

function supervised(ask: Ask): Verdict {
  if (ask.resource?.requiresTraining !== true || ask.facts === null || !ask.wants("enter", "start", "extend", "handover")) return skip;
  return ask.facts.competence.level === "trainee" ? pending("AWAIT_SUPERVISOR") : pass;
}

function oneAtATime(ask: Ask): Verdict {
  const { memberSessionsElsewhere } = ask.live;
  if (!ask.wants("start", "handover") || memberSessionsElsewhere === null || ask.resource === null) return skip;
  if (ask.resource.riskClass !== "A" || ask.resource.attendance !== "attended") return skip;
  return must(memberSessionsElsewhere < accessDefaults.classAConcurrent, "MEMBER_LIMIT");
}

export const rulesOfUse: readonly Rule[] = [
  {
    id: "R60",
    looksAt: "the resource is in service",
    check: (ask) => (ask.act === "stop" ? skip : must(ask.resource?.disabled !== true, "RESOURCE_DISABLED")),
  },
  { id: "R61", looksAt: "no maintenance lockout", check: (ask) => lockout(ask, "maintenance", "LOCKED_OUT", true) },
  { id: "R62", looksAt: "nobody reported it broken", check: (ask) => lockout(ask, "oops", "OUT_OF_ORDER", true) },
  { id: "R62", looksAt: "no device fault", check: (ask) => lockout(ask, "fault", "DEVICE_FAULT", false) },
  { id: "R62", looksAt: "no tampering", check: (ask) => lockout(ask, "tamper", "DEVICE_TAMPER", false) },
  {
    id: "R63",
    looksAt: "extraction and the like can be made ready",
    check: (ask) => (ask.wants("start", "handover", "teach") ? must(ask.live.ancillariesReady, "ANCILLARY_NOT_READY") : skip),
  },
  {
    id: "R64",
    looksAt: "its node is connected",
    check: (ask) => (ask.live.online === null || ask.act === "stop" ? skip : must(ask.live.online, "RESOURCE_OFFLINE")),
  },
  { id: "R65", looksAt: "nobody else is using it", check: notInUse },
  {
    id: "R68",
    looksAt: "no check is due after the last use",
    check: (ask) => (ask.is("steward") || ask.is("staff") ? pass : lockout(ask, "check", "NEEDS_CHECK", true)),
  },
  { id: "R70", looksAt: "the training it needs", check: trained },
  { id: "R71", looksAt: "a trainee has a supervisor", check: supervised },
  {
    id: "R82",
    looksAt: "only staff open from afar",
    check: (ask) => (ask.wants("remote_unlock") ? must(ask.is("staff") || ask.is("steward"), "STEWARD_REQUIRED") : skip),
  },
  { id: "R83", looksAt: "one attended dangerous machine per person", check: oneAtATime },
];
