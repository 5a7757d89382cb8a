/**
 * Drafts of months, made by the hub itself: on the 1st at 06:00 of the space the month before is over, and its draft is kept as the log
 * had it then. A hub that was away makes up for what it missed when it comes back, each month once.
 */
import type { Ledger } from "./ledger/types.ts";
import type { Clock, Log } from "./ports.ts";
import { everyFew } from "./post.ts";
import { draftOf } from "./reports/book.ts";
import { figuresText, hashOf } from "./reports/seal.ts";
import type { UsageSeries } from "./series/types.ts";

const lookMs = 60_000;
const draftHour = 6;
/** A hub that was away for longer has other worries. */
const missedMost = 24;

/** Looks every minute. The returned function ends it, after the draft that is being made. */
export function draftMonths(ports: {
  readonly ledger: Pick<Ledger, "read" | "change">;
  readonly series: UsageSeries;
  readonly clock: Clock;
  readonly log: Log;
}): () => Promise<void> {
  const { ledger, series, clock, log } = ports;
  const onTrouble = (error: unknown): void =>
    log.warn({ error: String(error) }, "The draft of a month could not be made; it is tried again.");
  return everyFew("months", lookMs, { clock, onTrouble }, async (ending) => {
    for (const month of dueMonths(ledger, clock.nowMs())) {
      if (ending.aborted) return;
      const figures = figuresText(draftOf({ ledger, series }, month, clock.nowMs()));
      await ledger.change.draftMonth({ month, hash: hashOf(figures), figures }, "hub:months");
      log.info({ month }, "The draft of the month is ready: koprade report check tells what to look at before it is closed.");
    }
  });
}

/** Months that are over, have neither a draft nor a revision, and of which the log knows anything; the oldest first. */
export function dueMonths({ read }: Pick<Ledger, "read">, nowMs: number): string[] {
  const { tz } = read.site();
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(tz);
  const made = read.usage.madeMonths();
  const due: string[] = [];
  let month = now.toPlainDate().toPlainYearMonth();
  for (let back = 0; back < missedMost; back += 1) {
    const readyMs = month.toPlainDate({ day: 1 }).toZonedDateTime({ timeZone: tz, plainTime: { hour: draftHour } }).epochMilliseconds;
    const startMs = month.toPlainDate({ day: 1 }).toZonedDateTime({ timeZone: tz }).epochMilliseconds;
    month = month.subtract({ months: 1 });
    if (nowMs < readyMs) continue;
    const last = month.toString();
    if (made.has(last) || read.events({ toMs: startMs, limit: 1 }).length === 0) break;
    due.unshift(last);
  }
  return due;
}
