/**
 * The thread that writes the embedded series: every few seconds one transaction for all machines. It has its own file and
 * connection, so that a slow disk here delays nothing else.
 */
import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { type Meter, newMeter } from "./energy.ts";
import { type Changes, type MachineFold, noChanges, take } from "./fold.ts";

export type SampleBatch = {
  readonly machine: string /** atMs, powerW, energyWh in turn; NaN stands for null */;
  readonly values: Float64Array;
};
export type SeriesRequest =
  | {
      readonly kind: "write";
      readonly id: number;
      readonly samples: readonly SampleBatch[];
      readonly states: readonly { readonly machine: string; readonly atMs: number; readonly status: string }[];
      readonly purgeBeforeMs: number | null;
    }
  | { readonly kind: "close"; readonly id: number };
export type SeriesAnswer = { readonly id: number; readonly error: string | null; readonly ignored: number };

/** Widths in milliseconds of the two tables of sums. */
export const schema = `
CREATE TABLE IF NOT EXISTS machines (id INTEGER PRIMARY KEY, machine TEXT NOT NULL UNIQUE, last_ms INTEGER, last_w REAL, last_wh REAL,
  counter_ms INTEGER NOT NULL DEFAULT 0, counter_wh REAL) STRICT;
CREATE TABLE IF NOT EXISTS runs (machine INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, power_w REAL,
  PRIMARY KEY (machine, start_ms)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS minutes (machine INTEGER NOT NULL, slot_ms INTEGER NOT NULL, energy_wh REAL NOT NULL, watt_ms REAL NOT NULL,
  known_ms INTEGER NOT NULL, min_w REAL, max_w REAL, PRIMARY KEY (machine, slot_ms)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hours (machine INTEGER NOT NULL, slot_ms INTEGER NOT NULL, energy_wh REAL NOT NULL, watt_ms REAL NOT NULL,
  known_ms INTEGER NOT NULL, min_w REAL, max_w REAL, PRIMARY KEY (machine, slot_ms)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS states (machine INTEGER NOT NULL, at_ms INTEGER NOT NULL, status TEXT NOT NULL, PRIMARY KEY (machine, at_ms)) STRICT, WITHOUT ROWID;
`;

export function openSeriesFile(path: string): DatabaseSync {
  // Made before SQLite makes it: who works when is nobody else's to read, nor in the log beside it, which takes this file's mode.
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  const db = new DatabaseSync(path, { timeout: 2000 });
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -2000;");
  db.exec(schema);
  return db;
}

type Known = { readonly id: number; readonly fold: MachineFold };

/** What each machine's batch writes, prepared once: with two thousand machines preparing cost more than writing. */
function prepareWrites(db: DatabaseSync) {
  const addTo = (table: "minutes" | "hours") =>
    db.prepare(
      `INSERT INTO ${table} (machine, slot_ms, energy_wh, watt_ms, known_ms, min_w, max_w) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (machine, slot_ms) DO UPDATE SET energy_wh = energy_wh + excluded.energy_wh, watt_ms = watt_ms + excluded.watt_ms,
         known_ms = known_ms + excluded.known_ms,
         min_w = min(coalesce(min_w, excluded.min_w), coalesce(excluded.min_w, min_w)), max_w = max(coalesce(max_w, excluded.max_w), coalesce(excluded.max_w, max_w))`,
    );
  return {
    state: db.prepare("INSERT OR REPLACE INTO states (machine, at_ms, status) VALUES (?, ?, ?)"),
    last: db.prepare("UPDATE machines SET last_ms = ?, last_w = ?, last_wh = ?, counter_ms = ?, counter_wh = ? WHERE id = ?"),
    run: db.prepare(
      "INSERT INTO runs (machine, start_ms, end_ms, power_w) VALUES (?, ?, ?, ?) ON CONFLICT (machine, start_ms) DO UPDATE SET end_ms = excluded.end_ms",
    ),
    minutes: addTo("minutes"),
    hours: addTo("hours"),
  };
}

export class SeriesFile {
  private readonly path: string;
  private readonly known = new Map<string, Known>();
  private db: DatabaseSync;
  private writes: ReturnType<typeof prepareWrites>;

  constructor(path: string) {
    this.path = path;
    this.db = openSeriesFile(path);
    this.writes = prepareWrites(this.db);
  }

