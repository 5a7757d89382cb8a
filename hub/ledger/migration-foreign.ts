/** Step of the ledger's file: the user names that foreign devices of a hosted node have at their own port. */

export const foreignAccounts = `
ALTER TABLE nodes ADD COLUMN accounts TEXT NOT NULL DEFAULT '[]';
`;
