/** What is to be sent when, and what has become of it: messages leave one by one for each channel, not more than a few a minute. */
import { day, minute } from "#contract";
import { isQuiet, type NoticeFacts, type NoticeKind } from "#core";
import type { Database } from "./database.ts";
import { getMeta } from "./meta.ts";
import type { NoticeDue, NoticeOutcome } from "./types-rows.ts";

/** A word that comes a day late helps nobody. */
const givenUpAfterMs = day;
const waitsMs = [minute, 5 * minute, 30 * minute, 120 * minute] as const;
/** Telegram takes 20 a minute in a group, Discord 30; whoever gets more than these reads none. */
const perMinute = 10;
/** as many in one message; the rest comes in the next one */
const inOne = 20;
const lookedAt = 500;

type Row = {
  readonly notice: number;
  readonly channel: number;
  readonly kind: NoticeKind;
  readonly facts: string;
  readonly atMs: number;
  readonly urgent: number;
  readonly way: NoticeDue["way"];
  readonly address: string;
  readonly pushKeys: string | null;
  readonly locale: NoticeDue["locale"];
  readonly left: number;
  readonly quietFrom: string | null;
  readonly quietUntil: string | null;
};

/** Urgent ones by themselves and first, also in quiet hours; of the rest, what waits for one channel is one message. */
export function noticesDue(db: Database, nowMs: number): NoticeDue[] {
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(getMeta(db, "tz") ?? "UTC");
  const localMinute = now.hour * 60 + now.minute;
  const rows = db.all<Row>(
    `SELECT d.notice, d.channel, n.kind, n.facts, n.at_ms AS atMs, n.urgent, c.way, c.address, c.push_keys AS pushKeys, m.locale,
       iif(c.minute_ms > ?1 - ${minute}, ${perMinute} - c.minute_count, ${perMinute}) AS "left",
       s.quiet_from AS quietFrom, s.quiet_until AS quietUntil
     FROM notice_deliveries d JOIN notices n ON n.notice = d.notice JOIN notice_channels c ON c.channel = d.channel
       JOIN members m ON m.member = n.member LEFT JOIN notice_settings s ON s.member = n.member
     WHERE d.done_ms IS NULL AND d.next_ms <= ?1 AND d.due_ms > ?2 ORDER BY n.urgent DESC, d.notice LIMIT ${lookedAt}`,
    nowMs,
    nowMs - givenUpAfterMs,
  );
  const messages = new Map<string, Row[]>();
  const left = new Map<number, number>();
  for (const row of rows) {
    const { quietFrom, quietUntil, channel, urgent } = row;
    const hours = quietFrom === null || quietUntil === null ? null : { from: quietFrom, until: quietUntil };
    if (urgent === 0 && isQuiet(hours, localMinute)) continue;
    const key = urgent === 1 ? `${channel}/${row.notice}` : `${channel}`;
    const known = messages.get(key);
    if (known !== undefined) {
      if (known.length < inOne) known.push(row);
      continue;
    }
    const may = left.get(channel) ?? row.left;
    if (may <= 0) continue;
    left.set(channel, may - 1);
    messages.set(key, [row]);
  }
  return [...messages.values()].map(messageOf);
}

function messageOf(rows: readonly Row[]): NoticeDue {
  const { channel, way, address, pushKeys, locale } = rows[0] as Row;
  return {
    ...{ channel, way, address, locale },
    pushKeys: pushKeys === null ? null : JSON.parse(pushKeys),
    notices: rows.map(({ notice, kind, facts, atMs }) => ({ notice, kind, facts: JSON.parse(facts) as NoticeFacts, atMs })),
  };
}

/** What became of one attempt. After a failure it is tried again, later each time, for a day. */
export function noteDelivery(db: Database, { channel, notices, problem, isGone = false }: NoticeOutcome, nowMs: number): void {
  db.run(
    `UPDATE notice_channels SET tried_ms = ?2, problem = ?3, minute_count = iif(minute_ms > ?2 - ${minute}, minute_count + 1, 1),
       minute_ms = iif(minute_ms > ?2 - ${minute}, minute_ms, ?2) WHERE channel = ?1`,
    channel,
    nowMs,
    problem,
  );
  for (const notice of notices) {
    const row = db.one<{ tries: number; dueMs: number }>(
      "SELECT tries, due_ms AS dueMs FROM notice_deliveries WHERE notice = ? AND channel = ?",
      notice,
      channel,
    );
    if (row === undefined) continue;
    const nextMs = nowMs + (waitsMs[Math.min(row.tries, waitsMs.length - 1)] ?? minute);
    const isOver = problem === null || isGone || nextMs - row.dueMs > givenUpAfterMs;
    db.run(
      "UPDATE notice_deliveries SET tries = tries + 1, problem = ?3, next_ms = ?4, done_ms = ?5 WHERE notice = ?1 AND channel = ?2",
      notice,
      channel,
      problem,
      nextMs,
      isOver ? nowMs : null,
    );
  }
}
