/**
 * A month of power of fifty machines, one sample in ten seconds: busy hours, energy and beginnings of work per machine and day, out
 * of our store and out of others with the same samples; what is kept for ever, and what taking it in costs.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type DayUse, dailyUse } from "../../hub/series/daily.ts";
import { SeriesFile } from "../../hub/series/embedded-thread.ts";
import { createSeries } from "../../hub/series/index.ts";
import { dailyUseOfRuns } from "../../hub/series/retell.ts";
import { startInfluxd } from "../support/influxd.ts";
import { quietLog, realClock } from "../support/ledger.ts";
import { type Bench, type Line, ms, times } from "./lines.ts";
import { exportLine } from "./measure-export.ts";
import { median, round } from "./stats.ts";
import { duckFloor, type Floor, influxFloor, type Month, type Totals } from "./usage-floors.ts";
import { machinesOf, stepMs, traceOf } from "./usage-traces.ts";

const zone = "Europe/Riga";
const dayMs = 86_400_000;
const perDay = dayMs / stepMs;
/** November: no clock is changed in it. */
const t0 = Temporal.ZonedDateTime.from(`2026-11-01T00:00[${zone}]`).epochMilliseconds;
const offsetMs = 7_200_000;

export async function measureUsage({ dir, size }: Bench): Promise<Line[]> {
  const { machines: most, days, influxDays, duckdb } = size.usage;
  const machines = machinesOf(most);
  const month: Month = { machines, traces: machines.map((machine) => traceOf(machine, days * perDay)), t0, days, offsetMs };
  const path = join(dir, "usage.sqlite");
  fill(path, month);
  const db = new DatabaseSync(path, { readOnly: true });
  const duck = duckdb ? await duckFloor(join(dir, "usage.duckdb"), month) : null;
  const influxd = await startInfluxd(join(dir, "usage-influx"));
  const influx = await influxFloor(influxd.url, month, influxDays);
  const [told, slice]: [number[], number[]] = [[], []];
  const [their, raw]: [number[], number[]] = [[], []];
  // What one thread calculates is told by its CPU time, in which nothing else on the machine has a part.
  const rolledMs = cpuMs(size.rounds, () => dailyUse(db, t0, t0 + days * dayMs, zone));
  const classes = new Map(machines.map(({ name, kind }) => [name, kind.classes]));
  const asked = { fromMs: t0, toMs: t0 + days * dayMs, zone };
  const wrong = new Set<string>();
  for (let i = 0; i <= size.rounds; i += 1) {
    const ours = dailyUse(db, asked.fromMs, asked.toMs, zone);
    const again = await timed(told, i, () => dailyUseOfRuns(db, asked, (machine) => classes.get(machine) ?? null));
    const truth = totalsOf(ours, month);
    compare(wrong, "runs", totalsOf(again, month), truth);
    if (duck !== null) compare(wrong, "DuckDB", await timed(their, i, () => duck.ask()), truth);
    // InfluxDB takes seconds a time: two of its rounds are enough for a ratio of dozens.
    if (i > 2) continue;
    const part = await timed(slice, i, () => dailyUse(db, t0, t0 + influxDays * dayMs, zone));
    compare(wrong, "InfluxDB", await timed(raw, i, () => influx.ask()), totalsOf(part, month), 1e-3);
  }
  exact(wrong, totalsOf(dailyUse(db, asked.fromMs, asked.toMs, zone), month), month);
  const bytes = keptBytes(db);
  db.close();
  await closeAll([duck, influx]);
  await influxd.stop();
  const samples = machines.length * days * perDay;
  const share = await ingestShare(dir, machines.length, size.usage.ingestS);
  const exported = exportLine(path, samples);
  const made = lines(
    { rolled: rolledMs, told: median(told), slice: median(slice), duck: duck === null ? null : median(their), raw: median(raw) },
    {
      wrong: [...wrong],
      bytesPerSample: bytes / samples,
      share,
      size,
    },
  );
  return [...made, exported];
}

