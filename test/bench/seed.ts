/** A space of a given size for the bench and the campaigns: members with cards and trainings, nodes with a machine each. */
import type { Stack } from "../../hub/stack.ts";

export type Seeded = { readonly secrets: Readonly<Record<string, string>>; readonly cards: readonly string[] };

const batch = 2000;
export const cardNumberOf = (index: number): string => `em4100:0F${index.toString(16).toUpperCase().padStart(8, "0")}`;

/** Members 1 … n with card i each; every second one trained. Nodes `node-001` … with machine `machine-001` … on channel `machine`. */
export async function seedSpace(stack: Stack, members: number, nodes: number): Promise<Seeded> {
  const { change, keys, read } = stack.ledger;
  const secrets: Record<string, string> = {};
  const nameOf = (index: number): string => String(index + 1).padStart(3, "0");
  if (read.courses().length === 0) {
    await change.addCourse({ course: "laser", label: "Laser" }, "bench");
    await change.addPlan({ plan: "full", label: "Full", always: true }, "bench");
    const trainer = await change.addMember({ displayName: "Trainer" }, "bench");
    for (let start = 0; start < members; start += batch) {
      const rows = Array.from({ length: Math.min(batch, members - start) }, (_, i) => ({
        displayName: `Member ${start + i + 1}`,
        cards: [cardNumberOf(start + i + 1)],
        plan: "full",
        from: "2026-01-01",
        courses: (start + i) % 2 === 0 ? ["laser"] : [],
      }));
      await change.importMembers({ rows, signedOffBy: trainer.member }, "bench");
    }
  }
  for (let index = 0; index < nodes; index += 1) {
    const node = `node-${nameOf(index)}`;
    const known = read.node(node) !== undefined;
    const { secret } = known ? await change.renewNodeSecret({ node }, "bench") : await change.addNode({ node, kind: "machine" }, "bench");
    secrets[node] = secret;
    if (known) continue;
    await change.setNode({ node, status: "active" }, "bench");
    const machine = {
      machine: `machine-${nameOf(index)}`,
      node,
      ch: "machine",
      label: `Machine ${index + 1}`,
      riskClass: "B" as const,
      cutHazard: false,
      course: "laser",
    };
    await change.addMachine(machine, "bench");
  }
  return { secrets, cards: Array.from({ length: Math.min(members, 1000) }, (_, i) => keys.cardKeyOf(cardNumberOf(i + 1))) };
}
