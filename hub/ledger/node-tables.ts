/** What a node is told beside its snapshot: restrictions, which act at once, and the configuration of its channels. */
import { type NodeConfig, type Restrictions, settingsFrom } from "#contract";
import type { Database } from "./database.ts";
import { readSite, storedSettings } from "./meta.ts";

/** As many revoked cards as the contract's row carries; the newest first, older ones are in every snapshot by now. */
const revokedCards = 400;

export function restrictionsContent(db: Database, node: string): Omit<Restrictions, "version"> {
  const lockouts = db.all<Restrictions["lockouts"][number]>(
    `SELECT r.ch, l.kind, l.mode, l.reason FROM lockouts l JOIN resources r ON r.id = l.machine
     WHERE r.node = ? AND l.cleared_ms IS NULL ORDER BY l.lockout LIMIT 64`,
    node,
  );
  const revoked = db.all<{ cardKey: string }>(
    "SELECT card_key AS cardKey FROM cards WHERE status <> 'active' ORDER BY status_since_ms DESC, card_key LIMIT ?",
    revokedCards,
  );
  return { lockouts: lockouts.map((row) => ({ ...row })), revoked: revoked.map((row) => row.cardKey) };
}

export function configContent(db: Database, node: string): Omit<NodeConfig, "version"> {
  const rows = db.all<{ ch: string; resource: string; kind: "door" | "machine"; settings: string }>(
    "SELECT ch, id AS resource, kind, settings FROM resources WHERE node = ? ORDER BY ch",
    node,
  );
  const site = storedSettings(db);
  const own = settingsFrom("node", site);
  return {
    channels: rows.map((row) => ({
      ch: row.ch,
      resource: row.resource,
      settings: { ...settingsFrom(row.kind, site), ...JSON.parse(row.settings) },
    })),
    ...(Object.keys(own).length === 0 ? {} : { settings: own }),
    language: readSite(db).locale,
  };
}
