/** Questions of the reports about bookings, classes and what holds from a date on. */
import type { Database } from "./database.ts";

export type DatedReads = {
  /** bookings that touch a span, without requests that nobody confirmed; `cancelledMs` null: it stands, or nobody wrote down when not */
  bookings(
    fromMs: number,
    toMs: number,
  ): {
    readonly machine: string;
    readonly fromMs: number;
    readonly toMs: number;
    readonly isCancelled: boolean;
    readonly cancelledMs: number | null;
  }[];
  /** classes that teach a course and begin in a span, without those that were cancelled */
  courseClasses(
    fromMs: number,
    toMs: number,
  ): {
    readonly course: string;
    readonly fromMs: number;
    readonly seats: number | null;
    readonly enrolled: readonly { readonly member: number; readonly signedUpMs: number | null }[];
    /** members who signed in there */
    readonly present: readonly number[];
  }[];
  /** spans for which classes reserve a machine or door */
  classSpans(fromMs: number, toMs: number): { readonly place: string; readonly fromMs: number; readonly toMs: number }[];
  /** memberships by their first day */
  memberships(): { readonly member: number; readonly plan: string; readonly on: string }[];
  /** who may teach on a local date; course null: every one */
  trainers(date: string): { readonly member: number; readonly course: string | null }[];
  /** work that was planned before it began, cut where it was cancelled */
  plannedMaintenance(fromMs: number, toMs: number): { readonly machine: string; readonly fromMs: number; readonly toMs: number }[];
  /** when each machine was last cared for before an instant: the end of a lockout for maintenance */
  lastCare(beforeMs: number): Map<string, number>;
  /** what members are, by their dates */
  backgrounds(): {
    readonly member: number;
    readonly what: string;
    readonly value: string;
    readonly founded: string | null;
    readonly from: string;
  }[];
  /** rates by their dates; value null: not known from then on */
  rates(): { readonly rate: string; readonly of: string; readonly value: number | null; readonly source: string; readonly from: string }[];
  /** what a machine was just before an instant, as far as it was written down; null: not */
  machineThen(
    machine: string,
    beforeMs: number,
  ): {
    readonly course: string | null;
    readonly enforced: boolean | null;
    readonly leftPowered: boolean | null;
    readonly leftOnAfterMs: number | null;
  } | null;
  /** stewards' shifts that touch a span */
  shifts(fromMs: number, toMs: number): { readonly fromMs: number; readonly toMs: number }[];
  /** uses that a node allowed alone and that the facts refuse */
  contradicted(
    fromMs: number,
    toMs: number,
  ): { readonly atMs: number; readonly at: string; readonly code: string; readonly member: number }[];
  /** who signed in at each class or other event that begins in a span and was not cancelled; those where nobody did are left out */
  attendances(
    fromMs: number,
    toMs: number,
  ): {
    readonly class: string;
    readonly kind: string;
    readonly fromMs: number;
    readonly toMs: number;
    readonly seats: number | null;
    readonly members: readonly number[];
    readonly guests: number;
  }[];
  /** who asked to hear when a machine is free, and when it was; from the first wish on */
  machineWishes(
    beforeMs: number,
  ): { readonly machine: string; readonly member: number; readonly atMs: number; readonly freeMs: number | null }[];
  /** what machines used up on these days, without what was taken back */
  materials(
    from: string,
    through: string,
  ): { readonly material: number; readonly on: string; readonly machine: string; readonly grams: number; readonly label: string }[];
};

/**
 * SQL for the status of the member of `alias` just before an instant. Everybody begins as active; of whom no change was ever written down
 * the present one holds.
 */
export const statusThen = (alias: string, beforeMs: string): string =>
  `coalesce((SELECT x.status FROM member_statuses x WHERE x.member = ${alias}.member AND x.from_ms < ${beforeMs} ORDER BY x.from_ms DESC, x.id DESC LIMIT 1),
     (SELECT 'active' FROM member_statuses x WHERE x.member = ${alias}.member), ${alias}.status)`;

