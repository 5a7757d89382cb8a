/** The usage series against a real InfluxDB 1.6 that is stopped under load: every point arrives, and both stores say the same. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { InfluxDB } from "influx";
import { expect, test } from "vitest";
import { createSeries } from "../../hub/series/index.ts";
import { InfluxSeries } from "../../hub/series/influx.ts";
import { startInfluxd } from "../support/influxd.ts";
import { quietLog, realClock, temporaryDir } from "../support/ledger.ts";

test("InfluxDB stopped under load: every point arrives, the outage is visible, and hourly energy is the same in both stores", async () => {
  const folder = temporaryDir();
  const outageMs = Number(process.env.KOPRADE_INFLUX_OUTAGE_MS ?? 10_000);
  const influxd = await startInfluxd(join(folder.dir, "influx"));
  const target = { url: influxd.url, database: "koprade" };
  try {
    const series = await createSeries({ dir: join(folder.dir, "site"), influx: target }, { clock: realClock, log: quietLog() });
    // Sample times run faster than the clock, so that the load spans hours: each step is one second of meter time.
    const machines = Array.from({ length: 20 }, (_, i) => `machine-${i}`);
    const firstMs = Math.floor(Date.now() / 3_600_000) * 3_600_000 - 20 * 3_600_000;
    let steps = 0;
    let longestMs = 0;
    const feed = setInterval(() => {
      const before = performance.now();
      for (const [i, machine] of machines.entries()) {
        const samples = Array.from({ length: 10 }, (_, j) => {
          const n = steps + j;
          const isReset = n > 900 && i % 3 === 0;
          return {
            atMs: firstMs + n * 20_000,
            powerW: n % 97 === 0 ? null : 400 + (n % 50) * i,
            // as nodes send it: the counter comes with the last sample of a batch
            energyWh: i % 4 === 3 || j < 9 ? null : (isReset ? n - 900 : n) * 2 + i,
          };
        });
        series.power(machine, samples);
      }
      steps += 10;
      longestMs = Math.max(longestMs, performance.now() - before);
    }, 50);
    await pause(2000);
    await influxd.stop();
    await pause(outageMs / 2);
    expect(series.health()).toMatchObject({ ok: false, sentence: expect.stringContaining("InfluxDB does not answer") });
    await pause(outageMs / 2);
    await influxd.start();
    await pause(1000);
    clearInterval(feed);
    for (let i = 0; i < 150 && series.health().waiting > 0; i += 1) {
      await series.flush();
      await pause(200);
    }
    expect(series.health()).toMatchObject({ ok: true, waiting: 0 });
    const client = new InfluxDB({ host: "127.0.0.1", port: influxd.port, database: "koprade" });
    const counts = await client.query<{ w: number; n: number }>("SELECT count(power_w) AS w FROM power GROUP BY machine");
    const known = steps - Math.ceil(steps / 97);
    expect(counts.map((row) => row.w)).toEqual(machines.map(() => known));
    const influx = await InfluxSeries.open(target, join(folder.dir, "reader"), { clock: realClock, log: quietLog() });
    let hours = 0;
    for (const machine of machines) {
      const embedded = series.hourlyEnergy(machine, firstMs, Date.now());
      const theirs = await influx.hourlyEnergy(machine, firstMs, Date.now());
      expect(theirs.map((hour) => hour.hourMs)).toEqual(embedded.map((hour) => hour.hourMs));
      for (const [i, hour] of embedded.entries()) expect(theirs[i]?.energyWh).toBeCloseTo(hour.energyWh, 6);
      hours += embedded.length;
    }
    console.log(
      `InfluxDB away for ${outageMs / 1000} s: ${steps * machines.length} points, all arrived; ${hours} hours equal; longest call of power() for 20 machines ${longestMs.toFixed(1)} ms`,
    );
    await influx.close();
    await series.close();
  } finally {
    await influxd.stop();
    folder.remove();
  }
}, 180_000);
