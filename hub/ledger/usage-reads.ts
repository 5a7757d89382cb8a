/** Questions that only reports ask: history rather than the present. */
import type { Schedule } from "#contract";
import type { Database } from "./database.ts";
import { entryCondition } from "./migration-history.ts";
import { resourceThen } from "./places-of.ts";
import { type DatedReads, datedReads, statusThen } from "./usage-dated.ts";

export type ClosedMonth = {
  readonly number: number;
  readonly month: string;
  readonly revision: number;
  readonly closedMs: number;
  readonly closedBy: string;
  readonly reason: string;
  readonly hash: string;
  /** canonical JSON; `hash` is its SHA-256 */
  readonly figures: string;
};
/** A month that was over, as it was known then. */
export type DraftedMonth = {
  readonly month: string;
  readonly madeMs: number;
  readonly hash: string;
  readonly figures: string;
  readonly checkedMs: number | null;
  readonly checkedBy: string | null;
};
export type UsageReads = DatedReads & {
  /** opening hours of the site as they were entered; null where there were none */
  openingHours(): { readonly fromMs: number; readonly schedule: Schedule | null }[];
  /** a machine's label just before an instant, or its first one when it was entered later; undefined when it never was */
  machineLabel(machine: string, beforeMs: number): string | undefined;
  /** lockouts that touch a span, cleared or not, by their beginning */
  lockouts(
    fromMs: number,
    toMs: number,
  ): {
    readonly machine: string;
    readonly kind: string;
    readonly fromMs: number;
    readonly toMs: number | null;
    /** when somebody took it up; null: nobody has, or nobody said */
    readonly takenMs: number | null;
  }[];
  /** when each member was last let in or began a session, before an instant */
  lastSeen(beforeMs: number): Map<number, number>;
  /** when each member was first let in or began a session */
  firstSeen(): Map<number, number>;
  /** members who were let in or began a session in a span, each once */
  peopleHere(fromMs: number, toMs: number): number[];
  /** how many events of each node in a span were how far from the time that the node itself told; null: it knew none */
  clockErrors(fromMs: number, toMs: number): { readonly node: string; readonly offMs: number | null; readonly events: number }[];
  /** when a node, or a channel of it, was first heard of; null: never */
  firstHeard(node: string, ch?: string): number | null;
  /** members whose membership is good on a local date, grace included, and whose status was just before an instant */
  activeMembers(date: string, beforeMs: number): Set<number>;
  trainings(): {
    readonly member: number;
    readonly course: string;
    readonly level: "trainee" | "competent";
    readonly trainer: number;
    readonly on: string;
    readonly validThrough: string | null;
    readonly revokedMs: number | null;
  }[];
  /** sessions on machines that need a course now, by start */
  courseUses(fromMs: number, toMs: number): { readonly member: number; readonly course: string; readonly atMs: number }[];
  /** starts that were refused for want of a course, and courses that somebody has said they would like to learn */
  courseWishes(fromMs: number, toMs: number): { readonly member: number; readonly course: string; readonly atMs: number }[];
  /** target groups by member, in order of their dates */
  targetGroups(): { readonly member: number; readonly target: string; readonly from: string }[];
  /** people counted outside of the log on these days, without what was taken back */
  headcounts(
    from: string,
    through: string,
  ): {
    readonly headcount: number;
    readonly on: string;
    /** whoever signed in there is among the people */
    readonly class: string | null;
    readonly kind: string;
    readonly people: number;
    readonly minutes: number;
    readonly target: string;
    readonly municipality: string;
    readonly ageBand: string;
    readonly school: string;
    readonly machine: string | null;
    readonly seats: number | null;
    readonly firstTimers: number | null;
    readonly volunteerLed: boolean | null;
    readonly ratings: { readonly n: number; readonly sum: number } | null;
  }[];
  money(
    from: string,
    through: string,
  ): {
    readonly line: number;
    readonly on: string;
    readonly kind: "cost" | "income";
    readonly source: string;
    readonly cents: number;
    readonly machine: string | null;
    readonly label: string;
  }[];
  /** corrections asked for or answered in a span */
  correctionsIn(
    fromMs: number,
    toMs: number,
  ): { readonly member: number; readonly askedMs: number; readonly answeredMs: number | null; readonly outcome: string | null }[];
  /** drafts of months, the first month first */
  drafts(month?: string): DraftedMonth[];
  /** months that have a draft or a revision */
  madeMonths(): ReadonlySet<string>;
  /** corrections asked for and granted in a span, by when that happened: what comes later changes no earlier month */
  correctionCounts(fromMs: number, toMs: number): { readonly asked: number; readonly granted: number; readonly refused: number };
  /** what has come since an instant that changes a span: late events by node, corrections, and what people entered, by command */
  since(
    atMs: number,
    fromMs: number,
    toMs: number,
  ): {
    readonly late: readonly { readonly node: string; readonly events: number }[];
    readonly corrections: readonly number[];
    readonly entered: readonly { readonly command: string; readonly times: number }[];
  };
  /** the newest event of each active node; null: it has never said anything */
  lastHeard(): readonly { readonly node: string; readonly atMs: number | null }[];
  /** revisions of a month, the first one first; of all months without one */
  closedMonths(month?: string): ClosedMonth[];
};

