/**
 * The thread that writes the embedded series: every few seconds one transaction for all machines. It has its own file and
 * connection, so that a slow disk here delays nothing else.
 */
import type { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { ClassState, PowerClasses } from "#core/power-class.ts";
import { hourMs, type Meter, minuteMs, newMeter, type Steps } from "./energy.ts";
import { type Changes, finish, type MachineFold, noChanges, take } from "./fold.ts";
import { hourRollups, minuteRollups, type Rollup } from "./rollups.ts";
import { packOldRuns } from "./runs.ts";
import { openSeriesFile } from "./schema.ts";
import { addVersion, hourOf, versionsOf } from "./use.ts";

export type SampleBatch = {
  readonly machine: string /** atMs, powerW, energyWh in turn; NaN stands for null */;
  readonly values: Float64Array;
};
export type Thresholds = { readonly machine: string; readonly classes: PowerClasses | null };
export type WriteRequest = {
  readonly kind: "write";
  readonly id: number;
  readonly nowMs: number;
  readonly samples: readonly SampleBatch[];
  readonly states: readonly { readonly machine: string; readonly atMs: number; readonly status: string }[];
  /** by which each machine is classified from now on; those that are not named stay as they are */
  readonly thresholds: readonly Thresholds[];
  readonly purgeBeforeMs: number | null;
  /** whether the answer names what has become of minutes and hours that are over */
  readonly tellRollups: boolean;
};
export type SeriesRequest = WriteRequest | { readonly kind: "close"; readonly id: number };
export type SeriesAnswer = {
  readonly id: number;
  readonly error: string | null;
  readonly ignored: number;
  readonly rollups: readonly Rollup[];
};

type Known = {
  readonly id: number;
  readonly fold: MachineFold;
  /** of the thresholds in use; 0 when there never were any */
  version: number;
  /** begin of the oldest minute, and of the oldest hour, that was not over when it was last told about */
  openMinuteMs: number;
  openHourMs: number;
};

/** What each machine's batch writes, prepared once: with two thousand machines preparing cost more than writing. */
function prepareWrites(db: DatabaseSync) {
  return {
    state: db.prepare("INSERT OR REPLACE INTO states (machine, at_ms, status) VALUES (?, ?, ?)"),
    last: db.prepare("UPDATE machines SET last_ms = ?, last_w = ?, last_wh = ?, counter_ms = ?, counter_wh = ?, steps = ? WHERE id = ?"),
    run: db.prepare(
      `INSERT INTO runs (machine, start_ms, end_ms, power_w, energy_wh) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (machine, start_ms) DO UPDATE SET end_ms = excluded.end_ms, energy_wh = excluded.energy_wh`,
    ),
    minutes: db.prepare(
      `INSERT INTO minutes (machine, slot_ms, energy_wh, watt_ms, known_ms, min_w, max_w) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (machine, slot_ms) DO UPDATE SET energy_wh = energy_wh + excluded.energy_wh, watt_ms = watt_ms + excluded.watt_ms,
         known_ms = known_ms + excluded.known_ms,
         min_w = min(coalesce(min_w, excluded.min_w), coalesce(excluded.min_w, min_w)), max_w = max(coalesce(max_w, excluded.max_w), coalesce(excluded.max_w, max_w))`,
    ),
    hours: db.prepare(
      `INSERT INTO hour_sums (machine, hour, energy_wh, known_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (machine, hour) DO UPDATE SET energy_wh = energy_wh + excluded.energy_wh, known_ms = known_ms + excluded.known_ms`,
    ),
    uses: db.prepare(
      `INSERT INTO use_hours (machine, hour, version, busy_ms, idle_ms, starts) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (machine, hour, version) DO UPDATE SET busy_ms = busy_ms + excluded.busy_ms, idle_ms = idle_ms + excluded.idle_ms,
         starts = starts + excluded.starts`,
    ),
    classState: db.prepare("UPDATE classes SET state = ? WHERE machine = ? AND version = ?"),
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

  /** Writes a batch, all or nothing. Gives how many samples were older than what is stored, and what minutes and hours are now. */
  write(request: WriteRequest): { readonly ignored: number; readonly rollups: Rollup[] } {
    this.db.exec("BEGIN IMMEDIATE");
    try {
      let ignored = 0;
      const rollups: Rollup[] = [];
      for (const { machine, classes } of request.thresholds) this.setClasses(machine, classes, request.nowMs);
      for (const batch of request.samples) {
        const changes = this.writeMachine(batch);
        ignored += changes.ignored;
        if (request.tellRollups) rollups.push(...this.rollupsOf(batch.machine, changes));
      }
      for (const state of request.states) this.writes.state.run(this.machine(state.machine).id, state.atMs, state.status);
      if (request.purgeBeforeMs !== null) {
        packOldRuns(this.db, request.purgeBeforeMs);
        this.db.prepare("DELETE FROM minutes WHERE slot_ms < ?").run(request.purgeBeforeMs);
      }
      this.db.exec("COMMIT");
      return { ignored, rollups };
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

  private writeMachine(batch: SampleBatch): Changes {
    const known = this.machine(batch.machine);
    const changes = noChanges();
    for (let i = 0; i + 2 < batch.values.length; i += 3) {
      take(known.fold, { atMs: batch.values[i] ?? 0, powerW: orNull(batch.values[i + 1]), energyWh: orNull(batch.values[i + 2]) }, changes);
    }
    finish(known.fold, changes);
    this.save(known, changes);
    return changes;
  }

  private save({ id, fold, version }: Known, changes: Changes): void {
    const { last, counterMs, counterWh, steps } = fold.meter;
    const { writes } = this;
    if (last !== null) writes.last.run(last.atMs, last.powerW, last.energyWh, counterMs, counterWh, JSON.stringify(steps), id);
    for (const row of changes.runs.values()) writes.run.run(id, row.startMs, row.endMs, row.powerW, row.energyWh);
    for (const [slotMs, slot] of changes.minutes) {
      writes.minutes.run(id, slotMs, slot.energyWh, slot.wattMs, slot.knownMs, slot.minW, slot.maxW);
    }
    for (const [slotMs, slot] of changes.hours) writes.hours.run(id, hourOf(slotMs), slot.energyWh, slot.knownMs);
    for (const [slotMs, use] of changes.uses) writes.uses.run(id, hourOf(slotMs), version, use.busyMs, use.idleMs, use.starts);
    if (fold.state !== null) writes.classState.run(JSON.stringify(fold.state), id, version);
  }

  /** New thresholds hold from the beginning of this hour: what was measured in it is classified anew by its runs. */
  private setClasses(machine: string, classes: PowerClasses | null, nowMs: number): void {
    const known = this.machine(machine);
    if (JSON.stringify(known.fold.classes) === JSON.stringify(classes)) return;
    const lastMs = known.fold.meter.last?.atMs ?? nowMs;
    const made = addVersion(this.db, known.id, { classes, fromHour: hourOf(Math.min(lastMs, nowMs)), toHour: null, madeMs: nowMs });
    known.version = made.version;
    known.fold.classes = classes;
    known.fold.state = made.state;
  }

  /** Minutes and hours that are over and have changed, or have ended since the last time, as they now are. */
  private rollupsOf(machine: string, changes: Changes): Rollup[] {
    const known = this.machine(machine);
    const lastMs = known.fold.meter.last?.atMs ?? 0;
    const firstMinuteMs = Math.min(known.openMinuteMs, ...changes.minutes.keys());
    const firstHourMs = Math.min(known.openHourMs, ...changes.hours.keys(), ...changes.uses.keys());
    known.openMinuteMs = Math.floor(lastMs / minuteMs) * minuteMs;
    known.openHourMs = Math.floor(lastMs / hourMs) * hourMs;
    const asked = { id: known.id, machine };
    return [
      ...minuteRollups(this.db, asked, firstMinuteMs, known.openMinuteMs),
      ...hourRollups(this.db, asked, firstHourMs, known.openHourMs),
    ];
  }

  private machine(machine: string): Known {
    const known = this.known.get(machine);
    if (known !== undefined) return known;
    this.db.prepare("INSERT INTO machines (machine) VALUES (?) ON CONFLICT DO NOTHING").run(machine);
    const row = this.db
      .prepare("SELECT id, last_ms, last_w, last_wh, counter_ms, counter_wh, steps FROM machines WHERE machine = ?")
      .get(machine);
    const id = Number(row?.id);
    const run = this.db
      .prepare("SELECT start_ms, end_ms, power_w, energy_wh FROM runs WHERE machine = ? ORDER BY start_ms DESC LIMIT 1")
      .get(id);
    const lastMs = typeof row?.last_ms === "number" ? row.last_ms : Number.MAX_SAFE_INTEGER;
    const inUse = versionsOf(this.db, id).findLast(({ toHour }) => toHour === null);
    const made: Known = {
      id,
      version: inUse?.version ?? 0,
      fold: {
        meter: meterOf(row),
        run:
          run === undefined
            ? null
            : { startMs: Number(run.start_ms), endMs: Number(run.end_ms), powerW: numberOr(run.power_w), energyWh: Number(run.energy_wh) },
        classes: inUse?.classes ?? null,
        state: this.stateOf(id),
      },
      openMinuteMs: Math.floor(lastMs / minuteMs) * minuteMs,
      openHourMs: Math.floor(lastMs / hourMs) * hourMs,
    };
    this.known.set(machine, made);
    return made;
  }

  private stateOf(id: number): ClassState | null {
    const row = this.db.prepare("SELECT state FROM classes WHERE machine = ? AND to_hour IS NULL ORDER BY version DESC LIMIT 1").get(id);
    return typeof row?.state === "string" ? (JSON.parse(row.state) as ClassState) : null;
  }
}

function meterOf(row: Readonly<Record<string, unknown>> | undefined): Meter {
  if (row === undefined || typeof row.last_ms !== "number") return newMeter;
  const last = { atMs: row.last_ms, powerW: numberOr(row.last_w), energyWh: numberOr(row.last_wh) };
  return { last, counterMs: Number(row.counter_ms), counterWh: numberOr(row.counter_wh), steps: stepsOf(row.steps) };
}

/** JSON has no Infinity: it comes back as null. */
function stepsOf(text: unknown): Steps {
  const [first, second, third] = typeof text === "string" ? (JSON.parse(text) as readonly (number | null)[]) : [];
  return [first ?? Number.POSITIVE_INFINITY, second ?? Number.POSITIVE_INFINITY, third ?? Number.POSITIVE_INFINITY];
}

const orNull = (value: number | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value);
const numberOr = (value: unknown): number | null => (typeof value === "number" ? value : null);

function serve(path: string): void {
  const file = new SeriesFile(path);
  parentPort?.on("message", (request: SeriesRequest) => {
    const answer = (error: string | null, ignored = 0, rollups: readonly Rollup[] = []): void =>
      parentPort?.postMessage({ id: request.id, error, ignored, rollups } satisfies SeriesAnswer);
    try {
      if (request.kind === "write") {
        const { ignored, rollups } = file.write(request);
        answer(null, ignored, rollups);
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
