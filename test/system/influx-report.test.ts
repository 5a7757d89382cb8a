/**
 * The month on paper does not depend on the copy in a real InfluxDB: with and without it the files are the same bytes; and what
 * InfluxDB holds tells the same hours, use and energy as the embedded store.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { InfluxDB } from "influx";
import { expect, it } from "vitest";
import { powerClassesOf } from "../../hub/core/power-thresholds.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import { finish, newFold, noChanges, take } from "../../hub/series/fold.ts";
import { createSeries } from "../../hub/series/index.ts";
import type { HourRollup } from "../../hub/series/rollups.ts";
import { sendAgain } from "../../hub/series/send-again.ts";
import { clock, type Desk, openDesk, quiet } from "../hub/cli/desk.ts";
import { startInfluxd } from "../support/influxd.ts";
import { bootOf } from "../support/ledger.ts";

const machines = ["laser-1", "saw-1"];
const hourMs = 3_600_000;
const fromMs = Temporal.ZonedDateTime.from("2026-11-28T00:00[Europe/Riga]").epochMilliseconds;
const classes = powerClassesOf({ onW: 300, offW: 200 });
const samplesOf = (at: number) =>
  Array.from({ length: 3 * 8640 + 7 }, (_, i) => ({
    atMs: fromMs + i * 10_000 + (i > 9000 ? 3_000_000 : 0),
    powerW: i % 977 === 5 ? null : (i + at * 40) % 720 < 180 ? 250 + ((i * 37) % 120) : i % 300 < 100 ? 0.4 : 12,
    energyWh: at === 0 && i % 6 === 0 ? Math.floor(i / 3) : null,
  }));

async function furnish(desk: Desk): Promise<void> {
  await desk.makeSite();
  for (const line of [
    "node add node-1 --kind machine --hub hub.local --meter /dev/ttyUSB1",
    "course add basics",
    ...machines.map((id) => `machine add ${id} --node node-1 --ch ${id} --risk B --cut-hazard no --course basics --set onW=300,offW=200`),
  ]) {
    expect(await desk.run(...line.split(" ")), line).toMatchObject({ code: 0 });
  }
}

/** A machine that has never spoken is not in service, and takes no energy. */
async function speak(desk: Desk): Promise<void> {
  const ledger = await openLedger({ dir: desk.dataDir, site: "my-space", tz: "Europe/Riga", role: "tool" }, { clock, log: quiet });
  const time = { atMono: 0, atMs: fromMs, tq: "synced", evtMs: fromMs, recvMs: fromMs, tqHub: "synced" } as const;
  const body = { kind: "mach.powered", on: true } as const;
  const events = machines.map((ch, i) => ({ node: "node-1", boot: bootOf(1), seq: i + 1, ch, body, ...time }));
  // A busy computer may take longer than the two seconds that a node is kept waiting; as a node does, it is told again.
  await expect
    .poll(
      () =>
        ledger.append("node-1", events).then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true);
  await ledger.close();
}

async function fill(dir: string, influx: Parameters<typeof createSeries>[0]["influx"]): Promise<HourRollup[][]> {
  const series = await createSeries({ dir, influx }, { clock, log: quiet });
  for (const [at, machine] of machines.entries()) {
    series.classify(machine, classes);
    const samples = samplesOf(at);
    for (let i = 0; i < samples.length; i += 5000) {
      series.power(machine, samples.slice(i, i + 5000));
      await series.flush();
    }
  }
  for (let i = 0; i < 50 && series.health().waiting > 0; i += 1) await series.flush();
  expect(series.health()).toMatchObject({ ok: true, waiting: 0 });
  const hours = machines.map((machine) => series.hourlyUse(machine, fromMs, fromMs + 80 * hourMs));
  await series.close();
  return hours;
}

