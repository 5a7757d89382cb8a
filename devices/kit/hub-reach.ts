/**
 * Can the hub be asked? It is there when it says something over a connection that stands, and gone a while after the connection or the
 * hub's own state has ended: a short loss changes nothing.
 */
import type { Cancel, Log } from "./ports.ts";

export type HubReach = {
  isReachable(): boolean;
  /** A living hub said something. */
  noteThere(): void;
  /** The connection is down, or the hub says that it ends. */
  noteGone(): void;
};

export type HubReachGiven = {
  readonly log: Log;
  readonly lossMs: () => number;
  readonly isUp: () => boolean;
  readonly onHub: (isReachable: boolean) => void;
  /** the link's timer for the loss; the call cancels it */
  readonly after: (delayMs: number, run: () => void) => Cancel;
};

export function createHubReach(given: HubReachGiven): HubReach {
  let isReachable = false;
  let cancelLoss: Cancel | null = null;
  const set = (next: boolean) => {
    cancelLoss?.();
    cancelLoss = null;
    if (next === isReachable) return;
    isReachable = next;
    given.log.info({}, next ? "the hub is there" : "the hub is not there; offline rules apply");
    given.onHub(next);
  };
  return {
    isReachable: () => isReachable,
    noteThere() {
      if (given.isUp()) set(true);
    },
    noteGone() {
      if (isReachable && cancelLoss === null) cancelLoss = given.after(given.lossMs(), () => set(false));
    },
  };
}
