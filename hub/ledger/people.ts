/** Commands about people: members, cards, plans, memberships, waivers. Each runs inside one transaction. */
import type { CommandContext, Handlers } from "./commands.ts";
import { localToday } from "./dates.ts";
import { numberMeta, setMeta } from "./meta.ts";
import { tellBlocked } from "./notice-rules.ts";
import { endWithRole } from "./overrides.ts";
import { qualify } from "./qualifications.ts";
import { Refused } from "./refuse.ts";
import { exists, keyOf, need, needMember } from "./rows.ts";

export const people: Pick<
  Handlers,
  | "addMember"
  | "setMember"
  | "setRoles"
  | "assignCard"
  | "blockCard"
  | "restoreCard"
  | "addPlan"
  | "setMembership"
  | "endMembership"
  | "signWaiver"
> = {
  addMember(context, input) {
    const member = input.ref ?? nextMember(context);
    if (input.ref !== undefined && exists(context, "members", input.ref)) {
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
    if (typeof input.birthDate === "string" && input.birthDate > localToday(context.tz, context.nowMs))
      throw new Refused("BAD_INPUT", "birthDate: that day is still to come.", "Give the day of birth.");
    if (input.displayName !== undefined) db.run("UPDATE members SET display_name = ? WHERE member = ?", input.displayName, input.member);
    if (input.locale !== undefined) db.run("UPDATE members SET locale = ? WHERE member = ?", input.locale, input.member);
    if (input.status !== undefined) setStatus(context, input.member, input.status);
    if (input.birthDate !== undefined) db.run("UPDATE members SET birth_date = ? WHERE member = ?", input.birthDate, input.member);
    if (input.externalRef !== undefined) setExternalRef(context, input.member, input.externalRef);
    if (input.mail !== undefined) db.run("UPDATE members SET mail = ? WHERE member = ?", input.mail, input.member);
    if (input.moreTime !== undefined) db.run("UPDATE members SET more_time = ? WHERE member = ?", Number(input.moreTime), input.member);
    if (input.status !== undefined) endWithRole(context, input.member);
    return {};
  },

  setRoles(context, input) {
    needMember(context, input.member);
    const everywhere = ["staff", "steward", "responder"].filter((role) => input.roles.some((each) => each === role));
    context.db.run("UPDATE members SET roles = ? WHERE member = ?", JSON.stringify(everywhere.sort()), input.member);
    for (const role of ["trainer", "maintainer"] as const) qualify(context, input.member, role, input.roles.includes(role));
    endWithRole(context, input.member);
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
    if (held !== undefined && held.member === input.member && held.status !== "active" && held.status !== "returned") {
      throw new Refused("CONFLICT", `This card is ${held.status}.`, "If it is back, say so first: `koprade card restore`.");
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
      throw new Refused("NOT_FOUND", "This card is assigned to nobody.", "See `koprade card list` for the cards of a member.");
    context.db.run("UPDATE cards SET status = ?, status_since_ms = ? WHERE card_key = ?", input.status, context.nowMs, cardKey);
    tellBlocked(context, held.member, cardKey);
    return { member: held.member, cardKey };
  },

  /** Lost and found. A replaced card may stay in use beside it. */
  restoreCard(context, input) {
    const cardKey = keyOf(context, input.card);
    const held = context.db.one<{ member: number; status: string }>("SELECT member, status FROM cards WHERE card_key = ?", cardKey);
    if (held === undefined || held.status === "active")
      throw new Refused("CONFLICT", "This card is not blocked.", "See `koprade card list` for the cards of a member.");
    context.db.run("UPDATE cards SET status = 'active', status_since_ms = ? WHERE card_key = ?", context.nowMs, cardKey);
    return { member: held.member };
  },

  addPlan(context, input) {
    if (input.schedule !== null) need(context, "schedules", input.schedule);
    const covers = input.covers === "everything" ? null : JSON.stringify([...input.covers].sort());
    context.db.run(
      `INSERT INTO plans (plan, label, always, covers, schedule, unattended_may_finish) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (plan) DO UPDATE SET label = excluded.label, always = excluded.always, covers = excluded.covers,
         schedule = excluded.schedule, unattended_may_finish = excluded.unattended_may_finish`,
      input.plan,
      input.label,
      input.always ? 1 : 0,
      covers,
      input.schedule,
      input.unattendedMayFinish ? 1 : 0,
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
    const removed = db.run("DELETE FROM memberships WHERE member = ? AND from_date > ?", input.member, input.lastDay);
    const changed = db.run(
      "UPDATE memberships SET valid_through = ?, grace_days = 0 WHERE member = ? AND (valid_through IS NULL OR valid_through > ?)",
      input.lastDay,
      input.member,
      input.lastDay,
    );
    if (removed + changed === 0)
      throw new Refused("NOT_FOUND", `Member ${input.member} has no membership that lasts beyond ${input.lastDay}.`);
    return {};
  },

  signWaiver(context, input) {
    needMember(context, input.member);
    context.db.run("UPDATE members SET waiver = ? WHERE member = ?", input.revision, input.member);
    return {};
  },
};

export function insertMember({ db, nowMs }: CommandContext, member: number, displayName: string, locale: string): void {
  db.run(
    "INSERT INTO members (member, display_name, locale, status, added_ms) VALUES (?, ?, ?, 'active', ?)",
    member,
    displayName,
    locale,
    nowMs,
  );
}

/** Numbers rise and are never given twice, not even after a member is gone. */
export function nextMember({ db }: CommandContext): number {
  const last = db.one<{ last: number | null }>("SELECT max(member) AS last FROM members")?.last ?? 0;
  const member = Math.max(numberMeta(db, "next_member", 1), last + 1);
  setMeta(db, "next_member", member + 1);
  return member;
}

/** Their number in another system; null: none. @throws Refused CONFLICT when another member has it */
export function setExternalRef({ db }: CommandContext, member: number, externalRef: string | null): void {
  const other = db.one<{ member: number }>("SELECT member FROM members WHERE external_ref = ? AND member <> ?", externalRef, member);
  if (other !== undefined)
    throw new Refused("CONFLICT", `Member ${other.member} has the number ${externalRef} already.`, "One number belongs to one member.");
  db.run("UPDATE members SET external_ref = ? WHERE member = ?", externalRef, member);
}

type NewMembership = { readonly plan: string; readonly from: string; readonly validThrough: string | null; readonly graceDays: number };

/** A new membership takes over from its first day; what was agreed for later days goes. */
export function insertMembership(context: CommandContext, member: number, given: NewMembership): void {
  const { db } = context;
  need(context, "plans", given.plan);
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

/** Which status somebody had on a day is asked long afterwards. */
function setStatus({ db, nowMs }: CommandContext, member: number, status: string): void {
  if (db.run("UPDATE members SET status = ?1 WHERE member = ?2 AND status <> ?1", status, member) > 0)
    db.run("INSERT INTO member_statuses (member, status, from_ms) VALUES (?, ?, ?)", member, status, nowMs);
}
