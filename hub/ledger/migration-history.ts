/**
 * Step of the ledger's file: what lets a report of an old month, or of five years, read its own time alone. Sessions and runs by the
 * place they were at (a few are long or open, and stand in an index of their own), the kinds of events of which the last one counts however
 * long ago it was, and members' entries. Beside it what was lost by being overwritten: which status a member had when; and of people who
 * were counted by heart their age and their school.
 */
export const longMs = 259_200_000;
/** Kinds of which a report wants the last one before an instant; the index serves a query for one of them. */
export const lastingKinds = ["mach.powered", "mach.job", "mach.meter_lost", "mach.meter_back"] as const;

const isLong = `end_ms IS NULL OR end_ms - start_ms > ${longMs}`;
export const entryCondition = `kind = 'access.decided' AND body ->> 'outcome' = 'grant' AND body ->> 'request' = 'enter'`;

export const wishCondition = `kind = 'access.decided' AND member > 0 AND body ->> 'reason' = 'TRAINING_MISSING'`;

export const historyStep = `
CREATE INDEX sessions_by_place ON sessions (node, ch, start_ms);
CREATE INDEX sessions_long ON sessions (node, ch, start_ms) WHERE ${isLong};
CREATE INDEX runs_by_place ON runs (node, ch, start_ms);
CREATE INDEX runs_long ON runs (node, ch, start_ms) WHERE ${isLong};
CREATE INDEX events_lasting ON events (node, ch, kind, evt_ms) WHERE ${lastingKinds.map((kind) => `kind = '${kind}'`).join(" OR ")};
CREATE INDEX events_entries ON events (member, evt_ms) WHERE ${entryCondition};
CREATE INDEX events_wishes ON events (evt_ms) WHERE ${wishCondition};
CREATE TABLE member_statuses (
  id INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), status TEXT NOT NULL, from_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX member_statuses_by_member ON member_statuses (member, from_ms);
INSERT INTO member_statuses (member, status, from_ms)
  SELECT m.member, a.detail ->> 'status', a.at_ms
  FROM (SELECT n, at_ms, CASE WHEN json_valid(detail) THEN detail ELSE '{}' END AS detail FROM audit WHERE action = 'setMember') a
  JOIN members m ON m.member = a.detail ->> 'member' WHERE a.detail ->> 'status' IS NOT NULL ORDER BY a.n;
ALTER TABLE headcounts ADD COLUMN age_band TEXT NOT NULL DEFAULT '';
ALTER TABLE headcounts ADD COLUMN school TEXT NOT NULL DEFAULT '';
`;
