/** The shared bus suite against a real mosquitto that runs with our generated access list, once for each MQTT version. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { topicPath } from "#contract";
import { createEmbeddedBroker } from "../../hub/broker/embedded.ts";
import { createExternalBus } from "../../hub/broker/external.ts";
import { mosquittoConfig } from "../../hub/broker/mosquitto.ts";
import { loadSiteTls } from "../../hub/broker/site-ca.ts";
import { accounts, busSuite, connect, type Endpoint, pause, secretOf, silentLog, site, stateBytes, until } from "../support/bus-suite.ts";

const hub = { username: "koprade-hub", secret: "hub-secret" };

describe.each([
  { version: 4 as const, name: "3.1.1" },
  { version: 5 as const, name: "5" },
])("mosquitto over MQTT $name", ({ version }) => {
  busSuite(async () => {
    const mosquitto = await startMosquitto();
    const { port } = mosquitto.endpoint;
    const bus = await createExternalBus({
      site,
      url: `mqtts://localhost:${port}`,
      username: hub.username,
      password: hub.secret,
      caFile: mosquitto.caFile,
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
    const given = { site, url, username: hub.username, caFile: mosquitto.caFile, log: silentLog };
    await expect(createExternalBus({ ...given, password: "wrong" })).rejects.toMatchObject({ code: "BROKER_CREDENTIALS" });
    await mosquitto.stop();
    const gone = { site, url: url.replace("mqtts", "mqtt"), username: hub.username, password: hub.secret, log: silentLog };
    await expect(createExternalBus(gone)).rejects.toMatchObject({ code: "BROKER_UNREACHABLE" });
  });

  it("falls back to MQTT 3.1.1 for a broker that knows nothing newer", async () => {
    const old = await createEmbeddedBroker({ site, tls: null, plainPort: 0, log: silentLog, verify: async () => true });
    const url = `mqtt://127.0.0.1:${old.ports.plain}`;
    // Our own broker speaks 3.1.1 only, and gives the hub's account none of the site's topics: both answers are told apart.
    await expect(createExternalBus({ site, url, username: "display-hub", password: "x", log: silentLog })).rejects.toMatchObject({
      code: "BUS_REFUSED",
    });
    await expect(
      createExternalBus({ site, url, username: "display-hub", password: "x", log: silentLog, protocolVersion: 5 }),
    ).rejects.toMatchObject({
      code: "BROKER_OLD",
    });
    await old.close();
  });

  it("clears what a node retained where its row says no, and keeps the rest", async () => {
    const mosquitto = await startMosquitto();
    const url = `mqtts://localhost:${mosquitto.endpoint.port}`;
    const given = { site, url, username: hub.username, password: hub.secret, caFile: mosquitto.caFile, log: silentLog };
    const node = await connect(mosquitto.endpoint, "door-1");
    await node.publishAsync(topicPath(site, "events", "door-1"), "kept?", { qos: 1, retain: true });
    await node.publishAsync(topicPath(site, "nodeState", "door-1"), stateBytes("door-1", "online"), { qos: 1, retain: true });
    const heard: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const bus = await createExternalBus(given);
      bus.onMessage((message) => heard.push(`${round} ${message.path.split("/").at(-1)} ${message.retained}`));
      await until("the state came", () => heard.includes(`${round} state true`));
      await pause(100);
      await bus.close();
    }
    expect(heard).toEqual(["0 state true", "1 state true"]);
    await node.endAsync();
    await mosquitto.stop();
  });
});

async function startMosquitto(): Promise<{ endpoint: Endpoint; caFile: string; stop: () => Promise<void> }> {
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
    caFile: join(dir, "ca/ca.crt"),
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
