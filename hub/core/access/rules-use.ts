/** R60–R69: is the machine or door available. A part of the policy in rules.ts. */
import type { Code } from "#contract";
import { accessDefaults } from "../defaults.ts";
import { bookedByOther, bookedByOwn, bookedSoon } from "./bookings.ts";
import type { Ask } from "./facts.ts";
import type { Rule, Verdict } from "./rule.ts";
import { fail, must, mustLive, pass, passAs, pending, skip, warn } from "./rule.ts";

/** A lockout of one kind refuses; a maintainer at work passes where the policy lets them. */
function lockout(ask: Ask, kind: Ask["live"]["lockouts"][number], code: Code, maintainerPasses: boolean): Verdict {
  if (ask.act === "stop") return skip;
  if (!ask.live.lockouts.includes(kind)) return pass;
  return maintainerPasses && ask.kind === "maintain" && ask.is("maintainer") ? pass : fail(code);
}

/** Somebody else is in charge: refuse, wait for their own tap, or take over what lies idle. */
function notInUse(ask: Ask): Verdict {
  const { session } = ask.live;
  if (session === null || ask.resource === null || ask.act === "enter" || session.member === ask.subject?.member) return pass;
  if (ask.act === "stop") return fail("IN_USE");
  if (teachesHere(ask, session.member)) return pass;
  switch (ask.resource.sharing) {
    case "shared":
      return pass;
    case "exclusive":
      return fail("IN_USE");
    case "handover":
      if (ask.kind === "extend" || ask.kind === "maintain") return fail("IN_USE");
      return handedOver(ask, session.member) ? passAs("GRANT_HANDOVER") : pending("AWAIT_HANDOVER");
    case "takeover_when_idle": {
      const takeoverIdleMs = ask.resource.takeoverIdleMs ?? accessDefaults.takeoverIdleMs;
      const idle = session.phase === "grace" || (session.phase === "idle" && session.idleForMs >= takeoverIdleMs);
      return idle && ask.kind !== "extend" ? passAs("GRANT_TAKEOVER") : fail("IN_USE");
    }
  }
}

/** The member in charge has tapped too. Their standing does not matter: to leave is always allowed. */
const handedOver = (ask: Ask, inCharge: number): boolean =>
  ask.kind === "handover" && (ask.companions ?? []).some(({ member }) => member === inCharge);

/** A trainer's hold begins with a tap, which has given the machine to the trainer: their student takes it over (domain.md S33). */
const teachesHere = (ask: Ask, inCharge: number): boolean =>
  ask.kind === "teach" && (ask.companions ?? []).some(({ member }) => member === inCharge);

/** Without the time nothing is known of bookings; R50 has refused where they must be known. */
function notBooked(ask: Ask): Verdict {
  const { nowMs, resource } = ask;
  if (resource?.booking === undefined || nowMs === null || (!ask.begins && ask.kind !== "extend")) return skip;
  if (bookedByOther(ask, nowMs) !== undefined) return fail("BOOKED_BY_OTHER");
  return must(resource.booking.mode === "optional" || ask.inClass || bookedByOwn(ask, nowMs), "BOOKING_REQUIRED");
}

/** To energise what may not run beside something else. Unknown is refused: the rule protects wires and people. */
const energises = (ask: Ask): boolean => ask.begins || ask.kind === "maintain";

function groupFree(ask: Ask): Verdict {
  if (ask.resource?.exclusiveGroup === undefined || !energises(ask)) return skip;
  return mustLive(ask, ask.live.groupBusy === undefined ? undefined : !ask.live.groupBusy, "EXCLUSIVE_CONFLICT", "fails");
}

function circuitBears(ask: Ask): Verdict {
  const { resource, live } = ask;
  if (resource?.feed === undefined || !energises(ask)) return skip;
  const fits = live.circuitLoadW === undefined ? undefined : live.circuitLoadW + resource.feed.ratedW <= resource.feed.budgetW;
  return mustLive(ask, fits, "POWER_BUDGET", "fails");
}

/**
 * The last use left a check due. A checker may always start it, to check; so may, after a rejection, the previous user, to put it
 * right. With `next_user` anybody may who accepts it as it is, until somebody has rejected it.
 */
function checkDone(ask: Ask): Verdict {
  if (!ask.live.lockouts.includes("check")) return pass;
  if (ask.act !== "use" || ask.kind === "extend") return skip;
  if (ask.is("steward") || ask.is("staff") || ask.is("maintainer")) return pass;
  const rejected = ask.live.check?.rejected === true;
  if (rejected && ask.live.check?.lastMember === ask.subject?.member) return pass;
  if (rejected || ask.resource?.check !== "next_user") return fail("NEEDS_CHECK");
  return ask.question.acknowledged === true ? pass : pending("NEEDS_CHECK");
}

export const rulesOfUse: readonly Rule[] = [
  {
    id: "R60",
    looksAt: "the resource is in service",
    check: (ask) => (ask.act === "stop" ? skip : must(ask.resource?.disabled !== true, "RESOURCE_DISABLED")),
  },
  {
    id: "R60",
    looksAt: "the machine was tested as it is wired",
    check: (ask) => (ask.act === "stop" ? skip : must(ask.resource?.notCommissioned !== true, "NOT_COMMISSIONED")),
  },
  { id: "R61", looksAt: "no maintenance lockout", check: (ask) => lockout(ask, "maintenance", "LOCKED_OUT", true) },
  { id: "R62", looksAt: "nobody reported it broken", check: (ask) => lockout(ask, "oops", "OUT_OF_ORDER", true) },
  { id: "R62", looksAt: "no device fault", check: (ask) => lockout(ask, "fault", "DEVICE_FAULT", false) },
  { id: "R62", looksAt: "no tampering", check: (ask) => lockout(ask, "tamper", "DEVICE_TAMPER", false) },
  {
    id: "R63",
    looksAt: "extraction and the like can be made ready",
    check: (ask) => (ask.begins ? must(ask.live.ancillariesReady, "ANCILLARY_NOT_READY") : skip),
  },
  {
    id: "R64",
    looksAt: "its node is connected",
    check: (ask) => (ask.live.online === null || ask.act === "stop" ? skip : must(ask.live.online, "RESOURCE_OFFLINE")),
  },
  { id: "R65", looksAt: "nobody else is using it", check: notInUse },
  { id: "R66", looksAt: "it is not booked by somebody else", check: notBooked },
  {
    id: "R66",
    looksAt: "nobody else has booked the next hour",
    check: (ask) => (ask.act === "use" && ask.nowMs !== null && bookedSoon(ask, ask.nowMs) ? warn("BOOKING_NEXT") : skip),
  },
  { id: "R67", looksAt: "no other machine of its group is running", check: groupFree },
  { id: "R67", looksAt: "the circuit can carry it as well", check: circuitBears },
  { id: "R68", looksAt: "no check is due after the last use", check: checkDone },
  {
    id: "R69",
    looksAt: "it has come to rest",
    check: (ask) => (ask.live.resting === true && ask.resource?.restartable === false && energises(ask) ? fail("COOLING_DOWN") : skip),
  },
];
