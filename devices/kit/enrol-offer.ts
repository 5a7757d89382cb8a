/**
 * The key pair by which a node is adopted, and how it opens what the hub offers it (contract/enrolment.ts). The private half never leaves
 * this computer, and is removed once the node has its keys.
 */
import {
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  verify,
} from "node:crypto";
import { mkdirSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import {
  boxInfo,
  type EnrolOffer,
  hubWordsPrefix,
  type KeyBox,
  type NodeIdentity,
  nodeIdentity,
  nodeWordsPrefix,
  offerSigned,
  wordsOf,
} from "#contract";
import { readIfThere, writeDurably } from "./durable-file.ts";

/** SPKI of an X25519 key is its raw 32 bytes behind this (RFC 8410 §4). */
const spkiPrefix = Buffer.from("302a300506032b656e032100", "hex");
const tagBytes = 16;

export type EnrolKey = {
  readonly privateKey: KeyObject;
  /** raw, base64url */
  readonly publicKey: string;
  /** 8 words for a person to compare */
  readonly words: string;
  /** the node's name on the bus until it has one: 16 hexadecimal digits */
  readonly fp: string;
};

const keyFile = z.strictObject({ privateKey: z.string().max(200) });

/** The key in this file (mode 600), or a new one that is on the disk when this resolves. Rejects with a sentence. */
export async function enrolKeyAt(path: string): Promise<EnrolKey> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const kept = readIfThere(path);
  if (kept !== null) return readKey(path, kept);
  const { privateKey } = generateKeyPairSync("x25519");
  const text = privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
  await writeDurably(path, Buffer.from(JSON.stringify({ privateKey: text })));
  return faceOf(privateKey);
}

export function forgetEnrolKey(path: string): void {
  rmSync(path, { force: true });
}

function readKey(path: string, bytes: Uint8Array): EnrolKey {
  if ((statSync(path).mode & 0o077) !== 0) throw new Error(`${path}: other users may read the node's key; run: chmod 600 ${path}`);
  try {
    const { privateKey } = keyFile.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
    return faceOf(createPrivateKey({ key: Buffer.from(privateKey, "base64"), format: "der", type: "pkcs8" }));
  } catch {
    throw new Error(`${path}: holds no key; remove it, and the node makes a new one`);
  }
}

function faceOf(privateKey: KeyObject): EnrolKey {
  const bytes = rawOf(createPublicKey(privateKey));
  const hash = createHash("sha256").update(nodeWordsPrefix).update(bytes).digest();
  return { privateKey, publicKey: bytes.toString("base64url"), words: wordsOf(hash), fp: hash.subarray(0, 8).toString("hex") };
}

export const rawOf = (publicKey: KeyObject): Buffer => publicKey.export({ type: "spki", format: "der" }).subarray(spkiPrefix.length);

export type Opened = { readonly ok: true; readonly identity: NodeIdentity } | { readonly ok: false; readonly why: string };

/**
 * The identity in an offer; or why it is none of ours: another hub's, for another hello, of another site, changed on its way. Never throws.
 * @param hubWords  from the node's file: the only thing that it believes of its hub
 */
export function openOffer(
  expected: { readonly key: EnrolKey; readonly site: string; readonly nonce: string; readonly hubWords: string },
  offer: EnrolOffer,
): Opened {
  const { key, site, nonce, hubWords } = expected;
  const hub = Buffer.from(offer.hub, "base64url");
  if (wordsOf(createHash("sha256").update(hubWordsPrefix).update(hub).digest()) !== hubWords)
    return no("it is from a hub that has other words than those in the node's file");
  if (offer.nonce !== nonce) return no("it answers an earlier hello");
  if (!isSigned(hub, offerSigned(site, key.fp, offer), offer.sig)) return no("the hub has not signed it");
  const content = openBox(key.privateKey, key.fp, offer);
  const parsed = nodeIdentity.safeParse(content);
  if (!parsed.success) return no("it does not open with this node's key");
  if (parsed.data.hub !== offer.hub || parsed.data.site !== site) return no("it is for another site");
  return { ok: true, identity: parsed.data };
}

const no = (why: string): Opened => ({ ok: false, why });

function isSigned(hub: Buffer, bytes: Uint8Array, signature: string): boolean {
  try {
    const publicKey = createPublicKey({ key: hub, format: "der", type: "spki" });
    return publicKey.asymmetricKeyType === "ed25519" && verify(null, bytes, publicKey, Buffer.from(signature, "base64url"));
  } catch {
    return false; // no key at all
  }
}

/** What was encrypted to this key with these words about it; undefined when it was not. */
export function openBox(privateKey: KeyObject, about: string, box: KeyBox): unknown {
  try {
    const theirs = Buffer.from(box.ephemeralKey, "base64url");
    const publicKey = createPublicKey({ key: Buffer.concat([spkiPrefix, theirs]), format: "der", type: "spki" });
    const shared = diffieHellman({ privateKey, publicKey });
    const salt = Buffer.concat([theirs, rawOf(createPublicKey(privateKey))]);
    const key = Buffer.from(hkdfSync("sha256", shared, salt, boxInfo, 32));
    const sealed = Buffer.from(box.cipher, "base64url");
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(box.iv, "base64url"), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(about));
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - tagBytes)), decipher.final()]);
    return JSON.parse(plain.toString("utf8"));
  } catch {
    return undefined; // changed on its way, or for somebody else
  }
}
