/**
 * The tables of the ledger, and how an older file becomes a current one. Each step runs in one transaction together with its
 * number, so a kill at any moment leaves either the old or the new schema. A file from a newer hub is refused untouched.
 */
import { HubError } from "../errors.ts";
import type { Database } from "./database.ts";
import { attendanceTables } from "./migration-attendance.ts";
import { cardCounterTable } from "./migration-cards.ts";
import { commissioningTables } from "./migration-commissioning.ts";
import { datedTables } from "./migration-dated.ts";
import { duressColumn } from "./migration-duress.ts";
import { enrolmentTables } from "./migration-enrolment.ts";
import { erasureTable } from "./migration-erasure.ts";
import { factsStep } from "./migration-facts.ts";
import { foreignAccounts } from "./migration-foreign.ts";
import { historyStep } from "./migration-history.ts";
import { importColumns } from "./migration-import.ts";
import { liveTables } from "./migration-live.ts";
import { lookupTable } from "./migration-lookups.ts";
import { moreTimeColumn } from "./migration-more-time.ts";
import { noticeChannelStep } from "./migration-notice-channels.ts";
import { noticeTables } from "./migration-notices.ts";
import { periodTables } from "./migration-periods.ts";
import { rekeyColumns } from "./migration-rekey.ts";
import { reportTables } from "./migration-reports.ts";
import { kioskReader, screenTables } from "./migration-screens.ts";
import { undoColumns } from "./migration-undo.ts";
import { webhookTable } from "./migration-webhooks.ts";

/** "KPRD": says that a file is ours (sqlite.org/fileformat2.html#application_id). */
const applicationId = 0x4b505244;

const first = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE boots (
  id INTEGER PRIMARY KEY, node TEXT NOT NULL, boot TEXT NOT NULL,
  highest INTEGER NOT NULL DEFAULT 0, last_evt_ms INTEGER NOT NULL DEFAULT 0, first_ms INTEGER NOT NULL,
  UNIQUE (node, boot)
) STRICT;
CREATE TABLE events (
  n INTEGER PRIMARY KEY, boot INTEGER NOT NULL REFERENCES boots(id), seq INTEGER NOT NULL,
  node TEXT NOT NULL, ch TEXT NOT NULL, kind TEXT NOT NULL, member INTEGER NOT NULL,
  evt_ms INTEGER NOT NULL, recv_ms INTEGER NOT NULL, at_mono INTEGER NOT NULL, at_ms INTEGER,
  tq TEXT NOT NULL, tq_hub TEXT NOT NULL, body TEXT NOT NULL,
  UNIQUE (boot, seq)
) STRICT;
CREATE INDEX events_by_node ON events (node, evt_ms);
CREATE INDEX events_by_time ON events (evt_ms);
CREATE TABLE gaps (
  id INTEGER PRIMARY KEY, boot INTEGER NOT NULL REFERENCES boots(id), from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'lost', 'closed')), noticed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX gaps_by_boot ON gaps (boot, state);
CREATE TABLE quarantine (
  n INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, node TEXT NOT NULL, path TEXT NOT NULL, reason TEXT NOT NULL,
  bytes BLOB NOT NULL CHECK (length(bytes) <= 4096)
) STRICT;
CREATE TABLE channel_states (
  node TEXT NOT NULL, ch TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (node, ch)
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
  session TEXT NOT NULL, node TEXT NOT NULL, ch TEXT NOT NULL, member INTEGER NOT NULL,
  start_ms INTEGER NOT NULL, end_ms INTEGER, record TEXT NOT NULL, PRIMARY KEY (node, session)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_time ON sessions (start_ms);
CREATE INDEX sessions_by_member ON sessions (member, start_ms);
CREATE TABLE runs (
  run TEXT NOT NULL, node TEXT NOT NULL, ch TEXT NOT NULL, session TEXT,
  start_ms INTEGER NOT NULL, end_ms INTEGER, record TEXT NOT NULL, PRIMARY KEY (node, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_by_session ON runs (session);
CREATE INDEX runs_by_time ON runs (start_ms);
CREATE TABLE checkpoints (
  node TEXT NOT NULL, evt_ms INTEGER NOT NULL, boot TEXT NOT NULL, seq INTEGER NOT NULL, fold TEXT NOT NULL,
  PRIMARY KEY (node, evt_ms, boot, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
  member INTEGER PRIMARY KEY, display_name TEXT NOT NULL, locale TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'banned', 'left')),
  roles TEXT NOT NULL DEFAULT '[]', waiver INTEGER, hold TEXT, added_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE cards (
  card_key TEXT PRIMARY KEY CHECK (length(card_key) = 32), member INTEGER NOT NULL REFERENCES members(member), label TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'lost', 'stolen', 'returned', 'revoked')),
  valid_from TEXT, valid_through TEXT, status_since_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX cards_by_member ON cards (member);
CREATE INDEX cards_by_status ON cards (status, status_since_ms);
CREATE TABLE schedules (schedule TEXT PRIMARY KEY, hours TEXT NOT NULL) STRICT;
CREATE TABLE plans (
  plan TEXT PRIMARY KEY, label TEXT NOT NULL, always INTEGER NOT NULL, covers TEXT, schedule TEXT REFERENCES schedules(schedule)
) STRICT;
CREATE TABLE memberships (
  id INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), plan TEXT NOT NULL REFERENCES plans(plan),
  from_date TEXT NOT NULL, valid_through TEXT, grace_days INTEGER NOT NULL
) STRICT;
CREATE INDEX memberships_by_member ON memberships (member);
CREATE TABLE courses (course TEXT PRIMARY KEY, label TEXT NOT NULL, validity_months INTEGER) STRICT;
CREATE TABLE trainings (
  id INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), course TEXT NOT NULL REFERENCES courses(course),
  level TEXT NOT NULL CHECK (level IN ('trainee', 'competent')), signed_off_by INTEGER NOT NULL REFERENCES members(member),
  on_date TEXT NOT NULL, valid_through TEXT, revoked_ms INTEGER,
  CHECK (signed_off_by <> member)
) STRICT;
CREATE INDEX trainings_by_member ON trainings (member, course);
CREATE TABLE restrictions (
  member INTEGER NOT NULL REFERENCES members(member), resource TEXT NOT NULL REFERENCES resources(id), PRIMARY KEY (member, resource)
) STRICT, WITHOUT ROWID;

