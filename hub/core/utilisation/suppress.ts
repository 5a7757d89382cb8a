/**
 * Small groups are not shown (reports.md §4.5). Hiding the small cells alone is not enough: what is missing from a printed
 * total would tell them. So further cells are hidden, the smallest first, until every hidden one could as well be a group of
 * full size. One mark stands for all of them, and says nothing about which was the small one.
 */

/** Smallest group that may be shown. */
export const smallestGroup = 5;

/**
 * Which cells of a row with a printed total stay: null is hidden. Zeros stay: nobody is no group. The order of the cells does
 * not matter.
 */
export function suppressed(cells: readonly number[], least = smallestGroup): (number | null)[] {
  const sizes = [...new Set(cells.filter((n) => n > 0))].sort((a, b) => a - b);
  if ((sizes[0] ?? least) >= least) return [...cells];
  // Cells of equal size are hidden together: which of two equals was chosen would be told by the choice.
  const limit =
    sizes.find(
      (size) =>
        size >= least &&
        isSafe(
          cells.filter((n) => n > 0 && n <= size),
          least,
        ),
    ) ?? Number.POSITIVE_INFINITY;
  return cells.map((n) => (n > 0 && n <= limit ? null : n));
}

/**
 * Whoever subtracts what is shown from the total knows the sum of the hidden: all of them must have room to be of full size.
 * A smaller sum would do against subtraction alone, but not against who also knows this method.
 */
function isSafe(hidden: readonly number[], least: number): boolean {
  return hidden.length > 1 && hidden.reduce((sum, n) => sum + n, 0) >= least * hidden.length;
}
