/** A month as whoever asks should see it: the last revision once it is closed, a draft from the log until then. */
import { monthFigures } from "./figures.ts";
import { monthInput } from "./gather.ts";
import { isWhole, type Sealed, sealedFigures } from "./seal.ts";
import { hiddenSince } from "./shown-groups.ts";
import type { MonthSources } from "./sources.ts";
import type { MonthFigures, Seal } from "./types.ts";

export type Book = MonthSources & {
  readonly ledger: MonthSources["ledger"] & {
    readonly read: { readonly usage: { closedMonths(month?: string): readonly Sealed[] } };
  };
};
export type Month = { readonly figures: MonthFigures; readonly seal: Seal | null };

/** @throws RangeError for what is no month, HubError LEDGER_UNREADABLE when a closed month was tampered with */
export function monthOf(book: Book, month: string, madeMs: number): Month {
  const last = book.ledger.read.usage.closedMonths(month).at(-1);
  return last === undefined ? { figures: draftOf(book, month, madeMs), seal: null } : revisionOf(last);
}

export const revisionOf = (sealed: Sealed): Month => {
  const { number, revision, hash, closedMs } = sealed;
  return { figures: sealedFigures(sealed), seal: { number, revision, hash, closedMs } };
};

/** What the log says today, closed or not. A revision hides what the ones before it hid. */
export function draftOf(book: Book, month: string, madeMs: number): MonthFigures {
  const figures = monthFigures(monthInput({ ...book, month, madeMs }));
  const earlier = book.ledger.read.usage.closedMonths(month).filter(isWhole).map(sealedFigures);
  const hidden = hiddenSince(figures, earlier);
  return hidden.length === 0 ? figures : { ...figures, hidden };
}
