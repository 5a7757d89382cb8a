/** What strangers and faulty devices may cost: half packets, silence, floods, a reader that stops (security.md R30–R34, R63). */
import { connect as connectTcp, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { topicPath } from "#contract";
import { type BrokerChild, startBroker } from "../support/broker-child.ts";
import { connect, inbox, pause, secretOf, site, subscribe, until } from "../support/bus-suite.ts";
import { connectFrame, publishFrame, subscribeFrame } from "../support/mqtt-fuzz.ts";

let broker: BrokerChild;
let sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await broker.stop();
});

const account = (username: string) => ({ clientId: username, username, password: secretOf(username) });
const path = topicPath.bind(undefined, site);

/** A raw connection from one of many loopback addresses, and when it was closed. */
function stranger(n: number, port: number): { socket: Socket; closedAtMs: () => number | undefined } {
  let closedAtMs: number | undefined;
  const socket = connectTcp({ port, host: "127.0.0.1", localAddress: `127.0.${1 + Math.floor(n / 200)}.${1 + (n % 200)}`, noDelay: true });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    closedAtMs = performance.now();
  });
  socket.resume();
  sockets.push(socket);
  return { socket, closedAtMs: () => closedAtMs };
}

async function connectMs(username: string): Promise<number> {
  const startMs = performance.now();
  const client = await connect({ port: broker.tls, caPem: broker.caPem }, username);
  const tookMs = performance.now() - startMs;
  await client.endAsync();
  return tookMs;
}

describe("strangers at the broker", () => {
  it("closes 50 sockets that declare 256 MB, at once and without memory", async () => {
    broker = await startBroker({ loopbackExempt: false });
    await connectMs("door-1");
    const before = await broker.measure();
    const startMs = performance.now();
    const strangers = Array.from({ length: 50 }, (_, i) => {
      const one = stranger(i, broker.plain);
      const declared = Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]);
      one.socket.write(
        Buffer.concat([i % 2 === 0 ? Buffer.alloc(0) : connectFrame(account(`laser-${i}`)), declared, Buffer.alloc(60_000)]),
      );
      return one;
    });
    await until("all are closed", () => strangers.every((one) => one.closedAtMs() !== undefined), 10_000);
    const after = await broker.measure();
    const rssMb = (after.rssBytes - before.rssBytes) / 1e6;
    console.log(`256 MB declared × 50: closed in ${Math.round(performance.now() - startMs)} ms, RSS +${rssMb.toFixed(1)} MB`);
    expect(rssMb).toBeLessThanOrEqual(20);
  });

  it("ends 50 that send a byte a second, before and after CONNECT", async () => {
    broker = await startBroker({ loopbackExempt: false });
    await connectMs("door-1");
    const before = await broker.measure();
    const startMs = performance.now();
    const slow = publishFrame(path("events", "laser-1"), Buffer.alloc(2000));
    const strangers = Array.from({ length: 50 }, (_, i) => {
      const one = stranger(i, broker.plain);
      const bytes = i % 2 === 0 ? connectFrame(account(`laser-${i}`)) : slow;
      if (i % 2 === 1) one.socket.write(connectFrame(account(`laser-${i}`)));
      let at = 0;
      const timer = setInterval(() => one.socket.write(bytes.subarray(at, ++at)), 1000);
      one.socket.once("close", () => clearInterval(timer));
      return one;
    });
    await until("all are closed", () => strangers.every((one) => one.closedAtMs() !== undefined), 10_000);
    const last = Math.max(...strangers.map((one) => one.closedAtMs() ?? 0)) - startMs;
    const after = await broker.measure();
    const rssMb = (after.rssBytes - before.rssBytes) / 1e6;
    console.log(
      `a byte a second × 50: closed in ${Math.round(last)} ms, RSS +${rssMb.toFixed(1)} MB, ${JSON.stringify(after.stats.refused)}`,
    );
    expect(last).toBeLessThanOrEqual(10_000);
    expect(rssMb).toBeLessThanOrEqual(20);
  });

  it.each([
    { from: "300 addresses", exempt: false, port: "plain" as const, addresses: 300 },
    { from: "one exempt address", exempt: true, port: "tls" as const, addresses: 1 },
  ])("ends 3,000 silent sockets from $from while others come in", async ({ exempt, port, addresses, from }) => {
    broker = await startBroker({ loopbackExempt: exempt });
    await connectMs("door-1");
    const before = await broker.measure();
    const strangers: { closedAtMs: () => number | undefined; startMs: number }[] = [];
    const waits: number[] = [];
    for (let i = 0; i < 3000; i += 1) {
      strangers.push({ ...stranger(i % addresses, broker[port]), startMs: performance.now() });
      if (i % 300 === 299) waits.push(await connectMs("door-1"));
      else if (i % 50 === 49) await pause(5);
    }
    waits.push(await connectMs("door-1"));
    const during = await broker.measure();
    await until("all are closed", () => strangers.every((one) => one.closedAtMs() !== undefined), 12_000);
    const longest = Math.max(...strangers.map((one) => (one.closedAtMs() ?? 0) - one.startMs));
    const rssMb = (Math.max(during.rssBytes, (await broker.measure()).rssBytes) - before.rssBytes) / 1e6;
    console.log(
      `3,000 silent sockets from ${from}: the last closed after ${Math.round(longest)} ms, good CONNECT over TLS in at most ${Math.round(Math.max(...waits))} ms, RSS +${rssMb.toFixed(1)} MB`,
    );
    expect(longest).toBeLessThanOrEqual(10_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1000);
    expect(rssMb).toBeLessThanOrEqual(20);
    expect((await broker.measure()).stats.connections).toBeLessThanOrEqual(1);
  });
});

