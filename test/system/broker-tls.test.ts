/** Who gets in at the wire: TLS versions, authorities, stock clients, loopback before an owner, and the versions we rely on. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect as connectTcp } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicPath } from "#contract";
import { createMqttWire } from "../../devices/kit/mqtt-wire.ts";
import { createEmbeddedBroker, type EmbeddedBroker } from "../../hub/broker/embedded.ts";
import { loadSiteTls, type SiteTls } from "../../hub/broker/site-ca.ts";
import { connect, type HubMessage, inbox, pause, secretOf, silentLog, site, subscribe, until } from "../support/bus-suite.ts";

const run = promisify(execFile);
const heard: HubMessage[] = [];
let dir: string;
let tls: SiteTls;
let broker: EmbeddedBroker;
const port = (): number => broker.ports.tls ?? 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "koprade-tls-"));
  tls = await loadSiteTls({ dir: join(dir, "ca"), site, names: outside(), nowMs: Date.now() });
  broker = await createEmbeddedBroker({
    site,
    tls,
    tlsPort: 0,
    log: silentLog,
    verify: async (identity, secret) => Buffer.from(secret).toString() === secretOf(identity.id),
  });
  broker.onMessage((message) => heard.push(message));
});
afterAll(async () => {
  await broker.close();
  await rm(dir, { recursive: true });
});

/** This computer's addresses that are not loopback. */
function outside(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter((one) => !one.internal && one.family === "IPv4").map((one) => one.address),
  );
}

/** The protocol agreed on, or why there is none. */
function shake(options: ConnectionOptions): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: "127.0.0.1", port: port(), servername: "localhost", ca: tls.caPem, ...options });
    socket.once("secureConnect", () => {
      resolve(socket.getProtocol() ?? "none");
      socket.destroy();
    });
    socket.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
  });
}

const opens = (host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connectTcp({ host, port: port() });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.setTimeout(2000, () => resolve(false));
    setTimeout(() => socket.destroy(), 2100);
  });

describe("a node in a hurry", () => {
  it("that sends everything it kept as soon as it is connected is heard once, to the last byte", async () => {
    heard.length = 0;
    const nodes = ["door-1", "laser-1", "victim-1"];
    const ends: string[] = [];
    const wires = nodes.map((node, k) => {
      const wire = createMqttWire({ url: `mqtts://127.0.0.1:${port()}`, clientId: node, password: () => secretOf(node), ca: tls.caPem });
      const statePath = topicPath(site, "nodeState", node);
      const send = (from: number, to: number): void => {
        for (let i = from; i < to; i += 1) {
          const bytes = Buffer.alloc(20 + ((i * 397 + k * 101) % 3000), 66);
          bytes.writeUInt32BE(i);
          connection.publish(topicPath(site, "events", node), bytes, { qos: i < 100 ? 1 : 0, retain: false });
        }
      };
      // The broker answers a subscription later than what follows it: bytes stay unread, for the next message to find.
      const onUp = (): void => {
        connection.subscribe([topicPath(site, "hubTime"), statePath], () => send(60, 100));
        send(0, 60);
        for (let i = 0; i < 10; i += 1) setTimeout(() => send(100 + i * 5, 105 + i * 5), 10 + i);
      };
      const events = { onUp, onDown: (why: string) => ends.push(why), onMessage: () => undefined };
      const connection = wire.dial({ path: statePath, bytes: Buffer.alloc(2) }, events, 30_000);
      return connection;
    });
    const from = (node: string) => heard.filter(({ path }) => path === topicPath(site, "events", node));
    await until("all of it, or an end", () => ends.length > 0 || nodes.every((node) => from(node).length >= 150), 10_000);
    expect(ends).toEqual([]);
    for (const node of nodes) {
      expect(
        from(node)
          .map(({ bytes }) => Buffer.from(bytes).readUInt32BE(0))
          .sort((a, b) => a - b),
      ).toEqual(Array.from({ length: 150 }, (_, i) => i));
    }
    expect(broker.stats().refused).not.toHaveProperty("connection-error");
    await Promise.all(wires.map((wire) => wire.close()));
  });
});

