/**
 * Step of the ledger's file: people who were erased. In each period their history goes on under another number, with nothing about the
 * person: `seen_ms` only says in which of the spans that reports ask for (never, before, lately) they were here before.
 */
export const erasureTable = `
CREATE TABLE pseudonyms (
  member INTEGER PRIMARY KEY REFERENCES members(member), first_month TEXT NOT NULL, last_month TEXT NOT NULL, seen_ms INTEGER,
  counts INTEGER NOT NULL
) STRICT;
`;
