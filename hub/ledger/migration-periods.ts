/**
 * Step of the ledger's file: the life of a month before it is closed (its draft, who has checked it), corrections that members ask for,
 * and the projects of funders with their indicators. An answer to a correction stands; so does every value that was noted.
 */
export const periodTables = `
CREATE TABLE corrections (
  correction INTEGER PRIMARY KEY, node TEXT NOT NULL, session TEXT NOT NULL, member INTEGER NOT NULL REFERENCES members(member),
  was_ms INTEGER, to_ms INTEGER NOT NULL, reason TEXT NOT NULL, asked_ms INTEGER NOT NULL, asked_by TEXT NOT NULL,
  outcome TEXT CHECK (outcome IN ('granted', 'refused')), answer TEXT, answered_ms INTEGER, answered_by TEXT
) STRICT;
CREATE INDEX corrections_by_session ON corrections (node, session);
CREATE TRIGGER corrections_stand BEFORE UPDATE OF node, session, to_ms, asked_ms, outcome, answered_ms, answered_by ON corrections
  WHEN OLD.outcome IS NOT NULL BEGIN SELECT RAISE(ABORT, 'an answer to a correction stands'); END;
CREATE TRIGGER corrections_stay BEFORE DELETE ON corrections BEGIN SELECT RAISE(ABORT, 'a correction is never deleted'); END;

CREATE TABLE month_drafts (
  month TEXT PRIMARY KEY, made_ms INTEGER NOT NULL, hash TEXT NOT NULL, figures TEXT NOT NULL, checked_ms INTEGER, checked_by TEXT
) STRICT;

CREATE TABLE projects (
  project TEXT PRIMARY KEY, label TEXT NOT NULL, number TEXT NOT NULL, funder TEXT NOT NULL, programme TEXT NOT NULL,
  from_date TEXT NOT NULL, through TEXT NOT NULL, publicity TEXT NOT NULL, logo TEXT
) STRICT;
CREATE TABLE project_assets (
  project TEXT NOT NULL REFERENCES projects(project), machine TEXT NOT NULL REFERENCES resources(id), from_date TEXT NOT NULL,
  PRIMARY KEY (project, machine)
) STRICT, WITHOUT ROWID;
CREATE TABLE indicators (
  id INTEGER PRIMARY KEY, project TEXT NOT NULL REFERENCES projects(project), indicator TEXT NOT NULL, definition TEXT, set_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX indicators_by_name ON indicators (project, indicator, id);
CREATE TABLE indicator_notes (
  id INTEGER PRIMARY KEY, project TEXT NOT NULL REFERENCES projects(project), indicator TEXT NOT NULL, on_date TEXT NOT NULL,
  value REAL NOT NULL, evidence TEXT NOT NULL, undone_ms INTEGER, undone_by TEXT, undone_reason TEXT
) STRICT;
`;
