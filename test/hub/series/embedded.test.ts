/** The embedded series: what it keeps, what it answers, and that nothing is counted twice. */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hourMs, minuteMs } from "../../../hub/series/energy.ts";
import { createSeries } from "../../../hub/series/index.ts";
import { packOldRuns } from "../../../hub/series/runs.ts";
import type { UsageSeries } from "../../../hub/series/types.ts";
import { quietLog, realClock, temporaryDir } from "../../support/ledger.ts";

let series: UsageSeries;
let folder: ReturnType<typeof temporaryDir>;
const open = (): Promise<UsageSeries> => createSeries({ dir: folder.dir, influx: null }, { clock: realClock, log: quietLog() });
beforeEach(async () => {
  folder = temporaryDir();
  series = await open();
});
afterEach(async () => {
  await series.close();
  folder.remove();
});
const t0 = Math.floor(Date.now() / hourMs) * hourMs - 2 * hourMs;
const steady = (from: number, count: number, powerW: number | null) =>
  Array.from({ length: count }, (_, i) => ({ atMs: t0 + (from + i) * 1000, powerW, energyWh: (from + i) / 10 }));

test("its files are for their owner only", async () => {
  series.power("laser-1", steady(0, 10, 100));
  await series.flush();
  const files = readdirSync(folder.dir).filter((name) => name.startsWith("series.sqlite"));
  expect(files.length).toBeGreaterThan(1);
  expect(files.map((name) => (statSync(join(folder.dir, name)).mode & 0o777).toString(8))).toEqual(files.map(() => "600"));
});

test("an hour of unchanged power is one run, and its energy is exact", async () => {
  series.power("laser-1", steady(0, 3600, 360));
  series.power("laser-1", steady(3600, 1, 360));
  await series.flush();
  const [begin, end] = [
    { atMs: t0, powerW: 360 },
    { atMs: t0 + hourMs, powerW: 360 },
  ];
  expect(series.recentPower("laser-1", t0, t0 + hourMs, 2)).toEqual([begin, end]);
  // Where there is room, a steady hour is told from an hour of silence.
  const points = series.recentPower("laser-1", t0, t0 + hourMs, 100);
  expect([points.length, points[0], points.at(-1)]).toEqual([61, begin, end]);
  const [hour] = series.hourlyEnergy("laser-1", t0, t0 + hourMs);
  expect(hour?.energyWh).toBeCloseTo(360);
  expect(hour?.knownS).toBe(3600);
});

test("changes within one watt or one percent stay in the run, larger ones begin another", async () => {
  series.power(
    "saw-1",
    [1000, 1009, 995, 1020, 3, 3.9, null, 3].map((powerW, i) => ({ atMs: t0 + i * 1000, powerW, energyWh: null })),
  );
  await series.flush();
  expect(series.recentPower("saw-1", t0, t0 + hourMs, 100).map((point) => point.powerW)).toEqual([1000, 1000, 1020, 3, 3, null, 3]);
});

test("samples that come again, also after a restart, are not counted twice", async () => {
  series.power("laser-1", steady(0, 600, 100));
  await series.flush();
  series.power("laser-1", steady(0, 600, 100));
  await series.close();
  series = await open();
  series.power("laser-1", steady(300, 301, 100));
  await series.flush();
  expect(series.energySince("laser-1", t0)).toBeCloseTo(60);
  expect(series.hourlyEnergy("laser-1", t0, t0 + hourMs)[0]?.energyWh).toBeCloseTo(60);
  expect(series.lastPower("laser-1")).toEqual({ atMs: t0 + 600_000, powerW: 100, energyWh: 60 });
});

test("NaN and infinity are unknown, never zero", async () => {
  series.power(
    "saw-1",
    [Number.NaN, Number.POSITIVE_INFINITY].map((powerW, i) => ({ atMs: t0 + i * 1000, powerW, energyWh: null })),
  );
  await series.flush();
  expect(series.recentPower("saw-1", t0, t0 + hourMs, 10).every((point) => point.powerW === null)).toBe(true);
});

test("a long trace comes in as many points as asked for", async () => {
  series.power(
    "laser-1",
    Array.from({ length: 7200 }, (_, i) => ({ atMs: t0 + i * 1000, powerW: (i % 60) * 20, energyWh: null })),
  );
  await series.flush();
  const points = series.recentPower("laser-1", t0, t0 + 2 * hourMs, 60);
  expect(points.length).toBeLessThanOrEqual(61);
  expect(points.every((point) => point.powerW !== null && Math.abs(point.powerW - 590) < 15)).toBe(true);
});

