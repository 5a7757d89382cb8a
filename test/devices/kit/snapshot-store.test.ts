import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { cardKeyOf } from "../../../devices/kit/authorise.ts";
import { createMemoryFiles, openNodeFiles } from "../../../devices/kit/node-files.ts";
import { openSnapshotStore, type SnapshotOutcome, type SnapshotStorage } from "../../../devices/kit/snapshot-store.ts";
import { cards, doorFacts, settled, signedSnapshot, site, testHub } from "./world.ts";

const hub = testHub();
const about = { node: "door-node", ch: "door", facts: doorFacts };

function open(storage: SnapshotStorage = createMemoryFiles().snapshot) {
  const outcomes: SnapshotOutcome[] = [];
  const store = openSnapshotStore({
    site,
    node: "door-node",
    publicKey: hub.keys.hub,
    storage,
    onOutcome: (_id, outcome) => void outcomes.push(outcome),
  });
  /** Offers, sends what is wanted and waits for the outcome. */
  const feed = async (snapshot: ReturnType<typeof signedSnapshot>) => {
    const before = outcomes.length;
    const wanted = store.offer(snapshot.manifest);
    if (wanted !== null)
      for (const [index, chunk] of snapshot.chunks.entries()) store.chunk(`${wanted.epoch}.${wanted.version}`, index, chunk);
    await vi.waitFor(() => expect(outcomes.length).toBeGreaterThan(before), { timeout: 5000, interval: 2 });
  };
  return { store, outcomes, feed };
}

test("a signed snapshot in many chunks is applied and finds its cards", async () => {
  const { store, outcomes, feed } = open();
  const snapshot = signedSnapshot(hub, { ...about, extra: 10_000 });
  expect(snapshot.chunks.length).toBeGreaterThan(5);
  await feed(snapshot);
  expect(outcomes).toEqual(["applied"]);
  expect(store.current()?.find(cardKeyOf(hub.keys.card, cards.good))?.member).toBe(1);
});

test("a snapshot of a stranger, of another node and an older one are refused", async () => {
  const { store, outcomes, feed } = open();
  await feed(signedSnapshot(hub, { ...about, version: 5 }));
  await feed(signedSnapshot(testHub(), { ...about, version: 6 }));
  await feed(signedSnapshot(hub, { ...about, version: 4 }));
  const foreign = signedSnapshot(hub, { ...about, node: "other-node", version: 7 });
  await feed(foreign);
  expect(outcomes).toEqual(["applied", "bad_signature", "rollback", "bad_signature"]);
  expect(store.version()).toEqual({ epoch: 1, version: 5 });
});

test("a new epoch wins over a higher version of the old one", async () => {
  const { store, feed } = open();
  await feed(signedSnapshot(hub, { ...about, epoch: 1, version: 900 }));
  await feed(signedSnapshot(hub, { ...about, epoch: 2, version: 1 }));
  expect(store.version()).toEqual({ epoch: 2, version: 1 });
  await feed(signedSnapshot(hub, { ...about, epoch: 1, version: 901 })); // refused as a rollback
  expect(store.version()).toEqual({ epoch: 2, version: 1 });
});

test("a chunk that was changed on the way makes the snapshot incomplete and changes nothing", async () => {
  const { store, outcomes } = open();
  const snapshot = signedSnapshot(hub, about);
  store.offer(snapshot.manifest);
  const forged = Uint8Array.from(snapshot.bytes);
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
  store.chunk("1.1", 0, forged);
  await settled();
  expect(outcomes).toEqual(["incomplete"]);
  expect(store.current()).toBeNull();
});

test("chunks may come in any order, twice, and after a reconnect only the missing ones are asked for", async () => {
  const { store, outcomes } = open();
  const { manifest, chunks } = signedSnapshot(hub, { ...about, extra: 6000 });
  expect(store.offer(manifest)).toEqual({ epoch: 1, version: 1, from: 0 });
  store.chunk("1.1", 0, chunks[0] ?? new Uint8Array());
  store.chunk("1.1", 0, chunks[0] ?? new Uint8Array());
  expect(store.offer(manifest)).toEqual({ epoch: 1, version: 1, from: 1 });
  for (let i = chunks.length - 1; i > 0; i -= 1) store.chunk("1.1", i, chunks[i] ?? new Uint8Array());
  await settled();
  expect(outcomes).toEqual(["applied"]);
});

test("after a crash at any byte of saving there is the old snapshot or the new one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "koprade-snap-"));
  try {
    const first = open(openNodeFiles(folder).snapshot);
    await first.feed(signedSnapshot(hub, { ...about, version: 1 }));
    const next = signedSnapshot(hub, { ...about, version: 2 });
    await open(openNodeFiles(folder).snapshot).feed(next);
    const whole = readFileSync(join(folder, "snapshot.kps"));
    for (const cut of [0, 1, 50, 400, whole.length - 1]) {
      writeFileSync(join(folder, "snapshot.kps.new"), whole.subarray(0, cut));
      expect(open(openNodeFiles(folder).snapshot).store.version()).toEqual({ epoch: 1, version: 2 });
      expect(readdirSync(folder)).not.toContain("snapshot.kps.new");
    }
    writeFileSync(join(folder, "snapshot.kps"), whole.subarray(0, whole.length - 5));
    const damaged = open(openNodeFiles(folder).snapshot);
    expect(damaged.store.current()).toBeNull();
    await damaged.feed(signedSnapshot(hub, { ...about, version: 1 }));
    expect(damaged.outcomes).toEqual(["rollback"]);
    await damaged.feed(next);
    expect(damaged.outcomes).toEqual(["rollback", "applied"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
