/** Lists in pages: `?limit=50&cursor=…`, answered with `{ items, next }`. The cursor says where the last page ended; null ends the list. */
import * as z from "zod";
import { Problem } from "./problem.ts";

export const pageMost = 200;

/** For the query of a list; more fields go beside it: `pageQuery.extend({ … })`. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(pageMost).default(50),
  cursor: z.string().max(400).optional(),
});
export const pageOf = <S extends z.ZodType>(item: S) => z.object({ items: z.array(item), next: z.string().nullable() });

export type Page<T> = { readonly items: readonly T[]; readonly next: string | null };

/**
 * One page of a list.
 * @param place  shape of what a cursor holds: of the last row, whatever the list is ordered by, and what tells equals apart
 * @param read   rows after that place, in order, at most `limit`
 * @param at     the place of a row
 * @throws Problem 400 when the cursor is none of this list's
 */
export async function page<T, P extends z.ZodType>(
  query: z.infer<typeof pageQuery>,
  given: {
    readonly place: P;
    readonly read: (after: z.infer<P> | undefined, limit: number) => readonly T[] | Promise<readonly T[]>;
    readonly at: (row: T) => z.infer<P>;
  },
): Promise<Page<T>> {
  const after = query.cursor === undefined ? undefined : placeIn(query.cursor, given.place);
  // One more than asked for says whether there is another page.
  const rows = await given.read(after, query.limit + 1);
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  const isMore = rows.length > query.limit && last !== undefined;
  return { items, next: isMore ? Buffer.from(JSON.stringify(given.at(last))).toString("base64url") : null };
}

/** For lists that are short and in memory: those that come after the row with this key. */
export function pageOfArray<T>(query: z.infer<typeof pageQuery>, rows: readonly T[], keyOf: (row: T) => string): Promise<Page<T>> {
  return page(query, {
    place: z.string().max(200),
    read(after, limit) {
      const from = after === undefined ? 0 : rows.findIndex((row) => keyOf(row) === after) + 1;
      return rows.slice(from, from + limit);
    },
    at: keyOf,
  });
}

function placeIn<P extends z.ZodType>(cursor: string, place: P): z.infer<P> {
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    throw new Problem(400, "invalid", {
      detail: "cursor: is not one that this list gave.",
      fix: "Leave it out to begin at the first page.",
      where: "cursor",
    });
  }
}
