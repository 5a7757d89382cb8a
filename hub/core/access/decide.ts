/**
 * The access decision (domain.md §3): every rule is looked at, the first that fails in order is the reason, the others are
 * `also`. Total and pure; a rule that breaks refuses with INTERNAL_ERROR. The hub and the nodes run this same function.
 */
import type { Code, Permit, ResourceFacts, WarningCode } from "#contract";
import { hour, minute, second } from "#contract";
import type { Ask } from "./facts.ts";
import { askOf, flipsMs } from "./facts.ts";
import type { Verdict } from "./rule.ts";
import { rules } from "./rules.ts";
import type { Decision, DecisionInput, Outcome, RuleTrace } from "./types.ts";

export function decide(input: DecisionInput): Decision {
  const ask = askOf(input);
  const found = rules.map((rule) => ({ rule, verdict: checked(rule.check, ask) }));
  const trace = found.map(
    ({ rule, verdict }): RuleTrace => ({ rule: rule.id, verdict: verdict.verdict, code: codeOf(verdict), because: rule.looksAt }),
  );
  const verdicts = found.map(({ verdict }) => verdict);
  const { outcome, reason, also } = conclude(verdicts, ask);
  const granted = outcome === "grant";
  const obligations = granted && ask.resource !== null && (ask.act === "enter" || ask.act === "use") ? permitOf(ask.resource) : null;
  return {
    outcome,
    reason,
    also,
    waived: [],
    warnings: granted ? warningsOf(verdicts) : [],
    member: input.subject?.member ?? 0,
    obligations,
    degraded: granted && isDegraded(ask),
    reevaluateAtMs: reevaluateAt(ask, obligations),
    trace,
  };
}

function checked(check: (ask: Ask) => Verdict, ask: Ask): Verdict {
  try {
    return check(ask);
  } catch {
    return { verdict: "fail", code: "INTERNAL_ERROR" }; // e.g. a time zone this runtime does not know: closed, with a reason
  }
}

const codeOf = (verdict: Verdict): Code | WarningCode | null =>
  "code" in verdict ? verdict.code : verdict.verdict === "pass" ? verdict.as : null;

const warningsOf = (verdicts: readonly Verdict[]): readonly WarningCode[] =>
  verdicts.flatMap((v) => (v.verdict === "warn" ? [v.code] : []));

/** A decisive grant counts unless something before it failed; then failures, then what must be waited for, then the grant. */
function conclude(verdicts: readonly Verdict[], ask: Ask): Pick<Decision, "outcome" | "reason" | "also"> {
  const failed: Code[] = [];
  const waits: Code[] = [];
  let name: Code | null = null;
  for (const verdict of verdicts) {
    if (verdict.verdict === "fail" && !failed.includes(verdict.code)) failed.push(verdict.code);
    if (verdict.verdict === "pending") waits.push(verdict.code);
    if (verdict.verdict === "pass" && verdict.as !== null) name = verdict.as;
    if (verdict.verdict === "grant" && failed.length === 0) return { outcome: "grant", reason: verdict.code, also: [] };
  }
  const [reason, ...also] = [...failed, ...waits];
  if (reason === undefined) {
    return { outcome: onlyTheHubKnows(ask) ? "ask" : "grant", reason: grantName(ask, name), also: [] };
  }
  const outcome: Outcome = hubMayKnowBetter(ask, failed) ? "ask" : failed.length > 0 ? "deny" : onlyTheHubKnows(ask) ? "ask" : "pending";
  return { outcome, reason, also };
}

const hubInReach = (ask: Ask): boolean => ask.where.place === "node" && ask.where.hubReachable;

/** The policy wants live facts that no snapshot holds (domain.md D1). */
const onlyTheHubKnows = (ask: Ask): boolean => hubInReach(ask) && ask.resource !== null && ask.resource.asks.length > 0;

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
  if (!hubInReach(ask) || ask.live.revoked || failed[0] === undefined || provenHere.has(failed[0])) return false;
  return ask.subject === null || ask.snapshot !== "usable";
}

const isDegraded = (ask: Ask): boolean => ask.alone || (ask.nowMs === null && (ask.act === "enter" || ask.act === "use"));

function grantName(ask: Ask, name: Code | null): Code {
  if (name !== null) return name;
  if (isDegraded(ask)) return "GRANT_DEGRADED";
  return ask.wants("extend") ? "GRANT_EXTENSION" : "GRANT";
}

const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** What a grant carries, inside the wire's limits, and what happens when the hub is away as the lease ends (domain.md §4.2 holdPolicy). */
function permitOf(resource: ResourceFacts): Permit {
  const attended = resource.attendance === "attended";
  return {
    leaseMs: within(resource.lease.leaseMs, 0, 12 * hour),
    idleMs: within(resource.lease.idleMs, 0, 12 * hour),
    graceMs: within(resource.lease.graceMs, 0, 10 * minute),
    enableMs: within(resource.lease.enableMs, 1 * second, 5 * minute),
    strikeMs: within(resource.door?.strikeMs ?? 0, 0, 30 * second),
    shuntMs: within(resource.door?.shuntMs ?? 0, 0, 10 * minute),
    attended,
    holdPolicy: resource.attendance === "unattended_ok" ? "indefinite" : attended && resource.riskClass === "A" ? "fixed" : "until_idle",
  };
}

/** The earliest instant at which the answer could change by itself: a date, opening or closing time, the end of the lease. */
function reevaluateAt(ask: Ask, obligations: Permit | null): number | null {
  if (ask.nowMs === null || ask.act === "leave" || ask.act === "stop") return null;
  let flips: readonly number[] = [];
  try {
    flips = flipsMs(ask);
  } catch {
    return null; // the same broken fact has already refused above
  }
  const leaseEnds = obligations !== null && obligations.leaseMs > 0 && ask.act === "use" ? [ask.nowMs + obligations.leaseMs] : [];
  const all = [...flips, ...leaseEnds];
  return all.length === 0 ? null : Math.min(...all);
}
