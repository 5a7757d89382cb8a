/**
 * Whose history it is: a door's or machine's stays with it when it moves to another node. `former_places` says what hung on a channel
 * until when; after the last of those it is what hangs there now.
 */
import type { CommandContext } from "./commands.ts";

/** SQL for the name of the door or machine behind `alias.node` and `alias.ch` at the instant `at`. */
export const resourceThen = (alias: string, at: string): string =>
  `coalesce((SELECT f.resource FROM former_places f WHERE f.node = ${alias}.node AND f.ch = ${alias}.ch AND f.until_ms > ${alias}.${at}
     ORDER BY f.until_ms LIMIT 1), (SELECT p.id FROM resources p WHERE p.node = ${alias}.node AND p.ch = ${alias}.ch))`;

/** To be called before a door or machine hangs elsewhere: what was recorded here until now stays its own. */
export function leavePlace({ db, nowMs }: CommandContext, resource: string, now: { readonly node: string; readonly ch: string }): void {
  const before = db.one<{ node: string; ch: string }>("SELECT node, ch FROM resources WHERE id = ?", resource);
  if (before === undefined || (before.node === now.node && before.ch === now.ch)) return;
  db.run(
    "INSERT INTO former_places (resource, node, ch, until_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET resource = excluded.resource",
    resource,
    before.node,
    before.ch,
    nowMs,
  );
}
