/** What comes in without being asked for: samples of many devices, floods, and events that must be durable. */
import { join } from "node:path";
import { eventsFloor, sendEvents } from "./events.ts";
import { type Bench, type Line, none, times } from "./lines.ts";
import { connectHoses, devicesOn, flood, sendSamples, settled } from "./samples.ts";
import { nodeNames, seedFolder } from "./seed.ts";
import { aedesSide, hubSide, type Side } from "./sides.ts";
import { median, round } from "./stats.ts";

const offeredPerSecond = 75_000;

/** 2,000 devices at 1 Hz against a bare parsing subscriber. */
export async function measureIngest({ dir, size }: Bench): Promise<Line[]> {
  const home = join(dir, "ingest");
  const hub = await hubSide(home, await seedFolder(home, size.fewMembers, size.devices), size.devices);
  const floor = await aedesSide(size.devices);
  const storing = await aedesSide(size.devices, join(dir, "ingest-floor.sqlite"));
  const [ours, theirs, stored]: [number[], number[], number[]] = [[], [], []];
  let lost = 0;
  const one = async (side: Side): Promise<number> => {
    const devices = devicesOn(side.readers);
    const [cpu, had] = [await side.cpuUs(), await side.ask("received")];
    const sent = await sendSamples(devices, size.devices, size.roundMs);
    const { count } = await settled(() => side.ask("received"));
    if (side === hub) lost += Math.max(0, sent - (count - had));
    return ((await side.cpuUs()) - cpu) / sent; // microseconds per message are milliseconds per thousand
  };
  for (const side of [floor, storing, hub]) await one(side);
  for (let i = 0; i < size.rounds; i += 1) {
    theirs.push(await one(floor));
    stored.push(await one(storing));
    ours.push(await one(hub));
  }
  for (const side of [floor, storing, hub]) await side.stop();
  const [our, their, bare] = [median(ours), median(theirs), median(stored)];
  const what = `ingest, ${size.devices} devices at 1 Hz`;
  return [
    {
      what: `${what}: CPU per 1,000 messages`,
      ours: `${round(our, 1)} ms`,
      floor: `parsing subscriber ${round(their, 1)} ms`,
      ratio: times(our, their),
      target: "≤ × 1.15",
      met: our / their <= 1.15,
    },
    {
      what: `${what}: CPU per 1,000 messages, beside a subscriber that stores each sample as a bare row`,
      ours: `${round(our, 1)} ms`,
      floor: `${round(bare, 1)} ms`,
      ratio: times(our, bare),
      target: "–",
      met: null,
    },
    none(`${what}: lost`, lost),
  ];
}

/** More than the target asks for is offered; what counts is the pace at which it was taken, all of it. */
export async function measureFlood({ dir, size }: Bench): Promise<Line[]> {
  const home = join(dir, "flood");
  const hub = await hubSide(home, await seedFolder(home, size.fewMembers, size.floodClients), 0);
  const floor = await aedesSide(0);
  const sides = [floor, hub];
  const hoses = await Promise.all(sides.map((side) => connectHoses(side.place, nodeNames(size.floodClients))));
  const rates: number[][] = [[], []];
  let lost = 0;
  for (let i = 0; i <= size.rounds; i += 1) {
    for (const [at, side] of sides.entries()) {
      const had = await side.ask("received");
      const from = performance.now();
      const sent = await flood(hoses[at] ?? [], offeredPerSecond, size.floodMs);
      const { count, atMs } = await settled(() => side.ask("received"));
      if (side === hub) lost += Math.max(0, sent - (count - had));
      if (i > 0) rates[at]?.push(((count - had) / (atMs - from)) * 1000);
    }
  }
  for (const { socket } of hoses.flat()) socket.destroy();
  await hub.stop();
  await floor.stop();
  const [their, our] = rates.map(median) as [number, number];
  const what = `flood of ${offeredPerSecond} messages/s from ${size.floodClients} clients`;
  return [
    {
      what: `${what}: taken per second`,
      ours: String(Math.round(our)),
      floor: `parsing subscriber ${Math.round(their)}`,
      ratio: times(our, their),
      target: "≥ 60,000",
      met: our >= 60_000,
    },
    none(`${what}: lost`, lost),
  ];
}

/** Events of outboxes, counted when the hub has acknowledged them, against bare inserts of the same texts in one SQLite file. */
export async function measureEvents({ dir, size }: Bench): Promise<Line[]> {
  const nodes = 20;
  const home = join(dir, "events");
  const hub = await hubSide(home, await seedFolder(home, size.fewMembers, nodes), nodes);
  const [ours, theirs]: [number[], number[]] = [[], []];
  let lost = 0;
  for (let i = 0; i <= size.rounds; i += 1) {
    const floor = eventsFloor(dir, size.events);
    const { perSecond, unacknowledged } = await sendEvents(hub.readers, size.events);
    lost += unacknowledged;
    if (i === 0) continue;
    theirs.push(floor);
    ours.push(perSecond);
  }
  await hub.stop();
  const [our, their] = [median(ours), median(theirs)];
  return [
    {
      what: "durable events in group commits: events/s",
      ours: String(Math.round(our)),
      floor: `bare SQLite ${Math.round(their)}`,
      ratio: times(our, their),
      target: "≥ 20,000",
      met: our >= 20_000,
    },
    none("durable events: not acknowledged", lost),
  ];
}
