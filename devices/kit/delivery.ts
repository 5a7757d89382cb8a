/**
 * The outbox on its way to the hub: one batch at a time, again after a while without an answer, the next when the hub has
 * committed it. A tap's events gather for a moment, so that they travel together and after the output they belong to.
 */
import type { NodeEvent } from "#contract";
import { batchEventsMax, type Outbox } from "./outbox.ts";

const gatherMs = 10;
/** a long backlog goes out at a pace that the broker's quota allows (50 messages a second) */
const backlogPauseMs = 30;

export type Delivery = {
  /** There may be something to send. */
  wake(): void;
  /** The hub has committed everything of `boot` up to `upTo`. */
  acknowledge(boot: string, upTo: number): void;
  /** Begin anew: the connection is another, or the hub asked for everything again. */
  restart(): void;
};

export type DeliveryGiven = {
  readonly outbox: Outbox;
  readonly ackLimitMs: () => number;
  readonly isUp: () => boolean;
  readonly send: (events: readonly NodeEvent[]) => void;
  /** named timers of the link: a second start of a name replaces the first */
  readonly after: (name: "deliver" | "ack", delayMs: number, run: () => void) => void;
  readonly cancel: (name: "deliver" | "ack") => void;
};

export function createDelivery(given: DeliveryGiven): Delivery {
  const { outbox } = given;
  let isWaiting = false;
  let isGathering = false;
  const send = () => {
    isGathering = false;
    if (!given.isUp() || isWaiting) return;
    const events = outbox.nextBatch();
    if (events.length === 0) return;
    isWaiting = true;
    given.send(events);
    given.after("ack", given.ackLimitMs(), () => {
      isWaiting = false;
      send();
    });
  };
  const next = () => {
    isWaiting = false;
    send();
  };
  return {
    wake() {
      if (isWaiting || isGathering || !given.isUp()) return;
      isGathering = true;
      given.after("deliver", gatherMs, send);
    },
    acknowledge(boot, upTo) {
      if (outbox.release(boot, upTo) === 0) return;
      given.cancel("ack");
      if (outbox.depth() > batchEventsMax) given.after("ack", backlogPauseMs, next);
      else next();
    },
    restart() {
      for (const name of ["deliver", "ack"] as const) given.cancel(name);
      isGathering = false;
      next();
    },
  };
}
