/**
 * A node on a real computer: its files, its clock, its connection, from `node.yaml`. The kind's `main.ts` adds the drivers
 * and hands over what only the process knows.
 */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { parse } from "yaml";
import type { Birth } from "#contract";
import { openFileJournal } from "./journal.ts";
import { createKeyring } from "./keyring.ts";
import { createMqttWire } from "./mqtt-wire.ts";
import type { NodePorts } from "./node.ts";
import { type NodeConfigFile, type Read, readNodeConfig, readNodeKeys } from "./node-config.ts";
import { keepFor, type NodeFiles, openNodeFiles } from "./node-files.ts";
import { wiringOf } from "./node-wiring.ts";
import type { Clock, Log } from "./ports.ts";
import { signalDbm } from "./signal.ts";

/** no true time is before the day this program was made */
const builtMs = Date.UTC(2026, 0, 1);
const restartMostMs = 2000;
/** the same program runs again at once, with what is on the disk now */
export const anewExitCode = 76;

/** Reads and checks `node.yaml`; the sentences tell what is wrong and where. An adopted node has its name from its keys. */
export function loadNodeConfig(configPath: string): Read<NodeConfigFile> {
  return load(configPath, (value) => {
    if (!isFields(value) || "node" in value) return readNodeConfig(value, configPath);
    const keys = keysFileOf(configPath, value);
    if (keys !== undefined && !existsSync(keys))
      return problem(
        `${configPath}: the node has no keys yet; \`koprade node run --config ${configPath}\` shows the words by which it is adopted.`,
      );
    const node = keys === undefined ? undefined : nameInKeys(keys);
    return readNodeConfig(node === undefined ? value : { ...value, node }, configPath);
  });
}

