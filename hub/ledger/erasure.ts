/**
 * A person is erased (reports.md G16): name, cards, addresses, guardians and what was written about them go; what happened stays under a
 * number of its own for each month, so that no month can be joined with another and the people of closed months are as many as before.
 * Months that share a session or a night share a number. Trainings and credit stay under the old number, which nothing
 * links to a month; what somebody wrote as the reason of an entry of credit cannot be changed.
 */
import type { CommandContext, Handlers } from "./commands.ts";
import type { Database } from "./database.ts";
import { dayEndMs, dayStartMs, localToday } from "./dates.ts";
import { nextMember } from "./people.ts";
import { needMember } from "./rows.ts";
import { statusThen } from "./usage-dated.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** A person's day begins at four (reports.md V01). */
const nightMs = 4 * hourMs;
const latelyMs = 90 * dayMs;

type Month = string;
/** Months that cannot be told apart without cutting a session or a night in two. */
type Period = { readonly first: Month; readonly last: Month };

export const erasure: Pick<Handlers, "eraseMember"> = {
  eraseMember(context, { member }) {
    needMember(context, member);
    const { db } = context;
    const seen = sightings(db, member);
    const periods = periodsOf(context, member, seen);
    const numbers = periods.map((period) => ({ period, number: pseudonym(context, member, period, seen) }));
    const numberAt = (ms: number): number => {
      const month = monthOf(context.tz, ms);
      return numbers.find(({ period }) => period.first <= month && month <= period.last)?.number ?? member;
    };
    rewriteEvents(db, member, numberAt);
    rewriteRows(db, member, numberAt);
    forget(db, member);
    return { periods: periods.length };
  },
};

const monthOf = (tz: string, ms: number): Month => localToday(tz, ms).slice(0, 7);
const startOf = (tz: string, month: Month): number => dayStartMs(tz, `${month}-01`);
const lastDayOf = (month: Month): string => Temporal.PlainYearMonth.from(month).toPlainDate({ day: 31 }).toString();

/** When they were let in or began a session. */
function sightings(db: Database, member: number): number[] {
  return db
    .all<{ atMs: number }>(
      `SELECT evt_ms AS atMs FROM events WHERE member = ?1 AND kind = 'access.decided' AND body ->> 'outcome' = 'grant' AND body ->> 'request' = 'enter'
       UNION SELECT start_ms FROM sessions WHERE member = ?1 ORDER BY 1`,
      member,
    )
    .map(({ atMs }) => atMs);
}

/** Every month in which they left a trace or were a member; those that touch become one period. */
function periodsOf({ db, tz, nowMs }: CommandContext, member: number, seen: readonly number[]): Period[] {
  const joined = new Map<Month, Month>();
  const note = (fromMs: number, toMs: number): void => {
    const [first, last] = [monthOf(tz, fromMs), monthOf(tz, toMs)];
    joined.set(first, maxOf(joined.get(first) ?? first, last));
    if (first !== last) joined.set(last, joined.get(last) ?? last);
  };
  for (const { fromMs, toMs } of db.all<{ fromMs: number; toMs: number }>(
    `SELECT start_ms AS fromMs, coalesce(end_ms, ?2) AS toMs FROM sessions WHERE member = ?1
     UNION ALL SELECT evt_ms, evt_ms FROM events WHERE member = ?1
     UNION ALL SELECT from_ms, from_ms FROM bookings WHERE member = ?1
     UNION ALL SELECT at_ms, at_ms FROM attendances WHERE member = ?1 UNION ALL SELECT at_ms, at_ms FROM wishes WHERE member = ?1`,
    member,
    nowMs,
  ))
    note(fromMs, toMs);
  // In the night after the last of a month it is the next month, and still the same day of theirs.
  for (const ms of seen) note(ms - nightMs, ms);
  for (const { from, through } of db.all<{ from: string; through: string | null }>(
    `SELECT from_date AS "from", valid_through AS through FROM memberships WHERE member = ?`,
    member,
  )) {
    const end = Temporal.PlainYearMonth.from(minOf(through ?? "9999-12", localToday(tz, nowMs)).slice(0, 7));
    for (let at = Temporal.PlainYearMonth.from(from.slice(0, 7)); Temporal.PlainYearMonth.compare(at, end) <= 0; at = at.add({ months: 1 }))
      note(startOf(tz, at.toString()), startOf(tz, at.toString()));
  }
  const periods: Period[] = [];
  for (const [first, last] of [...joined].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const before = periods.at(-1);
    if (before === undefined || before.last < first) periods.push({ first, last });
    else periods.splice(-1, 1, { first: before.first, last: maxOf(before.last, last) });
  }
  return periods;
}

