/**
 * Step of the ledger's file: nodes that are given new keys over the wire. The next ones wait beside the present ones until the node has
 * come with them. `mac_serial` counts the keys of a node's seals.
 */
export const rekeyColumns = `
ALTER TABLE nodes ADD COLUMN mac_serial INTEGER NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN next_hash BLOB;
ALTER TABLE nodes ADD COLUMN next_serial INTEGER;
ALTER TABLE nodes ADD COLUMN next_box TEXT;
`;
