/**
 * Key material of a site, in one file of mode 600 beside the database and never in it (security.md R42): the card key, the
 * signing key of snapshots, and the root from which the nodes' MAC keys and the cards' masters are derived.
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
  timingSafeEqual,
} from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { NodeIdentity } from "#contract";
import { HubError } from "../errors.ts";
import type { Keys } from "./types.ts";

const key32 = z.string().refine((text) => Buffer.from(text, "base64").length === 32, "32 bytes in base64");
const keyFile = z.object({ version: z.literal(1), card: key32, root: key32, signing: z.string().max(500) });
type KeyFile = z.infer<typeof keyFile>;

export type SiteKeys = Keys & { /** says which keys these are without telling anything about them */ readonly fingerprint: string };

export const keysPath = (dir: string): string => join(dir, "keys", "site.json");

/** Reads the site's keys. @throws HubError KEYS_UNREADABLE */
export function loadKeys(dir: string): SiteKeys {
  const path = keysPath(dir);
  let parsed: KeyFile;
  try {
    if ((statSync(path).mode & 0o077) !== 0) throw new Error("other users may read it: chmod 600");
    parsed = keyFile.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    throw new HubError("KEYS_UNREADABLE", `${path}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  return keysOf(parsed, path);
}

/** Makes new keys, durably, unless the file is there already. */
export function makeKeys(dir: string): void {
  const path = keysPath(dir);
  if (existsSync(path)) return;
  const made: KeyFile = {
    version: 1,
    card: randomBytes(32).toString("base64"),
    root: randomBytes(32).toString("base64"),
    signing: generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
  mkdirSync(join(dir, "keys"), { recursive: true, mode: 0o700 });
  writeDurably(path, JSON.stringify(made));
}

/** Temporary file, fsync, rename, fsync of the folder: after a power cut there is the old file or the new one. */
export function writeDurably(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.new`;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeSync(file, typeof content === "string" ? Buffer.from(content) : content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  const folder = openSync(join(path, ".."), "r");
  fsyncSync(folder);
  closeSync(folder);
}

function keysOf(file: KeyFile, path: string): SiteKeys {
  const cardSecret = Buffer.from(file.card, "base64");
  const root = Buffer.from(file.root, "base64");
  let signing: KeyObject;
  try {
    signing = createPrivateKey(file.signing);
  } catch (error) {
    throw new HubError("KEYS_UNREADABLE", `${path}: the signing key is damaged`, error);
  }
  const publicKey = createPublicKey(signing).export({ type: "spki", format: "der" });
  return {
    cardSecret,
    cardKeyOf: (number) => createHmac("sha256", cardSecret).update(`card:v1:${number}`).digest("hex").slice(0, 32),
    signingPublicKey: publicKey.toString("base64url"),
    sign: (bytes) => sign(null, bytes, signing),
    proofKeysOf: (generation) => ({
      generation,
      identity: cardMaster(root, `card-identity:v1:${generation}`),
      proof: cardMaster(root, `card-proof:v1:${generation}`),
    }),
    cardManageKey: cardMaster(root, "card-manage:v1"),
    macKeyOf: (node, serial) =>
      new Uint8Array(hkdfSync("sha256", root, "koprade", `node-mac:v1:${node}${serial === 0 ? "" : `:${serial}`}`, 32)),
    fingerprint: createHash("sha256").update(cardSecret).update(root).update(publicKey).digest("hex").slice(0, 16),
  };
}

const cardMaster = (root: Uint8Array, use: string): Uint8Array => new Uint8Array(hkdfSync("sha256", root, "koprade", use, 16));

/** A node's secret: 32 random bytes in base64url. The ledger keeps only what `secretHash` gives. */
export const newSecret = (): string => randomBytes(32).toString("base64url");
/** Secrets are random and long, so one round of SHA-256 is enough; passwords would need more. */
export const secretHash = (secret: string): Uint8Array => createHash("sha256").update(`node-secret:v1:${secret}`).digest();
export const sameHash = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);

/**
 * What one node holds, as its file `node-keys.json` has it (devices/kit/node-config.ts reads it).
 *
 * By `cards` it believes cards that prove themselves, also while the hub is away. Whoever steals the node can forge such proofs, and
 * nothing else: the key that changes cards stays here. The answer is the next generation (`koprade card renew-keys`): new keys for
 * the nodes that are left, and each card made anew at the desk; until then it counts as its number only.
 */
export function nodeKeysOf(
  keys: Keys,
  of: { readonly node: string; readonly macSerial: number },
  secret: string,
  cardGeneration: number,
): NodeKeys {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
  const { generation, identity, proof } = keys.proofKeysOf(cardGeneration);
  const cards = { generation, identity: base64(identity), proof: base64(proof) };
  return { secret, mac: base64(keys.macKeyOf(of.node, of.macSerial)), card: base64(keys.cardSecret), hub: keys.signingPublicKey, cards };
}
type NodeKeys = Omit<NodeIdentity, "site" | "node" | "ca">;

/** The text of that file for a folder that is copied by hand. */
export const nodeKeysText = (...given: Parameters<typeof nodeKeysOf>): string => `${JSON.stringify(nodeKeysOf(...given), null, 2)}\n`;
