/**
 * Benches of the simulated building: places for machines that whoever tries it adds from the pages. Each is a node of its own on simulated
 * lines, with a load that behaves as the machine's template says. Nobody comes there but whoever tries it.
 */
import type { ChildProcess } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { type MachineTemplateName, templateNames } from "../hub/machine-templates.ts";
import type { Stack } from "../hub/stack.ts";
import type { CommandOutcome } from "../hub/views.ts";
import type { MachineKind } from "./loads.ts";

const benchesMost = 4;
const startLimitMs = 15_000;
/** What lies on a reader while its node starts counts as forgotten there. */
const settleMs = 2500;
const hearLimitMs = 3500;
const tapsMost = 3;
/** An EM4100 number that nobody in the building has. */
const newCard = "0F00C0FFEE";
const by = "hub:demo";

export const benchChannel = "machine";
const isBench = (node: string): boolean => /^bench-\d$/.test(node);
const loads: Readonly<Record<MachineTemplateName, MachineKind>> = { laser: "laser", fdm: "printer", cnc: "saw", saw: "saw" };

export const benchMessage = z.object({
  kind: z.literal("bench"),
  id: z.string(),
  lines: z.object({ reader: z.string(), board: z.string(), meter: z.string() }),
});
export type BenchLines = z.infer<typeof benchMessage>["lines"];

export type Benches = {
  /** Takes up those of an earlier run. */
  resume(): Promise<void>;
  add(like: MachineTemplateName): Promise<{ readonly node: string; readonly ch: string } | undefined>;
  /** undefined: that reader is at no bench */
  tap(reader: string, card: string | undefined): Promise<CommandOutcome> | undefined;
  readers(): readonly { readonly reader: string; readonly label: string }[];
  machines(): readonly string[];
};

/**
 * @param given.lines  asks the building for the lines of a bench
 * @param given.start  starts the program of its node on them
 */
export function createBenches(given: {
  readonly stack: Stack;
  readonly building: ChildProcess;
  lines(id: string, load: MachineKind): Promise<BenchLines>;
  start(node: string, lines: BenchLines): Promise<void>;
}): Benches {
  const { stack, building, lines, start } = given;
  const { read, change } = stack.ledger;
  const onlineSince = new Map<string, number>();
  const machinesAt = () => read.resources().filter(({ node }) => isBench(node));
  const begin = async (node: string, like: MachineTemplateName): Promise<void> => start(node, await lines(node, loads[like]));
  const isOnline = (node: string): boolean =>
    stack.hub.live.nodes().some(({ id, status }) => id === node && (status === "online" || status === "syncing"));
  const takesCards = async (node: string): Promise<boolean> => {
    const deadline = performance.now() + startLimitMs;
    while (!isOnline(node)) {
      if (performance.now() > deadline) return false;
      await pause(100);
    }
    const since = onlineSince.get(node) ?? performance.now();
    onlineSince.set(node, since);
    await pause(Math.max(0, since + settleMs - performance.now()));
    return true;
  };
  const heard = (node: string, afterN: number): boolean =>
    read.events({ node, kinds: ["access.decided", "card.captured"], limit: 1 }).some(({ n }) => n > afterN);

  /** Held again when nothing is heard, as a person would. */
  const present = async (node: string, card: string): Promise<CommandOutcome> => {
    if (!(await takesCards(node))) return { status: "unconfirmed" };
    const [last] = read.events({ node, limit: 1 });
    for (let i = 0; i < tapsMost; i += 1) {
      building.send({ kind: "tap", reader: node, card });
      const deadline = performance.now() + hearLimitMs;
      while (performance.now() < deadline) {
        await pause(50);
        if (heard(node, last?.n ?? 0)) return { status: "applied" };
      }
    }
    return { status: "unconfirmed" };
  };

  return {
    async resume() {
      for (const { node } of read.nodes().filter((row) => isBench(row.node))) {
        const profile = machinesAt().find((row) => row.node === node)?.settings.profile;
        await begin(node, templateNames.find((name) => name === profile) ?? "laser");
      }
    },
    async add(like) {
      const taken = new Set(read.nodes().map(({ node }) => node));
      const node = Array.from({ length: benchesMost }, (_, i) => `bench-${i + 1}`).find((name) => !taken.has(name));
      if (node === undefined) return undefined;
      await change.addNode({ node, kind: "machine", label: `Bench ${node.slice(-1)}` }, by);
      await begin(node, like);
      return { node, ch: benchChannel };
    },
    tap(reader, card) {
      const node = machinesAt().find(({ id }) => id === reader)?.node;
      return node === undefined ? undefined : present(node, card ?? newCard);
    },
    readers: () => machinesAt().map(({ id, label }) => ({ reader: id, label })),
    machines: () => machinesAt().map(({ id }) => id),
  };
}
