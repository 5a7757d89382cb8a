/** Months of the space with where each stands. */
import { monthSpan } from "#core";
import type { Reads } from "../ledger/types.ts";
import type { MonthLine, Months } from "../views-manager.ts";

/** A list that nobody scrolls through; older months are in the terminal's list. */
const monthsMost = 120;

/** From the running month back to the first of which the log, or a closed month, knows anything; the newest first. */
export function monthsOf(read: Reads, nowMs: number): Months {
  const { tz } = read.site();
  const made = read.usage.madeMonths();
  const first = [...made].sort()[0] ?? "9999-12";
  const months: MonthLine[] = [];
  let month = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(tz).toPlainDate().toPlainYearMonth();
  for (; months.length < monthsMost; month = month.subtract({ months: 1 })) {
    const name = month.toString();
    const span = monthSpan(name, tz);
    const isKnown = span !== undefined && read.events({ toMs: span.toMs, limit: 1 }).length > 0;
    if (months.length > 0 && !isKnown && name < first) break;
    months.push(stateOf(read, name, nowMs));
  }
  return { zone: tz, months };
}

export function stateOf(read: Pick<Reads, "usage" | "site">, month: string, nowMs: number): MonthLine {
  const revisions = read.usage.closedMonths(month);
  const [kept] = read.usage.drafts(month);
  const last = revisions.at(-1);
  const line = { month, revisions: revisions.length };
  if (last !== undefined) return { ...line, state: last.revision === 1 ? "closed" : "revised", atMs: last.closedMs };
  if (kept !== undefined) return { ...line, state: kept.checkedMs === null ? "draft" : "checked", atMs: kept.checkedMs ?? kept.madeMs };
  const span = monthSpan(month, read.site().tz);
  return { ...line, state: span !== undefined && span.toMs <= nowMs ? "open" : "running", atMs: null };
}
