/** The key of an OSDP reader: 16 bytes as 32 hexadecimal digits in a file that only its node may read. */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { sameBytes } from "./aes-cmac.ts";
import type { ByteLine } from "./byte-line.ts";
import { osdpKeyData } from "./osdp-command.ts";
import { osdpCode } from "./osdp-message.ts";
import { createOsdpPanel, type OsdpOutcome } from "./osdp-panel.ts";
import { osdpDefaultKey } from "./osdp-secure.ts";

export type OsdpKeyRead = { readonly ok: true; readonly key: Uint8Array } | { readonly ok: false; readonly problem: string };

/** Never throws; the sentence says what is wrong and how to mend it. */
export function readOsdpKey(path: string): OsdpKeyRead {
  const problem = (sentence: string): OsdpKeyRead => ({ ok: false, problem: sentence });
  try {
    if ((statSync(path).mode & 0o077) !== 0) return problem(`${path}: other users may read the reader's key; run: chmod 600 ${path}`);
    const text = readFileSync(path, "utf8").trim();
    if (!/^[0-9a-fA-F]{32}$/.test(text)) return problem(`${path}: expected the reader's key as 32 hexadecimal digits.`);
    const key = Uint8Array.fromHex(text);
    if (sameBytes(key, osdpDefaultKey))
      return problem(`${path}: this is the default key, which is printed in the standard; make another with \`koprade reader key\`.`);
    return { ok: true, key };
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const why = isMissing ? "there is no such file" : error instanceof Error ? error.message : String(error);
    return problem(`${path}: ${why}; the key of an OSDP reader is made with \`koprade reader key\`.`);
  }
}

/** Makes a key and keeps it before any reader has it. Throws when the file cannot be made, or is there already. */
export function makeOsdpKey(path: string): Uint8Array {
  const key = new Uint8Array(randomBytes(16));
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, `${key.toHex()}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return key;
}

/**
 * Install mode: gives a new reader its key in a channel with the default one, and sees that it works. Whoever listens on the wires
 * meanwhile learns the key, so it is done on the bench. Never rejects; the line stays the caller's.
 */
export async function giveOsdpKey(
  line: ByteLine,
  { address, key }: { readonly address: number; readonly key: Uint8Array },
): Promise<OsdpOutcome<"given" | "had it">> {
  const had = await createOsdpPanel(line, { address, key }).connect();
  if (had.kind === "done") return { kind: "done", value: "had it" };
  if (had.why === "silent" || had.why === "line lost") return had;
  const installing = createOsdpPanel(line, { address, key: osdpDefaultKey, isInstalling: true });
  const open = await installing.connect();
  if (open.kind === "failed") return open.why === "no secure channel" ? open : { kind: "failed", why: had.why };
  const set = await installing.ask(osdpCode.keySet, osdpKeyData(key));
  if (set.kind === "failed") return set;
  if (set.value.code !== osdpCode.ack) return { kind: "failed", why: "refused" };
  const proven = await createOsdpPanel(line, { address, key }).connect();
  return proven.kind === "done" ? { kind: "done", value: "given" } : proven;
}
