/**
 * The append-only log of events: written once per (node, boot, seq) however often they arrive, with what is missing in
 * between recorded as gaps. Runs inside the writer's transaction.
 */
import type { EventBody, NodeEvent } from "#contract";
import type { BootTime, LedgerEvent, Stored } from "../ports.ts";
import type { Database } from "./database.ts";
import { lastingKinds } from "./migration-history.ts";
import type { EventQuery, GapRow, QuarantineRow, StoredEvent } from "./types.ts";

type Boot = { readonly id: number; readonly highest: number; readonly lastEvtMs: number };
/** After this long a gap before a batch that is sent again counts as lost at the node. */
const confirmGapMs = 5000;
const jitterMs = 10_000;
const quarantineRows = 1000;
const quarantineBytes = 4096;

/** Stores a node's batch; `fresh` are the events that were not known yet, `at` their places in the batch. Call inside a transaction. */
export function appendEvents(
  db: Database,
  node: string,
  events: readonly LedgerEvent[],
  nowMs: number,
): Stored & { readonly fresh: StoredEvent[]; readonly at: number[] } {
  const fresh: StoredEvent[] = [];
  const at: number[] = [];
  const places = new Map(events.map((event, i) => [event, i]));
  let gaps = 0;
  for (const [boot, given] of byBoot(events)) {
    const before = fresh.length;
    const known = bootOf(db, node, boot, nowMs);
    let { highest, lastEvtMs } = known;
    for (const arrived of given) {
      const event = arrived.seq > highest ? inOrder(arrived, lastEvtMs) : arrived;
      const n = insertEvent(db, known.id, node, event);
      if (n === undefined) continue;
      fresh.push({ ...event, n });
      at.push(places.get(arrived) ?? 0);
      if (event.seq > highest + 1) gaps += openGap(db, known.id, highest + 1, event.seq - 1, nowMs);
      else if (event.seq <= highest) fillGap(db, known.id, event.seq);
      if (event.seq > highest) {
        highest = event.seq;
        lastEvtMs = event.evtMs;
      }
      if (event.body.kind === "node.gap") declareLost(db, node, event.body, nowMs);
    }
    if (highest !== known.highest)
      db.run("UPDATE boots SET highest = max(highest, ?), last_evt_ms = ? WHERE id = ?", highest, lastEvtMs, known.id);
    if (fresh.length === before) confirmGap(db, known.id, given[0]?.seq ?? 0, nowMs);
  }
  return { stored: fresh.length, duplicates: events.length - fresh.length, gaps, fresh, at };
}

/**
 * Times of one boot rise with its seqs. What travelled a little faster than the one before it would seem to have happened
 * earlier; up to `jitterMs` it is put at the same instant. Larger steps back are corrected clocks, and stay.
 */
function inOrder(event: LedgerEvent, lastEvtMs: number): LedgerEvent {
  const backMs = lastEvtMs - event.evtMs;
  return backMs > 0 && backMs <= jitterMs ? { ...event, evtMs: lastEvtMs } : event;
}

function byBoot(events: readonly LedgerEvent[]): Map<string, LedgerEvent[]> {
  const groups = new Map<string, LedgerEvent[]>();
  for (const event of events) {
    const group = groups.get(event.boot);
    if (group === undefined) groups.set(event.boot, [event]);
    else group.push(event);
  }
  for (const group of groups.values()) group.sort((a, b) => a.seq - b.seq);
  return groups;
}

function bootOf(db: Database, node: string, boot: string, nowMs: number): Boot {
  const known = db.one<Boot>("SELECT id, highest, last_evt_ms AS lastEvtMs FROM boots WHERE node = ? AND boot = ?", node, boot);
  return (
    known ?? { id: db.insert("INSERT INTO boots (node, boot, first_ms) VALUES (?, ?, ?)", node, boot, nowMs), highest: 0, lastEvtMs: 0 }
  );
}

const insertSql = `INSERT INTO events (boot, seq, node, ch, kind, member, evt_ms, recv_ms, at_mono, at_ms, tq, tq_hub, body)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (boot, seq) DO NOTHING`;

