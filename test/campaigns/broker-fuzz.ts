/** A million seeded frames against the embedded broker in its own process, and 200,000 against the host of foreign devices (security.md R35, nightly). */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { topicPath } from "#contract";
import { heardDevices, openDiscovery } from "../../hub/host/discovery.ts";
import { startHostProcess } from "../../hub/host/host-process.ts";
import { startBroker } from "../support/broker-child.ts";
import { crashFrames, fuzz, talk, topicsOf } from "../support/mqtt-fuzz.ts";

export const name = "broker-fuzz";

const frames = 1_000_000;
const foreignFrames = 200_000;
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
  const foreign = await atForeignPort(seed);
  return {
    figures: {
      frames: done.frames,
      connections: done.connections,
      framesPerSecond: Math.round(done.frames / seconds),
      exits,
      rssMbMore: moreMb("rssBytes"),
      heapMbMore: moreMb("heapBytes"),
      ...foreign,
    },
  };
}

/** The same at the port for foreign devices, while strangers are let in: what they say is parsed, and goes nowhere. */
async function atForeignPort(seed: number): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), "koprade-foreign-fuzz-"));
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const host = await startHostProcess(
    { folder, listen: { port: 0, host: "127.0.0.1" }, bridge: null, logLevel: "error", times: {} },
    quiet,
  );
  const pid = host.pid();
  const names = ["tele/plug/SENSOR", "stat/plug/RESULT", "shellies/plug/relay/0", "rfid/send", "plug/events/rpc", "zigbee2mqtt/plug", ""];
  let done = 0;
  for (let round = 0; done < foreignFrames && host.pid() === pid; round += 1) {
    openDiscovery(folder, Date.now() + 590_000);
    const accounts = ["one", "two", "three"].map(account);
    const port = host.port() ?? 0;
    const part = await fuzz({
      port,
      seed: seed + round,
      frames: 20_000,
      parallel: 12,
      accounts,
      topics: () => names,
      isAlive: () => host.pid() === pid,
    });
    done += part.frames;
  }
  const exits = host.pid() === pid ? 0 : 1;
  const heard = heardDevices(folder, 0).length;
  await host.stop();
  await rm(folder, { recursive: true, force: true });
  return { foreignFrames: done, foreignExits: exits, foreignHeard: heard };
}
