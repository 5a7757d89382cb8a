/**
 * Commands about what no node can see: who was at a class or another event (reports.md E02), and who would like to learn a course or to
 * be told when a machine is free (M24, T2). Each runs inside one transaction.
 */
import { hour } from "#contract";
import type { CommandContext, Handlers } from "./commands.ts";
import type { Database } from "./database.ts";
import { noteNotice } from "./notices.ts";
import { Refused } from "./refuse.ts";
import { missing, need, needMachine, needMember } from "./rows.ts";

/** People come early, and a list on paper is typed in the day after. */
const beforeMs = 2 * hour;
const afterMs = 24 * hour;

export const attendance: Pick<Handlers, "attend" | "undoAttendance" | "addWish" | "endWish"> = {
  attend(context, input) {
    const { db, nowMs, actor } = context;
    const row = db.one<{ fromMs: number; untilMs: number; isCancelled: number }>(
      "SELECT from_ms AS fromMs, until_ms AS untilMs, cancelled_ms IS NOT NULL AS isCancelled FROM classes WHERE class = ?",
      input.class,
    );
    if (row === undefined) throw missing("class", input.class);
    if (row.isCancelled === 1)
      throw new Refused("CONFLICT", `Class ${input.class} is cancelled.`, "If it took place after all, restore it first.");
    if (nowMs < row.fromMs - beforeMs || nowMs > row.untilMs + afterMs)
      throw new Refused(
        "CONFLICT",
        `Class ${input.class} is not now: people sign in from two hours before it begins until a day after it ends.`,
        "Later, note how many there were: `koprade report count`.",
      );
    if (input.member !== null) {
      needMember(context, input.member);
      const known = db.one("SELECT 1 FROM attendances WHERE class = ? AND member = ? AND undone_ms IS NULL", input.class, input.member);
      if (known !== undefined)
        throw new Refused(
          "CONFLICT",
          `Member ${input.member} is signed in at ${input.class} already.`,
          "Guests of theirs sign in without them.",
        );
    }
    const attendance = db.insert(
      "INSERT INTO attendances (class, member, guests, at_ms, by_actor) VALUES (?, ?, ?, ?, ?)",
      input.class,
      input.member,
      input.guests,
      nowMs,
      actor,
    );
    return { attendance };
  },

  undoAttendance({ db, nowMs, actor }, { attendance }) {
    const sql = "UPDATE attendances SET undone_ms = ?, undone_by = ? WHERE attendance = ? AND undone_ms IS NULL";
    if (db.run(sql, nowMs, actor, attendance) === 0) throw missing("sign-in that is not taken back yet", attendance);
    return {};
  },

  addWish(context, input) {
    const { db, nowMs } = context;
    needMember(context, input.member);
    if (input.course !== null) need(context, "courses", input.course);
    if (input.machine !== null) {
      needMachine(context, input.machine);
      if (!isTaken(db, input.machine))
        throw new Refused("CONFLICT", `${input.machine} is free now.`, "Use it, or book it for later: `koprade booking add`.");
    }
    const open = db.one(
      "SELECT 1 FROM wishes WHERE member = ? AND course IS ? AND machine IS ? AND ended_ms IS NULL",
      input.member,
      input.course,
      input.machine,
    );
    if (open !== undefined)
      throw new Refused(
        "CONFLICT",
        `Member ${input.member} has that wish on record already.`,
        "`koprade wish list` shows all that are open.",
      );
    const sql = "INSERT INTO wishes (member, course, machine, at_ms) VALUES (?, ?, ?, ?)";
    return { wish: db.insert(sql, input.member, input.course, input.machine, nowMs) };
  },

  endWish({ db, nowMs }, { wish }) {
    if (db.run("UPDATE wishes SET ended_ms = ? WHERE wish = ? AND ended_ms IS NULL", nowMs, wish) === 0) throw missing("open wish", wish);
    return {};
  },
};

/** Somebody is at it, or it is locked. */
const isTaken = (db: Database, machine: string): boolean =>
  db.one(
    `SELECT 1 FROM sessions s JOIN resources r ON r.node = s.node AND r.ch = s.ch WHERE r.id = ?1 AND s.end_ms IS NULL
     UNION ALL SELECT 1 FROM lockouts WHERE machine = ?1 AND cleared_ms IS NULL`,
    machine,
  ) !== undefined;

/** A machine may be free again: whoever wished to hear of it is told once. */
export function tellWaiting(context: CommandContext, machine: string): void {
  const { db, nowMs } = context;
  if (isTaken(db, machine)) return; // handed over, locked, or told late
  const waiting = db.all<{ wish: number; member: number; label: string }>(
    `SELECT wish, member, label FROM wishes JOIN resources ON id = machine
     WHERE machine = ? AND ended_ms IS NULL AND at_ms <= ? ORDER BY wish LIMIT 50`,
    machine,
    nowMs,
  );
  for (const { wish, member, label } of waiting) {
    db.run("UPDATE wishes SET free_ms = ?1, ended_ms = ?1 WHERE wish = ?2", nowMs, wish);
    noteNotice(context, member, `wish/${wish}`, "machine_free", { label });
  }
}
