/**
 * kill -9 the hub again and again while twenty nodes (doors and machines) work: afterwards the ledger must hold every event of
 * every node exactly once and the sessions the machines really had.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { dice } from "../../simulators/random.ts";
import { quantile } from "../bench/stats.ts";
import { furnishedFolder, type HubFolder, openTestLedger, startHubProcess } from "../support/hub-process.ts";
import { machineFolder, startMachine, type TestMachine } from "../support/test-machine.ts";
import { doorFolder, startDoor, type TestDoor } from "../support/test-node.ts";

export const name = "hub-kill";
export const run = (seed: number) => killHub({ seed, kills: 200 });

const doorsCount = 14;
const machinesCount = 6;
const membersCount = 60;
const cardOf = (index: number): string => `em4100:0F${index.toString(16).toUpperCase().padStart(8, "0")}`;
const drainLimitMs = 60_000;

export type KillFigures = {
  readonly kills: number;
  readonly events: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly sessions: number;
  readonly wrongSessions: number;
  readonly restartP50Ms: number;
  readonly restartMaxMs: number;
};

export async function killHub({ seed, kills }: { seed: number; kills: number }): Promise<{ figures: KillFigures }> {
  const dir = await mkdtemp(join(tmpdir(), "koprade-kill-"));
  const random = dice(seed, "kills");
  try {
    const { folder, doorPaths, machinePaths } = await furnish(dir);
    let hub = await startHubProcess(folder);
    const doors = doorPaths.map(startDoor);
    const machines = machinePaths.map((path) => startMachine(path));
    await until(
      () => [...doors, ...machines].every(({ node }) => node.node.snapshots.current() !== null),
      30_000,
      "snapshots at every node",
    );
    // A card read in the first two seconds counts as one that lay on the reader at the start.
    await pause(2500);
    const load = startLoad(doors, machines, seed);
    const restarts: number[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      await pause(random.int(50, 700));
      await hub.kill();
      const from = performance.now();
      hub = await startHubProcess(folder);
      restarts.push(performance.now() - from);
    }
    await load.stop();
    const last = new Map([...doors, ...machines].map(({ node }) => [node.node.boot, markEnd(node.node)]));
    await until(() => [...doors, ...machines].every(({ node }) => node.node.outbox.depth() === 0), drainLimitMs, "every outbox to drain");
    await hub.stop();
    const figures = await judge(folder, doors, machines, last);
    await Promise.all([...doors, ...machines].map((node) => node.stop()));
    return {
      figures: { kills, ...figures, restartP50Ms: Math.round(quantile(restarts, 0.5)), restartMaxMs: Math.round(Math.max(...restarts)) },
    };
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const doorNode = (index: number): string => `door-${String(index + 1).padStart(2, "0")}`;
const machineNode = (index: number): string => `machine-${String(index + 1).padStart(2, "0")}`;

async function furnish(dir: string): Promise<{ folder: HubFolder; doorPaths: string[]; machinePaths: string[] }> {
  const folder = await furnishedFolder(dir, async ({ change }) => {
    await change.addPlan({ plan: "full", label: "Full", always: true }, "cli:test");
    await change.importMembers(
      {
        rows: Array.from({ length: membersCount }, (_, i) => ({
          displayName: `Member ${i + 1}`,
          cards: [cardOf(i + 1)],
          plan: "full",
          from: "2026-01-01",
        })),
      },
      "cli:test",
    );
    for (let i = 0; i < doorsCount; i += 1) {
      await change.addNode({ node: doorNode(i), kind: "door" }, "cli:test");
      await change.addDoor(
        { door: `${doorNode(i)}-door`, node: doorNode(i), ch: "door", label: doorNode(i), failMode: "secure" },
        "cli:test",
      );
    }
    for (let i = 0; i < machinesCount; i += 1) {
      await change.addNode({ node: machineNode(i), kind: "machine" }, "cli:test");
      const machine = {
        machine: `${machineNode(i)}-tool`,
        node: machineNode(i),
        ch: "machine",
        label: machineNode(i),
        riskClass: "C" as const,
        cutHazard: false,
        course: null,
        graceMs: 0,
        minUsefulMs: 0,
      };
      await change.addMachine(machine, "cli:test");
    }
  });
  const ledger = await openTestLedger(dir);
  const doorPaths: string[] = [];
  const machinePaths: string[] = [];
  for (let i = 0; i < doorsCount; i += 1) doorPaths.push(await doorFolder(folder, ledger, doorNode(i)));
  for (let i = 0; i < machinesCount; i += 1) machinePaths.push(await machineFolder(folder, ledger, machineNode(i)));
  await ledger.close();
  return { folder, doorPaths, machinePaths };
}

/** Taps at every door and machine until stopped; machines end idle. */
function startLoad(doors: readonly TestDoor[], machines: readonly TestMachine[], seed: number): { stop(): Promise<void> } {
  let running = true;
  const atDoor = async (door: TestDoor, index: number): Promise<void> => {
    const random = dice(seed, `door ${index}`);
    for (let tap = 0; running; tap += 1) {
      await pause(random.int(60, 250));
      // Another card each time: the reader takes the same one for one presence.
      await door.tap(cardOf(((tap * 7 + index) % membersCount) + 1));
    }
  };
  const atMachine = async (machine: TestMachine, index: number): Promise<void> => {
    const card = cardOf(index + 1);
    while (running || machine.isPermitted()) {
      machine.tap(card);
      await pause(1500);
    }
  };
  const work = [...doors.map(atDoor), ...machines.map(atMachine)];
  return {
    async stop() {
      running = false;
      await Promise.all(work);
      await pause(1500);
    },
  };
}

/** One last event, whose number says how many there must be. */
function markEnd({ outbox, link }: TestDoor["node"]["node"]): number {
  const { seq } = outbox.append("node", { kind: "node.board", board: "end", state: "ready" });
  link.deliver();
  return seq;
}

async function judge(
  folder: HubFolder,
  doors: readonly TestDoor[],
  machines: readonly TestMachine[],
  lastSeq: ReadonlyMap<string, number>,
) {
  const ledger = await openTestLedger(folder.dir);
  try {
    let [events, lost, duplicates, sessions, wrongSessions] = [0, 0, 0, 0, 0];
    const nodes = [
      ...doors.map(({ node }, i) => ({ name: doorNode(i), node: node.node })),
      ...machines.map(({ node }, i) => ({ name: machineNode(i), node: node.node })),
    ];
    for (const { name: node, node: program } of nodes) {
      const seqs = ledger.read
        .events({ node, limit: 10_000 })
        .filter((event) => event.boot === program.boot)
        .map((event) => event.seq);
      const distinct = new Set(seqs);
      const last = lastSeq.get(program.boot) ?? 0;
      events += seqs.length;
      duplicates += seqs.length - distinct.size;
      for (let seq = 1; seq <= last; seq += 1) if (!distinct.has(seq)) lost += 1;
    }
    machines.forEach((machine, i) => {
      const rows = ledger.read.sessions({ machine: `${machineNode(i)}-tool`, limit: 10_000 });
      sessions += rows.length;
      wrongSessions +=
        Math.abs(rows.length - machine.starts()) + rows.filter((row) => row.endedMs === null || row.endedMs < row.startedMs).length;
    });
    return { events, lost, duplicates, sessions, wrongSessions };
  } finally {
    await ledger.close();
  }
}

async function until(isTrue: () => boolean, limitMs: number, what: string): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms for ${what}`);
    await pause(50);
  }
}
