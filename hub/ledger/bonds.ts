/** Commands about what binds a member: holds and restrictions, guardians, hosts, credit, PIN. Each runs inside one transaction. */
import type { CommandContext, Handlers } from "./commands.ts";
import { localToday } from "./dates.ts";
import { insertMember, nextMember } from "./people.ts";
import { hashPin, isPinNow } from "./pin.ts";
import { Refused } from "./refuse.ts";
import { missing, needMember, needPlace } from "./rows.ts";

export const bonds: Pick<
  Handlers,
  | "addHold"
  | "clearHold"
  | "restrict"
  | "liftRestriction"
  | "setGuardian"
  | "removeGuardian"
  | "addGuest"
  | "setGuest"
  | "endGuest"
  | "addCredit"
  | "undoCredit"
  | "setPin"
  | "clearPin"
  | "setDuressPin"
  | "clearDuressPin"
> = {
  addHold(context, input) {
    block(context, input.member, null, input.reason, input.through);
    return {};
  },

  clearHold(context, input) {
    if (unblock(context, input.member, null) === 0) throw new Refused("NOT_FOUND", `Member ${input.member} is not on hold.`);
    return {};
  },

  restrict(context, input) {
    needPlace(context, input.place);
    block(context, input.member, input.place, input.reason, input.through);
    return {};
  },

  liftRestriction(context, input) {
    if (unblock(context, input.member, input.place) === 0) {
      throw new Refused("NOT_FOUND", `Member ${input.member} is not restricted at ${input.place}.`);
    }
    return {};
  },

  setGuardian(context, input) {
    needMember(context, input.member);
    needMember(context, input.guardian);
    if (input.member === input.guardian)
      throw new Refused("BAD_INPUT", "guardian: nobody is their own guardian.", "Name the other person.");
    context.db.run(
      `INSERT INTO guardians (member, guardian, consent_ms) VALUES (?, ?, ?)
       ON CONFLICT (member, guardian) DO UPDATE SET consent_ms = excluded.consent_ms`,
      input.member,
      input.guardian,
      input.consent ? context.nowMs : null,
    );
    return {};
  },

  removeGuardian(context, input) {
    const removed = context.db.run("DELETE FROM guardians WHERE member = ? AND guardian = ?", input.member, input.guardian);
    if (removed === 0) throw new Refused("NOT_FOUND", `Member ${input.guardian} is no guardian of member ${input.member}.`);
    return {};
  },

  addGuest(context, input) {
    needHost(context, input.host);
    needFuture(context, input.untilMs);
    const member = nextMember(context);
    insertMember(context, member, input.displayName, input.locale);
    context.db.run(
      "INSERT INTO guests (member, host, until_ms, visits, since_ms) VALUES (?, ?, ?, ?, ?)",
      member,
      input.host,
      input.untilMs,
      input.visits,
      context.nowMs,
    );
    return { member };
  },

  setGuest(context, input) {
    const { db } = context;
    needGuest(context, input.member);
    if (input.host !== undefined) {
      needHost(context, input.host);
      db.run("UPDATE guests SET host = ? WHERE member = ?", input.host, input.member);
    }
    if (input.untilMs !== undefined) {
      needFuture(context, input.untilMs);
      db.run("UPDATE guests SET until_ms = ? WHERE member = ?", input.untilMs, input.member);
    }
    if (input.visits !== undefined) db.run("UPDATE guests SET visits = ? WHERE member = ?", input.visits, input.member);
    return {};
  },

  endGuest(context, input) {
    needGuest(context, input.member);
    context.db.run("UPDATE guests SET until_ms = min(until_ms, ?) WHERE member = ?", context.nowMs, input.member);
    return {};
  },

  addCredit(context, input) {
    needMember(context, input.member);
    return book(context, input.member, input.cents, input.reason, null);
  },

  undoCredit(context, input) {
    const entry = context.db.one<{ member: number; cents: number; reverses: number | null; isUndone: number }>(
      `SELECT member, cents, reverses, EXISTS (SELECT 1 FROM credit x WHERE x.reverses = credit.entry) AS isUndone FROM credit WHERE entry = ?`,
      input.entry,
    );
    if (entry === undefined) throw missing("entry", input.entry);
    if (entry.isUndone === 1 || entry.reverses !== null) {
      throw new Refused(
        "CONFLICT",
        `Entry ${input.entry} has been taken back already, or takes one back itself.`,
        "Book what is missing as an entry of its own.",
      );
    }
    return book(context, entry.member, -entry.cents, input.reason, input.entry);
  },

  setPin(context, input) {
    needOtherPin(context, input, "duress_pin");
    context.db.run("UPDATE members SET pin = ? WHERE member = ?", hashPin(input.pin), input.member);
    return {};
  },

  clearPin(context, input) {
    needMember(context, input.member);
    context.db.run("UPDATE members SET pin = NULL, duress_pin = NULL WHERE member = ?", input.member);
    return {};
  },

  setDuressPin(context, input) {
    if (needOtherPin(context, input, "pin") === null) {
      throw new Refused(
        "CONFLICT",
        `Member ${input.member} has no PIN.`,
        "Make one first: `koprade pin new`. The second stands beside it.",
      );
    }
    context.db.run("UPDATE members SET duress_pin = ? WHERE member = ?", hashPin(input.pin), input.member);
    return {};
  },

  clearDuressPin(context, input) {
    needMember(context, input.member);
    context.db.run("UPDATE members SET duress_pin = NULL WHERE member = ?", input.member);
    return {};
  },
};

