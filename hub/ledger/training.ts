/** Commands about courses, training records and who may sign them off. Each runs inside one transaction. */
import { minute } from "#contract";
import type { CommandContext, Handlers } from "./commands.ts";
import { addDays, addMonths, localToday } from "./dates.ts";
import { competentIn } from "./facts-training.ts";
import type { ParsedInput } from "./inputs.ts";
import { endWithRole } from "./overrides.ts";
import { undoMsAt } from "./place-settings.ts";
import { endQualifications, isQualified } from "./qualifications.ts";
import { Refused } from "./refuse.ts";
import { missing, need, needMachine, needMember } from "./rows.ts";
import { readSiteFacts } from "./site-facts.ts";
import { readStanding } from "./standings.ts";

export const training: Pick<
  Handlers,
  | "addCourse"
  | "reviseCourse"
  | "withdrawRevision"
  | "grantTraining"
  | "revokeTraining"
  | "restoreTraining"
  | "suspendTraining"
  | "resumeTraining"
  | "undoTraining"
  | "addQualification"
  | "endQualification"
> = {
  addCourse(context, input) {
    const { db } = context;
    db.run(
      "INSERT INTO courses (course, label) VALUES (?, ?) ON CONFLICT (course) DO UPDATE SET label = excluded.label",
      input.course,
      input.label,
    );
    const rev = newestRevision(context, input.course);
    if (rev === 0) insertRevision(context, 1, { ...input, effective: "1970-01-01", supersedes: "keep", requireBy: null });
    else {
      checkPrerequisites(context, input.course, input.prerequisites);
      db.run(
        "UPDATE revisions SET validity_months = ?, currency_days = ?, min_age = ?, prerequisites = ? WHERE course = ? AND rev = ?",
        input.validityMonths,
        input.currencyDays,
        input.minAge,
        JSON.stringify([...input.prerequisites].sort()),
        input.course,
        rev,
      );
    }
    return {};
  },

  reviseCourse(context, input) {
    need(context, "courses", input.course);
    const effective = input.effective ?? localToday(context.tz, context.nowMs);
    const rev = newestRevision(context, input.course);
    const last = context.db.one<{ effective: string }>("SELECT effective FROM revisions WHERE course = ? AND rev = ?", input.course, rev);
    if (last !== undefined && effective < last.effective) {
      throw new Refused(
        "CONFLICT",
        `Revision ${rev} of ${input.course} begins on ${last.effective}, later than this one.`,
        "Give a later day, or withdraw that revision first.",
      );
    }
    insertRevision(context, rev + 1, { ...input, effective });
    return { rev: rev + 1 };
  },

  withdrawRevision(context, input) {
    need(context, "courses", input.course);
    const rev = newestRevision(context, input.course);
    if (rev === 1) throw new Refused("CONFLICT", `${input.course} has only its first revision.`, "A course keeps at least one.");
    if (context.db.one("SELECT 1 FROM records WHERE course = ? AND rev = ?", input.course, rev) !== undefined) {
      throw new Refused(
        "CONFLICT",
        `Members have been trained in revision ${rev} of ${input.course}.`,
        "Make a new revision that says what you mean.",
      );
    }
    context.db.run("DELETE FROM revisions WHERE course = ? AND rev = ?", input.course, rev);
    return { rev };
  },

  grantTraining(context, input) {
    const on = input.on ?? localToday(context.tz, context.nowMs);
    return { validThrough: signOff(context, { ...input, on, source: null }) };
  },

  revokeTraining(context, input) {
    const changed = context.db.run(
      "UPDATE records SET revoked_ms = ?, revoked_by = ? WHERE member = ? AND course = ? AND revoked_ms IS NULL",
      context.nowMs,
      context.actor,
      input.member,
      input.course,
    );
    return changed === 0 ? noRecord(input) : {};
  },

  restoreTraining(context, input) {
    const changed = context.db.run(
      `UPDATE records SET revoked_ms = NULL, revoked_by = NULL WHERE member = ?1 AND course = ?2 AND revoked_ms =
         (SELECT max(revoked_ms) FROM records WHERE member = ?1 AND course = ?2)`,
      input.member,
      input.course,
    );
    if (changed === 0) throw new Refused("NOT_FOUND", `Nothing of member ${input.member} in ${input.course} has been taken back.`);
    return {};
  },

  suspendTraining(context, input) {
    const changed = context.db.run(
      "UPDATE records SET suspended_ms = ? WHERE member = ? AND course = ? AND revoked_ms IS NULL AND suspended_ms IS NULL",
      context.nowMs,
      input.member,
      input.course,
    );
    return changed === 0 ? noRecord(input) : {};
  },

  resumeTraining(context, input) {
    const sql = "UPDATE records SET suspended_ms = NULL WHERE member = ? AND course = ? AND suspended_ms IS NOT NULL";
    if (context.db.run(sql, input.member, input.course) === 0) {
      throw new Refused("NOT_FOUND", `No training of member ${input.member} in ${input.course} is suspended.`);
    }
    return {};
  },

  undoTraining(context, input) {
    const last = context.db.one<{ record: number; result: "passed" | "failed" | "supervised_only"; atMs: number }>(
      `SELECT record, result, at_ms AS atMs FROM records WHERE member = ? AND course = ? AND revoked_ms IS NULL ORDER BY record DESC LIMIT 1`,
      input.member,
      input.course,
    );
    if (last === undefined) return noRecord(input);
    const undoMs = undoMsAt(context.db, null);
    if (context.nowMs - last.atMs > undoMs) {
      const sentence = `The sign-off is older than ${undoMs / minute} minutes.`;
      throw new Refused("CONFLICT", sentence, "Take it back with a reason: `koprade training revoke`.");
    }
    context.db.run("UPDATE records SET revoked_ms = ?, revoked_by = ? WHERE record = ?", context.nowMs, context.actor, last.record);
    return { result: last.result };
  },

  addQualification(context, input) {
    needMember(context, input.member);
    if (input.scope !== null && input.role === "trainer") need(context, "courses", input.scope);
    if (input.scope !== null && input.role === "maintainer") needMachine(context, input.scope);
    const from = input.from ?? localToday(context.tz, context.nowMs);
    if (input.through !== null && input.through < from) {
      throw new Refused("BAD_INPUT", "through: it would end before it begins.", "Give a last day that is not before the first.");
    }
    context.db.run(
      "INSERT INTO qualifications (member, role, scope, from_date, through, at_ms, by_actor) VALUES (?, ?, ?, ?, ?, ?, ?)",
      input.member,
      input.role,
      input.scope,
      from,
      input.through,
      context.nowMs,
      context.actor,
    );
    return {};
  },

  endQualification(context, input) {
    const lastDay = input.lastDay ?? addDays(localToday(context.tz, context.nowMs), -1);
    if (endQualifications(context, input.member, input.role, input.scope, lastDay) === 0) {
      const of = input.scope === null ? `every ${input.role === "trainer" ? "course" : "machine"}` : input.scope;
      throw new Refused("NOT_FOUND", `Member ${input.member} is no ${input.role} of ${of} beyond ${lastDay}.`);
    }
    endWithRole(context, input.member);
    return {};
  },
};

