/**
 * The access decision (domain.md §3): every rule is looked at, the first that fails in order is the reason, the others are
 * `also`. Total and pure; a rule that breaks refuses with INTERNAL_ERROR. The hub and the nodes run this same function.
 */
import type { Code, Permit, ResourceFacts, WarningCode } from "#contract";
import { hour, minute, second } from "#contract";
import { accessDefaults } from "../defaults.ts";
import type { Ask } from "./facts.ts";
import { askOf } from "./facts.ts";
import { nextFlipMs } from "./flips.ts";
import { isOverridden, yieldsToPolicy } from "./overrides.ts";
import { secondPerson, supervisorOf } from "./people.ts";
import type { Rule, Verdict } from "./rule.ts";
import { rules } from "./rules.ts";
import { accessoriesOf } from "./rules-people.ts";
import type { Decision, DecisionInput, Outcome, RuleTrace } from "./types.ts";

export function decide(input: DecisionInput): Decision {
  const ask = askOf(input);
  const answer = answerOf(ask);
  return {
    ...answer,
    member: input.subject?.member ?? 0,
    degraded: answer.outcome === "grant" && isDegraded(ask),
    reevaluateAtMs: reevaluateAt(ask, answer),
  };
}

/** What each rule says to the question, in order, for staff. */
export function traceOf(input: DecisionInput): readonly RuleTrace[] {
  const ask = askOf(input);
  return rules.map((rule) => {
    const said = checked(rule, ask);
    const code = "code" in said ? said.code : said.verdict === "pass" ? said.as : null;
    return { rule: rule.id, verdict: said.verdict, code, because: rule.looksAt };
  });
}

/**
 * The first instant at which the answer to this very question changes by itself; null when none is known. Exact, except that after
 * 64 instants at which something flipped without changing the answer it names the last of them, which is early, never late.
 */
export function answerChangesAtMs(input: DecisionInput): number | null {
  const ask = askOf(input);
  return changesAt(ask, answerOf(ask), null);
}

type Answer = Pick<Decision, "outcome" | "reason" | "also" | "waived" | "warnings" | "obligations">;

function checked(rule: Rule, ask: Ask): Verdict {
  try {
    return rule.check(ask);
  } catch {
    return { verdict: "fail", code: "INTERNAL_ERROR" }; // e.g. a time zone this runtime does not know: closed, with a reason
  }
}

/** What the rules said, sorted. */
type Findings = {
  readonly failed: Code[];
  readonly waits: Code[];
  readonly asked: Code[];
  readonly warned: WarningCode[];
  readonly names: Code[];
  /** let pass by a warn-only policy */
  readonly said: Code[];
};

/** A decisive verdict counts unless something before it failed; then failures, then what must be waited for, then the grant. */
function answerOf(ask: Ask): Answer {
  const found: Findings = { failed: [], waits: [], asked: [], warned: [], names: [], said: [] };
  for (const rule of rules) {
    const verdict = checked(rule, ask);
    switch (verdict.verdict) {
      case "grant":
      case "noop":
        if (found.failed.length === 0) return decisive(verdict.verdict, verdict.code, ask);
        break;
      case "fail":
      case "pending":
      case "ask": {
        if (verdict.code !== "INTERNAL_ERROR" && yieldsToPolicy(ask, rule.id)) addOnce(found.said, verdict.code);
        else addOnce(verdict.verdict === "fail" ? found.failed : verdict.verdict === "ask" ? found.asked : found.waits, verdict.code);
        break;
      }
      case "warn":
        found.warned.push(verdict.code);
        break;
      case "pass":
        if (verdict.as !== null) found.names.push(verdict.as);
        break;
      case "withhold":
      case "skip":
        break;
    }
  }
  return conclude(ask, found);
}

function addOnce<T>(list: T[], item: T): void {
  if (!list.includes(item)) list.push(item);
}

const nothing: readonly never[] = [];

function decisive(outcome: "grant" | "noop", reason: Code, ask: Ask): Answer {
  const obligations = outcome === "grant" ? permitOf(ask) : null;
  return { outcome, reason, also: nothing, waived: nothing, warnings: nothing, obligations };
}

