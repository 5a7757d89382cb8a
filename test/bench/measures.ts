/** The lines of the bench, one function per group. Every floor is measured in the same rounds as ours. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type Child, startChild } from "./children.ts";
import type { Fsync } from "./fsync.ts";
import { devicesOn, sendSamples, settled } from "./samples.ts";
import { median, quantile, round } from "./stats.ts";
import { connectReaders, type Reader, tap } from "./taps.ts";

export type Line = {
  readonly what: string;
  readonly ours: string;
  readonly floor: string;
  readonly ratio: string;
  readonly target: string;
  readonly met: boolean | null;
};
export type Bench = { readonly dir: string; readonly rounds: number; readonly fsync: Fsync };

const perSecond = 500;
const roundMs = 4000;
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `node-${String(i + 1).padStart(3, "0")}`);

type Side = { readonly child: Child; readonly readers: readonly Reader[]; readonly cards: readonly string[] };

async function hubSide(dir: string, members: number, nodes: number, env: Record<string, string> = {}): Promise<Side> {
  const child = await startChild("./hub-child.ts", [dir, String(members), String(nodes)], env);
  const { plain, secrets, cards } = child.ready as { plain: number; secrets: Record<string, string>; cards: string[] };
  return { child, readers: await connectReaders(plain, names(nodes), secrets), cards };
}
async function floorSide(nodes: number, cards: readonly string[]): Promise<Side> {
  const child = await startChild("./floor-broker.ts", []);
  return { child, readers: await connectReaders(child.ready.port as number, names(nodes), null), cards };
}
async function stop(...sides: readonly Side[]): Promise<void> {
  for (const { child, readers } of sides) {
    for (const { client } of readers) client.end(true);
    await child.stop();
  }
}

type Round = { readonly p50Ms: number; readonly p99Ms: number; readonly cpuUs: number; readonly unanswered: number };

async function tapRound(side: Side): Promise<Round> {
  const before = await side.child.ask("cpu");
  const taps = await tap(side.readers, side.cards, perSecond, roundMs);
  const cpu = (await side.child.ask("cpu")) - before;
  const answered = taps.latenciesMs.length;
  return {
    p50Ms: quantile(taps.latenciesMs, 0.5),
    p99Ms: quantile(taps.latenciesMs, 0.99),
    cpuUs: cpu / answered,
    unanswered: taps.unanswered,
  };
}

const of = (rounds: readonly Round[], pick: (round: Round) => number): number => median(rounds.map(pick));
const ms = (value: number): string => `${round(value)} ms`;

/** Tap at a hosted reader → durable decision → reply. */
export async function measureTaps({ dir, rounds, fsync }: Bench): Promise<Line[]> {
  const hub = await hubSide(join(dir, "taps"), 10_000, 20);
  const floor = await floorSide(20, hub.cards);
  const [ours, theirs]: [Round[], Round[]] = [[], []];
  await tapRound(floor);
  await tapRound(hub);
  for (let i = 0; i < rounds; i += 1) {
    theirs.push(await tapRound(floor));
    ours.push(await tapRound(hub));
  }
  await stop(hub, floor);
  const [p50, p99, cpu] = [of(ours, (r) => r.p50Ms), of(ours, (r) => r.p99Ms), of(ours, (r) => r.cpuUs)];
  const [echo50, echo99, echoCpu] = [of(theirs, (r) => r.p50Ms), of(theirs, (r) => r.p99Ms), of(theirs, (r) => r.cpuUs)];
  const limit50 = echo50 + 2 * fsync.p50Ms;
  const limit99 = echo99 + 5 * fsync.p99Ms;
  const unanswered = ours.reduce((sum, r) => sum + r.unanswered, 0);
  const what = `tap → durable decision → reply, ${perSecond} taps/s, 10,000 members`;
  return [
    {
      what: `${what}: p50`,
      ours: ms(p50),
      floor: `echo ${ms(echo50)}`,
      ratio: `× ${round(p50 / echo50)}`,
      target: `≤ echo + 2 fdatasync = ${ms(limit50)}`,
      met: p50 <= limit50,
    },
    {
      what: `${what}: p99`,
      ours: ms(p99),
      floor: `echo ${ms(echo99)}`,
      ratio: `× ${round(p99 / echo99)}`,
      target: `≤ echo + 5 fdatasync p99 = ${ms(limit99)}`,
      met: p99 <= limit99,
    },
    {
      what: `${what}: CPU per tap`,
      ours: `${Math.round(cpu)} µs`,
      floor: `echo ${Math.round(echoCpu)} µs`,
      ratio: `× ${round(cpu / echoCpu)}`,
      target: "≤ × 1.4",
      met: cpu / echoCpu <= 1.4,
    },
    { what: `${what}: unanswered`, ours: String(unanswered), floor: "–", ratio: "–", target: "0", met: unanswered === 0 },
  ];
}

