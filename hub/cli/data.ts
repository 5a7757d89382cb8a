/** The data folder: where it is, its configuration, its ledger, and the mark that keeps simulated data apart. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseDocument } from "yaml";
import { type Config, readConfig } from "../config.ts";
import { HubError, sqliteCode, systemCode } from "../errors.ts";
import { ledgerPath, openLedger } from "../ledger/ledger.ts";
import type { Ledger } from "../ledger/types.ts";
import { type Context, failed } from "./command.ts";
import { askControl, controlPath } from "./control.ts";
import type { World } from "./world.ts";

export const configFile = "koprade.yaml";
const configBytesMax = 65_536;
/** Stands in a folder of simulated data, so that neither side takes the other's. */
const demoMark = "SIMULATED";

export function dataFolder(given: string | undefined, world: World): string {
  const named = given ?? world.env.KOPRADE_DATA ?? "";
  return resolve(world.cwd, named === "" ? "data" : named);
}

/** True for what a demo made: it carries the mark, or its ledger says that it is simulated. */
export const isDemoFolder = (dir: string): boolean => existsSync(join(dir, demoMark)) || ledgerSays(dir, "demo") === "yes";

/** A single fact out of a folder's ledger without opening the whole of it; undefined when there is none or it cannot be read. */
export function ledgerSays(dir: string, key: "site" | "demo"): string | undefined {
  if (!existsSync(ledgerPath(dir))) return undefined;
  try {
    const db = new DatabaseSync(ledgerPath(dir), { readOnly: true, timeout: 2000 });
    try {
      const value = db.prepare("SELECT value FROM meta WHERE key = ?").get(key)?.value;
      return typeof value === "string" ? value : undefined;
    } finally {
      db.close();
    }
  } catch (error) {
    if (sqliteCode(error) !== undefined) return undefined; // damaged or not ours: whoever opens it says so
    throw error;
  }
}

/** Throws CliError (1) when a hub is running on the folder. */
export async function needNoHub(dir: string, what: string): Promise<void> {
  if ((await askControl(controlPath(dir), { op: "status" })).kind === "no_hub") return;
  throw failed(`${what} (${dir}). Stop it first: Ctrl+C in its terminal, or \`systemctl stop koprade\`.`);
}

export function markDemoFolder(dir: string): void {
  writeFileSync(join(dir, demoMark), "Everything in this folder is simulated. Remove it with: koprade demo remove\n");
}

/** Makes the folder, for its owner only. */
export function makeFolder(dir: string): void {
  try {
    makeFolders(dir);
  } catch (error) {
    throw new HubError("DATA_FOLDER", dir, error);
  }
}

/** Level by level: Node's own recursive mkdir never comes back from a place such as /proc, where a parent exists and takes nothing. */
function makeFolders(dir: string): void {
  if (!existsSync(dirname(dir))) makeFolders(dirname(dir));
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== "EEXIST" || !statSync(dir).isDirectory()) throw error;
  }
}

/**
 * The configuration of a folder, with the environment and `overrides` on top. Throws CliError (1) with one sentence per
 * problem.
 */
export function configOf(dir: string, world: World, overrides: Readonly<Record<string, string | undefined>> = {}): Config {
  const path = join(dir, configFile);
  const given = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  const read = readConfig(yamlOf(path), { ...world.env, ...given }, path);
  if (!read.ok) throw failed(read.problems.join("\n"));
  return read.config;
}

/** A YAML file's value, or undefined when there is no file. Throws CliError (1) with line and column. */
export function yamlOf(path: string): unknown {
  let text: string;
  try {
    if (statSync(path).size > configBytesMax)
      throw failed(`${path}: larger than ${configBytesMax} bytes; a configuration is a page of text.`);
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    if (systemCode(error) === undefined) throw error;
    throw failed(`${path}: cannot be read (${systemCode(error)}); check that it is a file and that this user may read it.`);
  }
  const document = parseDocument(text, { prettyErrors: true });
  const problem = document.errors[0];
  if (problem === undefined) return document.toJS({ maxAliasCount: 10 });
  const at = problem.linePos?.[0];
  throw failed(
    `${path}${at === undefined ? "" : `:${at.line}:${at.col}`}: ${problem.message.split("\n")[0]} Write one field per line, such as "site: valmiera".`,
  );
}

/** Opens the ledger of an existing site, runs `work`, and closes it again whatever happens. */
export async function withLedger<Result>(context: Context, work: (ledger: Ledger, config: Config) => Promise<Result>): Promise<Result> {
  const { dataDir, world } = context;
  if (!existsSync(ledgerPath(dataDir))) {
    throw failed(`There is no site in ${dataDir} yet. Start one with \`koprade start\`, or name its folder with --data.`);
  }
  // The folder knows its site; the configuration only names new ones.
  const config = configOf(dataDir, world, { KOPRADE_SITE: ledgerSays(dataDir, "site") });
  const quiet = { info: () => {}, warn: () => {}, error: () => {} };
  const ledger = await openLedger({ dir: dataDir, site: config.site, tz: config.tz, role: "tool" }, { clock: world.clock, log: quiet });
  try {
    return await work(ledger, config);
  } finally {
    await ledger.close();
  }
}
