/** Step of the ledger's file: who else is told what happens, and up to which entry of the log they have been told. */
export const webhookTable = `
CREATE TABLE webhooks (
  webhook INTEGER PRIMARY KEY, url TEXT NOT NULL, secret TEXT NOT NULL, kinds TEXT NOT NULL, paused INTEGER NOT NULL DEFAULT 0,
  told INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0, next_ms INTEGER NOT NULL, told_ms INTEGER, problem TEXT, added_ms INTEGER NOT NULL
) STRICT;
`;