/** Decisions while power messages come in. */
export async function measureMixed({ dir, rounds }: Bench): Promise<Line[]> {
  const hub = await hubSide(join(dir, "mixed"), 10_000, 40);
  const tappers = { ...hub, readers: hub.readers.slice(0, 20) };
  const devices = devicesOn(hub.readers.slice(20));
  const [quiet, busy]: [Round[], Round[]] = [[], []];
  await tapRound(tappers);
  for (let i = 0; i < rounds; i += 1) {
    quiet.push(await tapRound(tappers));
    const noise = sendSamples(devices, 2000, roundMs + 200);
    busy.push(await tapRound(tappers));
    await noise;
  }
  await stop(hub);
  const [calm, loud] = [of(quiet, (r) => r.p99Ms), of(busy, (r) => r.p99Ms)];
  return [
    {
      what: "decisions while 2,000 power messages/s come in: p99",
      ours: ms(loud),
      floor: `quiet ${ms(calm)}`,
      ratio: `× ${round(loud / calm)}`,
      target: "≤ × 2",
      met: loud / calm <= 2,
    },
  ];
}

/** 2,000 devices at 1 Hz against a bare parsing subscriber, and as fast as 500 clients can. */
export async function measureIngest({ dir, rounds }: Bench): Promise<Line[]> {
  const hub = await hubSide(join(dir, "ingest"), 200, 2000);
  const floor = await floorSide(2000, hub.cards);
  const [ours, theirs]: [number[], number[]] = [[], []];
  let lost = 0;
  const one = async (side: Side): Promise<number> => {
    const devices = devicesOn(side.readers);
    const [cpu, had] = [await side.child.ask("cpu"), await side.child.ask("received")];
    const sent = await sendSamples(devices, 2000, roundMs);
    const got = (await settled(() => side.child.ask("received"))) - had;
    if (side === hub) lost += Math.max(0, sent - got);
    return ((await side.child.ask("cpu")) - cpu) / (sent / 1000) / 1000;
  };
  await one(floor);
  await one(hub);
  for (let i = 0; i < rounds; i += 1) {
    theirs.push(await one(floor));
    ours.push(await one(hub));
  }
  await stop(hub, floor);
  const [our, their] = [median(ours), median(theirs)];
  return [
    {
      what: "ingest, 2,000 devices at 1 Hz: CPU per 1,000 messages",
      ours: `${round(our, 1)} ms`,
      floor: `parsing subscriber ${round(their, 1)} ms`,
      ratio: `× ${round(our / their)}`,
      target: "≤ × 1.15",
      met: our / their <= 1.15,
    },
    { what: "ingest, 2,000 devices at 1 Hz: lost", ours: String(lost), floor: "–", ratio: "–", target: "0", met: lost === 0 },
  ];
}

/** Every fsync 10 ms slower, as on an SD card. */
export async function measureSlowDisk({ dir, rounds }: Bench): Promise<Line[]> {
  const library = join(dir, "slow-fsync.so");
  execFileSync("gcc", ["-shared", "-fPIC", "-O2", "-o", library, "test/bench/slow-fsync.c", "-ldl"]);
  const slowMs = 10;
  const hub = await hubSide(join(dir, "slow"), 200, 20, { LD_PRELOAD: library, SLOW_FSYNC_MS: String(slowMs) });
  const ours: Round[] = [];
  await tapRound(hub);
  for (let i = 0; i < rounds; i += 1) ours.push(await tapRound(hub));
  await stop(hub);
  const [p50, p99] = [of(ours, (r) => r.p50Ms), of(ours, (r) => r.p99Ms)];
  const unanswered = ours.reduce((sum, r) => sum + r.unanswered, 0);
  const what = "every fsync 10 ms slower (SD card), 500 taps/s";
  return [
    {
      what: `${what}: p50`,
      ours: ms(p50),
      floor: `fsync ${slowMs} ms`,
      ratio: `${round(p50 / slowMs)} fsyncs`,
      target: "≤ 2 fsyncs",
      met: p50 <= 2 * slowMs,
    },
    {
      what: `${what}: p99`,
      ours: ms(p99),
      floor: `fsync ${slowMs} ms`,
      ratio: `${round(p99 / slowMs)} fsyncs`,
      target: "≤ 4 fsyncs",
      met: p99 <= 4 * slowMs,
    },
    { what: `${what}: unanswered`, ours: String(unanswered), floor: "–", ratio: "–", target: "0", met: unanswered === 0 },
  ];
}

/** Resident memory and time to the first grant. */
export async function measureMemory({ dir, rounds }: Bench): Promise<Line[]> {
  const large = await hubSide(join(dir, "memory"), 10_000, 50);
  await tap(large.readers, large.cards, 200, 2000);
  const rssMb = (await large.child.ask("rss")) / 1024 / 1024;
  await stop(large);
  const lines: Line[] = [
    {
      what: "resident memory, 50 nodes, 10,000 members",
      ours: `${Math.round(rssMb)} MB`,
      floor: "–",
      ratio: "–",
      target: "≤ 100 MB",
      met: rssMb <= 100,
    },
  ];
  for (const [members, limitS] of [
    [200, 0.6],
    [10_000, 0.9],
  ] as const) {
    const home = join(dir, `start-${members}`);
    await stop(await hubSide(home, members, 1));
    const took: number[] = [];
    for (let i = 0; i < rounds; i += 1) {
      const from = performance.now();
      const side = await hubSide(home, members, 1);
      const { granted } = await tap(side.readers, side.cards, 100, 20);
      took.push((performance.now() - from) / 1000);
      await stop(side);
      if (granted === 0) throw new Error("bench: nobody was granted");
    }
    const seconds = median(took);
    lines.push({
      what: `start to first grant, ${members} members`,
      ours: `${round(seconds)} s`,
      floor: "–",
      ratio: "–",
      target: `≤ ${limitS} s`,
      met: seconds <= limitS,
    });
  }
  return lines;
}
