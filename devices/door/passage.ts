/**
 * The hours in which a door stands unlocked (domain.md §4.1, S10). Told at their edges only: whoever locks the door meanwhile, or
 * an evacuation, is not overruled before the next time. While the time is not known there are no such hours (I9).
 */
import { minute } from "#contract";
import { isOpen, nextChangeMs } from "#core";
import type { Node } from "../kit/node.ts";

/** the clock may be set meanwhile, so the next edge is looked for at least so often */
const lookEveryMs = 1 * minute;

export type Passage = {
  /** Facts or the clock may have changed. */
  look(): void;
};

export function createPassage(given: { readonly node: Node; readonly ch: string; readonly onEdge: (on: boolean) => void }): Passage {
  const { node, ch } = given;
  const { runtime } = node;
  let isOn = false;
  const look = (): void => {
    const facts = node.snapshots.current()?.header.channels[ch];
    const { nowMs } = node.nodeClock.read();
    const hours = facts?.passage;
    const next = hours !== undefined && nowMs !== null && isOpen(hours, facts?.tz ?? "UTC", nowMs);
    if (next !== isOn) {
      isOn = next;
      given.onEdge(next);
    }
    runtime.stopTimer("passage");
    if (hours === undefined || facts === undefined) return;
    const edgeMs = nowMs === null ? null : nextChangeMs(hours, facts.tz, nowMs);
    const waitMs = edgeMs === null || nowMs === null ? lookEveryMs : Math.min(lookEveryMs, edgeMs - nowMs);
    runtime.startTimer("passage", Math.max(1, waitMs), look);
  };
  return { look };
}
