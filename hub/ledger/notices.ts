/**
 * Notices (domain.md §3.5, §4.5; experience.md §8): written beside what they tell of, once for each member and source, for their own page
 * and for the ways on which they want it. What nobody wants anywhere is not written at all.
 */
import { chosenTopics, isUrgent, type NoticeFacts, type NoticeKind, type NoticeTopic, noticeTopics, topicOfKind } from "#core";
import type { CommandContext, Handlers } from "./commands.ts";
import type { Database } from "./database.ts";
import { Refused } from "./refuse.ts";
import { missing, needMember } from "./rows.ts";
import type { NoticeChannelRow, NoticeRow, NoticeSettings } from "./types-rows.ts";

/** The newest of a member are kept; a machine that ends a job each minute fills no disk. */
const keptPerMember = 200;
const channelsMost = 8;
const readMost = 5000;
/** the member's own page stands for a channel where topics are chosen */
const ownPage = 0;

export const notices: Pick<
  Handlers,
  "addNoticeChannel" | "removeNoticeChannel" | "setNoticeTopic" | "setQuietHours" | "seeNotices" | "tryNotices"
> = {
  addNoticeChannel(context, { member, way, address, pushKeys }) {
    const { db, nowMs } = context;
    needMember(context, member);
    const known = db.one<{ channel: number }>(
      "SELECT channel FROM notice_channels WHERE member = ? AND way = ? AND address = ?",
      member,
      way,
      address,
    );
    const keys = pushKeys === undefined ? null : JSON.stringify(pushKeys);
    if (known !== undefined) {
      db.run("UPDATE notice_channels SET push_keys = ?, problem = NULL WHERE channel = ?", keys, known.channel);
      return known;
    }
    const count = db.one<{ c: number }>("SELECT count(*) AS c FROM notice_channels WHERE member = ?", member)?.c ?? 0;
    if (count >= channelsMost)
      throw new Refused("CONFLICT", `Member ${member} is told on ${channelsMost} ways already.`, "Remove one first.");
    const sql = "INSERT INTO notice_channels (member, way, address, push_keys, added_ms) VALUES (?, ?, ?, ?, ?)";
    return { channel: db.insert(sql, member, way, address, keys, nowMs) };
  },

  removeNoticeChannel({ db }, { member, channel }) {
    needChannel(db, member, channel);
    db.run("DELETE FROM notice_choices WHERE member = ? AND channel = ?", member, channel);
    db.run("DELETE FROM notice_channels WHERE channel = ?", channel);
    return {};
  },

  setNoticeTopic(context, { member, topic, channel, wanted }) {
    const { db } = context;
    needMember(context, member);
    if (channel !== null) needChannel(db, member, channel);
    const at = channel ?? ownPage;
    db.run("DELETE FROM notice_choices WHERE member = ? AND topic = ? AND channel = ?", member, topic, at);
    if (wanted !== null)
      db.run("INSERT INTO notice_choices (member, topic, channel, wanted) VALUES (?, ?, ?, ?)", member, topic, at, Number(wanted));
    return {};
  },

  setQuietHours(context, { member, hours, dailyAt }) {
    needMember(context, member);
    context.db.run(
      `INSERT INTO notice_settings (member, quiet_from, quiet_until, daily_at) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT (member) DO UPDATE SET quiet_from = ?2, quiet_until = ?3, daily_at = ?4`,
      member,
      hours?.from ?? null,
      hours?.until ?? null,
      dailyAt,
    );
    return {};
  },

  seeNotices(context, { member, through }) {
    needMember(context, member);
    const last = context.db.one<{ n: number | null }>("SELECT max(notice) AS n FROM notices WHERE member = ?", member)?.n ?? 0;
    context.db.run(
      "INSERT INTO notice_settings (member, seen) VALUES (?1, ?2) ON CONFLICT (member) DO UPDATE SET seen = max(seen, ?2)",
      member,
      Math.min(through, last),
    );
    return {};
  },

  tryNotices(context, { member, channel }) {
    needMember(context, member);
    if (channel !== undefined) needChannel(context.db, member, channel);
    const source = `test/${context.nowMs}/${channel ?? ""}`;
    return { notice: noteNotice(context, member, source, "test", { label: "Koprade" }, channel) };
  },
};

function needChannel(db: Database, member: number, channel: number): void {
  if (db.one("SELECT 1 FROM notice_channels WHERE member = ? AND channel = ?", member, channel) === undefined)
    throw missing("channel of this member", channel);
}

/**
 * Once for each member and source.
 * @param only  on this way and no other
 * @returns the notice's number; 0 when it was told before or nobody wants it
 */
export function noteNotice(
  context: CommandContext,
  member: number,
  source: string,
  kind: NoticeKind,
  facts: NoticeFacts,
  only?: number,
): number {
  const { db, nowMs } = context;
  if (db.one("SELECT 1 FROM notices WHERE member = ? AND source = ?", member, source) !== undefined) return 0;
  const topic = topicOfKind(kind);
  const wants = wishesOf(db, member);
  const isShown = wants(topic, ownPage);
  const channels = channelsOf(db, member).filter((channel) => (only ?? channel) === channel && wants(topic, channel));
  if (!isShown && channels.length === 0) return 0;
  const notice = insertNotice(context, { member, source, kind, facts, isShown });
  const dueMs = isUrgent(kind) ? nowMs : dailyMs(context, member);
  for (const channel of channels)
    db.run("INSERT INTO notice_deliveries (notice, channel, due_ms, next_ms) VALUES (?1, ?2, ?3, ?3)", notice, channel, dueMs);
  db.run(
    "DELETE FROM notices WHERE member = ?1 AND notice <= (SELECT notice FROM notices WHERE member = ?1 ORDER BY notice DESC LIMIT 1 OFFSET ?2)",
    member,
    keptPerMember,
  );
  return notice;
}

