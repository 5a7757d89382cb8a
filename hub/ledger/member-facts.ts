/** What is true of a member at a door or machine as of an instant, whatever card they hold; read afresh. */
import type { Database } from "./database.ts";
import { type CardFact, subjectFactsOf } from "./facts.ts";
import { resourceFactsOf } from "./facts-resource.ts";
import { readSiteFacts } from "./site-facts.ts";
import { type ChannelRow, channelSql } from "./snapshots.ts";
import { readStanding } from "./standings.ts";
import type { DecideFacts } from "./types.ts";

/** For questions about a person: a card of theirs that works. */
export const anyCard: CardFact = { status: "active", validFrom: null, validThrough: null };

type Facts = Pick<DecideFacts, "resource" | "schedules" | "subject"> & { readonly node: string };

/** undefined: no such member or place. `then`: as it was at an instant that is past (standings.ts), and the card as it was. */
export function memberFactsAt(
  db: Database,
  member: number,
  resource: string,
  atMs: number,
  then?: { readonly card: CardFact },
): Facts | undefined {
  const card = then?.card ?? anyCard;
  const row = db.one<ChannelRow>(`${channelSql} WHERE id = ?`, resource);
  const standing = readStanding(db, member, atMs, then !== undefined);
  if (row === undefined || standing === undefined) return undefined;
  const site = readSiteFacts(db, atMs);
  return {
    node: row.node,
    resource: resourceFactsOf(row, site),
    schedules: site.planSchedules.map((name) => site.schedules.get(name) ?? { intervals: [], special: [] }),
    subject: { member, facts: subjectFactsOf(standing, card, row, site) },
  };
}
