/**
 * From a card to a verdict (domain.md D1): decide at once from the snapshot; ask the hub only for what no snapshot can
 * prove; without an answer in 700 ms the offline policy speaks, and a late answer counts for 2.5 s.
 *
 *   number ─ HMAC ─ snapshot.find ─ decide ─▶ grant, deny
 *                                       └ask─▶ hub ─▶ grant, deny, pending
 */
import { createHmac } from "node:crypto";
import type { AccessResponse, EventBody, Permit, SiteMode } from "#contract";
import { type Decision, type DecisionInput, decide, type LiveFacts, type RequestKind, readerPenalty } from "#core";
import type { Ids } from "./ids.ts";
import type { NodeClock } from "./node-clock.ts";
import type { Clock } from "./ports.ts";
import type { Requests } from "./requests.ts";
import type { SnapshotStore } from "./snapshot-store.ts";

/** The only form of a card number that leaves the reader: a keyed hash, 16 bytes (domain.md §1.1). `key` is this node's own. */
export function cardKeyOf(key: Uint8Array, number: string): string {
  return createHmac("sha256", key).update(`card:v1:${number}`).digest("hex").slice(0, 32);
}

export type Verdict = {
  readonly decision: string;
  readonly outcome: "grant" | "deny" | "pending" | "noop";
  readonly reason: Decision["reason"];
  readonly also: Decision["also"];
  readonly warnings: Decision["warnings"];
  readonly member: number;
  readonly permit: Permit | null;
  readonly where: "hub" | "node";
  /** taken without the hub although the policy wanted it */
  readonly provisional: boolean;
  readonly reevaluateAtMs: number | null;
};

export type Question = {
  readonly ch: string;
  readonly kind: RequestKind;
  readonly cardKey: string;
  /** false for random and known non-unique numbers */
  readonly usable: boolean;
  readonly atMono: number;
  readonly gesture: "tap" | "hold" | "double" | "insert" | "button" | "remote";
};

/** The channel's own live facts; the authoriser adds time, penalty and revocation. */
export type ChannelFacts = Pick<LiveFacts, "session" | "ancillariesReady">;

export type Authoriser = {
  /** The verdict, exactly once: at once in most cases, after 2.5 s at the latest. It is on record when `done` is called. */
  authorise(question: Question, live: ChannelFacts, done: (verdict: Verdict) => void): void;
  /** What would be decided now from the snapshot alone, without a record: for sessions that are running. */
  review(question: Pick<Question, "ch" | "kind" | "cardKey" | "usable">, live: ChannelFacts): Decision;
  /** Whose card this is by the snapshot; 0 = not known. */
  memberOf(cardKey: string): number;
};

export type AuthoriserGiven = {
  readonly clock: Clock;
  readonly nodeClock: NodeClock;
  readonly ids: Ids;
  readonly snapshots: SnapshotStore;
  readonly requests: Requests;
  readonly mode: () => SiteMode;
  readonly lockouts: (ch: string) => LiveFacts["lockouts"];
  readonly isRevoked: (cardKey: string) => boolean;
  readonly record: (ch: string, body: EventBody) => void;
};

export function createAuthoriser(given: AuthoriserGiven): Authoriser {
  const penalties = createPenalties(given.clock);
  const conclude = (question: Question, startedMono: number, verdict: Verdict): Verdict => {
    given.record(question.ch, {
      kind: "access.decided",
      request: question.kind,
      decision: verdict.decision,
      outcome: verdict.outcome,
      reason: verdict.reason,
      also: [...verdict.also],
      warnings: [...verdict.warnings],
      member: verdict.member,
      where: verdict.where,
      snapshot: basis(given),
      tookMs: Math.max(0, given.clock.monoMs() - startedMono),
    });
    if (verdict.outcome === "deny" && question.gesture !== "remote") penalties.noteRefusal(question.ch);
    return verdict;
  };
  return {
    memberOf: (cardKey) => given.snapshots.current()?.find(cardKey)?.member ?? 0,
    review: (question, live) => {
      const now = { ...question, atMono: given.clock.monoMs(), gesture: "tap" as const };
      return decide(inputOf(given, now, live, null, given.requests.isReachable()));
    },
    authorise(question, live, done) {
      const startedMono = given.clock.monoMs();
      // what nobody tapped, a renewal above all, has no part in the penalty for tapping (I4)
      const penaltyMono = () => (question.gesture === "remote" ? null : penalties.untilMono(question.ch));
      const local = (hubReachable: boolean) => decide(inputOf(given, question, live, penaltyMono(), hubReachable));
      const settle = (verdict: Verdict) => done(conclude(question, startedMono, verdict));
      const first = local(given.requests.isReachable());
      if (first.outcome !== "ask") return settle(verdictOf(given, first));
      const offline = () => verdictOf(given, withoutHub(local(false)));
      given.requests.ask(requestOf(given, question), {
        onSlow() {
          const verdict = offline();
          if (verdict.outcome !== "grant") return false;
          settle({ ...verdict, provisional: true });
          return true;
        },
        onAnswer: (answer) => settle(answer === null ? { ...offline(), provisional: true } : verdictFromHub(answer)),
      });
    },
  };
}