type New = {
  readonly member: number;
  readonly source: string;
  readonly kind: NoticeKind;
  readonly facts: NoticeFacts;
  readonly isShown: boolean;
};
const insertNotice = ({ db, nowMs }: CommandContext, { member, source, kind, facts, isShown }: New): number =>
  db.insert(
    "INSERT INTO notices (member, source, kind, facts, at_ms, urgent, in_app) VALUES (?, ?, ?, ?, ?, ?, ?)",
    member,
    source,
    kind,
    JSON.stringify(facts),
    nowMs,
    Number(isUrgent(kind)),
    Number(isShown),
  );

/** What a member has chosen, or else what holds for everybody: their own page lists everything, elsewhere it is quiet. */
function wishesOf(db: Database, member: number): (topic: NoticeTopic, channel: number) => boolean {
  const chosen = new Map(
    db
      .all<{ topic: string; channel: number; wanted: number }>("SELECT topic, channel, wanted FROM notice_choices WHERE member = ?", member)
      .map(({ topic, channel, wanted }) => [`${topic}/${channel}`, wanted === 1]),
  );
  return (topic, channel) => {
    const { always, on } = noticeTopics[topic];
    return always === true || (chosen.get(`${topic}/${channel}`) ?? (channel === ownPage || on));
  };
}

const channelsOf = (db: Database, member: number): number[] =>
  db
    .all<{ channel: number }>("SELECT channel FROM notice_channels WHERE member = ? ORDER BY channel", member)
    .map(({ channel }) => channel);

/** Now, or the next time of the day at which a member wants everything in one. */
function dailyMs({ db, nowMs, tz }: CommandContext, member: number): number {
  const at = db.one<{ at: string | null }>("SELECT daily_at AS at FROM notice_settings WHERE member = ?", member)?.at ?? null;
  if (at === null) return nowMs;
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(tz);
  const today = now.withPlainTime(at);
  return (today.epochMilliseconds > nowMs ? today : now.add({ days: 1 }).withPlainTime(at)).epochMilliseconds;
}

export function readNotices(db: Database, member: number | undefined, limit: number): NoticeRow[] {
  const deliveries = `(SELECT json_group_array(json_object('channel', d.channel, 'way', c.way, 'tries', d.tries, 'doneMs', d.done_ms, 'problem', d.problem))
    FROM notice_deliveries d JOIN notice_channels c ON c.channel = d.channel WHERE d.notice = n.notice)`;
  return db
    .all<
      Omit<NoticeRow, "facts" | "isShown" | "deliveries"> & Readonly<Record<"facts" | "deliveries", string>> & { readonly shown: number }
    >(
      `SELECT notice, member, kind, facts, at_ms AS atMs, in_app AS shown, ${deliveries} AS deliveries
       FROM notices n WHERE ?1 IS NULL OR member = ?1 ORDER BY notice DESC LIMIT ?2`,
      member ?? null,
      limit,
    )
    .map(({ shown, ...row }) => ({
      ...row,
      facts: JSON.parse(row.facts),
      isShown: shown === 1,
      deliveries: JSON.parse(row.deliveries),
    }));
}

export function readChannels(db: Database, member: number | undefined): NoticeChannelRow[] {
  return db.all<NoticeChannelRow>(
    `SELECT channel, member, way, address, tried_ms AS triedMs, problem FROM notice_channels
     WHERE ?1 IS NULL OR member = ?1 ORDER BY member, channel LIMIT ${readMost}`,
    member ?? null,
  );
}

/** Of the topics that are for this member. */
export function readNoticeSettings(db: Database, member: number): NoticeSettings {
  const row = db.one<{ from: string | null; until: string | null; dailyAt: string | null; seen: number }>(
    `SELECT quiet_from AS "from", quiet_until AS until, daily_at AS dailyAt, seen FROM notice_settings WHERE member = ?`,
    member,
  );
  const unseen =
    db.one<{ c: number }>("SELECT count(*) AS c FROM notices WHERE member = ? AND in_app = 1 AND notice > ?", member, row?.seen ?? 0)?.c ??
    0;
  const wants = wishesOf(db, member);
  const channels = channelsOf(db, member);
  const roles = rolesOf(db, member);
  return {
    quiet: row === undefined || row.from === null || row.until === null ? null : { from: row.from, until: row.until },
    dailyAt: row?.dailyAt ?? null,
    unseen,
    seen: row?.seen ?? 0,
    topics: chosenTopics
      .filter((topic) => noticeTopics[topic].roles.some((role) => roles.has(role)))
      .map((topic) => ({
        topic,
        isShown: wants(topic, ownPage),
        channels: Object.fromEntries(channels.map((channel) => [channel, wants(topic, channel)])),
      })),
  };
}

function rolesOf(db: Database, member: number): ReadonlySet<string> {
  const roles = db.all<{ role: string }>(
    `SELECT iif(value = 'steward', 'staff', value) AS role FROM members, json_each(roles) WHERE member = ?1
     UNION SELECT role FROM qualifications WHERE member = ?1`,
    member,
  );
  return new Set(["member", ...roles.map(({ role }) => role)]);
}