/** Commands by which people tell something of days that may be over: what a closed month counted may be another today. */
const factCommands = [
  ...["addHeadcount", "undoHeadcount", "addMoney", "undoMoney", "setTargetGroup", "setBackground", "setRate"],
  ...["addSchedule", "setSite", "grantTraining", "revokeTraining", "restoreTraining", "undoTraining", "setMembership", "endMembership"],
  ...["importMembers", "eraseMember"],
  ...["attend", "undoAttendance", "addWish", "endWish", "assignLockout", "unassignLockout", "noteMaterial", "undoMaterial"],
]
  .map((command) => `'${command}'`)
  .join(", ");
const closedSql = `SELECT number, month, revision, closed_ms AS closedMs, closed_by AS closedBy, reason, hash, figures FROM closed_months`;

export function usageReads(db: Database): UsageReads {
  return {
    ...datedReads(db),
    openingHours: () =>
      db
        .all<{ fromMs: number; value: string }>("SELECT from_ms AS fromMs, value FROM dated_facts WHERE what = 'opening_hours' ORDER BY id")
        .map(({ fromMs, value }) => ({ fromMs, schedule: JSON.parse(value) })),
    machineLabel: (machine, beforeMs) =>
      db.one<{ label: string }>(
        `SELECT value ->> 'label' AS label FROM dated_facts WHERE what = 'machine' AND name = ?1
         ORDER BY from_ms < ?2 DESC, CASE WHEN from_ms < ?2 THEN -id ELSE id END LIMIT 1`,
        machine,
        beforeMs,
      )?.label,
    lockouts: (fromMs, toMs) =>
      db.all(
        `SELECT machine, kind, at_ms AS fromMs, cleared_ms AS toMs, taken_ms AS takenMs FROM lockouts
         WHERE at_ms < ? AND (cleared_ms IS NULL OR cleared_ms > ?) ORDER BY at_ms, lockout`,
        toMs,
        fromMs,
      ),
    lastSeen: (beforeMs) => lastSeen(db, beforeMs),
    firstSeen: () =>
      new Map(
        db
          .all<{ member: number; atMs: number }>(
            `SELECT member, min(at_ms) AS atMs FROM (
               SELECT m.member, (SELECT min(evt_ms) FROM events WHERE member = m.member AND ${entryCondition}) AS at_ms FROM members m
               UNION ALL SELECT m.member, (SELECT min(start_ms) FROM sessions WHERE member = m.member) FROM members m)
             WHERE at_ms IS NOT NULL GROUP BY member ORDER BY member`,
          )
          .map(({ member, atMs }) => [member, atMs]),
      ),
    peopleHere: (fromMs, toMs) =>
      db
        .all<{ member: number }>(
          `SELECT e.member FROM events e JOIN resources r ON r.id = ${resourceThen("e", "evt_ms")}
             WHERE e.kind = 'access.decided' AND e.evt_ms >= ?1 AND e.evt_ms < ?2 AND e.member > 0 AND r.kind = 'door'
               AND e.body ->> 'outcome' = 'grant' AND e.body ->> 'request' <> 'exit'
           UNION SELECT member FROM sessions WHERE member > 0 AND start_ms >= ?1 AND start_ms < ?2 ORDER BY 1`,
          fromMs,
          toMs,
        )
        .map(({ member }) => member),
    clockErrors: (fromMs, toMs) =>
      db.all(
        `SELECT node, CASE WHEN at_ms IS NULL OR tq = 'unknown' THEN NULL ELSE abs(at_ms - evt_ms) END AS offMs, count(*) AS events
         FROM events WHERE evt_ms >= ? AND evt_ms < ? AND node <> 'hub' GROUP BY 1, 2 ORDER BY 1, 2`,
        fromMs,
        toMs,
      ),
    firstHeard: (node, ch) =>
      (ch === undefined
        ? db.one<{ atMs: number }>("SELECT evt_ms AS atMs FROM events WHERE node = ? ORDER BY evt_ms LIMIT 1", node)
        : db.one<{ atMs: number }>("SELECT evt_ms AS atMs FROM events WHERE node = ? AND ch = ? ORDER BY evt_ms LIMIT 1", node, ch)
      )?.atMs ?? null,
    activeMembers: (date, beforeMs) =>
      new Set(
        db
          .all<{ member: number }>(
            `SELECT DISTINCT m.member FROM memberships s JOIN members m ON m.member = s.member
             WHERE (${statusThen("m", "?2")} = 'active' OR m.member IN (SELECT member FROM pseudonyms WHERE counts = 1)) AND s.from_date <= ?1
               AND (s.valid_through IS NULL OR date(s.valid_through, '+' || s.grace_days || ' days') >= ?1)`,
            date,
            beforeMs,
          )
          .map(({ member }) => member),
      ),
    trainings: () =>
      db.all(
        `SELECT member, course, CASE result WHEN 'passed' THEN 'competent' ELSE 'trainee' END AS level, signed_off_by AS trainer,
           on_date AS "on", valid_through AS validThrough, revoked_ms AS revokedMs FROM records ORDER BY record`,
      ),
    courseUses: (fromMs, toMs) =>
      db.all(
        `SELECT s.member, r.course, s.start_ms AS atMs FROM sessions s JOIN resources r ON r.id = ${resourceThen("s", "start_ms")}
         WHERE r.course IS NOT NULL AND s.member > 0 AND s.start_ms >= ? AND s.start_ms < ? ORDER BY s.start_ms, s.session`,
        fromMs,
        toMs,
      ),
    courseWishes: (fromMs, toMs) =>
      db.all(
        `SELECT e.member, r.course, e.evt_ms AS atMs FROM events e JOIN resources r ON r.id = ${resourceThen("e", "evt_ms")}
         WHERE e.kind = 'access.decided' AND e.evt_ms >= ?1 AND e.evt_ms < ?2 AND e.member > 0 AND r.course IS NOT NULL
           AND e.body ->> 'reason' = 'TRAINING_MISSING'
         UNION ALL SELECT member, course, at_ms FROM wishes WHERE course IS NOT NULL AND at_ms >= ?1 AND at_ms < ?2 ORDER BY 3, 1, 2`,
        fromMs,
        toMs,
      ),
    targetGroups: () => db.all(`SELECT member, target, from_date AS "from" FROM member_groups ORDER BY member, from_date`),
    headcounts: (from, through) => headcounts(db, from, through),
    money: (from, through) =>
      db.all(
        `SELECT id AS line, on_date AS "on", kind, source, cents, machine, label FROM money_lines
         WHERE on_date BETWEEN ? AND ? AND undone_ms IS NULL ORDER BY id`,
        from,
        through,
      ),
    correctionsIn: (fromMs, toMs) =>
      db.all(
        `SELECT member, asked_ms AS askedMs, answered_ms AS answeredMs, outcome FROM corrections
         WHERE (asked_ms >= ?1 AND asked_ms < ?2) OR (answered_ms >= ?1 AND answered_ms < ?2) ORDER BY asked_ms, correction`,
        fromMs,
        toMs,
      ),
    drafts: (month) =>
      db.all(
        `SELECT month, made_ms AS madeMs, hash, figures, checked_ms AS checkedMs, checked_by AS checkedBy FROM month_drafts
         WHERE ?1 IS NULL OR month = ?1 ORDER BY month`,
        month ?? null,
      ),
    madeMonths: () =>
      new Set(db.all<{ month: string }>("SELECT month FROM month_drafts UNION SELECT month FROM closed_months").map(({ month }) => month)),
    correctionCounts(fromMs, toMs) {
      const count = (sql: string): number =>
        db.one<{ n: number }>(`SELECT count(*) AS n FROM corrections WHERE ${sql}`, fromMs, toMs)?.n ?? 0;
      return {
        asked: count("asked_ms >= ? AND asked_ms < ?"),
        granted: count("outcome = 'granted' AND answered_ms >= ? AND answered_ms < ?"),
        refused: count("outcome = 'refused' AND answered_ms >= ? AND answered_ms < ?"),
      };
    },
    since: (atMs, fromMs, toMs) => ({
      late: db.all(
        "SELECT node, count(*) AS events FROM events WHERE evt_ms >= ? AND evt_ms < ? AND recv_ms >= ? GROUP BY node ORDER BY node",
        fromMs,
        toMs,
        atMs,
      ),
      corrections: db
        .all<{ correction: number }>(
          `SELECT c.correction FROM corrections c JOIN sessions s ON s.node = c.node AND s.session = c.session
           WHERE c.outcome = 'granted' AND c.answered_ms >= ?3 AND s.start_ms < ?2 AND max(coalesce(s.end_ms, c.to_ms), c.to_ms) > ?1
           ORDER BY c.correction`,
          fromMs,
          toMs,
          atMs,
        )
        .map(({ correction }) => correction),
      entered: db.all(
        `SELECT action AS command, count(*) AS times FROM audit WHERE at_ms >= ? AND action IN (${factCommands}) GROUP BY action ORDER BY action`,
        atMs,
      ),
    }),
    lastHeard: () =>
      db.all(
        `SELECT n.node, (SELECT max(evt_ms) FROM events e WHERE e.node = n.node) AS atMs FROM nodes n WHERE n.status = 'active' ORDER BY n.node`,
      ),
    closedMonths: (month) =>
      month === undefined
        ? db.all<ClosedMonth>(`${closedSql} ORDER BY number`)
        : db.all<ClosedMonth>(`${closedSql} WHERE month = ? ORDER BY revision`, month),
  };
}

