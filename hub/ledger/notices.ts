/** Notices (domain.md §3.5, §4.5): written beside what they tell of, kept for their member, delivered by the hub to the member's address. */
import { day, minute } from "#contract";
import type { NoticeFacts, NoticeKind } from "#core";
import type { CommandContext, Handlers } from "./commands.ts";
import type { Database } from "./database.ts";
import { localToday } from "./dates.ts";
import { needMember } from "./rows.ts";
import type { NoticeDue, NoticeRow } from "./types-rows.ts";

/** The newest of a member are kept; a machine that ends a job each minute fills no disk. */
const keptPerMember = 200;
/** A word that comes a day late helps nobody. */
const givenUpAfterMs = day;
const waitsMs = [minute, 5 * minute, 30 * minute, 120 * minute] as const;

export const notices: Pick<Handlers, "setNoticeAddress" | "tryNotices"> = {
  setNoticeAddress({ db, ...context }, input) {
    needMember({ db, ...context }, input.member);
    db.run("DELETE FROM notice_addresses WHERE member = ?", input.member);
    if (input.address !== null) db.run("INSERT INTO notice_addresses (member, address) VALUES (?, ?)", input.member, input.address);
    return {};
  },

  tryNotices(context, input) {
    needMember(context, input.member);
    return { notice: noteNotice(context, input.member, `test/${context.nowMs}`, "test", { label: "Koprade" }) };
  },
};

/** Once for each member and source; a notice without an address waits for nobody, the member reads it with `koprade notice list`. */
export function noteNotice({ db, nowMs }: CommandContext, member: number, source: string, kind: NoticeKind, facts: NoticeFacts): number {
  const notice = db.insert(
    `INSERT INTO notices (member, source, kind, facts, at_ms, next_ms) SELECT member, ?2, ?3, ?4, ?5, ?5 FROM members WHERE member = ?1
     ON CONFLICT DO NOTHING`,
    member,
    source,
    kind,
    JSON.stringify(facts),
    nowMs,
  );
  db.run(
    "DELETE FROM notices WHERE member = ?1 AND notice <= (SELECT notice FROM notices WHERE member = ?1 ORDER BY notice DESC LIMIT 1 OFFSET ?2)",
    member,
    keptPerMember,
  );
  return notice;
}

/** An override is told to everybody who maintains the door or machine, but not to whoever gave it (domain.md §3.5). */
export function tellMaintainers(context: CommandContext, resource: string, override: number, by: number, untilMs: number): void {
  const { db, nowMs, tz } = context;
  const label = db.one<{ label: string }>("SELECT label FROM resources WHERE id = ?", resource)?.label ?? resource;
  const maintainers = db.all<{ member: number }>(
    `SELECT DISTINCT member FROM qualifications WHERE role = 'maintainer' AND (scope IS NULL OR scope = ?1) AND member <> ?2
       AND coalesce(from_date, '') <= ?3 AND coalesce(through, '9') >= ?3 ORDER BY member LIMIT 50`,
    resource,
    by,
    localToday(tz, nowMs),
  );
  for (const { member } of maintainers) noteNotice(context, member, `override/${override}`, "override_given", { label, untilMs });
}

/** Staff and stewards are told of a silent alarm; whoever raised it is not: their telephone may be in other hands (security.md R48). */
export function tellStaff(
  context: CommandContext,
  place: { readonly node: string; readonly ch: string },
  raisedBy: number,
  source: string,
): void {
  const { db } = context;
  const label = db.one<{ label: string }>("SELECT label FROM resources WHERE node = ? AND ch = ?", place.node, place.ch)?.label ?? place.ch;
  const staff = db.all<{ member: number }>(
    `SELECT DISTINCT m.member FROM members m, json_each(m.roles) r
     WHERE r.value IN ('staff', 'steward') AND m.status = 'active' AND m.member <> ? ORDER BY m.member LIMIT 50`,
    raisedBy,
  );
  for (const { member } of staff) noteNotice(context, member, source, "duress", { label });
}

/** Those to be delivered now, oldest first, with where and in which language. */
export function noticesDue(db: Database, nowMs: number): NoticeDue[] {
  return db
    .all<Omit<NoticeDue, "facts"> & { readonly facts: string }>(
      `SELECT n.notice, n.kind, n.facts, n.at_ms AS atMs, a.address, m.locale FROM notices n
       JOIN notice_addresses a ON a.member = n.member JOIN members m ON m.member = n.member
       WHERE n.done_ms IS NULL AND n.next_ms <= ? AND n.at_ms > ? ORDER BY n.notice LIMIT 20`,
      nowMs,
      nowMs - givenUpAfterMs,
    )
    .map((row) => ({ ...row, facts: JSON.parse(row.facts) }));
}

/** What became of one attempt. After a failure it is tried again, later each time, for a day. */
export function noteDelivery(db: Database, notice: number, problem: string | null, nowMs: number): void {
  const row = db.one<{ tries: number; atMs: number }>("SELECT tries, at_ms AS atMs FROM notices WHERE notice = ?", notice);
  if (row === undefined) return;
  const nextMs = nowMs + (waitsMs[Math.min(row.tries, waitsMs.length - 1)] ?? minute);
  const isOver = problem === null || nextMs - row.atMs > givenUpAfterMs;
  db.run(
    "UPDATE notices SET tries = tries + 1, problem = ?2, next_ms = ?3, done_ms = ?4 WHERE notice = ?1",
    notice,
    problem,
    nextMs,
    isOver ? nowMs : null,
  );
}

export function readNotices(db: Database, member: number | undefined, limit: number): NoticeRow[] {
  return db
    .all<Omit<NoticeRow, "facts"> & { readonly facts: string }>(
      `SELECT n.notice, n.member, n.kind, n.facts, n.at_ms AS atMs, n.tries, n.done_ms AS doneMs, n.problem, a.member IS NOT NULL AS hasAddress
       FROM notices n LEFT JOIN notice_addresses a ON a.member = n.member WHERE ?1 IS NULL OR n.member = ?1 ORDER BY n.notice DESC LIMIT ?2`,
      member ?? null,
      limit,
    )
    .map((row) => ({ ...row, hasAddress: Number(row.hasAddress) === 1, facts: JSON.parse(row.facts) }));
}