function conclude(ask: Ask, found: Findings): Answer {
  const { failed, waits, asked, warned, said } = found;
  const refused = [...failed, ...waits];
  const blocking = refused.filter((code) => !isOverridden(ask, code));
  const [reason] = blocking;
  if (reason !== undefined || asked.length > 0) {
    const first = reason ?? asked[0] ?? "INTERNAL_ERROR";
    const also = [...refused, ...asked].filter((code) => code !== first);
    return { outcome: outcomeOf(ask, found, blocking), reason: first, also, waived: nothing, warnings: nothing, obligations: null };
  }
  const waived = ask.resource?.alwaysEnabled === true ? refused : [...said, ...refused];
  const reasonOfGrant = grantName(ask, found, refused.length > 0);
  if (onlyTheHubKnows(ask))
    return { outcome: "ask", reason: reasonOfGrant, also: nothing, waived: nothing, warnings: nothing, obligations: null };
  return { outcome: "grant", reason: reasonOfGrant, also: nothing, waived, warnings: warned, obligations: permitOf(ask) };
}

/** Something refuses, or must be waited for, or is not known here. */
function outcomeOf(ask: Ask, found: Findings, blocking: readonly Code[]): Outcome {
  const refuses = blocking.some((code) => found.failed.includes(code));
  if (refuses) return hubMayKnowBetter(ask, found.failed) ? "ask" : "deny";
  return found.asked.length > 0 || onlyTheHubKnows(ask) || (ask.hubInReach && ask.strangers === true) ? "ask" : "pending";
}

/** The policy wants live facts that no snapshot holds (domain.md D1). */
const onlyTheHubKnows = (ask: Ask): boolean => ask.hubInReach && ask.resource !== null && ask.resource.asks.length > 0;

/** Refusals that need no facts about the person, so the hub would say the same. */
const provenHere: ReadonlySet<Code> = new Set<Code>([
  "DEVICE_NOT_AUTHORISED",
  "RESOURCE_UNKNOWN",
  "REQUEST_STALE",
  "TOO_MANY_ATTEMPTS",
  "EMERGENCY_ACTIVE",
  "LOCKDOWN",
  "CREDENTIAL_UNUSABLE",
  "INTERNAL_ERROR",
]);

/** The snapshot cannot prove this refusal: the card may be newer than it, or it is too old or absent. */
function hubMayKnowBetter(ask: Ask, failed: readonly Code[]): boolean {
  if (!ask.hubInReach || ask.live.revoked || failed[0] === undefined || provenHere.has(failed[0])) return false;
  return ask.subject === null || ask.snapshot !== "usable";
}

const isDegraded = (ask: Ask): boolean => ask.alone || (ask.nowMs === null && (ask.act === "enter" || ask.act === "use"));

/** The first of these that applies: what happens to the machine comes before who is there. */
const names = ["GRANT_MAINTENANCE", "GRANT_TEACH", "GRANT_HANDOVER", "GRANT_TAKEOVER"] as const satisfies readonly Code[];
const lesserNames = ["GRANT_EVENT", "GRANT_SUPERVISED"] as const satisfies readonly Code[];

function grantName(ask: Ask, found: Findings, overridden: boolean): Code {
  if (overridden) return "GRANT_OVERRIDE";
  const name = names.find((code) => found.names.includes(code));
  if (name !== undefined) return name;
  if (ask.resource?.alwaysEnabled === true) return "GRANT_ALWAYS_ENABLED";
  if (found.said.length > 0) return "GRANT_WARN_ONLY";
  if (ask.kind === "extend") return isDegraded(ask) ? "GRANT_DEGRADED" : "GRANT_EXTENSION";
  return lesserNames.find((code) => found.names.includes(code)) ?? (isDegraded(ask) ? "GRANT_DEGRADED" : "GRANT");
}

const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** What a grant to enter or use carries, inside the wire's limits, and what happens when the hub is away as the lease ends (domain.md §4.2 holdPolicy). */
function permitOf(ask: Ask): Permit | null {
  const { resource, facts } = ask;
  if (resource === null || (ask.act !== "enter" && ask.act !== "use")) return null;
  const supervisor = supervisorOf(ask);
  const buddy = resource.twoPerson === undefined ? null : secondPerson(ask);
  const accessories = facts === null ? null : accessoriesOf(ask, facts);
  return {
    ...timesOf(resource, facts?.moreTime === true),
    ...(supervisor === null ? {} : { supervisor: supervisor.member }),
    ...(buddy === null ? {} : { buddy: buddy.member }),
    ...(accessories === null ? {} : { accessories }),
  };
}

