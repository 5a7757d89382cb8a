/** A tap at a door node: from the reader's word to the lock's wire, the record on the disk in between. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { furnishedFolder, openTestLedger, startHubProcess } from "../support/hub-process.ts";
import { doorFolder, startDoor } from "../support/test-node.ts";
import { openFsyncProbe } from "./fsync.ts";
import { residentMb } from "./launch.ts";
import { type Bench, type Line, ms, none, times } from "./lines.ts";
import { cardNumberOf } from "./seed.ts";
import { median, quantile } from "./stats.ts";

const doors = 10;
/** A card that lies on the reader at the start is none that was tapped. */
const settleMs = 2500;
/** Strikes are released for half a second; at this pace every door is locked again before its next tap. */
const paceMs = 70;
/** A node's own process after its start; the launcher's child. */
const calmMs = 8000;
const nodeRssMbMax = 80;
const launcher = join(import.meta.dirname, "..", "..", "hub", "koprade.mjs");
const doorName = (index: number): string => `door-${index + 1}x`;

/** As its service starts it, through the launcher; board and reader are not plugged in. */
async function nodeRssMb(configPath: string): Promise<number> {
  const child = spawn(process.execPath, [launcher, "node", "run", "--config", configPath], { stdio: "ignore" });
  const ended = once(child, "exit");
  await pause(calmMs);
  const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ")[0]);
  const mb = residentMb(pid);
  child.kill("SIGTERM");
  await ended;
  return mb;
}

/** The real node program with its outbox, snapshot and TLS link; only the hands and the lock's coil are played. */
export async function measureNode({ dir, size }: Bench): Promise<Line[]> {
  const folder = await furnishedFolder(join(dir, "node"), async ({ change }) => {
    await change.addPlan({ plan: "full", label: "Full", always: true }, "cli:bench");
    const rows = Array.from({ length: size.nodeTaps }, (_, i) => ({
      displayName: `Member ${i + 1}`,
      cards: [cardNumberOf(i + 1)],
      plan: "full",
      from: "2026-01-01",
    }));
    await change.importMembers({ rows }, "cli:bench");
    for (let i = 0; i <= doors; i += 1) {
      const node = doorName(i);
      await change.addNode({ node, kind: "door" }, "cli:bench");
      await change.setNode({ node, status: "active" }, "cli:bench");
      await change.addDoor({ door: `${node}-door`, node, ch: "door", label: node, failMode: "secure", strikeMs: 500 }, "cli:bench");
    }
  });
  const ledger = await openTestLedger(folder.dir);
  const paths = await Promise.all(Array.from({ length: doors + 1 }, (_, i) => doorFolder(folder, ledger, doorName(i))));
  await ledger.close();
  const hub = await startHubProcess(folder);
  const nodes = paths.slice(0, doors).map(startDoor);
  const last = paths[doors] ?? "";
  const deadline = performance.now() + 30_000;
  while (nodes.some(({ node }) => node.node.snapshots.current() === null) && performance.now() < deadline) await pause(50);
  await pause(settleMs);
  const rssMb: number[] = [];
  for (let i = 0; i < size.rounds; i += 1) rssMb.push(await nodeRssMb(last));
  const probe = await openFsyncProbe(dir);
  const [p50s, p99s, floors]: [number[], number[], number[]] = [[], [], []];
  let refused = 0;
  for (let i = 0; i < size.rounds; i += 1) {
    const [took, between]: [number[], number[]] = [[], []];
    for (let tap = 0; tap < size.nodeTaps; tap += 1) {
      const { granted, tookMs } = (await nodes[tap % doors]?.tap(cardNumberOf(tap + 1))) ?? { granted: false, tookMs: 0 };
      if (granted) took.push(tookMs);
      else refused += 1;
      await pause(paceMs / 2); // what the tap left to be written is written
      between.push(await probe.once());
      await pause(paceMs / 2);
    }
    p50s.push(quantile(took, 0.5));
    p99s.push(quantile(took, 0.99));
    floors.push(quantile(between, 0.99));
  }
  await probe.close();
  await Promise.all(nodes.map((node) => node.stop()));
  await hub.stop();
  const [p50, p99, floor] = [median(p50s), median(p99s), median(floors)];
  return [
    {
      what: "door node, tap → lock, the outbox's fsync included: p99 beyond the reader's frame",
      ours: `${ms(p99)} (p50 ${ms(p50)})`,
      floor: `fdatasync p99 ${ms(floor)}, between the same taps`,
      ratio: times(p99, floor),
      target: "≤ 10 ms",
      met: p99 <= 10,
    },
    {
      what: "door node, tap → lock: p99 above one fdatasync between the same taps",
      ours: ms(Math.max(0, p99 - floor)),
      floor: "–",
      ratio: `${Math.round((100 * Math.max(0, p99 - floor)) / p99)} % of the whole`,
      target: "–",
      met: null,
    },
    none("door node: members refused", refused),
    {
      what: `door node, \`koprade node run\`, ${size.nodeTaps} members in its snapshot: resident memory without its board's process`,
      ours: `${Math.round(median(rssMb))} MB`,
      floor: "–",
      ratio: "–",
      target: `≤ ${nodeRssMbMax} MB`,
      met: median(rssMb) <= nodeRssMbMax,
    },
  ];
}
