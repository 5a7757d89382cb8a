/** Some of the seeded chunks of `npm run campaign drivers`, at every parser of readers, cards, boards and meters. */
import { expect, test } from "vitest";
import { fuzzTargets } from "../support/fuzz-targets.ts";
import { type FuzzTarget, fuzzParser } from "../support/parser-fuzz.ts";

const chunks = 5_000;

test.each(fuzzTargets)("$name throws nothing, keeps little and hears the next good message", async (target) => {
  const { thrown, overLimit, unheard } = await fuzzParser(target, 1, chunks);
  expect({ thrown, overLimit, unheard }).toEqual({ thrown: 0, overLimit: 0, unheard: 0 });
});

test("the fuzzer finds what throws, what grows and what stays deaf", async () => {
  let kept = 0;
  const broken: FuzzTarget = {
    name: "broken",
    samples: [Uint8Array.of(1, 2, 3)],
    bufferedMax: 100,
    pauseMs: 1,
    open: () => ({
      hear(chunk) {
        kept += chunk.length;
        if (chunk.at(-1) === 3) throw new Error("three");
      },
      buffered: () => kept,
      good: () => kept < 1_000,
    }),
  };
  const found = await fuzzParser(broken, 1, 1_000);
  expect(found.thrown).toBeGreaterThan(100);
  expect(found.overLimit).toBeGreaterThan(900);
  expect(found.unheard).toBeGreaterThan(10);
});
