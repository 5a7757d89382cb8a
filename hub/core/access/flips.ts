/** The instants ahead at which some fact flips by itself; `decide` looks at each in turn (domain.md §3.4). */
import type { SubjectFacts } from "#contract";
import { nextChangeMs } from "../calendar.ts";
import { accessDefaults } from "../defaults.ts";
import { noShowAtMs } from "./bookings.ts";
import type { Ask } from "./facts.ts";
import { nextHardEndMs, openingHours, ownSchedule } from "./facts.ts";

type Take = (atMs: number | null | undefined) => void;

/** The first of them after the known instant; null when none is in sight or the time is unknown. Throws RangeError for an unknown zone. */
export function nextFlipMs(ask: Ask): number | null {
  const { nowMs } = ask;
  if (nowMs === null) return null;
  let next = Number.POSITIVE_INFINITY;
  const take: Take = (atMs) => {
    if (atMs !== null && atMs !== undefined && atMs > nowMs && atMs < next) next = atMs;
  };
  if (ask.facts !== null) factsFlip(ask.facts, take);
  for (const { facts } of ask.companions ?? []) factsFlip(facts, take);
  resourceFlips(ask, nowMs, take);
  runningFlips(ask, nowMs, take);
  return next === Number.POSITIVE_INFINITY ? null : next;
}

function factsFlip(facts: SubjectFacts, take: Take): void {
  take(facts.credentialFromMs);
  take(facts.credentialUntilMs);
  const { fromMs, untilMs, graceUntilMs } = facts.membership;
  take(fromMs);
  take(untilMs);
  take(graceUntilMs);
  endTakes(facts.competence.untilMs, take);
  endTakes(untilMs, take);
  take(facts.holdUntilMs);
  take(facts.restrictedUntilMs);
  take(facts.guest?.untilMs);
  take(facts.minor?.ofAgeMs);
  take(facts.minor?.adultMs);
  for (const given of facts.overrides ?? []) take(given.untilMs);
  for (const lesson of facts.events ?? []) spanTakes(lesson, take);
  for (const competence of Object.values(facts.accessories ?? {})) take(competence.untilMs);
}

/** An end, and the beginning of its warning. */
function endTakes(endMs: number | null, take: Take): void {
  if (endMs === null) return;
  take(endMs);
  take(endMs - accessDefaults.warnAheadMs);
}

function spanTakes(span: { readonly fromMs: number; readonly untilMs: number }, take: Take): void {
  take(span.fromMs);
  take(span.untilMs);
}

function resourceFlips(ask: Ask, nowMs: number, take: Take): void {
  const { resource } = ask;
  if (resource === null) return;
  for (const booking of resource.bookings ?? []) {
    spanTakes(booking, take);
    take(booking.fromMs - (resource.booking?.leadMs ?? 0));
    take(booking.fromMs - accessDefaults.bookingWarnMs);
    take(noShowAtMs(ask, booking));
    take(booking.fromMs + (resource.booking?.noShowMs ?? 0));
  }
  for (const shift of resource.duty ?? []) spanTakes(shift, take);
  for (const schedule of [openingHours(ask), ownSchedule(ask), resource.twoPerson]) {
    if (typeof schedule === "object" && schedule !== null) take(nextChangeMs(schedule, resource.tz, nowMs));
  }
  const endMs = nextHardEndMs(ask);
  if (endMs !== null) take(endMs - resource.minUsefulMs + 1); // R53 still passes with exactly that much left
}

/** What counts from a beginning: the snapshot's age, the reader's penalty, another's idle time. */
function runningFlips(ask: Ask, nowMs: number, take: Take): void {
  const { live, resource, where } = ask;
  if (where.place === "node" && where.snapshot !== null && resource !== null) {
    take(nowMs + resource.offlineMaxAgeMs - where.snapshot.ageMs + 1);
    take(nowMs + 2 * resource.offlineMaxAgeMs - where.snapshot.ageMs + 1);
  }
  if (live.readerPenaltyUntilMono !== null) take(nowMs + live.readerPenaltyUntilMono - live.nowMono);
  if (live.session?.phase === "idle") take(nowMs + (resource?.takeoverIdleMs ?? accessDefaults.takeoverIdleMs) - live.session.idleForMs);
}
