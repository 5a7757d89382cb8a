/**
 * Competence of a member in a course at an instant, from training records and the revisions of the course. Calculation only.
 *
 *   record ends by: its last valid day (expired) · a revision that supersedes it (superseded) · disuse (lapsed)
 *   record is worth less by: suspension · a prerequisite that is not competent
 */
import type { SubjectFacts } from "#contract";
import type { SiteFacts, Standing } from "./facts.ts";

export type Competence = SubjectFacts["competence"];
export type Revision = {
  readonly rev: number;
  readonly effective: string;
  readonly supersedes: "keep" | "require_by" | "require_now";
  readonly requireBy: string | null;
  readonly currencyDays: number | null;
  readonly minAge: number | null;
  readonly prerequisites: readonly string[];
};
/** A record that counts: passed or supervised only, not revoked. */
export type TrainingFact = {
  readonly course: string;
  readonly rev: number;
  readonly result: "passed" | "supervised_only";
  /** first day; only the facts of courses that lapse by disuse need it */
  readonly on: string;
  readonly validThrough: string | null;
  readonly suspended: boolean;
};

/** Revisions of each course, oldest first. */
export type Revisions = ReadonlyMap<string, readonly Revision[]>;
const none: Competence = { level: "none", untilMs: null };

/** The revision as taught on the day on which the facts are made. */
export const presentRevision = (course: string, site: Pick<SiteFacts, "revisions" | "today">): Revision | undefined =>
  site.revisions.get(course)?.findLast((revision) => revision.effective <= site.today);

export function competenceOf(standing: Pick<Standing, "trainings" | "lastUse">, course: string | null, site: SiteFacts): Competence {
  return course === null ? none : competence(standing, course, site, []);
}

export function competentIn(standing: Pick<Standing, "trainings" | "lastUse">, course: string, site: SiteFacts): boolean {
  return competenceOf(standing, course, site).level === "competent";
}

function competence(
  standing: Pick<Standing, "trainings" | "lastUse">,
  course: string,
  site: SiteFacts,
  via: readonly string[],
): Competence {
  let best = none;
  for (const training of standing.trainings) {
    if (training.course !== course) continue;
    const candidate = worthOf(training, standing, site);
    if (rank(candidate) > rank(best)) best = candidate;
  }
  for (const needed of presentRevision(course, site)?.prerequisites ?? []) {
    if (best.level !== "competent" && best.level !== "trainee") return best;
    if (via.includes(needed)) continue; // commands refuse circles; a file that has one all the same must not hang
    best = lesser(best, competence(standing, needed, site, [...via, course]));
  }
  return best;
}

type End = { readonly ms: number; readonly as: "expired" | "lapsed" | "superseded" };

/** What one record is worth now, and what ends it first. */
function worthOf(training: TrainingFact, standing: Pick<Standing, "lastUse">, site: SiteFacts): Competence {
  if (training.suspended) return { level: "suspended", untilMs: null };
  const first = endsOf(training, standing, site).sort((a, b) => a.ms - b.ms)[0];
  const level = training.result === "passed" ? "competent" : "trainee";
  if (first === undefined) return { level, untilMs: null };
  if (first.ms <= site.nowMs) return { level: first.as, untilMs: first.ms };
  return first.as === "expired" ? { level, untilMs: first.ms } : { level, untilMs: first.ms, endsAs: first.as };
}

function endsOf(training: TrainingFact, standing: Pick<Standing, "lastUse">, site: SiteFacts): End[] {
  const ends: End[] = [];
  const { days } = site;
  const expires = days.endMs(training.validThrough);
  if (expires !== null) ends.push({ ms: expires, as: "expired" });
  for (const revision of site.revisions.get(training.course) ?? []) {
    if (revision.rev <= training.rev || revision.supersedes === "keep") continue;
    const at = revision.supersedes === "require_now" ? days.startMs(revision.effective) : days.endMs(revision.requireBy);
    if (at !== null) ends.push({ ms: at, as: "superseded" });
  }
  const currencyDays = presentRevision(training.course, site)?.currencyDays ?? null;
  if (currencyDays !== null) {
    const used = standing.lastUse.find((use) => use.course === training.course)?.on ?? training.on;
    const lapses = days.endMs(used > training.on ? used : training.on, currencyDays);
    if (lapses !== null) ends.push({ ms: lapses, as: "lapsed" });
  }
  return ends;
}

const order = { none: 0, superseded: 1, lapsed: 1, expired: 1, suspended: 2, trainee: 3, competent: 4 } as const;
/** Level first, then the later end; no end is the latest. A suspension is said before an old record's end. */
const rank = (given: Competence): number => order[given.level] * 1e16 + (given.untilMs ?? 9e15);

/** A course is worth no more than what it builds on, and ends no later; a trainee below is a trainee above. */
function lesser(above: Competence, below: Competence): Competence {
  if (order[below.level] < order[above.level]) {
    if (below.level !== "trainee") return below;
    return { ...above, level: "trainee" };
  }
  const isSooner = below.untilMs !== null && (above.untilMs === null || below.untilMs < above.untilMs);
  if (!isSooner) return above;
  return { level: above.level, untilMs: below.untilMs, ...(below.endsAs === undefined ? {} : { endsAs: below.endsAs }) };
}
