/**
 * Copies power and states to InfluxDB (v1 API: 1.x, and what 2.x and 3.x offer compatibly). While the server is away points
 * wait in the spool, in order; sending a point twice does no harm, since time and machine name it.
 *
 *   power,machine=laser-1 power_w=412.5,energy_wh=18233 1760000000123
 *   state,machine=laser-1 status="BUSY" 1760000000123
 *   power_minute,machine=laser-1 mean_w=402.1,min_w=11,max_w=436,energy_wh=6.7,known_s=60 1760000040000
 *   usage_hour,machine=laser-1 energy_wh=388,known_s=3600,busy_s=2710,idle_s=890,starts=3,version=1 1759996800000
 *
 * Minutes and hours are summed up by the hub, at their beginning in UTC, since not every server with this API can do it. A tag
 * for the machine and none for people: as many series as there are machines, whatever happens.
 */
import { FieldType, InfluxDB, type IPoint } from "influx";
import type { Clock, Log } from "../ports.ts";
import { hourMs, hourSums, type Sample } from "./energy.ts";
import { type FieldKind, type Measurement, measurements } from "./influx-measurements.ts";
import { fieldsOf, hourFields, minuteFields, type Rollup } from "./rollups.ts";
import { isRollup, type Point, Spool } from "./spool.ts";
import type { HourEnergy, SeriesConfig } from "./types.ts";

const sendMs = 1000;
export const batchPoints = 5000;
const requestMs = 5000;
const waitingMax = 200_000;
const spoolBytes = 256_000_000;
const types: Readonly<Record<FieldKind, FieldType>> = { number: FieldType.FLOAT, yes: FieldType.BOOLEAN, word: FieldType.STRING };
const named = (names: readonly string[], values: readonly (number | null)[]): Record<string, number> =>
  Object.fromEntries(names.flatMap((name, i) => (typeof values[i] === "number" ? [[name, values[i]]] : [])));
export type Target = NonNullable<SeriesConfig["influx"]>;

/** A client that knows what the hub writes. */
export function clientOf(target: Target): InfluxDB {
  const url = new URL(target.url);
  const protocol = url.protocol === "https:" ? "https" : "http";
  return new InfluxDB({
    host: url.hostname,
    port: Number(url.port || (protocol === "https" ? 443 : 8086)),
    protocol,
    path: url.pathname === "/" ? "" : url.pathname,
    database: target.database,
    ...(target.username === undefined ? {} : { username: target.username, password: target.password ?? "" }),
    pool: { requestTimeout: requestMs, maxRetries: 0 },
    schema: Object.entries<Measurement>(measurements).map(([measurement, { fields }]) => ({
      measurement,
      fields: Object.fromEntries(Object.entries(fields).map(([name, { kind }]) => [name, types[kind]])),
      tags: ["machine"],
    })),
  });
}

export const rollupPoint = (one: Rollup): Point => [one.machine, one.atMs, one.kind, fieldsOf(one)];

export class InfluxSeries {
  private readonly client: InfluxDB;
  private readonly database: string;
  private readonly spool: Spool;
  private readonly log: Log;
  private readonly stop: () => void;
  private waiting: Point[] = [];
  private sending: Promise<void> | null = null;
  private isPrepared = false;
  /** why the server does not take points; null while it does */
  trouble: string | null = null;
  /** points that the server refuses for what they are, and that were given up */
  rejected = 0;
  private dropped = 0;

  private constructor(target: Target, spool: Spool, ports: { readonly clock: Clock; readonly log: Log }) {
    this.database = target.database;
    this.client = clientOf(target);
    this.spool = spool;
    this.log = ports.log;
    this.stop = ports.clock.every("influx.send", sendMs, () => void this.send());
  }

  static async open(target: Target, spoolDir: string, ports: { readonly clock: Clock; readonly log: Log }): Promise<InfluxSeries> {
    return new InfluxSeries(target, await Spool.open(spoolDir, spoolBytes), ports);
  }

  power(machine: string, samples: readonly Sample[]): void {
    for (const { atMs, powerW, energyWh } of samples) this.add([machine, atMs, powerW, energyWh]);
  }

  state(machine: string, atMs: number, status: string): void {
    this.add([machine, atMs, status]);
  }

  /** Minutes and hours that are over. Sent again they replace what was sent before. */
  rollups(rollups: readonly Rollup[]): void {
    for (const one of rollups) this.add(rollupPoint(one));
  }

  get waitingCount(): number {
    return this.waiting.length + this.spool.points;
  }

  /** Points lost because nothing could hold them any more. */
  get droppedCount(): number {
    return this.dropped + this.spool.droppedPoints;
  }

