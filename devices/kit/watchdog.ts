/**
 * Restarts a node that has lost touch for good (domain.md §4.4). Nothing but a restart cures a wedged socket or resolver,
 * but a restart drops held outputs: it waits for as long as anything is on, open or in session, and says so. While the hub stays
 * away a restart cures nothing and costs the taps of a second or two, so each waits twice as long as the one before.
 */
import * as z from "zod";
import { second } from "#contract";
import type { NodeFiles } from "./node-files.ts";
import type { Cancel, Clock, Log } from "./ports.ts";

/** The exit code that asks the service manager for a restart (sysexits.h EX_TEMPFAIL). */
export const restartExitCode = 75;
const lookEveryMs = 5 * second;
/** 90 s, 3 min … 48 min */
const doublingsMax = 5;
const kept = z.object({ restarts: z.int().min(0) });
const file = "watchdog";

export type Watchdog = {
  /** The hub said something that only a living hub says. */
  noteExchange(): void;
  isPostponed(): boolean;
  close: Cancel;
};

export type WatchdogGiven = {
  readonly clock: Clock;
  readonly log: Log;
  /** how often it has restarted in vain outlives the restart */
  readonly files: NodeFiles;
  /** asked at every look: the hub may change it */
  readonly limitMs: () => number;
  /** true while an output is on, a door is open or a session is running */
  readonly isInUse: () => boolean;
  readonly onExpired: (silentMs: number) => void;
};

export function startWatchdog(given: WatchdogGiven): Watchdog {
  const { clock, log, files } = given;
  const saved = kept.safeParse(files.load(file));
  let restarts = saved.success ? saved.data.restarts : 0;
  const limitMs = (): number => given.limitMs() * 2 ** Math.min(restarts, doublingsMax);
  const count = (next: number): void => {
    restarts = next;
    const failed = (error: unknown): void => log.warn({ cause: String(error) }, "the count of restarts could not be saved");
    files.save(file, { restarts }).catch(failed);
  };
  let lastMono = clock.monoMs();
  let isPostponed = false;
  const close = clock.every("watchdog", Math.min(lookEveryMs, given.limitMs() / 4), () => {
    const silentMs = Math.round(clock.monoMs() - lastMono);
    if (silentMs < limitMs()) return;
    if (given.isInUse()) {
      if (!isPostponed) log.warn({ silentMs }, "no word from the hub; a restart waits until nothing is on");
      isPostponed = true;
      return;
    }
    close();
    count(restarts + 1);
    given.onExpired(silentMs);
  });
  return {
    noteExchange() {
      lastMono = clock.monoMs();
      isPostponed = false;
      if (restarts > 0) count(0);
    },
    isPostponed: () => isPostponed,
    close,
  };
}
