/** What hours were used for: told live and again from the stored runs, by versions that never replace one another. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { powerClassesOf } from "../../../hub/core/power-thresholds.ts";
import { SeriesFile, type WriteRequest } from "../../../hub/series/embedded-thread.ts";
import { hourMs } from "../../../hub/series/energy.ts";
import { createSeries } from "../../../hub/series/index.ts";
import { addVersion, hourOf } from "../../../hub/series/use.ts";
import { quietLog, realClock, temporaryDir } from "../../support/ledger.ts";

let folder: ReturnType<typeof temporaryDir>;
let path: string;
beforeEach(() => {
  folder = temporaryDir();
  path = join(folder.dir, "series.sqlite");
});
afterEach(() => folder.remove());

const t0 = Date.UTC(2026, 9, 20);
const nowMs = Date.UTC(2026, 9, 30);
const classes = powerClassesOf({ onW: 100, offW: 80, minOnMs: 5000, minOffMs: 60_000 });
/** Three days of a machine with pauses, steps near the thresholds and a silence; the same for the same number. */
function trace(days: number, stepMs: number): number[] {
  let seed = 7;
  const dice = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const values: number[] = [];
  const levels = [0, 0, 3, 20, 60, 79, 80, 81, 99, 100, 101, 250, 900];
  let [level, leftMs] = [0, 0];
  for (let atMs = t0; atMs < t0 + days * 24 * hourMs; atMs += stepMs) {
    if (leftMs <= 0) [level, leftMs] = [levels[Math.floor(dice() * levels.length)] ?? 0, (5 + dice() ** 4 * 4000) * 1000];
    leftMs -= stepMs;
    if (dice() < 0.0005) atMs += 200_000;
    if (dice() < 0.002) atMs += 1000 * Math.floor(dice() * 60);
    values.push(atMs, dice() < 0.001 ? Number.NaN : level * (1 + (dice() - 0.5) * 0.01), Number.NaN);
  }
  return values;
}
const write = (file: SeriesFile, request: Partial<WriteRequest>): ReturnType<SeriesFile["write"]> =>
  file.write({ kind: "write", id: 1, nowMs, samples: [], states: [], thresholds: [], purgeBeforeMs: null, tellRollups: false, ...request });
const rowsOf = (version: number): unknown[] => {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db
    .prepare("SELECT hour, busy_ms, idle_ms, starts FROM use_hours WHERE version = ? AND busy_ms + idle_ms + starts > 0 ORDER BY hour")
    .all(version);
  db.close();
  return rows.map((row) => ({ ...row }));
};

test("the stored runs, as rows and packed, tell every hour's use as the samples told it, and their energy", () => {
  const values = Float64Array.from(trace(3, 2000));
  const file = new SeriesFile(path);
  write(file, { thresholds: [{ machine: "laser-1", classes }] });
  // in many batches, with a restart in between
  for (let i = 0; i < values.length; i += 30_000)
    write(file, { samples: [{ machine: "laser-1", values: values.subarray(i, i + 30_000) }] });
  file.close();
  const db = new SeriesFile(path);
  write(db, {
    samples: [{ machine: "laser-1", values: Float64Array.of(t0 + 80 * hourMs, 0, Number.NaN, t0 + 80 * hourMs + 1000, 0, Number.NaN) }],
  });
  const live = rowsOf(1);
  expect(live.length).toBeGreaterThan(60);
  const again = (): number => {
    const raw = new DatabaseSync(path);
    const made = addVersion(raw, 1, { classes, fromHour: hourOf(t0), toHour: hourOf(t0) + 72, madeMs: nowMs });
    raw.close();
    return made.version;
  };
  expect(rowsOf(again())).toEqual(live);
  write(db, { purgeBeforeMs: t0 + 48 * hourMs });
  expect(rowsOf(again())).toEqual(live);
  expect(rowsOf(1)).toEqual(live);
  const raw = new DatabaseSync(path, { readOnly: true });
  expect(raw.prepare("SELECT count(*) AS n FROM days").get()?.n).toBe(2);
  raw.close();
  db.close();
});