const maxOf = (a: string, b: string): string => (a > b ? a : b);
const minOf = (a: string, b: string): string => (a < b ? a : b);

/** A number for one period, with the membership and the target group that held then, cut to the period. */
function pseudonym(context: CommandContext, member: number, { first, last }: Period, seen: readonly number[]): number {
  const { db, tz, nowMs } = context;
  const number = nextMember(context);
  const fromMs = startOf(tz, first);
  db.run("INSERT INTO members (member, display_name, locale, status, added_ms) VALUES (?, '', 'en', 'left', ?)", number, fromMs);
  const isRecent = last >= monthOf(tz, nowMs);
  db.run(
    "INSERT INTO pseudonyms (member, first_month, last_month, seen_ms, counts) VALUES (?, ?, ?, ?, ?)",
    number,
    first,
    last,
    seenClass(context, first, seen.findLast((ms) => ms < fromMs + nightMs) ?? null),
    Number(!isRecent && wasActive(db, member, dayEndMs(tz, lastDayOf(last)))),
  );
  const days = { from: `${first}-01`, through: lastDayOf(last) };
  db.run(
    `INSERT INTO memberships (member, plan, from_date, valid_through, grace_days)
     SELECT ?1, plan, max(from_date, ?3), min(coalesce(date(valid_through, '+' || grace_days || ' days'), ?4), ?4), 0 FROM memberships
     WHERE member = ?2 AND from_date <= ?4 AND coalesce(date(valid_through, '+' || grace_days || ' days'), ?4) >= ?3 ORDER BY id`,
    number,
    member,
    days.from,
    days.through,
  );
  db.run(
    `INSERT INTO member_groups (member, target, from_date) SELECT ?1, target, ?3 FROM member_groups
     WHERE member = ?2 AND from_date <= ?4 ORDER BY from_date DESC LIMIT 1`,
    number,
    member,
    days.from,
    days.through,
  );
  db.run(
    `INSERT INTO backgrounds (member, what, value, founded, from_date) SELECT ?1, what, value, founded, ?3 FROM backgrounds b
     WHERE member = ?2 AND from_date = (SELECT max(from_date) FROM backgrounds x WHERE x.member = ?2 AND x.what = b.what AND x.from_date <= ?4)`,
    number,
    member,
    days.from,
    days.through,
  );
  return number;
}

const wasActive = (db: Database, member: number, beforeMs: number): boolean =>
  db.one(`SELECT 1 FROM members m WHERE m.member = ? AND ${statusThen("m", "?")} = 'active'`, member, beforeMs) !== undefined;

/** An instant before the period that stands for all instants between which its reports tell no difference. */
function seenClass({ tz }: CommandContext, first: Month, lastMs: number | null): number | null {
  if (lastMs === null) return null;
  const fromMs = startOf(tz, first) + nightMs;
  const endMs = dayEndMs(tz, lastDayOf(first));
  const bounds = [fromMs - latelyMs, endMs - latelyMs].sort((a, b) => b - a);
  return bounds.find((bound) => lastMs >= bound && bound < fromMs) ?? fromMs - latelyMs - dayMs;
}

const named = ["member", "supervisor", "buddy", "trainer"] as const;
const lists = ["who", "with"] as const;

