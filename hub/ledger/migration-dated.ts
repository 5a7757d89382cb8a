/**
 * Step of the ledger's file: what reports need to know as it was at the time. What members are, what an hour is worth, which work was
 * planned ahead, when a booking was cancelled and somebody signed up. What was not written down before stays null: unknown.
 */
export const datedTables = `
CREATE TABLE backgrounds (
  id INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member), what TEXT NOT NULL, value TEXT NOT NULL,
  founded TEXT, from_date TEXT NOT NULL, UNIQUE (member, what, from_date)
) STRICT;
CREATE TABLE rates (
  id INTEGER PRIMARY KEY, rate TEXT NOT NULL, name TEXT NOT NULL, value INTEGER, source TEXT NOT NULL, from_date TEXT NOT NULL,
  UNIQUE (rate, name, from_date)
) STRICT;
CREATE TABLE planned_maintenance (
  maintenance INTEGER PRIMARY KEY, machine TEXT NOT NULL REFERENCES resources(id), from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
  reason TEXT NOT NULL, at_ms INTEGER NOT NULL, by_actor TEXT NOT NULL, cancelled_ms INTEGER, CHECK (until_ms > from_ms AND from_ms >= at_ms)
) STRICT;
CREATE INDEX planned_maintenance_by_time ON planned_maintenance (from_ms);
ALTER TABLE bookings ADD COLUMN cancelled_ms INTEGER;
ALTER TABLE classes ADD COLUMN course TEXT REFERENCES courses(course);
ALTER TABLE classes ADD COLUMN seats INTEGER;
ALTER TABLE enrolments ADD COLUMN at_ms INTEGER;
ALTER TABLE headcounts ADD COLUMN seats INTEGER;
ALTER TABLE headcounts ADD COLUMN first_timers INTEGER;
ALTER TABLE headcounts ADD COLUMN volunteer_led INTEGER;
ALTER TABLE headcounts ADD COLUMN ratings INTEGER;
ALTER TABLE headcounts ADD COLUMN ratings_sum INTEGER;
`;
