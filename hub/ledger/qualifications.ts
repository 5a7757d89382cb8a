/** Who may sign off a course or maintain a machine, and when: rows with first and last days, never deleted once they counted. */
import type { CommandContext } from "./commands.ts";
import type { Database } from "./database.ts";
import { addDays, localToday } from "./dates.ts";

export type Skill = "trainer" | "maintainer";

/** True when the member is qualified for the course or machine on that day. */
export function isQualified(db: Database, member: number, role: Skill, scope: string, on: string): boolean {
  const row = db.one(
    `SELECT 1 FROM qualifications WHERE member = ?1 AND role = ?2 AND (scope IS NULL OR scope = ?3)
       AND (from_date IS NULL OR from_date <= ?4) AND (through IS NULL OR through >= ?4)`,
    member,
    role,
    scope,
    on,
  );
  return row !== undefined;
}

/** Gives or takes the qualification for every course or machine: what a role given by hand means. */
export function qualify(context: CommandContext, member: number, role: Skill, isGiven: boolean): void {
  const { db, nowMs, actor } = context;
  const today = localToday(context.tz, nowMs);
  if (!isGiven) {
    endQualifications(context, member, role, null, addDays(today, -1));
    return;
  }
  if (isQualified(db, member, role, "", today)) return; // no course is called "": only the one for everything fits
  db.run("INSERT INTO qualifications (member, role, at_ms, by_actor) VALUES (?, ?, ?, ?)", member, role, nowMs, actor);
}

/** Ends what lasts beyond the day; what would begin later goes. Gives how many. */
export function endQualifications({ db }: CommandContext, member: number, role: Skill, scope: string | null, lastDay: string): number {
  const removed = db.run(
    "DELETE FROM qualifications WHERE member = ? AND role = ? AND scope IS ? AND from_date > ?",
    member,
    role,
    scope,
    lastDay,
  );
  const ended = db.run(
    "UPDATE qualifications SET through = ?1 WHERE member = ?2 AND role = ?3 AND scope IS ?4 AND (through IS NULL OR through > ?1)",
    lastDay,
    member,
    role,
    scope,
  );
  return removed + ended;
}
