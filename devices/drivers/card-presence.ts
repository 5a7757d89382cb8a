/**
 * From what lies on the antenna, look by look, to reads: a card that can be asked is made to prove itself once for as long as it
 * stays. One that left before it had is read by its number alone, so that a quick hand opens what a number opens.
 */
import type { CardChannel } from "./card-dialogue.ts";
import { canonicalIso14443a } from "./card-number.ts";
import { type ProofGiven, type ProofRefusal, proveCard } from "./card-proof.ts";
import { type CardRead, readOf } from "./card-reader.ts";
import { isAskable, type Pn532TypeA } from "./pn532-message.ts";

export type CardWays = { channelTo(card: Pn532TypeA): CardChannel; release(): Promise<unknown> };

/** Looks in which a card may leave its dialogue before its number alone counts; and those after which a refusal is believed. */
const [triesMax, refusalsMax] = [3, 2];
/** What noise on the wire or in the field looks like, too. */
const mayBeNoise: ReadonlySet<ProofRefusal> = new Set(["wrong key", "another number", "other keys"]);

type Presence = { readonly shown: string; readonly plain: CardRead; readonly read: CardRead | null; readonly tries: number };

/** @param onAsk  a card has come and is asked to prove itself, which takes it a tenth of a second or two */
export function createCardPresence(ways: CardWays, proving: ProofGiven | null, onAsk: () => void = () => undefined) {
  let present: Presence | null = null;

  /** Null: it left in the middle, and may be back at the next look. */
  const readBy = async (card: Pn532TypeA, plain: CardRead, tries: number): Promise<CardRead | null> => {
    if (proving === null || !isAskable(card)) return plain;
    if (tries === 1) onAsk();
    const proof = await proveCard(ways.channelTo(card), card.uid, proving);
    await ways.release();
    if (proof.kind === "gone") return tries >= triesMax ? numberOnly(plain) : null;
    if (proof.kind === "refused" && tries < refusalsMax && mayBeNoise.has(proof.why)) return null;
    if (proof.kind === "refused") return plain.kind === "card" ? { ...plain, suspect: proof.why } : plain;
    if (proof.kind === "not ours") return plain;
    const read = plainRead(proof.uid);
    if (read.kind !== "card" || !read.usable) return read;
    return { ...read, assurance: 3, ...(proof.counter === null ? {} : { counter: proof.counter }) };
  };

  return {
    /** The reads of one look. */
    async seen(cards: readonly Pn532TypeA[]): Promise<readonly CardRead[]> {
      const before = present;
      const [card] = cards;
      if (cards.length > 1 || card === undefined) {
        present = null;
        if (cards.length > 1) return [{ kind: "collision" }]; // two cards at once are nobody's tap
        return before !== null && before.read === null ? [numberOnly(before.plain)] : [];
      }
      const shown = card.uid.toHex();
      const isSame = before?.shown === shown;
      if (isSame && before.read !== null) return [before.read];
      const plain = plainRead(card.uid);
      const tries = isSame ? before.tries + 1 : 1;
      const read = await readBy(card, plain, tries);
      present = { shown, plain, read, tries };
      return read === null ? [] : [read];
    },
  };
}

const plainRead = (uid: Uint8Array): CardRead => readOf(canonicalIso14443a(uid), `iso14443a:${uid.toHex().toUpperCase()}`);

/** A random number that could not be looked behind says nothing of its card, not even that it is unusable. */
const numberOnly = (plain: CardRead): CardRead => (plain.kind === "card" && !plain.usable ? { kind: "unreadable" } : plain);
