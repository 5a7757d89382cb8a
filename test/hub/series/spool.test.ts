/** The spool: order, restarts, bounds, cut lines. */
import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Point, Spool } from "../../../hub/series/spool.ts";
import { temporaryDir } from "../../support/ledger.ts";

let folder: ReturnType<typeof temporaryDir>;
beforeEach(() => {
  folder = temporaryDir();
});
afterEach(() => folder.remove());
const points = (from: number, count: number): Point[] => Array.from({ length: count }, (_, i) => ["laser-1", from + i, 12.5, null]);

async function drain(spool: Spool): Promise<number[]> {
  const times: number[] = [];
  for (let batch = await spool.peek(); batch !== undefined && batch.length > 0; batch = await spool.peek()) {
    times.push(...batch.map((point) => point[1]));
    await spool.shift();
  }
  return times;
}

test("points come out in the order in which they went in, also after a restart and a cut last line", async () => {
  const spool = await Spool.open(folder.dir, 1e9);
  for (let i = 0; i < 30; i += 1) await spool.push(points(i * 2000, 2000));
  const names = readdirSync(folder.dir).sort();
  expect(names.length).toBeGreaterThan(1);
  appendFileSync(join(folder.dir, names.at(-1) ?? ""), '["laser-1",99');
  const again = await Spool.open(folder.dir, 1e9);
  expect(again.points).toBe(60_000);
  await again.push(points(60_000, 10));
  expect(await drain(again)).toEqual(Array.from({ length: 60_010 }, (_, i) => i));
  expect(again.isEmpty).toBe(true);
  expect((await Spool.open(folder.dir, 1e9)).points).toBe(0);
});

test("what comes while the oldest batch is being sent is not lost with it", async () => {
  const spool = await Spool.open(folder.dir, 1e9);
  await spool.push(points(0, 5));
  const sending = await spool.peek();
  await spool.push(points(5, 5));
  expect(sending?.length).toBe(5);
  await spool.shift();
  expect(await drain(spool)).toEqual([5, 6, 7, 8, 9]);
});

test("a full spool lets the oldest go and counts it, for ever", async () => {
  const spool = await Spool.open(folder.dir, 3_000_000);
  for (let i = 0; i < 60; i += 1) await spool.push(points(i * 5000, 5000));
  expect(spool.droppedPoints).toBeGreaterThan(0);
  expect(spool.points + spool.droppedPoints).toBe(300_000);
  const again = await Spool.open(folder.dir, 3_000_000);
  expect(again.droppedPoints).toBe(spool.droppedPoints);
  expect((await drain(again)).at(-1)).toBe(299_999);
});
