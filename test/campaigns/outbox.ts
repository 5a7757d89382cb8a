/** Events of a node whose hub is away, kept through kill -9 in the middle of writing, and told once when the hub is back. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { dice } from "../../simulators/random.ts";
import { furnishedFolder, openTestLedger, startHubProcess } from "../support/hub-process.ts";
import { temporaryDir } from "../support/ledger.ts";
import { runtime } from "../support/runtime.ts";
import { until } from "../support/terminal.ts";
import { machineFolder, startMachine } from "../support/test-machine.ts";

const by = "cli:test";

export const name = "outbox";
export async function run(seed: number): Promise<{ figures: Figures }> {
  const figures = await keepThroughDeaths({ seed, lives: 5, events: 10_000 });
  if (figures.lost + figures.doubled + figures.gaps > 0) throw new Error(`the outbox failed: ${JSON.stringify(figures)}`);
  return { figures };
}

type Figures = {
  readonly lives: number;
  /** what the lives said to be on the disk before they were killed */
  readonly kept: number;
  readonly atTheHub: number;
  readonly lost: number;
  readonly doubled: number;
  readonly gaps: number;
  readonly replayMs: number;
};

export async function keepThroughDeaths(given: {
  readonly seed: number;
  readonly lives: number;
  readonly events: number;
}): Promise<Figures> {
  const { lives, events: eventsWanted } = given;
  const temporary = temporaryDir();
  const folder = await furnishedFolder(temporary.dir, async ({ change }) => {
    await change.addNode({ node: "saw-node", kind: "machine" }, by);
    const machine = {
      machine: "saw",
      node: "saw-node",
      ch: "machine",
      label: "Saw",
      riskClass: "B",
      cutHazard: false,
      course: null,
    } as const;
    await change.addMachine(machine, by);
  });
  const ledger = await openTestLedger(folder.dir);
  const configPath = await machineFolder(folder, ledger, "saw-node");
  await ledger.close();
  const random = dice(given.seed, "deaths");
  /** what each life has said to be on the disk, highest number by boot */
  const durable = new Map<string, number>();
  let kept = 0;
  while (durable.size < lives || kept < eventsWanted) {
    const perLife = Math.ceil(eventsWanted / lives) + 200;
    const child = spawn(
      process.execPath,
      [...runtime.flags, join(import.meta.dirname, "../support/outbox-child.ts"), configPath, String(perLife)],
      {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, ...runtime.environment },
      },
    );
    const gone = once(child, "exit");
    const killAt = perLife - 100 - random.int(0, 100);
    let said = "";
    let highest = 0;
    child.stdout.on("data", (text: Buffer) => {
      said += text.toString();
      for (const [, boot = "", upTo] of said.matchAll(/^(\w+) (\d+) \d+$/gm)) {
        highest = Math.max(highest, Number(upTo));
        durable.set(boot, highest);
      }
    });
    await until("enough on the disk", () => highest >= killAt, 30_000);
    child.kill("SIGKILL");
    await gone;
    kept = [...durable.values()].reduce((sum, upTo) => sum + upTo, 0);
  }
  const hub = await startHubProcess(folder);
  const from = performance.now();
  const node = startMachine(configPath);
  try {
    await until("an empty outbox", () => node.node.node.outbox.depth() === 0, 90_000);
    const replayMs = performance.now() - from;
    await node.stop();
    const record = await openTestLedger(folder.dir);
    const events = record.read.events({ node: "saw-node", after: 0, limit: 10_000 });
    const rest = record.read.events({ node: "saw-node", after: events.at(-1)?.n ?? 0, limit: 10_000 });
    const gaps = record.read.gaps().length;
    await record.close();
    const all = [...events, ...rest];
    const seen = Map.groupBy(all, ({ boot }) => boot);
    const lost = [...durable].map(([boot, upTo]) => upTo - (seen.get(boot) ?? []).filter(({ seq }) => seq <= upTo).length);
    const doubled = all.length - new Set(all.map(({ boot, seq }) => `${boot}/${seq}`)).size;
    return {
      lives: durable.size,
      kept,
      atTheHub: all.length,
      lost: lost.reduce((sum, count) => sum + count, 0),
      doubled,
      gaps,
      replayMs: Math.round(replayMs),
    };
  } finally {
    await hub.kill();
    await pause(50);
    temporary.remove();
  }
}
