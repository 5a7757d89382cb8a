/**
 * When things happen in the simulated building. The virtual scheduler jumps from event to event and gives the same order for
 * the same seed; the live one waits, optionally faster than the world's clock.
 */

export type Scheduler = {
  /** milliseconds since the simulation began */
  nowMs(): number;
  /** calls `run` after a delay; the returned function cancels */
  after(delayMs: number, run: () => void): () => void;
  stop(): void;
};

type Entry = { readonly atMs: number; readonly order: number; readonly run: () => void };

export type VirtualScheduler = Scheduler & {
  /** Runs everything up to and including this instant, with all promises settled in between; throws after `eventsMax` events. */
  advanceTo(untilMs: number, eventsMax?: number): Promise<void>;
};

export function createVirtualScheduler(): VirtualScheduler {
  let now = 0;
  let order = 0;
  let queue: Entry[] = [];
  return {
    nowMs: () => now,
    after(delayMs, run) {
      order += 1;
      // Whole milliseconds: a timer that fires a rounding error early would be set again for ever without time passing.
      const entry: Entry = { atMs: now + Math.max(0, Math.ceil(delayMs)), order, run };
      // Kept sorted by (time, insertion): a few hundred entries, so a binary insertion is enough.
      let low = 0;
      let high = queue.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        const other = queue[middle];
        if (other !== undefined && (other.atMs < entry.atMs || (other.atMs === entry.atMs && other.order < entry.order))) low = middle + 1;
        else high = middle;
      }
      queue.splice(low, 0, entry);
      return () => {
        queue = queue.filter((other) => other !== entry);
      };
    },
    stop() {
      queue = [];
    },
    async advanceTo(untilMs, eventsMax = 10_000_000) {
      let left = eventsMax;
      for (;;) {
        const first = queue[0];
        if (first === undefined || first.atMs > untilMs) break;
        if (left === 0) throw new Error(`more than ${eventsMax} events before ${untilMs} ms: something schedules itself for ever`);
        left -= 1;
        queue.shift();
        now = first.atMs;
        first.run();
        // Promises of the programs settle before the next event, always in the same order.
        for (let turn = 0; turn < 8; turn += 1) await undefined;
        // A rejected promise that nobody awaits is reported only between macrotasks.
        if (left % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      now = Math.max(now, untilMs);
    },
  };
}

export function createLiveScheduler(speed = 1): Scheduler {
  const started = performance.now();
  const timers = new Set<NodeJS.Timeout>();
  return {
    nowMs: () => (performance.now() - started) * speed,
    after(delayMs, run) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        run();
      }, Math.max(0, delayMs) / speed);
      timers.add(timer);
      return () => {
        clearTimeout(timer);
        timers.delete(timer);
      };
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
