/** Power messages from many devices at a steady rate, or as fast as the other side takes them. */
import { randomBytes } from "node:crypto";
import { encode, topicPath, ulidOf } from "#contract";
import type { Reader } from "./taps.ts";

export type Devices = { readonly readers: readonly Reader[]; readonly topics: readonly string[]; readonly payloads: readonly Buffer[] };

/** Ten-second batches of one-second samples, as machine nodes send them; bytes are made once, not while measuring. */
export function devicesOn(readers: readonly Reader[]): Devices {
  const boot = randomBytes(8).toString("hex");
  const payloads = readers.map(({ node }) => {
    const from = {
      id: ulidOf(Date.now(), randomBytes(10)),
      src: node,
      boot,
      conn: 1,
      mono: Math.round(performance.now()),
      ts: Date.now(),
      tq: "synced" as const,
    };
    const body = {
      t0Mono: Math.max(0, Math.round(performance.now()) - 10_000),
      stepMs: 1000,
      powerW: Array.from({ length: 10 }, (_, i) => 60 + i),
      voltageV: 230.1,
      energyWh: 1234,
    };
    return Buffer.from(encode("channelTelemetry", from, body));
  });
  return { readers, topics: readers.map(({ node }) => topicPath("bench", "channelTelemetry", node, "machine")), payloads };
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

/** Waits until `received` stands still for 300 ms, at most 20 s; the last value. */
export async function settled(received: () => Promise<number>): Promise<number> {
  const deadline = performance.now() + 20_000;
  let last = await received();
  let since = performance.now();
  while (performance.now() < deadline && performance.now() - since < 300) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const next = await received();
    if (next !== last) since = performance.now();
    last = next;
  }
  return last;
}