/** Means of several: the kernel counts in steps of some milliseconds. */
function cpuMs(rounds: number, work: () => void): number {
  work();
  const times = Math.max(5, 4 * rounds);
  const before = process.threadCpuUsage();
  for (let i = 0; i < times; i += 1) work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000 / times;
}

async function timed<T>(into: number[], round: number, work: () => T | Promise<T>): Promise<T> {
  const from = performance.now();
  const made = await work();
  if (round > 0) into.push(performance.now() - from);
  return made;
}

/** Day after day, as it would have come; what is a week old is packed meanwhile, and at the end all of it. */
function fill(path: string, { machines, traces, days }: Month): void {
  const file = new SeriesFile(path);
  const base = { kind: "write", id: 1, nowMs: t0, states: [], tellRollups: false } as const;
  file.write({
    ...base,
    samples: [],
    thresholds: machines.map(({ name, kind }) => ({ machine: name, classes: kind.classes })),
    purgeBeforeMs: null,
  });
  const values = new Float64Array(perDay * 3).fill(Number.NaN);
  for (let day = 0; day < days; day += 1) {
    for (const [i, { name }] of machines.entries()) {
      for (let k = 0; k < perDay; k += 1) {
        values[k * 3] = t0 + (day * perDay + k) * stepMs;
        values[k * 3 + 1] = (traces[i]?.[day * perDay + k] ?? 0) / 10;
      }
      file.write({ ...base, samples: [{ machine: name, values }], thresholds: [], purgeBeforeMs: null });
    }
    file.write({ ...base, samples: [], thresholds: [], purgeBeforeMs: t0 + (day - 6) * dayMs });
  }
  // a few goes: each packs so many days at most
  for (let i = 0; i < 10; i += 1) file.write({ ...base, samples: [], thresholds: [], purgeBeforeMs: t0 + (days + 2) * dayMs });
  file.close();
}

function totalsOf(days: readonly DayUse[], { machines }: Month): Totals[] {
  const totals = new Map(machines.map(({ name }) => [name, { busyMs: 0, energyWh: 0, starts: 0 }]));
  for (const day of days) {
    const total = totals.get(day.machine);
    if (total === undefined) continue;
    total.busyMs += day.busyMs ?? Number.NaN;
    total.energyWh += day.energyWh;
    total.starts += day.starts ?? Number.NaN;
  }
  return [...totals.values()];
}

/** Energy within 0.01 %, everything else exact; `tolerance` for a store that counts time at its edges otherwise. */
function compare(wrong: Set<string>, who: string, theirs: readonly Totals[], ours: readonly Totals[], tolerance = 1e-4): void {
  for (const [i, one] of theirs.entries()) {
    const other = ours[i];
    if (other === undefined) continue;
    if (one.busyMs !== other.busyMs) wrong.add(`${who}: busy ${one.busyMs} and ${other.busyMs} ms of machine ${i}`);
    if (one.starts !== other.starts) wrong.add(`${who}: ${one.starts} and ${other.starts} beginnings of machine ${i}`);
    const off = Math.abs(one.energyWh - other.energyWh) / Math.max(1, other.energyWh);
    if (!(off <= tolerance)) wrong.add(`${who}: energy of machine ${i} is off by ${off}`);
  }
}

/** Against the samples themselves. */
function exact(wrong: Set<string>, ours: readonly Totals[], { machines, traces }: Month): void {
  const truth = traces.map((trace, i) => {
    const work = (machines[i]?.kind.classes.workW ?? 0) * 10;
    let [busy, tenths, starts] = [0, 0, 0];
    for (let k = 0; k < trace.length; k += 1) {
      const now = trace[k] ?? 0;
      const before = k === 0 ? 0 : (trace[k - 1] ?? 0);
      if (k > 0) tenths += before + now;
      if (k > 0 && before >= work) busy += 1;
      if (now >= work && before < work) starts += 1;
    }
    return { busyMs: busy * stepMs, energyWh: (tenths / 20 / 3_600_000) * stepMs, starts };
  });
  compare(wrong, "the samples", truth, ours);
}

