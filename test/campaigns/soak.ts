/**
 * A machine's node through an hour in which somebody pulls a cable every minute: reader, meter, board, or all of them, at rest and while
 * the machine is permitted. After each the node must work again by itself; nothing may come on by itself, and nothing may be left behind.
 * What would pass between two pulls in which nothing happens is left out: sixty pulls take a quarter of an hour.
 */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { askControl, controlPath } from "../../hub/cli/control.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { systemClock, systemLog } from "../../hub/system.ts";
import { type Dice, dice } from "../../simulators/random.ts";
import { site } from "../support/hub-process.ts";
import { adaCard, type Cable, laserNode, startWiredMachine, type WiredMachine } from "../support/wired-machine.ts";

export const name = "soak";
export async function run(seed: number): Promise<{ figures: SoakFigures }> {
  const figures = await soak({ seed, pulls: 60 });
  if (figures.stuck + figures.onByItself + figures.stayedOn > 0 || figures.descriptorsMore > 2 || figures.childrenMore > 0)
    throw new Error(`the node failed: ${JSON.stringify(figures)}`);
  return { figures };
}

export type SoakFigures = {
  readonly pulls: number;
  readonly cables: number;
  /** pulled while the machine was permitted */
  readonly inUse: number;
  /** not everything worked again within the limit */
  readonly stuck: number;
  readonly onByItself: number;
  /** the permit stayed on without a board */
  readonly stayedOn: number;
  /** taps to which nothing happened */
  readonly tappedAgain: number;
  readonly backP50Ms: number;
  readonly backMaxMs: number;
  readonly descriptorsMore: number;
  readonly childrenMore: number;
};

const sets: readonly (readonly Cable[])[] = [["board", "reader", "meter"], ["board"], ["reader"], ["meter"]];
const backLimitMs = 40_000;
/** taps by the owner this soon after the start mean nothing */
const guardMs = 3200;
/** a contactor rests between two permits */
const restMs = 5200;
/** a card on a reader that has only just come back lay there */
const settleMs = 1500;

export async function soak({ seed, pulls }: { readonly seed: number; readonly pulls: number }): Promise<SoakFigures> {
  const machine = await startWiredMachine({ chip: true });
  const ledger = await openLedger(
    { dir: machine.dir, site, tz: "Europe/Riga", demo: false, role: "tool" },
    { clock: systemClock, log: systemLog("error") },
  );
  const random = dice(seed, "pulls");
  const seen = { cables: 0, inUse: 0, stuck: 0, onByItself: 0, stayedOn: 0, tappedAgain: 0 };
  const back: number[] = [];
  let quiet: { readonly descriptors: number; readonly children: number } | null = null;
  try {
    machine.startNode();
    const watch = watcher(machine, ledger);
    if (!(await watch.whole(0, backLimitMs))) throw new Error("the node did not start");
    for (let i = 0; i < pulls; i += 1) {
      if (i === Math.min(2, pulls - 1)) quiet = left(machine);
      const cables = sets[i < sets.length ? i : random.int(0, sets.length - 1)] ?? ["board"];
      const wasOn = await begin(machine, i, random);
      const from = newest(ledger);
      seen.cables += cables.length;
      if (wasOn) seen.inUse += 1;
      for (const cable of cables) machine.unplug(cable);
      await pause(random.int(3500, 6000)); // silence is noticed after three seconds
      if (cables.includes("board") && machine.machine.isPermitted()) seen.stayedOn += 1;
      const pluggedMs = performance.now();
      for (const cable of cables) machine.plugIn(cable);
      const isBack = await watch.back(cables, from, backLimitMs);
      if (!isBack) process.stderr.write(`soak: pull ${i} of ${cables.join(", ")}: not back\n`);
      if (!isBack) seen.stuck += 1;
      back.push(performance.now() - pluggedMs);
      await pause(settleMs);
      if (cables.includes("board") && machine.machine.isPermitted()) seen.onByItself += 1;
      const isEnded = await endUse(machine, () => {
        seen.tappedAgain += 1;
        process.stderr.write(`soak: pull ${i} of ${cables.join(", ")}, tapped again after: ${tail(ledger)}\n`);
      });
      if (!isEnded) process.stderr.write(`soak: pull ${i} of ${cables.join(", ")}: a card does nothing\n`);
      if (!isEnded) seen.stuck += 1;
    }
    const now = left(machine);
    back.sort((a, b) => a - b);
    return {
      ...{ pulls, ...seen },
      backP50Ms: Math.round(back[back.length >> 1] ?? 0),
      backMaxMs: Math.round(back.at(-1) ?? 0),
      descriptorsMore: now.descriptors - (quiet?.descriptors ?? 0),
      childrenMore: now.children - (quiet?.children ?? 0),
    };
  } finally {
    await ledger.close();
    await machine.close();
  }
}

