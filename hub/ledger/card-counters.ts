/**
 * What the nodes tell of cards that count their taps. Each node sees to it that a count opens once at its own reader; this one sees
 * all nodes, so that a second chip with a stolen key, shown elsewhere, lags behind and is found.
 */
import type { Database } from "./database.ts";

type Proof = { readonly card: string; readonly counter: number };

/** Remembers the highest. What an offline node brings later is older and changes nothing. */
export function noteCounter(db: Database, node: string, { card, counter }: Proof): void {
  db.run(
    `INSERT INTO card_counters (card_key, counter, node) VALUES (?, ?, ?)
     ON CONFLICT (card_key) DO UPDATE SET counter = excluded.counter, node = excluded.node WHERE excluded.counter > counter`,
    card,
    counter,
    node,
  );
}

/** One tap may ask twice, as when a companion comes; it comes from one node then, which has seen the count rise. */
export function isFreshCounter(db: Database, node: string, { card, counter }: Proof): boolean {
  const last = db.one<{ counter: number; node: string }>("SELECT counter, node FROM card_counters WHERE card_key = ?", card);
  return last === undefined || counter > last.counter || (counter === last.counter && node === last.node);
}
