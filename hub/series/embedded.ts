/**
 * The embedded store of power and states: batches go to a thread of its own every few seconds, questions are answered from a
 * reading connection. What the disk does not take waits in memory, within bounds.
 */
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import type { PowerClasses } from "#core/power-class.ts";
import type { Clock } from "../ports.ts";
import { type DayUse, dailyUse } from "./daily.ts";
import type { SampleBatch, SeriesAnswer, SeriesRequest } from "./embedded-thread.ts";
import { hourMs, maxGapMs, minuteMs, type Sample } from "./energy.ts";
import { type HourRollup, hourRollups, minuteRollups, type Rollup } from "./rollups.ts";
import { eachStretch, storedRuns } from "./runs.ts";
import { openSeriesFile } from "./schema.ts";
import type { HourEnergy, PowerPoint } from "./types.ts";

const flushMs = 5000;
const waitingMax = 500_000;
const answerMs = 10_000;
const dayMs = 86_400_000;
type State = { readonly machine: string; readonly atMs: number; readonly status: string };

export class EmbeddedSeries {
  private readonly worker: Worker;
  private readonly db: DatabaseSync;
  private readonly clock: Clock;
  private readonly rawDays: number;
  private readonly stop: () => void;
  private readonly last = new Map<string, Sample>();
  private readonly answers = new Map<number, (answer: SeriesAnswer) => void>();
  private samples = new Map<string, number[]>();
  private states: State[] = [];
  /** thresholds that the thread does not know yet */
  private thresholds = new Map<string, PowerClasses | null>();
  /** minutes and hours that are over, as they are told to whoever wants a copy */
  onRollups: ((rollups: readonly Rollup[]) => void) | null = null;
  private waiting = 0;
  private inFlight = 0;
  private nextId = 1;
  private purgedMs = 0;
  private writing: Promise<void> | null = null;
  trouble: string | null = null;
  /** samples that could not be kept since the start: the disk was away for too long */
  dropped = 0;

