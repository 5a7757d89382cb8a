/** Taps at hosted readers: alone, while power messages come in, and on a slow disk. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { type Fsync, fsyncProbe } from "./fsync.ts";
import { type Bench, type Line, ms, none, times } from "./lines.ts";
import { devicesOn, sendSamples } from "./samples.ts";
import { seedFolder } from "./seed.ts";
import { aedesSide, furnishedHubSide, hubSide, mosquittoSide, of, type Round, sum, tapRound } from "./sides.ts";
import { median, round } from "./stats.ts";

const perSecond = 500;
const readers = 20;
const samplesPerSecond = 2000;
const probes = 200;
const slowMs = 10;

/** Tap at a hosted reader → durable decision → reply. */
export async function measureTaps({ dir, size }: Bench): Promise<Line[]> {
  const sides = [
    await aedesSide(readers),
    await mosquittoSide(dir, readers),
    await furnishedHubSide(join(dir, "large"), size.members, readers),
    await aedesSide(readers, join(dir, "commit-floor.sqlite")),
  ];
  const rounds: Round[][] = sides.map(() => []);
  const disk: Fsync[] = [];
  for (let i = 0; i <= size.rounds; i += 1) {
    if (i > 0) disk.push(fsyncProbe(dir, probes));
    for (const [at, side] of sides.entries()) {
      const done = await tapRound(side, perSecond, size.roundMs);
      if (i > 0) rounds[at]?.push(done); // the first round warms up
    }
  }
  for (const side of sides) await side.stop();
  const [echo = [], mosquitto = [], ours = [], durable = []] = rounds;
  const p50Ms = median(disk.map((probe) => probe.p50Ms));
  const p99Ms = median(disk.map((probe) => probe.p99Ms));
  const what = `tap → durable decision → reply, ${perSecond} taps/s, ${size.members} members`;
  return [
    {
      what: "fdatasync of 4 KB on this disk",
      ours: `p50 ${round(p50Ms, 3)} ms, p99 ${round(p99Ms, 3)} ms`,
      floor: "–",
      ratio: "–",
      target: "–",
      met: null,
    },
    latency(`${what}: p50`, ours, echo, (r) => r.p50Ms, "echo + 2 fdatasync p50", 2 * p50Ms),
    latency(`${what}: p99`, ours, echo, (r) => r.p99Ms, "echo + 5 fdatasync p99", 5 * p99Ms),
    cpuLine(`${what}: CPU per tap`, ours, echo),
    beside(`${what}, beside mosquitto with an echoing client`, ours, mosquitto),
    beside(`${what}, beside a bare aedes that echoes after the commit of a row`, ours, durable),
    none(
      `${what}: unanswered`,
      sum(ours, (r) => r.unanswered),
    ),
    none(
      `${what}: granted late`,
      sum(ours, (r) => r.late),
    ),
    granted(ours),
  ];
}

function latency(what: string, ours: Round[], echo: Round[], pick: (r: Round) => number, rule: string, moreMs: number): Line {
  const [our, their] = [of(ours, pick), of(echo, pick)];
  const limitMs = their + moreMs;
  return {
    what,
    ours: ms(our),
    floor: `echo ${ms(their)}`,
    ratio: times(our, their),
    target: `≤ ${rule} = ${ms(limitMs)}`,
    met: our <= limitMs,
  };
}

function cpuLine(what: string, ours: Round[], echo: Round[]): Line {
  const [our, their] = [of(ours, (r) => r.cpuUs), of(echo, (r) => r.cpuUs)];
  return {
    what,
    ours: `${Math.round(our)} µs`,
    floor: `echo ${Math.round(their)} µs`,
    ratio: times(our, their),
    target: "≤ × 1.4",
    met: our / their <= 1.4,
  };
}