/** Pages of what is never deleted. */
function keptBytes(db: DatabaseSync): number {
  const row = db
    .prepare("SELECT sum(pgsize) AS bytes FROM dbstat WHERE name IN ('days', 'hour_sums', 'use_hours', 'classes', 'machines')")
    .get();
  return Number(row?.bytes);
}

/** CPU of both threads while machines send a sample a second, written every five seconds: a share of one core. */
async function ingestShare(dir: string, machines: number, seconds: number): Promise<number> {
  const series = await createSeries(
    { dir: join(dir, "usage-ingest"), influx: null },
    { clock: { ...realClock, every: () => () => undefined }, log: quietLog() },
  );
  const from = Date.now() - seconds * 1000;
  const kinds = machinesOf(machines);
  for (const { name, kind } of kinds) series.classify(name, kind.classes);
  await series.flush();
  const traces = kinds.map((machine) => traceOf(machine, seconds));
  const before = process.cpuUsage();
  for (let s = 0; s < seconds; s += 5) {
    for (const [i, { name }] of kinds.entries()) {
      series.power(
        name,
        Array.from({ length: 5 }, (_, k) => ({ atMs: from + (s + k) * 1000, powerW: (traces[i]?.[s + k] ?? 0) / 10, energyWh: null })),
      );
    }
    await series.flush();
  }
  const { user, system } = process.cpuUsage(before);
  await series.close();
  return (user + system) / 1e6 / seconds;
}

async function closeAll(floors: readonly (Floor | null)[]): Promise<void> {
  for (const floor of floors) await floor?.close();
}

type Took = { readonly rolled: number; readonly told: number; readonly slice: number; readonly duck: number | null; readonly raw: number };
type More = { readonly wrong: readonly string[]; readonly bytesPerSample: number; readonly share: number; readonly size: Bench["size"] };

function lines(took: Took, { wrong, bytesPerSample, share, size }: More): Line[] {
  const { machines, days, influxDays } = size.usage;
  const what = `use of ${machines} machines in ${days} days of 10-second samples, per machine and day`;
  for (const sentence of wrong.slice(0, 10)) process.stderr.write(`${sentence}\n`);
  return [
    {
      what: `${what}: from hourly sums`,
      ours: `${ms(took.rolled)} CPU`,
      floor: "–",
      ratio: "–",
      target: "≤ 20 ms",
      met: took.rolled <= 20,
    },
    {
      what: `${what}: told anew from the stored runs`,
      ours: ms(took.told),
      floor: took.duck === null ? "DuckDB not asked" : `DuckDB ${ms(took.duck)}`,
      ratio: took.duck === null ? "–" : times(took.told, took.duck),
      target: "≤ × 0.4",
      met: took.duck === null ? null : took.told / took.duck <= 0.4,
    },
    {
      what: `the same of ${influxDays} days: from hourly sums, beside InfluxDB's raw points`,
      ours: ms(took.slice),
      floor: `InfluxDB 1.6 ${ms(took.raw)}`,
      ratio: `${Math.round(took.raw / took.slice)} times as fast`,
      target: "≥ 60 times",
      met: took.raw / took.slice >= 60,
    },
    {
      what: `${what}: totals that differ between stores, runs and samples`,
      ours: String(wrong.length),
      floor: "–",
      ratio: "–",
      target: "0",
      met: wrong.length === 0,
    },
    {
      what: "kept for ever of a 10-second sample: runs, hours and their use",
      ours: `${round(bytesPerSample, 3)} bytes`,
      floor: "–",
      ratio: "–",
      target: "≤ 0.25 bytes",
      met: bytesPerSample <= 0.25,
    },
    {
      what: `samples of ${machines} machines each second: CPU of one core`,
      ours: `${round(share * 100)} %`,
      floor: "–",
      ratio: "–",
      target: "≤ 2 %",
      met: share <= 0.02,
    },
  ];
}
