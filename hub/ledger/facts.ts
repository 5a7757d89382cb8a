/**
 * From what is recorded to what a decision rests on: rows of members, plans, trainings and machines become the facts that hub
 * and nodes hand to the same `decide`. Calculation only; standings.ts and snapshots.ts bring the rows.
 */
import type { ResourceFacts, Schedule, SubjectFacts } from "#contract";
import { addDays, type DayCache } from "./dates.ts";

export type Plan = {
  readonly plan: string;
  readonly always: boolean /** null: everything */;
  readonly covers: ReadonlySet<string> | null;
  readonly schedule: string | null;
};
export type MembershipFact = {
  readonly plan: string;
  readonly from: string;
  readonly validThrough: string | null;
  readonly graceDays: number;
};
export type TrainingFact = { readonly course: string; readonly level: "trainee" | "competent"; readonly validThrough: string | null };

/** All that is true of a member wherever they tap. Members with equal standings share their facts. */
export type Standing = {
  readonly status: SubjectFacts["member"];
  readonly hold: boolean;
  readonly roles: SubjectFacts["roles"];
  readonly waiver: number | null;
  readonly membership: MembershipFact | null;
  readonly trainings: readonly TrainingFact[];
  readonly restricted: readonly string[];
};
export type CardFact = {
  readonly status: SubjectFacts["credential"];
  readonly validFrom: string | null;
  readonly validThrough: string | null;
};

/** What holds for the whole site while facts are made. */
export type SiteFacts = {
  readonly nowMs: number;
  readonly tz: string;
  readonly days: DayCache;
  readonly waiverRevision: number | null;
  readonly plans: ReadonlyMap<string, Plan>;
  readonly schedules: ReadonlyMap<string, Schedule>;
  /** schedules of plans, in the order in which snapshots carry them */
  readonly planSchedules: readonly string[];
  readonly openingHours: string | null;
};

export type ResourceFactsRow = {
  readonly id: string;
  readonly kind: "door" | "machine";
  readonly label: string;
  readonly course: string | null;
  readonly riskClass: "A" | "B" | "C" | null;
  readonly cutHazard: number | null;
  readonly policy: string;
  readonly nextStep: string;
};

/** What a policy column holds: the fields of inputs.ts that are no columns of their own. */
type StoredPolicy = {
  readonly offline: ResourceFacts["offline"];
  readonly offlineMaxAgeMs: number;
  readonly unknownClock: ResourceFacts["unknownClock"];
  readonly asks: ResourceFacts["asks"];
  readonly hours: string | null;
  readonly disabled: boolean;
  readonly sharing?: ResourceFacts["sharing"];
  readonly attendance?: ResourceFacts["attendance"];
  readonly leaseMs?: number;
  readonly idleMs?: number;
  readonly graceMs?: number;
  readonly enableMs?: number;
  readonly minUsefulMs?: number;
  readonly strikeMs?: number;
  readonly shuntMs?: number;
};

export function resourceFactsOf(row: ResourceFactsRow, site: SiteFacts): ResourceFacts {
  const policy: StoredPolicy = JSON.parse(row.policy);
  return {
    id: row.id,
    kind: row.kind,
    label: row.label,
    tz: site.tz,
    riskClass: row.riskClass,
    cutHazard: row.cutHazard === 1,
    sharing: policy.sharing ?? "shared",
    attendance: policy.attendance ?? "attended",
    requiresTraining: row.course !== null,
    nextStep: JSON.parse(row.nextStep),
    openingHours: hoursOf(policy.hours, site),
    unknownClock: policy.unknownClock,
    offline: policy.offline,
    offlineMaxAgeMs: policy.offlineMaxAgeMs,
    minUsefulMs: policy.minUsefulMs ?? 0,
    asks: policy.asks,
    disabled: policy.disabled,
    lease: { leaseMs: policy.leaseMs ?? 0, idleMs: policy.idleMs ?? 0, graceMs: policy.graceMs ?? 0, enableMs: policy.enableMs ?? 0 },
    door: row.kind === "door" ? { strikeMs: policy.strikeMs ?? 5000, shuntMs: policy.shuntMs ?? 30_000 } : null,
  };
}

