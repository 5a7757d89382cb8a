/** The dashboards for Grafana: each of their queries is put to a real InfluxDB 1.6 that the hub's own series have filled. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { machineStatuses } from "#core";
import { powerClassesOf } from "#core/power-thresholds.ts";
import { createSeries } from "../../hub/series/index.ts";
import { measurements } from "../../hub/series/influx-measurements.ts";
import { startInfluxd } from "../support/influxd.ts";
import { quietLog, realClock, temporaryDir } from "../support/ledger.ts";

const folder = "dashboards/grafana";
const source = z.object({ type: z.literal("influxdb"), uid: z.literal("koprade-influx") });
const dashboardSchema = z.object({
  uid: z.string().regex(/^koprade-[a-z]+$/),
  title: z.string().min(1),
  schemaVersion: z.literal(39),
  templating: z.object({
    list: z.array(
      z.object({
        name: z.string(),
        type: z.string(),
        query: z.string(),
        datasource: source.optional(),
        current: z.object({ value: z.string() }),
      }),
    ),
  }),
  panels: z.array(
    z.object({
      id: z.number().int(),
      title: z.string().min(1),
      type: z.enum(["stat", "timeseries", "state-timeline", "table"]),
      datasource: source,
      fieldConfig: z.object({ defaults: z.object({ unit: z.string().min(1) }) }),
      targets: z.array(z.object({ refId: z.string(), rawQuery: z.literal(true), query: z.string().min(10), datasource: source })).min(1),
    }),
  ),
});
const texts = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => readFileSync(join(folder, file), "utf8"));
const dashboards = texts.map((text) => dashboardSchema.parse(JSON.parse(text)));
const queries = dashboards.flatMap(({ title, panels }) =>
  panels.flatMap((panel) => panel.targets.map(({ refId, query }) => ({ name: `${title}: ${panel.title} ${refId}`, query }))),
);

const hourMs = 3_600_000;
const toMs = Date.now();
const fromMs = toMs - 26 * hourMs;
const machines = ["laser-1", "table-saw"];
const answerSchema = z.object({
  results: z.array(
    z.object({ error: z.string().optional(), series: z.array(z.object({ values: z.array(z.array(z.unknown())) })).default([]) }),
  ),
});
const space = temporaryDir();
let influxd: Awaited<ReturnType<typeof startInfluxd>>;

beforeAll(async () => {
  influxd = await startInfluxd(join(space.dir, "influx"));
  const target = { url: influxd.url, database: "koprade" };
  const series = await createSeries({ dir: join(space.dir, "site"), influx: target }, { clock: realClock, log: quietLog() });
  for (const machine of machines) {
    series.classify(machine, powerClassesOf({ onW: 200 }));
    for (const [i, status] of (["FREE", "IDLE", "BUSY", "OFFLINE", "FREE"] as const).entries())
      series.state(machine, fromMs + i * 5 * hourMs, status);
    for (let atMs = fromMs, counterWh = 0; atMs < toMs; atMs += 20_000) {
      const powerW = Math.floor(atMs / 600_000) % 2 === 0 ? 60 : 900;
      counterWh += powerW / 180;
      const isSilent = Math.floor(atMs / hourMs) % 7 === 0;
      series.power(machine, [{ atMs, powerW: isSilent ? null : powerW, energyWh: isSilent ? null : counterWh }]);
    }
  }
  for (let i = 0; i < 100 && (i === 0 || series.health().waiting > 0); i += 1) {
    await series.flush();
    await pause(100);
  }
  expect(series.health()).toMatchObject({ ok: true, waiting: 0 });
  await series.close();
}, 90_000);
afterAll(async () => {
  await influxd.stop();
  space.remove();
});

/** As Grafana writes it: the time that is shown, its step, every machine, the zone of the space. */
const resolved = (query: string): string =>
  query
    .replaceAll("$timeFilter", `time >= ${fromMs}ms and time <= ${toMs}ms`)
    .replaceAll("$__interval", "10m")
    .replaceAll("$machine", `(${machines.join("|")})`)
    .replaceAll("$zone", "Europe/Riga");

async function ask(query: string): Promise<z.infer<typeof answerSchema>["results"][number]> {
  const answer = await fetch(`${influxd.url}/query?${new URLSearchParams({ db: "koprade", epoch: "ms", q: query })}`);
  const [result] = answerSchema.parse(await answer.json()).results;
  if (result === undefined) throw new Error(`no result for ${query}`);
  return result;
}

test.each(queries)("$name", async ({ query }) => {
  const whole = resolved(query);
  expect(whole).not.toMatch(/\$\w/);
  const { error, series } = await ask(whole);
  expect(error).toBeUndefined();
  expect(series).toHaveLength(machines.length);
  // at least one value of each machine that is neither nothing nor zero
  for (const { values } of series) expect(values.filter(([, value]) => value !== null && value !== 0).length).toBeGreaterThan(0);
});

test("every variable of a dashboard is asked for in it, and lists what there is", async () => {
  for (const [i, { templating, panels }] of dashboards.entries()) {
    const used = panels.flatMap(({ targets }) => targets.map(({ query }) => query)).join("\n");
    for (const { name, type, query } of templating.list) {
      expect(used).toContain(`$${name}`);
      if (type !== "query") continue;
      const { error, series } = await ask(query);
      expect([error, series[0]?.values.map(([, value]) => value).toSorted()]).toEqual([undefined, machines]);
    }
    expect(used.match(/\$(?!timeFilter|__interval|machine|zone)\w+/)).toBeNull();
    expect(texts[i]).not.toMatch(/localhost|https?:|my-space|Riga|laser|printer/i);
  }
});

test("identities are unique, and only what the hub writes is asked for", () => {
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(2);
  const known = Object.entries(measurements).flatMap(([name, { fields }]) => [name, "machine", ...Object.keys(fields)]);
  for (const { panels } of dashboards) {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { query } of panels.flatMap(({ targets }) => targets)) {
      const names = [...query.replaceAll(/ AS "\w+"/g, "").matchAll(/"(\w+)"/g)].map(([, name]) => name);
      expect(names.filter((name) => name === undefined || !known.includes(name))).toEqual([]);
      const words = /"status" =~ \/\^\(([A-Z_|]+)\)\$\//.exec(query)?.[1]?.split("|") ?? [];
      expect(words.filter((word) => !(machineStatuses as readonly string[]).includes(word))).toEqual([]);
    }
  }
});

test("what Grafana provisions names the data source that the dashboards name", () => {
  const read = (kind: string): unknown => parse(readFileSync(join(folder, "provisioning", kind, "koprade.yaml"), "utf8"));
  const { datasources } = z
    .object({ datasources: z.array(z.looseObject({ uid: z.string(), type: z.string() })) })
    .parse(read("datasources"));
  expect(datasources).toEqual([expect.objectContaining({ uid: "koprade-influx", type: "influxdb" })]);
  const { providers } = z.object({ providers: z.array(z.object({ options: z.object({ path: z.string() }) })) }).parse(read("dashboards"));
  expect(providers.map(({ options }) => options.path)).toEqual(["/var/lib/grafana/koprade"]);
  expect(readFileSync("hub/README.md", "utf8")).toContain("/var/lib/grafana/koprade");
});