CREATE TABLE nodes (
  node TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('door', 'machine', 'mixed', 'hosted')), label TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'quarantined', 'revoked')), secret_hash BLOB NOT NULL, added_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE resources (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('door', 'machine')), node TEXT NOT NULL REFERENCES nodes(node), ch TEXT NOT NULL,
  label TEXT NOT NULL, course TEXT REFERENCES courses(course),
  risk_class TEXT CHECK (risk_class IN ('A', 'B', 'C')), cut_hazard INTEGER, fail_mode TEXT CHECK (fail_mode IN ('safe', 'secure')),
  policy TEXT NOT NULL, next_step TEXT NOT NULL DEFAULT '{}', settings TEXT NOT NULL DEFAULT '{}',
  UNIQUE (node, ch),
  CHECK (kind <> 'machine' OR (risk_class IS NOT NULL AND cut_hazard IS NOT NULL)),
  CHECK (kind <> 'door' OR fail_mode IS NOT NULL)
) STRICT;
CREATE TABLE lockouts (
  lockout INTEGER PRIMARY KEY, machine TEXT NOT NULL REFERENCES resources(id),
  kind TEXT NOT NULL CHECK (kind IN ('maintenance', 'oops', 'fault', 'tamper', 'check')),
  mode TEXT NOT NULL CHECK (mode IN ('when_idle', 'immediate')), reason TEXT NOT NULL, at_ms INTEGER NOT NULL, by_actor TEXT NOT NULL,
  cleared_ms INTEGER, cleared_by TEXT, cleared_reason TEXT
) STRICT;
CREATE INDEX lockouts_open ON lockouts (machine) WHERE cleared_ms IS NULL;

CREATE TABLE published (
  node TEXT NOT NULL, what TEXT NOT NULL CHECK (what IN ('snapshot', 'restrictions', 'config')),
  version INTEGER NOT NULL, hash TEXT NOT NULL, issued_ms INTEGER NOT NULL, PRIMARY KEY (node, what)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
  n INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,
  detail TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
`;

/** Step i brings a file from version i to i + 1. Never change a step that has been released: add one. */
export const migrations: readonly string[] = [
  first,
  factsStep,
  reportTables,
  liveTables,
  undoColumns,
  moreTimeColumn,
  commissioningTables,
  noticeTables,
  cardCounterTable,
  webhookTable,
  enrolmentTables,
  rekeyColumns,
  datedTables,
  periodTables,
  duressColumn,
  erasureTable,
  importColumns,
  historyStep,
  lookupTable,
  foreignAccounts,
  screenTables,
  attendanceTables,
  kioskReader,
  noticeChannelStep,
];

/** Brings the file to this hub's version. @throws HubError LEDGER_NEWER, LEDGER_UNREADABLE */
export function migrate(db: Database, steps: readonly string[] = migrations): void {
  const version = pragma(db, "user_version");
  const owner = pragma(db, "application_id");
  if (owner !== applicationId && (owner !== 0 || version !== 0))
    throw new HubError("LEDGER_UNREADABLE", "the file belongs to another program");
  if (version > steps.length) throw new HubError("LEDGER_NEWER", `its version is ${version}, this hub knows ${steps.length}`);
  for (let step = version; step < steps.length; step += 1) {
    db.transaction(() => {
      if (pragma(db, "user_version") !== step) return; // another process was faster
      db.exec(steps[step] ?? "");
      db.exec(`PRAGMA application_id = ${applicationId}`);
      db.exec(`PRAGMA user_version = ${step + 1}`);
    });
  }
}

function pragma(db: Database, name: "user_version" | "application_id"): number {
  const row = db.raw.prepare(`PRAGMA ${name}`).get();
  return Number(row?.[name] ?? 0);
}

/** Settings of every connection that writes: durable at COMMIT, deleted rows overwritten (security.md R59). */
export function prepareWriter(db: Database): void {
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = FULL");
  db.exec("PRAGMA foreign_keys = ON");
  db.exec("PRAGMA secure_delete = FAST");
  db.exec("PRAGMA wal_autocheckpoint = 2000");
  db.exec("PRAGMA cache_size = -4000");
}
