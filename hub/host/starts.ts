/**
 * Hosted nodes begin a few at a time. Each opens files, writes its first records and greets the hub, which makes a snapshot for it: three
 * hundred at once keep a slow disk so busy that nobody else is answered for longer than a member waits.
 */
import type { Clock } from "../../devices/kit/ports.ts";

export type Starts = {
  /** What should run; who has begun already, or waits, is left as it is. */
  want(names: readonly string[]): void;
  /** how many have not begun yet */
  waiting(): number;
  close(): void;
};

export const startsAtOnce = 3;
/** a disk that hangs keeps nobody away for longer */
const thereWithinMs = 15_000;
const lookEveryMs = 50;

export function createStarts(given: {
  readonly clock: Clock;
  readonly begin: (name: string) => void;
  /** its start is over, or it is no more */
  readonly isThere: (name: string) => boolean;
}): Starts {
  const { clock, begin, isThere } = given;
  const waiting = new Set<string>();
  const coming = new Map<string, number>();
  let cancel: (() => void) | null = null;
  const look = (): void => {
    cancel = null;
    for (const [name, untilMono] of coming) if (isThere(name) || clock.monoMs() >= untilMono) coming.delete(name);
    for (const name of waiting) {
      if (coming.size >= startsAtOnce) break;
      waiting.delete(name);
      coming.set(name, clock.monoMs() + thereWithinMs);
      begin(name);
    }
    if (waiting.size > 0) cancel = clock.after("hosted starts", lookEveryMs, look);
  };
  return {
    want(names) {
      for (const name of waiting) if (!names.includes(name)) waiting.delete(name);
      for (const name of names) if (!coming.has(name)) waiting.add(name);
      if (cancel === null) look();
    },
    waiting: () => waiting.size,
    close() {
      waiting.clear();
      cancel?.();
      cancel = null;
    },
  };
}
