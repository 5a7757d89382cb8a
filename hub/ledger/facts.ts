/**
 * From what is recorded to what a decision rests on: rows of members, plans and trainings become the facts that hub and nodes
 * hand to the same `decide`. Calculation only; standings.ts and snapshots.ts bring the rows. Everything is as of `nowMs`.
 */
import { type Code, minute, type Schedule, type SubjectFacts } from "#contract";
import { addDays, birthdayOf, type DayCache } from "./dates.ts";
import type { PlaceFacts, ZoneFact } from "./facts-resource.ts";
import { competenceOf, presentRevision, type Revisions, type TrainingFact } from "./facts-training.ts";

export type Plan = {
  readonly plan: string;
  readonly always: boolean /** null: everything */;
  readonly covers: ReadonlySet<string> | null;
  readonly schedule: string | null;
  readonly unattendedMayFinish: boolean;
};
export type MembershipFact = {
  readonly plan: string;
  readonly from: string;
  readonly validThrough: string | null;
  readonly graceDays: number;
};
/** A hold (`place` null) or a restriction in force; `through` is its last day. */
export type BlockFact = { readonly place: string | null; readonly through: string | null };
export type GuestFact = { readonly host: number; readonly untilMs: number; readonly visitsLeft: number | null };
/** Refusals set aside for the member at one place, for a while, and the roles there of who gave it, as of now. */
export type OverrideFact = {
  readonly resource: string;
  readonly codes: readonly Code[];
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly by: SubjectFacts["roles"];
};
/** A class the member is enrolled in, with its margins, and where. */
export type ClassFact = { readonly fromMs: number; readonly untilMs: number; readonly places: readonly string[] };

/** All that is true of a member wherever they tap. Members with equal standings share their facts. */
export type Standing = {
  readonly status: SubjectFacts["member"];
  readonly blocks: readonly BlockFact[];
  /** roles that hold everywhere */
  readonly roles: readonly ("staff" | "steward" | "responder")[];
  /** courses this member may sign off and machines they maintain; null stands for all */
  readonly trains: readonly (string | null)[];
  readonly maintains: readonly (string | null)[];
  readonly waiver: number | null;
  readonly membership: MembershipFact | null;
  readonly trainings: readonly TrainingFact[];
  /** last day of use, for courses that lapse by disuse */
  readonly lastUse: readonly { readonly course: string; readonly on: string }[];
  readonly hasPin: boolean;
  readonly moreTime: boolean;
  /** only of those who may still be too young for something here */
  readonly birthDate: string | null;
  readonly consent: boolean;
  readonly guest: GuestFact | null;
  readonly classes: readonly ClassFact[];
  readonly overrides: readonly OverrideFact[];
};
export type CardFact = {
  readonly status: SubjectFacts["credential"];
  readonly validFrom: string | null;
  readonly validThrough: string | null;
};

/** What holds for the whole site while facts are made. */
export type SiteFacts = {
  readonly nowMs: number;
  /** the local date of `nowMs` */
  readonly today: string;
  readonly tz: string;
  readonly days: DayCache;
  readonly waiverRevision: number | null;
  readonly adultAge: number;
  readonly plans: ReadonlyMap<string, Plan>;
  readonly schedules: ReadonlyMap<string, Schedule>;
  /** schedules of plans, in the order in which snapshots carry them */
  readonly planSchedules: readonly string[];
  readonly openingHours: string | null;
  readonly revisions: Revisions;
  readonly zones: ReadonlyMap<string, ZoneFact>;
  readonly places: PlaceFacts;
};

/** Classes begin and end with a margin (domain.md §2.2 rule 10). */
export const classMarginMs = 15 * minute;

