/**
 * From a card to a verdict (domain.md D1): decide at once from the snapshot; ask the hub only for what no snapshot can
 * prove; without an answer in 700 ms the offline policy speaks, and a late answer counts for 2.5 s.
 *
 *   number ─ HMAC ─ snapshot.find ─ decide ─▶ grant, deny
 *                                       └ask─▶ hub ─▶ grant, deny, pending
 */
import { createHmac } from "node:crypto";
import type { AccessResponse, EventBody, Permit, SiteMode } from "#contract";
import {
  captureMs,
  type Decision,
  type DecisionInput,
  decide,
  type LiveFacts,
  type Presenter,
  type ReaderPenalty,
  type RequestKind,
  type Subject,
} from "#core";
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
  /** refusals that the policy let pass, and said */
  readonly waived: Decision["waived"];
};

export type Question = {
  readonly ch: string;
  readonly kind: RequestKind;
  readonly cardKey: string;
  /** others who tapped with this card (core/dialogue.ts), in order; the question is as old as the last of these taps */
  readonly companions?: readonly string[];
  /** a check is due and the person accepts the machine as it is */
  readonly acknowledged?: boolean;
  /** what the reader proved of the card beyond its number */
  readonly assurance?: 1 | 3;
  /** typed at the reader's keypad. Only the hub can check it: no node holds anything by which four digits could be guessed */
  readonly pin?: string;
  /** of the card's chip, where it has one: higher at every tap */
  readonly counter?: number;
  /** false for random and known non-unique numbers */
  readonly usable: boolean;
  readonly atMono: number;
  readonly gesture: "tap" | "hold" | "double" | "insert" | "button" | "remote";
};

/** The channel's own live facts; the authoriser adds time, penalty, revocation, and the hub's lockouts where it has none of its own. */
export type ChannelFacts = Pick<LiveFacts, "session" | "ancillariesReady"> &
  Partial<Pick<LiveFacts, "lockouts" | "resting" | "check" | "freeSinceMs" | "overridesOver" | "oopsMs">>;

/** What a question needs to be looked at without being asked. */
export type Considered = Pick<Question, "ch" | "kind" | "cardKey" | "companions" | "usable">;

export type Authoriser = {
  /** The verdict, exactly once: at once in most cases, after 2.5 s at the latest. It is on record when `done` is called. */
  authorise(question: Question, live: ChannelFacts, done: (verdict: Verdict) => void): void;
  /** What would be decided now, or at a later instant (UTC ms), from the snapshot alone and without a record. */
  review(question: Considered, live: ChannelFacts, atMs?: number): Decision;
  /** Whose card this is by the snapshot, and what they may do here beside using it; member 0 = not known. */
  presenterOf(ch: string, cardKey: string): Presenter;
  /** The next unknown card at this channel's reader within 30 s is to be enrolled (domain.md R30). */
  capture(ch: string): void;
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
  /** asked at every refusal: a setting may change while the node runs */
  readonly penalty: () => ReaderPenalty;
};