/** Every second time somebody has the machine when the cable is pulled. Gives whether it was permitted. */
async function begin(machine: WiredMachine, i: number, random: Dice): Promise<boolean> {
  if (i % 2 === 1) return false;
  if (i > 0) await pause(restMs);
  for (let tries = 0; tries < 3 && !machine.machine.isPermitted(); tries += 1) {
    await machine.tap(adaCard);
    await until(() => machine.machine.isPermitted(), 5000);
  }
  await pause(random.int(200, 1500));
  return machine.machine.isPermitted();
}

/** The reader works if a card ends the use, or, at rest, begins one that ends. */
async function endUse(machine: WiredMachine, onMissed: () => void): Promise<boolean> {
  const { machine: body } = machine;
  /** As people do: nothing happens, so they tap once more. */
  const tapUntil = async (isTrue: () => boolean): Promise<boolean> => {
    for (let tries = 0; tries < 2; tries += 1) {
      await machine.tap(adaCard);
      if (await until(isTrue, 8000)) return true;
      onMissed();
    }
    return false;
  };
  if (!body.isPermitted()) {
    await pause(restMs);
    if (!(await tapUntil(() => body.isPermitted()))) return false;
  }
  await pause(guardMs);
  return tapUntil(() => !body.isPermitted());
}

const newest = (ledger: Ledger): number => ledger.read.events({ node: laserNode, limit: 1 })[0]?.n ?? 0;

const tail = (ledger: Ledger): string =>
  ledger.read
    .events({ node: laserNode, limit: 5 })
    .reverse()
    .map(({ body }) =>
      body.kind === "access.decided" ? `${body.outcome} ${body.reason}` : "state" in body ? `${body.kind} ${body.state}` : body.kind,
    )
    .join(", ");

function watcher(machine: WiredMachine, ledger: Ledger) {
  const last = (kind: "node.board" | "node.reader", from: number): string | null => {
    const body = ledger.read.events({ node: laserNode, after: from, limit: 1000 }).findLast((event) => event.body.kind === kind)?.body;
    return body?.kind === "node.board" || body?.kind === "node.reader" ? body.state : null;
  };
  const measures = async (sinceMs: number): Promise<boolean> => {
    const answer = await askControl(controlPath(machine.dir), { op: "look", resource: "laser" });
    if (answer.kind !== "answer" || answer.result === null) return false;
    return answer.result.samples.some(({ atMs, powerW }) => atMs > sinceMs && powerW !== null);
  };
  return {
    whole: (from: number, limitMs: number) => until(() => last("node.board", from) === "ready", limitMs),
    async back(cables: readonly Cable[], from: number, limitMs: number): Promise<boolean> {
      const sinceMs = Date.now();
      return until(
        async () =>
          (!cables.includes("board") || last("node.board", from) === "ready") &&
          (!cables.includes("reader") || last("node.reader", from) === "ready") &&
          (!cables.includes("meter") || (await measures(sinceMs))),
        limitMs,
      );
    },
  };
}

function left(machine: WiredMachine): { readonly descriptors: number; readonly children: number } {
  const pid = machine.nodePid();
  const children = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && parentOf(entry) === pid).length;
  return { descriptors: machine.descriptors(), children };
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return null; // it ended while we looked
  }
}

async function until(isTrue: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  while (!(await isTrue())) {
    if (performance.now() > endMs) return false;
    await pause(100);
  }
  return true;
}
