/**
 * What reports need beyond the log: facts with the instant from which they hold, so that last year's month keeps last year's
 * opening hours and names; and months that were closed, which nothing may change afterwards, the file's owner included.
 */
export const reportTables = `
CREATE TABLE dated_facts (
  id INTEGER PRIMARY KEY, what TEXT NOT NULL CHECK (what IN ('opening_hours', 'machine')), name TEXT NOT NULL,
  value TEXT NOT NULL, from_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX dated_facts_by_name ON dated_facts (what, name, id);
INSERT INTO dated_facts (what, name, value, from_ms)
  SELECT 'opening_hours', '', hours, 0 FROM schedules WHERE schedule = (SELECT value FROM meta WHERE key = 'opening_hours');
INSERT INTO dated_facts (what, name, value, from_ms)
  SELECT 'machine', id, json_object('label', label), 0 FROM resources WHERE kind = 'machine';

CREATE TABLE closed_months (
  number INTEGER PRIMARY KEY, month TEXT NOT NULL, revision INTEGER NOT NULL, closed_ms INTEGER NOT NULL, closed_by TEXT NOT NULL,
  reason TEXT NOT NULL, hash TEXT NOT NULL, figures TEXT NOT NULL, UNIQUE (month, revision)
) STRICT;
CREATE TRIGGER closed_months_stay BEFORE UPDATE ON closed_months BEGIN SELECT RAISE(ABORT, 'a closed month never changes'); END;
CREATE TRIGGER closed_months_last BEFORE DELETE ON closed_months BEGIN SELECT RAISE(ABORT, 'a closed month is never deleted'); END;

CREATE TABLE member_groups (
  id INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), target TEXT NOT NULL, from_date TEXT NOT NULL,
  UNIQUE (member, from_date)
) STRICT;
CREATE TABLE headcounts (
  id INTEGER PRIMARY KEY, on_date TEXT NOT NULL, kind TEXT NOT NULL, people INTEGER NOT NULL, minutes INTEGER NOT NULL,
  target TEXT NOT NULL, municipality TEXT NOT NULL, machine TEXT REFERENCES resources(id)
) STRICT;
CREATE INDEX headcounts_by_date ON headcounts (on_date);
CREATE TABLE money_lines (
  id INTEGER PRIMARY KEY, on_date TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('cost', 'income')), source TEXT NOT NULL,
  cents INTEGER NOT NULL, machine TEXT REFERENCES resources(id), label TEXT NOT NULL
) STRICT;
CREATE INDEX money_lines_by_date ON money_lines (on_date);
`;
