/**
 * Step 17: by what a member of another system is known again when a list comes a second time (experience.md §9.4): the number they have
 * there, else the mail address. Never by name: two people may share one.
 */
export const importColumns = `
ALTER TABLE members ADD COLUMN external_ref TEXT;
ALTER TABLE members ADD COLUMN mail TEXT;
CREATE UNIQUE INDEX members_external ON members (external_ref) WHERE external_ref IS NOT NULL;
CREATE INDEX members_mail ON members (mail) WHERE mail IS NOT NULL;
`;
