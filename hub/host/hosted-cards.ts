/** Cards that foreign readers heard, as the reader of a node: in canonical form, so that a card is one card at every reader. */
import { type CardNumberOutcome, canonicalEm4100Part, canonicalIso14443a, canonicalWiegand } from "../../devices/drivers/card-number.ts";
import { readOf } from "../../devices/drivers/card-reader.ts";
import type { CardRead, CardReader } from "../../devices/kit/reader-channel.ts";
import type { HeardCard, Sense } from "../hosted/family.ts";

export type CardSource = { listen(events: { onCard(sense: Extract<Sense, { kind: "card" }>): void }): void };

export function cardReader(sources: readonly CardSource[]): CardReader {
  return {
    onRead(listener) {
      for (const source of sources) source.listen({ onCard: ({ card }) => listener(readOfCard(card)) });
    },
    onState: () => undefined,
    close: () => undefined,
  };
}

export function canonicalOf(card: HeardCard): CardNumberOutcome {
  switch (card.medium) {
    case "iso14443a":
      return canonicalIso14443a(Uint8Array.fromHex(card.hex));
    case "em32":
      return canonicalEm4100Part(card.hex);
    case "wiegand":
      return card.bits === 26 || card.bits === 34 ? canonicalWiegand(card.bits, card.value) : { kind: "refused", why: "length" };
  }
}

const readOfCard = (card: HeardCard): CardRead =>
  readOf(canonicalOf(card), card.medium === "wiegand" ? `wiegand:${card.value.toString(16)}` : `${card.medium}:${card.hex}`);
