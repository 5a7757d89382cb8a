/** R50–R53: is the time known, and is it the right time (domain.md §3.4). A part of the policy in rules.ts. */
import { isOpen, specialDay } from "../calendar.ts";
import { isForOthers, unreleased } from "./bookings.ts";
import type { Ask } from "./facts.ts";
import { endsMs, mayFinish, nextHardEndMs, openingHours, ownSchedule } from "./facts.ts";
import type { Rule, Verdict } from "./rule.ts";
import { fail, must, pass, skip } from "./rule.ts";

/**
 * Without the time: what has dates or hours cannot be granted, unless the policy trusts the floor for mere ends and for the
 * courtesy of a booking. Two-person hours, holds and age need no time: without it they take the safe side by themselves.
 */
function clockTrusted(ask: Ask): Verdict {
  const { facts, resource } = ask;
  if (ask.nowMs !== null || facts === null || resource === null || ask.act === "stop" || mayFinish(ask)) return skip;
  const roster = resource.stewardRequired === true && resource.duty !== undefined;
  if (openingHours(ask) !== null || ownSchedule(ask) !== null || roster) return fail("CLOCK_UNTRUSTED");
  if (resource.booking?.mode === "required" && ask.act === "use") return fail("CLOCK_UNTRUSTED");
  const begun = [facts.credentialFromMs, facts.membership.fromMs].every((from) => from === null || from <= ask.atLeastMs);
  if (resource.unknownClock === "floor") return must(begun, "CLOCK_UNTRUSTED");
  const reserved = ask.act === "use" && (resource.bookings ?? []).some((booking) => isForOthers(ask, booking) && unreleased(ask, booking));
  return must(begun && !reserved && endsMs(ask, facts).length === 0, "CLOCK_UNTRUSTED");
}

function withinOpeningHours(ask: Ask): Verdict {
  const hours = openingHours(ask);
  if (hours === null || ask.nowMs === null || ask.resource === null) return skip;
  if (isOpen(hours, ask.resource.tz, ask.nowMs)) return pass;
  return fail(specialDay(hours, ask.resource.tz, ask.nowMs) === undefined ? "OUTSIDE_OPENING_HOURS" : "HOLIDAY_CLOSED");
}

function withinOwnSchedule(ask: Ask): Verdict {
  const schedule = ownSchedule(ask);
  if (schedule === null || ask.nowMs === null || ask.resource === null || ask.act === "stop") return skip;
  return must(schedule !== "missing" && isOpen(schedule, ask.resource.tz, ask.nowMs), "OUTSIDE_SCHEDULE");
}

function enoughTimeLeft(ask: Ask): Verdict {
  if (!ask.begins || ask.nowMs === null || ask.resource === null) return skip;
  const endMs = nextHardEndMs(ask);
  return endMs === null ? skip : must(endMs - ask.nowMs >= ask.resource.minUsefulMs, "TIME_TOO_SHORT");
}

export const rulesOfTime: readonly Rule[] = [
  { id: "R50", looksAt: "the time is known where it matters", check: clockTrusted },
  { id: "R51", looksAt: "opening hours and special days", check: withinOpeningHours },
  { id: "R52", looksAt: "the member's own schedule", check: withinOwnSchedule },
  { id: "R53", looksAt: "enough time is left to be useful", check: enoughTimeLeft },
];