/** Position of the event in the log, or undefined when it stood there already. */
function insertEvent(db: Database, boot: number, node: string, event: LedgerEvent): number | undefined {
  const done = db
    .prepare(insertSql)
    .run(
      boot,
      event.seq,
      node,
      event.ch,
      event.body.kind,
      memberOf(event.body),
      event.evtMs,
      event.recvMs,
      event.atMono,
      event.atMs,
      event.tq,
      event.tqHub,
      JSON.stringify(event.body),
    );
  return Number(done.changes) === 0 ? undefined : Number(done.lastInsertRowid);
}

/** The one member an event is about, 0 when nobody or several. */
function memberOf(body: EventBody): number {
  if ("member" in body) return body.member;
  if ("who" in body) return body.who.length === 1 ? (body.who[0] ?? 0) : 0;
  return 0;
}

function openGap(db: Database, boot: number, from: number, to: number, nowMs: number): 1 {
  db.run("INSERT INTO gaps (boot, from_seq, to_seq, state, noticed_ms) VALUES (?, ?, ?, 'open', ?)", boot, from, to, nowMs);
  return 1;
}

type Gap = {
  readonly id: number;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly state: "open" | "lost";
  readonly noticedMs: number;
};
const gapColumns = "id, from_seq AS fromSeq, to_seq AS toSeq, state, noticed_ms AS noticedMs";

/** A late event closes its gap, or splits it in what is still missing before and after. */
function fillGap(db: Database, boot: number, seq: number): void {
  const gap = db.one<Gap>(
    `SELECT ${gapColumns} FROM gaps WHERE boot = ? AND state <> 'closed' AND from_seq <= ? AND to_seq >= ?`,
    boot,
    seq,
    seq,
  );
  if (gap === undefined) return;
  if (gap.fromSeq === gap.toSeq) {
    db.run("UPDATE gaps SET state = 'closed' WHERE id = ?", gap.id);
  } else if (seq === gap.fromSeq) {
    db.run("UPDATE gaps SET from_seq = ? WHERE id = ?", seq + 1, gap.id);
  } else {
    db.run("UPDATE gaps SET to_seq = ? WHERE id = ?", seq - 1, gap.id);
    if (seq < gap.toSeq) {
      db.run(
        "INSERT INTO gaps (boot, from_seq, to_seq, state, noticed_ms) VALUES (?, ?, ?, ?, ?)",
        boot,
        seq + 1,
        gap.toSeq,
        gap.state,
        gap.noticedMs,
      );
    }
  }
}

/** The node says that these will never come: what is missing there counts as lost, and the ack may pass. */
function declareLost(db: Database, node: string, body: Extract<EventBody, { kind: "node.gap" }>, nowMs: number): void {
  const boot = bootOf(db, node, body.ofBoot, nowMs);
  if (body.to > boot.highest) {
    if (body.to >= body.from) openGap(db, boot.id, Math.max(body.from, boot.highest + 1), body.to, nowMs);
    db.run("UPDATE boots SET highest = max(highest, ?) WHERE id = ?", body.to, boot.id);
  }
  db.run("UPDATE gaps SET state = 'lost' WHERE boot = ? AND state = 'open' AND from_seq <= ? AND to_seq >= ?", boot.id, body.to, body.from);
}

/**
 * An outbox sends its oldest unacknowledged event first. When it sends again a batch that starts right after an old gap, it
 * no longer has what is missing: the ack may pass, otherwise the node would send that batch for ever.
 */
function confirmGap(db: Database, boot: number, firstSeq: number, nowMs: number): void {
  db.run(
    "UPDATE gaps SET state = 'lost' WHERE boot = ? AND state = 'open' AND to_seq = ? AND noticed_ms <= ?",
    boot,
    firstSeq - 1,
    nowMs - confirmGapMs,
  );
}

/** Highest seq up to which everything of the boot is stored or lost for good; 0 for an unknown boot. */
export function ackUpTo(db: Database, node: string, boot: string): number {
  const known = db.one<Boot>("SELECT id, highest, last_evt_ms AS lastEvtMs FROM boots WHERE node = ? AND boot = ?", node, boot);
  if (known === undefined) return 0;
  const hole = db.one<{ first: number | null }>("SELECT min(from_seq) AS first FROM gaps WHERE boot = ? AND state = 'open'", known.id);
  return typeof hole?.first === "number" ? hole.first - 1 : known.highest;
}

/** A node that starts again and again has many boots; what comes late belongs to one of its last ones. */
const bootsMost = 50;

