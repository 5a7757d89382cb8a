/** `koprade series`: what is exported is what is stored, the past is told anew without losing what was told, no names anywhere. */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSeries } from "../../hub/series/index.ts";
import { exportedParquet } from "../../hub/series/parquet.ts";
import { clock, type Desk, nowMs, openDesk, quiet } from "../hub/cli/desk.ts";

let desk: Desk;
const said = async (line: string): Promise<string> => {
  const { code, out, err } = await desk.run(...line.split(" "));
  expect([code, err], line).toEqual([0, ""]);
  return out;
};
const refused = async (line: string): Promise<string> => {
  const { code, out, err } = await desk.run(...line.split(" "));
  expect(out, line).toBe("");
  expect(code, line).toBeGreaterThan(0);
  return err;
};
/** Sunday's midnight in Riga, ten days before the desk's now: its runs are packed by then. */
const fromMs = Temporal.ZonedDateTime.from("2026-11-29T00:00[Europe/Riga]").epochMilliseconds;

beforeAll(async () => {
  desk = openDesk();
  await desk.makeSite();
  await said("node add node-1 --kind machine --hub hub.local --meter /dev/ttyUSB1");
  await said("course add basics");
  await said("machine add laser-1 --label Ilze --node node-1 --ch laser --risk B --cut-hazard no --course basics --set onW=300,offW=200");
  const series = await createSeries({ dir: desk.dataDir, influx: null }, { clock, log: quiet });
  const days = Array.from({ length: 2 * 8640 + 2 }, (_, i) => ({
    atMs: fromMs + i * 10_000,
    powerW: i % 720 < 180 ? 250 : 0.5,
    energyWh: null,
  }));
  series.power("laser-1", days);
  series.power("saw-1", days.slice(0, 361));
  await series.flush();
  series.power("laser-1", [{ atMs: nowMs, powerW: 0.5, energyWh: null }]);
  await series.flush();
  await series.close();
});
afterAll(() => desk.remove());

it("exports hours, and runs as lines that InfluxDB takes, by local days and machines", async () => {
  const csv = (await said("series export --from 2026-11-29 --to 2026-11-29 --machine laser-1")).trimEnd().split("\r\n");
  expect(csv[0]).toBe("machine,hour_utc,energy_wh,known_s,busy_s,idle_s,starts,version");
  expect(csv).toHaveLength(25);
  // nobody has told the series any thresholds yet: its use is empty, not zero
  expect(csv[1]).toMatch(/^laser-1,2026-11-28T22:00:00\.000Z,12[45]\.\d+,3600,,,,$/);
  const out = await said("series export --what runs --format line --to 2026-11-29 --out runs.txt");
  expect(out).toMatch(/^Wrote .*runs\.txt \(\d+ bytes\)\.\n$/);
  const lines = readFileSync(join(desk.folder, "runs.txt"), "utf8").trimEnd().split("\n");
  expect(lines[0]).toBe(`power,machine=laser-1 power_w=250 ${fromMs}`);
  expect(lines.every((line) => /^power,machine=(laser|saw)-1 power_w=(250|0\.5) \d{13}$/.test(line))).toBe(true);
  expect(new Set(lines).size).toBe(lines.length);
  expect(out + lines.join() + csv.join()).not.toContain("Ilze");
});

it("tells past hours anew by the thresholds of now, again by others, and keeps every version", async () => {
  expect(await said("series recompute")).toMatch(/laser-1: \d+ hours told anew as version 1; .*\nsaw-1: nothing to tell/);
  const used = async () =>
    (await said("series export --from 2026-11-30 --to 2026-11-30 --machine laser-1")).split("\r\n")[1]?.split(",").slice(3);
  expect(await used()).toEqual(["3600", "0", "1800", "0", "1"]);
  await said("policy set laser-1 --set onW=200,offW=100");
  expect(await said("series recompute --machine laser-1 --from 2026-11-30")).toContain("as version 2");
  expect(await used()).toEqual(["3600", "1800", "0", "1", "2"]);
  const before = (await said("series export --to 2026-11-29 --machine laser-1")).split("\r\n")[1]?.split(",");
  expect(before?.slice(4)).toEqual(["0", "1800", "0", "1"]);
});