/** Facts of one member, with one card, at one door or machine. What does not apply is absent. */
export function subjectFactsOf(
  standing: Standing,
  card: CardFact,
  resource: { readonly id: string; readonly course: string | null; readonly zone: string | null },
  site: SiteFacts,
): SubjectFacts {
  const plan = standing.membership === null ? undefined : site.plans.get(standing.membership.plan);
  const schedule = plan === undefined || plan.schedule === null ? -1 : site.planSchedules.indexOf(plan.schedule);
  const hold = blockOf(standing, (block) => block.place === null, site);
  const here = new Set([resource.id, ...zonesOf(resource.zone, site)]);
  const restricted = blockOf(standing, (block) => block.place !== null && here.has(block.place), site);
  return {
    member: standing.status,
    credential: card.status,
    credentialFromMs: site.days.startMs(card.validFrom),
    credentialUntilMs: site.days.endMs(card.validThrough),
    hold: hold !== undefined,
    restricted: restricted !== undefined,
    membership: membershipOf(standing.membership, site.days),
    inPlan: plan !== undefined && (plan.covers === null || plan.covers.has(resource.id)),
    always: plan?.always ?? false,
    schedule: schedule < 0 ? null : schedule,
    waiver: waiverOf(standing.waiver, site.waiverRevision),
    competence: competenceOf(standing, resource.course, site),
    roles: rolesOf(standing, resource),
    ...rareFacts(standing, resource, site),
    ...(hold === undefined || hold === null ? {} : { holdUntilMs: hold }),
    ...(restricted === undefined || restricted === null ? {} : { restrictedUntilMs: restricted }),
    ...(plan?.unattendedMayFinish === false ? { unattendedMayFinish: false } : {}),
  };
}

type RareFacts = Pick<SubjectFacts, "hasPin" | "moreTime" | "guest" | "minor" | "events" | "accessories" | "overrides">;
function rareFacts(standing: Standing, resource: { readonly id: string; readonly course: string | null }, site: SiteFacts): RareFacts {
  const minor = minorOf(standing, resource.course, site);
  const classes = standing.classes.filter((each) => each.places.includes(resource.id)).slice(0, 8);
  const overrides = standing.overrides.filter((each) => each.resource === resource.id).slice(0, 8);
  const accessories = (site.places.accessories.get(resource.id) ?? []).filter((each) => each.course !== null);
  return {
    ...(standing.hasPin ? { hasPin: true } : {}),
    ...(standing.moreTime ? { moreTime: true } : {}),
    ...(standing.guest === null ? {} : { guest: standing.guest }),
    ...(minor === undefined ? {} : { minor }),
    ...(overrides.length === 0
      ? {}
      : { overrides: overrides.map(({ resource: _here, codes, ...rest }) => ({ codes: [...codes], ...rest })) }),
    ...(classes.length === 0 ? {} : { events: classes.map(({ fromMs, untilMs }) => ({ fromMs, untilMs })) }),
    ...(accessories.length === 0
      ? {}
      : { accessories: Object.fromEntries(accessories.map((each) => [each.accessory, competenceOf(standing, each.course, site)])) }),
  };
}

/** undefined: no such block; null: one without an end; else when the last of them ends. */
function blockOf(standing: Standing, isMeant: (block: BlockFact) => boolean, site: SiteFacts): number | null | undefined {
  let endMs: number | null | undefined;
  for (const block of standing.blocks) {
    if (!isMeant(block)) continue;
    const until = site.days.endMs(block.through);
    if (until === null) return null;
    if (until > site.nowMs) endMs = Math.max(endMs ?? 0, until);
  }
  return endMs;
}

/** A zone and everything around it. */
export function zonesOf(zone: string | null, site: Pick<SiteFacts, "zones">): string[] {
  const found: string[] = [];
  for (let at = zone; at !== null && !found.includes(at); at = site.zones.get(at)?.parent ?? null) found.push(at);
  return found;
}

function rolesOf(standing: Standing, resource: { readonly id: string; readonly course: string | null }): SubjectFacts["roles"] {
  const is = (scopes: readonly (string | null)[], scope: string | null): boolean =>
    scopes.includes(null) || (scope !== null && scopes.includes(scope));
  const roles: SubjectFacts["roles"] = [...standing.roles];
  if (is(standing.trains, resource.course)) roles.push("trainer");
  if (is(standing.maintains, resource.id)) roles.push("maintainer");
  return roles.sort();
}

function minorOf(standing: Standing, course: string | null, site: SiteFacts): SubjectFacts["minor"] {
  if (standing.birthDate === null) return undefined;
  const adultMs = site.days.startMs(birthdayOf(standing.birthDate, site.adultAge)) ?? 0;
  const minAge = course === null ? null : (presentRevision(course, site)?.minAge ?? null);
  const ofAgeMs = minAge === null ? null : site.days.startMs(birthdayOf(standing.birthDate, minAge));
  if (adultMs <= site.nowMs && (ofAgeMs === null || ofAgeMs <= site.nowMs)) return undefined;
  return { ofAgeMs, adultMs, consent: standing.consent };
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
