/** R50–R53: is the time known, and is it the right time (domain.md §3.4). A part of the policy in rules.ts. */
import { isOpen, specialDay } from "../calendar.ts";
import { accessDefaults } from "../defaults.ts";
import type { Ask } from "./facts.ts";
import { endsMs, nextHardEndMs, openingHours, ownSchedule } from "./facts.ts";
import type { Rule, Verdict } from "./rule.ts";
import { fail, must, pass, skip, warn } from "./rule.ts";

/** Without the time: what has dates or hours cannot be granted, unless the policy trusts the floor for mere ends. */
function clockTrusted(ask: Ask): Verdict {
  if (ask.nowMs !== null || ask.facts === null || ask.resource === null || ask.act === "stop") return skip;
  if (openingHours(ask) !== null || ownSchedule(ask) !== null) return fail("CLOCK_UNTRUSTED");
  const begun = [ask.facts.credentialFromMs, ask.facts.membership.fromMs].every((from) => from === null || from <= ask.atLeastMs);
  if (ask.resource.unknownClock === "floor") return must(begun, "CLOCK_UNTRUSTED");
  return must(begun && endsMs(ask.facts, ask.resource.requiresTraining).length === 0, "CLOCK_UNTRUSTED");
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
  const endMs = nextHardEndMs(ask);
  if (!ask.wants("start", "handover", "teach") || endMs === null || ask.nowMs === null || ask.resource === null) return skip;
  return must(endMs - ask.nowMs >= ask.resource.minUsefulMs, "TIME_TOO_SHORT");
}

const endsSoon = (ask: Ask, endMs: number | null | undefined): boolean =>
  typeof endMs === "number" && ask.nowMs !== null && endMs > ask.nowMs && endMs - ask.nowMs <= accessDefaults.warnAheadMs;

export const rulesOfTime: readonly Rule[] = [
  { id: "R50", looksAt: "the time is known where it matters", check: clockTrusted },
  { id: "R51", looksAt: "opening hours and special days", check: withinOpeningHours },
  { id: "R52", looksAt: "the member's own schedule", check: withinOwnSchedule },
  { id: "R53", looksAt: "enough time is left to be useful", check: enoughTimeLeft },
  {
    id: "R42",
    looksAt: "how long the membership still runs",
    check: (ask) => (endsSoon(ask, ask.facts?.membership.untilMs) ? warn("MEMBERSHIP_ENDS") : skip),
  },
  {
    id: "R70",
    looksAt: "how long the training still counts",
    check: (ask) =>
      ask.resource?.requiresTraining === true && endsSoon(ask, ask.facts?.competence.untilMs) ? warn("TRAINING_ENDS") : skip,
  },
];
