/** Frames that crashed brokers, and 20,000 seeded wrong ones: the broker's process lives, and still serves (security.md R35). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topicPath } from "#contract";
import { type BrokerChild, startBroker } from "../support/broker-child.ts";
import { connect, inbox, pause, secretOf, site, subscribe } from "../support/bus-suite.ts";
import { crashFrames, fuzz, talk, topicsOf } from "../support/mqtt-fuzz.ts";

const account = (username: string) => ({ clientId: username, username, password: secretOf(username) });
let broker: BrokerChild;

beforeAll(async () => {
  broker = await startBroker({ messagesPerSecond: 100_000, messagesBurst: 100_000 });
});
afterAll(async () => {
  await broker.stop();
});

/** A door connects over TLS, and what the hub says reaches it. */
async function serves(): Promise<boolean> {
  const client = await connect({ port: broker.tls, caPem: broker.caPem }, "door-9");
  const got = inbox(client);
  const path = topicPath(site, "eventAck", "door-9");
  await subscribe(client, path);
  broker.publish([path], 20, 50);
  await pause(300);
  broker.publish([path], 20, 0);
  await client.endAsync();
  return got.length > 0;
}

describe("a broker among bad frames", () => {
  const own = topicPath(site, "events", "door-1");

  it.each(crashFrames(account("door-1"), own))("lives on after: $name", async ({ bytes }) => {
    await talk(broker.plain, [bytes], 60);
    await talk(broker.plain, [bytes.subarray(0, 5), bytes.subarray(5)], 60);
    expect(broker.isAlive()).toBe(true);
    await broker.measure();
  });

  it("lives on after 20,000 seeded frames, with its memory", async () => {
    await fuzz({ port: broker.plain, seed: 7, frames: 10_000, accounts: [account("door-2")], topics: () => [own] });
    const before = await broker.measure(true);
    const startMs = performance.now();
    const done = await fuzz({
      port: broker.plain,
      seed: 1,
      frames: 20_000,
      accounts: ["door-1", "laser-1", "display-hall", "enrol-0123456789abcdef"].map(account),
      topics: topicsOf(site),
      isAlive: broker.isAlive,
    });
    await pause(300); // the last connections end
    const after = await broker.measure(true);
    const heapMb = (after.heapBytes - before.heapBytes) / 1e6;
    const rssMb = (after.rssBytes - before.rssBytes) / 1e6;
    console.log(
      `fuzz: ${done.frames} frames in ${done.connections} connections, ${Math.round(performance.now() - startMs)} ms, heap +${heapMb.toFixed(1)} MB, RSS +${rssMb.toFixed(1)} MB, ${after.stats.messagesIn} messages reached the hub, refused ${JSON.stringify(after.stats.refused)}`,
    );
    expect(broker.isAlive()).toBe(true);
    expect(done.frames).toBeGreaterThanOrEqual(20_000);
    expect(rssMb).toBeLessThan(50);
    expect(heapMb, "what is kept of connections that have ended").toBeLessThan(1.5);
    expect(await serves()).toBe(true);
    await pause(300);
    expect((await broker.measure()).stats).toMatchObject({ connections: 0, unauthenticated: 0, online: 0 });
  });
});
