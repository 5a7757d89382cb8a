/** Stored runs of a machine, packed days and recent rows alike, packed away and read back in order of time. */
import type { DatabaseSync } from "node:sqlite";
import { hourMs, maxGapMs } from "./energy.ts";
import { eachRun, packRuns, type Run } from "./packed.ts";
import { placesPerDay } from "./schema.ts";

export const dayMs = 24 * hourMs;
/** Most machine-days that are packed in one go: a hub that was away for a month does not hold up what is measured now. */
const packMost = 200;

/** Every run of one machine that touches the time, in order. A run is kept with the day of its start and lasts a day at most. */
export function storedRuns(db: DatabaseSync, machine: number, fromMs: number, toMs: number): Run[] {
  const runs: Run[] = [];
  const add = (startMs: number, endMs: number, powerW: number | null, mwh: number): void => {
    if (endMs >= fromMs && startMs < toMs) runs.push({ startMs, endMs, powerW, energyWh: mwh / 1000 });
  };
  const packed = db.prepare("SELECT runs FROM days WHERE place = ?");
  const firstDay = Math.floor(fromMs / dayMs) - 1;
  const lastDay = Math.floor((toMs - 1) / dayMs);
  for (let day = Math.max(firstDay, oldestDay(db)); day <= lastDay; day += 1) {
    const row = packed.get(day * placesPerDay + machine);
    if (row?.runs instanceof Uint8Array) eachRun(day * dayMs, row.runs, add);
  }
  const rows = db
    .prepare("SELECT start_ms, end_ms, power_w, energy_wh FROM runs WHERE machine = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms")
    .all(machine, fromMs - dayMs, toMs);
  for (const row of rows) {
    add(Number(row.start_ms), Number(row.end_ms), typeof row.power_w === "number" ? row.power_w : null, Number(row.energy_wh) * 1000);
  }
  return runs;
}

function oldestDay(db: DatabaseSync): number {
  const row = db.prepare("SELECT min(place) AS place FROM days").get();
  return typeof row?.place === "number" ? Math.floor(row.place / placesPerDay) : Number.POSITIVE_INFINITY;
}

/** Calls `take` for each stretch of known power: that of a run, and until the next run where no silence lies between. */
export function eachStretch(runs: readonly Run[], take: (fromMs: number, toMs: number, powerW: number) => void): void {
  for (const [i, run] of runs.entries()) {
    if (run.powerW === null) continue;
    const next = runs[i + 1];
    const goesOn = next !== undefined && next.powerW !== null && next.startMs - run.endMs <= maxGapMs;
    const toMs = goesOn ? next.startMs : run.endMs;
    if (toMs > run.startMs) take(run.startMs, toMs, run.powerW);
  }
}

/** Packs the days that are over before an instant; their rows go. Inside a transaction of the caller. */
export function packOldRuns(db: DatabaseSync, beforeMs: number): void {
  const beforeDay = Math.floor(beforeMs / dayMs);
  const due = db
    .prepare("SELECT DISTINCT machine, start_ms / 86400000 AS day FROM runs WHERE start_ms < ? ORDER BY day, machine LIMIT ?")
    .all(beforeDay * dayMs, packMost);
  const keep = db.prepare("INSERT INTO days (place, runs) VALUES (?, ?) ON CONFLICT (place) DO UPDATE SET runs = excluded.runs");
  const remove = db.prepare("DELETE FROM runs WHERE machine = ? AND start_ms >= ? AND start_ms < ?");
  for (const row of due) {
    const [machine, day] = [Number(row.machine), Number(row.day)];
    const [fromMs, toMs] = [day * dayMs, (day + 1) * dayMs];
    const runs = storedRuns(db, machine, fromMs, toMs).filter(({ startMs }) => startMs >= fromMs);
    keep.run(day * placesPerDay + machine, packRuns(fromMs, runs));
    remove.run(machine, fromMs, toMs);
  }
}