function lastSeen(db: Database, beforeMs: number): Map<number, number> {
  const rows = db.all<{ member: number; atMs: number }>(
    `SELECT member, max(at_ms) AS atMs FROM (
       SELECT m.member, (SELECT max(evt_ms) FROM events WHERE member = m.member AND evt_ms < ?1 AND ${entryCondition}) AS at_ms FROM members m
       UNION ALL SELECT m.member, (SELECT max(start_ms) FROM sessions WHERE member = m.member AND start_ms < ?1) FROM members m
       UNION ALL SELECT member, seen_ms FROM pseudonyms WHERE seen_ms < ?1)
     WHERE at_ms IS NOT NULL GROUP BY member ORDER BY member`,
    beforeMs,
  );
  return new Map(rows.map(({ member, atMs }) => [member, atMs]));
}

type Headcount = ReturnType<UsageReads["headcounts"]>[number];
type HeadcountRow = Omit<Headcount, "volunteerLed" | "ratings"> & {
  readonly volunteerLed: number | null;
  readonly n: number | null;
  readonly sum: number | null;
};

function headcounts(db: Database, from: string, through: string): Headcount[] {
  return db
    .all<HeadcountRow>(
      `SELECT id AS headcount, on_date AS "on", kind, people, minutes, target, municipality, age_band AS ageBand, school, machine, class, seats,
         first_timers AS firstTimers,
         volunteer_led AS volunteerLed, ratings AS n, ratings_sum AS sum FROM headcounts
       WHERE on_date BETWEEN ? AND ? AND undone_ms IS NULL ORDER BY on_date, id`,
      from,
      through,
    )
    .map(({ volunteerLed, n, sum, ...row }) => ({
      ...row,
      volunteerLed: volunteerLed === null ? null : volunteerLed === 1,
      ratings: n === null || sum === null ? null : { n, sum },
    }));
}
