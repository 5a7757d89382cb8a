/**
 * Step of the ledger's file: nodes that enrol over the wire, are given new keys, and take each other's place. An offer is kept, encrypted
 * to its node, until that node has come as itself. `former_places` says whose history the log of a node and channel was, until when.
 */
export const enrolmentTables = `
ALTER TABLE nodes ADD COLUMN enrol_key TEXT;
CREATE TABLE offers (
  fp TEXT PRIMARY KEY, node TEXT NOT NULL, box TEXT NOT NULL, made_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX offers_by_node ON offers (node);
CREATE TABLE former_places (
  resource TEXT NOT NULL REFERENCES resources(id), node TEXT NOT NULL, ch TEXT NOT NULL, until_ms INTEGER NOT NULL,
  PRIMARY KEY (node, ch, until_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_places_by_resource ON former_places (resource);
`;
