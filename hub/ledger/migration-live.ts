/**
 * Step 4: what people set in motion for a while. Readers that wait for a new card, refusals set aside for a member at one place,
 * and uses that a node allowed alone although they would have been refused.
 */
export const liveTables = `
CREATE TABLE captures (
  capture INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), resource TEXT REFERENCES resources(id), label TEXT NOT NULL,
  at_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, by_actor TEXT NOT NULL, card_key TEXT, refused TEXT
) STRICT;
CREATE INDEX captures_waiting ON captures (until_ms) WHERE card_key IS NULL AND refused IS NULL;
CREATE TABLE overrides (
  override INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), resource TEXT NOT NULL REFERENCES resources(id),
  by_member INTEGER NOT NULL REFERENCES members(member), codes TEXT NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL, by_actor TEXT NOT NULL, ended_ms INTEGER, CHECK (by_member <> member)
) STRICT;
CREATE INDEX overrides_open ON overrides (member) WHERE ended_ms IS NULL;
CREATE TABLE exceptions (
  exception INTEGER PRIMARY KEY, source TEXT NOT NULL UNIQUE, member INTEGER NOT NULL, resource TEXT NOT NULL REFERENCES resources(id),
  code TEXT NOT NULL, evt_ms INTEGER NOT NULL, noticed_ms INTEGER NOT NULL, closed_ms INTEGER, closed_by TEXT, remark TEXT
) STRICT;
`;
