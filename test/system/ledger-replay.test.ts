/** The whole log three times, shuffled and split, over checkpoints and days: the projections are the same bytes. */
import { expect, test } from "vitest";
import { aLog, dice, projectionsOf, shuffled, split } from "../support/ledger-log.ts";

test("long logs delivered three times, shuffled and split, give byte-identical projections, as does rebuilding", async () => {
  const seeds = Number(process.env.KOPRADE_REPLAY_SEEDS ?? 2);
  for (let seed = 1; seed <= seeds; seed += 1) {
    const log = aLog(seed, 40);
    const roll = dice(seed + 100);
    const inOrder = await projectionsOf(split(log, () => 0));
    const thrice = await projectionsOf(split(shuffled([...log, ...log, ...log], roll), roll));
    console.log(
      `seed ${seed}: ${log.length} events, ${inOrder.text.split("\n").length - 1} rows, ${inOrder.text === thrice.text ? "identical" : "DIFFERENT"}`,
    );
    expect(thrice.stored).toBe(log.length);
    expect(inOrder.rebuilt).toBe(inOrder.text);
    expect(thrice.text).toBe(inOrder.text);
    expect(thrice.rebuilt).toBe(inOrder.text);
  }
}, 120_000);

test("a log long enough for checkpoints folds the same from its end, from its middle and from nothing", async () => {
  const log = aLog(9, 1500);
  const node = log.filter((event) => event.node === "node-a");
  const late = node.filter((_, i) => i % 997 === 500);
  const punctual = node.filter((event) => !late.includes(event));
  const inOrder = await projectionsOf(split(node, () => 0));
  const withLate = await projectionsOf([...split(punctual, () => 0), ...late.map((event) => [event])]);
  console.log(`${node.length} events, ${late.length} of them late: ${inOrder.text === withLate.text ? "identical" : "DIFFERENT"}`);
  expect(withLate.text).toBe(inOrder.text);
  expect(withLate.rebuilt).toBe(inOrder.text);
}, 120_000);
