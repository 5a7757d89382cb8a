/** Outboxes with much to tell: batches of forty events, a few of them under way per node, until the hub has acknowledged the last. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { encode, type NodeEvent, topicPath } from "#contract";
import { type Reader, senderOf } from "./clients.ts";
import { site } from "./seed.ts";

const batchEvents = 40;
/** Batches that a node has under way; what the kit's outbox allows itself. */
const underWay = 4;
const limitMs = 30_000;

/** Sends `total` events from all readers; the rate counts from the first byte to the last acknowledgement. */
export async function sendEvents(
  readers: readonly Reader[],
  total: number,
): Promise<{ readonly perSecond: number; readonly unacknowledged: number }> {
  const each = Math.ceil(total / readers.length / batchEvents) * batchEvents;
  const from = performance.now();
  const missing = await Promise.all(readers.map((reader) => drain(reader, each)));
  const tookS = (performance.now() - from) / 1000;
  const unacknowledged = missing.reduce((all, count) => all + count, 0);
  return { perSecond: (each * readers.length - unacknowledged) / tookS, unacknowledged };
}

/** One outbox, under a boot of its own; resolves with what was not acknowledged in time. */
async function drain(reader: Reader, total: number): Promise<number> {
  const { client, node } = reader;
  const boot = senderOf(reader)
    .id.slice(10)
    .toLowerCase()
    .replaceAll(/[^0-9a-f]/g, "0");
  const path = topicPath(site, "eventAck", node);
  await client.subscribeAsync(path, { qos: 1 });
  let [sent, acknowledged] = [0, 0];
  const send = (): void => {
    while (sent < total && sent - acknowledged < underWay * batchEvents) {
      const events = Array.from({ length: Math.min(batchEvents, total - sent) }, (_, i) => eventOf(boot, sent + i + 1));
      sent += events.length;
      client.publish(topicPath(site, "events", node), Buffer.from(encode("events", { ...senderOf(reader), boot }, { events })), { qos: 1 });
    }
  };
  return await new Promise<number>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      client.off("message", hear);
      resolve(total - acknowledged);
    };
    const hear = (topic: string, payload: Buffer): void => {
      if (topic !== path) return;
      const { body } = JSON.parse(payload.toString()) as { body: { boot: string; upTo: number } };
      if (body.boot !== boot) return;
      acknowledged = Math.max(acknowledged, body.upTo);
      if (acknowledged >= total) end();
      else send();
    };
    const timer = setTimeout(end, limitMs);
    client.on("message", hear);
    send();
  });
}

const eventOf = (boot: string, seq: number): NodeEvent => ({
  boot,
  seq,
  ch: "machine",
  atMono: Math.round(performance.now()),
  atMs: Date.now(),
  tq: "synced",
  body: { kind: "mach.verify_failed" },
});

/** Events per second that one SQLite file takes as bare rows, in commits as large as twenty outboxes make them. */
export function eventsFloor(dir: string, total: number): number {
  const db = new DatabaseSync(join(dir, "events-floor.sqlite"));
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS rows (n INTEGER PRIMARY KEY, body TEXT) STRICT",
  );
  const insert = db.prepare("INSERT INTO rows (body) VALUES (?)");
  const body = JSON.stringify(eventOf("0".repeat(16), 1));
  const group = batchEvents * 20;
  const from = performance.now();
  for (let done = 0; done < total; done += group) {
    db.exec("BEGIN IMMEDIATE");
    for (let i = 0; i < group; i += 1) insert.run(body);
    db.exec("COMMIT");
  }
  const perSecond = (total / (performance.now() - from)) * 1000;
  db.close();
  return perSecond;
}
