/** The real program, `koprade start`, in a process of its own: resident memory, and time from its start to the first grant. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../support/hub-process.ts";
import { startChild } from "./children.ts";
import { connectReaders, type Reader } from "./clients.ts";
import { launchHub, residentMb } from "./launch.ts";
import { type Bench, type Line, times } from "./lines.ts";
import { nodeNames, type Seeded, seedFolder } from "./seed.ts";
import { median, round } from "./stats.ts";
import { tap } from "./taps.ts";

const calmMs = 1000;

/** Memory with nodes that work and with clients that are merely there; each round is a fresh process. */
export async function measureMemory({ dir, size }: Bench): Promise<Line[]> {
  return [
    await memoryLine(join(dir, "memory"), size.rounds, size.members, size.tlsNodes, true, 100),
    await memoryLine(join(dir, "memory-many"), size.rounds, size.fewMembers, size.tlsClients, false, 135),
  ];
}

async function memoryLine(home: string, rounds: number, members: number, nodes: number, works: boolean, limitMb: number): Promise<Line> {
  const seeded = await seedFolder(home, members, nodes);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let i = 0; i < rounds; i += 1) {
    theirs.push(await floorMemoryMb(home, seeded, nodes));
    const port = await freePort();
    const hub = await launchHub(home, port);
    const readers = await connectReaders({ port, secrets: seeded.secrets, ca: seeded.ca }, nodeNames(nodes));
    if (works) await tap(readers, seeded.cards, 100, 2 * calmMs);
    await pause(calmMs);
    ours.push(residentMb(hub.pid));
    leave(readers);
    await hub.kill();
  }
  const [our, their] = [median(ours), median(theirs)];
  return {
    what: `resident memory of the hub, pages included, ${nodes} TLS ${works ? "nodes" : "clients"}, ${members} members`,
    ours: `${Math.round(our)} MB`,
    floor: `bare aedes ${Math.round(their)} MB`,
    ratio: times(our, their),
    target: `≤ ${limitMb} MB`,
    met: our <= limitMb,
  };
}

async function floorMemoryMb(home: string, seeded: Seeded, nodes: number): Promise<number> {
  const child = await startChild("./floor-broker.ts", [join(home, "ca", "server.crt"), join(home, "ca", "server.key")]);
  const readers = await connectReaders({ port: child.ready.port as number, secrets: null, ca: seeded.ca }, nodeNames(nodes));
  await pause(calmMs);
  const rss = (await child.ask("rss")) / 1024 / 1024;
  leave(readers);
  await child.stop();
  return rss;
}

/** From the start of the process to the first granted tap. */
export async function measureStart({ dir, size }: Bench): Promise<Line[]> {
  return [
    await startLine(join(dir, "start"), size.rounds, size.fewMembers, 0.6),
    await startLine(join(dir, "start-large"), size.rounds, size.members, 0.9),
  ];
}

async function startLine(home: string, rounds: number, members: number, limitS: number): Promise<Line> {
  const seeded = await seedFolder(home, members, 1);
  const [ours, theirs]: [number[], number[]] = [[], []];
  await (await launchHub(home, await freePort())).kill(); // compiles what later starts find compiled
  for (let i = 0; i < rounds; i += 1) {
    const bare = performance.now();
    await (await startChild("./floor-broker.ts", [])).stop();
    theirs.push((performance.now() - bare) / 1000);
    const port = await freePort();
    const from = performance.now();
    const hub = await launchHub(home, port);
    const readers = await connectReaders({ port, secrets: seeded.secrets, ca: seeded.ca }, nodeNames(1));
    const { granted } = await tap(readers, seeded.cards.slice(0, 1), 1, 1);
    ours.push((performance.now() - from) / 1000);
    leave(readers);
    await hub.kill();
    if (granted === 0) throw new Error("bench: the first tap after the start was not granted");
  }
  const [our, their] = [median(ours), median(theirs)];
  return {
    what: `start to first grant, ${members} members`,
    ours: `${round(our)} s`,
    floor: `bare aedes ready ${round(their)} s`,
    ratio: times(our, their),
    target: `≤ ${limitS} s`,
    met: our <= limitS,
  };
}

function leave(readers: readonly Reader[]): void {
  for (const { client } of readers) client.end(true);
}
