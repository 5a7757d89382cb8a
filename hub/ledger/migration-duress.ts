/** Step of the ledger's file: a second PIN for each member, hashed as the first, by which whoever is made to type one calls for help. */
export const duressColumn = `
ALTER TABLE members ADD COLUMN duress_pin TEXT;
`;
