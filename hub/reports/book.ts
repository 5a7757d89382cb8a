/** A month as whoever asks should see it: the last revision once it is closed, a draft from the log until then. */
import { monthFigures } from "./figures.ts";
import { monthInput } from "./gather.ts";
import { isWhole, type Sealed, sealedFigures } from "./seal.ts";
import { hiddenSince } from "./shown-groups.ts";
import type { MonthSources } from "./sources.ts";
import type { Earlier, MonthFigures, Seal } from "./types.ts";

export type Book = MonthSources & {
  readonly ledger: MonthSources["ledger"] & {
    readonly read: { readonly usage: { closedMonths(month?: string): readonly Sealed[] } };
  };
};
export type Month = { readonly figures: MonthFigures; readonly seal: Seal | null };

/**
 * @param input  what the log tells of it, where somebody has asked for that already; needed for a draft only
 * @throws RangeError for what is no month, HubError LEDGER_UNREADABLE when a closed month was tampered with
 */
export function monthOf(book: Book, month: string, madeMs: number, input = () => monthInput({ ...book, month, madeMs })): Month {
  const last = book.ledger.read.usage.closedMonths(month).at(-1);
  return last === undefined ? { figures: draftOf(book, month, madeMs, input), seal: null } : revisionOf(last);
}

/** Twelve months up to one, in order; null where nothing was told. */
export function yearOf(book: Book, month: string, madeMs: number): (MonthFigures | null)[] {
  const last = Temporal.PlainYearMonth.from(month);
  return Array.from({ length: 12 }, (_, i) => toldOf(book, last.subtract({ months: 11 - i }).toString(), madeMs));
}

/** What a month is compared with. A month in which nothing at all was told was not one of no use: it is not known. */
export function earlierOf(book: Book, month: string, madeMs: number): Earlier {
  const then = (months: number) => toldOf(book, Temporal.PlainYearMonth.from(month).subtract({ months }).toString(), madeMs);
  return { month: then(1), year: then(12) };
}

function toldOf(book: Book, month: string, madeMs: number): MonthFigures | null {
  const { figures } = monthOf(book, month, madeMs);
  const told = [...figures.all, ...figures.people.metrics].some(({ id, value }) => (id === "M15" || id === "V01") && (value ?? 0) > 0);
  return told ? figures : null;
}

export const revisionOf = (sealed: Sealed): Month => {
  const { number, revision, hash, closedMs } = sealed;
  return { figures: sealedFigures(sealed), seal: { number, revision, hash, closedMs } };
};

/** What the log says today, closed or not. A revision hides what the ones before it hid. */
export function draftOf(book: Book, month: string, madeMs: number, input = () => monthInput({ ...book, month, madeMs })): MonthFigures {
  const figures = monthFigures(input());
  const earlier = book.ledger.read.usage.closedMonths(month).filter(isWhole).map(sealedFigures);
  const hidden = hiddenSince(figures, earlier);
  return hidden.length === 0 ? figures : { ...figures, hidden };
}
