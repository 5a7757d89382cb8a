/** Step of the ledger's file: screens on walls with the hash of their link, what members let others see, who asks to be forgotten. */
export const screenTables = `
CREATE TABLE screens (
  screen TEXT PRIMARY KEY, boards TEXT NOT NULL, languages TEXT NOT NULL,
  token_hash BLOB NOT NULL CHECK (length(token_hash) = 32), added_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE sharing (
  member INTEGER PRIMARY KEY REFERENCES members(member), presence TEXT NOT NULL CHECK (presence IN ('nobody', 'members', 'alias')), alias TEXT
) STRICT;
CREATE TABLE erasure_requests (
  member INTEGER PRIMARY KEY REFERENCES members(member), reason TEXT NOT NULL, asked_ms INTEGER NOT NULL
) STRICT;
`;

/** Step of the ledger's file: the reader beside the tablet at the desk. */
export const kioskReader = "ALTER TABLE screens ADD COLUMN reader TEXT REFERENCES resources(id);";
