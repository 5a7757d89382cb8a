/** R70–R84: may this person use it, and who has to be there. A part of the policy in rules.ts. */
import type { Code, SubjectFacts } from "#contract";
import { isOpen } from "../calendar.ts";
import { accessDefaults } from "../defaults.ts";
import type { Ask } from "./facts.ts";
import {
  adultBeside,
  hostBeside,
  isCompetent,
  isMinor,
  isTaught,
  needsAdult,
  needsTrainer,
  onShift,
  secondPerson,
  stewardOnDuty,
  supervisorLimit,
  supervisorOf,
  trainerBeside,
} from "./people.ts";
import type { Rule, Verdict } from "./rule.ts";
import { fail, must, mustLive, notKnownHere, pass, passAs, pending, skip, warn, withhold } from "./rule.ts";

const untrained = {
  none: "TRAINING_MISSING",
  expired: "TRAINING_EXPIRED",
  lapsed: "TRAINING_LAPSED",
  suspended: "TRAINING_SUSPENDED",
  superseded: "TRAINING_SUPERSEDED",
} as const satisfies Record<string, Code>;

function trained(ask: Ask): Verdict {
  const { resource, facts } = ask;
  if (resource === null || facts === null || ask.act === "stop" || ask.kind === "remote_unlock") return skip;
  if (ask.kind === "maintain") return ask.is("maintainer") ? passAs("GRANT_MAINTENANCE") : fail("TRAINING_MISSING");
  if (ask.kind === "teach") return taught(ask);
  const { level, untilMs, endsAs } = facts.competence;
  if (!resource.requiresTraining || ask.inClass || isTaught(ask)) return pass;
  if (level !== "competent" && level !== "trainee") return fail(untrained[level]);
  return must(untilMs === null || ask.atLeastMs < untilMs, untrained[endsAs ?? "expired"]);
}

/** The student asks, the trainer stands beside. A trainer alone, who has held the card to the reader, waits for the student. */
function taught(ask: Ask): Verdict {
  if (trainerBeside(ask) !== null) return passAs("GRANT_TEACH");
  if (!ask.is("trainer")) return fail("TRAINING_MISSING");
  return ask.companions?.some(({ member }) => member === ask.subject?.member) === true
    ? fail("SECOND_PERSON_SAME")
    : pending("AWAIT_SECOND_PERSON");
}

function supervised(ask: Ask): Verdict {
  if (!needsTrainer(ask)) return skip;
  return trainerBeside(ask) === null ? pending("AWAIT_SUPERVISOR") : passAs("GRANT_SUPERVISED");
}

/** May each accessory be switched on: who has its course, whoever is taught by somebody who has it, and everybody where there is none. */
export function accessoriesOf(ask: Ask, facts: SubjectFacts): Readonly<Record<string, boolean>> | null {
  if (ask.resource?.accessories === undefined || ask.act !== "use") return null;
  const teacher = isTaught(ask) ? trainerBeside(ask)?.facts : undefined;
  const may = (accessory: string) =>
    [facts, teacher].some((person) => {
      const competence = person === undefined ? undefined : (person.accessories?.[accessory] ?? noCourse);
      return competence?.level === "competent" && (competence.untilMs === null || ask.atLeastMs < competence.untilMs);
    });
  return Object.fromEntries(ask.resource.accessories.map(({ accessory }) => [accessory, may(accessory)]));
}
const noCourse = { level: "competent", untilMs: null } as const;

function accessories(ask: Ask): Verdict {
  const allowed = ask.facts === null ? null : accessoriesOf(ask, ask.facts);
  if (allowed === null) return skip;
  return Object.values(allowed).every((may) => may) ? pass : withhold("TRAINING_MISSING");
}

const isPermissive = (ask: Ask): boolean => ask.act === "enter" || ask.act === "use";

function oldEnough(ask: Ask): Verdict {
  const minor = ask.facts?.minor;
  if (minor === undefined || !isPermissive(ask)) return skip;
  return must(minor.ofAgeMs === null || minor.ofAgeMs <= ask.atLeastMs, "MINOR_NOT_ALLOWED");
}

function consented(ask: Ask): Verdict {
  if (ask.facts?.minor === undefined || !isPermissive(ask) || !isMinor(ask, ask.facts)) return skip;
  return must(ask.facts.minor.consent, "CONSENT_MISSING");
}

function minorWatched(ask: Ask): Verdict {
  if (!isPermissive(ask) || !needsAdult(ask)) return skip;
  return adultBeside(ask) === null ? pending("AWAIT_SUPERVISOR") : passAs("GRANT_SUPERVISED");
}

/** A guest's host taps too, or is known to be in: courtesy, so that soft evidence will do (domain.md D6). A class has its own host. */
function hosted(ask: Ask): Verdict {
  if (ask.facts?.guest === undefined || ask.inClass || !isPermissive(ask) || ask.kind === "extend") return skip;
  if (hostBeside(ask) !== null || ask.live.hostPresent === true) return pass;
  return ask.live.hostPresent === false ? pending("AWAIT_SUPERVISOR") : notKnownHere(ask, "AWAIT_SUPERVISOR", pending("AWAIT_SUPERVISOR"));
}

