/** The sides of a comparison: our hub, a bare aedes, mosquitto. Each runs in processes of its own and has its readers connected. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "../support/hub-process.ts";
import { type Child, startChild } from "./children.ts";
import { connectReaders, type Place, type Reader } from "./clients.ts";
import { nodeNames, type Seeded, seedFolder } from "./seed.ts";
import { median, quantile } from "./stats.ts";
import { tap } from "./taps.ts";

export type Side = {
  readonly place: Place;
  readonly readers: readonly Reader[];
  readonly cards: readonly string[];
  /** microseconds of CPU so far, all its processes */
  cpuUs(): Promise<number>;
  ask(question: string): Promise<number>;
  stop(): Promise<void>;
};

/** Our hub on a furnished folder; `readers` of its nodes are connected. */
export async function hubSide(dir: string, seeded: Seeded, readers: number, env: Record<string, string> = {}): Promise<Side> {
  return await readersSide(await startChild("./hub-child.ts", [dir], env), seeded, nodeNames(readers));
}

/** A hub that runs already, with these of its nodes connected. */
export async function readersSide(hub: Child, seeded: Seeded, nodes: readonly string[]): Promise<Side> {
  const place = { port: hub.ready.port as number, secrets: seeded.secrets };
  return sideOf(hub, place, await connectReaders(place, nodes), seeded.cards);
}

export async function furnishedHubSide(dir: string, members: number, nodes: number): Promise<Side> {
  return await hubSide(dir, await seedFolder(dir, members, nodes), nodes);
}

/** A bare aedes that echoes; with `file`, after a commit of one row there, and it stores samples. */
export async function aedesSide(readers: number, file?: string): Promise<Side> {
  const child = await startChild("./floor-broker.ts", file === undefined ? [] : ["keep", file]);
  const place = { port: child.ready.port as number, secrets: null };
  return sideOf(child, place, await connectReaders(place, nodeNames(readers)), ["0".repeat(32)]);
}

function sideOf(child: Child, place: Place, readers: readonly Reader[], cards: readonly string[]): Side {
  return {
    place,
    readers,
    cards,
    cpuUs: () => child.ask("cpu"),
    ask: (question) => child.ask(question),
    async stop() {
      for (const { client } of readers) client.end(true);
      await child.stop();
    },
  };
}

/** Mosquitto with a client beside it that echoes. */
export async function mosquittoSide(dir: string, readers: number): Promise<Side> {
  const port = await freePort();
  const file = join(dir, "mosquitto.conf");
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n`);
  const broker = spawn("mosquitto", ["-c", file], { stdio: "ignore" });
  await listening(broker, port);
  const echo = await startChild("./echo-client.ts", [String(port)]);
  const place = { port, secrets: null };
  const side = sideOf(echo, place, await connectReaders(place, nodeNames(readers)), ["0".repeat(32)]);
  return {
    ...side,
    cpuUs: async () => (await echo.ask("cpu")) + processCpuUs(broker.pid ?? 0),
    async stop() {
      await side.stop();
      const gone = once(broker, "exit");
      broker.kill("SIGKILL");
      await gone;
    },
  };
}

async function listening(broker: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline && broker.exitCode === null) {
    const socket = connect(port, "127.0.0.1");
    const open = await new Promise<boolean>((resolve) => socket.once("connect", () => resolve(true)).once("error", () => resolve(false)));
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("bench: mosquitto did not start; on Debian: apt-get install mosquitto");
}

/** User and system time of a process (proc(5), fields 14 and 15 of stat, in hundredths of a second). */
function processCpuUs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

export type Round = {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUs: number;
  readonly unanswered: number;
  readonly granted: number;
  readonly late: number;
};

export async function tapRound(side: Side, perSecond: number, forMs: number): Promise<Round> {
  const before = await side.cpuUs();
  const { latenciesMs, unanswered, granted, late } = await tap(side.readers, side.cards, perSecond, forMs);
  const cpuUs = ((await side.cpuUs()) - before) / latenciesMs.length;
  return { p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99), cpuUs, unanswered, granted, late };
}

export const of = (rounds: readonly Round[], pick: (round: Round) => number): number => median(rounds.map(pick));
export const sum = (rounds: readonly Round[], pick: (round: Round) => number): number =>
  rounds.reduce((all, round) => all + pick(round), 0);
