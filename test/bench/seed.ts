/** A space of a given size in a data folder, for the bench: members with cards and trainings, nodes with a machine each. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { loadSiteTls } from "../../hub/broker/site-ca.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { systemClock, systemLog } from "../../hub/system.ts";

export const site = "bench";
/** What the load needs to know of a space. `cards` are the keys of the first members' cards; every second one is trained. */
export type Seeded = { readonly secrets: Readonly<Record<string, string>>; readonly cards: readonly string[]; readonly ca: string };

const batch = 2000;
const cardsKept = 1000;
const config = { mqtt: { maxConnections: 2500, messagesPerSecond: 10_000 } };

export const cardNumberOf = (index: number): string => `em4100:0F${index.toString(16).toUpperCase().padStart(8, "0")}`;
export const nodeNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `node-${String(i + 1).padStart(3, "0")}`);

/** Furnishes a folder, or reads what was furnished there before. Members 1 … n with card i each; nodes with machine `machine-i`. */
export async function seedFolder(dir: string, members: number, nodes: number): Promise<Seeded> {
  const note = join(dir, "bench.json");
  if (existsSync(note)) return JSON.parse(readFileSync(note, "utf8")) as Seeded;
  await mkdir(dir, { recursive: true });
  writeFileSync(join(dir, "koprade.yaml"), JSON.stringify({ site, ...config }));
  const { caPem } = await loadSiteTls({ dir: join(dir, "ca"), site, names: [], nowMs: Date.now() });
  // As a tool: nobody compiles permissions after each of these changes.
  const ledger = await openLedger(
    { dir, site, tz: "Europe/Riga", demo: false, role: "tool" },
    { clock: systemClock, log: systemLog("error") },
  );
  await addMembers(ledger, members);
  const secrets: Record<string, string> = {};
  for (const [index, node] of nodeNames(nodes).entries()) secrets[node] = await addNode(ledger, node, index);
  const cards = Array.from({ length: Math.min(members, cardsKept) }, (_, i) => ledger.keys.cardKeyOf(cardNumberOf(i + 1)));
  await ledger.close();
  const seeded = { secrets, cards, ca: caPem };
  writeFileSync(note, JSON.stringify(seeded));
  return seeded;
}

async function addMembers({ change }: Ledger, members: number): Promise<void> {
  await change.addCourse({ course: "laser", label: "Laser" }, "cli:bench");
  await change.addPlan({ plan: "full", label: "Full", always: true }, "cli:bench");
  const trainer = await change.addMember({ displayName: "Trainer" }, "cli:bench");
  await change.setRoles({ member: trainer.member, roles: ["trainer"] }, "cli:bench");
  for (let start = 0; start < members; start += batch) {
    const rows = Array.from({ length: Math.min(batch, members - start) }, (_, i) => ({
      displayName: `Member ${start + i + 1}`,
      cards: [cardNumberOf(start + i + 1)],
      plan: "full",
      from: "2026-01-01",
      courses: (start + i) % 2 === 0 ? ["laser"] : [],
    }));
    await change.importMembers({ rows, signedOffBy: trainer.member }, "cli:bench");
  }
}

async function addNode({ change }: Ledger, node: string, index: number): Promise<string> {
  const { secret } = await change.addNode({ node, kind: "machine" }, "cli:bench");
  await change.setNode({ node, status: "active" }, "cli:bench");
  await change.addMachine(
    {
      machine: `machine-${index + 1}`.padEnd(11, "x"),
      node,
      ch: "machine",
      label: `Machine ${index + 1}`,
      riskClass: "B",
      cutHazard: false,
      course: "laser",
    },
    "cli:bench",
  );
  await change.takeOver({ resource: `machine-${index + 1}`.padEnd(11, "x"), reason: "a measurement" }, "cli:bench");
  return secret;
}
