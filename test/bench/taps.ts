/** Taps at a fixed rate from many readers, open loop: the next tap does not wait for the last answer. */
import { randomBytes } from "node:crypto";
import { encode, topicPath } from "#contract";
import { type Reader, senderOf } from "./clients.ts";
import { site } from "./seed.ts";

export type Taps = {
  readonly latenciesMs: number[];
  readonly unanswered: number;
  readonly granted: number;
  /** grants that came after the limit of 2 s: there must be none (domain.md D10) */
  readonly late: number;
};

const answerLimitMs = 5000;
const grantLimitMs = 2000;
/** The load's own time and the way back count for the tap, not for the hub: so much is forgiven. */
const toleranceMs = 100;

/** Sends `perSecond` taps for `forMs` and waits for the answers. `cards` are card keys; one nonce, one answer. */
export async function tap(readers: readonly Reader[], cards: readonly string[], perSecond: number, forMs: number): Promise<Taps> {
  const sent = new Map<string, number>();
  const latenciesMs: number[] = [];
  let [granted, late] = [0, 0];
  const hear = (_path: string, payload: Buffer): void => {
    const { nonce, grant } = answerOf(payload);
    const atMs = sent.get(nonce);
    if (atMs === undefined) return;
    sent.delete(nonce);
    const tookMs = performance.now() - atMs;
    latenciesMs.push(tookMs);
    if (!grant) return;
    granted += 1;
    if (tookMs > grantLimitMs + toleranceMs) late += 1;
  };
  for (const { client } of readers) client.on("message", hear);
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < forMs) {
    const due = Math.floor(((performance.now() - started) / 1000) * perSecond) + 1;
    for (; count < due; count += 1) {
      const reader = readers[count % readers.length];
      if (reader === undefined) break;
      const nonce = randomBytes(12).toString("hex");
      const bytes = request(reader, nonce, cards[count % cards.length] ?? "");
      sent.set(nonce, performance.now());
      reader.client.publish(topicPath(site, "accessRequest", reader.node), bytes, { qos: 1 });
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const deadline = performance.now() + answerLimitMs;
  while (sent.size > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const { client } of readers) client.off("message", hear);
  return { latenciesMs, unanswered: sent.size, granted, late };
}

function request(reader: Reader, nonce: string, cardKey: string): Buffer {
  const body = {
    nonce,
    ch: "machine",
    kind: "start" as const,
    presented: [{ cardKey, ageMs: 1 }],
    gesture: "tap" as const,
    snapshot: null,
  };
  return Buffer.from(encode("accessRequest", senderOf(reader), body));
}

function answerOf(payload: Buffer): { nonce: string; grant: boolean } {
  const outer = JSON.parse(payload.toString()) as { nonce?: string; p?: string };
  if (outer.p === undefined) return { nonce: outer.nonce ?? "", grant: false };
  const inner = JSON.parse(Buffer.from(outer.p, "base64url").toString()) as { body: { nonce: string; outcome: string } };
  return { nonce: inner.body.nonce, grant: inner.body.outcome === "grant" };
}
