/** The log: once per (node, boot, seq), gaps as data, quarantine within bounds. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Ledger, LedgerChange } from "../../../hub/ledger/types.ts";
import { aLedger, anEvent, bootOf, temporaryDir } from "../../support/ledger.ts";

let ledger: Ledger;
let folder: ReturnType<typeof temporaryDir>;
beforeEach(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir);
});
afterEach(async () => {
  await ledger.close();
  folder.remove();
});

test("an event that arrives twice is stored once, and only the fresh one is announced", async () => {
  const changes: LedgerChange[] = [];
  ledger.onChange((change) => changes.push(change));
  expect(await ledger.append("node-1", [anEvent(1), anEvent(2)])).toEqual({ stored: 2, duplicates: 0, gaps: 0 });
  expect(await ledger.append("node-1", [anEvent(2), anEvent(3)])).toEqual({ stored: 1, duplicates: 1, gaps: 0 });
  const seqs = changes.flatMap((change) => (change.kind === "events" ? change.events.map((event) => event.seq) : []));
  expect(seqs).toEqual([1, 2, 3]);
  expect(ledger.read.events({ limit: 10 }).map((event) => event.seq)).toEqual([3, 2, 1]);
  expect(ledger.read.events({ limit: 10, after: 1 }).map((event) => event.seq)).toEqual([2, 3]);
});

test("the same seq of another boot or another node is another event", async () => {
  await ledger.append("node-1", [anEvent(1)]);
  await ledger.append("node-1", [anEvent(1, { kind: "door.jam" }, { boot: bootOf(2) })]);
  await ledger.append("node-2", [anEvent(1, { kind: "door.tamper" }, { node: "node-2" })]);
  expect(ledger.read.events({ limit: 10 }).map((event) => event.body.kind)).toEqual(["door.tamper", "door.jam", "door.rex"]);
});

test("a jump leaves a gap that holds back the ack until the missing ones arrive", async () => {
  expect(await ledger.append("node-1", [anEvent(1), anEvent(5)])).toMatchObject({ gaps: 1 });
  expect(ledger.ackUpTo("node-1", bootOf(1))).toBe(1);
  expect(ledger.read.gaps()).toMatchObject([{ node: "node-1", boot: bootOf(1), from: 2, to: 4, state: "open" }]);
  await ledger.append("node-1", [anEvent(3)]);
  expect(ledger.read.gaps().map(({ from, to, state }) => ({ from, to, state }))).toEqual([
    { from: 4, to: 4, state: "open" },
    { from: 2, to: 2, state: "open" },
  ]);
  await ledger.append("node-1", [anEvent(2), anEvent(4)]);
  expect(ledger.read.gaps().every((gap) => gap.state === "closed")).toBe(true);
  expect(ledger.ackUpTo("node-1", bootOf(1))).toBe(5);
});

test("what a node declares lost lets the ack pass, and stays on record as lost", async () => {
  await ledger.append("node-1", [anEvent(1), anEvent(5)]);
  await ledger.append("node-1", [anEvent(6, { kind: "node.gap", ofBoot: bootOf(1), from: 2, to: 4 })]);
  expect(ledger.ackUpTo("node-1", bootOf(1))).toBe(6);
  expect(ledger.read.gaps()).toMatchObject([{ from: 2, to: 4, state: "lost" }]);
});

test("a gap before a batch that the node sends again after a while counts as lost", async () => {
  let nowMs = Date.now();
  await ledger.close();
  const { realClock } = await import("../../support/ledger.ts");
  ledger = await aLedger(folder.dir, {}, { ...realClock, nowMs: () => nowMs });
  await ledger.append("node-1", [anEvent(11), anEvent(12)]);
  await ledger.append("node-1", [anEvent(11), anEvent(12)]);
  expect(ledger.ackUpTo("node-1", bootOf(1))).toBe(0);
  nowMs += 6000;
  await ledger.append("node-1", [anEvent(11), anEvent(12)]);
  expect(ledger.ackUpTo("node-1", bootOf(1))).toBe(12);
});

test("an event that travelled faster than the one before it is not put before it", async () => {
  await ledger.append("node-1", [anEvent(1, undefined, { evtMs: 5000 })]);
  await ledger.append("node-1", [anEvent(2, undefined, { evtMs: 4970 })]);
  expect(ledger.read.events({ limit: 2 }).map((event) => event.evtMs)).toEqual([5000, 5000]);
});

test("the ack of an unknown boot is zero", () => {
  expect(ledger.ackUpTo("node-9", bootOf(9))).toBe(0);
});

test("the quarantine keeps at most 1,000 rows of 4 KB, the newest", async () => {
  const one = new Uint8Array(6000).fill(7);
  await Promise.all(Array.from({ length: 1010 }, (_, i) => ledger.quarantine("node-1", "n/node-1/evt", one, `bad ${i}`)));
  const rows = ledger.read.quarantined();
  expect(rows.length).toBe(1000);
  expect(rows[0]?.reason).toBe("bad 1009");
  expect(rows[0]?.bytes.length).toBe(4096);
});

test("more events than may wait are refused at once, and nothing is lost of what was taken", async () => {
  const batch = (from: number): ReturnType<typeof anEvent>[] => Array.from({ length: 20_001 }, (_, i) => anEvent(from + i));
  const first = ledger.append("node-1", batch(1));
  await expect(ledger.append("node-1", batch(20_002))).rejects.toMatchObject({ code: "LEDGER_FULL_QUEUE" });
  expect((await first).stored).toBe(20_001);
});
