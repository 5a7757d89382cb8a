/**
 * `npm run bench`: ours against the floor, both alive in one run, rounds interleaved; each figure is the median over the
 * rounds. Writes test/bench/results.json and the table in the README. Takes less than six minutes. `--rounds N` for another
 * number; `--only taps,flood` for some measures, which then are printed and not written.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { withTable } from "../docs.ts";
import { type Line, type Size, whole } from "./lines.ts";
import { measureFacts } from "./measure-facts.ts";
import { measureHosted } from "./measure-hosted.ts";
import { measureEvents, measureFlood, measureIngest } from "./measure-ingest.ts";
import { measureMemory, measureStart } from "./measure-memory.ts";
import { measureNode } from "./measure-node.ts";
import { measureReport } from "./measure-report.ts";
import { measureMixed, measureSlowDisk, measureTaps } from "./measure-taps.ts";
import { measureUsage } from "./measure-usage.ts";

export const measures = {
  taps: measureTaps,
  node: measureNode,
  mixed: measureMixed,
  hosted: measureHosted,
  slow: measureSlowDisk,
  ingest: measureIngest,
  flood: measureFlood,
  events: measureEvents,
  facts: measureFacts,
  report: measureReport,
  memory: measureMemory,
  start: measureStart,
  usage: measureUsage,
} as const;

/** All lines of the named measures, in a folder of their own that is gone afterwards. */
export async function bench(size: Size, only: readonly string[], tell: (line: Line) => void): Promise<Line[]> {
  const dir = mkdtempSync(join(tmpdir(), "koprade-bench-"));
  const lines: Line[] = [];
  try {
    for (const [name, measure] of Object.entries(measures)) {
      if (only.length > 0 && !only.includes(name)) continue;
      const made = await measure({ dir, size });
      made.forEach(tell);
      lines.push(...made);
    }
    return lines;
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const mark = { true: "✓", false: "✕", null: "" } as const;
const row = ({ what, ours, floor, ratio, target, met }: Line): string =>
  `| ${what} | ${ours} | ${floor} | ${ratio} | ${target} | ${mark[`${met}`]} |`;

function write(lines: readonly Line[], rounds: number, tookS: number): void {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.versions.node}`;
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync("test/bench/results.json", `${JSON.stringify({ commit, day, machine, rounds, tookS, lines }, null, 2)}\n`);
  const table = [
    `Measured by \`npm run bench\` at ${commit} on ${machine}; medians of ${rounds} interleaved rounds, ${tookS} s.`,
    "",
    "| what | ours | floor | ratio | target | |",
    "|---|---|---|---|---|---|",
    ...lines.map(row),
  ].join("\n");
  const readme = existsSync("README.md") ? readFileSync("README.md", "utf8") : "<!-- bench -->\n<!-- /bench -->\n";
  writeFileSync("README.md", withTable(readme, "bench", table));
}

function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

if (import.meta.main) {
  const rounds = Number(option("rounds") ?? whole.rounds);
  const only = option("only")?.split(",") ?? [];
  const started = performance.now();
  const lines = await bench({ ...whole, rounds }, only, (line) => process.stdout.write(`${row(line)}\n`));
  const tookS = Math.round((performance.now() - started) / 1000);
  process.stdout.write(`took ${tookS} s\n`);
  if (only.length === 0) write(lines, rounds, tookS);
  process.exit(0);
}