/** Every event that names them names the period's number; what tells their card goes. */
function rewriteEvents(db: Database, member: number, numberAt: (ms: number) => number): void {
  const rows = db.all<{ n: number; evtMs: number; body: string }>(
    `SELECT n, evt_ms AS evtMs, body FROM events WHERE member = ?1 OR kind IN ('mach.signed_off', 'mach.companion')
       OR (kind GLOB 'door.*' AND body LIKE '%"who"%') OR (kind = 'access.decided' AND body LIKE '%"with"%')
       OR (kind = 'mach.session_started' AND (body LIKE '%"supervisor"%' OR body LIKE '%"buddy"%'))`,
    member,
  );
  for (const { n, evtMs, body } of rows) {
    const told: Record<string, unknown> = JSON.parse(body);
    const number = numberAt(evtMs);
    const fresh = Object.fromEntries(
      Object.entries(told).flatMap(([key, value]) => {
        if (told.member === member && (key === "card" || key === "proof")) return [];
        if (named.some((name) => name === key) && value === member) return [[key, number]];
        if (lists.some((name) => name === key) && Array.isArray(value)) return [[key, value.map((one) => (one === member ? number : one))]];
        return [[key, value]];
      }),
    );
    const text = JSON.stringify(fresh);
    if (text !== body)
      db.run("UPDATE events SET body = ?, member = CASE member WHEN ? THEN ? ELSE member END WHERE n = ?", text, member, number, n);
  }
}

/** What is kept beside the log and tells of a time. Projections follow: the log is folded anew from its beginning. */
function rewriteRows(db: Database, member: number, numberAt: (ms: number) => number): void {
  for (const { node, session, startMs, record } of db.all<{ node: string; session: string; startMs: number; record: string }>(
    "SELECT node, session, start_ms AS startMs, record FROM sessions WHERE member = ?",
    member,
  )) {
    const number = numberAt(startMs);
    const text = JSON.stringify({ ...JSON.parse(record), member: number });
    db.run("UPDATE sessions SET member = ?, record = ? WHERE node = ? AND session = ?", number, text, node, session);
    db.run(
      "UPDATE corrections SET member = ?, reason = '', answer = CASE WHEN answer IS NULL THEN NULL ELSE '' END WHERE node = ? AND session = ?",
      number,
      node,
      session,
    );
  }
  db.run("DELETE FROM checkpoints");
  for (const { booking, fromMs } of db.all<{ booking: number; fromMs: number }>(
    "SELECT booking, from_ms AS fromMs FROM bookings WHERE member = ?",
    member,
  ))
    db.run("UPDATE bookings SET member = ? WHERE booking = ?", numberAt(fromMs), booking);
  for (const { attendance, atMs } of db.all<{ attendance: number; atMs: number }>(
    "SELECT attendance, at_ms AS atMs FROM attendances WHERE member = ?",
    member,
  ))
    db.run("UPDATE attendances SET member = ? WHERE attendance = ?", numberAt(atMs), attendance);
  for (const { wish, atMs } of db.all<{ wish: number; atMs: number }>("SELECT wish, at_ms AS atMs FROM wishes WHERE member = ?", member))
    db.run("UPDATE wishes SET member = ?1, ended_ms = coalesce(ended_ms, at_ms) WHERE wish = ?2", numberAt(atMs), wish);
  for (const { exception, evtMs } of db.all<{ exception: number; evtMs: number }>(
    "SELECT exception, evt_ms AS evtMs FROM exceptions WHERE member = ?",
    member,
  ))
    db.run("UPDATE exceptions SET member = ? WHERE exception = ?", numberAt(evtMs), exception);
}

/** Nothing of the person is left: the number is an empty row, so that trainings and credit can be added up still. */
function forget(db: Database, member: number): void {
  for (const table of [
    "cards",
    "notices",
    "notice_channels",
    "notice_choices",
    "notice_settings",
    "guests",
    "visits",
    "memberships",
    "member_groups",
    "backgrounds",
    "enrolments",
    "qualifications",
    "member_statuses",
    "lookups",
    "sharing",
    "erasure_requests",
  ])
    db.run(`DELETE FROM ${table} WHERE member = ?`, member);
  db.run("DELETE FROM guardians WHERE member = ?1 OR guardian = ?1", member);
  db.run("UPDATE blocks SET reason = '', cleared_ms = coalesce(cleared_ms, at_ms) WHERE member = ?", member);
  db.run("UPDATE lockouts SET taken_by = NULL WHERE taken_by = ?", member);
  db.run("UPDATE overrides SET reason = '' WHERE member = ?", member);
  db.run(
    `UPDATE members SET display_name = '', locale = 'en', status = 'left', roles = '[]', waiver = NULL, birth_date = NULL,
       pin = NULL, duress_pin = NULL, more_time = 0, external_ref = NULL, mail = NULL WHERE member = ?`,
    member,
  );
}
