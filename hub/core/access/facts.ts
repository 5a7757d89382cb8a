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
  readonly act: "leave" | "stop" | "enter" | "use";
  readonly facts: SubjectFacts | null;
  /** UTC ms, or null while the time is not known (domain.md §3.4) */
  readonly nowMs: number | null;
  /** true time is certainly not before this */
  readonly atLeastMs: number;
  /** a node that cannot reach the hub */
  readonly alone: boolean;
  /** a node whose snapshot cannot be used: absent, or older than the policy allows */
  readonly snapshot: "usable" | "none" | "stale" | "not_needed";
  is(role: Role): boolean;
  wants(...kinds: readonly RequestKind[]): boolean;
};

export function askOf(input: DecisionInput): Ask {
  const { question, subject, where, resource } = input;
  const nowMs = knownNowMs(input);
  const facts = subject?.facts ?? null;
  return {
    ...input,
    act: acts[question.kind],
    facts,
    nowMs,
    atLeastMs: nowMs ?? input.clock.floorMs,
    alone: where.place === "node" && !where.hubReachable,
    snapshot:
      where.place === "hub"
        ? "not_needed"
        : where.snapshot === null
          ? "none"
          : resource !== null && where.snapshot.ageMs > resource.offlineMaxAgeMs
            ? "stale"
            : "usable",
    is: (role) => facts?.roles.includes(role) ?? false,
    wants: (...kinds) => kinds.includes(question.kind),
  };
}

/** A clock slightly behind the floor is slow and is lifted to it; far behind, it is wrong and tells nothing. */
function knownNowMs({ clock }: DecisionInput): number | null {
  if (clock.quality === "unknown" || clock.nowMs === null) return null;
  if (clock.floorMs - clock.nowMs > accessDefaults.floorSlackMs) return null;
  return Math.max(clock.nowMs, clock.floorMs);
}

/** Opening hours bind everybody but plans that are always open. */
export function openingHours(ask: Ask): Schedule | null {
  return ask.facts?.always === true || (ask.act !== "enter" && ask.act !== "use") || ask.wants("maintain", "remote_unlock")
    ? null
    : (ask.resource?.openingHours ?? null);
}

/** The member's own schedule; `missing` when the facts name one that is not there, which closes (domain.md §3.4 precedence). */
export function ownSchedule(ask: Ask): Schedule | "missing" | null {
  const index = ask.facts?.schedule ?? null;
  return index === null ? null : (ask.schedules[index] ?? "missing");
}

/** Instants at which standing or competence end by themselves; null when it has no end. */
export function endsMs(facts: SubjectFacts, needsTraining: boolean): readonly number[] {
  const { membership, credentialUntilMs, competence } = facts;
  const ends = [credentialUntilMs, membership.graceUntilMs ?? membership.untilMs, needsTraining ? competence.untilMs : null];
  return ends.filter((end) => end !== null);
}

/** The nearest instant at which use must stop: an end, or closing time. Null when none is in sight or the time is unknown. */
export function nextHardEndMs(ask: Ask): number | null {
  if (ask.nowMs === null || ask.facts === null || ask.resource === null) return null;
  const ends = endsMs(ask.facts, ask.resource.requiresTraining).filter((end) => end > ask.atLeastMs);
  for (const schedule of [openingHours(ask), ownSchedule(ask)]) {
    if (schedule === null || schedule === "missing" || !isOpen(schedule, ask.resource.tz, ask.nowMs)) continue;
    const closes = nextChangeMs(schedule, ask.resource.tz, ask.nowMs);
    if (closes !== null) ends.push(closes);
  }
  return ends.length === 0 ? null : Math.min(...ends);
}

/** Every instant ahead at which some fact flips by itself. */
export function flipsMs(ask: Ask): readonly number[] {
  const { nowMs, facts, resource } = ask;
  if (nowMs === null || facts === null || resource === null) return [];
  const { membership } = facts;
  const flips = [facts.credentialFromMs, membership.fromMs, membership.untilMs, ...endsMs(facts, resource.requiresTraining)];
  for (const schedule of [openingHours(ask), ownSchedule(ask)]) {
    if (schedule !== null && schedule !== "missing") flips.push(nextChangeMs(schedule, resource.tz, nowMs));
  }
  return flips.filter((flip) => flip !== null).filter((flip) => flip > nowMs);
}