describe("a faulty device", () => {
  it("that stops reading silences nobody", async () => {
    broker = await startBroker({ messagesPerSecond: 1000 });
    const good = await connect({ port: broker.tls, caPem: broker.caPem }, "door-1");
    const got = inbox(good);
    const arrivedAtMs: number[] = [];
    const lateMs: number[] = [];
    good.on("message", (_path, bytes) => {
      arrivedAtMs.push(performance.now());
      lateMs.push(performance.timeOrigin + performance.now() - bytes.readDoubleBE(0));
    });
    const shared = path("hubTime");
    await subscribe(good, shared);
    await subscribe(good, path("snapshotChunk", "door-1", "1.1", "0"));
    const frozen = stranger(1, broker.plain);
    frozen.socket.write(connectFrame(account("laser-1")));
    frozen.socket.write(subscribeFrame(1, [shared, path("snapshotChunk", "laser-1", "1.1", "0")]));
    await pause(200);
    frozen.socket.pause();
    const startMs = performance.now();
    broker.publish([shared, path("snapshotChunk", "door-1", "1.1", "0"), path("snapshotChunk", "laser-1", "1.1", "0")], 16_000, 600);
    await pause(8000);
    broker.publish([shared], 16, 0);
    await pause(300);
    const { refused, online } = (await broker.measure()).stats;
    const silences = arrivedAtMs.map((atMs, i) => atMs - (arrivedAtMs[i - 1] ?? startMs));
    lateMs.sort((a, b) => a - b);
    const p99 = lateMs[Math.floor(lateMs.length * 0.99)] ?? 0;
    console.log(
      `frozen subscriber: the other got ${got.length} messages, longest silence ${Math.round(Math.max(...silences))} ms, p99 ${Math.round(p99)} ms, online ${online}, ${JSON.stringify(refused)}`,
    );
    expect(got.length).toBeGreaterThan(1500);
    expect(Math.max(...silences)).toBeLessThanOrEqual(2000);
    expect(online).toBe(1);
    await good.endAsync();
  });

  it("that sends 5,000 messages a second is off at once, and others notice nothing", async () => {
    broker = await startBroker();
    const good = await connect({ port: broker.tls, caPem: broker.caPem }, "door-1");
    const noisy = stranger(1, broker.plain);
    noisy.socket.write(connectFrame(account("laser-1")));
    await pause(100);
    const startMs = performance.now();
    const one = publishFrame(path("nodeHeartbeat", "laser-1"), Buffer.alloc(100));
    const timer = setInterval(() => {
      for (let i = 0; i < 50; i += 1) if (!noisy.socket.destroyed) noisy.socket.write(one);
    }, 10);
    await until("it is off", () => noisy.closedAtMs() !== undefined, 5000);
    clearInterval(timer);
    const offMs = (noisy.closedAtMs() ?? 0) - startMs;
    await good.publishAsync(path("nodeHeartbeat", "door-1"), "still fine", { qos: 1 });
    const { stats } = await broker.measure();
    console.log(`5,000 messages/s: off after ${Math.round(offMs)} ms and ${stats.messagesIn} messages`);
    expect(stats.refused).toMatchObject({ flood: 1 });
    expect(stats.messagesIn).toBeLessThanOrEqual(260);
    await good.endAsync();
  });

  it("cannot fill the memory with subscriptions or retained messages", async () => {
    broker = await startBroker({ messagesPerSecond: 100_000, messagesBurst: 100_000 });
    await connectMs("door-1");
    const before = await broker.measure();
    const greedy = stranger(1, broker.plain);
    greedy.socket.write(connectFrame(account("laser-1")));
    for (let i = 0; i < 500; i += 1) {
      greedy.socket.write(
        subscribeFrame(
          i + 1,
          Array.from({ length: 100 }, (_, k) => path("snapshotChunk", "laser-1", `${i}.${k}`, "0")),
        ),
      );
    }
    await pause(1000);
    const hoarder = stranger(2, broker.plain);
    hoarder.socket.write(connectFrame(account("laser-2")));
    for (let i = 0; i < 5000; i += 1) {
      hoarder.socket.write(
        publishFrame(path("channelReported", "laser-2", `ch-${i}`), Buffer.alloc(1000), { qos: 1, retain: true, id: 1 }),
      );
    }
    await pause(1000);
    const peak = await broker.measure();
    const after = await broker.measure(true);
    const [rssMb, peakMb] = [after, peak].map(({ rssBytes }) => (rssBytes - before.rssBytes) / 1e6);
    console.log(
      `50,000 subscriptions and 5,000 retained: kept ${after.stats.retained}, RSS +${rssMb?.toFixed(1)} MB held, +${peakMb?.toFixed(1)} MB before collection, ${JSON.stringify(after.stats.refused)}`,
    );
    expect(after.stats.retained).toBe(24);
    expect(greedy.closedAtMs()).toBeDefined();
    expect(after.stats.refused.subscriptions).toBeLessThanOrEqual(200);
    expect(rssMb).toBeLessThanOrEqual(20);
  });

  it("finds its place again with 299 others after a restart, in 10 s", async () => {
    broker = await startBroker();
    const startMs = performance.now();
    const clients = await Promise.all(
      Array.from({ length: 300 }, async (_, i) => {
        await pause((i % 100) * 10);
        return await connect({ port: broker.tls, caPem: broker.caPem }, `node-${i}`);
      }),
    );
    const tookMs = performance.now() - startMs;
    // The broker counts a client a moment after its CONNACK.
    let { stats } = await broker.measure();
    for (let wait = 0; wait < 50 && stats.online < 300; wait += 1) {
      await pause(100);
      stats = (await broker.measure()).stats;
    }
    console.log(`storm: 300 TLS clients in ${Math.round(tookMs)} ms`);
    expect(stats.online).toBe(300);
    expect(tookMs).toBeLessThanOrEqual(10_000);
    for (const client of clients) client.end(true);
  });
});
