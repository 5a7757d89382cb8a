/**
 * The series as text for other programs, a machine's day at a time, so that years need no more memory than a day. Machines stand
 * under their ids; there are no people in it. Line protocol is what the hub sends to InfluxDB: read in again it changes nothing.
 */
import type { DatabaseSync } from "node:sqlite";
import { hourMs } from "./energy.ts";
import { fieldsOf, hourFields, hourRollups, minuteFields, minuteRollups, type Rollup } from "./rollups.ts";
import { dayMs, storedRuns } from "./runs.ts";

export const exportKinds = ["hours", "minutes", "runs"] as const;
export const exportFormats = ["csv", "line"] as const;
export type ExportAsked = {
  readonly what: (typeof exportKinds)[number];
  readonly format: (typeof exportFormats)[number];
  /** ids; empty: all */
  readonly machines: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
};

const heads = {
  hours: "machine,hour_utc,energy_wh,known_s,busy_s,idle_s,starts,version",
  minutes: "machine,minute_utc,mean_w,min_w,max_w,energy_wh,known_s",
  runs: "machine,start_utc,end_utc,power_w,energy_wh",
} as const;
type Value = number | null;

/** Pieces of the file, in order of machine and time. */
export function* exported(db: DatabaseSync, asked: ExportAsked): Generator<string> {
  if (asked.format === "csv") yield `${heads[asked.what]}\r\n`;
  for (const { id, machine } of machinesOf(db)) {
    if (asked.machines.length > 0 && !asked.machines.includes(machine)) continue;
    const bounds = boundsOf(db, id);
    if (bounds === null) continue;
    const toMs = Math.min(asked.toMs, bounds.toMs);
    for (let from = Math.max(asked.fromMs, bounds.fromMs); from < toMs; ) {
      const until = Math.min(toMs, (Math.floor(from / dayMs) + 1) * dayMs);
      const piece =
        asked.what === "runs"
          ? runsText(db, { id, machine }, from, until, asked.format)
          : sumsText(db, { id, machine }, from, until, asked);
      if (piece !== "") yield piece;
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

function sumsText(db: DatabaseSync, machine: Asked, fromMs: number, toMs: number, { what, format }: ExportAsked): string {
  const rows: readonly Rollup[] =
    what === "hours"
      ? hourRollups(db, machine, Math.ceil(fromMs / hourMs) * hourMs, toMs)
      : minuteRollups(db, machine, fromMs, toMs - 1 + 60_000);
  const [measurement, names] = what === "hours" ? (["usage_hour", hourFields] as const) : (["power_minute", minuteFields] as const);
  return rows
    .map((row) =>
      format === "csv"
        ? `${[machine.machine, instant(row.atMs), ...fieldsOf(row).map(shown)].join(",")}\r\n`
        : line(measurement, machine.machine, names, fieldsOf(row), row.atMs),
    )
    .join("");
}

/** A run as a row; in line protocol its first sample and, when it lasted, its last one. */
function runsText(db: DatabaseSync, { id, machine }: Asked, fromMs: number, toMs: number, format: ExportAsked["format"]): string {
  const runs = storedRuns(db, id, fromMs, toMs).filter(({ startMs }) => startMs >= fromMs);
  const point = (atMs: number, powerW: Value): string =>
    powerW === null ? `power,machine=${machine} silent=true ${atMs}\n` : line("power", machine, ["power_w"], [powerW], atMs);
  return runs
    .map(({ startMs, endMs, powerW, energyWh }) =>
      format === "csv"
        ? `${[machine, instant(startMs), instant(endMs), shown(powerW), shown(energyWh)].join(",")}\r\n`
        : point(startMs, powerW) + (endMs > startMs ? point(endMs, powerW) : ""),
    )
    .join("");
}

/** Ids are of letters, digits and hyphens: nothing in a line needs escaping. */
function line(measurement: string, machine: string, names: readonly string[], values: readonly Value[], atMs: number): string {
  const fields = names.flatMap((name, i) => (typeof values[i] === "number" ? [`${name}=${shown(values[i] ?? null)}`] : []));
  return fields.length === 0 ? "" : `${measurement},machine=${machine} ${fields.join(",")} ${atMs}\n`;
}

const instant = (atMs: number): string => new Date(atMs).toISOString();
/** A microwatt-hour is finer than any meter; what a sum of floating numbers leaves behind that is noise. */
const shown = (value: Value): string => (value === null ? "" : String(Math.round(value * 1e6) / 1e6));