async function filesOf(desk: Desk, out: string): Promise<Record<string, string>> {
  expect(await desk.run("report", "2026-11", "--format", "json,csv,html,xlsx,pdf", "--out", out)).toMatchObject({ code: 0 });
  const folder = join(desk.folder, out);
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString("base64")]));
}

it("the same bytes with and without InfluxDB, and the same hours out of its points, also when they are sent again", async () => {
  const desk = openDesk();
  const influxd = await startInfluxd(join(desk.folder, "influx"));
  try {
    await furnish(desk);
    await speak(desk);
    const unmeasured = await desk.json("report", "2026-11");
    const alone = await fill(desk.dataDir, null);
    expect(await desk.json("report", "2026-11")).not.toEqual(unmeasured);
    const without = await filesOf(desk, "without");
    for (const end of ["", "-wal", "-shm"]) rmSync(join(desk.dataDir, `series.sqlite${end}`), { force: true });
    const target = { url: influxd.url, database: "koprade" };
    const beside = await fill(desk.dataDir, target);
    expect(await filesOf(desk, "with")).toEqual(without);
    expect(Object.keys(without).length).toBeGreaterThan(4);
    expect(beside).toEqual(alone);
    expect(beside.map((hours) => hours.reduce((sum, { use }) => sum + (use?.starts ?? 0), 0) > 20)).toEqual([true, true]);

    const client = new InfluxDB({ host: "127.0.0.1", port: influxd.port, database: "koprade" });
    const hoursThere = async () => {
      const rows = await client.query<Record<string, number> & { time: Date; machine: string }>("SELECT * FROM usage_hour ORDER BY time");
      return machines.map((machine) =>
        rows
          .filter((row) => row.machine === machine)
          .map((row) => [row.time.getTime(), row.energy_wh, row.known_s, row.busy_s, row.idle_s, row.starts, row.version]),
      );
    };
    const over = beside.map((hours) =>
      hours
        .slice(0, -1)
        .map(({ atMs, energyWh, knownMs, use }) => [
          atMs,
          energyWh,
          knownMs / 1000,
          (use?.busyMs ?? 0) / 1000,
          (use?.idleMs ?? 0) / 1000,
          use?.starts,
          use?.version,
        ]),
    );
    expect(await hoursThere()).toEqual(over);
    const countOf = async () =>
      (await client.query<{ n: number }>("SELECT count(known_s) AS n FROM power_minute GROUP BY machine")).map(({ n }) => n);
    const minutes = await countOf();
    expect(minutes[0]).toBeGreaterThan(4000);

    for (const [at, machine] of machines.entries()) {
      const points = await client.query<{ time: Date; power_w: number | null; energy_wh: number | null }>(
        `SELECT power_w, energy_wh, silent FROM power WHERE machine = '${machine}' ORDER BY time`,
      );
      const [fold, changes] = [newFold(classes), noChanges()];
      for (const { time, power_w, energy_wh } of points)
        take(fold, { atMs: time.getTime(), powerW: power_w, energyWh: energy_wh }, changes);
      finish(fold, changes);
      for (const { atMs, energyWh, knownMs, use } of beside[at] ?? []) {
        expect(changes.hours.get(atMs)?.energyWh).toBeCloseTo(energyWh, 6);
        expect(changes.hours.get(atMs)?.knownMs).toBe(knownMs);
        expect({ busyMs: 0, idleMs: 0, starts: 0, ...changes.uses.get(atMs), version: 1 }).toEqual(use);
      }
    }

    const db = new DatabaseSync(join(desk.dataDir, "series.sqlite"), { readOnly: true });
    const sent = await sendAgain(db, target, { machines: [], fromMs: 0, toMs: clock.nowMs() });
    db.close();
    expect(sent).toMatchObject({ trouble: null });
    expect(sent.points).toBeGreaterThan(6000);
    expect(await hoursThere()).toEqual(over);
    expect(await countOf()).toEqual(minutes);
  } finally {
    await influxd.stop();
    desk.remove();
  }
}, 120_000);
