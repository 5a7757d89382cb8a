/**
 * `npm run bench`: ours against the floor, both alive in one run, rounds interleaved; each line is a ratio of medians over the
 * rounds. Writes test/bench/results.json and the table in the README. Takes about four minutes; `--rounds N` for another number.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { withTable } from "../docs.ts";
import { fsyncProbe } from "./fsync.ts";
import { type Line, measureIngest, measureMemory, measureMixed, measureSlowDisk, measureTaps } from "./measures.ts";

const at = process.argv.indexOf("--rounds");
const rounds = at >= 0 ? Number(process.argv[at + 1]) : 5;
const dir = mkdtempSync(join(tmpdir(), "koprade-bench-"));
const started = performance.now();
const lines: Line[] = [];
try {
  const fsync = fsyncProbe(dir, 300);
  lines.push({
    what: "fdatasync of 4 KB on this disk",
    ours: `p50 ${fsync.p50Ms} ms, p99 ${fsync.p99Ms} ms`,
    floor: "–",
    ratio: "–",
    target: "–",
    met: null,
  });
  for (const measure of [measureTaps, measureMixed, measureIngest, measureSlowDisk, measureMemory]) {
    lines.push(...(await measure({ dir, rounds, fsync })));
    process.stdout.write(`${lines.map(({ what, ours, floor, ratio }) => `${what}: ${ours} | ${floor} | ${ratio}`).join("\n")}\n\n`);
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}

const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
const machine = `${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.versions.node}`;
const took = `${Math.round((performance.now() - started) / 1000)} s`;
writeFileSync(
  "test/bench/results.json",
  `${JSON.stringify({ commit, day: new Date().toISOString().slice(0, 10), machine, rounds, took, lines }, null, 2)}\n`,
);
const mark = { true: "✓", false: "✕", null: "" } as const;
const table = [
  `Measured by \`npm run bench\` at ${commit} on ${machine}; medians of ${rounds} interleaved rounds, ${took}.`,
  "",
  "| what | ours | floor | ratio | target | |",
  "|---|---|---|---|---|---|",
  ...lines.map(
    ({ what, ours, floor, ratio, target, met }) => `| ${what} | ${ours} | ${floor} | ${ratio} | ${target} | ${mark[`${met}`]} |`,
  ),
].join("\n");
writeFileSync("README.md", withTable(readFileSync("README.md", "utf8"), "bench", table));
process.stdout.write(`${table}\n`);
process.exit(0);
