/**
 * The real node program with its real outbox, snapshot files and TLS connection; only hands and electricity are played. Many
 * of them fit in one process, so that twenty nodes can load one hub.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createDoorNode, type DoorNode } from "../../devices/door/door-node.ts";
import { loadNodeConfig, openPorts } from "../../devices/kit/host.ts";
import type { NodePorts } from "../../devices/kit/node.ts";
import type { CardReader } from "../../devices/kit/reader-channel.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { writeNode } from "../../simulators/node-folder.ts";
import { type HubFolder, site } from "./hub-process.ts";

export type Release = { readonly atMs: number; readonly released: boolean };
export type TestVerdict = { readonly granted: boolean; readonly said: string | null; readonly tookMs: number };
export type TestDoor = {
  readonly node: DoorNode;
  /** a card for one frame time, until its verdict: granted means said so and the lock released */
  tap(number: string): Promise<TestVerdict>;
  /** keys of a keypad, the last of which is answered */
  press(keys: string): Promise<TestVerdict>;
  /** keys that nobody answers */
  type(keys: string): void;
  isReleased(): boolean;
  /** what the beeper was told, in order */
  readonly beeps: readonly string[];
  stop(): Promise<void>;
};

export const testTimes = { heartbeatMs: 1000, backoffMinMs: 50, backoffMaxMs: 400, ackLimitMs: 2000, hubLossMs: 500 };

/** Writes a door node's folder (`node.yaml`, keys, CA) under the hub's folder; gives its path. */
export async function doorFolder(hub: HubFolder, ledger: Ledger, node: string): Promise<string> {
  const folder = join(hub.dir, "nodes");
  await mkdir(folder, { recursive: true });
  const file = {
    site,
    node,
    kind: "door",
    hub: { url: `mqtts://127.0.0.1:${hub.mqttPort}`, caFile: "ca.pem" },
    trustSystemClock: true,
    logLevel: "error",
    times: testTimes,
    board: { port: "/dev/null" },
    door: { ch: "door", reader: { kind: "rdm6300", port: "/dev/null" }, strike: { pin: 4 } },
  };
  return await writeNode({ ledger, caPem: hub.caPem }, folder, node, file);
}

/** Starts the node program of such a folder with a played reader and lock. */
export function startDoor(configPath: string): TestDoor {
  const ports = portsOf(configPath);
  let onRead: Parameters<CardReader["onRead"]>[0] = () => undefined;
  let released = false;
  const beeps: string[] = [];
  let decided: (() => void) | undefined;
  /** Released already, a grant only extends the time: then the word is the verdict; otherwise the lock is. */
  let said: string | null = null;
  const say = (key: string): void => {
    said = key;
    if (key !== "wait" && (key !== "granted" || released)) decided?.();
  };
  const node = createDoorNode({
    ports,
    ch: "door",
    fw: "test",
    hw: "test",
    hardware: {
      reader: {
        onRead: (listener) => {
          onRead = listener;
        },
        onState: () => undefined,
        close: () => undefined,
      },
      lock: {
        release(_limitMs, done) {
          released = true;
          decided?.();
          done(null);
        },
        lock(done) {
          released = false;
          done(null);
        },
      },
      contact: null,
      exitButton: null,
      signs: { say, beep: (pattern) => void beeps.push(pattern), siren: () => undefined },
      board: null,
      close: () => undefined,
    },
  });
  node.start();
  const type = (keys: string) => {
    for (const key of keys) onRead({ kind: "key", key });
  };
  const verdictOf = async (shows: () => void) => {
    const from = performance.now();
    said = null;
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error("no verdict within a minute")), 60_000);
      decided = () => {
        clearTimeout(limit);
        resolve();
      };
      shows();
    });
    decided = undefined;
    return { granted: said === "granted" && released, said, tookMs: performance.now() - from };
  };
  return {
    node,
    isReleased: () => released,
    beeps,
    tap: (number) => verdictOf(() => onRead({ kind: "card", number })),
    press: (keys) => verdictOf(() => type(keys)),
    type,
    stop: () => node.stop(),
  };
}

export function portsOf(configPath: string): NodePorts {
  const config = loadNodeConfig(configPath);
  if (!config.ok) throw new Error(config.problems.join("\n"));
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const ports = openPorts(config.value, configPath, { log, rssBytes: () => 0, onRestart: () => undefined });
  if (!ports.ok) throw new Error(ports.problems.join("\n"));
  return ports.value;
}
