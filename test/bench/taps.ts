/** Taps at a fixed rate from many readers, open loop: the next tap does not wait for the last answer. */
import { randomBytes } from "node:crypto";
import mqtt, { type MqttClient } from "mqtt";
import { encode, topicPath, ulidOf } from "#contract";

export type Reader = { readonly node: string; readonly client: MqttClient };
export type Taps = { readonly latenciesMs: number[]; readonly unanswered: number; readonly granted: number };

const answerLimitMs = 5000;

/** Connects readers under their names; without secrets the broker asks for none. */
export async function connectReaders(
  port: number,
  names: readonly string[],
  secrets: Readonly<Record<string, string>> | null,
): Promise<Reader[]> {
  const readers = await Promise.all(
    names.map(async (node) => {
      const login = secrets === null ? {} : { username: node, password: secrets[node] ?? "" };
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: node, clean: true, reconnectPeriod: 0, ...login });
      const socket: unknown = client.stream;
      if (socket !== null && typeof socket === "object" && "setNoDelay" in socket && typeof socket.setNoDelay === "function")
        socket.setNoDelay(true);
      await client.subscribeAsync(topicPath("bench", "accessResponse", node), { qos: 1 });
      return { node, client };
    }),
  );
  return readers;
}

/** Sends `perSecond` taps for `forMs` and waits for the answers. `cards` are card keys; one nonce, one answer. */
export async function tap(readers: readonly Reader[], cards: readonly string[], perSecond: number, forMs: number): Promise<Taps> {
  const sent = new Map<string, number>();
  const latenciesMs: number[] = [];
  let granted = 0;
  const boot = randomBytes(8).toString("hex");
  const hear = (_path: string, payload: Buffer): void => {
    const { nonce, grant } = answerOf(payload);
    const atMs = sent.get(nonce);
    if (atMs === undefined) return;
    sent.delete(nonce);
    latenciesMs.push(performance.now() - atMs);
    if (grant) granted += 1;
  };
  for (const { client } of readers) client.on("message", hear);
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < forMs) {
    const due = Math.floor(((performance.now() - started) / 1000) * perSecond);
    for (; count < due; count += 1) {
      const reader = readers[count % readers.length];
      if (reader === undefined) break;
      const nonce = randomBytes(12).toString("hex");
      const body = {
        nonce,
        ch: "machine",
        kind: "start" as const,
        presented: [{ cardKey: cards[(count * 2) % cards.length] ?? "", ageMs: 1 }],
        gesture: "tap" as const,
        snapshot: null,
      };
      const from = {
        id: ulidOf(Date.now(), randomBytes(10)),
        src: reader.node,
        boot,
        conn: 1,
        mono: Math.round(performance.now()),
        ts: Date.now(),
        tq: "synced" as const,
      };
      const bytes = Buffer.from(encode("accessRequest", from, body));
      sent.set(nonce, performance.now());
      reader.client.publish(topicPath("bench", "accessRequest", reader.node), bytes, { qos: 1 });
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const deadline = performance.now() + answerLimitMs;
  while (sent.size > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const { client } of readers) client.off("message", hear);
  return { latenciesMs, unanswered: sent.size, granted };
}

function answerOf(payload: Buffer): { nonce: string; grant: boolean } {
  const outer = JSON.parse(payload.toString()) as { nonce?: string; p?: string };
  if (outer.p === undefined) return { nonce: outer.nonce ?? "", grant: false };
  const inner = JSON.parse(Buffer.from(outer.p, "base64url").toString()) as { body: { nonce: string; outcome: string } };
  return { nonce: inner.body.nonce, grant: inner.body.outcome === "grant" };
}
