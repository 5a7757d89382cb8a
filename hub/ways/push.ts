/**
 * Web Push (RFC 8030): what is sent is encrypted to the browser that has subscribed (RFC 8291), and signed with a key of the space's own
 * (VAPID, RFC 8292), so that the push service in between reads nothing and takes it from nobody else.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { HubError } from "../errors.ts";
import { send } from "../post.ts";
import { cut, type Way } from "./way.ts";

const keysShape = z.strictObject({ publicKey: z.string().regex(/^B[\w-]{86}$/), privateKey: z.string().regex(/^[\w-]{43}$/) });
export type VapidKeys = z.infer<typeof keysShape>;

/** A push service keeps it so long for a telephone that is off. */
const keptS = 86_400;
/** a push message is 4,096 bytes at most (RFC 8030 §7.2); what is encrypted, 3,993 (RFC 8291 §4) */
const textMost = 1500;

/** The space's keys, made once: with other ones every browser would have to subscribe again. Throws HubError KEYS_UNREADABLE. */
export async function vapidKeysIn(dir: string): Promise<VapidKeys> {
  const path = join(dir, "push.json");
  const known = readOrNull(path);
  if (known !== null) {
    const parsed = keysShape.safeParse(known);
    if (parsed.success) return parsed.data;
    throw new HubError(
      "KEYS_UNREADABLE",
      `${path} holds no keys of Web Push; restore it, or remove it and let every browser subscribe again`,
    );
  }
  const { default: webPush } = await import("web-push");
  const made = webPush.generateVAPIDKeys();
  writeFileSync(path, `${JSON.stringify(made)}\n`, { mode: 0o600, flag: "wx" });
  return made;
}

function readOrNull(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    return undefined;
  }
}

/** @param contact  `mailto:` or `https:`, for whoever runs the push service (RFC 8292 §2.1) */
export const pushWay =
  (keys: () => Promise<VapidKeys>, contact: string): Way =>
  async ({ address, pushKeys, text, isUrgent }, ending) => {
    if (pushKeys === null) return { problem: "the browser's keys are missing: switch it on there again", isGone: true };
    const { default: webPush } = await import("web-push");
    const payload = JSON.stringify({ title: cut(text.title, 120), body: cut(text.lines.join("\n"), textMost) });
    const request = webPush.generateRequestDetails({ endpoint: address, keys: pushKeys }, payload, {
      vapidDetails: { subject: contact, ...(await keys()) },
      TTL: keptS,
      urgency: isUrgent ? "high" : "normal",
      contentEncoding: "aes128gcm",
    });
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    delete headers["Content-Length"]; // fetch counts by itself
    const { problem, status } = await send(address, { headers, body: new Uint8Array(request.body ?? []) }, ending);
    // RFC 8030 §7.3: such a subscription is over.
    const isGone = status === 404 || status === 410;
    return { problem: isGone ? "the browser has ended it: switch it on there again" : problem, isGone };
  };
