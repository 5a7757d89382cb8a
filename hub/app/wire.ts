/** How the hub speaks on the bus: envelopes in its own name, seals with the receiver's key. */
import { type Body, encode, encodeSealed, type Mac, type Sender, type Topic } from "#contract";
import { HubError } from "../errors.ts";
import type { Bus, Clock, Ids, Log } from "../ports.ts";
import type { HubTime } from "./hub-time.ts";

export type Wire = {
  /** Publishes a plain message; a failure is logged, not thrown: everything here is repeated or retained. */
  send<T extends Topic>(topic: T, ids: readonly string[], body: Body<T>): Promise<boolean>;
  /** Publishes a sealed message, under `id` when its answer is awaited; false when the bus did not take it. */
  sendSealed<T extends Topic>(topic: T, node: string, body: Body<T>, id?: string): Promise<boolean>;
  sendBytes(topic: Topic, ids: readonly string[], bytes: Uint8Array): void;
};

/** Whose word a message is: the hub's, of this process start, now. */
export function hubSender({ clock, time, boot }: { clock: Clock; time: Pick<HubTime, "read">; boot: string }, id: string): Sender {
  const { nowMs, quality } = time.read();
  return { id, src: "hub", boot, conn: 0, mono: Math.round(clock.monoMs()), ts: quality === "unknown" ? null : nowMs, tq: quality };
}

export function createWire(given: {
  bus: Bus;
  clock: Clock;
  time: HubTime;
  ids: Ids;
  log: Log;
  boot: string;
  macOf: (node: string) => Mac;
}): Wire {
  const { bus, ids, log, macOf } = given;
  const sender = (id = ids.ulid()): Sender => hubSender(given, id);
  const publish = async (topic: Topic, topicIds: readonly string[], bytes: Uint8Array): Promise<boolean> => {
    try {
      await bus.publish(topic, topicIds, bytes);
      return true;
    } catch (error) {
      // A bus that is away has said so itself, once; what is retained is published again when it is back.
      if (error instanceof HubError && error.code === "BUS_CLOSED") return false;
      log.warn(
        { topic, ids: topicIds, error: error instanceof Error ? error.message : String(error) },
        "A message could not be published.",
      );
      return false;
    }
  };
  return {
    send(topic, topicIds, body) {
      return publish(topic, topicIds, encode(topic, sender(), body));
    },
    sendSealed(topic, node, body, id) {
      return publish(topic, [node], encodeSealed(topic, sender(id), body, macOf(node)));
    },
    sendBytes(topic, topicIds, bytes) {
      void publish(topic, topicIds, bytes);
    },
  };
}
