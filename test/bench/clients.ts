/** The nodes of the bench as MQTT clients: connected under their names, announced as the contract wants it. */
import { randomBytes } from "node:crypto";
import mqtt, { type MqttClient } from "mqtt";
import { encode, type Sender, topicPath, ulidOf } from "#contract";
import { site } from "./seed.ts";

export type Reader = { readonly node: string; readonly client: MqttClient; readonly boot: string };

/** Where to connect. Without `secrets` the broker asks for none; with `ca` the connection is TLS. */
export type Place = { readonly port: number; readonly secrets: Readonly<Record<string, string>> | null; readonly ca?: string };

const atOnce = 50;
const connectMs = 30_000;

/** Connects, subscribes to answers and says what it is: the hub decides for nobody whom it does not know to be there. */
export async function connectReaders(place: Place, names: readonly string[]): Promise<Reader[]> {
  const readers: Reader[] = [];
  for (let start = 0; start < names.length; start += atOnce) {
    readers.push(...(await Promise.all(names.slice(start, start + atOnce).map((node) => connectReader(place, node)))));
  }
  return readers;
}

async function connectReader({ port, secrets, ca }: Place, node: string): Promise<Reader> {
  const login = secrets === null ? {} : { username: node, password: secrets[node] ?? "" };
  const client = await mqtt.connectAsync(`${ca === undefined ? "mqtt" : "mqtts"}://127.0.0.1:${port}`, {
    clientId: node,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: connectMs,
    keepalive: 120,
    ...(ca === undefined ? {} : { ca, checkServerIdentity: () => undefined }),
    ...login,
  });
  noDelay(client);
  const reader = { node, client, boot: randomBytes(8).toString("hex") };
  await Promise.race([announce(reader), refusal(reader)]);
  return reader;
}

async function announce(reader: Reader): Promise<void> {
  const { client, node } = reader;
  await client.subscribeAsync(topicPath(site, "accessResponse", node), { qos: 1 });
  const birth = {
    model: "bench",
    fw: "0",
    hw: "bench",
    channels: [{ ch: "machine", kind: "interlock" as const, can: [] }],
    configVersion: 0,
    lockVersion: 0,
    snapshot: null,
    outboxDepth: 0,
    restart: "start" as const,
  };
  const bytes = Buffer.from(encode("nodeBirth", senderOf(reader), birth));
  await client.publishAsync(topicPath(site, "nodeBirth", node), bytes, { qos: 1, retain: true });
}

/** A broker that refuses closes the connection and answers nothing: mqtt.js would wait for ever. */
function refusal({ client, node }: Reader): Promise<never> {
  return new Promise((_, reject) => client.once("close", () => reject(new Error(`bench: the broker closed the connection of ${node}`))));
}

/** A message's sender: this reader, now. */
export function senderOf({ node, boot }: Pick<Reader, "node" | "boot">): Sender {
  const mono = Math.round(performance.now());
  return { id: ulidOf(Date.now(), randomBytes(10)), src: node, boot, conn: 1, mono, ts: Date.now(), tq: "synced" };
}

/** mqtt.js leaves Nagle's algorithm on; 40 ms stalls would hide what is measured. */
export function noDelay(client: MqttClient): void {
  const socket: unknown = client.stream;
  if (socket !== null && typeof socket === "object" && "setNoDelay" in socket && typeof socket.setNoDelay === "function")
    socket.setNoDelay(true);
}
