/** A million seeded chunks at each parser of readers, cards, boards and meters: no throw, bounded memory, the next good message heard. */
import { fuzzTargets } from "../support/fuzz-targets.ts";
import { type Fuzzed, fuzzParser } from "../support/parser-fuzz.ts";

export const name = "drivers";

const chunks = 1_000_000;

export async function run(seed: number): Promise<{ figures: Record<string, number | string> }> {
  const found: Fuzzed[] = [];
  for (const target of fuzzTargets) {
    const fuzzed = await fuzzParser(target, seed, chunks);
    process.stdout.write(`${JSON.stringify(fuzzed)}\n`);
    found.push(fuzzed);
  }
  const sum = (of: (fuzzed: Fuzzed) => number): number => found.reduce((total, fuzzed) => total + of(fuzzed), 0);
  const bad = sum(({ thrown, overLimit, unheard }) => thrown + overLimit + unheard);
  if (bad > 0) process.exitCode = 1;
  return {
    figures: {
      parsers: found.length,
      chunks: sum((fuzzed) => fuzzed.chunks),
      thrown: sum(({ thrown }) => thrown),
      overLimit: sum(({ overLimit }) => overLimit),
      unheard: sum(({ unheard }) => unheard),
      mostBuffered: found.map((fuzzed) => `${fuzzed.name} ${fuzzed.mostBuffered}`).join(", "),
    },
  };
}
