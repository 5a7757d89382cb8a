/** Step of the ledger's file: members after whom a door may stand open longer. */

export const moreTimeColumn = `
ALTER TABLE members ADD COLUMN more_time INTEGER NOT NULL DEFAULT 0;
`;
