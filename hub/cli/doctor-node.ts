/** `koprade doctor --config node.yaml`: the same for a node, on its own computer. Nothing is driven, and a node at work is left alone. */
import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { day, hour } from "#contract";
import { loadNodeConfig } from "../../devices/kit/host.ts";
import { type NodeConfigFile, readNodeKeys } from "../../devices/kit/node-config.ts";
import { programVersion } from "../../devices/kit/package-version.ts";
import { openSnapshotStore } from "../../devices/kit/snapshot-store.ts";
import { systemCode } from "../errors.ts";
import { unitFindingOf } from "./doctor-facts.ts";
import { examineLines, holderOf } from "./doctor-lines.ts";
import { examineReach } from "./doctor-reach.ts";
import { bad, clockFinding, diskFree, type Finding, good, note, writable } from "./findings.ts";
import type { World } from "./world.ts";

const run = promisify(execFile);
const nodeFreeBytes = 100 * 1024 * 1024;
/** of 20,000 and more that a node keeps */
const outboxMany = 5000;
const snapshotOldMs = 2 * day;

export async function examineNode(configPath: string, world: World): Promise<Finding[]> {
  if (!existsSync(configPath))
    return [bad("configuration", `there is no ${configPath}.`, "Copy the folder that `koprade node add` wrote onto this computer.")];
  const config = loadNodeConfig(configPath);
  if (!config.ok) return config.problems.map((problem) => bad("configuration", problem, "Correct the line and run this again."));
  const file = config.value;
  const at = (path: string): string => resolve(dirname(configPath), path);
  const folder = at(file.dataFolder);
  const keys = keysFinding(at(file.keysFile));
  const nowMs = world.clock.nowMs();
  const runner = runnerOf(folder);
  return [
    good("configuration", `${file.kind} node ${file.node} of ${file.site}, program version ${programVersion()}.`),
    keys.finding,
    ...authority(file, at, nowMs),
    clockFinding(nowMs),
    ...dataFolder(folder, world),
    outboxFinding(join(folder, "outbox")),
    snapshotFinding(join(folder, "snapshot.kps"), file, keys.keys, nowMs),
    runner === null
      ? note("program", "the node is not running.", `Run it: koprade node run --config ${configPath}`)
      : good("program", `the node runs (process ${runner}).`),
    await unitFinding(configPath),
    ...(await examineLines(file, configPath, runner)),
    ...(await examineReach(file, { caPem: caOf(file, at), secret: keys.keys?.secret ?? null, isRunning: runner !== null })),
  ];
}

type Keys = Extract<ReturnType<typeof readNodeKeys>, { ok: true }>["value"];

function keysFinding(path: string): { finding: Finding; keys: Keys | null } {
  const again = "Copy the file from the folder that `koprade node add` wrote, or make new ones: koprade node renew NODE";
  const wrong = (sentence: string, fix: string) => ({ finding: bad("keys", sentence, fix), keys: null });
  try {
    const mode = statSync(path).mode & 0o777;
    if ((mode & 0o077) !== 0) return wrong(`other users may read ${path} (mode ${mode.toString(8)}).`, `Run: chmod 600 ${path}`);
    const keys = readNodeKeys(JSON.parse(readFileSync(path, "utf8")), path);
    if (!keys.ok) return wrong(keys.problems[0] ?? `${path} is no keys file.`, again);
    return { finding: good("keys", "for this node alone."), keys: keys.value };
  } catch (error) {
    if (error instanceof SyntaxError) return wrong(`${path} is damaged.`, again);
    const code = systemCode(error);
    if (code === undefined) throw error;
    return wrong(
      code === "ENOENT" ? `there is no ${path}.` : `${path} cannot be read (${code}).`,
      code === "ENOENT" ? again : `Give this user the file: sudo chown "$USER" ${path}`,
    );
  }
}

const caOf = (file: NodeConfigFile, at: (path: string) => string): string | undefined => {
  const path = file.hub.caFile === undefined ? undefined : at(file.hub.caFile);
  return path === undefined || !existsSync(path) ? undefined : readFileSync(path, "utf8");
};

