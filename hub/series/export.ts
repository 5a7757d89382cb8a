/**
 * The series for other programs, a machine's day at a time, so that years need no more memory than a day. Machines stand under their
 * ids; there are no people in it. Line protocol is what the hub sends to InfluxDB: read in again it changes nothing.
 */
import type { DatabaseSync } from "node:sqlite";
import { hourMs } from "./energy.ts";
import { fieldsOf, hourFields, hourRollups, minuteFields, minuteRollups, type Rollup } from "./rollups.ts";
import { dayMs, storedRuns } from "./runs.ts";

export const exportKinds = ["hours", "minutes", "runs"] as const;
/** `parquet` is written by parquet.ts, out of the same rows. */
export const exportFormats = ["csv", "line", "parquet"] as const;
export const textFormats = ["csv", "line"] as const;
export type ExportAsked = {
  readonly what: (typeof exportKinds)[number];
  readonly format: (typeof exportFormats)[number];
  /** ids; empty: all */
  readonly machines: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
};

/** Columns; what ends in `_utc` is an instant. */
export const heads = {
  hours: ["machine", "hour_utc", "energy_wh", "known_s", "busy_s", "idle_s", "starts", "version"],
  minutes: ["machine", "minute_utc", "mean_w", "min_w", "max_w", "energy_wh", "known_s"],
  runs: ["machine", "start_utc", "end_utc", "power_w", "energy_wh"],
} as const satisfies Readonly<Record<(typeof exportKinds)[number], readonly string[]>>;
type Value = number | null;
/** The machine, then instants and values in the order of the columns. */
export type ExportRow = readonly [machine: string, ...values: Value[]];
type Rows = Omit<ExportAsked, "format">;

/** Pieces of the file as text, in order of machine and time. */
export function* exported(db: DatabaseSync, asked: ExportAsked & { readonly format: (typeof textFormats)[number] }): Generator<string> {
  if (asked.format === "csv") yield `${heads[asked.what].join(",")}\r\n`;
  for (const rows of daysOf(db, asked)) {
    const piece = rows.map((row) => (asked.format === "csv" ? csvLine(row, asked.what) : pointsOf(row, asked.what))).join("");
    if (piece !== "") yield piece;
  }
}

/** The same rows as numbers: instants in UTC ms, null for unknown. */
export function* exportedRows(db: DatabaseSync, asked: Rows): Generator<ExportRow> {
  for (const rows of daysOf(db, asked)) yield* rows;
}

/** Rows of a machine's day at a time. */
function* daysOf(db: DatabaseSync, asked: Rows): Generator<ExportRow[]> {
  for (const { id, machine } of machinesOf(db)) {
    if (asked.machines.length > 0 && !asked.machines.includes(machine)) continue;
    const bounds = boundsOf(db, id);
    if (bounds === null) continue;
    const toMs = Math.min(asked.toMs, bounds.toMs);
    for (let from = Math.max(asked.fromMs, bounds.fromMs); from < toMs; ) {
      const until = Math.min(toMs, (Math.floor(from / dayMs) + 1) * dayMs);
      yield asked.what === "runs" ? runRows(db, { id, machine }, from, until) : sumRows(db, { id, machine }, from, until, asked.what);
      from = until;
    }
  }
}

export function machinesOf(db: DatabaseSync): { readonly id: number; readonly machine: string }[] {
  return db
    .prepare("SELECT id, machine FROM machines ORDER BY machine")
    .all()
    .map((row) => ({ id: Number(row.id), machine: String(row.machine) }));
}

/** From the first hour of a machine to its last sample; null before there is any. */
function boundsOf(db: DatabaseSync, id: number): { readonly fromMs: number; readonly toMs: number } | null {
  const first = db.prepare("SELECT min(hour) AS hour FROM hour_sums WHERE machine = ?").get(id)?.hour;
  const last = db.prepare("SELECT last_ms FROM machines WHERE id = ?").get(id)?.last_ms;
  return typeof first === "number" && typeof last === "number" ? { fromMs: first * hourMs, toMs: last + 1 } : null;
}

type Asked = { readonly id: number; readonly machine: string };

function sumRows(db: DatabaseSync, machine: Asked, fromMs: number, toMs: number, what: "hours" | "minutes"): ExportRow[] {
  const rows: readonly Rollup[] =
    what === "hours"
      ? hourRollups(db, machine, Math.ceil(fromMs / hourMs) * hourMs, toMs)
      : minuteRollups(db, machine, fromMs, toMs - 1 + 60_000);
  return rows.map((row) => [machine.machine, row.atMs, ...fieldsOf(row)]);
}

const runRows = (db: DatabaseSync, { id, machine }: Asked, fromMs: number, toMs: number): ExportRow[] =>
  storedRuns(db, id, fromMs, toMs)
    .filter(({ startMs }) => startMs >= fromMs)
    .map(({ startMs, endMs, powerW, energyWh }) => [machine, startMs, endMs, powerW, energyWh]);

function csvLine([machine, ...values]: ExportRow, what: ExportAsked["what"]): string {
  const cells = values.map((value, i) => (value !== null && heads[what][i + 1]?.endsWith("_utc") ? instant(value) : shown(value)));
  return `${[machine, ...cells].join(",")}\r\n`;
}

/** A row as points; a run as its first sample and, when it lasted, its last one. */
function pointsOf([machine, atMs, ...values]: ExportRow, what: ExportAsked["what"]): string {
  if (atMs === null || atMs === undefined) return "";
  if (what !== "runs") {
    const [measurement, names] = what === "hours" ? (["usage_hour", hourFields] as const) : (["power_minute", minuteFields] as const);
    return line(measurement, machine, names, values, atMs);
  }
  const [endMs = null, powerW = null] = values;
  const point = (ms: number): string =>
    powerW === null ? `power,machine=${machine} silent=true ${ms}\n` : line("power", machine, ["power_w"], [powerW], ms);
  return point(atMs) + (endMs !== null && endMs > atMs ? point(endMs) : "");
}

/** Ids are of letters, digits and hyphens: nothing in a line needs escaping. */
function line(measurement: string, machine: string, names: readonly string[], values: readonly Value[], atMs: number): string {
  const fields = names.flatMap((name, i) => (typeof values[i] === "number" ? [`${name}=${shown(values[i] ?? null)}`] : []));
  return fields.length === 0 ? "" : `${measurement},machine=${machine} ${fields.join(",")} ${atMs}\n`;
}

const instant = (atMs: number): string => new Date(atMs).toISOString();
/** A microwatt-hour is finer than any meter; what a sum of floating numbers leaves behind that is noise. */
const shown = (value: Value): string => (value === null ? "" : String(Math.round(value * 1e6) / 1e6));
