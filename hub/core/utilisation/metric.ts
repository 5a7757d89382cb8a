/**
 * A number that says how it was counted. Unknown is never zero: a value is null when its base is empty (`no_base`), when less
 * than 70 % of the base is known (`too_little`), or when too few stand behind it (`few`).
 */

export type Unit = "ms" | "Wh" | "Wh/h" | "share" | "count" | "cents" | "cents/h" | "g";
export type Mark = "no_base" | "too_little" | "flagged" | "few" | null;
export type Metric = {
  /** as in the catalogue of definitions, such as M09 */
  readonly id: string;
  readonly unit: Unit;
  readonly value: number | null;
  readonly numerator: number | null;
  readonly denominator: number | null;
  /** known part of the base, 0 … 1; null for an empty base */
  readonly coverage: number | null;
  /** how many things were counted or measured */
  readonly n: number;
  readonly mark: Mark;
  /** of the definition; another version is another number */
  readonly methodVersion: number;
};

/** Below this share of known time no value is given; below the other one it is flagged. */
const coverageLeast = 0.7;
const coverageGood = 0.95;

type Given = {
  readonly id: string;
  readonly unit: Unit;
  readonly n: number;
  readonly coverage?: number | null;
  readonly methodVersion?: number;
};

/** Something added up. */
export function total(given: Given & { readonly sum: number | null }): Metric {
  return known(given, given.sum, given.sum, null);
}

/** Something divided by its base; an empty base gives no value. */
export function ratio(given: Given & { readonly of: number; readonly by: number }): Metric {
  return known(given, given.by === 0 ? null : given.of / given.by, given.of, given.by);
}

/** A value that needs at least so many things behind it. */
export function ifEnough(metric: Metric, least: number): Metric {
  return metric.n >= least ? metric : { ...metric, value: null, mark: "few" };
}

function known(given: Given, value: number | null, numerator: number | null, denominator: number | null): Metric {
  const { id, unit, n, coverage = 1, methodVersion = 1 } = given;
  const mark: Mark =
    coverage !== null && coverage < coverageLeast
      ? "too_little"
      : value === null || coverage === null
        ? "no_base"
        : coverage < coverageGood
          ? "flagged"
          : null;
  const hidden = mark === "too_little" || mark === "no_base";
  return { id, unit, value: hidden ? null : value, numerator, denominator, coverage, n, mark, methodVersion };
}

/** The middle of what is sorted or not; the lower one of two. Null for nothing. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** Gini coefficient of amounts: 0 all equal, towards 1 all with one. Null without any amount. */
export function gini(amounts: readonly number[]): number | null {
  const sorted = [...amounts].sort((a, b) => a - b);
  const sum = sorted.reduce((all, amount) => all + amount, 0);
  if (sum === 0) return null;
  const weighted = sorted.reduce((all, amount, i) => all + (2 * (i + 1) - sorted.length - 1) * amount, 0);
  return weighted / (sorted.length * sum);
}