function timesOf(resource: ResourceFacts, needsMore: boolean): Permit {
  const { shuntMs = 0, extendedShuntMs = accessDefaults.extendedShuntMs } = resource.door ?? {};
  const openMs = needsMore && resource.door !== null ? Math.max(shuntMs, extendedShuntMs) : shuntMs;
  const attended = resource.attendance === "attended";
  return {
    leaseMs: within(resource.lease.leaseMs, 0, 12 * hour),
    idleMs: within(resource.lease.idleMs, 0, 12 * hour),
    graceMs: within(resource.lease.graceMs, 0, 10 * minute),
    enableMs: within(resource.lease.enableMs, 1 * second, 5 * minute),
    strikeMs: within(resource.door?.strikeMs ?? 0, 0, 30 * second),
    shuntMs: within(openMs, 0, 10 * minute),
    attended,
    holdPolicy: resource.attendance === "unattended_ok" ? "indefinite" : attended && resource.riskClass === "A" ? "fixed" : "until_idle",
  };
}

/**
 * When to ask again. After a grant of use the question is no longer whether to start but whether to go on: the first instant at which
 * the answer to `extend` changes, and the end of the lease at the latest. Otherwise the same question.
 */
function reevaluateAt(ask: Ask, answer: Answer): number | null {
  if (ask.nowMs === null) return null;
  const { leaseMs } = answer.obligations ?? { leaseMs: 0 };
  if (answer.outcome !== "grant" || ask.act !== "use") return changesAt(ask, answer, null);
  const leaseEndMs = leaseMs > 0 ? ask.nowMs + leaseMs : null;
  if (!ask.begins || ask.subject === null) return changesAt(ask, answer, leaseEndMs);
  const going = askOf({
    ...ask,
    question: { ...ask.question, kind: "extend" },
    live: { ...ask.live, session: { member: ask.subject.member, phase: "enabled", idleForMs: 0 } },
  });
  return changesAt(going, answerOf(going), leaseEndMs);
}

const flipsMax = 64;

/** Looks at the instants at which some fact flips, in order, until the answer is another one. What is free, and what was done already, stays so. */
function changesAt(ask: Ask, answer: Answer, untilMs: number | null): number | null {
  const isOwn = ask.live.session === null || ask.live.session.member === ask.subject?.member;
  const isFree = answer.outcome === "grant" && (ask.act === "leave" || (ask.act === "stop" && isOwn));
  if (isFree || answer.outcome === "noop") return null;
  let at = ask;
  for (let flips = 0; flips < flipsMax; flips += 1) {
    const flipMs = flipAfter(at);
    if (flipMs === null || (untilMs !== null && flipMs >= untilMs)) return untilMs;
    at = later(at, flipMs);
    if (!isSame(answerOf(at), answer)) return flipMs;
  }
  return at.nowMs;
}

function flipAfter(ask: Ask): number | null {
  try {
    return nextFlipMs(ask);
  } catch {
    return null; // the same broken fact has already refused
  }
}

/** The same question at a later instant: what counts from a beginning has grown older. */
function later(ask: Ask, atMs: number): Ask {
  const { clock, live, where, nowMs } = ask;
  const passedMs = atMs - (nowMs ?? atMs);
  const session = live.session === null ? null : { ...live.session, idleForMs: live.session.idleForMs + passedMs };
  const snapshot = where.place === "hub" || where.snapshot === null ? null : { ...where.snapshot, ageMs: where.snapshot.ageMs + passedMs };
  return askOf({
    ...ask,
    clock: { ...clock, nowMs: atMs },
    live: { ...live, session, nowMono: live.nowMono + passedMs },
    where: where.place === "hub" ? where : { ...where, snapshot },
  });
}

function isSame(a: Answer, b: Answer): boolean {
  return (
    a.outcome === b.outcome &&
    a.reason === b.reason &&
    isSameList(a.also, b.also) &&
    isSameList(a.waived, b.waived) &&
    isSameList(a.warnings, b.warnings) &&
    a.obligations?.supervisor === b.obligations?.supervisor &&
    a.obligations?.buddy === b.obligations?.buddy &&
    isSameList(Object.values(a.obligations?.accessories ?? {}), Object.values(b.obligations?.accessories ?? {}))
  );
}

const isSameList = (a: readonly unknown[], b: readonly unknown[]): boolean => a.length === b.length && a.every((item, i) => item === b[i]);