/** The newest event of each of a node's last boots, oldest boot first. */
export const bootsOf = (db: Database, node: string): BootTime[] =>
  db.all<BootTime>(
    `SELECT b.boot, e.at_mono AS atMono, e.evt_ms AS evtMs, e.tq_hub AS tqHub FROM (SELECT id, boot FROM boots WHERE node = ? ORDER BY id DESC LIMIT ?) b
       JOIN events e ON e.boot = b.id AND e.seq = (SELECT max(seq) FROM events WHERE boot = b.id) ORDER BY b.id`,
    node,
    bootsMost,
  );

/** Keeps what nobody could read; the oldest row goes when there are too many. */
export function quarantine(
  db: Database,
  row: { readonly atMs: number; readonly node: string; readonly path: string; readonly reason: string; readonly bytes: Uint8Array },
): void {
  db.run(
    "INSERT INTO quarantine (at_ms, node, path, reason, bytes) VALUES (?, ?, ?, ?, ?)",
    row.atMs,
    row.node.slice(0, 64),
    row.path.slice(0, 200),
    row.reason.slice(0, 300),
    row.bytes.subarray(0, quarantineBytes),
  );
  db.run("DELETE FROM quarantine WHERE n <= (SELECT max(n) FROM quarantine) - ?", quarantineRows);
}

export type EventRow = {
  readonly n: number;
  readonly boot: string;
  readonly seq: number;
  readonly node: string;
  readonly ch: string;
  readonly evtMs: number;
  readonly recvMs: number;
  readonly atMono: number;
  readonly atMs: number | null;
  readonly tq: NodeEvent["tq"];
  readonly tqHub: LedgerEvent["tqHub"];
  readonly body: string;
};
export const eventColumns = `e.n, b.boot AS boot, e.seq, e.node, e.ch, e.evt_ms AS evtMs, e.recv_ms AS recvMs, e.at_mono AS atMono,
  e.at_ms AS atMs, e.tq, e.tq_hub AS tqHub, e.body FROM events e JOIN boots b ON b.id = e.boot`;

/** A row as it was stored. The body was parsed before it was written, and the file is ours. */
export const eventOf = (row: EventRow): StoredEvent => ({ ...row, body: JSON.parse(row.body) as EventBody });

export function queryEvents(db: Database, query: EventQuery): StoredEvent[] {
  const where: string[] = [];
  const values: (string | number)[] = [];
  const add = (sql: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    where.push(sql);
    values.push(value);
  };
  add("e.node = ?", query.node);
  add("e.ch = ?", query.ch);
  add("e.member = ?", query.member);
  add("e.evt_ms >= ?", query.fromMs);
  add("e.evt_ms < ?", query.toMs);
  add("e.n > ?", query.after);
  const [only, ...others] = query.kinds ?? [];
  // In words of its index, where it has one: nothing but the kinds that are written there comes into the text.
  const lasting = others.length > 0 ? undefined : lastingKinds.find((kind) => kind === only);
  if (lasting !== undefined) where.push(`e.kind = '${lasting}'`);
  else if (query.kinds !== undefined) add("e.kind IN (SELECT value FROM json_each(?))", JSON.stringify(query.kinds));
  const order =
    query.after === undefined ? (query.fromMs === undefined && query.toMs === undefined ? "e.n DESC" : "e.evt_ms DESC, e.n DESC") : "e.n";
  const sql = `SELECT ${eventColumns} ${where.length > 0 ? `WHERE ${where.join(" AND ")}` : ""} ORDER BY ${order} LIMIT ?`;
  return db.all<EventRow>(sql, ...values, Math.min(Math.max(0, query.limit), 10_000)).map(eventOf);
}

export function readGaps(db: Database): GapRow[] {
  return db.all<GapRow>(
    `SELECT b.node, b.boot, g.from_seq AS "from", g.to_seq AS "to", g.state, g.noticed_ms AS noticedMs
     FROM gaps g JOIN boots b ON b.id = g.boot ORDER BY g.id DESC LIMIT 10000`,
  );
}

export function readQuarantine(db: Database): QuarantineRow[] {
  return db.all<QuarantineRow>("SELECT n, at_ms AS atMs, node, path, reason, bytes FROM quarantine ORDER BY n DESC");
}
