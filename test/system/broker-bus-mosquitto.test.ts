/** The shared bus suite against a real mosquitto that runs with our generated access list, once for each MQTT version. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { connectExternalBroker } from "../../hub/broker/external.ts";
import { mosquittoConfig } from "../../hub/broker/mosquitto.ts";
import { loadSiteTls } from "../../hub/broker/site-ca.ts";
import { accounts, busSuite, type Endpoint, secretOf, silentLog, site } from "../support/bus-suite.ts";

const hub = { username: "koprade-hub", secret: "hub-secret" };

describe.each([
  { version: 4 as const, name: "3.1.1" },
  { version: 5 as const, name: "5" },
])("mosquitto over MQTT $name", ({ version }) => {
  busSuite(async () => {
    const mosquitto = await startMosquitto();
    const { port, caPem } = mosquitto.endpoint;
    const bus = await connectExternalBroker({
      site,
      url: `mqtts://localhost:${port}`,
      username: hub.username,
      password: hub.secret,
      caPem: caPem ?? "",
      protocolVersion: version,
      log: silentLog,
    });
    return {
      bus,
      endpoint: mosquitto.endpoint,
      close: async () => {
        await bus.close();
        await mosquitto.stop();
      },
    };
  });
});

describe("the way to an external broker", () => {
  it("says that the account was refused, and that nobody answers", async () => {
    const mosquitto = await startMosquitto();
    const url = `mqtts://localhost:${mosquitto.endpoint.port}`;
    const given = { site, url, username: hub.username, caPem: mosquitto.endpoint.caPem ?? "", log: silentLog };
    await expect(connectExternalBroker({ ...given, password: "wrong" })).rejects.toMatchObject({ code: "BROKER_CREDENTIALS" });
    await mosquitto.stop();
    await expect(connectExternalBroker({ ...given, password: hub.secret })).rejects.toMatchObject({ code: "BROKER_UNREACHABLE" });
  });
});

async function startMosquitto(): Promise<{ endpoint: Endpoint; stop: () => Promise<void> }> {
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
    accounts: [
      ...accounts.nodes.map((id) => ({ identity: { role: "node" as const, id }, secret: secretOf(id) })),
      ...accounts.displays.map((id) => ({ identity: { role: "display" as const, id }, secret: secretOf(id) })),
      ...accounts.newcomers.map((id) => ({ identity: { role: "newcomer" as const, id }, secret: secretOf(`enrol-${id}`) })),
    ],
  });
  await Promise.all([
    // As root mosquitto would change to a user of its own, who may not read this folder.
    writeFile(join(dir, "conf"), `${files.conf}user root\n`),
    writeFile(join(dir, "acl"), files.acl, { mode: 0o600 }),
    writeFile(join(dir, "passwords"), files.passwords, { mode: 0o600 }),
  ]);
  const child = spawn("mosquitto", ["-c", join(dir, "conf")], { stdio: ["ignore", "ignore", "pipe"] });
  await running(child);
  return {
    endpoint: { port, caPem: tls.caPem },
    stop: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}
