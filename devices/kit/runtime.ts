/**
 * The one loop that owns a node's state. Drivers, timers and the link only post; tasks run one at a time, to their end, in
 * the order they came. Hardware inputs are never dropped; telemetry is dropped first, and counted.
 *
 *   driver ┐
 *   timer  ├─ post → [ queue ] → task → state, effects
 *   link   ┘
 *
 * A task that throws is a bug: the error reaches the process, which ends with outputs off (I1).
 */
import type { Cancel, Clock, Log } from "./ports.ts";

/** Telemetry waiting in the queue beyond this is dropped, oldest first. */
export const telemetryWaitingMax = 64;
const closeLimitMs = 3000;

export type Runtime = {
  readonly signal: AbortSignal;
  /** A fact about the world (tap, contact, message, time-out). Never dropped. */
  input(task: () => void): void;
  /** A sample that may be lost when the node is busy. */
  telemetry(task: () => void): void;
  /** Starts the timer of that name, replacing the one running. Its task arrives as an input. */
  startTimer(name: string, delayMs: number, task: () => void): void;
  stopTimer(name: string): void;
  /** Registers something opened; closed in reverse order at the end, each within 3 s. */
  own(name: string, close: () => void | Promise<void>): void;
  stop(): Promise<void>;
  droppedTelemetry(): number;
};

type Task = { readonly run: () => void; readonly droppable: boolean };

export function createRuntime(given: { readonly clock: Clock; readonly log: Log }): Runtime {
  const { clock, log } = given;
  const abort = new AbortController();
  const queue: Task[] = [];
  const timers = new Map<string, Cancel>();
  const owned: { readonly name: string; readonly close: () => void | Promise<void> }[] = [];
  let draining = false;
  let dropped = 0;
  let ending: Promise<void> | undefined;

  const drain = () => {
    if (draining) return;
    draining = true;
    try {
      for (let task = queue.shift(); task !== undefined; task = queue.shift()) task.run();
    } finally {
      draining = false;
    }
  };
  const post = (task: Task) => {
    if (abort.signal.aborted) return;
    queue.push(task);
    if (task.droppable) dropOldest();
    drain();
  };
  const dropOldest = () => {
    if (queue.filter((task) => task.droppable).length <= telemetryWaitingMax) return;
    queue.splice(
      queue.findIndex((task) => task.droppable),
      1,
    );
    dropped += 1;
  };
  const stopTimer = (name: string) => {
    timers.get(name)?.();
    timers.delete(name);
  };
  const end = async () => {
    abort.abort();
    for (const name of [...timers.keys()]) stopTimer(name);
    for (const { name, close } of owned.reverse()) {
      const outcome = await within(clock, closeLimitMs, close);
      if (outcome !== undefined) log.warn({ what: name, cause: outcome }, "did not close properly");
    }
  };

  return {
    signal: abort.signal,
    input: (run) => post({ run, droppable: false }),
    telemetry: (run) => post({ run, droppable: true }),
    startTimer(name, delayMs, task) {
      stopTimer(name);
      if (abort.signal.aborted) return;
      const run = () => {
        timers.delete(name);
        post({ run: task, droppable: false });
      };
      timers.set(name, clock.after(name, delayMs, run));
    },
    stopTimer,
    own: (name, close) => void owned.push({ name, close }),
    stop() {
      ending ??= end();
      return ending;
    },
    droppedTelemetry: () => dropped,
  };
}

/** Runs `close` for at most `limitMs`; answers what went wrong, or undefined. */
async function within(clock: Clock, limitMs: number, close: () => void | Promise<void>): Promise<string | undefined> {
  let cancel: Cancel = () => {};
  const tooLong = new Promise<string>((resolve) => {
    cancel = clock.after("close limit", limitMs, () => resolve(`not within ${limitMs} ms`));
  });
  try {
    return await Promise.race([Promise.resolve(close()).then(() => undefined), tooLong]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    cancel();
  }
}
