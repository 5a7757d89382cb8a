/** A real hub and the real host process beside it, with one hosted node whose devices are simulated at the other end of real MQTT. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { configSchema } from "../../hub/config.ts";
import { type HostProcess, startHostProcess } from "../../hub/host/host-process.ts";
import { type HostedDeviceFile, type HostedFile, passwordHash } from "../../hub/host/hosted-file.ts";
import { writeHosted } from "../../hub/host/hosted-folder.ts";
import { nodeKeysText } from "../../hub/ledger/keys.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import type { Log } from "../../hub/ports.ts";
import { openStack, type Stack } from "../../hub/stack.ts";
import { systemClock, systemIds } from "../../hub/system.ts";
import { freePort } from "./hub-process.ts";
import { takeOverAll } from "./ledger.ts";
import { slowdown } from "./slowdown.ts";

export const site = "hosted-test";
export const password = "0123456789abcdef0123456789abcdef";
export const by = "cli:test";
const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export type HostedSpace = {
  readonly dir: string;
  readonly url: string;
  stack(): Stack;
  ledger(): Ledger;
  host(): HostProcess;
  stopHub(): Promise<void>;
  startHub(): Promise<void>;
  startHost(): Promise<void>;
  /** kinds of the events of a node, oldest first */
  kinds(node: string): string[];
  close(): Promise<void>;
};

export const deviceRow = (
  row: Pick<HostedDeviceFile, "account" | "family" | "name" | "parts"> & Partial<HostedDeviceFile>,
): HostedDeviceFile => ({
  channel: 0,
  options: {},
  secretHash: passwordHash(password),
  ...row,
});

export async function openHostedSpace(given: {
  readonly furnish: (ledger: Ledger) => Promise<void>;
  readonly files: readonly Omit<HostedFile, "site" | "hub">[];
  /** a broker that the space has already */
  readonly bridge?: { readonly url: string; readonly username: string; readonly password: string };
}): Promise<HostedSpace> {
  const dir = await mkdtemp(join(tmpdir(), "koprade-hosted-"));
  const [tlsPort, foreignPort] = [await freePort(), await freePort()];
  const config = configSchema.parse({ site, mqtt: { tlsPort } });
  const open = () => openStack({ dir, config, ownerExists: false, clock: systemClock, ids: systemIds, log: quiet });
  const startHost = () =>
    startHostProcess(
      {
        folder: join(dir, "hosted"),
        listen: { port: foreignPort, host: "127.0.0.1" },
        bridge: given.bridge ?? null,
        logLevel: process.env.HOST_LOG === undefined ? "error" : "info",
        times: { heartbeatMs: 1000, backoffMinMs: 50, backoffMaxMs: 400, hubLossMs: 500 },
      },
      quiet,
    );
  let stack = await open();
  await given.furnish(stack.ledger);
  await takeOverAll(stack.ledger);
  for (const file of given.files) {
    const { secret } = await stack.ledger.change.renewNodeSecret({ node: file.node }, by);
    const row = stack.ledger.read.node(file.node) ?? { node: file.node, macSerial: 0 };
    const keys = nodeKeysText(stack.ledger.keys, row, secret, stack.ledger.read.site().cardGeneration);
    const hub = { url: `mqtts://127.0.0.1:${tlsPort}`, caFile: "ca.crt" };
    writeHosted({ folder: join(dir, "hosted"), file: { ...file, site, hub }, keys, caPem: stack.tls?.caPem ?? null });
  }
  let host = await startHost();
  return {
    dir,
    url: `mqtt://127.0.0.1:${foreignPort}`,
    stack: () => stack,
    ledger: () => stack.ledger,
    host: () => host,
    stopHub: () => stack.close(),
    async startHub() {
      stack = await open();
    },
    async startHost() {
      host = await startHost();
    },
    kinds: (node) =>
      stack.ledger.read
        .events({ node, limit: 500 })
        .toSorted((a, b) => (a.boot === b.boot ? a.seq - b.seq : a.recvMs - b.recvMs))
        .map(({ body }) => body.kind),
    async close() {
      await host.stop();
      await stack.close();
      await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

export async function until(what: string, isTrue: () => boolean, limitMs = 10_000): Promise<void> {
  const from = performance.now();
  const mostMs = limitMs * slowdown();
  while (!isTrue()) {
    if (performance.now() - from > mostMs) throw new Error(`waited ${Math.round(mostMs)} ms for ${what}`);
    await pause(20);
  }
}
export { pause };
