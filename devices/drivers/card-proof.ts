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
  type CardRefusal,
  cardCommand,
  cardStatus,
  selectByName,
  sendNative,
  uidBehind,
} from "./card-dialogue.ts";
import { desfireApplication, keyNumber, keyOfCard, ntagApplication, type ProofKeys } from "./card-keys.ts";
import { canonicalIso14443a } from "./card-number.ts";
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
  | "counter did not rise"
  /** its keys are those of another generation than ours: it wants to be made anew */
  | "other keys"
  /** its counter could not be written down, so that it would open again by the same one */
  | "not recorded";
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
  /** Whether this card's counter is higher than ever seen, and remembers it. Durable when it resolves. `number` as card-number.ts has it. */
  readonly counterRises: (number: string, counter: number) => Promise<"rises" | "stale" | "not kept">;
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
  if (uid === null) return { kind: "refused", why: await wrongOrOther(card, keys), uid };
  const proof = await authenticate(card, keyNumber.proof, keyOfCard(keys.proof, uid), dice);
  if (proof.kind === "refused") return { kind: "refused", why: await whyOf(proof.why, card, keys), uid };
  return { kind: "proved", uid, counter: null };
}

async function proveNtag(card: CardChannel, known: Uint8Array | null, { keys, dice, counterRises }: ProofGiven): Promise<CardProof> {
  const file = await sendNative(card, cardCommand.readData, [ntagFileNumber, 0, 0, 0, ntagFile.length, 0, 0]);
  const mirror = file.status === cardStatus.done ? readSunAddress(ntagText(file.data)) : null;
  if (mirror === null) return { kind: "not ours" };
  const read = openSun(mirror, { metaKey: keys.identity, fileKeyOf: (uid) => keyOfCard(keys.proof, uid) });
  if (read.kind === "refused" || !read.macOk) return { kind: "refused", why: await wrongOrOther(card, keys), uid: known };
  const { uid, readCounter } = read;
  if (known !== null && Buffer.compare(known, uid) !== 0) return { kind: "refused", why: "another number", uid: known };
  const proof = await authenticateEv2(card, keyNumber.proof, keyOfCard(keys.proof, uid), dice);
  if (proof.kind === "refused") return { kind: "refused", why: await whyOf(proof.why, card, keys), uid };
  const number = canonicalIso14443a(uid);
  const outcome = number.kind === "number" ? await counterRises(number.number, readCounter) : "stale";
  if (outcome !== "rises") return { kind: "refused", why: outcome === "stale" ? "counter did not rise" : "not recorded", uid };
  return { kind: "proved", uid, counter: readCounter };
}

const whyOf = async (why: CardRefusal, card: CardChannel, keys: ProofKeys): Promise<ProofRefusal> =>
  why === "locked for a while" ? why : wrongOrOther(card, keys);

/** A card says of which generation its keys are. A copy may say what it likes: it is refused either way, and only the alarm differs. */
async function wrongOrOther(card: CardChannel, { generation }: ProofKeys): Promise<ProofRefusal> {
  const version = await sendNative(card, cardCommand.keyVersion, [keyNumber.proof]);
  const isOther = version.status === cardStatus.done && version.data[0] !== generation;
  return isOther ? "other keys" : "wrong key";
}