export function createAuthoriser(given: AuthoriserGiven): Authoriser {
  const penalties = createPenalties(given.clock, given.penalty);
  const captures = new Map<string, number>();
  const isCapturing = (ch: string) => (captures.get(ch) ?? 0) > given.clock.monoMs();
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
      ...(verdict.waived.length === 0 ? {} : { waived: [...verdict.waived] }),
      ...withOf(given, question),
      ...(verdict.where === "node" && verdict.outcome === "grant" ? { card: question.cardKey } : {}),
      ...(question.counter === undefined ? {} : { proof: { card: question.cardKey, counter: question.counter } }),
    });
    if (verdict.reason === "ENROLMENT_CAPTURED") {
      captures.delete(question.ch);
      given.record(question.ch, { kind: "card.captured", cardKey: question.cardKey });
    }
    if (verdict.outcome === "deny" && question.gesture !== "remote") penalties.noteRefusal(question.ch);
    return verdict;
  };
  return {
    presenterOf: (ch, cardKey) => presenterOf(given, ch, cardKey),
    capture: (ch) => void captures.set(ch, given.clock.monoMs() + captureMs),
    review(question, live, atMs) {
      const now = { ...question, atMono: given.clock.monoMs(), gesture: "tap" as const };
      const input = inputOf(given, now, live, null, given.requests.isReachable());
      return decide(atMs === undefined ? input : { ...input, clock: { ...input.clock, nowMs: atMs } });
    },
    authorise(question, live, done) {
      const startedMono = given.clock.monoMs();
      // what nobody tapped, a renewal above all, has no part in the penalty for tapping (I4)
      const penaltyMono = () => (question.gesture === "remote" ? null : penalties.untilMono(question.ch));
      const here = isCapturing(question.ch) ? { ...live, capturing: true } : live;
      const local = (hubReachable: boolean) => decide(inputOf(given, question, here, penaltyMono(), hubReachable));
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

/** A person at the reader by the snapshot. A card that is not in force lends nobody a role. */
function presenterOf(given: AuthoriserGiven, ch: string, cardKey: string): Presenter {
  const found = given.snapshots.current()?.find(cardKey);
  const facts = found?.profile[ch];
  const isInForce = facts?.credential === "active" && facts.member === "active" && !facts.hold && !given.isRevoked(cardKey);
  const is = (role: "trainer" | "maintainer" | "staff") => isInForce && facts.roles.includes(role);
  return { card: cardKey, member: found?.member ?? 0, trains: is("trainer"), maintains: is("maintainer") || is("staff") };
}

/** The others, as far as they are known here; a revoked card is known as such. */
function companionsOf(given: AuthoriserGiven, { ch, companions = [] }: Pick<Question, "ch" | "companions">): readonly Subject[] {
  return companions.flatMap((cardKey) => {
    const found = given.snapshots.current()?.find(cardKey);
    const facts = found?.profile[ch];
    if (found === undefined || facts === undefined) return [];
    return [{ member: found.member, facts: given.isRevoked(cardKey) ? { ...facts, credential: "revoked" as const } : facts }];
  });
}

function withOf(given: AuthoriserGiven, question: Question): { with?: number[] } {
  const members = companionsOf(given, question).map(({ member }) => member);
  return members.length === 0 ? {} : { with: members };
}

function inputOf(
  given: AuthoriserGiven,
  question: Question,
  live: ChannelFacts & Pick<LiveFacts, "capturing">,
  penaltyUntilMono: number | null,
  hubReachable: boolean,
): DecisionInput {
  const snapshot = given.snapshots.current();
  const found = snapshot?.find(question.cardKey);
  const facts = found?.profile[question.ch];
  return {
    question: {
      kind: question.kind,
      ageMs: Math.max(0, given.clock.monoMs() - question.atMono),
      usable: question.usable,
      ...(question.acknowledged === true ? { acknowledged: true } : {}),
      ...(question.assurance === undefined ? {} : { assurance: question.assurance }),
      ...(question.pin === undefined ? {} : { pin: "unchecked" as const }),
    },
    clock: given.nodeClock.read(),
    subject: found === undefined || facts === undefined ? null : { member: found.member, facts },
    companions: companionsOf(given, question),
    resource: snapshot?.header.channels[question.ch] ?? null,
    schedules: snapshot?.header.schedules ?? [],
    live: {
      ...live,
      lockouts: given.lockouts(question.ch),
      online: null,
      readerPenaltyUntilMono: penaltyUntilMono,
      nowMono: given.clock.monoMs(),
      revoked: given.isRevoked(question.cardKey),
      ...(live.lockouts === undefined ? {} : { lockouts: live.lockouts }),
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
    presented: [question.cardKey, ...(question.companions ?? [])].map((cardKey) => ({ cardKey, ageMs })),
    gesture: question.gesture,
    snapshot: given.snapshots.version(),
    ...(question.acknowledged === true ? { acknowledged: true } : {}),
    ...(question.assurance === undefined ? {} : { assurance: question.assurance }),
    ...(question.counter === undefined ? {} : { counter: question.counter }),
    ...(question.pin === undefined ? {} : { pin: question.pin }),
  };
}

function verdictOf(given: AuthoriserGiven, decision: Decision): Verdict {
  const { outcome, reason, also, waived, warnings, member, obligations, reevaluateAtMs } = decision;
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
    waived,
  };
}

/** An unattended job outlives its lease while the hub is away (S34); `fixed` would cut a busy machine for it, which nothing here does (I3). */
function neverCutting(permit: Permit): Permit {
  return { ...permit, holdPolicy: permit.holdPolicy === "indefinite" ? "indefinite" : "until_idle" };
}

function verdictFromHub(answer: AccessResponse): Verdict {
  const { decision, outcome, reason, also, member, permit } = answer;
  return {
    decision,
    outcome,
    reason,
    also,
    warnings: [],
    member,
    permit,
    where: "hub",
    provisional: false,
    reevaluateAtMs: null,
    waived: [],
  };
}

/** So many refusals within a time silence a reader for a while (domain.md R04). */
function createPenalties(clock: Clock, penalty: () => ReaderPenalty) {
  const refusals = new Map<string, number[]>();
  const until = new Map<string, number>();
  return {
    untilMono: (ch: string) => until.get(ch) ?? null,
    noteRefusal(ch: string) {
      const now = clock.monoMs();
      const { tries, withinMs, penaltyMs } = penalty();
      if (now < (until.get(ch) ?? 0)) return;
      const recent = [...(refusals.get(ch) ?? []).filter((at) => now - at < withinMs), now];
      if (recent.length >= tries) until.set(ch, now + penaltyMs);
      refusals.set(ch, recent.length >= tries ? [] : recent);
    },
  };
}
