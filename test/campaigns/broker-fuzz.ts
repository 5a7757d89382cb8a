/** A million seeded frames against the embedded broker in its own process (security.md R35, nightly). */
import { topicPath } from "#contract";
import { startBroker } from "../support/broker-child.ts";
import { crashFrames, fuzz, talk, topicsOf } from "../support/mqtt-fuzz.ts";

export const name = "broker-fuzz";

const frames = 1_000_000;
const site = "valmiera";
const account = (username: string) => ({ clientId: username, username, password: `secret-of-${username}` });

export async function run(seed: number): Promise<{ figures: Record<string, number | string> }> {
  const broker = await startBroker({ messagesPerSecond: 100_000, messagesBurst: 100_000 });
  const own = topicPath(site, "events", "door-1");
  for (const { bytes } of crashFrames(account("door-1"), own)) await talk(broker.plain, [bytes], 60);
  const before = await broker.measure(true);
  const startMs = performance.now();
  const done = await fuzz({
    port: broker.plain,
    seed,
    frames,
    parallel: 32,
    accounts: ["door-1", "laser-1", "display-hall", "enrol-0123456789abcdef"].map(account),
    topics: topicsOf(site),
    isAlive: broker.isAlive,
  });
  const seconds = (performance.now() - startMs) / 1000;
  const exits = broker.isAlive() ? 0 : 1;
  const after = exits === 0 ? await broker.measure(true) : null;
  const moreMb = (of: "rssBytes" | "heapBytes"): number | string => (after === null ? "dead" : Math.round((after[of] - before[of]) / 1e6));
  await broker.stop();
  return {
    figures: {
      frames: done.frames,
      connections: done.connections,
      framesPerSecond: Math.round(done.frames / seconds),
      exits,
      rssMbMore: moreMb("rssBytes"),
      heapMbMore: moreMb("heapBytes"),
    },
  };
}
