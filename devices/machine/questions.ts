/**
 * From taps to verdicts at a machine: the dialogue puts questions together, the interlock decides whether to ask them, the
 * authoriser answers. A renewal has no tap: it speaks for the cards that opened the session and are still there.
 */
import type { Around, DialogueTimes, InterlockEffect, InterlockEvent, InterlockSession, InterlockState, RequestKind } from "#core";
import type { ChannelFacts, Considered, Question, Verdict } from "../kit/authorise.ts";
import { type Asked, createDialogue, type DialogueAct } from "../kit/dialogue-channel.ts";
import type { Node } from "../kit/node.ts";
import type { Clock } from "../kit/ports.ts";
import type { CardGesture } from "../kit/reader-channel.ts";
import { createVoices } from "./voices.ts";

export type Questions = {
  gesture(gesture: CardGesture): void;
  key(key: string): void;
  /** The interlock wants a decision. What the authoriser may do without the hub, it does after 700 ms by itself. */
  decide(effect: Extract<InterlockEffect, { kind: "request" }>): void;
  /** How the open session would be renewed now; null when no card speaks for it. */
  renewal(): Considered | null;
  /** The card that speaks for the open session, for the journal. */
  operatorCard(): string | null;
  /** An earlier life's session goes on. */
  recover(session: InterlockSession, cardKey: string | null): void;
};

type Bare<E> = E extends { readonly nowMono: number } ? Omit<E, "nowMono"> : never;
export type QuestionsGiven = {
  readonly node: Node;
  readonly ch: string;
  readonly clock: Clock;
  readonly insertReader: boolean;
  readonly state: () => InterlockState;
  readonly live: () => ChannelFacts;
  readonly step: (event: Bare<InterlockEvent>) => void;
  readonly onAct: (act: DialogueAct) => void;
  readonly onCollision: () => void;
  /** of the conversations at the reader, as the settings say now */
  readonly times: () => DialogueTimes;
  /** granted: the answer may change at this instant (UTC ms), or null */
  readonly onGranted: (reevaluateAtMs: number | null) => void;
};

const asksKept = 16;

export function createQuestions(given: QuestionsGiven): Questions {
  const { node, ch, clock, state } = given;
  const { ids, authoriser } = node;
  const asks = new Map<string, Asked>();
  const voices = createVoices(ch, state);

  const dialogue = createDialogue({
    ch,
    clock,
    authoriser,
    around: () => aroundOf(given, voices.renewal()),
    onAsk(asked) {
      const nonce = ids.nonce();
      asks.set(nonce, asked);
      if (asks.size > asksKept) for (const oldest of asks.keys()) if (asks.delete(oldest)) break;
      const member = asked.presented[0]?.member ?? 0;
      given.step(asked.alone ? { kind: "tap", nonce, member, wants: "start" } : { kind: "ask", nonce, member, wants: asked.kind });
    },
    onAct: given.onAct,
  });
  const settle = (nonce: string, asked: Asked | null, verdict: Verdict, checkDue: boolean) => {
    const { decision, permit, member, reason, provisional } = verdict;
    if (verdict.outcome === "pending") given.step({ kind: "pending", nonce, reason });
    else if (verdict.outcome !== "grant" || permit === null) given.step({ kind: "refused", nonce, reason });
    else {
      const session = ids.ulid();
      const settleVoices = asked === null ? null : voices.hear(session, asked);
      given.step({ kind: "permit", nonce, member, session, decision, permit, provisional });
      settleVoices?.();
      given.onGranted(verdict.reevaluateAtMs);
    }
    if (asked !== null) dialogue.answered(asked, verdict, checkDue);
  };

  return {
    gesture(gesture) {
      if (gesture.kind === "one_at_a_time") return given.onCollision();
      const { member } = authoriser.presenterOf(ch, gesture.cardKey);
      if (gesture.kind === "removed") return given.step({ kind: "removed", member });
      if (gesture.kind === "double") return;
      if (gesture.kind === "hold" && !given.insertReader) given.step({ kind: "hold", member });
      dialogue.gesture(gesture);
    },
    key: (key) => dialogue.key(key),
    decide({ nonce, place, request }) {
      if (place === "local") return;
      const asked = goingOn(asks.get(nonce) ?? null, request, fellIdle(state()) ? voices.renewal() : null);
      asks.delete(nonce);
      const question = asked === null ? silent(voices.renewal(), clock.monoMs()) : spoken(asked, ch, given.insertReader);
      if (question === null) return given.step({ kind: "refused", nonce, reason: "UNKNOWN_CREDENTIAL" });
      const live = given.live();
      const checkDue = live.lockouts?.includes("check") === true && !comesBack(live, asked);
      authoriser.authorise(question, live, (verdict) => settle(nonce, asked, verdict, checkDue));
    },
    renewal: voices.renewal,
    operatorCard: voices.operatorCard,
    recover: voices.recover,
  };
}

const spoken = (asked: Asked, ch: string, insertReader: boolean): Question => {
  const { presented: _presented, alone: _alone, ...question } = asked;
  return { ...question, ch, gesture: insertReader ? "insert" : "tap" };
};
/**
 * The owner's tap that resumes a lesson or maintenance asks for just that. Whoever began it with them counts only where it fell idle by
 * itself: a lesson that its trainer has left, or that was ended, needs the trainer's card again.
 */
const goingOn = (asked: Asked | null, request: RequestKind, renewal: Considered | null): Asked | null =>
  asked === null || asked.kind === request ? asked : { ...asked, kind: request, companions: renewal?.companions ?? [] };
const fellIdle = (state: InterlockState): boolean => state.kind === "grace" && state.cause === "idle_timeout";
const silent = (considered: Considered | null, nowMono: number): Question | null =>
  considered === null ? null : { ...considered, atMono: nowMono, gesture: "remote" };

/** The previous user comes back to put right what was rejected: that accepts nothing, the check is due again afterwards. */
const comesBack = ({ check }: ChannelFacts, asked: Asked | null): boolean =>
  check?.rejected === true && check.lastMember === asked?.presented[0]?.member;

function aroundOf(given: QuestionsGiven, renewal: Considered | null): Around {
  const [state, live, times] = [given.state(), given.live(), given.times()];
  const { session } = state;
  const isBroken = state.kind === "fault" || state.kind === "fault_welded" || live.lockouts?.includes("oops") === true;
  const blocked = isBroken ? "broken" : live.lockouts?.includes("maintenance") === true ? "locked" : null;
  const reader = { wants: "start", keepsCard: given.insertReader, blocked, times } as const;
  if (session === null) return { ...reader, session: null };
  const isUnused = session.busyMs === 0 && session.busySinceMono === null;
  return {
    ...reader,
    session: {
      session: session.session,
      member: session.member,
      supervisor: session.permit.supervisor ?? null,
      misses: session.missed.length > 0,
      fresh: isUnused && given.clock.monoMs() - session.startedMono < times.freshMs,
      renewal: renewal === null ? null : { wants: renewal.kind, cards: [renewal.cardKey, ...(renewal.companions ?? [])] },
    },
  };
}