  /** Sends what waits, oldest first. Never rejects. One at a time. */
  async send(): Promise<void> {
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
    });
    await this.sending;
  }

  async close(): Promise<void> {
    this.stop();
    await this.send();
    await this.keep(this.waiting.splice(0));
  }

  /** The same sums as the embedded store, from the points that InfluxDB holds. */
  async hourlyEnergy(machine: string, fromMs: number, toMs: number): Promise<HourEnergy[]> {
    const from = Math.floor(fromMs / hourMs) * hourMs;
    const rows = await this.client.query<{ time: Date; power_w: number | null; energy_wh: number | null }>(
      `SELECT power_w, energy_wh, silent FROM power WHERE machine = $machine AND time >= ${from}ms AND time < ${toMs}ms ORDER BY time`,
      { placeholders: { machine } },
    );
    const samples = rows.map((row): Sample => ({ atMs: row.time.getTime(), powerW: row.power_w, energyWh: row.energy_wh }));
    return [...hourSums(samples)].map(([hour, sum]) => ({ hourMs: hour, energyWh: sum.energyWh, knownS: sum.knownMs / 1000 }));
  }

  private add(point: Point): void {
    if (this.waiting.length >= waitingMax) {
      this.waiting.shift();
      this.dropped += 1;
    }
    this.waiting.push(point);
  }

  private async sendAll(): Promise<void> {
    while (!this.spool.isEmpty) {
      const batch = await this.spool.peek();
      if (batch === undefined || !(await this.deliver(batch))) return this.keep(this.waiting.splice(0));
      await this.spool.shift();
    }
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, batchPoints);
      if (!(await this.deliver(batch))) return this.keep([...batch, ...this.waiting.splice(0)]);
    }
  }

  /** To the spool; when even the disk refuses, back into memory. */
  private async keep(points: readonly Point[]): Promise<void> {
    try {
      await this.spool.push(points);
    } catch (error) {
      this.trouble = `The spool cannot be written: ${messageOf(error)}`;
      this.waiting = [...points, ...this.waiting].slice(-waitingMax);
    }
  }

  /** True when the server has them, or will never take them. */
  private async deliver(points: readonly Point[]): Promise<boolean> {
    for (let i = 0; i < points.length; i += batchPoints) {
      const outcome = await this.write(points.slice(i, i + batchPoints));
      if (outcome === "away") return false;
    }
    return true;
  }

  private async write(points: readonly Point[]): Promise<"taken" | "refused" | "away"> {
    try {
      if (!this.isPrepared) await this.client.createDatabase(this.database);
      this.isPrepared = true;
      await this.client.writePoints(points.map(influxPoint), { precision: "ms", database: this.database });
      if (this.trouble !== null) this.log.info({ waiting: this.waitingCount }, "InfluxDB takes points again.");
      this.trouble = null;
      return "taken";
    } catch (error) {
      const status = statusOf(error);
      this.isPrepared = false;
      if (status === 400 || status === 413) {
        this.rejected += points.length;
        this.log.warn({ points: points.length, error: messageOf(error) }, "InfluxDB refuses these points; they are left out.");
        return "refused";
      }
      if (this.trouble === null) this.log.warn({ error: messageOf(error) }, "InfluxDB does not take points; they wait on disk.");
      this.trouble = messageOf(error);
      return "away";
    }
  }
}

/**
 * Fields that are null are left out: InfluxDB has no null, and NaN fails the whole batch. A meter that said nothing at all
 * leaves a point that says so, or a silence would look like a sample that was never due.
 */
export function influxPoint(point: Point): IPoint {
  const timestamp = new Date(point[1]);
  const tags = { machine: point[0] };
  if (point.length === 3) return { measurement: "state", tags, fields: { status: point[2] }, timestamp };
  if (isRollup(point)) {
    const [measurement, names] = point[2] === "minute" ? (["power_minute", minuteFields] as const) : (["usage_hour", hourFields] as const);
    return { measurement, tags, fields: named(names, point[3]), timestamp };
  }
  const fields: Record<string, number | boolean> = {};
  if (point[2] !== null && Number.isFinite(point[2])) fields.power_w = point[2];
  if (point[3] !== null && Number.isFinite(point[3])) fields.energy_wh = point[3];
  if (Object.keys(fields).length === 0) fields.silent = true;
  return { measurement: "power", tags, fields, timestamp };
}

/** HTTP status of the package's RequestError (influx/lib/src/pool.js), or undefined when the server was not reached. */
function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("res" in error)) return undefined;
  const { res } = error;
  return typeof res === "object" && res !== null && "statusCode" in res && typeof res.statusCode === "number" ? res.statusCode : undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 200);