function beside(what: string, ours: Round[], floor: Round[]): Line {
  const shown = (rounds: Round[]): string =>
    `p50 ${ms(of(rounds, (r) => r.p50Ms))}, p99 ${ms(of(rounds, (r) => r.p99Ms))}, CPU ${Math.round(of(rounds, (r) => r.cpuUs))} µs`;
  const ratio = `p50 ${times(
    of(ours, (r) => r.p50Ms),
    of(floor, (r) => r.p50Ms),
  )}, CPU ${times(
    of(ours, (r) => r.cpuUs),
    of(floor, (r) => r.cpuUs),
  )}`;
  return { what, ours: shown(ours), floor: shown(floor), ratio, target: "–", met: null };
}

/** Half of the cards are trained: a bench in which nobody is granted measures something else. */
function granted(ours: readonly Round[]): Line {
  const count = sum(ours, (r) => r.granted);
  return { what: "of those taps granted", ours: String(count), floor: "–", ratio: "–", target: "> 0", met: count > 0 };
}

/** Decisions while power messages come in. */
export async function measureMixed({ dir, size }: Bench): Promise<Line[]> {
  const hub = await furnishedHubSide(join(dir, "mixed"), size.members, 2 * readers);
  const tappers = { ...hub, readers: hub.readers.slice(0, readers) };
  const devices = devicesOn(hub.readers.slice(readers));
  const [quiet, busy]: [Round[], Round[]] = [[], []];
  await tapRound(tappers, perSecond, size.roundMs);
  for (let i = 0; i < size.rounds; i += 1) {
    quiet.push(await tapRound(tappers, perSecond, size.roundMs));
    const noise = sendSamples(devices, samplesPerSecond, size.roundMs + 200);
    busy.push(await tapRound(tappers, perSecond, size.roundMs));
    await noise;
  }
  await hub.stop();
  const [calm, loud] = [of(quiet, (r) => r.p99Ms), of(busy, (r) => r.p99Ms)];
  const what = `decisions while ${samplesPerSecond} power messages/s come in`;
  return [
    { what: `${what}: p99`, ours: ms(loud), floor: `quiet ${ms(calm)}`, ratio: times(loud, calm), target: "≤ × 2", met: loud / calm <= 2 },
    none(
      `${what}: unanswered`,
      sum(busy, (r) => r.unanswered),
    ),
  ];
}

/** Every fsync 10 ms slower, as on an SD card; the shim is preloaded into the hub alone. */
export async function measureSlowDisk({ dir, size }: Bench): Promise<Line[]> {
  const library = join(dir, "slow-fsync.so");
  execFileSync("gcc", ["-shared", "-fPIC", "-O2", "-o", library, join(import.meta.dirname, "slow-fsync.c"), "-ldl"]);
  const home = join(dir, "slow");
  const seeded = await seedFolder(home, size.fewMembers, readers);
  const hub = await hubSide(home, seeded, readers, { LD_PRELOAD: library, SLOW_FSYNC_MS: String(slowMs) });
  const [ours, slowest]: [Round[], Fsync[]] = [[], []];
  await tapRound(hub, perSecond, size.roundMs);
  for (let i = 0; i < size.rounds; i += 1) {
    slowest.push(fsyncProbe(dir, probes));
    ours.push(await tapRound(hub, perSecond, size.roundMs));
  }
  await hub.stop();
  const fsyncMs = slowMs + median(slowest.map((probe) => probe.p50Ms));
  const what = `every fsync ${slowMs} ms slower (SD card), ${perSecond} taps/s`;
  const line = (name: string, value: number, most: number): Line => ({
    what: `${what}: ${name}`,
    ours: ms(value),
    floor: `fsync ${ms(fsyncMs)}`,
    ratio: `${round(value / fsyncMs)} fsyncs`,
    target: `≤ ${most} fsyncs`,
    met: value <= most * fsyncMs,
  });
  return [
    line(
      "p50",
      of(ours, (r) => r.p50Ms),
      2,
    ),
    line(
      "p99",
      of(ours, (r) => r.p99Ms),
      4,
    ),
    none(
      `${what}: unanswered`,
      sum(ours, (r) => r.unanswered),
    ),
    none(
      `${what}: granted late`,
      sum(ours, (r) => r.late),
    ),
  ];
}
