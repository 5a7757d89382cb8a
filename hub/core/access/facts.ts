/** What the rules look at, worked out once per question: the known instant, the ends in sight, and who is asking. */
import type { Schedule, SubjectFacts } from "#contract";
import { isOpen, nextChangeMs } from "../calendar.ts";
import { accessDefaults } from "../defaults.ts";
import type { DecisionInput, RequestKind, Role } from "./types.ts";

/** Restrictive and free acts: nothing about permission may stand in their way. */
const acts = {
  exit: "leave",
  stop: "stop",
  enter: "enter",
  remote_unlock: "enter",
  start: "use",
  extend: "use",
  handover: "use",
  teach: "use",
  maintain: "use",
} as const;

export type Ask = DecisionInput & {
  readonly kind: RequestKind;
  readonly act: "leave" | "stop" | "enter" | "use";
  /** somebody is about to work with the machine: a start, a hand-over, a lesson */
  readonly begins: boolean;
  readonly facts: SubjectFacts | null;
  /** UTC ms, or null while the time is not known (domain.md §3.4) */
  readonly nowMs: number | null;
  /** true time is certainly not before this */
  readonly atLeastMs: number;
  /** a node that cannot reach the hub */
  readonly alone: boolean;
  /** a node that can */
  readonly hubInReach: boolean;
  /** a node whose snapshot cannot be used: absent, or older than the policy allows */
  readonly snapshot: "usable" | "none" | "stale" | "not_needed";
  /** in a class here at this moment; it stands in for membership, plan, hours and booking (domain.md §2.2 rule 10) */
  readonly inClass: boolean;
  /** an unattended job of this member is running: nobody has to be there (domain.md §3.6) */
  readonly jobRunsOn: boolean;
  is(role: Role): boolean;
};

export function askOf(input: DecisionInput): Ask {
  const { question, subject, where, resource, live } = input;
  const { kind } = question;
  const nowMs = knownNowMs(input);
  const facts = subject?.facts ?? null;
  const alone = where.place === "node" && !where.hubReachable;
  return {
    ...input,
    kind,
    act: acts[kind],
    begins: kind === "start" || kind === "handover" || kind === "teach",
    facts,
    nowMs,
    atLeastMs: nowMs ?? input.clock.floorMs,
    alone,
    hubInReach: where.place === "node" && where.hubReachable,
    snapshot:
      where.place === "hub"
        ? "not_needed"
        : where.snapshot === null
          ? "none"
          : resource !== null && where.snapshot.ageMs > resource.offlineMaxAgeMs
            ? "stale"
            : "usable",
    inClass: nowMs !== null && (facts?.events ?? []).some((lesson) => covers(lesson, nowMs)),
    jobRunsOn: kind === "extend" && live.session?.phase === "unattended" && live.session.member === subject?.member,
    is: (role) => facts?.roles.includes(role) ?? false,
  };
}

export const covers = (span: { readonly fromMs: number; readonly untilMs: number }, atMs: number): boolean =>
  span.fromMs <= atMs && atMs < span.untilMs;

/** A clock slightly behind the floor is slow and is lifted to it; far behind, it is wrong and tells nothing. */
function knownNowMs({ clock }: DecisionInput): number | null {
  if (clock.quality === "unknown" || clock.nowMs === null) return null;
  if (clock.floorMs - clock.nowMs > accessDefaults.floorSlackMs) return null;
  return Math.max(clock.nowMs, clock.floorMs);
}

/** An unattended job that began before them may outlive membership, opening hours and schedule, unless the plan says no (domain.md §3.6). */
export const mayFinish = (ask: Ask): boolean => ask.jobRunsOn && ask.facts?.unattendedMayFinish !== false;

/** Opening hours bind everybody but plans that are always open, classes, jobs that may finish, and who mends or opens from afar. */
export function openingHours(ask: Ask): Schedule | null {
  if (ask.facts?.always === true || ask.inClass || mayFinish(ask) || (ask.act !== "enter" && ask.act !== "use")) return null;
  return ask.kind === "maintain" || ask.kind === "remote_unlock" ? null : (ask.resource?.openingHours ?? null);
}

/** The member's own schedule; `missing` when the facts name one that is not there, which closes (domain.md §3.4 precedence). */
export function ownSchedule(ask: Ask): Schedule | "missing" | null {
  const index = ask.facts?.schedule ?? null;
  return index === null || ask.inClass || mayFinish(ask) ? null : (ask.schedules[index] ?? "missing");
}

/** A trainer teaches; the student's own competence does not matter. */
const isLesson = (ask: Ask): boolean => ask.kind === "teach";

/** Instants at which card, membership, visit or competence end by themselves. */
export function endsMs(ask: Ask, facts: SubjectFacts): readonly number[] {
  const { membership, credentialUntilMs, competence, guest } = facts;
  const ends: number[] = [];
  if (credentialUntilMs !== null) ends.push(credentialUntilMs);
  const standingUntilMs = guest === undefined ? (membership.graceUntilMs ?? membership.untilMs) : guest.untilMs;
  if (standingUntilMs !== null && !ask.inClass) ends.push(standingUntilMs);
  if (ask.resource?.requiresTraining === true && competence.untilMs !== null && !isLesson(ask)) ends.push(competence.untilMs);
  return ends;
}

/** The nearest instant at which use must stop: an end, closing time, or the end of one's booking. Null when none is in sight or the time is unknown. */
export function nextHardEndMs(ask: Ask): number | null {
  const { nowMs, facts, resource } = ask;
  if (nowMs === null || facts === null || resource === null) return null;
  let next = Number.POSITIVE_INFINITY;
  for (const end of endsMs(ask, facts)) if (end > nowMs && end < next) next = end;
  for (const schedule of [openingHours(ask), ownSchedule(ask)]) {
    if (schedule === null || schedule === "missing" || !isOpen(schedule, resource.tz, nowMs)) continue;
    next = Math.min(next, nextChangeMs(schedule, resource.tz, nowMs) ?? next);
  }
  if (resource.booking?.mode === "required") next = Math.min(next, ownBookingEndMs(ask, nowMs) ?? next);
  return next === Number.POSITIVE_INFINITY ? null : next;
}

/** Bookings that follow one another without a gap are one. */
function ownBookingEndMs(ask: Ask, nowMs: number): number | null {
  let end: number | null = null;
  for (const booking of ask.resource?.bookings ?? []) {
    if (booking.member === ask.subject?.member && booking.fromMs <= (end ?? nowMs) && booking.untilMs > (end ?? nowMs))
      end = booking.untilMs;
  }
  return end;
}
