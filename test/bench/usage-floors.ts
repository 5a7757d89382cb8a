/** The same month in other stores: DuckDB, in a file of its own and sorted as it likes best, and some days of it in InfluxDB. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { kinds, type Machine, stepMs } from "./usage-traces.ts";

/** Totals per machine over the whole time. */
export type Totals = { readonly busyMs: number; readonly energyWh: number; readonly starts: number };
export type Month = {
  readonly machines: readonly Machine[];
  readonly traces: readonly Int32Array[];
  readonly t0: number;
  readonly days: number;
  /** of local time, for the whole month */
  readonly offsetMs: number;
};
const perDay = 86_400_000 / stepMs;

/** What is used of the package; it is installed apart, so its types are not at hand. */
type Duck = {
  readonly INTEGER: unknown;
  readonly DuckDBInstance: { create(path: string): Promise<{ connect(): Promise<DuckConnection>; closeSync(): void }> };
  readonly DuckDBDataChunk: {
    create(types: readonly unknown[], rows?: number): { rowCount: number; setColumnValues(at: number, values: readonly number[]): void };
  };
};
type DuckConnection = {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getRows(): unknown[][] }>;
  createAppender(table: string): Promise<{ appendDataChunk(chunk: unknown): void; closeSync(): void }>;
  closeSync(): void;
};

/** From test/bench/duckdb, at its lock's version, into build/: no hub installs it. */
function duckdb(): Duck {
  const [own, shop] = [join("test", "bench", "duckdb"), join("build", "bench-duckdb")];
  mkdirSync(shop, { recursive: true });
  const [lock, stamp] = [join(own, "package-lock.json"), join(shop, "installed-lock.json")];
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== readFileSync(lock, "utf8")) {
    for (const file of ["package.json", "package-lock.json"]) cpSync(join(own, file), join(shop, file));
    execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: shop, stdio: "inherit" });
    cpSync(lock, stamp);
  }
  return createRequire(join(process.cwd(), shop, "package.json"))("@duckdb/node-api") as Duck;
}

export type Floor = { ask(): Promise<Totals[]>; close(): Promise<void> };

export async function duckFloor(path: string, month: Month): Promise<Floor> {
  const duck = duckdb();
  const instance = await duck.DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run("CREATE TABLE raw (tenths INTEGER)");
  const appender = await connection.createAppender("raw");
  for (const trace of month.traces) {
    for (let from = 0; from < trace.length; from += 2048) {
      const values = Array.from(trace.subarray(from, from + 2048));
      const chunk = duck.DuckDBDataChunk.create([duck.INTEGER], values.length);
      chunk.setColumnValues(0, values);
      appender.appendDataChunk(chunk);
    }
  }
  appender.closeSync();
  const count = month.days * perDay;
  await connection.run(
    `CREATE TABLE samples AS SELECT (rowid // ${count})::SMALLINT AS machine, ${month.t0} + (rowid % ${count}) * ${stepMs} AS t, tenths FROM raw ORDER BY rowid`,
  );
  await connection.run("DROP TABLE raw");
  await connection.run("CREATE TABLE machines (machine SMALLINT, work INTEGER)");
  await connection.run(`INSERT INTO machines VALUES ${month.machines.map(({ kind }, i) => `(${i}, ${kind.classes.workW * 10})`).join()}`);
  await connection.run("CHECKPOINT");
  // Rows lie in order of machine and time, so that the row before is the sample before: no sorting is needed.
  const sql = `SELECT machine, (t + ${month.offsetMs}) // 86400000 AS day, count(*) FILTER (prev >= work) AS busy,
      sum(prev + tenths) AS tenths, count(*) FILTER (tenths >= work AND (prev IS NULL OR prev < work)) AS starts
    FROM (SELECT s.*, m.work, CASE WHEN lag(s.machine) OVER () = s.machine THEN lag(s.tenths) OVER () END AS prev
      FROM samples s JOIN machines m USING (machine)) GROUP BY ALL`;
  return {
    async ask() {
      const totals = month.machines.map(() => ({ busyMs: 0, energyWh: 0, starts: 0 }));
      for (const [machine, , busy, tenths, starts] of (await connection.runAndReadAll(sql)).getRows()) {
        const total = totals[Number(machine)];
        if (total === undefined) continue;
        total.busyMs += Number(busy) * stepMs;
        total.energyWh += (Number(tenths) / 20 / 3_600_000) * stepMs;
        total.starts += Number(starts);
      }
      return totals;
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

const linesPerRequest = 20_000;

/** The points as the hub writes them, `days` of them; asked by InfluxQL as well as it can tell. */
export async function influxFloor(url: string, month: Month, days: number): Promise<Floor> {
  const query = async (q: string): Promise<readonly { tags: { machine: string }; values: (number | null)[][] }[]> => {
    const answer = await fetch(`${url}/query?db=usage&epoch=ms`, { method: "POST", body: new URLSearchParams({ q }) });
    const { results } = (await answer.json()) as {
      results: { error?: string; series?: { tags: { machine: string }; values: (number | null)[][] }[] }[];
    };
    const failure = results.find(({ error }) => error !== undefined);
    if (failure !== undefined) throw new Error(`bench: InfluxDB says ${failure.error} to ${q}`);
    return results[0]?.series ?? [];
  };
  await query("CREATE DATABASE usage");
  const count = days * perDay;
  for (const [i, { name }] of month.machines.entries()) {
    for (let from = 0; from < count; from += linesPerRequest) {
      let body = "";
      for (let k = from; k < Math.min(count, from + linesPerRequest); k += 1) {
        body += `power,machine=${name} power_w=${(month.traces[i]?.[k] ?? 0) / 10} ${month.t0 + k * stepMs}\n`;
      }
      const answer = await fetch(`${url}/write?db=usage&precision=ms`, { method: "POST", body });
      if (answer.status !== 204) throw new Error(`bench: InfluxDB does not take the points (${answer.status})`);
    }
  }
  const during = `time >= ${month.t0}ms AND time < ${month.t0 + count * stepMs}ms`;
  const at = new Map(month.machines.map(({ name }, i) => [name, i]));
  const perDayTz = `GROUP BY time(1d, ${-month.offsetMs / 3_600_000}h), machine fill(none)`;
  return {
    async ask() {
      const totals = month.machines.map(() => ({ busyMs: 0, energyWh: 0, starts: 0 }));
      const into = (found: Awaited<ReturnType<typeof query>>, add: (total: (typeof totals)[number], value: number) => void): void => {
        for (const { tags, values } of found) {
          const total = totals[at.get(tags.machine) ?? -1];
          if (total !== undefined) for (const [, value] of values) add(total, value ?? 0);
        }
      };
      into(await query(`SELECT integral(power_w, 1h) FROM power WHERE ${during} ${perDayTz}`), (total, wh) => {
        total.energyWh += wh;
      });
      for (const kind of kinds) {
        const busy = `${during} AND machine =~ /^${kind.name}-/ AND power_w >= ${kind.classes.workW}`;
        into(await query(`SELECT count(power_w) FROM power WHERE ${busy} ${perDayTz}`), (total, n) => {
          if (total.busyMs === 0) total.starts += 1; // the first work of all follows on none
          total.busyMs += n * stepMs;
        });
        const pauses = `SELECT elapsed(power_w, ${stepMs}ms) AS steps FROM power WHERE ${busy} GROUP BY machine`;
        into(await query(`SELECT count(steps) FROM (${pauses}) WHERE ${during} AND steps > 1 ${perDayTz}`), (total, n) => {
          total.starts += n;
        });
      }
      return totals;
    },
    async close() {},
  };
}
