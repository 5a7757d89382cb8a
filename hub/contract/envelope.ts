/** What every JSON message carries around its body (domain.md §5.2), and the seal of permissive messages (§5.4). */
import * as z from "zod";
import { bootId, ulid } from "./ids.ts";
import { clockQuality, instantMs, monoMs } from "./units.ts";

export const wireVersion = 1;

/**
 * `boot` and `conn` name the sender's process start and its MQTT connection; `mono` is the sender's monotonic clock when it
 * sent the message, `ts` its best wall clock then (null when unknown) and `tq` how far to trust it.
 */
export const envelope = z.object({
  v: z.literal(wireVersion),
  id: ulid,
  type: z.string().max(40),
  src: z.string().max(32),
  boot: bootId,
  conn: z.int().min(0),
  mono: monoMs,
  ts: instantMs.nullable(),
  tq: clockQuality,
});
export type Envelope = z.infer<typeof envelope>;
/** The envelope's fields that a sender supplies; version and type come from the contract row. */
export type Sender = Omit<Envelope, "v" | "type">;

/** Signed bytes, never re-serialised JSON: `p` the base64url of the envelope's bytes, `m` the base64url HMAC-SHA-256 of those bytes. */
export const sealed = z.object({ p: z.string().max(24_000), m: z.string().length(43) });
