/**
 * A list of members from another system, in one transaction. Whoever is known already, by the number they have there or else by their
 * mail address, is changed and not added a second time; never by name. What a row does not say stays as it is.
 */
import type { CommandContext, Handlers } from "./commands.ts";
import { localToday } from "./dates.ts";
import type { ParsedInput } from "./inputs.ts";
import { knownMember, ownNumber } from "./known-members.ts";
import { insertMembership, people, setExternalRef } from "./people.ts";
import { Refused } from "./refuse.ts";
import { keyOf } from "./rows.ts";
import { training } from "./training.ts";

type Row = ParsedInput<"importMembers">["rows"][number];
type Imported = { readonly member: number; readonly outcome: "added" | "changed" | "same" };

export const imports: Pick<Handlers, "importMembers"> = {
  importMembers(context, input) {
    const today = localToday(context.tz, context.nowMs);
    const done = input.rows.map((row, index) => importRow(context, row, index, today, input.signedOffBy));
    return { members: done.map(({ member }) => member), outcomes: done.map(({ outcome }) => outcome) };
  },
};

/** One line of an import. A refusal names the line, and undoes the whole import. */
function importRow(context: CommandContext, row: Row, index: number, today: string, signedOffBy: number | undefined): Imported {
  try {
    const known = knownMember(context.db, row);
    const member = known ?? people.addMember(context, { ...row, locale: row.locale ?? "en" }).member;
    const changes = [
      setPerson(context, member, row),
      ...row.cards.map((number) => giveCard(context, member, number)),
      row.plan !== null && join(context, member, { ...row, plan: row.plan, from: row.from ?? today }),
      ...row.courses.map((course) => teach(context, member, course, today, signedOffBy)),
    ];
    if (known === undefined) return { member, outcome: "added" };
    return { member, outcome: changes.some(Boolean) ? "changed" : "same" };
  } catch (error) {
    if (error instanceof Refused) throw new Refused(error.code, `Row ${index + 1}: ${error.message}`, error.fix);
    throw error;
  }
}

function setPerson(context: CommandContext, member: number, row: Row): boolean {
  const { db } = context;
  const before = db.one("SELECT display_name, locale, external_ref, mail FROM members WHERE member = ?", member);
  people.setMember(context, { member, displayName: row.displayName, locale: row.locale, mail: row.mail });
  if (row.externalRef !== undefined && ownNumber(db, row.externalRef) === undefined) setExternalRef(context, member, row.externalRef);
  const after = db.one("SELECT display_name, locale, external_ref, mail FROM members WHERE member = ?", member);
  return JSON.stringify(before) !== JSON.stringify(after);
}

function giveCard(context: CommandContext, member: number, number: string): boolean {
  const held = context.db.one<{ member: number }>("SELECT member FROM cards WHERE card_key = ?", keyOf(context, { number }));
  // Lost, stolen or in use: a list from elsewhere does not know better.
  if (held?.member === member) return false;
  people.assignCard(context, { member, card: { number }, label: "card", validFrom: null, validThrough: null });
  return true;
}

function join(context: CommandContext, member: number, given: Parameters<typeof insertMembership>[2]): boolean {
  const has = context.db.one(
    `SELECT 1 FROM memberships WHERE member = ?1 AND plan = ?2 AND valid_through IS ?3
       AND from_date <= ?4 AND NOT EXISTS (SELECT 1 FROM memberships x WHERE x.member = ?1 AND x.from_date > ?4)`,
    member,
    given.plan,
    given.validThrough,
    given.from,
  );
  if (has !== undefined) return false;
  insertMembership(context, member, given);
  return true;
}

function teach(context: CommandContext, member: number, course: string, today: string, signedOffBy: number | undefined): boolean {
  if (signedOffBy === undefined) throw new Refused("BAD_INPUT", "it names a course, and nobody vouches for it.", "Give signedOffBy.");
  const has = context.db.one(
    `SELECT 1 FROM records WHERE member = ? AND course = ? AND result = 'passed' AND revoked_ms IS NULL AND coalesce(valid_through, '9') >= ?`,
    member,
    course,
    today,
  );
  if (has !== undefined) return false;
  training.grantTraining(context, { member, course, signedOffBy, result: "passed", on: today });
  return true;
}
