/** Commands about people: members, cards, plans, memberships, trainings, holds. Each runs inside one transaction. */
import type { CommandContext, Handlers } from "./commands.ts";
import { addMonths, localToday } from "./dates.ts";
import type { ParsedInput } from "./inputs.ts";
import { numberMeta, setMeta } from "./meta.ts";
import { Refused } from "./refuse.ts";

export const people: Pick<
  Handlers,
  | "addMember"
  | "setMember"
  | "setRoles"
  | "assignCard"
  | "blockCard"
  | "addPlan"
  | "setMembership"
  | "endMembership"
  | "addCourse"
  | "grantTraining"
  | "revokeTraining"
  | "addHold"
  | "clearHold"
  | "restrict"
  | "signWaiver"
  | "importMembers"
> = {
  addMember(context, input) {
    const member = input.ref ?? nextMember(context);
    if (input.ref !== undefined && exists(context, "members", "member", input.ref)) {
      throw new Refused(
        "ALREADY_EXISTS",
        `Member ${input.ref} exists already.`,
        "Leave the number out; the ledger gives the next free one.",
      );
    }
    insertMember(context, member, input.displayName, input.locale);
    return { member };
  },

  setMember(context, input) {
    needMember(context, input.member);
    const { db } = context;
    if (input.displayName !== undefined) db.run("UPDATE members SET display_name = ? WHERE member = ?", input.displayName, input.member);
    if (input.locale !== undefined) db.run("UPDATE members SET locale = ? WHERE member = ?", input.locale, input.member);
    if (input.status !== undefined) db.run("UPDATE members SET status = ? WHERE member = ?", input.status, input.member);
    return {};
  },

  setRoles(context, input) {
    needMember(context, input.member);
    context.db.run("UPDATE members SET roles = ? WHERE member = ?", JSON.stringify([...new Set(input.roles)].sort()), input.member);
    return {};
  },

  assignCard(context, input) {
    needMember(context, input.member);
    const cardKey = keyOf(context, input.card);
    const held = context.db.one<{ member: number; status: string }>("SELECT member, status FROM cards WHERE card_key = ?", cardKey);
    if (held !== undefined && held.member !== input.member && held.status !== "returned") {
      throw new Refused(
        "CONFLICT",
        `This card belongs to member ${held.member}.`,
        "Block it there as returned first, then assign it here.",
      );
    }
    if (input.validFrom !== null && input.validThrough !== null && input.validThrough < input.validFrom) {
      throw new Refused("BAD_INPUT", "validThrough: the card would end before it begins.", "Give a last day that is not before the first.");
    }
    context.db.run(
      `INSERT INTO cards (card_key, member, label, status, valid_from, valid_through, status_since_ms) VALUES (?, ?, ?, 'active', ?, ?, ?)
       ON CONFLICT (card_key) DO UPDATE SET member = excluded.member, label = excluded.label, status = 'active',
         valid_from = excluded.valid_from, valid_through = excluded.valid_through, status_since_ms = excluded.status_since_ms`,
      cardKey,
      input.member,
      input.label,
      input.validFrom,
      input.validThrough,
      context.nowMs,
    );
    return { cardKey };
  },

  blockCard(context, input) {
    const cardKey = keyOf(context, input.card);
    const held = context.db.one<{ member: number }>("SELECT member FROM cards WHERE card_key = ?", cardKey);
    if (held === undefined)
      throw new Refused("NOT_FOUND", "This card is assigned to nobody.", "See `koprade member show` for the cards of a member.");
    context.db.run("UPDATE cards SET status = ?, status_since_ms = ? WHERE card_key = ?", input.status, context.nowMs, cardKey);
    return { member: held.member, cardKey };
  },

  addPlan(context, input) {
    if (input.schedule !== null) need(context, "schedules", "schedule", input.schedule);
    const covers = input.covers === "everything" ? null : JSON.stringify([...input.covers].sort());
    context.db.run(
      `INSERT INTO plans (plan, label, always, covers, schedule) VALUES (?, ?, ?, ?, ?) ON CONFLICT (plan) DO UPDATE SET
         label = excluded.label, always = excluded.always, covers = excluded.covers, schedule = excluded.schedule`,
      input.plan,
      input.label,
      input.always ? 1 : 0,
      covers,
      input.schedule,
    );
    return {};
  },

  setMembership(context, input) {
    needMember(context, input.member);
    insertMembership(context, input.member, input);
    return {};
  },

  endMembership(context, input) {
    needMember(context, input.member);
    const { db } = context;
    db.run("DELETE FROM memberships WHERE member = ? AND from_date > ?", input.member, input.lastDay);
    const changed = db.run(
      "UPDATE memberships SET valid_through = ?, grace_days = 0 WHERE member = ? AND (valid_through IS NULL OR valid_through > ?)",
      input.lastDay,
      input.member,
      input.lastDay,
    );
    if (changed === 0) throw new Refused("NOT_FOUND", `Member ${input.member} has no membership that lasts beyond ${input.lastDay}.`);
    return {};
  },

  addCourse(context, input) {
    context.db.run(
      "INSERT INTO courses (course, label, validity_months) VALUES (?, ?, ?) ON CONFLICT (course) DO UPDATE SET label = excluded.label, validity_months = excluded.validity_months",
      input.course,
      input.label,
      input.validityMonths,
    );
    return {};
  },

  grantTraining(context, input) {
    needMember(context, input.member);
    needMember(context, input.signedOffBy);
    if (input.signedOffBy === input.member) {
      throw new Refused("BAD_INPUT", "signedOffBy: nobody signs off their own training.", "Name the trainer who has seen it.");
    }
    const on = input.on ?? localToday(context.tz, context.nowMs);
    return { validThrough: insertTraining(context, { ...input, on }) };
  },

  revokeTraining(context, input) {
    const changed = context.db.run(
      "UPDATE trainings SET revoked_ms = ? WHERE member = ? AND course = ? AND revoked_ms IS NULL",
      context.nowMs,
      input.member,
      input.course,
    );
    if (changed === 0) throw new Refused("NOT_FOUND", `Member ${input.member} has no training in ${input.course}.`);
    return {};
  },

  addHold(context, input) {
    needMember(context, input.member);
    context.db.run("UPDATE members SET hold = ? WHERE member = ?", input.reason, input.member);
    return {};
  },

  clearHold(context, input) {
    needMember(context, input.member);
    context.db.run("UPDATE members SET hold = NULL WHERE member = ?", input.member);
    return {};
  },

  restrict(context, input) {
    needMember(context, input.member);
    need(context, "resources", "id", input.resource);
    const sql = input.restricted
      ? "INSERT INTO restrictions (member, resource) VALUES (?, ?) ON CONFLICT DO NOTHING"
      : "DELETE FROM restrictions WHERE member = ? AND resource = ?";
    context.db.run(sql, input.member, input.resource);
    return {};
  },

  signWaiver(context, input) {
    needMember(context, input.member);
    context.db.run("UPDATE members SET waiver = ? WHERE member = ?", input.revision, input.member);
    return {};
  },

  importMembers(context, input) {
    const today = localToday(context.tz, context.nowMs);
    return { members: input.rows.map((row, index) => importRow(context, row, index, today, input.signedOffBy)) };
  },
};