export function datedReads(db: Database): DatedReads {
  return {
    bookings: (fromMs, toMs) =>
      db
        .all<{ machine: string; fromMs: number; toMs: number; isCancelled: number; cancelledMs: number | null }>(
          `SELECT machine, from_ms AS fromMs, until_ms AS toMs, state = 'cancelled' AS isCancelled, cancelled_ms AS cancelledMs FROM bookings
           WHERE from_ms < ? AND until_ms > ? AND state <> 'requested' AND (cancelled_ms IS NULL OR cancelled_ms < until_ms)
           ORDER BY from_ms, booking`,
          toMs,
          fromMs,
        )
        .map((row) => ({ ...row, isCancelled: row.isCancelled === 1 })),
    courseClasses: (fromMs, toMs) => courseClasses(db, fromMs, toMs),
    classSpans: (fromMs, toMs) =>
      db.all(
        `SELECT p.value AS place, from_ms AS fromMs, until_ms AS toMs FROM classes, json_each(places) p
         WHERE cancelled_ms IS NULL AND from_ms < ? AND until_ms > ? ORDER BY from_ms, class`,
        toMs,
        fromMs,
      ),
    memberships: () => db.all(`SELECT member, plan, from_date AS "on" FROM memberships ORDER BY member, from_date, id`),
    trainers: (date) =>
      db.all(
        `SELECT DISTINCT member, scope AS course FROM qualifications
         WHERE role = 'trainer' AND coalesce(from_date, '0') <= ?1 AND coalesce(through, '9') >= ?1 ORDER BY member, scope`,
        date,
      ),
    plannedMaintenance: (fromMs, toMs) =>
      db.all(
        `SELECT machine, from_ms AS fromMs, min(until_ms, coalesce(cancelled_ms, until_ms)) AS toMs FROM planned_maintenance
         WHERE from_ms < ? AND until_ms > ? AND coalesce(cancelled_ms, until_ms) > from_ms ORDER BY from_ms, maintenance`,
        toMs,
        fromMs,
      ),
    lastCare: (beforeMs) =>
      new Map(
        db
          .all<{ machine: string; atMs: number }>(
            "SELECT machine, max(cleared_ms) AS atMs FROM lockouts WHERE kind = 'maintenance' AND cleared_ms < ? GROUP BY machine",
            beforeMs,
          )
          .map(({ machine, atMs }) => [machine, atMs]),
      ),
    backgrounds: () => db.all(`SELECT member, what, value, founded, from_date AS "from" FROM backgrounds ORDER BY member, what, from_date`),
    rates: () => db.all(`SELECT rate, name AS "of", value, source, from_date AS "from" FROM rates ORDER BY rate, name, from_date`),
    machineThen: (machine, beforeMs) => machineThen(db, machine, beforeMs),
    shifts: (fromMs, toMs) =>
      db.all(
        "SELECT from_ms AS fromMs, until_ms AS toMs FROM shifts WHERE from_ms < ? AND until_ms > ? ORDER BY from_ms, shift",
        toMs,
        fromMs,
      ),
    contradicted: (fromMs, toMs) =>
      db.all(
        "SELECT evt_ms AS atMs, resource AS at, code, member FROM exceptions WHERE evt_ms >= ? AND evt_ms < ? ORDER BY evt_ms, exception",
        fromMs,
        toMs,
      ),
    attendances: (fromMs, toMs) => attendances(db, fromMs, toMs),
    machineWishes: (beforeMs) =>
      db.all(
        `SELECT machine, member, at_ms AS atMs, iif(free_ms < ?1, free_ms, NULL) AS freeMs FROM wishes
         WHERE machine IS NOT NULL AND at_ms < ?1 ORDER BY at_ms, wish`,
        beforeMs,
      ),
    materials: (from, through) =>
      db.all(
        `SELECT material, on_date AS "on", machine, grams, label FROM materials
         WHERE on_date BETWEEN ? AND ? AND undone_ms IS NULL ORDER BY on_date, material`,
        from,
        through,
      ),
  };
}

function attendances(db: Database, fromMs: number, toMs: number): ReturnType<DatedReads["attendances"]> {
  return db
    .all<{ class: string; kind: string; fromMs: number; toMs: number; seats: number | null; members: string; guests: number }>(
      `SELECT c.class, c.kind, c.from_ms AS fromMs, c.until_ms AS toMs, c.seats, sum(a.guests) AS guests,
         json_group_array(a.member) FILTER (WHERE a.member IS NOT NULL) AS members
       FROM classes c JOIN attendances a ON a.class = c.class AND a.undone_ms IS NULL
       WHERE c.cancelled_ms IS NULL AND c.from_ms >= ? AND c.from_ms < ? GROUP BY c.class ORDER BY c.from_ms, c.class`,
      fromMs,
      toMs,
    )
    .map((row) => ({ ...row, members: (JSON.parse(row.members) as number[]).sort((a, b) => a - b) }));
}

function courseClasses(db: Database, fromMs: number, toMs: number): ReturnType<DatedReads["courseClasses"]> {
  return db
    .all<{ class: string; course: string; fromMs: number; seats: number | null }>(
      `SELECT class, course, from_ms AS fromMs, seats FROM classes
       WHERE course IS NOT NULL AND cancelled_ms IS NULL AND from_ms >= ? AND from_ms < ? ORDER BY from_ms, class`,
      fromMs,
      toMs,
    )
    .map(({ class: name, ...row }) => ({
      ...row,
      enrolled: db.all<{ member: number; signedUpMs: number | null }>(
        "SELECT member, at_ms AS signedUpMs FROM enrolments WHERE class = ? ORDER BY member",
        name,
      ),
      present: db
        .all<{ member: number }>(
          "SELECT member FROM attendances WHERE class = ? AND member IS NOT NULL AND undone_ms IS NULL ORDER BY member",
          name,
        )
        .map(({ member }) => member),
    }));
}

/** What was written down last before the instant, or first after it; rows from before these were kept have none of them. */
function machineThen(db: Database, machine: string, beforeMs: number): ReturnType<DatedReads["machineThen"]> {
  const row = db.one<{ course: string | null; enforced: number | null; leftPowered: number | null; leftOnAfterMs: number | null }>(
    `SELECT value ->> 'course' AS course, value ->> 'enforced' AS enforced, value ->> 'leftPowered' AS leftPowered,
       value ->> 'leftOnAfterMs' AS leftOnAfterMs FROM dated_facts
     WHERE what = 'machine' AND name = ?1 AND json_type(value, '$.course') IS NOT NULL
     ORDER BY from_ms < ?2 DESC, CASE WHEN from_ms < ?2 THEN -id ELSE id END LIMIT 1`,
    machine,
    beforeMs,
  );
  const yes = (value: number | null): boolean | null => (value === null ? null : value === 1);
  return row === undefined ? null : { ...row, enforced: yes(row.enforced), leftPowered: yes(row.leftPowered) };
}