it("says what is wrong in one sentence", async () => {
  expect(await refused("series export --machine lathe-9")).toContain(
    'Nothing was ever measured of "lathe-9"; there is power of laser-1 or saw-1.',
  );
  expect(await refused("series export --what weeks")).toContain('--what cannot be "weeks"; give hours, minutes or runs.');
  expect(await refused("series export --from 2026-12-01 --to 2026-11-01")).toContain("is not before the end");
  expect(await refused("series export --out none/x.csv")).toContain("cannot be written (ENOENT)");
  expect(await refused("series send")).toContain("No InfluxDB is configured");
});

type Reader = {
  parquetReadObjects(options: { file: ArrayBuffer }): Promise<Record<string, unknown>[]>;
  parquetMetadata(file: ArrayBuffer): { num_rows: bigint; row_groups: unknown[] };
};
/** Read by the library's sister, which shares no code with the writer but the format. */
async function readParquet(name: string) {
  const load = createRequire(createRequire(import.meta.url).resolve("hyparquet-writer"));
  const reader = (await import(pathToFileURL(load.resolve("hyparquet")).href)) as Reader;
  const bytes = readFileSync(join(desk.folder, name));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return { bytes, rows: await reader.parquetReadObjects({ file }), groups: reader.parquetMetadata(file).row_groups.length };
}

it("writes Parquet that reads back as the CSV, with types, and the same bytes each time", async () => {
  for (const what of ["hours", "runs", "minutes"] as const) {
    const csv = (await said(`series export --what ${what}`)).trimEnd().split("\r\n");
    const [names = []] = csv.map((line) => line.split(","));
    await said(`series export --what ${what} --format parquet --out ${what}.parquet`);
    await said(`series export --what ${what} --format parquet --out again.parquet`);
    const { bytes, rows } = await readParquet(`${what}.parquet`);
    expect(bytes.equals(readFileSync(join(desk.folder, "again.parquet")))).toBe(true);
    const spelled = (value: unknown) =>
      value === null
        ? ""
        : value instanceof Date
          ? value.toISOString()
          : typeof value === "number"
            ? String(Math.round(value * 1e6) / 1e6)
            : String(value);
    expect(rows.map((row) => names.map((name) => spelled(row[name])).join(","))).toEqual(csv.slice(1));
    // Minutes of these days are gone: a table without rows is one too.
    expect(rows.length > 24, what).toBe(what !== "minutes");
    if (rows[0] === undefined) continue;
    expect(
      Object.values(rows[0])
        .map((value) => (value instanceof Date ? "date" : typeof value))
        .slice(0, 2),
    ).toEqual(["string", "date"]);
  }
  expect(await refused("series export --format parquet")).toContain("--format parquet is no text; give --out FILE.");
});

it("writes as many groups of rows as there are, and holds one of them at a time", async () => {
  const asked = { what: "runs", machines: [], fromMs: 0, toMs: Number.MAX_SAFE_INTEGER } as const;
  const db = new DatabaseSync(join(desk.dataDir, "series.sqlite"), { readOnly: true });
  const whole = [...exportedParquet(db, asked)];
  const parts = [...exportedParquet(db, asked, 20)];
  db.close();
  const sizes = parts.slice(0, -1).map(({ byteLength }) => byteLength);
  expect(whole.length).toBe(2);
  expect(sizes.length).toBeGreaterThan(2);
  writeFileSync(join(desk.folder, "parts.parquet"), Buffer.concat(parts));
  writeFileSync(join(desk.folder, "whole.parquet"), Buffer.concat(whole));
  const [one, many] = [await readParquet("whole.parquet"), await readParquet("parts.parquet")];
  expect([one.groups, many.groups]).toEqual([1, sizes.length]);
  expect(many.rows).toEqual(one.rows);
});
