/**
 * Webhooks: other programs that are told what happens. The log is their queue, so nothing is lost while one is paused or away, and
 * telling again is going back in it.
 */
import { hour, minute, second } from "#contract";
import type { Handlers } from "./commands.ts";
import type { Database } from "./database.ts";
import { newSecret } from "./keys.ts";
import { Refused } from "./refuse.ts";
import { missing } from "./rows.ts";
import type { WebhookDue, WebhookRow } from "./types-rows.ts";

const most = 20;
const waitsMs = [5 * second, 30 * second, 5 * minute, 30 * minute, hour] as const;

export const webhooks: Pick<Handlers, "addWebhook" | "setWebhook" | "removeWebhook"> = {
  addWebhook({ db, nowMs }, input) {
    if ((db.one<{ c: number }>("SELECT count(*) AS c FROM webhooks")?.c ?? 0) >= most)
      throw new Refused("CONFLICT", `There are ${most} webhooks.`, "Remove one first: `koprade webhook list`.");
    const secret = newSecret();
    const webhook = db.insert(
      "INSERT INTO webhooks (url, secret, kinds, told, next_ms, added_ms) VALUES (?, ?, ?, ?, ?, ?)",
      input.url,
      secret,
      JSON.stringify([...new Set(input.kinds)].sort()),
      input.fromMs === null ? lastEntry(db) : entryBefore(db, input.fromMs),
      nowMs,
      nowMs,
    );
    return { webhook, secret };
  },

  setWebhook({ db, nowMs }, input) {
    needWebhook(db, input.webhook);
    if (input.paused !== undefined) db.run("UPDATE webhooks SET paused = ? WHERE webhook = ?", Number(input.paused), input.webhook);
    if (input.fromMs !== undefined) db.run("UPDATE webhooks SET told = ? WHERE webhook = ?", entryBefore(db, input.fromMs), input.webhook);
    db.run("UPDATE webhooks SET tries = 0, next_ms = ?, problem = NULL WHERE webhook = ?", nowMs, input.webhook);
    return {};
  },

  removeWebhook({ db }, input) {
    needWebhook(db, input.webhook);
    db.run("DELETE FROM webhooks WHERE webhook = ?", input.webhook);
    return {};
  },
};

function needWebhook(db: Database, webhook: number): void {
  if (db.one("SELECT 1 FROM webhooks WHERE webhook = ?", webhook) === undefined) throw missing("webhook", webhook);
}

const lastEntry = (db: Database): number => db.one<{ n: number | null }>("SELECT max(n) AS n FROM events")?.n ?? 0;

/** The last entry before the first one of that time or later. Entries come late and out of order: what is older may be told with them. */
function entryBefore(db: Database, fromMs: number): number {
  const first = db.one<{ n: number | null }>("SELECT min(n) AS n FROM events WHERE evt_ms >= ?", fromMs)?.n;
  return first === null || first === undefined ? lastEntry(db) : first - 1;
}

type Stored = Omit<WebhookRow, "kinds" | "isPaused"> & { readonly kinds: string; readonly paused: number };
const rowSql = `SELECT webhook, url, kinds, paused, told, tries, next_ms AS nextMs, told_ms AS toldMs, problem FROM webhooks`;

export function readWebhooks(db: Database): WebhookRow[] {
  return db
    .all<Stored>(`${rowSql} ORDER BY webhook`)
    .map(({ kinds, paused, ...row }) => ({ ...row, kinds: JSON.parse(kinds), isPaused: paused === 1 }));
}

/** Those that may be told now, with the key they check us by. */
export function webhooksDue(db: Database, nowMs: number): WebhookDue[] {
  return db
    .all<Omit<WebhookDue, "kinds"> & { readonly kinds: string }>(
      "SELECT webhook, url, secret, kinds, told FROM webhooks WHERE paused = 0 AND next_ms <= ? ORDER BY webhook",
      nowMs,
    )
    .map((row) => ({ ...row, kinds: JSON.parse(row.kinds) }));
}

/** What became of telling one of the entries after `from` up to `told`. Whoever went back meanwhile is not overtaken. */
export function noteTold(
  db: Database,
  given: { readonly webhook: number; readonly from: number; readonly told: number; readonly problem: string | null },
  nowMs: number,
): void {
  const { webhook, from, told, problem } = given;
  if (problem === null) {
    db.run(
      "UPDATE webhooks SET told = ?3, tries = 0, problem = NULL, told_ms = ?4, next_ms = ?4 WHERE webhook = ?1 AND told = ?2",
      webhook,
      from,
      told,
      nowMs,
    );
    return;
  }
  const tries = db.one<{ tries: number }>("SELECT tries FROM webhooks WHERE webhook = ?", webhook)?.tries ?? 0;
  const waitMs = waitsMs[Math.min(tries, waitsMs.length - 1)] ?? hour;
  db.run("UPDATE webhooks SET tries = tries + 1, problem = ?, next_ms = ? WHERE webhook = ?", problem, nowMs + waitMs, webhook);
}
