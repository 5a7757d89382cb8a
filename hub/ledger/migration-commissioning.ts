/**
 * Step of the ledger's file: what was tested before a machine may be enabled (security.md R5). A space that runs already is not shut
 * down by an upgrade: its machines are noted as taken over, dated and untested, and `koprade doctor` says so until somebody tests them.
 */
export const commissioningTables = `
ALTER TABLE nodes ADD COLUMN wiring TEXT;
CREATE TABLE commissionings (
  commissioning INTEGER PRIMARY KEY, resource TEXT NOT NULL REFERENCES resources(id), node TEXT NOT NULL, ch TEXT NOT NULL,
  basis TEXT NOT NULL CHECK (basis IN ('tested', 'taken_over')), outcome TEXT NOT NULL CHECK (outcome IN ('passed', 'failed', 'incomplete')),
  lines TEXT NOT NULL DEFAULT '[]', about TEXT NOT NULL DEFAULT '{}', reason TEXT NOT NULL, at_ms INTEGER NOT NULL, by_actor TEXT NOT NULL,
  ended_ms INTEGER, ended_by TEXT, ended_reason TEXT
) STRICT;
CREATE INDEX commissionings_valid ON commissionings (resource) WHERE ended_ms IS NULL AND outcome = 'passed';
INSERT INTO commissionings (resource, node, ch, basis, outcome, reason, at_ms, by_actor)
  SELECT id, node, ch, 'taken_over', 'passed', 'it was in use before wiring was tested here', unixepoch() * 1000, 'before'
  FROM resources WHERE kind = 'machine';
`;
