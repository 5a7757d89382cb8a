/**
 * Talking to a card behind ISO 14443-4: commands of NXP cards wrapped as APDUs, and the two ways in which such a card and we
 * prove a key to each other (desfire-auth.ts).
 *
 *   90 CC 00 00 [Lc data] 00 ─▶        ◀─ data 91 SS        SS: 00 done, AF more to come, anything else refused
 *
 * A card may be pulled away in the middle of anything. Every function here then throws `CardGone`; whoever starts a dialogue
 * catches it, nobody between needs to.
 */
import { aesCbcDecrypt, aesCbcEncrypt, aesCmac, zeroBlock } from "./aes-cmac.ts";
import { keyNumber, nxpCrc32 } from "./card-keys.ts";
import {
  answerEv1,
  answerEv2,
  type CardAuth,
  type CardAuthRefused,
  type Ev1Proof,
  type Ev2Proof,
  openEv2Full,
  openEv2Mac,
  sealEv2Full,
} from "./desfire-auth.ts";

/** The way to one card. Never rejects; each exchange has a time limit of its own. */
export interface CardChannel {
  exchange(
    apdu: Uint8Array,
  ): Promise<{ readonly kind: "answer"; readonly bytes: Uint8Array } | { readonly kind: "gone"; readonly why: string }>;
}

/** The card has left, or no longer answers as a card. */
export class CardGone extends Error {
  override readonly name = "CardGone";
}

/** Fresh random bytes from the operating system. */
export type CardDice = (count: number) => Uint8Array;

export type CardAnswer = { readonly status: number; readonly data: Uint8Array };
export const cardStatus = { done: 0x9100, more: 0x91af, wrongKey: 0x91ae, tooManyTries: 0x91ad, exists: 0x91de, iso: 0x9000 } as const;
export const cardCommand = {
  createApplication: 0xca,
  selectApplication: 0x5a,
  version: 0x60,
  keyVersion: 0x64,
  cardUid: 0x51,
  changeKey: 0xc4,
  fileSettings: 0xf5,
  changeFileSettings: 0x5f,
  readData: 0xad,
  writeData: 0x8d,
  more: 0xaf,
  authenticateEv1: 0xaa,
  authenticateEv2: 0x71,
} as const;

const uidBytes = 7;

export async function sendApdu(card: CardChannel, apdu: Uint8Array): Promise<CardAnswer> {
  const heard = await card.exchange(apdu);
  if (heard.kind === "gone") throw new CardGone(heard.why);
  const { bytes } = heard;
  if (bytes.length < 2) throw new CardGone("an answer without a status");
  const [high = 0, low = 0] = bytes.subarray(-2);
  return { status: high * 0x100 + low, data: bytes.slice(0, -2) };
}

export function sendNative(card: CardChannel, command: number, data: Uint8Array | readonly number[] = []): Promise<CardAnswer> {
  return sendApdu(card, Uint8Array.from([0x90, command, 0, 0, ...(data.length === 0 ? [] : [data.length, ...data]), 0]));
}

/** Selects an ISO application by its name, without asking for its description. */
export async function selectByName(card: CardChannel, name: Uint8Array): Promise<boolean> {
  const answer = await sendApdu(card, Uint8Array.from([0x00, 0xa4, 0x04, 0x0c, name.length, ...name, 0x00]));
  return answer.status === cardStatus.iso;
}

export type CardRefusal =
  | "wrong key"
  /** the card makes every try wait, after many wrong ones */
  | "locked for a while"
  /** it knows no such key or no such way to prove it */
  | "not offered";
export type Refused = { readonly kind: "refused"; readonly why: CardRefusal };
const refused = (why: CardRefusal): Refused => ({ kind: "refused", why });

/** What can be done once a key is proved, in the card's own dialect. */
interface ProvedSession {
  readonly kind: "proved";
  /** The true UID, also of a card that shows a random one; null when the answer is not the card's. EV1: the first command only. */
  uid(): Promise<Uint8Array | null>;
  /** Whether the card took the new key. `old` is null for the very key of this session, which ends with it. EV1: the first command only. */
  changeKey(key: {
    readonly number: number;
    readonly old: Uint8Array | null;
    readonly next: Uint8Array;
    readonly version: number;
  }): Promise<boolean>;
}
export interface Ev1CardSession extends ProvedSession {
  readonly dialect: "EV1";
}
export interface Ev2CardSession extends ProvedSession {
  readonly dialect: "EV2";
  /** A command in CommMode.FULL; null when the card refuses or its answer is not its own. */
  full(command: number, header: readonly number[], data: Uint8Array): Promise<Uint8Array | null>;
}

export type CardSession = Ev1CardSession | Ev2CardSession;

/** Both dialects, the newer first. A card that does not know it says so and can be asked in the older. */
export async function authenticate(card: CardChannel, number: number, key: Uint8Array, dice: CardDice): Promise<CardSession | Refused> {
  const newer = await authenticateEv2(card, number, key, dice);
  return newer.kind === "refused" && newer.why === "not offered" ? authenticateEv1(card, number, key, dice) : newer;
}

