/**
 * Restarts a node that has lost touch for good (domain.md §4.4). Nothing but a restart cures a wedged socket or resolver,
 * but a restart drops held outputs: it waits for as long as anything is on, open or in session, and says so.
 */
import { second } from "#contract";
import { watchdogMs } from "#core";
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
  readonly limitMs?: number;
  /** true while an output is on, a door is open or a session is running */
  readonly isInUse: () => boolean;
  readonly onExpired: () => void;
};

export function startWatchdog(given: WatchdogGiven): Watchdog {
  const { clock, log } = given;
  const limitMs = given.limitMs ?? watchdogMs;
  let lastMono = clock.monoMs();
  let isPostponed = false;
  const close = clock.every("watchdog", Math.min(lookEveryMs, limitMs / 4), () => {
    if (clock.monoMs() - lastMono < limitMs) return;
    if (given.isInUse()) {
      if (!isPostponed)
        log.warn({ silentMs: Math.round(clock.monoMs() - lastMono) }, "no word from the hub; a restart waits until nothing is on");
      isPostponed = true;
      return;
    }
    close();
    given.onExpired();
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
