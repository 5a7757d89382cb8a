/** A hub's end of the bus in memory: keeps what the node publishes, says what the test says, breaks when told. */
import { createHmac } from "node:crypto";
import { type Body, type Decoded, decode, encode, encodeSealed, type Sender, type Topic, topicPath, topics } from "#contract";
import type { Wire, WireConnection, WireEvents } from "../../../devices/kit/wire.ts";
import { site, type TestHub } from "./world.ts";

type Said = Extract<Decoded, { ok: true }>;
export type MemoryBus = {
  readonly wire: Wire;
  /** everything the node published, decoded, oldest first */
  readonly heard: Said[];
  readonly wills: string[];
  /** says something to the node; answers the exact bytes for a replay */
  say<T extends Topic>(topic: T, ids: readonly string[], body: Body<T>, retained?: boolean): { path: string; bytes: Uint8Array };
  raw(path: string, bytes: Uint8Array, retained?: boolean): void;
  cut(): void;
  refuse(on: boolean): void;
  dials(): number;
  last<T extends Topic>(topic: T): Extract<Said, { topic: T }> | undefined;
};

export function memoryBus(hub: TestHub, node: string, nowMs: () => number): MemoryBus {
  const heard: Said[] = [];
  const wills: string[] = [];
  let current: WireEvents | null = null;
  let isRefusing = false;
  let dials = 0;
  let ids = 0;
  const mac = (bytes: Uint8Array) => createHmac("sha256", hub.keys.mac).update(bytes).digest();
  const sender = (): Sender => ({
    id: `01J${String(ids++).padStart(23, "0")}`,
    src: "hub",
    boot: "00000000000000aa",
    conn: 1,
    mono: 1,
    ts: nowMs(),
    tq: "synced",
  });
  const raw = (path: string, bytes: Uint8Array, retained = false) => current?.onMessage({ path, bytes, retained });
  return {
    heard,
    wills,
    wire: {
      dial(will, events): WireConnection {
        dials += 1;
        wills.push(new TextDecoder().decode(will.bytes));
        const isMine = () => current === events;
        current = events;
        queueMicrotask(() => {
          if (isRefusing) {
            current = null;
            events.onDown("refused");
          } else events.onUp();
        });
        return {
          publish(path, bytes) {
            if (!isMine()) return;
            const message = decode(site, path, bytes);
            if (!message.ok) throw new Error(`the node said something wrong: ${message.reason}`);
            heard.push(message);
          },
          subscribe: (_filters, done) => queueMicrotask(() => done(null)),
          isCongested: () => false,
          close: async () => {
            if (isMine()) current = null;
          },
        };
      },
    },
    say(topic, rest, body, retained = topics[topic].retain) {
      const path = topicPath(site, topic, ...(topics[topic].path.startsWith("n/") ? [node, ...rest] : rest));
      const bytes = topics[topic].form === "sealed" ? encodeSealed(topic, sender(), body, mac) : encode(topic, sender(), body);
      raw(path, bytes, retained);
      return { path, bytes };
    },
    raw,
    cut() {
      const events = current;
      current = null;
      events?.onDown("cut");
    },
    refuse(on) {
      isRefusing = on;
    },
    dials: () => dials,
    last<T extends Topic>(topic: T) {
      return heard.findLast((message): message is Extract<Said, { topic: T }> => message.topic === topic);
    },
  };
}
