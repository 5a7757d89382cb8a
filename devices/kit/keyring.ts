/**
 * The keys that a node speaks with, and how it gets new ones over the wire: they are written beside the present ones, the node starts
 * anew with them, and falls back to the present ones as long as the hub refuses the new. A power cut at any point leaves keys that work.
 */
import { createHmac, generateKeyPairSync } from "node:crypto";
import * as z from "zod";
import { type Mac, type NodeIdentity, type NodeKeysMessage, nodeIdentity } from "#contract";
import { writeDurably } from "./durable-file.ts";
import { openBox, rawOf } from "./enrol-offer.ts";
import type { Log } from "./ports.ts";

/** What speaks for a node: its password, and the key of what the hub seals for it. */
type Voice = { readonly secret: string; readonly mac: Uint8Array };

export type Keyring = {
  /** X25519 of this start, raw, base64url */
  readonly boxKey: string;
  secret(): string;
  readonly mac: Mac;
  /** The broker refused the secret: the other one is tried next, if there is one. */
  refused(): void;
  /** The hub said something sealed with the key in use: the other one is forgotten. */
  heard(): void;
  /** New keys. True when they are on the disk, for the next start. */
  take(message: NodeKeysMessage): Promise<boolean>;
};

export function createKeyring(given: {
  readonly path: string;
  readonly site: string;
  readonly node: string;
  /** text of the file, parsed as JSON */
  readonly file: object;
  readonly now: Voice;
  readonly before: Voice | undefined;
  readonly log: Log;
}): Keyring {
  const { path, site, node, now, before, log } = given;
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const boxKey = rawOf(publicKey).toString("base64url");
  let inUse = now;
  let file: object = given.file;
  let hasOther = before !== undefined;
  const save = async (next: object): Promise<void> => {
    await writeDurably(path, Buffer.from(`${JSON.stringify(next, null, 2)}\n`));
    file = next;
  };
  return {
    boxKey,
    secret: () => inUse.secret,
    mac: (bytes) => createHmac("sha256", inUse.mac).update(bytes).digest(),
    refused() {
      if (hasOther && before !== undefined) inUse = inUse === now ? before : now;
    },
    heard() {
      if (!hasOther || inUse !== now) return;
      hasOther = false;
      const { previous: _previous, ...rest } = file as { previous?: unknown };
      save(rest).catch((error: unknown) => log.warn({ cause: String(error) }, "the old keys could not be removed; they are void anyway"));
    },
    async take(message) {
      if (message.boxKey !== boxKey) return false;
      const opened = nodeIdentity.safeParse(openBox(privateKey, boxKey, message));
      if (!opened.success || opened.data.site !== site || opened.data.node !== node) {
        log.warn({}, "new keys were refused: they are not for this node");
        return false;
      }
      const previous = { secret: inUse.secret, mac: Buffer.from(inUse.mac).toString("base64url") };
      await save({ ...(opened.data satisfies NodeIdentity), previous });
      return true;
    },
  };
}

/** What the file of the keys may also hold: those from before, until the hub has spoken with the new ones. */
export const previousKeys = z.strictObject({
  secret: z.string().min(16).max(200),
  mac: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/, "32 bytes in base64url")
    .transform((text) => Uint8Array.fromBase64(text, { alphabet: "base64url" })),
});