/** Two people tap, each their own card. While the time is not known, the hours for two are always on. */
function twoPeople(ask: Ask): Verdict {
  const rule = ask.resource?.twoPerson;
  if (rule === undefined || ask.resource === null || !isPermissive(ask) || ask.jobRunsOn || ask.kind === "remote_unlock") return skip;
  if (rule !== "always" && ask.nowMs !== null && !isOpen(rule, ask.resource.tz, ask.nowMs)) return skip;
  if (secondPerson(ask) !== null) return pass;
  const sameAgain = ask.companions?.some(({ member }) => member === ask.subject?.member) === true;
  return sameAgain ? fail("SECOND_PERSON_SAME") : pending("AWAIT_SECOND_PERSON");
}

/** Presence is soft evidence (D6): it may keep somebody from starting alone, it never stops who has started. Doors let the first one in. */
function notAlone(ask: Ask): Verdict {
  const mode = ask.resource?.loneWorking;
  if (mode === undefined || ask.act !== "use" || ask.jobRunsOn) return skip;
  if (secondPerson(ask) !== null) return pass;
  const others = ask.live.othersPresent;
  if (mode === "forbid" && ask.kind !== "extend")
    return mustLive(ask, others === undefined ? undefined : others > 0, "LONE_WORKING", "fails");
  return (others ?? 0) > 0 ? pass : warn("LONE_WORKING");
}

function stewardThere(ask: Ask): Verdict {
  if (ask.kind === "remote_unlock")
    return must(ask.is("staff") || (ask.subject !== null && stewardOnDuty(ask, ask.subject)), "STEWARD_REQUIRED");
  if (ask.resource?.stewardRequired !== true || !isPermissive(ask) || ask.jobRunsOn || ask.kind === "maintain") return skip;
  if (ask.nowMs === null && ask.resource.duty !== undefined) return skip; // R50 has refused, and says the true reason
  return must(onShift(ask, ask.resource.duty), "STEWARD_REQUIRED");
}

/** Where capacity refuses, a door that cannot know who is in refuses: it must not fill the house because the hub is away. */
function notFull(ask: Ask): Verdict {
  const capacity = ask.resource?.capacity;
  if (capacity === undefined || ask.kind !== "enter" || ask.live.memberInside === true) return skip;
  const { occupancy } = ask.live;
  if (capacity.mode === "warn") return occupancy !== undefined && occupancy >= capacity.people ? warn("ZONE_FULL") : pass;
  return mustLive(ask, occupancy === undefined ? undefined : occupancy < capacity.people, "ZONE_FULL", "fails");
}

/**
 * How many machines one person may answer for: as many as the resource says; else one attended machine of class A, beside whatever
 * runs by itself. Not known without the hub, and passed: the person stands here. For the general limit of class A alone the hub is
 * not asked, so that a laser starts at once; a policy that wants it asked names `member_limit` among its `asks`.
 */
function notTooMany(ask: Ask): Verdict {
  const { resource, live } = ask;
  if (resource === null || (ask.kind !== "start" && ask.kind !== "handover")) return skip;
  const open = live.memberSessions;
  if (resource.memberLimit !== undefined) {
    return mustLive(ask, open === undefined ? undefined : open.all < resource.memberLimit, "MEMBER_LIMIT", "passes");
  }
  if (open === undefined || resource.riskClass !== "A" || resource.attendance !== "attended") return skip;
  return must(open.attendedA < accessDefaults.classAConcurrent, "MEMBER_LIMIT");
}

/** Not known without the hub, and passed: the supervisor has just tapped here. */
function fewSupervised(ask: Ask): Verdict {
  if (ask.resource === null || !ask.begins || supervisorOf(ask) === null) return skip;
  const { supervised: count } = ask.live;
  return mustLive(ask, count === undefined ? undefined : count < supervisorLimit(ask.resource), "MEMBER_LIMIT", "passes");
}

function notPassedBack(ask: Ask): Verdict {
  if (ask.resource?.antiPassback !== true || ask.kind !== "enter") return skip;
  return ask.live.memberInside === true ? warn("ANTI_PASSBACK") : pass;
}

function trainingEndsSoon(ask: Ask): Verdict {
  const { nowMs, facts } = ask;
  if (ask.resource?.requiresTraining !== true || nowMs === null || facts === null || !isCompetent(ask, facts)) return skip;
  const { untilMs } = facts.competence;
  return untilMs !== null && untilMs - nowMs <= accessDefaults.warnAheadMs ? warn("TRAINING_ENDS") : skip;
}

export const rulesOfPeople: readonly Rule[] = [
  { id: "R70", looksAt: "the training it needs", check: trained },
  { id: "R70", looksAt: "how long the training still counts", check: trainingEndsSoon },
  { id: "R71", looksAt: "a trainee has a trainer beside them", check: supervised },
  { id: "R72", looksAt: "the training each accessory needs", check: accessories },
  { id: "R73", looksAt: "old enough", check: oldEnough },
  { id: "R73", looksAt: "a guardian has consented", check: consented },
  { id: "R73", looksAt: "a minor has an adult beside them", check: minorWatched },
  { id: "R73", looksAt: "a guest's host is there", check: hosted },
  { id: "R80", looksAt: "two people where two are needed", check: twoPeople },
  { id: "R81", looksAt: "nobody works alone where it is forbidden", check: notAlone },
  { id: "R82", looksAt: "a steward is on duty where one is needed", check: stewardThere },
  { id: "R83", looksAt: "the zone is not full", check: notFull },
  { id: "R83", looksAt: "the member answers for few enough machines", check: notTooMany },
  { id: "R83", looksAt: "the supervisor watches over few enough people", check: fewSupervised },
  { id: "R84", looksAt: "the member is not inside already", check: notPassedBack },
];