export async function authenticateEv2(
  card: CardChannel,
  number: number,
  key: Uint8Array,
  dice: CardDice,
): Promise<Ev2CardSession | Refused> {
  const opened = await prove(card, cardCommand.authenticateEv2, [number, 0x00], (challenge) => answerEv2(key, dice(16), challenge));
  return opened.kind === "refused" ? opened : ev2Session(card, opened);
}

export async function authenticateEv1(
  card: CardChannel,
  number: number,
  key: Uint8Array,
  dice: CardDice,
): Promise<Ev1CardSession | Refused> {
  const opened = await prove(card, cardCommand.authenticateEv1, [number], (challenge) => answerEv1(key, dice(16), challenge));
  return opened.kind === "refused" ? opened : ev1Session(card, opened);
}

async function prove<Proof extends Ev1Proof | Ev2Proof>(
  card: CardChannel,
  command: number,
  data: readonly number[],
  begin: (challenge: Uint8Array) => CardAuth<Proof> | CardAuthRefused,
): Promise<Proof | Refused> {
  const challenged = await sendNative(card, command, data);
  if (challenged.status === cardStatus.tooManyTries) return refused("locked for a while");
  if (challenged.status !== cardStatus.more) return refused("not offered");
  const started = begin(challenged.data);
  if (started.kind === "refused") return refused("wrong key");
  const answered = await sendNative(card, cardCommand.more, started.token);
  if (answered.status === cardStatus.tooManyTries) return refused("locked for a while");
  if (answered.status !== cardStatus.done) return refused("wrong key");
  const proof = started.finish(answered.data);
  return proof.kind === "refused" ? refused("wrong key") : proof;
}

function ev2Session(card: CardChannel, proof: Ev2Proof): Ev2CardSession {
  let counter = 0;
  const full = async (command: number, header: readonly number[], data: Uint8Array): Promise<Uint8Array | null> => {
    const answer = await sendNative(card, command, sealEv2Full(proof, counter, command, Uint8Array.from(header), data));
    if (answer.status !== cardStatus.done) return null;
    counter += 1;
    const open = answer.data.length <= 8 ? openEv2Mac : openEv2Full;
    return open(proof, counter, answer.status & 0xff, answer.data);
  };
  return {
    kind: "proved",
    dialect: "EV2",
    full,
    async uid() {
      const uid = await full(cardCommand.cardUid, [], new Uint8Array(0));
      return uid?.length === uidBytes ? uid : null;
    },
    async changeKey({ number, old, next, version }) {
      if (old !== null) {
        const data = Uint8Array.from([...mixed(next, old), version, ...nxpCrc32(next)]);
        return (await full(cardCommand.changeKey, [number], data)) !== null;
      }
      // the session ends with its key, so there is nothing left to sign the answer with
      const data = sealEv2Full(proof, counter, cardCommand.changeKey, Uint8Array.of(number), Uint8Array.from([...next, version]));
      return (await sendNative(card, cardCommand.changeKey, data)).status === cardStatus.done;
    },
  };
}

/** The older dialect chains its IV through the session. One command a session keeps that short: ask again for the next. */
function ev1Session(card: CardChannel, { sessionKey }: Ev1Proof): Ev1CardSession {
  const isWhole = (plain: Uint8Array): boolean => {
    const [uid, sum, rest] = [plain.subarray(0, uidBytes), plain.subarray(uidBytes, uidBytes + 4), plain.subarray(uidBytes + 4)];
    return Buffer.compare(nxpCrc32(Uint8Array.from([...uid, 0x00])), sum) === 0 && rest.every((byte) => byte === 0);
  };
  return {
    kind: "proved",
    dialect: "EV1",
    async uid() {
      const answer = await sendNative(card, cardCommand.cardUid);
      if (answer.status !== cardStatus.done || answer.data.length !== 16) return null;
      const plain = aesCbcDecrypt(sessionKey, aesCmac(sessionKey, Uint8Array.of(cardCommand.cardUid)), answer.data);
      return isWhole(plain) ? plain.slice(0, uidBytes) : null;
    },
    async changeKey({ number, old, next, version }) {
      const key = old === null ? next : mixed(next, old);
      const sum = nxpCrc32(Uint8Array.from([cardCommand.changeKey, number, ...key, version]));
      const plain = new Uint8Array(32);
      plain.set([...key, version, ...sum, ...(old === null ? [] : nxpCrc32(next))]);
      const answer = await sendNative(card, cardCommand.changeKey, [number, ...aesCbcEncrypt(sessionKey, zeroBlock, plain)]);
      return answer.status === cardStatus.done;
    },
  };
}

const mixed = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i] ?? 0));

/** The true UID of a card that shows a random one, by the key that all our cards share. Leaves the card without a session worth keeping. */
export async function uidBehind(card: CardChannel, identity: Uint8Array, dice: CardDice): Promise<Uint8Array | null> {
  const session = await authenticate(card, keyNumber.identity, identity, dice);
  return session.kind === "refused" ? null : session.uid();
}
