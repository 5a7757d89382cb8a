/**
 * `npm run campaign NAME [-- --seed N]`: one long, seeded campaign; its figures are written to test/campaigns.md by the run
 * itself. Without a name it lists what there is.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import * as z from "zod";

const folder = new URL("./campaigns/", import.meta.url);
const table = new URL("./campaigns.md", import.meta.url);
const available = readdirSync(folder)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.replace(/\.ts$/, ""));

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || !available.includes(name)) {
  process.stdout.write(`Campaigns: ${available.join(", ")}\nRun: npm run campaign ${available[0]} -- --seed 1\n`);
  process.exit(name === undefined ? 0 : 2);
}
const at = rest.indexOf("--seed");
const seed = z.coerce
  .number()
  .int()
  .min(0)
  .parse(at >= 0 ? rest[at + 1] : 1);

const loaded: unknown = await import(new URL(`${name}.ts`, folder).href);
const campaign = z
  .object({ name: z.string(), run: z.custom<(seed: number) => Promise<unknown>>((value) => typeof value === "function") })
  .parse(loaded);
const started = performance.now();
const { figures } = z.object({ figures: z.record(z.string(), z.union([z.string(), z.number()])) }).parse(await campaign.run(seed));

const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
const words = Object.entries(figures)
  .map(([key, value]) => `${key} ${value}`)
  .join(" · ");
const line = `| ${name} | ${seed} | ${commit} | ${new Date().toISOString().slice(0, 10)} | ${Math.round((performance.now() - started) / 1000)} s on ${cpus().length} cores | ${words} |`;
const head =
  "# Campaigns\n\nThe last figures of each long run, written by the run itself (`npm run campaign NAME -- --seed N`).\n\n| campaign | seed | commit | day | took | figures |\n|---|---|---|---|---|---|\n";
let lines: string[] = [];
try {
  lines = readFileSync(table, "utf8")
    .split("\n")
    .filter((row) => row.startsWith("| ") && !row.startsWith("| campaign |") && !row.startsWith(`| ${name} |`));
} catch (error) {
  if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}
writeFileSync(table, `${head}${[...lines, line].sort().join("\n")}\n`);
process.stdout.write(`${line}\n`);
process.exit(process.exitCode ?? 0);
