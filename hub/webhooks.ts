/**
 * Tells webhooks what has happened: entries of the log in its order, in batches, at least once; each entry carries an id to know it by.
 *
 *   koprade-signature: t=<Unix seconds>,v1=<HMAC-SHA-256 of "<t>.<body>" under the webhook's secret, in hex>
 *
 * Whoever checks the signature and refuses an old `t` hears nothing from anybody else and nothing twice over. Members are numbers.
 */
import { createHmac } from "node:crypto";
import type { Ledger, StoredEvent } from "./ledger/types.ts";
import type { WebhookDue } from "./ledger/types-rows.ts";
import type { Clock, Log } from "./ports.ts";
import { everyFew, post } from "./post.ts";

const lookMs = 1000;
const batchMost = 100;
/** batches to one webhook in one round, so that one with a long way to go does not hold up the others */
const batchesMost = 10;

export function tellWebhooks(ports: {
  readonly ledger: Pick<Ledger, "read" | "noteTold">;
  readonly clock: Clock;
  readonly log: Log;
}): () => Promise<void> {
  const { ledger, clock, log } = ports;
  const tell = async (due: WebhookDue, ending: AbortSignal): Promise<void> => {
    for (let batch = 0, from = due.told; batch < batchesMost && !ending.aborted; batch += 1) {
      const events = ledger.read.events({ after: from, kinds: due.kinds, limit: batchMost });
      const told = events.at(-1)?.n;
      if (told === undefined) return;
      const problem = await post(due.url, signed(due, events.map(entryOf(ledger)), clock.nowMs()), ending);
      if (ending.aborted) return; // not their fault
      if (problem !== null) log.warn({ webhook: due.webhook, problem }, "A webhook could not be told; it is tried again.");
      await ledger.noteTold({ webhook: due.webhook, from, told, problem });
      if (problem !== null) return;
      from = told;
    }
  };
  const onTrouble = (error: unknown): void => log.warn({ error: String(error) }, "Webhooks wait: the ledger does not answer.");
  return everyFew("webhooks", lookMs, { clock, onTrouble }, async (ending) => {
    await Promise.all(ledger.read.webhooksDue(clock.nowMs()).map((due) => tell(due, ending)));
  });
}

const entryOf =
  ({ read }: Pick<Ledger, "read">) =>
  ({ node, boot, seq, ch, evtMs, tqHub, body }: StoredEvent) => ({
    id: `${node}/${boot}/${seq}`,
    atMs: evtMs,
    timeQuality: tqHub,
    node,
    ch,
    place: read.resourceAt(node, ch)?.id ?? null,
    body,
  });

function signed({ secret }: WebhookDue, events: readonly object[], nowMs: number) {
  const body = JSON.stringify({ events });
  const t = Math.floor(nowMs / 1000);
  const v1 = createHmac("sha256", secret).update(`${t}.${body}`).digest("hex");
  return { body, headers: { "content-type": "application/json", "koprade-signature": `t=${t},v1=${v1}` } };
}