/** `decide` may still say `ask` when the hub is away: nobody is there to answer, so it is a refusal. */
function withoutHub(decision: Decision): Decision {
  return decision.outcome === "ask" ? { ...decision, outcome: "deny", reason: "OFFLINE_NOT_ALLOWED", obligations: null } : decision;
}

function basis(given: AuthoriserGiven): { epoch: number; version: number; ageMs: number } | null {
  const header = given.snapshots.current()?.header;
  if (header === undefined) return null;
  const { nowMs, floorMs } = given.nodeClock.read();
  return { epoch: header.epoch, version: header.version, ageMs: Math.max(0, Math.round((nowMs ?? floorMs) - header.issuedMs)) };
}

function inputOf(
  given: AuthoriserGiven,
  question: Question,
  live: ChannelFacts,
  penaltyUntilMono: number | null,
  hubReachable: boolean,
): DecisionInput {
  const snapshot = given.snapshots.current();
  const found = snapshot?.find(question.cardKey);
  const facts = found?.profile[question.ch];
  return {
    question: { kind: question.kind, ageMs: Math.max(0, given.clock.monoMs() - question.atMono), usable: question.usable },
    clock: given.nodeClock.read(),
    subject: found === undefined || facts === undefined ? null : { member: found.member, facts },
    resource: snapshot?.header.channels[question.ch] ?? null,
    schedules: snapshot?.header.schedules ?? [],
    live: {
      ...live,
      lockouts: given.lockouts(question.ch),
      online: null,
      readerPenaltyUntilMono: penaltyUntilMono,
      nowMono: given.clock.monoMs(),
      revoked: given.isRevoked(question.cardKey),
    },
    mode: given.mode(),
    nodeAuthorised: true,
    where: { place: "node", snapshot: basis(given), hubReachable },
  };
}

function requestOf(given: AuthoriserGiven, question: Question) {
  const ageMs = Math.max(0, Math.round(given.clock.monoMs() - question.atMono));
  return {
    ch: question.ch,
    kind: question.kind,
    presented: [{ cardKey: question.cardKey, ageMs }],
    gesture: question.gesture,
    snapshot: given.snapshots.version(),
  };
}

function verdictOf(given: AuthoriserGiven, decision: Decision): Verdict {
  const { outcome, reason, also, warnings, member, obligations, reevaluateAtMs } = decision;
  const permit: Permit | null = obligations === null ? null : neverCutting(obligations);
  return {
    decision: given.ids.ulid(),
    outcome: outcome === "ask" ? "deny" : outcome,
    reason,
    also,
    warnings,
    member,
    permit,
    where: "node",
    provisional: false,
    reevaluateAtMs,
  };
}

/** An unattended job outlives its lease while the hub is away (S34); `fixed` would cut a busy machine for it, which nothing here does (I3). */
function neverCutting(permit: Permit): Permit {
  return { ...permit, holdPolicy: permit.holdPolicy === "indefinite" ? "indefinite" : "until_idle" };
}

function verdictFromHub(answer: AccessResponse): Verdict {
  const { decision, outcome, reason, also, member, permit } = answer;
  return { decision, outcome, reason, also, warnings: [], member, permit, where: "hub", provisional: false, reevaluateAtMs: null };
}

/** Five refusals in a minute silence a reader for half a minute (domain.md R04). */
function createPenalties(clock: Clock) {
  const refusals = new Map<string, number[]>();
  const until = new Map<string, number>();
  return {
    untilMono: (ch: string) => until.get(ch) ?? null,
    noteRefusal(ch: string) {
      const now = clock.monoMs();
      if (now < (until.get(ch) ?? 0)) return;
      const recent = [...(refusals.get(ch) ?? []).filter((at) => now - at < readerPenalty.withinMs), now];
      if (recent.length >= readerPenalty.tries) until.set(ch, now + readerPenalty.penaltyMs);
      refusals.set(ch, recent.length >= readerPenalty.tries ? [] : recent);
    },
  };
}