/** The file of a node that has no keys yet, and so perhaps no name: `wants` is what its file proposes. */
export function loadNewNode(configPath: string): Read<NodeConfigFile & { readonly wants: string | null }> {
  return load(configPath, (value) => {
    const read = readNodeConfig(isFields(value) && !("node" in value) ? { ...value, node: "new-node" } : value, configPath);
    if (!read.ok) return read;
    return { ok: true, value: { ...read.value, wants: isFields(value) && "node" in value ? read.value.node : null } };
  });
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function load<T>(configPath: string, read: (value: unknown) => Read<T>): Read<T> {
  try {
    return read(parse(readFileSync(configPath, "utf8")));
  } catch (error) {
    return { ok: false, problems: [`${configPath}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}.`] };
  }
}

function keysFileOf(configPath: string, file: Readonly<Record<string, unknown>>): string | undefined {
  const { keysFile = "node-keys.json" } = file;
  if (typeof keysFile !== "string") return undefined;
  return isAbsolute(keysFile) ? keysFile : join(dirname(configPath), keysFile);
}

function nameInKeys(path: string): string | undefined {
  const keys = readNodeKeys(JSON.parse(readFileSync(path, "utf8")), path);
  return keys.ok ? keys.value.node : undefined;
}

export type Host = {
  readonly log: Log;
  readonly rssBytes: () => number;
  /** `code`: other than the watchdog's */
  readonly onRestart: (why: string, code?: number) => void;
};

/** A path of `node.yaml`, which may be given from where the file is. */
export const fileAt = (configPath: string, path: string): string => (isAbsolute(path) ? path : join(dirname(configPath), path));

/** Which node it is, and where its files and its hub are. */
export type NodePlace = Pick<NodeConfigFile, "site" | "node" | "hub" | "keysFile" | "dataFolder" | "trustSystemClock" | "times">;

/** Opens everything a node needs but its hardware. Answers sentences instead when a file is missing, wrong or readable by others. */
export function openPorts(config: NodeConfigFile, configPath: string, host: Host): Read<NodePorts> {
  return openPortsAt(config, wiringOf(config), configPath, host);
}

/** The same for a node that is no `node.yaml`; `wiring` as in `NodePorts`. */
export function openPortsAt(config: NodePlace, wiring: string, configPath: string, host: Host): Read<NodePorts> {
  const at = (path: string) => fileAt(configPath, path);
  const keysPath = at(config.keysFile);
  try {
    if ((statSync(keysPath).mode & 0o077) !== 0)
      return problem(`${keysPath}: other users may read the node's keys; run: chmod 600 ${keysPath}`);
    const text: unknown = JSON.parse(readFileSync(keysPath, "utf8"));
    const keys = readNodeKeys(text, keysPath);
    if (!keys.ok) return keys;
    const { secret, site: _site, node: _node, ca: given, previous, ...held } = keys.value;
    const foreign = (["site", "node"] as const).find((what) => keys.value[what] !== undefined && keys.value[what] !== config[what]);
    if (foreign !== undefined)
      return problem(
        `${configPath}: ${foreign}: is ${config[foreign]}, and the keys in ${keysPath} are of ${keys.value[foreign]}; leave the line out, or remove the keys to be adopted anew.`,
      );
    const ca = config.hub.caFile === undefined ? (given ?? undefined) : readFileSync(at(config.hub.caFile), "utf8");
    const keyring = createKeyring({
      ...{ path: keysPath, site: config.site, node: config.node, log: host.log },
      ...{ file: isFields(text) ? text : {}, now: { secret, mac: held.mac }, before: previous },
    });
    const folder = at(config.dataFolder);
    const aside = keepFor(folder, { site: config.site, node: config.node });
    if (aside !== null) host.log.warn({ folder: aside }, "what this computer kept as another node is set aside");
    const files = openNodeFiles(folder);
    const restart = restartCause(files);
    const ports: NodePorts = {
      site: config.site,
      node: config.node,
      keys: held,
      clock: systemClock(),
      dice: (count) => randomBytes(count),
      log: host.log,
      wire: createMqttWire({ url: config.hub.url, clientId: config.node, password: keyring.secret, onRefused: keyring.refused, ca }),
      keyring,
      onNewKeys: () => host.onRestart("it has new keys", anewExitCode),
      journal: openFileJournal(join(folder, "outbox")),
      files,
      builtMs,
      trustSystemClock: config.trustSystemClock,
      restart,
      rssBytes: host.rssBytes,
      signalDbm: () => signalDbm(),
      times: config.times,
      wiring,
      onRestart: (why) => {
        const end = () => host.onRestart(why);
        files.save("restart", "watchdog").then(end, end);
        ports.clock.after("restart", restartMostMs, end); // a disk that hangs keeps it away no longer
      },
    };
    return { ok: true, value: ports };
  } catch (error) {
    return problem(`${configPath}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** The watchdog of the last life left word; anything else is a plain start. */
function restartCause(files: NodeFiles): Birth["restart"] {
  if (files.load("restart") !== "watchdog") return "start";
  void files.save("restart", "start").catch(() => {}); // told twice at worst
  return "watchdog";
}

function problem(sentence: string): { readonly ok: false; readonly problems: readonly string[] } {
  return { ok: false, problems: [sentence] };
}

/** Monotonic since process start, wall clock from the system. */
export function systemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monoMs: () => performance.now(),
    after(_name, delayMs, run) {
      const timer = setTimeout(run, Math.min(delayMs, 2 ** 31 - 1));
      return () => clearTimeout(timer);
    },
    every(_name, periodMs, run) {
      const timer = setInterval(run, periodMs);
      return () => clearInterval(timer);
    },
  };
}

/** Log lines as JSON, one each; `write` puts them where the operator reads. */
export function jsonLog(node: string, level: "info" | "warn" | "error", write: (line: string) => void): Log {
  const rank = { info: 0, warn: 1, error: 2 };
  const line = (of: keyof typeof rank) => (facts: Readonly<Record<string, unknown>>, sentence: string) => {
    if (rank[of] >= rank[level]) write(`${JSON.stringify({ time: new Date().toISOString(), level: of, node, msg: sentence, ...facts })}\n`);
  };
  return { info: line("info"), warn: line("warn"), error: line("error") };
}