  /** Writes a batch, all or nothing. Gives how many samples were older than what is stored. */
  write(request: Extract<SeriesRequest, { kind: "write" }>): number {
    this.db.exec("BEGIN IMMEDIATE");
    try {
      let ignored = 0;
      for (const batch of request.samples) ignored += this.writeMachine(batch);
      for (const state of request.states) this.writes.state.run(this.machine(state.machine).id, state.atMs, state.status);
      if (request.purgeBeforeMs !== null) {
        for (const [table, column] of [
          ["runs", "end_ms"],
          ["minutes", "slot_ms"],
        ])
          this.db.prepare(`DELETE FROM ${table} WHERE ${column} < ?`).run(request.purgeBeforeMs);
      }
      this.db.exec("COMMIT");
      return ignored;
    } catch (error) {
      if (this.db.isTransaction) this.db.exec("ROLLBACK");
      this.reopen();
      throw error;
    }
  }

  close(): void {
    this.db.close();
  }

  /** What was remembered of a failed batch must go; the file says where things stand. */
  private reopen(): void {
    this.known.clear();
    this.db.close();
    this.db = openSeriesFile(this.path);
    this.writes = prepareWrites(this.db);
  }

  private writeMachine(batch: SampleBatch): number {
    const { id, fold } = this.machine(batch.machine);
    const changes = noChanges();
    for (let i = 0; i + 2 < batch.values.length; i += 3) {
      take(fold, { atMs: batch.values[i] ?? 0, powerW: orNull(batch.values[i + 1]), energyWh: orNull(batch.values[i + 2]) }, changes);
    }
    this.save(id, fold, changes);
    return changes.ignored;
  }

  private save(id: number, fold: MachineFold, changes: Changes): void {
    const { last, counterMs, counterWh } = fold.meter;
    const { writes } = this;
    if (last !== null) writes.last.run(last.atMs, last.powerW, last.energyWh, counterMs, counterWh, id);
    for (const row of changes.runs.values()) writes.run.run(id, row.startMs, row.endMs, row.powerW);
    for (const table of ["minutes", "hours"] as const) {
      for (const [slotMs, slot] of changes[table])
        writes[table].run(id, slotMs, slot.energyWh, slot.wattMs, slot.knownMs, slot.minW, slot.maxW);
    }
  }

  private machine(machine: string): Known {
    const known = this.known.get(machine);
    if (known !== undefined) return known;
    this.db.prepare("INSERT INTO machines (machine) VALUES (?) ON CONFLICT DO NOTHING").run(machine);
    const row = this.db.prepare("SELECT id, last_ms, last_w, last_wh, counter_ms, counter_wh FROM machines WHERE machine = ?").get(machine);
    const id = Number(row?.id);
    const run = this.db.prepare("SELECT start_ms, end_ms, power_w FROM runs WHERE machine = ? ORDER BY start_ms DESC LIMIT 1").get(id);
    const made: Known = {
      id,
      fold: {
        meter: meterOf(row),
        run: run === undefined ? null : { startMs: Number(run.start_ms), endMs: Number(run.end_ms), powerW: numberOr(run.power_w) },
      },
    };
    this.known.set(machine, made);
    return made;
  }
}

function meterOf(row: Readonly<Record<string, unknown>> | undefined): Meter {
  if (row === undefined || typeof row.last_ms !== "number") return newMeter;
  const last = { atMs: row.last_ms, powerW: numberOr(row.last_w), energyWh: numberOr(row.last_wh) };
  return { last, counterMs: Number(row.counter_ms), counterWh: numberOr(row.counter_wh) };
}

const orNull = (value: number | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value);
const numberOr = (value: unknown): number | null => (typeof value === "number" ? value : null);

function serve(path: string): void {
  const file = new SeriesFile(path);
  parentPort?.on("message", (request: SeriesRequest) => {
    const answer = (error: string | null, ignored = 0): void =>
      parentPort?.postMessage({ id: request.id, error, ignored } satisfies SeriesAnswer);
    try {
      if (request.kind === "write") {
        answer(null, file.write(request));
      } else {
        file.close();
        answer(null);
        parentPort?.close();
      }
    } catch (error) {
      answer(error instanceof Error ? error.message : String(error));
    }
  });
}

if (parentPort !== null && typeof workerData?.seriesPath === "string") serve(workerData.seriesPath);