  constructor(path: string, clock: Clock, rawDays: number) {
    openSeriesFile(path).close();
    this.clock = clock;
    this.rawDays = rawDays;
    this.db = new DatabaseSync(path, { readOnly: true, timeout: 2000 });
    this.worker = new Worker(new URL("./embedded-thread.ts", import.meta.url), {
      workerData: { seriesPath: path },
      name: "series",
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    this.worker.on("message", (answer: SeriesAnswer) => this.answers.get(answer.id)?.(answer));
    this.worker.on("error", (error: unknown) => this.fail(String(error)));
    this.worker.on("exit", () => this.fail("the series' thread has ended"));
    this.stop = clock.every("series.flush", flushMs, () => void this.flush());
  }

  power(machine: string, samples: readonly Sample[]): void {
    const newest = samples.at(-1);
    if (newest === undefined) return;
    if (this.waiting + samples.length > waitingMax) {
      this.dropped += samples.length;
      return;
    }
    const list = this.samples.get(machine) ?? [];
    for (const sample of samples) list.push(sample.atMs, sample.powerW ?? Number.NaN, sample.energyWh ?? Number.NaN);
    this.samples.set(machine, list);
    this.waiting += samples.length;
    if (newest.atMs > (this.last.get(machine)?.atMs ?? 0)) this.last.set(machine, newest);
  }

  state(machine: string, atMs: number, status: string): void {
    if (this.states.length < waitingMax) this.states.push({ machine, atMs, status });
    else this.dropped += 1;
  }

  /** By which thresholds a machine's power is classified from now on; null: by none, its use is unknown. */
  classify(machine: string, classes: PowerClasses | null): void {
    this.thresholds.set(machine, classes);
  }

  get waitingCount(): number {
    return this.waiting + this.states.length + this.inFlight;
  }

  /** Writes what waits. Never rejects: what failed waits for the next time, `trouble` says why. */
  async flush(): Promise<void> {
    while (this.writing !== null) await this.writing;
    if (this.waitingCount === 0 && this.thresholds.size === 0) return;
    this.writing = this.write();
    await this.writing;
    this.writing = null;
  }

  private async write(): Promise<void> {
    const { samples, states, waiting, thresholds } = this;
    this.thresholds = new Map();
    this.samples = new Map();
    this.states = [];
    this.waiting = 0;
    this.inFlight = waiting + states.length;
    const nowMs = this.clock.nowMs();
    const purge = nowMs - this.purgedMs >= dayMs / 24;
    const batches = [...samples].map(([machine, values]): SampleBatch => ({ machine, values: Float64Array.from(values) }));
    const answer = await this.ask({
      kind: "write",
      id: this.nextId++,
      nowMs,
      samples: batches,
      states,
      thresholds: [...thresholds].map(([machine, classes]) => ({ machine, classes })),
      tellRollups: this.onRollups !== null,
      purgeBeforeMs: purge ? nowMs - this.rawDays * dayMs : null,
    });
    this.inFlight = 0;
    this.trouble = answer.error;
    if (answer.error === null) {
      if (purge) this.purgedMs = nowMs;
      if (answer.rollups.length > 0) this.onRollups?.(answer.rollups);
      return;
    }
    for (const [machine, values] of this.samples) samples.set(machine, (samples.get(machine) ?? []).concat(values));
    this.samples = samples;
    this.states = states.concat(this.states);
    this.thresholds = new Map([...thresholds, ...this.thresholds]);
    this.waiting += waiting;
  }

  private ask(request: SeriesRequest): Promise<SeriesAnswer> {
    return new Promise((resolve) => {
      const done = (answer: SeriesAnswer): void => {
        clearTimeout(timer);
        this.answers.delete(request.id);
        resolve(answer);
      };
      // A late success after this makes the repeated samples "older than what is stored": they are ignored, not doubled.
      const timer = setTimeout(
        () => done({ id: request.id, error: "the disk does not take the series", ignored: 0, rollups: [] }),
        answerMs,
      );
      this.answers.set(request.id, done);
      this.worker.postMessage(request);
    });
  }

  private fail(error: string): void {
    this.trouble = error;
    for (const [id, done] of this.answers) done({ id, error, ignored: 0, rollups: [] });
  }

  async close(): Promise<void> {
    this.stop();
    await this.flush();
    await this.ask({ kind: "close", id: this.nextId++ });
    await this.worker.terminate();
    this.db.close();
  }

  lastPower(machine: string): Sample | null {
    const known = this.last.get(machine);
    if (known !== undefined) return known;
    const row = this.db
      .prepare("SELECT last_ms AS atMs, last_w AS powerW, last_wh AS energyWh FROM machines WHERE machine = ? AND last_ms IS NOT NULL")
      .get(machine);
    return row === undefined ? null : (row as unknown as Sample);
  }

  recentPower(machine: string, fromMs: number, toMs: number, maxPoints: number): PowerPoint[] {
    const id = this.idOf(machine);
    if (id === undefined) return [];
    const runs = storedRuns(this.db, id, fromMs, toMs);
    if (runs.length * 2 > maxPoints) return this.minuteMeans(id, fromMs, toMs, maxPoints);
    return spread(
      runs.map(({ startMs, endMs, powerW }) => ({ startMs: Math.max(startMs, fromMs), endMs: Math.min(endMs, toMs), powerW })),
      maxPoints,
    );
  }

  /** Means over as many minutes as it takes to come out at `maxPoints`; null where nothing is known. */
  private minuteMeans(id: number, fromMs: number, toMs: number, maxPoints: number): PowerPoint[] {
    const stepMs = Math.max(1, Math.ceil((toMs - fromMs) / minuteMs / maxPoints)) * minuteMs;
    return this.db
      .prepare(
        `SELECT (slot_ms / CAST(?1 AS INTEGER)) * CAST(?1 AS INTEGER) AS atMs, CASE WHEN sum(known_ms) > 0 THEN sum(watt_ms) / sum(known_ms) END AS powerW
         FROM minutes WHERE machine = ?2 AND slot_ms >= ?3 AND slot_ms < ?4 GROUP BY slot_ms / CAST(?1 AS INTEGER) ORDER BY 1`,
      )
      .all(stepMs, id, fromMs - minuteMs, toMs) as PowerPoint[];
  }

  hourlyEnergy(machine: string, fromMs: number, toMs: number): HourEnergy[] {
    const id = this.idOf(machine);
    if (id === undefined) return [];
    return this.db
      .prepare(
        "SELECT hour * 3600000 AS hourMs, energy_wh AS energyWh, known_ms / 1000 AS knownS FROM hour_sums WHERE machine = ? AND hour >= ? AND hour < ? ORDER BY hour",
      )
      .all(id, Math.floor(fromMs / hourMs), Math.ceil(toMs / hourMs)) as HourEnergy[];
  }

  /** When nothing was known of its power, in order and without overlap: what neither a sample nor the time between two of them covers. */
  silences(machine: string, fromMs: number, toMs: number): { readonly fromMs: number; readonly toMs: number }[] {
    const id = this.idOf(machine);
    const silent: { fromMs: number; toMs: number }[] = [];
    let knownMs = fromMs;
    const note = (untilMs: number): void => {
      if (untilMs > knownMs) silent.push({ fromMs: knownMs, toMs: untilMs });
    };
    // Some time on either side: what goes on over an edge is known at the edge too.
    const runs = id === undefined ? [] : storedRuns(this.db, id, fromMs - maxGapMs, toMs + maxGapMs);
    eachStretch(runs, (startMs, endMs) => {
      note(Math.min(startMs, toMs));
      knownMs = Math.max(knownMs, endMs);
    });
    note(toMs);
    return silent;
  }

  /** Hours with what they were used for: by the newest version that covers each, or by one version only. */
  hourlyUse(machine: string, fromMs: number, toMs: number, version?: number): HourRollup[] {
    const id = this.idOf(machine);
    return id === undefined ? [] : hourRollups(this.db, { id, machine }, fromMs, toMs, version);
  }

  /** Every machine's local days between two instants, out of the sums of hours. */
  dailyUse(fromMs: number, toMs: number, zone: string): DayUse[] {
    return dailyUse(this.db, fromMs, toMs, zone);
  }

  machines(): string[] {
    return this.db
      .prepare("SELECT machine FROM machines ORDER BY machine")
      .all()
      .map((row) => String(row.machine));
  }

  /** Minutes and hours of a machine that are over, for a copy to be made again. */
  rollups(machine: string, fromMs: number, toMs: number): Rollup[] {
    const id = this.idOf(machine);
    const overMs = Math.min(toMs, this.lastPower(machine)?.atMs ?? 0);
    if (id === undefined || overMs <= fromMs) return [];
    const until = (stepMs: number): number => Math.floor(overMs / stepMs) * stepMs;
    return [
      ...minuteRollups(this.db, { id, machine }, fromMs, until(minuteMs)),
      ...hourRollups(this.db, { id, machine }, fromMs, until(hourMs)),
    ];
  }

  /** Whole hours from their sums, the part of an hour before them from its minutes. */
  energySince(machine: string, fromMs: number): number | null {
    const id = this.idOf(machine);
    if (id === undefined) return null;
    const wholeMs = Math.ceil(fromMs / hourMs) * hourMs;
    const row = this.db
      .prepare(
        `SELECT sum(energy_wh) AS energyWh FROM (
           SELECT energy_wh FROM hour_sums WHERE machine = ?1 AND hour >= ?2 / 3600000
           UNION ALL SELECT energy_wh FROM minutes WHERE machine = ?1 AND slot_ms >= ?3 AND slot_ms < ?2)`,
      )
      .get(id, wholeMs, fromMs);
    return typeof row?.energyWh === "number" ? row.energyWh : null;
  }

  statesOf(machine: string, fromMs: number, toMs: number): { atMs: number; status: string }[] {
    const id = this.idOf(machine);
    if (id === undefined) return [];
    return this.db
      .prepare("SELECT at_ms AS atMs, status FROM states WHERE machine = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms LIMIT 100000")
      .all(id, fromMs, toMs) as { atMs: number; status: string }[];
  }

  private idOf(machine: string): number | undefined {
    const row = this.db.prepare("SELECT id FROM machines WHERE machine = ?").get(machine);
    return row === undefined ? undefined : Number(row.id);
  }
}

/** Begin and end of each run, and points a minute apart in between: a steady hour is no hour of silence. At most `maxPoints`. */
function spread(
  runs: readonly { readonly startMs: number; readonly endMs: number; readonly powerW: number | null }[],
  maxPoints: number,
): PowerPoint[] {
  const totalMs = runs.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  const stepMs = Math.max(minuteMs, Math.ceil(totalMs / Math.max(1, maxPoints - runs.length * 2)));
  return runs.flatMap(({ startMs, endMs, powerW }) => {
    const points: PowerPoint[] = [];
    for (let atMs = startMs; atMs < endMs; atMs += stepMs) points.push({ atMs, powerW });
    return [...points, { atMs: endMs, powerW }];
  });
}
