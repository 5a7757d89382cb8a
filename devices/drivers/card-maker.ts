/**
 * Making a blank card one of ours, and mending one that was left half made: every step looks at what the card has already, so that
 * power may fail between any two of them and the next run goes on from there.
 *
 *   DESFire    application ─ identity key ─ proof key ─ key 0
 *   NTAG 424   file ─ identity key ─ proof key ─ mirrors ─ key 0
 *
 * Key 0, which changes the others, is last: until then the factory's opens the card. A key's version is the generation of the keys
 * it was made from (card-keys.ts), and says which old key must be named to change it.
 */
import {
  authenticate,
  type CardChannel,
  type CardDice,
  CardGone,
  type CardSession,
  cardCommand,
  cardStatus,
  selectByName,
  sendNative,
  uidBehind,
} from "./card-dialogue.ts";
import { desfireApplication, keyNumber, keyOfCard, ntagApplication, type ProofKeys } from "./card-keys.ts";
import { isOurNtagFile, ntagFile, ntagFileNumber, ntagFileSettings } from "./ntag424-file.ts";

export type CardModel = "NTAG 424 DNA" | "DESFire EV1" | "DESFire EV2" | "DESFire EV3";
export type CardStage = "blank" | "half made" | "older keys" | "finished";
export type MakeStep = "the application" | "the file" | "the identity key" | "the proof key" | "the mirrors" | "the card's own key";

export type Examined =
  | { readonly kind: "card"; readonly model: CardModel; readonly uid: Uint8Array; readonly stage: CardStage }
  /** neither a DESFire nor an NTAG 424: it has no keys to be given */
  | { readonly kind: "cannot prove" }
  /** somebody else has put keys on it */
  | { readonly kind: "strange keys" }
  | { readonly kind: "gone"; readonly why: string };
export type Made =
  | { readonly kind: "made" }
  | { readonly kind: "failed"; readonly step: MakeStep }
  | { readonly kind: "gone"; readonly why: string; readonly step: MakeStep };

export type MakerGiven = {
  /** master of every card's key 0; it never leaves the hub */
  readonly manage: Uint8Array;
  /** the keys of a generation, up to the present one */
  readonly keysOf: (generation: number) => ProofKeys;
  readonly generation: number;
  readonly dice: CardDice;
};

const factoryKey = new Uint8Array(16);
const [uidBytes, nxp] = [7, 0x04];
/** All changes need key 0; anybody may list; key 0 may be changed. Three AES keys (DESFire EV1 data sheet, CreateApplication). */
const applicationSettings = [0x0b, 0x83] as const;

/** What lies there, and how far it was made. Writes nothing but, on a blank DESFire that hides its UID, our empty application. */
export async function examineCard(card: CardChannel, shown: Uint8Array, given: MakerGiven): Promise<Examined> {
  try {
    const model = await modelOf(card);
    if (model === null) return { kind: "cannot prove" };
    if (!(await select(card, model)) && shown.length === uidBytes) return { kind: "card", model, uid: shown, stage: "blank" };
    if (shown.length !== uidBytes && !(await openApplication(card, model))) return { kind: "strange keys" };
    const versions = await versionsOf(card);
    const uid = shown.length === uidBytes ? shown : await hiddenUid(card, versions, given);
    if (uid === null || (await openWithKey0(card, versions.manage, uid, given)) === null) return { kind: "strange keys" };
    return { kind: "card", model, uid, stage: stageOf(versions, given.generation, await hasOurFile(card, model)) };
  } catch (error) {
    if (error instanceof CardGone) return { kind: "gone", why: error.message };
    throw error;
  }
}

/** Does what is missing. The card must have been activated anew since `examineCard`. */
export async function makeCard(
  card: CardChannel,
  about: { readonly model: CardModel; readonly uid: Uint8Array },
  given: MakerGiven & { readonly onStep?: (step: MakeStep) => void },
): Promise<Made> {
  let step: MakeStep = about.model === "NTAG 424 DNA" ? "the file" : "the application";
  const enter = (next: MakeStep) => {
    step = next;
    given.onStep?.(next);
  };
  try {
    const isDone =
      about.model === "NTAG 424 DNA" ? await makeNtag(card, about.uid, given, enter) : await makeDesfire(card, about, given, enter);
    return isDone ? { kind: "made" } : { kind: "failed", step };
  } catch (error) {
    if (error instanceof CardGone) return { kind: "gone", why: error.message, step };
    throw error;
  }
}

type Enter = (step: MakeStep) => void;

async function makeNtag(card: CardChannel, uid: Uint8Array, given: MakerGiven, enter: Enter): Promise<boolean> {
  if (!(await selectByName(card, ntagApplication))) return false;
  const isSet = await hasOurFile(card, "NTAG 424 DNA");
  if (!isSet) {
    // The factory lets anybody write here; a card that was half made takes it from key 0 only, and has it already.
    enter("the file");
    await sendNative(card, cardCommand.writeData, [ntagFileNumber, 0, 0, 0, ntagFile.length, 0, 0, ...ntagFile]);
  }
  const versions = await versionsOf(card);
  if (!(await changeBoth(card, uid, versions, given, enter))) return false;
  if (!isSet) {
    enter("the mirrors");
    const session = await openWithKey0(card, versions.manage, uid, given);
    if (session?.dialect !== "EV2") return false;
    if ((await session.full(cardCommand.changeFileSettings, [ntagFileNumber], ntagFileSettings)) === null) return false;
  }
  return changeOwn(card, uid, versions, given, enter);
}

