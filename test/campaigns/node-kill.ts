/** Two hundred kill -9 of a door node around the moment of a grant (issue 2 §6, item 3). */
import { killNode } from "../devices/kit/node-process.ts";

export const name = "node-kill";

export async function run(seed: number): Promise<{ figures: Record<string, number | string> }> {
  const figures = await killNode({ kills: 200, seed });
  if (figures.missing > 0 || figures.onAfterRestart > 0) throw new Error(`the node failed: ${JSON.stringify(figures)}`);
  return { figures };
}
