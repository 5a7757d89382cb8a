/** What a node is given to be one of the site, encrypted so that only its own key opens it (contract/enrolment.ts). */
import { createCipheriv, createHash, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, randomBytes } from "node:crypto";
import { boxInfo, hubWordsPrefix, type KeyBox, nodeWordsPrefix, wordsOf } from "#contract";

/** SPKI of an X25519 key is its raw 32 bytes behind this (RFC 8410 §4). */
const spkiPrefix = Buffer.from("302a300506032b656e032100", "hex");

const hashOf = (prefix: string, bytes: Uint8Array): Uint8Array => createHash("sha256").update(prefix).update(bytes).digest();
const raw = (publicKey: string): Buffer => Buffer.from(publicKey, "base64url");

/** The node's words and its name on the bus, of its X25519 key in base64url. */
export function faceOf(publicKey: string): { readonly words: string; readonly fp: string } {
  const hash = hashOf(nodeWordsPrefix, raw(publicKey));
  return { words: wordsOf(hash), fp: Buffer.from(hash.subarray(0, 8)).toString("hex") };
}

/** By these a node knows its hub: of the hub's Ed25519 key, SPKI in base64url. */
export const hubWordsOf = (signingPublicKey: string): string => wordsOf(hashOf(hubWordsPrefix, raw(signingPublicKey)));

/**
 * Encrypts to an X25519 key. `about` must be known to whoever opens it.
 * @throws Error when the key is no point of the curve that gives a secret
 */
export function sealBox(publicKey: string, about: string, content: unknown): KeyBox {
  const theirs = createPublicKey({ key: Buffer.concat([spkiPrefix, raw(publicKey)]), format: "der", type: "spki" });
  const own = generateKeyPairSync("x25519");
  const ownRaw = own.publicKey.export({ format: "der", type: "spki" }).subarray(spkiPrefix.length);
  const shared = diffieHellman({ privateKey: own.privateKey, publicKey: theirs });
  const key = Buffer.from(hkdfSync("sha256", shared, Buffer.concat([ownRaw, raw(publicKey)]), boxInfo, 32));
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(Buffer.from(about));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final(), cipher.getAuthTag()]);
  return { ephemeralKey: ownRaw.toString("base64url"), iv: iv.toString("base64url"), cipher: sealed.toString("base64url") };
}
