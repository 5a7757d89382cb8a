/**
 * The hours in which a door stands unlocked (domain.md §4.1, S10). A hand that locks the door meanwhile, a lockdown or an evacuation
 * ends them until they begin the next time, also over a restart. There are no such hours while the time is not known (I9), the
 * snapshot is too old to let anybody in by it, or the door is locked out or out of service.
 */
import * as z from "zod";
import { minute } from "#contract";
import { isOpen, nextChangeMs } from "#core";
import type { Node } from "../kit/node.ts";
import type { NodeFiles } from "../kit/node-files.ts";
import type { Log } from "../kit/ports.ts";

/** the clock may be set meanwhile, so the next edge is looked for at least so often */
const lookEveryMs = 1 * minute;
const kept = z.object({ overUntilMs: z.number() });
const file = "passage";

export type Passage = {
  /** Facts, the mode or the clock may have changed. */
  look(): void;
  /** Somebody's hand has locked the door: these hours are over. */
  over(): void;
  /** Somebody's hand has unlocked it again: what is left of these hours counts, and their end ends this passage too. */
  restored(): void;
  /** The door was locked for a reason that is past (its board was away): these hours go on. */
  again(): void;
};

type Given = {
  readonly node: Node;
  readonly ch: string;
  readonly files: NodeFiles;
  readonly log: Log;
  /** true: the door has taken it */
  readonly onEdge: (on: boolean) => boolean;
};
/** What the schedule says, and when it says something else: null, if the time or the schedule is not known. */
type Hours = { readonly isOpen: boolean; readonly edgeMs: number | null };

export function createPassage({ node, ch, files, log, onEdge }: Given): Passage {
  const { runtime } = node;
  const saved = kept.safeParse(files.load(file));
  let overUntilMs = saved.success ? saved.data.overUntilMs : 0;
  let isOn = false;

  const hours = (): Hours => {
    const facts = node.snapshots.current()?.header.channels[ch];
    const { nowMs } = node.nodeClock.read();
    if (facts?.passage === undefined || nowMs === null) return { isOpen: false, edgeMs: null };
    try {
      return { isOpen: isOpen(facts.passage, facts.tz, nowMs), edgeMs: nextChangeMs(facts.passage, facts.tz, nowMs) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { isOpen: false, edgeMs: null }; // a time zone that this computer does not know: as without the time
    }
  };
  const mayStandOpen = (): boolean => {
    const header = node.snapshots.current()?.header;
    const facts = header?.channels[ch];
    const { nowMs } = node.nodeClock.read();
    if (header === undefined || facts === undefined || nowMs === null) return false;
    const isLockedOut = node.restrictions().lockouts.some((lockout) => lockout.ch === ch);
    return !facts.disabled && !isLockedOut && nowMs - header.issuedMs <= facts.offlineMaxAgeMs && nowMs >= overUntilMs;
  };
  const setOver = (untilMs: number): void => {
    if (overUntilMs === untilMs) return;
    overUntilMs = untilMs;
    const failed = (error: unknown): void => log.warn({ cause: String(error) }, "that a passage has ended could not be saved");
    files.save(file, { overUntilMs }).catch(failed);
  };
  const over = (): void => {
    const { isOpen: isWithin, edgeMs } = hours();
    isOn = false;
    if (isWithin && edgeMs !== null) setOver(edgeMs);
  };
  const look = (): void => {
    if (node.mode() !== "normal") over();
    const now = hours();
    const next = now.isOpen && mayStandOpen();
    if (next !== isOn && onEdge(next)) isOn = next;
    const { nowMs } = node.nodeClock.read();
    const untilEdgeMs = now.edgeMs === null || nowMs === null ? lookEveryMs : now.edgeMs - nowMs;
    runtime.startTimer(file, Math.max(1, Math.min(lookEveryMs, untilEdgeMs)), look);
  };
  const again = (): void => {
    isOn = false;
    look();
  };
  const restored = (): void => {
    setOver(0);
    look();
  };
  return { look, over, restored, again };
}
