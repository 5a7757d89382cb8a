/**
 * What is derived from the log: sessions, runs and the last word of every channel. Each node is folded by the pure core in log
 * order. Events that come in order are applied as they come; a late one goes back to a checkpoint and folds again from there,
 * so any order of arrival ends in the same rows. Runs inside the writer's transaction.
 */
import { applySession, inLogOrder, noSessions, type RunRecord, type SessionRecord, type Sessions, withoutClosed } from "#core";
import type { Database } from "./database.ts";
import { type EventRow, eventColumns, eventOf } from "./events.ts";
import type { StoredEvent } from "./types.ts";

type Position = { readonly evtMs: number; readonly boot: string; readonly seq: number };
/** The last thing known of a channel from the log alone. */
type ChannelState = {
  readonly ch: string;
  readonly lastKind: string;
  readonly lastMs: number;
  readonly powered: boolean | null;
  readonly open: boolean | null;
};
type Fold = {
  readonly sessions: Sessions;
  readonly channels: ReadonlyMap<string, ChannelState>;
  readonly last: Position | null;
  readonly since: number;
};

const checkpointEvery = 5000;
const checkpointsKept = 4;
const pageRows = 20_000;
/** Closed sessions older than this are final; only newer ones stay in the fold. */
const openForMs = 3 * 86_400_000;
const emptyFold: Fold = { sessions: noSessions, channels: new Map(), last: null, since: 0 };

/** The folds of all nodes, kept between batches. After a failed transaction call `forget`: they are read again. */
export class Projections {
  private readonly folds = new Map<string, Fold>();

  /** Brings the projections of one node up to date with events just inserted. */
  apply(db: Database, node: string, fresh: readonly StoredEvent[]): void {
    if (fresh.length === 0) return;
    const ordered = [...fresh].sort(inLogOrder);
    const first = ordered[0];
    const fold = this.folds.get(node) ?? load(db, node, Math.min(...fresh.map((event) => event.n)));
    const late = first !== undefined && fold.last !== null && !isAfter(first, fold.last);
    this.folds.set(node, late ? foldAgain(db, node, first) : advance(db, node, fold, ordered));
  }

  forget(): void {
    this.folds.clear();
  }

  /** Derives everything again from the log alone. */
  rebuild(db: Database): void {
    this.forget();
    for (const table of ["sessions", "runs", "channel_states", "checkpoints"]) db.run(`DELETE FROM ${table}`);
    for (const { node } of db.all<{ node: string }>("SELECT DISTINCT node FROM boots ORDER BY node")) {
      this.folds.set(node, advance(db, node, emptyFold, eventsAfter(db, node, null)));
    }
  }
}

function isAfter(event: StoredEvent, position: Position): boolean {
  if (event.evtMs !== position.evtMs) return event.evtMs > position.evtMs;
  if (event.boot !== position.boot) return event.boot > position.boot;
  return event.seq > position.seq;
}

/** Applies events that come after the fold, in log order, and writes the rows they change. */
function advance(db: Database, node: string, start: Fold, events: Iterable<StoredEvent>): Fold {
  let fold = start;
  let written = start;
  for (const event of events) {
    if (isNewDay(fold.last, event)) {
      write(db, node, written, fold);
      fold = prune(fold);
      written = fold;
    }
    fold = step(fold, event);
    if (fold.since < checkpointEvery) continue;
    fold = { ...fold, since: 0 };
    write(db, node, written, fold);
    written = fold;
    saveCheckpoint(db, node, fold);
  }
  write(db, node, written, fold);
  return fold;
}

function step(fold: Fold, event: StoredEvent): Fold {
  const channels = new Map(fold.channels);
  channels.set(event.ch, channelStep(fold.channels.get(event.ch), event));
  const last = { evtMs: event.evtMs, boot: event.boot, seq: event.seq };
  return { sessions: applySession(fold.sessions, event), channels, last, since: fold.since + 1 };
}

function channelStep(before: ChannelState | undefined, event: StoredEvent): ChannelState {
  const { body } = event;
  const powered = body.kind === "mach.powered" ? body.on : body.kind === "mach.relay_off" ? false : (before?.powered ?? null);
  const open =
    body.kind === "door.opened" || body.kind === "door.forced_open" ? true : body.kind === "door.closed" ? false : (before?.open ?? null);
  return { ch: event.ch, lastKind: body.kind, lastMs: event.evtMs, powered, open };
}

const dayOf = (ms: number): number => Math.floor(ms / 86_400_000);
const isNewDay = (last: Position | null, event: StoredEvent): boolean => last !== null && dayOf(event.evtMs) !== dayOf(last.evtMs);

/** Lets go of what is final. Happens at the first event of a day, so that it happens at the same place whenever the log is folded. */
function prune(fold: Fold): Fold {
  return { ...fold, sessions: withoutClosed(fold.sessions, (fold.last?.evtMs ?? 0) - openForMs) };
}

/** Writes the records that differ from what was written last; the core hands out a new object for whatever it changes. */
function write(db: Database, node: string, before: Fold, after: Fold): void {
  for (const [id, session] of after.sessions.sessions) {
    if (before.sessions.sessions.get(id) !== session) putSession(db, node, session);
  }
  for (const [id, run] of after.sessions.runs) {
    if (before.sessions.runs.get(id) !== run) putRun(db, node, run);
  }
  for (const [ch, state] of after.channels) {
    if (before.channels.get(ch) === state) continue;
    db.run(
      "INSERT INTO channel_states (node, ch, state) VALUES (?, ?, ?) ON CONFLICT (node, ch) DO UPDATE SET state = excluded.state",
      node,
      ch,
      JSON.stringify(state),
    );
  }
}