/** The hash of the member's other PIN, or null. Two alike would make every tap an alarm, or none. */
function needOtherPin(context: CommandContext, input: { member: number; pin: string }, other: "pin" | "duress_pin"): string | null {
  needMember(context, input.member);
  const kept = context.db.one<{ pin: string | null }>(`SELECT ${other} AS pin FROM members WHERE member = ?`, input.member)?.pin ?? null;
  if (kept !== null && isPinNow(kept, input.pin))
    throw new Refused("CONFLICT", "pin: the member's two PINs must differ.", "Choose another one.");
  return kept;
}

function block(context: CommandContext, member: number, place: string | null, reason: string, through: string | null): void {
  needMember(context, member);
  if (through !== null && through < localToday(context.tz, context.nowMs))
    throw new Refused("BAD_INPUT", "through: that day is over.", "Give today or a day to come, or none.");
  context.db.run(
    "INSERT INTO blocks (member, place, reason, at_ms, by_actor, through) VALUES (?, ?, ?, ?, ?, ?)",
    member,
    place,
    reason,
    context.nowMs,
    context.actor,
    through,
  );
}

function unblock(context: CommandContext, member: number, place: string | null): number {
  return context.db.run(
    "UPDATE blocks SET cleared_ms = ?, cleared_by = ? WHERE member = ? AND place IS ? AND cleared_ms IS NULL",
    context.nowMs,
    context.actor,
    member,
    place,
  );
}

/** Who answers for a guest must be a member themselves. */
function needHost(context: CommandContext, host: number): void {
  needMember(context, host);
  if (context.db.one("SELECT 1 FROM guests WHERE member = ?", host) !== undefined) {
    throw new Refused("BAD_INPUT", "host: a guest cannot answer for another guest.", "Name a member.");
  }
}

function needGuest({ db }: CommandContext, member: number): void {
  if (db.one("SELECT 1 FROM guests WHERE member = ?", member) === undefined) {
    throw new Refused("NOT_FOUND", `Member ${member} is no guest.`, "`koprade guest list` shows the guests.");
  }
}

function needFuture({ nowMs }: CommandContext, untilMs: number): void {
  if (untilMs <= nowMs)
    throw new Refused("BAD_INPUT", "until: that is over already.", "Give a time to come, or end the stay with `koprade guest end`.");
}

function book(
  { db, nowMs, actor }: CommandContext,
  member: number,
  cents: number,
  reason: string,
  reverses: number | null,
): { readonly entry: number; readonly balanceCents: number } {
  const sql = "INSERT INTO credit (member, cents, reason, at_ms, by_actor, reverses) VALUES (?, ?, ?, ?, ?, ?)";
  const entry = db.insert(sql, member, cents, reason, nowMs, actor, reverses);
  const balance = db.one<{ cents: number }>("SELECT sum(cents) AS cents FROM credit WHERE member = ?", member);
  return { entry, balanceCents: balance?.cents ?? 0 };
}
