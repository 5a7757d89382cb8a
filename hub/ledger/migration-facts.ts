/**
 * Step 2 of the ledger's tables: everything else a decision rests on. Holds and restrictions become rows with an author, courses
 * get revisions, training records their results; guests, guardians, credit, PINs, bookings, classes, duty, zones and circuits come.
 * What a step 1 file holds is carried over: nobody gains or loses a right by it.
 */
export const factsStep = `
CREATE TABLE blocks (
  block INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), place TEXT,
  reason TEXT NOT NULL, at_ms INTEGER NOT NULL, by_actor TEXT NOT NULL, through TEXT, cleared_ms INTEGER, cleared_by TEXT
) STRICT;
CREATE INDEX blocks_open ON blocks (member) WHERE cleared_ms IS NULL;
INSERT INTO blocks (member, place, reason, at_ms, by_actor) SELECT member, NULL, hold, added_ms, 'before' FROM members WHERE hold IS NOT NULL;
INSERT INTO blocks (member, place, reason, at_ms, by_actor) SELECT member, resource, 'restricted', 0, 'before' FROM restrictions;
DROP TABLE restrictions;
ALTER TABLE members DROP COLUMN hold;
ALTER TABLE members ADD COLUMN birth_date TEXT;
ALTER TABLE members ADD COLUMN pin TEXT;

CREATE TABLE guardians (
  member INTEGER NOT NULL REFERENCES members(member), guardian INTEGER NOT NULL REFERENCES members(member), consent_ms INTEGER,
  PRIMARY KEY (member, guardian), CHECK (member <> guardian)
) STRICT, WITHOUT ROWID;
CREATE TABLE guests (
  member INTEGER PRIMARY KEY REFERENCES members(member), host INTEGER NOT NULL REFERENCES members(member),
  until_ms INTEGER NOT NULL, visits INTEGER, since_ms INTEGER NOT NULL, CHECK (member <> host)
) STRICT;
CREATE TABLE visits (
  member INTEGER NOT NULL REFERENCES members(member), date TEXT NOT NULL, PRIMARY KEY (member, date)
) STRICT, WITHOUT ROWID;
CREATE TABLE credit (
  entry INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), cents INTEGER NOT NULL, reason TEXT NOT NULL,
  at_ms INTEGER NOT NULL, by_actor TEXT NOT NULL, reverses INTEGER UNIQUE REFERENCES credit(entry)
) STRICT;
CREATE INDEX credit_by_member ON credit (member);
CREATE TRIGGER credit_stays BEFORE UPDATE ON credit BEGIN SELECT RAISE(ABORT, 'entries of credit are never changed'); END;
CREATE TRIGGER credit_kept BEFORE DELETE ON credit BEGIN SELECT RAISE(ABORT, 'entries of credit are never deleted'); END;

CREATE TABLE revisions (
  course TEXT NOT NULL REFERENCES courses(course), rev INTEGER NOT NULL, effective TEXT NOT NULL,
  supersedes TEXT NOT NULL CHECK (supersedes IN ('keep', 'require_by', 'require_now')), require_by TEXT,
  validity_months INTEGER, currency_days INTEGER, min_age INTEGER, prerequisites TEXT NOT NULL DEFAULT '[]',
  PRIMARY KEY (course, rev), CHECK (supersedes <> 'require_by' OR require_by IS NOT NULL)
) STRICT, WITHOUT ROWID;
INSERT INTO revisions (course, rev, effective, supersedes, validity_months) SELECT course, 1, '1970-01-01', 'keep', validity_months FROM courses;
ALTER TABLE courses DROP COLUMN validity_months;
CREATE TABLE records (
  record INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), course TEXT NOT NULL REFERENCES courses(course),
  rev INTEGER NOT NULL, result TEXT NOT NULL CHECK (result IN ('passed', 'failed', 'supervised_only')),
  signed_off_by INTEGER NOT NULL REFERENCES members(member), on_date TEXT NOT NULL, at_ms INTEGER NOT NULL, valid_through TEXT,
  suspended_ms INTEGER, revoked_ms INTEGER, revoked_by TEXT, source TEXT UNIQUE, CHECK (signed_off_by <> member)
) STRICT;
CREATE INDEX records_by_member ON records (member, course);
INSERT INTO records (record, member, course, rev, result, signed_off_by, on_date, at_ms, valid_through, revoked_ms)
  SELECT id, member, course, 1, CASE level WHEN 'trainee' THEN 'supervised_only' ELSE 'passed' END, signed_off_by, on_date,
    unixepoch(on_date) * 1000, valid_through, revoked_ms FROM trainings;
DROP TABLE trainings;
CREATE TABLE qualifications (
  id INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), role TEXT NOT NULL CHECK (role IN ('trainer', 'maintainer')),
  scope TEXT, from_date TEXT, through TEXT, at_ms INTEGER NOT NULL, by_actor TEXT NOT NULL
) STRICT;
CREATE INDEX qualifications_by_member ON qualifications (member);
INSERT INTO qualifications (member, role, at_ms, by_actor)
  SELECT member, value, added_ms, 'before' FROM members, json_each(roles) WHERE value IN ('trainer', 'maintainer');
UPDATE members SET roles = (SELECT json_group_array(value) FROM json_each(roles) WHERE value NOT IN ('trainer', 'maintainer'));

CREATE TABLE classes (
  class TEXT PRIMARY KEY, label TEXT NOT NULL, from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, places TEXT NOT NULL, cancelled_ms INTEGER,
  CHECK (until_ms > from_ms)
) STRICT;
CREATE TABLE enrolments (
  class TEXT NOT NULL REFERENCES classes(class), member INTEGER NOT NULL REFERENCES members(member), PRIMARY KEY (member, class)
) STRICT, WITHOUT ROWID;
CREATE TABLE bookings (
  booking INTEGER PRIMARY KEY, machine TEXT NOT NULL REFERENCES resources(id), member INTEGER REFERENCES members(member),
  class TEXT REFERENCES classes(class), from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('requested', 'confirmed', 'checked_in', 'done', 'no_show', 'cancelled')),
  at_ms INTEGER NOT NULL, by_actor TEXT NOT NULL, CHECK (until_ms > from_ms), CHECK ((member IS NULL) <> (class IS NULL))
) STRICT;
CREATE INDEX bookings_by_machine ON bookings (machine, from_ms);
CREATE INDEX bookings_by_member ON bookings (member, from_ms);
CREATE TABLE shifts (
  shift INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), zone TEXT, from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
  CHECK (until_ms >= from_ms)
) STRICT;

CREATE TABLE zones (
  zone TEXT PRIMARY KEY, label TEXT NOT NULL, parent TEXT REFERENCES zones(zone), people INTEGER,
  capacity TEXT NOT NULL CHECK (capacity IN ('off', 'warn', 'deny')), lone_working TEXT NOT NULL CHECK (lone_working IN ('ok', 'warn', 'forbid'))
) STRICT;
CREATE TABLE circuits (circuit TEXT PRIMARY KEY, label TEXT NOT NULL, budget_w INTEGER NOT NULL) STRICT;
CREATE TABLE accessories (
  machine TEXT NOT NULL REFERENCES resources(id), accessory TEXT NOT NULL, label TEXT NOT NULL, course TEXT REFERENCES courses(course),
  PRIMARY KEY (machine, accessory)
) STRICT, WITHOUT ROWID;
CREATE TABLE checks (
  machine TEXT PRIMARY KEY REFERENCES resources(id), last_member INTEGER NOT NULL, rejected INTEGER NOT NULL
) STRICT;
ALTER TABLE resources ADD COLUMN zone TEXT REFERENCES zones(zone);
ALTER TABLE resources ADD COLUMN from_zone TEXT REFERENCES zones(zone);
ALTER TABLE plans ADD COLUMN unattended_may_finish INTEGER NOT NULL DEFAULT 1;
`;