const noRecord = (input: { readonly member: number; readonly course: string }): never => {
  throw new Refused("NOT_FOUND", `Member ${input.member} has no training in ${input.course}.`);
};

function newestRevision({ db }: CommandContext, course: string): number {
  return db.one<{ rev: number | null }>("SELECT max(rev) AS rev FROM revisions WHERE course = ?", course)?.rev ?? 0;
}

type NewRevision = Omit<ParsedInput<"reviseCourse">, "effective"> & { readonly effective: string };

function insertRevision(context: CommandContext, rev: number, given: NewRevision): void {
  checkPrerequisites(context, given.course, given.prerequisites);
  context.db.run(
    `INSERT INTO revisions (course, rev, effective, supersedes, require_by, validity_months, currency_days, min_age, prerequisites)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    given.course,
    rev,
    given.effective,
    given.supersedes,
    given.requireBy,
    given.validityMonths,
    given.currencyDays,
    given.minAge,
    JSON.stringify([...given.prerequisites].sort()),
  );
}

/** Courses must not need one another in a circle: nobody could ever begin. */
function checkPrerequisites(context: CommandContext, course: string, prerequisites: readonly string[]): void {
  for (const each of prerequisites) need(context, "courses", each);
  const needed = new Set(prerequisites);
  for (const each of needed) {
    for (const row of context.db.all<{ prerequisites: string }>("SELECT prerequisites FROM revisions WHERE course = ?", each)) {
      for (const further of JSON.parse(row.prerequisites) as string[]) needed.add(further);
    }
  }
  if (needed.has(course)) {
    throw new Refused("CONFLICT", `prerequisites: ${course} would need itself.`, "Leave out the course that leads back to it.");
  }
}

export type SignOff = Omit<ParsedInput<"grantTraining">, "on"> & {
  readonly on: string;
  /** the event it comes from; null when somebody typed it */
  readonly source: string | null;
};

/** Writes a training record, if whoever signs it was qualified on that day (domain.md §2.2 rule 6). Gives its last valid day. */
export function signOff(context: CommandContext, given: SignOff): string | null {
  const { db, nowMs } = context;
  needMember(context, given.member);
  needMember(context, given.signedOffBy);
  if (given.signedOffBy === given.member) {
    throw new Refused("BAD_INPUT", "signedOffBy: nobody signs off their own training.", "Name the trainer who has seen it.");
  }
  if (given.on > localToday(context.tz, nowMs))
    throw new Refused("BAD_INPUT", `on: ${given.on} is still to come.`, "Give the day on which the training was.");
  if (typeof given.validThrough === "string" && given.validThrough < given.on)
    throw new Refused("BAD_INPUT", "validThrough: it would end before it begins.", "Give a last day that is not before the training.");
  const revision = db.one<{ rev: number; months: number | null; prerequisites: string }>(
    "SELECT rev, validity_months AS months, prerequisites FROM revisions WHERE course = ? AND effective <= ? ORDER BY rev DESC LIMIT 1",
    given.course,
    given.on,
  );
  if (revision === undefined) throw missing("course", given.course);
  if (!isQualified(db, given.signedOffBy, "trainer", given.course, given.on)) {
    throw new Refused(
      "CONFLICT",
      `signedOffBy: member ${given.signedOffBy} was no trainer of ${given.course} on ${given.on}.`,
      `Name a trainer, or make them one: \`koprade trainer add ${given.signedOffBy} --of ${given.course} --from ${given.on}\`.`,
    );
  }
  if (given.result === "passed") needPrerequisites(context, given.member, JSON.parse(revision.prerequisites));
  const validThrough =
    given.validThrough !== undefined ? given.validThrough : revision.months === null ? null : addMonths(given.on, revision.months);
  db.run(
    `INSERT INTO records (member, course, rev, result, signed_off_by, on_date, at_ms, valid_through, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    given.member,
    given.course,
    revision.rev,
    given.result,
    given.signedOffBy,
    given.on,
    nowMs,
    validThrough,
    given.source,
  );
  return validThrough;
}

function needPrerequisites({ db, nowMs }: CommandContext, member: number, courses: readonly string[]): void {
  if (courses.length === 0) return;
  const standing = readStanding(db, member, nowMs);
  const site = readSiteFacts(db, nowMs);
  const lacking = courses.filter((course) => standing === undefined || !competentIn(standing, course, site));
  if (lacking.length === 0) return;
  throw new Refused(
    "CONFLICT",
    `Member ${member} is not competent in ${lacking.join(", ")}, which comes first.`,
    "Record that training before this one.",
  );
}
