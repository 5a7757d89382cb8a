/** Who stands beside the person who asks: supervisor, second person, host; and who may be one (domain.md §1.1, §3.6). */
import type { ResourceFacts, SubjectFacts } from "#contract";
import { accessDefaults } from "../defaults.ts";
import type { Ask } from "./facts.ts";
import { covers } from "./facts.ts";
import type { Subject } from "./types.ts";

/** The part of a question that says when and where. */
export type Around = Pick<Ask, "nowMs" | "atLeastMs" | "resource">;

/** A member whose card is in force and who is under no hold. Where the time is not known, the floor counts. */
export function inForce(ask: Around, { facts }: Subject): boolean {
  const begun = facts.credentialFromMs === null || ask.nowMs === null || facts.credentialFromMs <= ask.nowMs;
  const runs = facts.credentialUntilMs === null || ask.atLeastMs < facts.credentialUntilMs;
  return facts.member === "active" && facts.credential === "active" && begun && runs && !holds(ask, facts) && !isRestricted(ask, facts);
}

/** A hold or restriction with an end is over when that has certainly passed. */
export const holds = (ask: Around, facts: SubjectFacts): boolean =>
  facts.hold && (facts.holdUntilMs === undefined || ask.atLeastMs < facts.holdUntilMs);
export const isRestricted = (ask: Around, facts: SubjectFacts): boolean =>
  facts.restricted && (facts.restrictedUntilMs === undefined || ask.atLeastMs < facts.restrictedUntilMs);

/** Under age until the birthday has certainly passed. */
export const isMinor = (ask: Ask, facts: SubjectFacts): boolean => facts.minor !== undefined && ask.atLeastMs < facts.minor.adultMs;

export const isCompetent = (ask: Ask, { competence }: SubjectFacts): boolean =>
  competence.level === "competent" && (competence.untilMs === null || ask.atLeastMs < competence.untilMs);

/** Without a roster, whoever has the role is always on duty. */
export function stewardOnDuty(ask: Around, { member, facts }: Subject): boolean {
  if (!facts.roles.includes("steward")) return false;
  return onShift(ask, ask.resource?.duty, member);
}

/** Somebody's shift is running: this member's, or anybody's. */
export function onShift(ask: Around, duty: ResourceFacts["duty"], member?: number): boolean {
  if (duty === undefined) return true;
  const { nowMs } = ask;
  return nowMs !== null && duty.some((shift) => (member === undefined || shift.member === member) && covers(shift, nowMs));
}

/** Others than the one who asks; in a hand-over not the one who leaves. */
function beside(ask: Ask, suits: (other: Subject) => boolean): Subject | null {
  if (ask.companions === undefined) return null;
  const leaves = ask.kind === "handover" ? ask.live.session?.member : undefined;
  return (
    ask.companions.find(
      (other) => other.member !== ask.subject?.member && other.member !== leaves && inForce(ask, other) && suits(other),
    ) ?? null
  );
}

export const trainerBeside = (ask: Ask): Subject | null => beside(ask, ({ facts }) => facts.roles.includes("trainer"));
export const secondPerson = (ask: Ask): Subject | null => beside(ask, () => true);
export const hostBeside = (ask: Ask): Subject | null => beside(ask, ({ member }) => member === ask.facts?.guest?.host);
/** Over a minor watches an adult: a trainer, steward or member of staff, or who may use the machine alone. */
export const adultBeside = (ask: Ask): Subject | null =>
  beside(
    ask,
    ({ facts }) =>
      !isMinor(ask, facts) &&
      (facts.roles.some((role) => role === "trainer" || role === "steward" || role === "staff") ||
        (ask.resource?.requiresTraining === true && isCompetent(ask, facts))),
  );

/** A lesson, or the extension of one: the student needs no training of their own. */
export const isTaught = (ask: Ask): boolean => ask.kind === "teach" || (ask.kind === "extend" && trainerBeside(ask) !== null);

/**
 * Who may use it only with a trainer beside them: trainees; on class A also the untrained participants of a class, whom their
 * enrolment lets in elsewhere, because nobody untrained is alone with a machine that can kill.
 */
export function needsTrainer(ask: Ask): boolean {
  if (ask.facts === null || ask.resource?.requiresTraining !== true || ask.jobRunsOn) return false;
  if (ask.kind !== "start" && ask.kind !== "handover" && ask.kind !== "extend" && ask.kind !== "enter") return false;
  if (ask.facts.competence.level === "trainee") return true;
  return ask.inClass && ask.resource.riskClass === "A" && !isCompetent(ask, ask.facts);
}

export const needsAdult = (ask: Ask): boolean =>
  ask.facts !== null &&
  ask.resource?.minorsNeedSupervisor === true &&
  !ask.jobRunsOn &&
  ask.kind !== "remote_unlock" &&
  isMinor(ask, ask.facts);

/** Who watches over the operator; null when nobody needs to, or nobody is there. */
export function supervisorOf(ask: Ask): Subject | null {
  if (needsTrainer(ask) || isTaught(ask)) return trainerBeside(ask);
  return needsAdult(ask) ? adultBeside(ask) : null;
}

export const supervisorLimit = (resource: ResourceFacts): number =>
  resource.supervisorLimit ?? accessDefaults.supervised[resource.riskClass ?? "C"];
