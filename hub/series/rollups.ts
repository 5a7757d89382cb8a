/** Minutes and hours as they are copied to InfluxDB: whole rows, so that sending one again changes nothing. */
import type { DatabaseSync } from "node:sqlite";
import { hourMs, minuteMs } from "./energy.ts";
import { fieldNames } from "./influx-measurements.ts";
import { hourOf, versionSpans, versionsOf } from "./use.ts";

export type MinuteRollup = {
  readonly kind: "minute";
  readonly machine: string;
  readonly atMs: number;
  readonly energyWh: number;
  readonly knownMs: number;
  readonly meanW: number | null;
  readonly minW: number | null;
  readonly maxW: number | null;
};
/** Use is null where nobody has said from what power on the machine works. */
export type HourUse = { readonly version: number; readonly busyMs: number; readonly idleMs: number; readonly starts: number };
export type HourRollup = {
  readonly kind: "hour";
  readonly machine: string;
  readonly atMs: number;
  readonly energyWh: number;
  readonly knownMs: number;
  readonly use: HourUse | null;
};
export type Rollup = MinuteRollup | HourRollup;
/** Names of the fields of a minute and of an hour, in lines and tables. */
export const minuteFields = fieldNames("power_minute");
export const hourFields = fieldNames("usage_hour");

/** The fields of a minute or an hour in the order of their names; null where nothing is known. */
export function fieldsOf(rollup: Rollup): (number | null)[] {
  if (rollup.kind === "minute") return [rollup.meanW, rollup.minW, rollup.maxW, rollup.energyWh, rollup.knownMs / 1000];
  const { use } = rollup;
  const used = use === null ? [null, null, null, null] : [use.busyMs / 1000, use.idleMs / 1000, use.starts, use.version];
  return [rollup.energyWh, rollup.knownMs / 1000, ...used];
}

type Asked = { readonly id: number; readonly machine: string };

export function minuteRollups(db: DatabaseSync, { id, machine }: Asked, fromMs: number, toMs: number): MinuteRollup[] {
  return db
    .prepare(
      "SELECT slot_ms, energy_wh, watt_ms, known_ms, min_w, max_w FROM minutes WHERE machine = ? AND slot_ms >= ? AND slot_ms <= ? ORDER BY slot_ms",
    )
    .all(id, fromMs, toMs - minuteMs)
    .map((row) => ({
      kind: "minute",
      machine,
      atMs: Number(row.slot_ms),
      energyWh: Number(row.energy_wh),
      knownMs: Number(row.known_ms),
      meanW: Number(row.known_ms) > 0 ? Number(row.watt_ms) / Number(row.known_ms) : null,
      minW: typeof row.min_w === "number" ? row.min_w : null,
      maxW: typeof row.max_w === "number" ? row.max_w : null,
    }));
}

/** Hours with the use that the newest version covering them tells, or a given one. */
export function hourRollups(db: DatabaseSync, { id, machine }: Asked, fromMs: number, toMs: number, version?: number): HourRollup[] {
  const hours = db
    .prepare("SELECT hour, energy_wh, known_ms FROM hour_sums WHERE machine = ? AND hour >= ? AND hour < ? ORDER BY hour")
    .all(id, hourOf(fromMs), Math.ceil(toMs / hourMs));
  if (hours.length === 0) return [];
  const [first, last] = [Number(hours[0]?.hour), Number(hours.at(-1)?.hour) + 1];
  const versions = versionsOf(db, id).filter((one) => version === undefined || one.version === version);
  const spans = versionSpans(versions, first, last);
  const uses = new Map<number, Omit<HourUse, "version">>();
  const read = db.prepare(
    "SELECT hour, busy_ms, idle_ms, starts FROM use_hours WHERE machine = ? AND version = ? AND hour >= ? AND hour < ?",
  );
  for (const span of spans) {
    if (span.version === null) continue;
    for (const row of read.all(id, span.version, span.fromHour, span.toHour)) {
      uses.set(Number(row.hour), { busyMs: Number(row.busy_ms), idleMs: Number(row.idle_ms), starts: Number(row.starts) });
    }
  }
  let at = 0;
  return hours.map((row): HourRollup => {
    const hour = Number(row.hour);
    while (hour >= (spans[at]?.toHour ?? Number.POSITIVE_INFINITY)) at += 1;
    const told = spans[at]?.version ?? null;
    const use = uses.get(hour) ?? { busyMs: 0, idleMs: 0, starts: 0 };
    return {
      kind: "hour",
      machine,
      atMs: hour * hourMs,
      energyWh: Number(row.energy_wh),
      knownMs: Number(row.known_ms),
      use: told === null ? null : { version: told, ...use },
    };
  });
}
