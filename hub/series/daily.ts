/** Energy, use and beginnings of work per machine and local day, out of the sums of hours. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
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

/** A local day with the hours that begin in it. */
type Day = { readonly date: string; readonly fromHour: number; readonly toHour: number };

function localDays(fromMs: number, toMs: number, zone: string): Day[] {
  const days: Day[] = [];
  let day = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(zone).startOfDay();
  while (day.epochMilliseconds < toMs) {
    const next = day.add({ days: 1 }).startOfDay();
    days.push({
      date: day.toPlainDate().toString(),
      fromHour: Math.ceil(Math.max(fromMs, day.epochMilliseconds) / hourMs),
      toHour: Math.ceil(Math.min(toMs, next.epochMilliseconds) / hourMs),
    });
    day = next;
  }
  return days;
}

/** Two questions for everything, in an order in which SQLite has nothing to sort: that is most of what this costs. */
export function dailyUse(db: DatabaseSync, fromMs: number, toMs: number, zone: string): DayUse[] {
  const days = localDays(fromMs, toMs, zone);
  const [fromHour, toHour] = [days[0]?.fromHour ?? 0, days.at(-1)?.toHour ?? 0];
  const machines = db.prepare("SELECT id, machine FROM machines").all();
  const names = new Map(machines.map((row) => [Number(row.id), String(row.machine)]));
  const spans = [...names.keys()].flatMap((machine) =>
    versionSpans(versionsOf(db, machine), fromHour, toHour).map((span) => ({ machine, ...span })),
  );
  ask(db, days, spans);
  const found = new Map<number, DayUse[]>();
  const sums =
    db.prepare(`SELECT m.id, d.day, sum(h.energy_wh), sum(h.known_ms) FROM machines m CROSS JOIN asked_days d CROSS JOIN hour_sums h
    ON h.machine = m.id AND h.hour >= d.from_hour AND h.hour < d.to_hour GROUP BY m.id, d.day`);
  for (const [id = 0, at = 0, energyWh = 0, knownMs = 0] of rowsOf(sums)) {
    const machine = found.get(id) ?? [];
    machine[at] = { machine: names.get(id) ?? "", date: days[at]?.date ?? "", energyWh, knownMs, busyMs: null, idleMs: null, starts: null };
    found.set(id, machine);
  }
  for (const span of spans) {
    if (span.version === null) continue;
    for (const [at, day] of days.entries())
      if (day.fromHour < span.toHour && day.toHour > span.fromHour) add(found.get(span.machine)?.[at]);
  }
  const uses = db.prepare(`SELECT s.machine, d.day, sum(h.busy_ms), sum(h.idle_ms), sum(h.starts) FROM asked_spans s CROSS JOIN asked_days d
    CROSS JOIN use_hours h ON h.machine = s.machine AND h.hour >= max(d.from_hour, s.from_hour) AND h.hour < min(d.to_hour, s.to_hour)
    AND h.version = s.version GROUP BY s.span, d.day`);
  for (const [id = 0, at = 0, busyMs, idleMs, starts] of rowsOf(uses)) add(found.get(id)?.[at], busyMs, idleMs, starts);
  return [...found.values()].flat().filter((day) => day !== undefined);
}

/** Days and versions asked for, as tables of this connection only. */
function ask(
  db: DatabaseSync,
  days: readonly Day[],
  spans: readonly (ReturnType<typeof versionSpans>[number] & { readonly machine: number })[],
): void {
  db.exec(`CREATE TEMP TABLE IF NOT EXISTS asked_days (day INTEGER PRIMARY KEY, from_hour INTEGER, to_hour INTEGER);
    CREATE TEMP TABLE IF NOT EXISTS asked_spans (span INTEGER PRIMARY KEY, machine INTEGER, version INTEGER, from_hour INTEGER, to_hour INTEGER);
    DELETE FROM asked_days; DELETE FROM asked_spans;`);
  const addDay = db.prepare("INSERT INTO asked_days VALUES (?, ?, ?)");
  for (const [at, day] of days.entries()) addDay.run(at, day.fromHour, day.toHour);
  const addSpan = db.prepare("INSERT INTO asked_spans VALUES (?, ?, ?, ?, ?)");
  for (const [at, span] of spans.entries()) {
    if (span.version !== null) addSpan.run(at, span.machine, span.version, span.fromHour, span.toHour);
  }
}

function rowsOf(statement: StatementSync): number[][] {
  statement.setReturnArrays(true);
  return statement.all() as unknown as number[][];
}

function add(day: DayUse | undefined, busyMs = 0, idleMs = 0, starts = 0): void {
  if (day === undefined) return;
  day.busyMs = (day.busyMs ?? 0) + busyMs;
  day.idleMs = (day.idleMs ?? 0) + idleMs;
  day.starts = (day.starts ?? 0) + starts;
}
