/** What a board has said of its starts, kept over its losses: why it started last, how often, and whether that is a storm. */
import type { BoardStart } from "./board-messages.ts";
import type { ResetCause } from "./board-ports.ts";

export interface BoardCare {
  /** as it introduced itself; null before that */
  readonly firmware: string | null;
  /** Null without our firmware. "external" only when nothing else is known: opening the port resets most boards. */
  readonly resetCause: ResetCause | null;
  /** Starts since it was first flashed, 16 bits; null without our firmware. */
  readonly boots: number | null;
  /** starts within ten minutes that are not the opening of its port */
  readonly recentStarts: number;
}

const recentMs = 600_000;
/** a board that was exchanged for another one has another count */
const credibleStarts = 500;
const recentMax = 1_000;

export function createBoardCare(nowMs: () => number) {
  let firmware: string | null = null;
  let resetCause: ResetCause | null = null;
  let boots: number | null = null;
  let startsMs: number[] = [];
  const count = (start: BoardStart, ours: number): void => {
    const gained = boots === null ? 0 : (start.boots - boots) & 0xffff;
    boots = start.boots;
    if (gained > credibleStarts) return;
    startsMs = [...startsMs, ...new Array<number>(Math.max(0, gained - ours)).fill(nowMs())].slice(-recentMax);
  };
  return {
    /** It is ready after its port was opened, which is one start with most boards; that start's cause tells nothing. */
    opened(introducedAs: string, start: BoardStart | null): void {
      firmware = introducedAs;
      if (start === null) {
        resetCause = boots = null;
        return;
      }
      count(start, 1);
      if (start.resetCause !== "external" || resetCause === null) resetCause = start.resetCause;
    },
    /** It restarted by itself while it was in use. */
    restarted(start: BoardStart): void {
      count(start, 0);
      resetCause = start.resetCause;
    },
    now(): BoardCare {
      startsMs = startsMs.filter((atMs) => nowMs() - atMs < recentMs);
      return { firmware, resetCause, boots, recentStarts: startsMs.length };
    },
  };
}
