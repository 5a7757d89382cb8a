/**
 * How far the hub may trust its own clock. A Pi without a battery clock starts at its last shutdown or in 1970: a time before
 * this software was made, or before the newest event of the ledger, is certainly wrong, and then the hub says so to its
 * nodes instead of spreading it (I9, domain.md §3.4).
 */
import type { ClockQuality } from "#contract";
import { accessDefaults } from "#core";
import type { Clock, Log } from "../ports.ts";

/** No true time is before this software. */
const softwareMs = Date.UTC(2026, 10, 1);
/** nodes' clocks may run ahead of ours by this much without ours being wrong */
const slackMs = accessDefaults.floorSlackMs;

export type HubTime = {
  read(): { readonly nowMs: number; readonly floorMs: number; readonly quality: ClockQuality };
  /** Something certainly happened at this time. */
  noteEvent(evtMs: number): void;
};

export function createHubTime(given: { clock: Clock; log: Log; newestEventMs: number; isSynchronised: () => boolean }): HubTime {
  const { clock, log } = given;
  let floorMs = Math.max(softwareMs, given.newestEventMs);
  let wasWrong = false;
  return {
    read() {
      const nowMs = clock.nowMs();
      const isWrong = nowMs < floorMs - slackMs;
      if (isWrong !== wasWrong) {
        wasWrong = isWrong;
        if (isWrong)
          log.error(
            { nowMs, floorMs },
            "This computer's clock is behind what certainly happened; times are unknown until it is set. Check NTP, or fit a battery clock.",
          );
        else log.info({ nowMs }, "The clock is plausible again.");
      }
      return { nowMs, floorMs, quality: isWrong ? "unknown" : given.isSynchronised() ? "synced" : "holdover" };
    },
    noteEvent(evtMs) {
      // Only what our own clock could have said: a node that runs ahead must not make ours look wrong for good.
      if (evtMs > floorMs && evtMs <= clock.nowMs() + slackMs) floorMs = evtMs;
    },
  };
}
