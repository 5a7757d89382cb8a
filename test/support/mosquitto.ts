/** A real mosquitto with our generated access list, in a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MosquittoAccount, mosquittoConfig } from "../../hub/broker/mosquitto.ts";
import { loadSiteTls } from "../../hub/broker/site-ca.ts";
import { accounts, type Endpoint, secretOf, site as suiteSite } from "./bus-suite.ts";
import { freePort } from "./hub-process.ts";

export const hub = { username: "koprade-hub", secret: "hub-secret" };

export type Site = { readonly site: string; readonly accounts: readonly MosquittoAccount[] };
export type Mosquitto = {
  readonly endpoint: Endpoint;
  readonly caFile: string;
  /** ends it, does what is given while it is away, and begins it again on the same port; it has kept nothing */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
};

const suite: Site = {
  site: suiteSite,
  accounts: [
    ...accounts.nodes.map((id) => ({ identity: { role: "node" as const, id }, secret: secretOf(id) })),
    ...accounts.displays.map((id) => ({ identity: { role: "display" as const, id }, secret: secretOf(id) })),
    ...accounts.newcomers.map((id) => ({ identity: { role: "newcomer" as const, id }, secret: secretOf(`enrol-${id}`) })),
  ],
};

/** Runs mosquitto with our generated files for the hub's account and those of a site: the suite's, if no other is given. */
export async function startMosquitto({ site, accounts: known }: Site = suite): Promise<Mosquitto> {
  const dir = await mkdtemp(join(tmpdir(), "koprade-mosquitto-"));
  const tls = await loadSiteTls({ dir: join(dir, "ca"), site, names: [], nowMs: Date.now() });
  const port = await freePort();
  const files = mosquittoConfig({
    site,
    hub,
    port,
    bindAddress: "127.0.0.1",
    tls: { certFile: join(dir, "ca/server.crt"), keyFile: join(dir, "ca/server.key") },
    aclFile: join(dir, "acl"),
    passwordFile: join(dir, "passwords"),
    accounts: known,
  });
  await Promise.all([
    // As root mosquitto would change to a user of its own, who may not read this folder.
    writeFile(join(dir, "conf"), `${files.conf}user root\n`),
    writeFile(join(dir, "acl"), files.acl, { mode: 0o600 }),
    writeFile(join(dir, "passwords"), files.passwords, { mode: 0o600 }),
  ]);
  const begin = async (): Promise<ChildProcess> => {
    const started = spawn("mosquitto", ["-c", join(dir, "conf")], { stdio: ["ignore", "ignore", "pipe"] });
    await running(started);
    return started;
  };
  let child = await begin();
  const end = async (): Promise<void> => {
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  };
  return {
    endpoint: { port, caPem: tls.caPem },
    caFile: join(dir, "ca/ca.crt"),
    restart: async (meanwhile) => {
      await end();
      await meanwhile?.();
      child = await begin();
    },
    stop: async () => {
      await end();
      await rm(dir, { recursive: true });
    },
  };
}

async function running(child: ChildProcess): Promise<void> {
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(" running")) resolve();
    });
    child.once("exit", () => reject(new Error(`mosquitto ended: ${said}`)));
    child.once("error", reject);
  });
}