type ImportRow = ParsedInput<"importMembers">["rows"][number];

/** One line of an import. A refusal names the line, and undoes the whole import. */
function importRow(context: CommandContext, row: ImportRow, index: number, today: string, signedOffBy: number | undefined): number {
  try {
    const member = nextMember(context);
    insertMember(context, member, row.displayName, row.locale);
    for (const number of row.cards) {
      people.assignCard(context, { member, card: { number }, label: "card", validFrom: null, validThrough: null });
    }
    if (row.plan !== null) insertMembership(context, member, { ...row, plan: row.plan, from: row.from ?? today });
    for (const course of row.courses) {
      if (signedOffBy === undefined) throw new Refused("BAD_INPUT", "it names a course, and nobody vouches for it.", "Give signedOffBy.");
      people.grantTraining(context, { member, course, signedOffBy, level: "competent", on: today });
    }
    return member;
  } catch (error) {
    if (error instanceof Refused) throw new Refused(error.code, `Row ${index + 1}: ${error.message}`, error.fix);
    throw error;
  }
}

function insertMember({ db, nowMs }: CommandContext, member: number, displayName: string, locale: string): void {
  db.run(
    "INSERT INTO members (member, display_name, locale, status, added_ms) VALUES (?, ?, ?, 'active', ?)",
    member,
    displayName,
    locale,
    nowMs,
  );
}

