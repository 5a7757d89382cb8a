/**
 * The file of the usage series. Kept for ever: what each machine's hours took (`hour_sums`), what they were used for (`use_hours`,
 * by version of the thresholds in `classes`) and the runs of unchanged power, packed by day (`days`). Kept for `rawDays`: runs as
 * rows and sums of minutes, for pictures. Times in ms UTC; hours and days counted from 1970.
 */
import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const schema = `
CREATE TABLE IF NOT EXISTS machines (id INTEGER PRIMARY KEY, machine TEXT NOT NULL UNIQUE, last_ms INTEGER, last_w REAL, last_wh REAL,
  counter_ms INTEGER NOT NULL DEFAULT 0, counter_wh REAL, steps TEXT) STRICT;
CREATE TABLE IF NOT EXISTS runs (machine INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, power_w REAL,
  PRIMARY KEY (machine, start_ms)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS minutes (machine INTEGER NOT NULL, slot_ms INTEGER NOT NULL, energy_wh REAL NOT NULL, watt_ms REAL NOT NULL,
  known_ms INTEGER NOT NULL, min_w REAL, max_w REAL, PRIMARY KEY (machine, slot_ms)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS states (machine INTEGER NOT NULL, at_ms INTEGER NOT NULL, status TEXT NOT NULL, PRIMARY KEY (machine, at_ms)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hour_sums (machine INTEGER NOT NULL, hour INTEGER NOT NULL, energy_wh REAL NOT NULL, known_ms INTEGER NOT NULL,
  PRIMARY KEY (machine, hour)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS use_hours (machine INTEGER NOT NULL, hour INTEGER NOT NULL, version INTEGER NOT NULL, busy_ms INTEGER NOT NULL,
  idle_ms INTEGER NOT NULL, starts INTEGER NOT NULL, PRIMARY KEY (machine, hour, version)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS classes (machine INTEGER NOT NULL, version INTEGER NOT NULL, from_hour INTEGER NOT NULL, to_hour INTEGER,
  made_ms INTEGER NOT NULL, thresholds TEXT, state TEXT, PRIMARY KEY (machine, version)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS days (place INTEGER PRIMARY KEY, runs BLOB NOT NULL) STRICT;
`;

/** Place of a machine's day in `days`: days behind one another, so that the file grows at its end only. */
export const placesPerDay = 100_000;

export function openSeriesFile(path: string): DatabaseSync {
  // Made before SQLite makes it: who works when is nobody else's to read, nor in the log beside it, which takes this file's mode.
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  const db = new DatabaseSync(path, { timeout: 2000 });
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -2000;");
  db.exec(schema);
  if (!hasColumn(db, "runs", "energy_wh") || !hasColumn(db, "machines", "steps")) migrate(db);
  return db;
}

/** From earlier forms of the file: the same sums of hours in fewer bytes, runs that carry their energy, and how often a machine tells. */
function migrate(db: DatabaseSync): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have been faster.
    if (!hasColumn(db, "runs", "energy_wh")) db.exec("ALTER TABLE runs ADD COLUMN energy_wh REAL NOT NULL DEFAULT 0");
    if (!hasColumn(db, "machines", "steps")) db.exec("ALTER TABLE machines ADD COLUMN steps TEXT");
    if (hasColumn(db, "hours", "slot_ms")) {
      db.exec(`INSERT INTO hour_sums (machine, hour, energy_wh, known_ms) SELECT machine, slot_ms / 3600000, energy_wh, known_ms FROM hours
        WHERE true ON CONFLICT DO NOTHING`);
      db.exec("DROP TABLE hours");
    }
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

const hasColumn = (db: DatabaseSync, table: string, column: string): boolean =>
  db.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = ?").get(table, column) !== undefined;
