/**
 * Small groups are not shown (reports.md §4.5). Hiding the small cells alone is not enough: what is missing from a printed
 * total would tell them. So further cells are hidden, the smallest first, until every hidden one could as well be a group of
 * full size. One mark stands for all of them, and says nothing about which was the small one.
 */

/** Smallest group that may be shown. */
export const smallestGroup = 5;
/** A share of fewer people than these is not shown. */
export const smallestBase = 10;

/** One row of a column with a printed total. */
export type Sized = {
  readonly size: number;
  /** another count of people that the row would tell; default the size itself */
  readonly also?: number;
  /** hidden whatever its size: what an earlier revision showed would tell a small difference */
  readonly anyway?: boolean;
};

/**
 * Which rows to hide. Zeros stay: nobody is no group. The order of the rows does not matter. Null: no set of hidden rows would
 * do, because all of them together are too few; then not even which rows there are may be told.
 */
export function hiddenRows(rows: readonly Sized[], least = smallestGroup): boolean[] | null {
  const isSmall = ({ size, also = size, anyway = false }: Sized): boolean =>
    anyway || (size > 0 && size < least) || (also > 0 && also < least);
  if (!rows.some(isSmall)) return rows.map(() => false);
  // Rows of equal size are hidden together: which of two equals was chosen would be told by the choice.
  const sizes = [...new Set(rows.map(({ size }) => size).filter((size) => size > 0))].sort((a, b) => a - b);
  for (const limit of [0, ...sizes]) {
    const hidden = rows.map((row) => isSmall(row) || (row.size > 0 && row.size <= limit));
    const behind = rows.filter((_, i) => hidden[i]).map(({ size }) => size);
    if (isSafe(behind, least)) return hidden;
  }
  return null;
}

/** The cells of a row with a printed total; null is hidden. All of them are when no choice would do. */
export function suppressed(cells: readonly number[], least = smallestGroup): (number | null)[] {
  const hidden = hiddenRows(
    cells.map((size) => ({ size })),
    least,
  );
  return cells.map((n, i) => (hidden === null || hidden[i] ? null : n));
}

/**
 * Whoever subtracts what is shown from the total knows the sum of the hidden: all of them must have room to be of full size.
 * A smaller sum would do against subtraction alone, but not against who also knows this method.
 */
export function isSafe(hidden: readonly number[], least = smallestGroup): boolean {
  return hidden.length > 1 && hidden.reduce((sum, n) => sum + n, 0) >= least * hidden.length;
}
