/**
 * Whose cards speak for a machine's open session: those that opened it or that were held to the reader with them, by member. A renewal
 * has no tap; it is asked for by the cards of the people who are still there.
 */
import { type InterlockSession, type InterlockState, renewalKind } from "#core";
import type { Considered } from "../kit/authorise.ts";
import type { Asked } from "../kit/dialogue-channel.ts";

export type Voices = {
  /** How the open session would be renewed now; null when no card speaks for it. */
  renewal(): Considered | null;
  /** The card that speaks for the open session, for the journal. */
  operatorCard(): string | null;
  /**
   * These people were granted `session`, or go on with the open one. It may begin later, when the extraction is ready or the contactor
   * has rested. Call what this returns once the interlock has heard of the grant: when it came too late, for neither the open session
   * nor one about to begin, the earlier voices stay.
   */
  hear(session: string, asked: Asked): () => void;
  /** An earlier life's session goes on. */
  recover(session: InterlockSession, cardKey: string | null): void;
};

type Heard = { readonly session: string; readonly cards: ReadonlyMap<number, string> };

export function createVoices(ch: string, state: () => InterlockState): Voices {
  let heard: Heard | null = null;
  const cardsNow = () => (heard !== null && heard.session === state().session?.session ? heard.cards : null);

  return {
    renewal() {
      const { session } = state();
      const cardKey = session === null ? undefined : cardsNow()?.get(session.member);
      if (session === null || cardKey === undefined) return null;
      const { supervisor, buddy } = session.permit;
      const there = [session.missed.includes("supervisor") ? undefined : supervisor, session.missed.includes("buddy") ? undefined : buddy];
      const companions = there.flatMap((member) => (member === undefined ? [] : (cardsNow()?.get(member) ?? [])));
      return { ch, kind: renewalKind(session), cardKey, companions, usable: true };
    },
    operatorCard: () => cardsNow()?.get(state().session?.member ?? 0) ?? null,
    hear(session, asked) {
      const before = heard;
      const open = state().session;
      const isSame = open !== null && open.member === asked.presented[0]?.member && cardsNow() !== null;
      const cards = new Map(isSame ? cardsNow() : []);
      for (const { member, card } of asked.presented) if (!cards.has(member) || !isSame) cards.set(member, card);
      heard = { session: isSame ? open.session : session, cards };
      return () => {
        if (!isWanted(state(), heard)) heard = before;
      };
    },
    recover(session, cardKey) {
      heard = { session: session.session, cards: new Map(cardKey === null ? [] : [[session.member, cardKey]]) };
    },
  };
}

/** The session the voices speak for is open, or is about to begin. */
function isWanted(state: InterlockState, heard: Heard | null): boolean {
  return state.session?.session === heard?.session || (state.kind === "anc_start" && state.waiting.session === heard?.session);
}