function putSession(db: Database, node: string, record: SessionRecord): void {
  db.run(
    `INSERT INTO sessions (session, node, ch, member, start_ms, end_ms, record) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (node, session) DO UPDATE SET ch = excluded.ch, member = excluded.member, start_ms = excluded.start_ms,
       end_ms = excluded.end_ms, record = excluded.record`,
    record.session,
    node,
    record.ch,
    record.member,
    record.startMs,
    record.endMs,
    JSON.stringify(record),
  );
}

function putRun(db: Database, node: string, record: RunRecord): void {
  db.run(
    `INSERT INTO runs (run, node, ch, session, start_ms, end_ms, record) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (node, run) DO UPDATE SET ch = excluded.ch, session = excluded.session, start_ms = excluded.start_ms,
       end_ms = excluded.end_ms, record = excluded.record`,
    record.run,
    node,
    record.ch,
    record.session,
    record.startMs,
    record.endMs,
    JSON.stringify(record),
  );
}

function saveCheckpoint(db: Database, node: string, fold: Fold): void {
  if (fold.last === null) return;
  const text = JSON.stringify({
    sessions: [...fold.sessions.sessions],
    runs: [...fold.sessions.runs],
    lastMs: [...fold.sessions.lastMs],
    channels: [...fold.channels],
  });
  db.run(
    "INSERT OR REPLACE INTO checkpoints (node, evt_ms, boot, seq, fold) VALUES (?, ?, ?, ?, ?)",
    node,
    fold.last.evtMs,
    fold.last.boot,
    fold.last.seq,
    text,
  );
  db.run(
    `DELETE FROM checkpoints WHERE node = ?1 AND evt_ms <
       (SELECT evt_ms FROM checkpoints WHERE node = ?1 ORDER BY evt_ms DESC LIMIT 1 OFFSET ${checkpointsKept - 1})`,
    node,
  );
}

type CheckpointRow = Position & { readonly fold: string };
const checkpointColumns = "evt_ms AS evtMs, boot, seq, fold FROM checkpoints";

function foldOf(row: CheckpointRow): Fold {
  const saved: {
    readonly sessions: readonly [string, SessionRecord][];
    readonly runs: readonly [string, RunRecord][];
    readonly lastMs: readonly [string, number][];
    readonly channels: readonly [string, ChannelState][];
  } = JSON.parse(row.fold);
  return {
    sessions: { sessions: new Map(saved.sessions), runs: new Map(saved.runs), lastMs: new Map(saved.lastMs) },
    channels: new Map(saved.channels),
    last: { evtMs: row.evtMs, boot: row.boot, seq: row.seq },
    since: 0,
  };
}

/** The fold as it stood before row `beforeN` was inserted: the newest checkpoint and what came after it. */
function load(db: Database, node: string, beforeN: number): Fold {
  const row = db.one<CheckpointRow>(`SELECT ${checkpointColumns} WHERE node = ? ORDER BY evt_ms DESC, boot DESC, seq DESC LIMIT 1`, node);
  let fold = row === undefined ? emptyFold : foldOf(row);
  for (const event of eventsAfter(db, node, fold.last)) {
    if (event.n >= beforeN) continue;
    fold = step(isNewDay(fold.last, event) ? prune(fold) : fold, event);
  }
  return fold;
}

/** A late event: back to the last checkpoint before it, drop what was derived since, fold again. */
function foldAgain(db: Database, node: string, late: StoredEvent): Fold {
  const { evtMs, boot, seq } = late;
  db.run("DELETE FROM checkpoints WHERE node = ? AND (evt_ms, boot, seq) >= (?, ?, ?)", node, evtMs, boot, seq);
  const row = db.one<CheckpointRow>(`SELECT ${checkpointColumns} WHERE node = ? ORDER BY evt_ms DESC, boot DESC, seq DESC LIMIT 1`, node);
  const fold = row === undefined ? emptyFold : foldOf(row);
  const fromMs = fold.last?.evtMs ?? -1;
  for (const table of ["sessions", "runs"]) db.run(`DELETE FROM ${table} WHERE node = ? AND start_ms >= ?`, node, fromMs);
  db.run("DELETE FROM channel_states WHERE node = ?", node);
  write(db, node, emptyFold, fold);
  return advance(db, node, fold, eventsAfter(db, node, fold.last));
}

function* eventsAfter(db: Database, node: string, position: Position | null): Generator<StoredEvent> {
  const sql = `SELECT ${eventColumns} WHERE e.node = ? AND e.evt_ms >= ? AND (e.evt_ms, b.boot, e.seq) > (?, ?, ?)
    ORDER BY e.evt_ms, b.boot, e.seq LIMIT ${pageRows}`;
  let at = position ?? { evtMs: -1, boot: "", seq: 0 };
  for (;;) {
    // Read in pages: a cursor must not stay open while other statements write the same file.
    const page = db.all<EventRow>(sql, node, at.evtMs, at.evtMs, at.boot, at.seq);
    for (const row of page) yield eventOf(row);
    const last = page.at(-1);
    if (last === undefined || page.length < pageRows) return;
    at = { evtMs: last.evtMs, boot: last.boot, seq: last.seq };
  }
}

/** All projections as canonical JSON: one line per row, sorted. */
export function exportProjections(db: Database): string {
  const lines: string[] = [];
  const add = (what: string, sql: string): void => {
    for (const row of db.prepare(sql).iterate()) lines.push(JSON.stringify([what, ...Object.values(row)]));
  };
  add("session", "SELECT node, session, ch, member, start_ms, end_ms, record FROM sessions ORDER BY node, session");
  add("run", "SELECT node, run, ch, session, start_ms, end_ms, record FROM runs ORDER BY node, run");
  add("channel", "SELECT node, ch, state FROM channel_states ORDER BY node, ch");
  return `${lines.join("\n")}\n`;
}
