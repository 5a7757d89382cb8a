/**
 * Step 5: a way back for what is counted or paid outside of the log. A row that was entered by mistake stays, with who took it back and
 * why; no report counts it any more. And overrides that are over leave the list of those in sight.
 */
export const undoColumns = `
ALTER TABLE headcounts ADD COLUMN undone_ms INTEGER;
ALTER TABLE headcounts ADD COLUMN undone_by TEXT;
ALTER TABLE headcounts ADD COLUMN undone_reason TEXT;
ALTER TABLE money_lines ADD COLUMN undone_ms INTEGER;
ALTER TABLE money_lines ADD COLUMN undone_by TEXT;
ALTER TABLE money_lines ADD COLUMN undone_reason TEXT;
CREATE INDEX overrides_until ON overrides (until_ms) WHERE ended_ms IS NULL;
`;
