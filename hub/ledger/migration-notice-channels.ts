/**
 * Step of the ledger's file: a member has several ways to be told (`notice_channels`), chooses topics for each (`notice_choices`; channel 0 is
 * the member's own page) and hours of peace (`notice_settings`; `seen`: the last notice they have looked at). What becomes of a notice on
 * each way is a row of its own.
 */
export const noticeChannelStep = `
CREATE TABLE notice_channels (
  channel INTEGER PRIMARY KEY, member INTEGER NOT NULL REFERENCES members(member),
  way TEXT NOT NULL CHECK (way IN ('post', 'mail', 'push', 'telegram', 'matrix', 'discord', 'slack')),
  address TEXT NOT NULL, push_keys TEXT, added_ms INTEGER NOT NULL, tried_ms INTEGER, problem TEXT,
  minute_ms INTEGER NOT NULL DEFAULT 0, minute_count INTEGER NOT NULL DEFAULT 0, UNIQUE (member, way, address)
) STRICT;
INSERT INTO notice_channels (member, way, address, added_ms) SELECT member, 'post', address, 0 FROM notice_addresses;
DROP TABLE notice_addresses;
CREATE TABLE notice_choices (
  member INTEGER NOT NULL REFERENCES members(member), topic TEXT NOT NULL, channel INTEGER NOT NULL, wanted INTEGER NOT NULL,
  PRIMARY KEY (member, topic, channel)
) STRICT, WITHOUT ROWID;
CREATE TABLE notice_settings (
  member INTEGER PRIMARY KEY REFERENCES members(member), quiet_from TEXT, quiet_until TEXT, daily_at TEXT, seen INTEGER NOT NULL DEFAULT 0,
  CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
) STRICT;
CREATE TABLE notice_deliveries (
  notice INTEGER NOT NULL REFERENCES notices(notice) ON DELETE CASCADE,
  channel INTEGER NOT NULL REFERENCES notice_channels(channel) ON DELETE CASCADE,
  tries INTEGER NOT NULL DEFAULT 0, due_ms INTEGER NOT NULL, next_ms INTEGER NOT NULL, done_ms INTEGER, problem TEXT,
  PRIMARY KEY (notice, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_deliveries_due ON notice_deliveries (next_ms) WHERE done_ms IS NULL;
CREATE INDEX notice_deliveries_by_channel ON notice_deliveries (channel);
INSERT INTO notice_deliveries (notice, channel, tries, due_ms, next_ms, done_ms, problem)
  SELECT n.notice, c.channel, n.tries, n.at_ms, n.next_ms, n.done_ms, n.problem FROM notices n JOIN notice_channels c ON c.member = n.member;
DROP INDEX notices_due;
ALTER TABLE notices DROP COLUMN tries;
ALTER TABLE notices DROP COLUMN next_ms;
ALTER TABLE notices DROP COLUMN done_ms;
ALTER TABLE notices DROP COLUMN problem;
ALTER TABLE notices ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notices ADD COLUMN in_app INTEGER NOT NULL DEFAULT 1;
`;