test("new thresholds begin a version at the hour; the months before keep theirs until somebody has them told anew", async () => {
  const series = await createSeries({ dir: folder.dir, influx: null }, { clock: realClock, log: quietLog() });
  const firstMs = Math.floor(Date.now() / hourMs) * hourMs - 3 * hourMs;
  const feed = (fromS: number, toS: number, powerW: number): void =>
    series.power(
      "saw-1",
      Array.from({ length: (toS - fromS) / 10 }, (_, i) => ({ atMs: firstMs + (fromS + i * 10) * 1000, powerW, energyWh: null })),
    );
  series.classify("saw-1", powerClassesOf({ onW: 200 }));
  feed(0, 3600, 150);
  feed(3600, 5400, 250);
  await series.flush();
  series.classify("saw-1", powerClassesOf({ onW: 100 }));
  feed(5400, 7210, 150);
  await series.flush();
  const use = (version?: number) => series.hourlyUse("saw-1", firstMs, firstMs + 2 * hourMs, version).map((hour) => hour.use);
  expect(use()).toEqual([
    { version: 1, busyMs: 0, idleMs: hourMs, starts: 0 },
    { version: 2, busyMs: hourMs, idleMs: 0, starts: 0 },
  ]);
  expect(use(1)).toEqual([{ version: 1, busyMs: 0, idleMs: hourMs, starts: 0 }, null]);
  // two days, when the test runs soon after midnight
  const days = series.dailyUse(firstMs, firstMs + 2 * hourMs, "UTC");
  const sum = (of: "busyMs" | "idleMs"): number => days.reduce((all, day) => all + (day[of] ?? 0), 0);
  expect([sum("busyMs"), sum("idleMs")]).toEqual([hourMs, hourMs]);
  series.classify("saw-1", null);
  feed(7210, 10_000, 150);
  await series.flush();
  expect(series.hourlyUse("saw-1", firstMs + 2 * hourMs, firstMs + 3 * hourMs)[0]?.use).toBeNull();
  await series.close();
});

test("a file of the first form keeps its hours and its runs, and is classified once thresholds are named", () => {
  const old = new DatabaseSync(path);
  old.exec(`CREATE TABLE machines (id INTEGER PRIMARY KEY, machine TEXT NOT NULL UNIQUE, last_ms INTEGER, last_w REAL, last_wh REAL,
      counter_ms INTEGER NOT NULL DEFAULT 0, counter_wh REAL) STRICT;
    CREATE TABLE runs (machine INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, power_w REAL,
      PRIMARY KEY (machine, start_ms)) STRICT, WITHOUT ROWID;
    CREATE TABLE hours (machine INTEGER NOT NULL, slot_ms INTEGER NOT NULL, energy_wh REAL NOT NULL, watt_ms REAL NOT NULL,
      known_ms INTEGER NOT NULL, min_w REAL, max_w REAL, PRIMARY KEY (machine, slot_ms)) STRICT, WITHOUT ROWID;
    INSERT INTO machines (id, machine, last_ms, last_w) VALUES (1, 'laser-1', ${t0 + hourMs}, 250);
    INSERT INTO runs VALUES (1, ${t0}, ${t0 + hourMs}, 250);
    INSERT INTO hours VALUES (1, ${t0}, 250, 9e8, ${hourMs}, 250, 250)`);
  old.close();
  const file = new SeriesFile(path);
  write(file, { thresholds: [{ machine: "laser-1", classes }] });
  file.close();
  expect(rowsOf(1)).toEqual([{ hour: hourOf(t0), busy_ms: hourMs, idle_ms: 0, starts: 1 }]);
  const db = new DatabaseSync(path, { readOnly: true });
  expect({ ...db.prepare("SELECT * FROM hour_sums").get() }).toEqual({ machine: 1, hour: hourOf(t0), energy_wh: 250, known_ms: hourMs });
  expect(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'hours'").get()).toBeUndefined();
  db.close();
});
