/** Simulated chip cards at hand, without a reader between: a channel straight to the card, and a site's keys. */
import { createHash, randomBytes } from "node:crypto";
import type { CardChannel } from "../../devices/drivers/card-dialogue.ts";
import type { CardMakerKeys } from "../../devices/drivers/card-keys.ts";
import { examineCard, type MakerGiven, makeCard } from "../../devices/drivers/card-maker.ts";
import { type CardProof, type ProofGiven, proveCard } from "../../devices/drivers/card-proof.ts";
import type { SimulatedCard } from "../../simulators/hardware/pn532.ts";
import type { SmartCard } from "../../simulators/hardware/smart-card.ts";

export const dice = (count: number): Uint8Array => Uint8Array.from(randomBytes(count));
const secret = (words: string): Uint8Array => Uint8Array.from(createHash("sha256").update(words).digest().subarray(0, 16));

/** The keys of one site. */
export function siteKeys(generation = 1, site = "valmiera"): CardMakerKeys {
  const of = (use: string) => secret(`${site} ${use} ${generation}`);
  return { generation, identity: of("identity"), proof: of("proof"), manage: secret(`${site} manage`) };
}
export const makerOf = (keys: CardMakerKeys): MakerGiven => ({
  manage: keys.manage,
  keysOf: (generation) => siteKeys(generation),
  generation: keys.generation,
  dice,
});

/** A channel to a card as a reader has it that has just listed it. */
export function channelTo(card: SimulatedCard): CardChannel {
  card.activate?.();
  return {
    async exchange(apdu) {
      const bytes = card.answer?.(apdu) ?? null;
      return bytes === null ? { kind: "gone", why: "the card has left" } : { kind: "answer", bytes };
    },
  };
}

export function proofOf(card: SimulatedCard, keys: CardMakerKeys, given: Partial<ProofGiven> = {}): Promise<CardProof> {
  return proveCard(channelTo(card), Uint8Array.fromHex(card.uid), { keys, dice, counterRises: async () => "rises", ...given });
}

/** Makes a blank card one of this site's; throws when it does not become one. */
export async function personalised(card: SmartCard, keys: CardMakerKeys): Promise<SmartCard> {
  const shown = card.present();
  const found = await examineCard(channelTo(shown), Uint8Array.fromHex(shown.uid), makerOf(keys));
  if (found.kind !== "card") throw new Error(`not a card to make: ${found.kind}`);
  const made = await makeCard(channelTo(card.present()), found, makerOf(keys));
  if (made.kind !== "made") throw new Error(`not made: ${JSON.stringify(made)}`);
  return card;
}