test("energy since the middle of an hour takes the minutes of that part", async () => {
  series.power("laser-1", steady(0, 5401, 360));
  await series.flush();
  expect(series.energySince("laser-1", t0 + 30 * minuteMs)).toBeCloseTo(360);
  expect(series.energySince("nothing-1", t0)).toBe(null);
});

test("states are read back in order", async () => {
  series.state("laser-1", t0 + 2000, "BUSY");
  series.state("laser-1", t0, "FREE");
  await series.flush();
  expect(series.states("laser-1", t0, t0 + hourMs)).toEqual([
    { atMs: t0, status: "FREE" },
    { atMs: t0 + 2000, status: "BUSY" },
  ]);
});

test("a file locked by somebody else loses nothing: it is visible, and is written later", async () => {
  const other = new DatabaseSync(join(folder.dir, "series.sqlite"));
  other.exec("BEGIN IMMEDIATE");
  series.power("laser-1", steady(0, 61, 60));
  await series.flush();
  expect(series.health()).toMatchObject({ ok: false, waiting: 61 });
  other.exec("ROLLBACK");
  other.close();
  await series.flush();
  expect(series.health()).toMatchObject({ ok: true, waiting: 0 });
  expect(series.hourlyEnergy("laser-1", t0, t0 + hourMs)[0]?.energyWh).toBeCloseTo(6);
}, 120_000);

test("its silences are what the hours lack, to the millisecond, wherever in the hour they lie", async () => {
  const at = (s: number) => t0 + s * 1000;
  const samples = [0, 60, 120, 500, 560, 620, 3590, 3650].map((s) => ({ atMs: at(s), powerW: s === 560 ? null : 40, energyWh: null }));
  series.power("saw-1", samples);
  await series.flush();
  expect(series.silences("saw-1", t0, t0 + hourMs)).toEqual([{ fromMs: at(120), toMs: at(3590) }]);
  expect(series.silences("saw-1", at(-60), at(30))).toEqual([{ fromMs: at(-60), toMs: t0 }]);
  expect(series.silences("saw-1", at(3595), at(3700))).toEqual([{ fromMs: at(3650), toMs: at(3700) }]);
  expect(series.silences("nobody", t0, t0 + hourMs)).toEqual([{ fromMs: t0, toMs: t0 + hourMs }]);
  const [hour] = series.hourlyEnergy("saw-1", t0, t0 + hourMs);
  expect(hour?.knownS).toBe(130); // two minutes, and ten seconds at the end
});

test("M28: what is missing of a meter is more than twice its own step, be it a second or five minutes, over a restart too", async () => {
  const at = (s: number) => t0 + s * 1000;
  const batch = (machine: string, fromS: number, stepS: number, powers: readonly number[]) =>
    series.power(
      machine,
      powers.map((powerW, i) => ({ atMs: at(fromS + i * stepS), powerW, energyWh: null })),
    );
  const ten = Array.from({ length: 10 }, () => 40);
  for (const s of [0, 10, /* one is lost */ 30, 40]) batch("saw-1", s, 1, ten);
  batch("pump-1", 0, 300, [40, 40, 40, 900, 40, 900]);
  batch("pump-1", 3300, 300, [40, 40]); // five were lost
  await series.close();
  series = await createSeries({ dir: folder.dir, influx: null }, { clock: realClock, log: quietLog() });
  batch("saw-1", 55, 1, [900, 900, 40]); // six seconds were lost
  await series.flush();
  const silences = (machine: string, toS: number) =>
    series.silences(machine, t0, at(toS)).map(({ fromMs, toMs }) => [(fromMs - t0) / 1000, (toMs - t0) / 1000]);
  const missing = [
    [19, 30],
    [49, 55],
  ];
  expect(silences("saw-1", 57)).toEqual(missing);
  expect(series.hourlyEnergy("saw-1", t0, at(57))[0]?.knownS).toBe(57 - 11 - 6);
  // nobody knows a meter's step by its first two samples
  expect(silences("pump-1", 3600)).toEqual([
    [0, 300],
    [1500, 3300],
  ]);
  expect(series.hourlyEnergy("pump-1", t0, at(3600))[0]?.knownS).toBe(3600 - 300 - 1800);
  expect(series.recentPower("saw-1", t0, at(57), 1000).filter(({ powerW }) => powerW === null)).toHaveLength(2);
  const db = new DatabaseSync(join(folder.dir, "series.sqlite"));
  packOldRuns(db, t0 + 48 * hourMs);
  expect(db.prepare("SELECT count(*) AS n FROM runs").get()?.n).toBe(0);
  db.close();
  expect(silences("saw-1", 57)).toEqual(missing);
  expect(silences("pump-1", 3600)[1]).toEqual([1500, 3300]);
});
