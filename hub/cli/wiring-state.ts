/** How well the wiring at each place is known, in a word: for the lists that other nouns show. */
import type { Ledger } from "../ledger/types.ts";

export type WiringState = "tested" | "taken over" | "untested";

/** By door or machine. A door needs no record; it is told where it has one. */
export function wiringStates({ read }: Pick<Ledger, "read">): ReadonlyMap<string, WiringState> {
  const valid = new Map(read.commissionings().flatMap((row) => (row.isValid ? [[row.resource, row.basis] as const] : [])));
  return new Map(
    read.resources().flatMap(({ id, kind }): [string, WiringState][] => {
      const basis = valid.get(id);
      if (basis !== undefined) return [[id, basis === "tested" ? "tested" : "taken over"]];
      return kind === "machine" ? [[id, "untested"]] : [];
    }),
  );
}

/** By node: `tested`, or what is not, such as `laser-1 untested`. */
export function wiringOfNodes(ledger: Pick<Ledger, "read">): ReadonlyMap<string, string> {
  const states = wiringStates(ledger);
  const nodes = Map.groupBy(
    ledger.read.resources().filter(({ id }) => states.has(id)),
    ({ node }) => node,
  );
  return new Map(
    [...nodes].map(([node, places]) => {
      const lacking = places.filter(({ id }) => states.get(id) !== "tested").map(({ id }) => `${id} ${states.get(id)}`);
      return [node, lacking.length === 0 ? "tested" : lacking.join(", ")];
    }),
  );
}
