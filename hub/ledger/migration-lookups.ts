/** Step of the ledger's file: who looked at whose page and why, for the member to read; and the entries of the audit by what they are about. */
export const lookupTable = `
CREATE TABLE lookups (
  n INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, member INTEGER NOT NULL REFERENCES members(member),
  what TEXT NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE INDEX lookups_by_member ON lookups (member, n);
CREATE INDEX audit_by_target ON audit (target, n);
`;
