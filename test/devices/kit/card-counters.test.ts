/** The counters of cards that prove themselves, across restarts of a node and disks that fail. */
import { expect, test } from "vitest";
import * as z from "zod";
import { provingOf } from "../../../devices/kit/card-counters.ts";
import { createMemoryFiles, type NodeFiles } from "../../../devices/kit/node-files.ts";
import { keptLog, seededDice, testHub, virtualClock } from "./world.ts";

const cards = { generation: 1, identity: new Uint8Array(16), proof: new Uint8Array(16).fill(1) };
const number = (n: number) => `iso14443a:04A23B1C5D${n.toString(16).toUpperCase().padStart(4, "0")}`;
const started = (files: NodeFiles, clock = virtualClock()) => {
  const log = keptLog();
  const proving = provingOf({ keys: { ...testHub().keys, cards }, dice: seededDice(1), files, clock, log });
  if (proving === null) throw new Error("a node with keys for cards proves them");
  return { ...proving, log, clock };
};

test("a count opens once, also after a restart, and for its own card only", async () => {
  const files = createMemoryFiles();
  const first = started(files);
  expect(await first.counterRises(number(1), 7)).toBe("rises");
  expect(await first.counterRises(number(1), 7)).toBe("stale");
  expect(await first.counterRises(number(1), 6)).toBe("stale");
  expect(await first.counterRises(number(2), 0)).toBe("rises");
  const second = started(files);
  expect(await second.counterRises(number(1), 7)).toBe("stale");
  expect(await second.counterRises(number(1), 8)).toBe("rises");
  expect(JSON.stringify(files.load("card-counters"))).not.toContain("04A23B");
});

test("a count that the disk does not take opens nothing, and is said", async () => {
  const failing = started({ ...createMemoryFiles(), save: async () => Promise.reject(new Error("full")) });
  expect(await failing.counterRises(number(1), 7)).toBe("not kept");
  expect(failing.log.lines.map(({ level }) => level)).toEqual(["warn"]);
  const hanging = started({ ...createMemoryFiles(), save: () => new Promise(() => undefined) });
  const asked = hanging.counterRises(number(1), 7);
  hanging.clock.advance(2_001);
  expect(await asked).toBe("not kept");
});

test("as many cards are remembered as a space has members, the one that was longest away is forgotten", async () => {
  const files = createMemoryFiles();
  const first = started(files);
  for (const n of [0, 1]) await first.counterRises(number(n), 5);
  const others = Array.from({ length: 3_998 }, (_, n) => [n.toString(16).padStart(32, "0"), 5]);
  await files.save("card-counters", [...z.array(z.unknown()).parse(files.load("card-counters")), ...others]);
  const full = started(files);
  expect(await full.counterRises(number(2), 5)).toBe("rises");
  expect(await full.counterRises(number(1), 5)).toBe("stale");
  expect(await full.counterRises(number(0), 5)).toBe("rises");
  expect(full.log.lines).toEqual([]);
});

test("a node whose keys are older than such cards takes every card by its number", () => {
  const { keys } = testHub();
  expect(provingOf({ keys, dice: seededDice(1), files: createMemoryFiles(), clock: virtualClock(), log: keptLog() })).toBeNull();
});
