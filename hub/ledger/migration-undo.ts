/**
 * Step 5: a way back for what is counted or paid outside of the log. A row that was entered by mistake stays, with who took it back and
 * why; no report counts it any more. And the index of overrides tells those that are over by themselves, without a look at each.
 */
export const undoColumns = `
ALTER TABLE headcounts ADD COLUMN undone_ms INTEGER;
ALTER TABLE headcounts ADD COLUMN undone_by TEXT;
ALTER TABLE headcounts ADD COLUMN undone_reason TEXT;
ALTER TABLE money_lines ADD COLUMN undone_ms INTEGER;
ALTER TABLE money_lines ADD COLUMN undone_by TEXT;
ALTER TABLE money_lines ADD COLUMN undone_reason TEXT;
DROP INDEX overrides_open;
CREATE INDEX overrides_open ON overrides (member, until_ms) WHERE ended_ms IS NULL;
`;
