/**
 * Mutation testing of what decides and what switches: Stryker changes the rules, the interlock and the sessions in every way it
 * knows, one change at a time, and the core's unit tests must notice. Survivors go to test/mutation/survivors.md, each with its
 * reason from reasons.ts. Exhaustive, so the seed means nothing; a room that has not changed is taken from the last run.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { reasons } from "../mutation/reasons.ts";

export const name = "mutation";

const root = fileURLToPath(new URL("../..", import.meta.url));
const own = join(root, "test", "mutation");
/** Stryker has a lock of its own: no hub ever installs it. */
const shop = join(root, "node_modules", ".cache", "koprade-mutation");
/** Tables and scenarios. What draws its cases by chance or plays every sequence (properties, exploration) would take seconds for each mutant. */
const rooms = {
  session: { mutate: ["hub/core/{session*,job-record}.ts"], tests: ["test/hub/core/{session,session-edges,job-record}.test.ts"] },
  access: {
    mutate: ["hub/core/access/**/*.ts", "!hub/core/access/words*.ts"],
    tests: ["test/hub/core/access/{again,decision,explain,favourable,overrides,rules-*,truth-table}.test.ts"],
  },
  interlock: {
    mutate: ["hub/core/interlock*.ts"],
    tests: [
      "test/hub/core/interlock{,-company,-ending,-leaving,-matrix,-off,-others,-rest,-sensed,-table,-work}.test.ts",
      "test/hub/core/scenarios-machines.test.ts",
    ],
  },
} as const;
const roomLimitMs = 45 * 60_000;
const scoreLeast = 85;

const report = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.string(),
      mutants: z.array(
        z.object({
          mutatorName: z.string(),
          replacement: z.string().optional(),
          status: z.string(),
          location: z.object({
            start: z.object({ line: z.number(), column: z.number() }),
            end: z.object({ line: z.number(), column: z.number() }),
          }),
        }),
      ),
    }),
  ),
});
type Survivor = { readonly file: string; readonly line: number; readonly text: string; readonly change: string; readonly why: string };

export async function run(): Promise<{ figures: Record<string, number | string> }> {
  install();
  const figures: Record<string, number | string> = {};
  const survivors: Survivor[] = [];
  let mutants = 0;
  for (const [room, { mutate, tests }] of Object.entries(rooms)) {
    const found = isWanted(room) ? judge(room, mutate, tests) : lastOf(room);
    if (found === null) {
      figures[room] = "not run";
      continue;
    }
    figures[room] = `${found.score.toFixed(1)} % of ${found.mutants}`;
    survivors.push(...found.survivors);
    mutants += found.mutants;
    if (found.score < scoreLeast) process.exitCode = 1;
  }
  const unexplained = survivors.filter(({ why }) => why === "").length;
  writeFileSync(join(own, "survivors.md"), asTable(survivors));
  return { figures: { ...figures, mutants, survivors: survivors.length, unexplained } };
}

function install(): void {
  mkdirSync(shop, { recursive: true });
  const lock = join(own, "package-lock.json");
  const stamp = join(shop, "installed-lock.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === readFileSync(lock, "utf8")) return;
  for (const file of ["package.json", "package-lock.json"]) cpSync(join(own, file), join(shop, file));
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: shop, stdio: "inherit" });
  cpSync(lock, stamp);
}

/** `--room session,access` runs these and takes the others from their last run. */
const wanted = process.argv.includes("--room") ? process.argv[process.argv.indexOf("--room") + 1]?.split(",") : undefined;
const isWanted = (room: string): boolean => wanted?.includes(room) ?? true;
const reportOf = (room: string): string => join(shop, `${room}.json`);
const lastOf = (room: string) =>
  existsSync(reportOf(room)) ? counted(report.parse(JSON.parse(readFileSync(reportOf(room), "utf8")))) : null;

