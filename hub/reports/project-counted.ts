/**
 * What was counted by heart for an indicator, and whether it may be said. A group of fewer than five people is not told, nor what gives one
 * away: by the other groups of the same events, by the other kinds of events of the same group, or by the months, which say for themselves
 * what they show.
 */
import { hiddenRows, isSafe, smallestGroup } from "#core";
import { type Shown, shownGroups } from "./shown-groups.ts";
import type { MonthFigures } from "./types.ts";

export type CountedRow = { readonly kind: string; readonly target: string; readonly people: number };
export type CountedOf = {
  readonly count: "people" | "events";
  /** null: of every kind, of every group */
  readonly kind: string | null;
  readonly group: string | null;
};
/** A month's own rows, and the figures of which its tables are made. */
export type CountedMonth = { readonly figures: MonthFigures; readonly rows: readonly CountedRow[] };

/** @returns null: too few people, or too few beside them, to be told */
export function countedValue(asked: CountedOf, months: readonly CountedMonth[]): number | null {
  const { count, kind, group } = asked;
  const of = (rows: readonly CountedRow[]) =>
    rows.filter((row) => (kind === null || row.kind === kind) && (group === null || row.target === group));
  const all = months.flatMap(({ rows }) => rows);
  if (count === "events") return of(all).length;
  const people = sum(of(all));
  if (kind === null && group === null) return people; // as the total of the months, which is always told
  const isHidden =
    (people > 0 && people < smallestGroup) ||
    (group !== null && hidesIn(all, (row) => kind === null || row.kind === kind, "target", group)) ||
    (kind !== null && hidesIn(all, (row) => group === null || row.target === group, "kind", kind)) ||
    !isSafeByMonth(asked, months, of);
  return isHidden ? null : people;
}

const sum = (rows: readonly CountedRow[]): number => rows.reduce((all, { people }) => all + people, 0);

/** Beside the others of the same set, whose total may be known. Nobody is no group; but where no part may be told, this one is not either. */
function hidesIn(all: readonly CountedRow[], isOf: (row: CountedRow) => boolean, by: "target" | "kind", value: string): boolean {
  const parts = [...Map.groupBy(all.filter(isOf), (row) => row[by])];
  const hidden = hiddenRows(parts.map(([, rows]) => ({ size: sum(rows) })));
  const at = parts.findIndex(([name]) => name === value);
  return hidden === null || (at >= 0 && hidden[at] === true);
}

/** Less what the months show of it, a sum must not tell what one of them hides. */
function isSafeByMonth({ kind, group }: CountedOf, months: readonly CountedMonth[], of: (rows: readonly CountedRow[]) => CountedRow[]) {
  if (kind !== null && group !== null) return true; // no table of a month goes by both
  const [block, value] = group === null ? ["event", kind ?? ""] : ["counted", group];
  const isShown = (shown: Shown | undefined): boolean => shown?.get(value) === true;
  const hidden = months.flatMap(({ figures, rows }) => {
    const people = sum(of(rows));
    return people === 0 || isShown(shownGroups(figures).get(block)) ? [] : [people];
  });
  return hidden.length === 0 || isSafe(hidden);
}