describe("TLS", () => {
  it("speaks 1.2 and 1.3 and nothing older", async () => {
    const old = { ciphers: "DEFAULT@SECLEVEL=0" };
    const agreed = await Promise.all([
      shake({ minVersion: "TLSv1.3" }),
      shake({ maxVersion: "TLSv1.2" }),
      shake({ ...old, minVersion: "TLSv1.1", maxVersion: "TLSv1.1" }),
      shake({ ...old, minVersion: "TLSv1", maxVersion: "TLSv1" }),
    ]);
    console.log(`TLS: ${agreed.join(", ")}`);
    expect(agreed.slice(0, 2)).toEqual(["TLSv1.3", "TLSv1.2"]);
    for (const refused of agreed.slice(2)) expect(refused).toMatch(/ERR_SSL_.*(PROTOCOL|VERSION|ALERT)/);
  });

  it("is believed by nobody who trusts another authority or asked for another name", async () => {
    const other = await loadSiteTls({ dir: join(dir, "other"), site: "elsewhere", names: [], nowMs: Date.now() });
    expect(await shake({ ca: other.caPem })).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    expect(await shake({ servername: "evil.example" })).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    await expect(connect({ port: port(), caPem: other.caPem }, "door-1")).rejects.toThrow("refused");
  });

  it("gives no answer to a client without encryption", async () => {
    await expect(connect({ port: port(), caPem: null }, "door-1")).rejects.toThrow("refused");
    expect(broker.ports.plain).toBeNull();
  });

  it("uses a renewed certificate for the next connection, and ends none", async () => {
    const client = await connect({ port: port(), caPem: tls.caPem }, "door-2");
    const renewed = await loadSiteTls({ dir: join(dir, "ca"), site, names: ["new.local"], nowMs: Date.now() });
    expect(renewed.made).toBe("certificate");
    broker.replaceCertificate(renewed);
    expect(await shake({ servername: "new.local" })).toBe("TLSv1.3");
    expect(client.connected).toBe(true);
    broker.replaceCertificate(tls);
    await client.endAsync();
  });
});

describe("stock clients", () => {
  it("mosquitto_pub and mosquitto_sub do their work over TLS", async () => {
    const caFile = join(dir, "ca/ca.crt");
    const as = (id: string): string[] => [
      "-h",
      "localhost",
      "-p",
      String(port()),
      "--cafile",
      caFile,
      "-i",
      id,
      "-u",
      id,
      "-P",
      secretOf(id),
      "-q",
      "1",
    ];
    await run("mosquitto_pub", [...as("laser-1"), "-t", topicPath(site, "nodeHeartbeat", "laser-1"), "-m", "from a stock client"]);
    expect(heard.map((m) => [m.node, Buffer.from(m.bytes).toString()])).toContainEqual(["laser-1", "from a stock client"]);
    const waiting = run("mosquitto_sub", [...as("laser-1"), "-t", topicPath(site, "eventAck", "laser-1"), "-C", "1", "-W", "5"]);
    await until("it is there", () => broker.isOnline("laser-1"));
    await pause(150);
    await broker.publish("eventAck", ["laser-1"], Buffer.from("to a stock client"));
    expect((await waiting).stdout.trim()).toBe("to a stock client");
    await expect(run("mosquitto_pub", [...as("laser-1"), "-P", "wrong", "-t", "x", "-m", "x"])).rejects.toThrow();
  });
});

describe("before there is an owner", () => {
  it("the port is open to this computer only, and later to the network, and no connection ends", async () => {
    const [address] = outside();
    const client = await connect({ port: port(), caPem: tls.caPem }, "door-1");
    const got = inbox(client);
    await subscribe(client, topicPath(site, "siteMode"));
    const before = port();
    expect(await opens("127.0.0.1")).toBe(true);
    if (address !== undefined) expect(await opens(address)).toBe(false);
    await broker.setOwnerExists(true);
    expect(port()).toBe(before);
    expect(await opens("127.0.0.1")).toBe(true);
    if (address !== undefined) expect(await opens(address)).toBe(true);
    await broker.publish("siteMode", [], Buffer.from("normal"));
    await until("the old connection hears", () => got.length === 1);
    await broker.setOwnerExists(false);
    if (address !== undefined) expect(await opens(address)).toBe(false);
    console.log(`loopback until an owner exists: checked from ${address ?? "loopback only, this computer has no other address"}`);
    await client.endAsync();
  });

  it("a taken port is named with its remedy", async () => {
    const second = createEmbeddedBroker({ site, tls, tlsPort: port(), log: silentLog, verify: async () => true });
    await expect(second).rejects.toMatchObject({
      code: "PORT_IN_USE",
      fix: expect.stringContaining("koprade.yaml"),
      message: expect.stringContaining(`${port()}`),
    });
  });
});

describe("the parts we rely on", () => {
  it("are aedes 1.2.0 exactly, and no parser or store below the first without known holes", async () => {
    const floors = { aedes: "1.2.0", "aedes-persistence": "11.0.0", "mqtt-packet": "9.0.2", mqemitter: "7.1.0" };
    const require = createRequire(import.meta.url);
    const manifest = async (name: string): Promise<{ version: string }> => {
      for (const root of require.resolve.paths(name) ?? []) {
        const text = await readFile(join(root, name, "package.json"), "utf8").catch(() => undefined);
        if (text !== undefined) return JSON.parse(text);
      }
      throw new Error(`${name} is not installed`);
    };
    for (const [name, floor] of Object.entries(floors)) {
      const { version } = await manifest(name);
      expect([name, version.localeCompare(floor, "en", { numeric: true }) >= 0]).toEqual([name, true]);
    }
    expect((await manifest("aedes")).version).toBe("1.2.0");
    const ours = JSON.parse(await readFile(join(import.meta.dirname, "../../package.json"), "utf8"));
    expect(ours.dependencies.aedes).toBe("1.2.0");
  });
});