function authority(file: NodeConfigFile, at: (path: string) => string, nowMs: number): Finding[] {
  if (file.hub.caFile === undefined) return [];
  const path = at(file.hub.caFile);
  const again = "Copy ca.crt from the folder that `koprade node add` wrote.";
  if (!existsSync(path)) return [bad("certificate authority", `there is no ${path}.`, again)];
  try {
    const ca = new X509Certificate(readFileSync(path));
    if (ca.validFromDate.getTime() > nowMs)
      return [bad("certificate authority", "it begins later than now.", "Set this computer's clock: timedatectl set-ntp true")];
    if (ca.validToDate.getTime() < nowMs)
      return [bad("certificate authority", "it has ended.", "Check the clock; a new authority means renewing every node.")];
    return [good("certificate authority", `valid until ${ca.validToDate.toISOString().slice(0, 10)}.`)];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return [bad("certificate authority", `${path} is damaged.`, again)];
  }
}

function dataFolder(folder: string, { clock }: World): Finding[] {
  if (!existsSync(folder)) return [note("data folder", `${folder} is made at the first start.`)];
  const written = writable(folder, clock.monoMs);
  return written.ok === true ? [written, diskFree(folder, nodeFreeBytes)] : [written];
}

/** What waits for the hub. Lines of a segment that is already acknowledged in part count as well. */
function outboxFinding(folder: string): Finding {
  if (!existsSync(folder)) return note("outbox", "there is none yet.");
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith(".log"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
  const lines = texts.reduce((sum, text) => sum + text.split("\n").length - 1, 0);
  return lines > outboxMany
    ? bad("outbox", `up to ${lines} events wait for the hub.`, "See why it cannot be reached, below; they are kept and sent once it is.")
    : good("outbox", `at most ${lines} events wait for the hub.`);
}

/** Read and verified as the node does it. */
function snapshotFinding(path: string, file: NodeConfigFile, keys: Keys | null, nowMs: number): Finding {
  if (!existsSync(path))
    return note("permissions", "none from the hub yet: without them everybody is refused.", "Let the node reach its hub once.");
  if (keys === null) return note("permissions", "without keys they cannot be checked.");
  const current = openSnapshotStore({
    ...{ site: file.site, node: file.node, publicKey: keys.hub, onOutcome: () => undefined },
    storage: { load: () => ({ snapshot: readFileSync(path), mark: null }), save: async () => undefined },
  }).current();
  if (current === null)
    return bad("permissions", `${path} is damaged, or of another hub.`, "Let the node reach its hub: it fetches them anew by itself.");
  const { issuedMs, count } = current.header;
  const ageMs = nowMs - issuedMs;
  const text = `of ${count} cards, ${ageMs < hour ? "less than an hour" : `${Math.round(ageMs / hour)} h`} old.`;
  return ageMs > snapshotOldMs
    ? bad("permissions", text, "The hub sends new ones at least twice a day: see why it is not reached, below.")
    : good("permissions", text);
}

/** The process that has the newest part of the outbox open: the node at work. */
function runnerOf(folder: string): number | null {
  const outbox = join(folder, "outbox");
  if (!existsSync(outbox)) return null;
  const newest = readdirSync(outbox).sort().at(-1);
  return newest === undefined ? null : (holderOf(join(outbox, newest))?.pid ?? null);
}

const unitName = "koprade-node.service";
async function unitFinding(configPath: string): Promise<Finding> {
  try {
    const { stdout } = await run("systemctl", ["is-enabled", unitName], { timeout: 5000 });
    return unitFindingOf(stdout.trim(), unitName, configPath);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return unitFindingOf(null, unitName, configPath);
    // every answer but "enabled" comes with an exit code
    const said = error instanceof Error && "stdout" in error && typeof error.stdout === "string" ? error.stdout.trim() : "";
    return unitFindingOf(said, unitName, configPath);
  }
}
