/**
 * What every `Bus` must do, whatever broker stands behind it. Run against the embedded broker and a real mosquitto. Also: how
 * tests connect a real MQTT client.
 */
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encode, type Topic, topicFilter, topicPath } from "#contract";
import type { Bus, Log } from "../../hub/ports.ts";

export const site = "valmiera";
export const secretOf = (username: string): string => `secret-of-${username}`;
export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Accounts that every fixture's broker knows. */
export const accounts = {
  nodes: ["door-1", "laser-1", "victim-1"],
  displays: ["display-hall"],
  newcomers: ["0123456789abcdef"],
} as const;

export type Endpoint = { readonly port: number; readonly caPem: string | null };
export type BusFixture = { readonly bus: Bus; readonly endpoint: Endpoint; close(): Promise<void> };
export type HubMessage = Parameters<Parameters<Bus["onMessage"]>[0]>[0];

/** Connects a stock MQTT client as `username`; rejects when the broker refuses or 5 s pass. */
export async function connect(endpoint: Endpoint, username: string, more: IClientOptions = {}): Promise<MqttClient> {
  const client = mqtt.connect({
    host: "127.0.0.1",
    port: endpoint.port,
    protocol: endpoint.caPem === null ? "mqtt" : "mqtts",
    ...(endpoint.caPem === null ? {} : { ca: endpoint.caPem, servername: "localhost" }),
    username,
    clientId: username,
    password: secretOf(username),
    clean: true,
    reconnectPeriod: 0,
    queueQoSZero: false,
    connectTimeout: 5000,
    ...more,
  });
  client.on("error", () => undefined);
  const first = await new Promise<"connect" | "close">((resolve) => {
    client.once("connect", () => resolve("connect"));
    client.once("close", () => resolve("close"));
  });
  if (first === "connect") return client;
  client.end(true);
  throw new Error(`${username} was refused`);
}

/** Everything the client is sent from now on, in order. */
export function inbox(client: MqttClient): { path: string; bytes: Buffer; retained: boolean }[] {
  const got: { path: string; bytes: Buffer; retained: boolean }[] = [];
  client.on("message", (path, bytes, packet) => got.push({ path, bytes, retained: packet.retain }));
  return got;
}

