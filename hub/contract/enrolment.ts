/**
 * How a new node and its hub come to trust each other (domain.md §5.7), as bytes and shapes; the cryptography itself is `node:crypto`
 * at the hub (ledger/offers.ts) and at the node (devices/kit/enrol-offer.ts).
 *
 *   words of the hub    8 words of SHA-256(hubWordsPrefix, Ed25519 key): in the node's file, so that it takes no offer of another hub
 *   words of the node   8 words of SHA-256(nodeWordsPrefix, X25519 key): what a person compares before adopting it
 *   fp                  the first 8 bytes of the same hash, in hexadecimal: the node's name on the bus until it has one
 *   box                 X25519 with an ephemeral key, HKDF-SHA-256, AES-256-GCM; salt: both public keys, info: boxInfo, extra data: `about`
 *   sig                 Ed25519 of the hub over `offerSigned`: this box, for this `hello`, never for an earlier one
 */
import * as z from "zod";
import type { enrolOffer } from "./bodies.ts";
import { slug } from "./ids.ts";

export const hubWordsPrefix = "koprade-hub:v1:";
export const nodeWordsPrefix = "koprade-node:v1:";
export const boxInfo = "koprade-box:v1";

const key32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "32 bytes in base64url");
const key16 = z.string().regex(/^[A-Za-z0-9_-]{22}$/, "16 bytes in base64url");
const hubKey = z.string().regex(/^[A-Za-z0-9_-]{59}$/, "an Ed25519 public key (SPKI) in base64url");

/** What a node must hold to be one of a site; its file `node-keys.json` holds the same. */
export const nodeIdentity = z.object({
  site: slug,
  node: slug,
  /** MQTT password */
  secret: z.string().min(16).max(200),
  mac: key32,
  card: key32,
  /** the hub's Ed25519 public key, SPKI */
  hub: hubKey,
  /** by which cards prove themselves */
  cards: z.object({ generation: z.int().min(1).max(255), identity: key16, proof: key16 }),
  /** certificate that signs the broker's, PEM; null where the computer's own list counts */
  ca: z.string().max(4000).nullable(),
});
export type NodeIdentity = z.infer<typeof nodeIdentity>;

/** The bytes that the hub signs of an offer. */
export function offerSigned(site: string, fp: string, offer: Omit<z.infer<typeof enrolOffer>, "sig" | "hub">): Uint8Array {
  const { nonce, ephemeralKey, iv, cipher } = offer;
  return new TextEncoder().encode(["koprade-offer:v1", site, fp, nonce, ephemeralKey, iv, cipher].join("\n"));
}