/** Numbers rise and are never given twice, not even after a member is gone. */
function nextMember({ db }: CommandContext): number {
  const last = db.one<{ last: number | null }>("SELECT max(member) AS last FROM members")?.last ?? 0;
  const member = Math.max(numberMeta(db, "next_member", 1), last + 1);
  setMeta(db, "next_member", member + 1);
  return member;
}

type NewMembership = { readonly plan: string; readonly from: string; readonly validThrough: string | null; readonly graceDays: number };

/** A new membership takes over from its first day; what was agreed for later days goes. */
function insertMembership(context: CommandContext, member: number, given: NewMembership): void {
  const { db } = context;
  need(context, "plans", "plan", given.plan);
  if (given.validThrough !== null && given.validThrough < given.from) {
    throw new Refused(
      "BAD_INPUT",
      "validThrough: the membership would end before it begins.",
      "Give a last day that is not before the first.",
    );
  }
  db.run("DELETE FROM memberships WHERE member = ? AND from_date >= ?", member, given.from);
  db.run(
    "UPDATE memberships SET valid_through = date(?, '-1 day') WHERE member = ? AND (valid_through IS NULL OR valid_through >= ?)",
    given.from,
    member,
    given.from,
  );
  db.run(
    "INSERT INTO memberships (member, plan, from_date, valid_through, grace_days) VALUES (?, ?, ?, ?, ?)",
    member,
    given.plan,
    given.from,
    given.validThrough,
    given.graceDays,
  );
}

type NewTraining = Omit<ParsedInput<"grantTraining">, "on"> & { readonly on: string };

function insertTraining(context: CommandContext, given: NewTraining): string | null {
  const course = context.db.one<{ months: number | null }>("SELECT validity_months AS months FROM courses WHERE course = ?", given.course);
  if (course === undefined) throw missing("course", given.course);
  const validThrough =
    given.validThrough !== undefined ? given.validThrough : course.months === null ? null : addMonths(given.on, course.months);
  context.db.run(
    "INSERT INTO trainings (member, course, level, signed_off_by, on_date, valid_through) VALUES (?, ?, ?, ?, ?, ?)",
    given.member,
    given.course,
    given.level,
    given.signedOffBy,
    given.on,
    validThrough,
  );
  return validThrough;
}

/** The keyed hash of a card; the number itself goes no further than here. */
export function keyOf(context: CommandContext, card: { readonly number: string } | { readonly cardKey: string }): string {
  return "cardKey" in card ? card.cardKey : context.keys.cardKeyOf(card.number);
}

type Table = "members" | "plans" | "courses" | "schedules" | "nodes" | "resources";
type Column = "member" | "plan" | "course" | "schedule" | "node" | "id";

export function exists({ db }: CommandContext, table: Table, column: Column, value: string | number): boolean {
  return db.one(`SELECT 1 FROM ${table} WHERE ${column} = ?`, value) !== undefined;
}

export function need(context: CommandContext, table: Table, column: Column, value: string): void {
  if (!exists(context, table, column, value)) throw missing(table === "resources" ? "door or machine" : column, value);
}

function needMember(context: CommandContext, member: number): void {
  if (!exists(context, "members", "member", member)) {
    throw new Refused("NOT_FOUND", `There is no member ${member}.`, "`koprade member list` shows all members with their numbers.");
  }
}

export function missing(what: string, name: string): Refused {
  return new Refused("NOT_FOUND", `There is no ${what} "${name}".`, `Check the spelling, or add the ${what} first.`);
}
