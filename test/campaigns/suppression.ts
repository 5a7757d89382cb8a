/** The attack on what is published of a month, over 2,000 random months with up to three revisions; it must succeed without complements. */
import fc from "fast-check";
import { aWorld, learned, primaryOnly, published } from "../support/attack.ts";

export const name = "suppression";

export async function run(seed: number): Promise<{ readonly figures: Record<string, number> }> {
  const numRuns = 2_000;
  let broken = 0;
  fc.assert(
    fc.property(aWorld, (world) => {
      if (learned(published(world, primaryOnly, false)).length > 0) broken += 1;
      const told = learned(published(world));
      if (told.length > 0) throw new Error(told.join("; "));
    }),
    { numRuns, seed },
  );
  return { figures: { months: numRuns, learned: 0, learnedWithoutComplements: broken } };
}
