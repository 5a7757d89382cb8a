/**
 * Restarts a node that has lost touch for good (domain.md §4.4). Nothing but a restart cures a wedged socket or resolver,
 * but a restart drops held outputs: it waits for as long as anything is on, open or in session, and says so.
 */
import { second } from "#contract";
import type { Cancel, Clock, Log } from "./ports.ts";

/** The exit code that asks the service manager for a restart (sysexits.h EX_TEMPFAIL). */
export const restartExitCode = 75;
const lookEveryMs = 5 * second;

export type Watchdog = {
  /** The hub said something that only a living hub says. */
  noteExchange(): void;
  isPostponed(): boolean;
  close: Cancel;
};

export type WatchdogGiven = {
  readonly clock: Clock;
  readonly log: Log;
  /** asked at every look: the hub may change it */
  readonly limitMs: () => number;
  /** true while an output is on, a door is open or a session is running */
  readonly isInUse: () => boolean;
  readonly onExpired: (silentMs: number) => void;
};

export function startWatchdog(given: WatchdogGiven): Watchdog {
  const { clock, log } = given;
  let lastMono = clock.monoMs();
  let isPostponed = false;
  const close = clock.every("watchdog", Math.min(lookEveryMs, given.limitMs() / 4), () => {
    const silentMs = Math.round(clock.monoMs() - lastMono);
    if (silentMs < given.limitMs()) return;
    if (given.isInUse()) {
      if (!isPostponed) log.warn({ silentMs }, "no word from the hub; a restart waits until nothing is on");
      isPostponed = true;
      return;
    }
    close();
    given.onExpired(silentMs);
  });
  return {
    noteExchange() {
      lastMono = clock.monoMs();
      isPostponed = false;
    },
    isPostponed: () => isPostponed,
    close,
  };
}
