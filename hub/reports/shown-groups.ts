/**
 * Which groups of people a month may show, over all of its tables and all of its revisions. A table shows people by one thing that
 * they are, and its total stands elsewhere in the month; so every such block is protected by itself. A later revision never shows what
 * an earlier one hid, nor a group that has changed by less than a group: the difference would be one.
 */
import { hiddenRows, type Metric, type Sized, smallestBase, smallestGroup } from "#core";
import type { MonthFigures } from "./types.ts";

export type Block = { readonly block: string; readonly rows: readonly (Sized & { readonly value: string })[] };
/** Null: nothing of the block may be shown, not even its values. */
export type Shown = ReadonlyMap<string, boolean> | null;

/** How rows are chosen that are hidden; another one than this is for tests that attack it. */
export type Hide = (rows: readonly Sized[]) => boolean[] | null;

/** Every column of the month that counts people by something: by background, counted by heart, by kind of event. */
export function blocksOf({ backgrounds, groups, events, counted = [], hidden = [] }: MonthFigures): Block[] {
  const people = backgrounds ?? [
    { what: "target", rows: groups.map(({ target, people: n }) => ({ value: target, people: n, everPeople: n })) },
  ];
  const anyway = new Set(hidden);
  const block = (name: string, rows: readonly (Sized & { readonly value: string })[]): Block => ({
    block: name,
    rows: rows.map((row) => ({ ...row, anyway: anyway.has(`${name}/${row.value}`) })),
  });
  return [
    ...people.map(({ what, rows }) =>
      block(
        what,
        rows.map(({ value, people: size, everPeople: also }) => ({ value, size, also })),
      ),
    ),
    block(
      "counted",
      groups.map(({ target: value, headcount: size }) => ({ value, size })),
    ),
    ...counted.map(({ what, rows }) =>
      block(
        countedBlock(what),
        rows.map(({ value, people: size }) => ({ value, size })),
      ),
    ),
    block(
      "event",
      events.map(({ kind: value, participations: size }) => ({ value, size })),
    ),
  ];
}

/** Name of the block of those who were counted by heart, by something. */
export const countedBlock = (what: string): string => `counted ${what}`;

/** By block: which of its values are shown. */
export function shownGroups(figures: MonthFigures, hide: Hide = hiddenRows): ReadonlyMap<string, Shown> {
  return new Map(
    blocksOf(figures).map(({ block, rows }) => {
      const hidden = hide(rows);
      return [block, hidden === null ? null : new Map(rows.map(({ value }, i) => [value, hidden[i] !== true]))];
    }),
  );
}

/** The rows that a revision must hide because of the revisions before it, as `block/value`. */
export function hiddenSince(figures: MonthFigures, earlier: readonly MonthFigures[]): string[] {
  const found = new Set<string>();
  for (const before of earlier) {
    const shown = shownGroups(before);
    const sizes = new Map(blocksOf(before).flatMap(({ block, rows }) => rows.map((row) => [`${block}/${row.value}`, row.size])));
    const now = new Map(blocksOf(figures).flatMap(({ block, rows }) => rows.map((row) => [`${block}/${row.value}`, row.size])));
    for (const [block, values] of shown) {
      if (values === null) for (const [key, size] of now) if (key.startsWith(`${block}/`) && (size > 0 || sizes.has(key))) found.add(key);
      for (const [value, isShown] of values ?? []) if (!isShown) found.add(`${block}/${value}`);
    }
    for (const key of new Set([...sizes.keys(), ...now.keys()])) {
      const by = Math.abs((now.get(key) ?? 0) - (sizes.get(key) ?? 0));
      if (by > 0 && by < smallestGroup) found.add(key);
    }
  }
  return [...found].sort();
}

/** A share of people that stands on too few of them is not shown. */
export const ifManyBehind = (metric: Metric): Metric =>
  metric.unit === "share" && (metric.denominator ?? 0) < smallestBase ? { ...metric, value: null, mark: "few" } : metric;
