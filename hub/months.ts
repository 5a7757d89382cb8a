/**
 * Drafts of months, made by the hub itself: on the 1st at 06:00 of the space the month before is over, and its draft is kept as the log
 * had it then. A hub that was away makes up for what it missed when it comes back, each month once.
 */
import type { Ledger } from "./ledger/types.ts";
import type { NoticeToTell } from "./ledger/types-rows.ts";
import type { Clock, Log } from "./ports.ts";
import { everyFew } from "./post.ts";
import { draftOf } from "./reports/book.ts";
import { figuresText, hashOf } from "./reports/seal.ts";
import type { MonthFigures } from "./reports/types.ts";
import type { UsageSeries } from "./series/types.ts";

const lookMs = 60_000;
const draftHour = 6;
/** Below it a figure is flagged (reports.md). */
const coverageLeast = 0.95;
/** A hub that was away for longer has other worries. */
const missedMost = 24;

/** Looks every minute. The returned function ends it, after the draft that is being made. */
export function draftMonths(ports: {
  readonly ledger: Pick<Ledger, "read" | "change" | "noteNotices">;
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
      const draft = draftOf({ ledger, series }, month, clock.nowMs());
      const figures = figuresText(draft);
      await ledger.change.draftMonth({ month, hash: hashOf(figures), figures }, "hub:months");
      await ledger.noteNotices(gapsOf(draft));
      log.info({ month }, "The draft of the month is ready: koprade report check tells what to look at before it is closed.");
    }
  });
}

/** The machine that is known least, where that is too little (experience.md §8). */
export function gapsOf({ month, machines }: Pick<MonthFigures, "month" | "machines">): NoticeToTell[] {
  const [worst] = machines
    .flatMap(({ label, metrics }) => {
      const known = metrics.find(({ id }) => id === "Q01")?.value ?? null;
      return known === null || known >= coverageLeast ? [] : [{ label, known }];
    })
    .sort((a, b) => a.known - b.known);
  if (worst === undefined) return [];
  const facts = { label: `${month}, ${worst.label}`, count: Math.floor(worst.known * 100) };
  return [{ kind: "coverage_low", facts, source: `coverage/${month}`, to: "staff" }];
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
