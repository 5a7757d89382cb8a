/**
 * Step 8: what members are told when they are not there, and where. A row of `notices` is made in the transaction of what it tells of and
 * once for each source; `done_ms` says that it was delivered or that nobody tries any more.
 */
export const noticeTables = `
CREATE TABLE notice_addresses (member INTEGER PRIMARY KEY REFERENCES members(member), address TEXT NOT NULL) STRICT;
CREATE TABLE notices (
  notice INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), source TEXT NOT NULL, kind TEXT NOT NULL,
  facts TEXT NOT NULL, at_ms INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0, next_ms INTEGER NOT NULL, done_ms INTEGER, problem TEXT,
  UNIQUE (member, source)
) STRICT;
CREATE INDEX notices_due ON notices (next_ms) WHERE done_ms IS NULL;
`;