function judge(room: string, mutate: readonly string[], tests: readonly string[]) {
  const jsonReport = reportOf(room);
  const config = join(shop, `${room}.config.json`);
  const settings = {
    testRunner: "koprade",
    plugins: [join(own, "runner.ts")],
    mutate,
    concurrency: Math.max(1, Math.min(4, availableParallelism())),
    coverageAnalysis: "perTest",
    // what runs once, at load (lists, registers, sentences), would load everything again for each mutant; the tables read it as it is
    ignoreStatic: true,
    incremental: true,
    incrementalFile: join(shop, `${room}.incremental.json`),
    reporters: ["json", "progress-append-only"],
    jsonReporter: { fileName: jsonReport },
    // outside node_modules, where Node runs no TypeScript
    tempDirName: join(tmpdir(), "koprade-mutation"),
    maxTestRunnerReuse: 300,
    // a mutant that runs for ever is told by how often it is reached; a busy machine must not look like one
    timeoutMS: 30_000,
    ignorePatterns: ["dashboards", "data", "devices/firmware"],
    // Stryker rewrites this file with the API of TypeScript 5; the sources run as they are and need no rewriting.
    tsconfigFile: "none",
  };
  writeFileSync(config, JSON.stringify(settings));
  const stryker = join(shop, "node_modules", "@stryker-mutator", "core", "bin", "stryker.js");
  const done = spawnSync("nice", ["-n", "10", process.execPath, stryker, "run", config], {
    cwd: root,
    env: { ...process.env, MUTATION_TESTS: tests.join(";") },
    stdio: "inherit",
    timeout: roomLimitMs,
  });
  if (done.status !== 0) throw new Error(`Stryker did not finish ${room} in ${roomLimitMs / 60_000} minutes (exit ${done.status})`);
  return counted(report.parse(JSON.parse(readFileSync(jsonReport, "utf8"))));
}

/** Score as Stryker counts it: what no test noticed or reached is a survivor; what does not even load is nobody's. */
function counted({ files }: z.infer<typeof report>) {
  const survivors: Survivor[] = [];
  let noticed = 0;
  for (const [path, { source, mutants }] of Object.entries(files)) {
    const file = path.replace("hub/core/", "");
    const lines = source.split("\n");
    for (const mutant of mutants) {
      if (mutant.status === "Killed" || mutant.status === "Timeout") noticed += 1;
      if (mutant.status !== "Survived" && mutant.status !== "NoCoverage") continue;
      const { line } = mutant.location.start;
      const text = (lines[line - 1] ?? "").trim();
      const change = changeOf(mutant, lines);
      survivors.push({ file, line, text, change, why: whyOf(file, text, change) });
    }
  }
  const mutants = noticed + survivors.length;
  return { mutants, score: mutants === 0 ? 0 : (100 * noticed) / mutants, survivors };
}

const whyOf = (file: string, text: string, change: string): string =>
  reasons.find((one) => file.startsWith(one.file ?? "") && text.includes(one.line ?? "") && (one.change?.test(change) ?? true))?.why ?? "";

function changeOf(
  { location: { start, end }, replacement = "" }: z.infer<typeof report>["files"][string]["mutants"][number],
  lines: readonly string[],
): string {
  const last = start.line === end.line ? end.column - 1 : undefined;
  const before = `${(lines[start.line - 1] ?? "").slice(start.column - 1, last)}${start.line === end.line ? "" : " …"}`;
  return `${before} → ${replacement}`;
}

const cell = (text: string): string => {
  const flat = text.replaceAll(/\s+/g, " ");
  return `\`${(flat.length > 110 ? `${flat.slice(0, 109)}…` : flat).replaceAll("|", "\\|").replaceAll("`", "'")}\``;
};

function asTable(survivors: readonly Survivor[]): string {
  const rows = survivors.map(({ file, line, change, why }) => `| ${file}:${line} | ${cell(change)} | ${why} |`);
  const head =
    "# Mutants that lived\n\nWritten by `npm run campaign mutation`; the reasons stand in reasons.ts.\n\n| where | change | why it may live |\n|---|---|---|\n";
  return `${head}${rows.join("\n")}\n`;
}