/** Polls until `check` holds; fails after `limitMs`. */
export async function until(what: string, check: () => boolean, limitMs = 4000): Promise<void> {
  const startMs = performance.now();
  while (!check()) {
    if (performance.now() - startMs > limitMs) throw new Error(`waited ${limitMs} ms in vain until ${what}`);
    await pause(10);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A subscription, and whether the broker granted it. */
export async function subscribe(client: MqttClient, filter: string): Promise<boolean> {
  try {
    const granted = await client.subscribeAsync(filter, { qos: 1 });
    return granted.every(({ qos }) => qos < 128);
  } catch {
    return false; // mqtt.js tells a refusal as an error
  }
}

const sender = (node: string, conn: number): Parameters<typeof encode>[1] => ({
  id: "01JD0000000000000000000000",
  src: node,
  boot: "00112233445566aa",
  conn,
  mono: 1000,
  ts: null,
  tq: "unknown",
});

/** Bytes of a node's state message. */
export const stateBytes = (node: string, state: "online" | "disconnected" | "lost", conn = 1): Buffer =>
  Buffer.from(encode("nodeState", sender(node, conn), { state }));

const path = (topic: Topic, ...ids: string[]): string => topicPath(site, topic, ...ids);
const willOf = (node: string): IClientOptions["will"] => ({
  topic: path("nodeState", node),
  payload: stateBytes(node, "lost"),
  qos: 1,
  retain: true,
});

export function busSuite(open: () => Promise<BusFixture>): void {
  let fixture: BusFixture;
  let bus: Bus;
  const heard: HubMessage[] = [];
  const changes: { node: string; connected: boolean }[] = [];
  const heardFrom = (node: string, topic: Topic): HubMessage[] => heard.filter((m) => m.node === node && m.path === path(topic, node));
  const as = (username: string, more?: IClientOptions): Promise<MqttClient> => connect(fixture.endpoint, username, more);

  beforeAll(async () => {
    fixture = await open();
    bus = fixture.bus;
    bus.onMessage((message) => heard.push(message));
    bus.onConnection((change) => changes.push(change));
  });
  afterAll(async () => {
    await fixture.close();
  });

  it("hands a node's bytes to the hub with the identity of its connection", async () => {
    const client = await as("door-1");
    const bytes = Buffer.from([0, 1, 2, 255, 254]);
    await client.publishAsync(path("nodeHeartbeat", "door-1"), bytes, { qos: 1 });
    await until("the hub heard", () => heardFrom("door-1", "nodeHeartbeat").length === 1);
    expect(Buffer.from(heardFrom("door-1", "nodeHeartbeat")[0]?.bytes ?? [])).toEqual(bytes);
    await client.endAsync();
  });

  it("brings the hub's exact bytes to the one node they are for", async () => {
    const [door, laser] = [await as("door-1"), await as("laser-1")];
    const [atDoor, atLaser] = [inbox(door), inbox(laser)];
    await subscribe(door, topicFilter(site, "snapshotChunk", "door-1"));
    await subscribe(laser, topicFilter(site, "snapshotChunk", "laser-1"));
    const chunk = Buffer.alloc(32_768, 0xa5);
    await bus.publish("snapshotChunk", ["door-1", "3.17", "0"], chunk);
    await until("the chunk arrived", () => atDoor.length === 1);
    expect(atDoor[0]?.bytes.equals(chunk)).toBe(true);
    expect(atLaser).toEqual([]);
    await Promise.all([door.endAsync(), laser.endAsync()]);
  });

  it("keeps what the rows retain for a node that comes later, and nothing else", async () => {
    await bus.publish("snapshotManifest", ["laser-1"], Buffer.from("manifest"));
    await bus.publish("eventAck", ["laser-1"], Buffer.from("ack of an hour ago"));
    await bus.publish("command", ["laser-1"], Buffer.from("command of an hour ago"));
    const laser = await as("laser-1");
    const got = inbox(laser);
    for (const topic of ["snapshotManifest", "eventAck", "command"] as const) await subscribe(laser, topicFilter(site, topic, "laser-1"));
    await until("the manifest arrived", () => got.length > 0);
    await pause(100);
    expect(got.map((m) => [m.path, m.bytes.toString(), m.retained])).toEqual([[path("snapshotManifest", "laser-1"), "manifest", true]]);
    await laser.endAsync();
  });

  it("queues nothing for an absent node, even when it asked for a persistent session", async () => {
    const first = await as("laser-1", { clean: false });
    await subscribe(first, topicFilter(site, "command", "laser-1"));
    await first.endAsync();
    await bus.publish("command", ["laser-1"], Buffer.from("while you were away"));
    const again = await as("laser-1", { clean: true });
    const got = inbox(again);
    await subscribe(again, topicFilter(site, "command", "laser-1"));
    await pause(150);
    expect(got).toEqual([]);
    await again.endAsync();
  });

  it("lets a node speak for nobody else", async () => {
    heard.length = 0;
    const thief = await as("laser-1");
    thief.publish(path("events", "victim-1"), "forged", { qos: 0 });
    await pause(150);
    thief.end(true);
    const other = await as("laser-1");
    other.publish(path("command", "victim-1"), "forged", { qos: 0 });
    await pause(150);
    other.end(true);
    expect(heard.filter((m) => m.bytes.length > 0 && Buffer.from(m.bytes).toString() === "forged")).toEqual([]);
  });

  it("shows a node nothing that is meant for another, whatever it subscribes to", async () => {
    const thief = await as("laser-1");
    const got = inbox(thief);
    for (const filter of [
      "#",
      topicFilter(site, "command"),
      topicFilter(site, "machinePublic"),
      path("restrictions", "victim-1"),
      "$SYS/#",
    ]) {
      await subscribe(thief, filter);
    }
    await bus.publish("command", ["victim-1"], Buffer.from("for the victim"));
    await bus.publish("restrictions", ["victim-1"], Buffer.from("also"));
    await bus.publish("machinePublic", ["laser"], Buffer.from("for displays"));
    await pause(200);
    expect(got.filter((m) => m.path.includes("victim") || m.path.startsWith("$") || m.bytes.toString() === "for displays")).toEqual([]);
    thief.end(true);
  });

  it("lets a display read the public rows and nothing else", async () => {
    const display = await as("display-hall");
    const got = inbox(display);
    expect(await subscribe(display, topicFilter(site, "machinePublic"))).toBe(true);
    await subscribe(display, topicFilter(site, "command"));
    await bus.publish("machinePublic", ["printer"], Buffer.from("free"));
    await bus.publish("command", ["door-1"], Buffer.from("secret"));
    await until("the public row arrived", () => got.some((m) => m.bytes.toString() === "free"));
    expect(got.filter((m) => m.bytes.toString() === "secret")).toEqual([]);
    await display.endAsync();
  });

  it("never stores what a node retains where its row says no", async () => {
    const node = await as("door-1");
    node.publish(path("events", "door-1"), "kept?", { qos: 0, retain: true });
    await pause(250);
    node.end(true);
    expect(await storedAt(path("events", "door-1"))).toEqual([]);
  });

  /** What a late subscriber of a node's own topic would be sent; state is the one own topic a node may read. */
  async function storedAt(topic: string): Promise<string[]> {
    const reader = await as("door-1");
    const got = inbox(reader);
    await subscribe(reader, topic);
    await subscribe(reader, "#");
    await pause(150);
    reader.end(true);
    return got.filter((m) => m.path === topic).map((m) => m.bytes.toString());
  }

  it("tells the hub when a node comes and when it is gone, with the node's will", async () => {
    const node = await as("victim-1", { will: willOf("victim-1") as NonNullable<IClientOptions["will"]> });
    await node.publishAsync(path("nodeState", "victim-1"), stateBytes("victim-1", "online"), { qos: 1, retain: true });
    await until("it is there", () => changes.some((c) => c.node === "victim-1" && c.connected));
    node.stream.destroy();
    await until("it is gone", () => changes.findLast((c) => c.node === "victim-1")?.connected === false);
    await until("the will arrived", () => heardFrom("victim-1", "nodeState").some((m) => Buffer.from(m.bytes).includes('"lost"')));
    node.end(true);
  });

  it("publishes no will on another's topic", async () => {
    heard.length = 0;
    const will = { topic: path("nodeState", "victim-1"), payload: Buffer.from("forged"), qos: 1 as const, retain: true };
    const thief = await as("laser-1", { will }).catch(() => undefined);
    thief?.stream.destroy();
    await pause(200);
    expect(heard.filter((m) => Buffer.from(m.bytes).toString() === "forged")).toEqual([]);
    thief?.end(true);
  });

  it("refuses a wrong secret and nobody at all", async () => {
    await expect(as("door-1", { password: "wrong" })).rejects.toThrow("refused");
    await expect(as("nobody-1")).rejects.toThrow("refused");
    await expect(connect(fixture.endpoint, "door-1", { username: undefined, password: undefined } as never)).rejects.toThrow("refused");
  });

  it("does not let one node throw another off by taking its client id", async () => {
    const victim = await as("victim-1");
    let closed = false;
    victim.on("close", () => {
      closed = true;
    });
    const thief = await as("laser-1", { clientId: "victim-1" }).catch(() => undefined);
    await pause(200);
    expect(closed).toBe(false);
    thief?.end(true);
    await victim.endAsync();
  });

  it("hears nothing more from a node it dropped until that node connects anew", async () => {
    const node = await as("door-1");
    await node.publishAsync(path("nodeState", "door-1"), stateBytes("door-1", "online", 5), { qos: 1 });
    await until("it is there", () => heardFrom("door-1", "nodeState").length > 0);
    let isEnded = false;
    node.on("close", () => {
      isEnded = true;
    });
    bus.drop("door-1", "revoked");
    await pause(100);
    expect(isEnded, "it says whether it can end a connection").toBe(bus.endsConnections);
    heard.length = 0;
    node.publish(path("nodeHeartbeat", "door-1"), "still here", { qos: 0 });
    await pause(150);
    expect(heardFrom("door-1", "nodeHeartbeat")).toEqual([]);
    node.end(true);
    const again = await as("door-1");
    await again.publishAsync(path("nodeState", "door-1"), stateBytes("door-1", "online", 6), { qos: 1 });
    await again.publishAsync(path("nodeHeartbeat", "door-1"), "new", { qos: 1 });
    await until("it is heard again", () => heardFrom("door-1", "nodeHeartbeat").length === 1);
    await again.endAsync();
  });

  it("takes the hub's rows only, and nothing once it is closed", async () => {
    await expect(bus.publish("events", ["door-1"], Buffer.from("x"))).rejects.toThrow("not the hub's");
    await bus.close();
    await expect(bus.publish("eventAck", ["door-1"], Buffer.from("x"))).rejects.toMatchObject({ code: "BUS_CLOSED" });
  });
}
