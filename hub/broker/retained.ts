/**
 * Kept messages found by their very name. aedes' store tries every kept message against every subscription, and 2,000 devices
 * that come back at once kept a hub busy for half a minute. A filter with a wildcard still goes that way.
 */
import { Readable } from "node:stream";

type Kept = { readonly topic: string; readonly payload: { readonly length: number } };
/** The part of aedes' persistence that keeps messages; a payload of no bytes takes the message back (MQTT 3.1.1 §3.3.1.3). */
export type RetainedStore = {
  storeRetained(packet: Kept): Promise<void>;
  createRetainedStreamCombi(filters: readonly string[]): Readable;
};

const isName = (filter: string): boolean => !/[+#]/.test(filter);

export function findByName(store: RetainedStore): void {
  const kept = new Map<string, Kept>();
  const keep = store.storeRetained.bind(store);
  const search = store.createRetainedStreamCombi.bind(store);
  store.storeRetained = (packet) => {
    if (packet.payload.length === 0) kept.delete(packet.topic);
    else kept.set(packet.topic, { ...packet });
    return keep(packet);
  };
  store.createRetainedStreamCombi = (filters) => {
    if (!filters.every(isName)) return search(filters);
    return Readable.from(filters.flatMap((name) => kept.get(name) ?? []));
  };
}
