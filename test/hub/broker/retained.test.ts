/** Found by name or by aedes' own search, the same messages are found. */
import { Aedes } from "aedes";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findByName, type RetainedStore } from "../../../hub/broker/retained.ts";

const brokers: Aedes[] = [];
let theirs: RetainedStore;
let ours: RetainedStore;
beforeAll(async () => {
  brokers.push(await Aedes.createBroker(), await Aedes.createBroker());
  [theirs, ours] = brokers.map((broker) => (broker as unknown as { persistence: RetainedStore }).persistence) as [
    RetainedStore,
    RetainedStore,
  ];
  findByName(ours);
});
afterAll(() => {
  for (const broker of brokers) broker.close();
});

const kept = (topic: string, text: string) => ({ topic, payload: Buffer.from(text), qos: 1, retain: true });
async function found(store: RetainedStore, filters: readonly string[]): Promise<string[]> {
  const packets: string[] = [];
  for await (const { topic, payload } of store.createRetainedStreamCombi(filters)) packets.push(`${topic} ${payload}`);
  return packets;
}

it("finds what was kept last under a name, nothing that was taken back, and leaves wildcards to aedes", async () => {
  for (const store of [theirs, ours]) {
    for (const [topic, text] of [
      ["s/a", "old"],
      ["s/b", "gone"],
      ["s/c/d", "1"],
      ["s/a", "new"],
      ["s/b", ""],
    ] as const)
      await store.storeRetained(kept(topic, text));
  }
  expect(await found(ours, ["s/a", "s/b", "s/c"])).toEqual(["s/a new"]);
  for (const filters of [["s/a"], ["s/b"], ["s/c/d", "s/a"], ["s/+"], ["s/#"], ["s/a", "s/c/#"], ["s"], ["s/a/"]])
    expect(await found(ours, filters), filters.join(" ")).toEqual(await found(theirs, filters));
});
