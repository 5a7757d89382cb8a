/** Power messages from many devices: at a steady rate through the readers, and in floods through bare sockets. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { encode, topicPath } from "#contract";
import { type Place, type Reader, senderOf } from "./clients.ts";
import { site } from "./seed.ts";

export type Devices = { readonly readers: readonly Reader[]; readonly topics: readonly string[]; readonly payloads: readonly Buffer[] };

/** Ten-second batches of one-second samples, as machine nodes send them; bytes are made once, not while measuring. */
export function devicesOn(readers: readonly Reader[]): Devices {
  return {
    readers,
    topics: readers.map(({ node }) => topicPath(site, "channelTelemetry", node, "machine")),
    payloads: readers.map((reader) => samplesOf(reader)),
  };
}

function samplesOf(reader: Pick<Reader, "node" | "boot">): Buffer {
  const body = {
    t0Mono: Math.max(0, Math.round(performance.now()) - 10_000),
    stepMs: 1000,
    powerW: Array.from({ length: 10 }, (_, i) => 60 + i),
    voltageV: 230.1,
    energyWh: 1234,
  };
  return Buffer.from(encode("channelTelemetry", senderOf(reader), body));
}

/** Sends `perSecond` messages for `forMs`, spread over the devices; resolves with how many left when all are written out. */
export async function sendSamples(devices: Devices, perSecond: number, forMs: number): Promise<number> {
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < forMs) {
    const due = Math.floor(((performance.now() - started) / 1000) * perSecond);
    for (; count < due; count += 1) {
      const at = count % devices.readers.length;
      devices.readers[at]?.client.publish(devices.topics[at] ?? "", devices.payloads[at] ?? "", { qos: 0 });
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return count;
}

/** A device that costs its sender next to nothing: a socket and a block of ready PUBLISH packets (MQTT 3.1.1 §3.3). */
export type Hose = { readonly socket: Socket; readonly block: Buffer; readonly messages: number };
const blockMessages = 16;

export async function connectHoses(place: Place, names: readonly string[]): Promise<Hose[]> {
  return await Promise.all(names.map((node) => connectHose(place, node)));
}

async function connectHose({ port, secrets }: Place, node: string): Promise<Hose> {
  const socket = connect({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  socket.on("error", () => undefined); // what a cut connection does not deliver is counted as lost
  socket.write(connectPacket(node, secrets?.[node] ?? null));
  await once(socket, "data"); // CONNACK; nothing else is asked for, so nothing else will come
  socket.resume();
  const packet = publishPacket(topicPath(site, "channelTelemetry", node, "machine"), samplesOf({ node, boot: "00000000000000bb" }));
  return { socket, block: Buffer.concat(Array.from({ length: blockMessages }, () => packet)), messages: blockMessages };
}

/**
 * `perSecond` messages for `forMs`, block by block over all hoses, whether or not the other side keeps up; resolves with how
 * many left. Paced, because the kernel would take a gigabyte for five hundred sockets without complaint.
 */
export async function flood(hoses: readonly Hose[], perSecond: number, forMs: number): Promise<number> {
  const started = performance.now();
  let [blocks, count] = [0, 0];
  while (performance.now() - started < forMs) {
    const due = ((performance.now() - started) / 1000) * perSecond;
    for (; count < due; blocks += 1) {
      const hose = hoses[blocks % hoses.length];
      hose?.socket.write(hose.block);
      count += hose?.messages ?? 0;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return count;
}

function connectPacket(node: string, secret: string | null): Buffer {
  const flags = secret === null ? 0x02 : 0xc2;
  const texts = [node, ...(secret === null ? [] : [node, secret])].map(textField);
  return frame(0x10, Buffer.concat([textField("MQTT"), Buffer.from([4, flags, 0, 120]), ...texts]));
}
const publishPacket = (topic: string, payload: Buffer): Buffer => frame(0x30, Buffer.concat([textField(topic), payload]));

function textField(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}
function frame(header: number, body: Buffer): Buffer {
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([header, ...length]), body]);
}

/** Waits until `received` stands still for 300 ms, at most 20 s; the last value and when it was reached. */
export async function settled(received: () => Promise<number>): Promise<{ readonly count: number; readonly atMs: number }> {
  const deadline = performance.now() + 20_000;
  let count = await received();
  let atMs = performance.now();
  while (performance.now() < deadline && performance.now() - atMs < 300) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const next = await received();
    if (next !== count) atMs = performance.now();
    count = next;
  }
  return { count, atMs };
}
