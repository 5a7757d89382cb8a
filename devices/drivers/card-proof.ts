/**
 * Whether the card on the reader is the one it says, and not a copy of its number: it must prove the key that only the card with
 * this UID has (NXP AN10922), in a dialogue that no recording fits.
 *
 *   DESFire    select our application ─ (random UID: shared key ─▶ true UID) ─ prove the card's key
 *   NTAG 424   read its file, which names UID and counter under a MAC ─ prove the card's key ─ the counter has risen
 *
 * The counter adds what the dialogue cannot: two chips with one stolen key both prove it, but their counters part.
 */
import {
  authenticate,
  authenticateEv2,
  type CardChannel,
  type CardDice,
  CardGone,
  cardCommand,
  cardStatus,
  selectByName,
  sendNative,
  uidBehind,
} from "./card-dialogue.ts";
import { desfireApplication, keyNumber, keyOfCard, ntagApplication, type ProofKeys } from "./card-keys.ts";
import { ntagFile, ntagFileNumber, ntagText } from "./ntag424-file.ts";
import { openSun, readSunAddress } from "./ntag424-sun.ts";

export type ProofRefusal =
  /** it says that it is ours and cannot prove it: another site's card, an older generation's, or a copy */
  | "wrong key"
  /** it makes everybody wait after many wrong tries */
  | "locked for a while"
  /** the number it shows and the one it proves are two */
  | "another number"
  /** it has been here with this counter or a higher one: a second chip with the same key */
  | "counter did not rise";
export type CardProof =
  | { readonly kind: "proved"; readonly uid: Uint8Array /** NTAG 424: its reads so far */; readonly counter: number | null }
  /** a card or phone that knows nothing of us */
  | { readonly kind: "not ours" }
  | {
      readonly kind: "refused";
      readonly why: ProofRefusal /** as far as it is known; null for a random one */;
      readonly uid: Uint8Array | null;
    }
  | { readonly kind: "gone"; readonly why: string };

export type ProofGiven = {
  readonly keys: ProofKeys;
  readonly dice: CardDice;
  /** Whether this card's counter is higher than ever seen, and remembers it. Durable when it resolves. */
  readonly counterRises: (uid: Uint8Array, counter: number) => Promise<boolean>;
};

const uidBytes = 7;

/** `shown` is the UID of the anticollision, random or not. Never rejects. */
export async function proveCard(card: CardChannel, shown: Uint8Array, given: ProofGiven): Promise<CardProof> {
  try {
    const known = shown.length === uidBytes ? shown : null;
    const application = await sendNative(card, cardCommand.selectApplication, desfireApplication);
    if (application.status === cardStatus.done) return await proveDesfire(card, known, given);
    if (await selectByName(card, ntagApplication)) return await proveNtag(card, known, given);
    return { kind: "not ours" };
  } catch (error) {
    if (error instanceof CardGone) return { kind: "gone", why: error.message };
    throw error;
  }
}

async function proveDesfire(card: CardChannel, known: Uint8Array | null, { keys, dice }: ProofGiven): Promise<CardProof> {
  const uid = known ?? (await uidBehind(card, keys.identity, dice));
  if (uid === null) return { kind: "refused", why: "wrong key", uid };
  const proof = await authenticate(card, keyNumber.proof, keyOfCard(keys.proof, uid), dice);
  return proof.kind === "refused" ? refusedFor(proof.why, uid) : { kind: "proved", uid, counter: null };
}

async function proveNtag(card: CardChannel, known: Uint8Array | null, { keys, dice, counterRises }: ProofGiven): Promise<CardProof> {
  const file = await sendNative(card, cardCommand.readData, [ntagFileNumber, 0, 0, 0, ntagFile.length, 0, 0]);
  const mirror = file.status === cardStatus.done ? readSunAddress(ntagText(file.data)) : null;
  if (mirror === null) return { kind: "not ours" };
  const read = openSun(mirror, { metaKey: keys.identity, fileKeyOf: (uid) => keyOfCard(keys.proof, uid) });
  if (read.kind === "refused" || !read.macOk) return { kind: "refused", why: "wrong key", uid: known };
  const { uid, readCounter } = read;
  if (known !== null && Buffer.compare(known, uid) !== 0) return { kind: "refused", why: "another number", uid: known };
  const proof = await authenticateEv2(card, keyNumber.proof, keyOfCard(keys.proof, uid), dice);
  if (proof.kind === "refused") return refusedFor(proof.why, uid);
  if (!(await counterRises(uid, readCounter))) return { kind: "refused", why: "counter did not rise", uid };
  return { kind: "proved", uid, counter: readCounter };
}

const refusedFor = (why: "wrong key" | "locked for a while" | "not offered", uid: Uint8Array): CardProof => ({
  kind: "refused",
  why: why === "not offered" ? "wrong key" : why,
  uid,
});