function hoursOf(hours: string | null, site: SiteFacts): Schedule | null {
  if (hours === "always") return null;
  const name = hours ?? site.openingHours;
  return name === null ? null : (site.schedules.get(name) ?? null);
}

/** Facts of one member, with one card, at one door or machine. */
export function subjectFactsOf(
  standing: Standing,
  card: CardFact,
  resource: { readonly id: string; readonly course: string | null },
  site: SiteFacts,
): SubjectFacts {
  const plan = standing.membership === null ? undefined : site.plans.get(standing.membership.plan);
  const schedule = plan === undefined || plan.schedule === null ? -1 : site.planSchedules.indexOf(plan.schedule);
  return {
    member: standing.status,
    credential: card.status,
    credentialFromMs: site.days.startMs(card.validFrom),
    credentialUntilMs: site.days.endMs(card.validThrough),
    hold: standing.hold,
    restricted: standing.restricted.includes(resource.id),
    membership: membershipOf(standing.membership, site.days),
    inPlan: plan !== undefined && (plan.covers === null || plan.covers.has(resource.id)),
    always: plan?.always ?? false,
    schedule: schedule < 0 ? null : schedule,
    waiver: waiverOf(standing.waiver, site.waiverRevision),
    competence: competenceOf(standing.trainings, resource.course, site),
    roles: standing.roles,
  };
}

function membershipOf(held: MembershipFact | null, days: DayCache): SubjectFacts["membership"] {
  if (held === null) return { state: "none", fromMs: null, untilMs: null, graceUntilMs: null };
  return {
    state: "held",
    fromMs: days.startMs(held.from),
    untilMs: days.endMs(held.validThrough),
    graceUntilMs: days.endMs(held.validThrough, held.graceDays),
  };
}

function waiverOf(signed: number | null, required: number | null): SubjectFacts["waiver"] {
  if (required === null) return "ok";
  if (signed === null) return "missing";
  return signed < required ? "outdated" : "ok";
}

/** The best of the trainings: one that still counts before one that has ended, the longest lasting of these. */
function competenceOf(trainings: readonly TrainingFact[], course: string | null, site: SiteFacts): SubjectFacts["competence"] {
  let best: SubjectFacts["competence"] = { level: "none", untilMs: null };
  if (course === null) return best;
  for (const training of trainings) {
    if (training.course !== course) continue;
    const untilMs = site.days.endMs(training.validThrough);
    const level = untilMs !== null && untilMs <= site.nowMs ? "expired" : training.level;
    const candidate = { level, untilMs } as const;
    if (rank(candidate) > rank(best)) best = candidate;
  }
  return best;
}

const order = { none: 0, superseded: 1, suspended: 1, lapsed: 1, expired: 1, trainee: 2, competent: 3 } as const;
/** Level first, then the later end; no end is the latest. */
function rank(competence: SubjectFacts["competence"]): number {
  return order[competence.level] * 1e16 + (competence.untilMs ?? 9e15);
}

/**
 * The membership that counts on a date: the one that holds, else the last one that ended, else the next to begin. Memberships
 * of one plan that follow each other without a day between count as one, so that a renewal is known to nodes at once.
 * @param memberships  sorted by first day
 */
export function currentMembership(memberships: readonly MembershipFact[], today: string): MembershipFact | null {
  let current: MembershipFact | null = null;
  for (const next of memberships) {
    if (current === null) current = next;
    else if (follows(current, next)) current = { ...next, from: current.from };
    else if (next.from <= today) current = next;
  }
  return current;
}

function follows(current: MembershipFact, next: MembershipFact): boolean {
  return current.plan === next.plan && current.validThrough !== null && next.from <= addDays(current.validThrough, 1);
}
