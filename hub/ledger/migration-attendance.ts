/**
 * Step of the ledger's file: what people do that no node can see, each as small as a report needs it: who was at a class or another event,
 * guests as a count; who would like to learn a course, or to be told when a machine is free; who has taken up a lockout, and when; what
 * machines used up.
 */
export const attendanceTables = `
CREATE TABLE attendances (
  attendance INTEGER PRIMARY KEY, class TEXT NOT NULL REFERENCES classes(class), member INTEGER REFERENCES members(member),
  guests INTEGER NOT NULL, at_ms INTEGER NOT NULL, by_actor TEXT NOT NULL, undone_ms INTEGER, undone_by TEXT,
  CHECK (member IS NOT NULL OR guests > 0)
) STRICT;
CREATE UNIQUE INDEX attendances_once ON attendances (class, member) WHERE undone_ms IS NULL;
ALTER TABLE classes ADD COLUMN kind TEXT NOT NULL DEFAULT 'class';
ALTER TABLE headcounts ADD COLUMN class TEXT REFERENCES classes(class);
CREATE TABLE wishes (
  wish INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), course TEXT REFERENCES courses(course),
  machine TEXT REFERENCES resources(id), at_ms INTEGER NOT NULL, free_ms INTEGER, ended_ms INTEGER,
  CHECK ((course IS NULL) <> (machine IS NULL))
) STRICT;
CREATE UNIQUE INDEX wishes_once ON wishes (member, coalesce(course, ''), coalesce(machine, '')) WHERE ended_ms IS NULL;
ALTER TABLE lockouts ADD COLUMN taken_ms INTEGER;
ALTER TABLE lockouts ADD COLUMN taken_by INTEGER REFERENCES members(member);
CREATE TABLE materials (
  material INTEGER PRIMARY KEY, on_date TEXT NOT NULL, machine TEXT NOT NULL REFERENCES resources(id), grams INTEGER NOT NULL,
  label TEXT NOT NULL, undone_ms INTEGER, undone_by TEXT, undone_reason TEXT
) STRICT;
CREATE INDEX materials_by_date ON materials (on_date);
`;