async function makeDesfire(
  card: CardChannel,
  about: { readonly model: CardModel; readonly uid: Uint8Array },
  given: MakerGiven,
  enter: Enter,
): Promise<boolean> {
  enter("the application");
  if (!(await openApplication(card, about.model))) return false;
  const versions = await versionsOf(card);
  return (await changeBoth(card, about.uid, versions, given, enter)) && changeOwn(card, about.uid, versions, given, enter);
}

/** The two keys that a reader asks for, each in a session of its own: the older dialect wants it so. */
async function changeBoth(card: CardChannel, uid: Uint8Array, versions: Versions, given: MakerGiven, enter: Enter): Promise<boolean> {
  const keyAt = (name: "identity" | "proof", generation: number): Uint8Array => {
    if (generation === 0) return factoryKey;
    const keys = given.keysOf(generation);
    return name === "identity" ? keys.identity : keyOfCard(keys.proof, uid);
  };
  for (const name of ["identity", "proof"] as const) {
    if (versions[name] === given.generation) continue;
    enter(name === "identity" ? "the identity key" : "the proof key");
    if (versions[name] > given.generation) return false;
    const session = await openWithKey0(card, versions.manage, uid, given);
    const next = {
      number: keyNumber[name],
      old: keyAt(name, versions[name]),
      next: keyAt(name, given.generation),
      version: given.generation,
    };
    if (session === null || !(await session.changeKey(next))) return false;
  }
  return true;
}

async function changeOwn(card: CardChannel, uid: Uint8Array, versions: Versions, given: MakerGiven, enter: Enter): Promise<boolean> {
  if (versions.manage !== 0) return true;
  enter("the card's own key");
  const session = await openWithKey0(card, 0, uid, given);
  if (session === null) return false;
  return session.changeKey({ number: keyNumber.manage, old: null, next: keyOfCard(given.manage, uid), version: 1 });
}

type Versions = Readonly<Record<keyof typeof keyNumber, number>>;

/** Asked before any session: within one the answer would be sealed. */
async function versionsOf(card: CardChannel): Promise<Versions> {
  const found = { manage: 0, identity: 0, proof: 0 };
  for (const name of ["manage", "identity", "proof"] as const) {
    const answer = await sendNative(card, cardCommand.keyVersion, [keyNumber[name]]);
    if (answer.status !== cardStatus.done || answer.data.length !== 1) throw new CardGone("no version of a key");
    found[name] = answer.data[0] ?? 0;
  }
  return found;
}

function stageOf({ manage, identity, proof }: Versions, generation: number, hasFile: boolean): CardStage {
  if (manage === 0 && identity === 0 && proof === 0) return "blank";
  if (manage === 0 || !hasFile || identity === 0 || proof === 0) return "half made";
  return identity === generation && proof === generation ? "finished" : "older keys";
}

async function openWithKey0(
  card: CardChannel,
  version: number,
  uid: Uint8Array,
  { manage, dice }: MakerGiven,
): Promise<CardSession | null> {
  const session = await authenticate(card, keyNumber.manage, version === 0 ? factoryKey : keyOfCard(manage, uid), dice);
  return session.kind === "refused" ? null : session;
}

/** Behind a random UID: by the factory's key 0, or by the shared key of whichever generation made the card. */
async function hiddenUid(card: CardChannel, versions: Versions, { keysOf, dice, generation }: MakerGiven): Promise<Uint8Array | null> {
  if (versions.manage === 0) {
    const session = await authenticate(card, keyNumber.manage, factoryKey, dice);
    return session.kind === "refused" ? null : session.uid();
  }
  return versions.identity === 0 || versions.identity > generation ? null : uidBehind(card, keysOf(versions.identity).identity, dice);
}

async function hasOurFile(card: CardChannel, model: CardModel): Promise<boolean> {
  if (model !== "NTAG 424 DNA") return true;
  // without a session, so that the answer comes in the clear
  if (!(await selectByName(card, ntagApplication))) return false;
  const settings = await sendNative(card, cardCommand.fileSettings, [ntagFileNumber]);
  return settings.status === cardStatus.done && isOurNtagFile(settings.data);
}

async function select(card: CardChannel, model: CardModel): Promise<boolean> {
  if (model === "NTAG 424 DNA") return selectByName(card, ntagApplication);
  return (await sendNative(card, cardCommand.selectApplication, desfireApplication)).status === cardStatus.done;
}

/** Selects the application, which is made when there is none. False when the card wants its owner's key for that. */
async function openApplication(card: CardChannel, model: CardModel): Promise<boolean> {
  if (await select(card, model)) return true;
  if (model === "NTAG 424 DNA") return false;
  await sendNative(card, cardCommand.selectApplication, [0, 0, 0]);
  const made = await sendNative(card, cardCommand.createApplication, [...desfireApplication, ...applicationSettings]);
  return (made.status === cardStatus.done || made.status === cardStatus.exists) && select(card, model);
}

/** GetVersion: hardware, software and production, a frame each. */
async function modelOf(card: CardChannel): Promise<CardModel | null> {
  const hardware = await sendNative(card, cardCommand.version);
  for (let left = 2, last = hardware; left > 0 && last.status === cardStatus.more; left -= 1)
    last = await sendNative(card, cardCommand.more);
  const [vendor, type, , major = 0] = hardware.data;
  if (hardware.status !== cardStatus.more || vendor !== nxp) return null;
  if (type === 0x04 && major === 0x30) return "NTAG 424 DNA";
  if (type !== 0x01) return null;
  return major === 0x01 ? "DESFire EV1" : major === 0x12 ? "DESFire EV2" : major === 0x33 ? "DESFire EV3" : null;
}
