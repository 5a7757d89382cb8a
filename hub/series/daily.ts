/** Energy, use and beginnings of work per machine and local day, out of the sums of hours. */
import type { DatabaseSync } from "node:sqlite";
import { hourMs } from "./energy.ts";
import { versionSpans, versionsOf } from "./use.ts";

/** `date` is local. Use is null when no version tells it for any of the day's hours. */
export type DayUse = {
  readonly machine: string;
  readonly date: string;
  energyWh: number;
  knownMs: number;
  busyMs: number | null;
  idleMs: number | null;
  starts: number | null;
};

/** Days that begin at the same hour of UTC; where clocks change, another stretch begins. */
type DayStretch = { readonly fromHour: number; toHour: number; readonly dates: string[] };

/** An hour belongs to the day on which it begins. */
export function dayStretches(fromMs: number, toMs: number, zone: string): DayStretch[] {
  const stretches: DayStretch[] = [];
  let day = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(zone).startOfDay();
  while (day.epochMilliseconds < toMs) {
    const next = day.add({ days: 1 }).startOfDay();
    const fromHour = Math.ceil(Math.max(day.epochMilliseconds, fromMs) / hourMs);
    const toHour = Math.ceil(Math.min(next.epochMilliseconds, toMs) / hourMs);
    const last = stretches.at(-1);
    const date = day.toPlainDate().toString();
    if (last !== undefined && fromHour === last.fromHour + 24 * last.dates.length) {
      last.dates.push(date);
      last.toHour = toHour;
    } else stretches.push({ fromHour, toHour, dates: [date] });
    day = next;
  }
  return stretches;
}

export function dailyUse(db: DatabaseSync, fromMs: number, toMs: number, zone: string): DayUse[] {
  const stretches = dayStretches(fromMs, toMs, zone);
  const sums = db.prepare(
    `SELECT (hour - ?1) / 24 AS day, sum(energy_wh) AS energyWh, sum(known_ms) AS knownMs FROM hour_sums
     WHERE machine = ?2 AND hour >= ?1 AND hour < ?3 GROUP BY 1`,
  );
  const uses = db.prepare(
    `SELECT (hour - ?1) / 24 AS day, sum(busy_ms) AS busyMs, sum(idle_ms) AS idleMs, sum(starts) AS starts FROM use_hours
     WHERE machine = ?2 AND hour >= ?4 AND hour < ?5 AND version = ?3 GROUP BY 1`,
  );
  const out: DayUse[] = [];
  for (const row of db.prepare("SELECT id, machine FROM machines ORDER BY machine").all()) {
    const [id, machine] = [Number(row.id), String(row.machine)];
    const versions = versionsOf(db, id);
    for (const { fromHour, toHour, dates } of stretches) {
      const days: (DayUse | undefined)[] = [];
      // An hour more than a day has, where clocks are put back, is still the last day's.
      const at = (day: unknown): number => Math.min(Number(day), dates.length - 1);
      for (const sum of sums.all(fromHour, id, toHour)) {
        const known = days[at(sum.day)];
        const date = dates[at(sum.day)] ?? "";
        if (known === undefined) {
          days[at(sum.day)] = {
            machine,
            date,
            energyWh: Number(sum.energyWh),
            knownMs: Number(sum.knownMs),
            busyMs: null,
            idleMs: null,
            starts: null,
          };
        } else {
          known.energyWh += Number(sum.energyWh);
          known.knownMs += Number(sum.knownMs);
        }
      }
      for (const span of versionSpans(versions, fromHour, toHour)) {
        if (span.version === null) continue;
        for (let i = at(Math.floor((span.fromHour - fromHour) / 24)); i <= at(Math.floor((span.toHour - 1 - fromHour) / 24)); i += 1)
          add(days[i], 0, 0, 0);
        for (const use of uses.all(fromHour, id, span.version, span.fromHour, span.toHour)) {
          add(days[at(use.day)], Number(use.busyMs), Number(use.idleMs), Number(use.starts));
        }
      }
      for (const day of days) if (day !== undefined) out.push(day);
    }
  }
  return out;
}

function add(day: DayUse | undefined, busyMs: number, idleMs: number, starts: number): void {
  if (day === undefined) return;
  day.busyMs = (day.busyMs ?? 0) + busyMs;
  day.idleMs = (day.idleMs ?? 0) + idleMs;
  day.starts = (day.starts ?? 0) + starts;
}
