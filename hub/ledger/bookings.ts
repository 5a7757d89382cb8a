/** Commands about bookings, classes and duty (domain.md §2.2 rule 10). Each runs inside one transaction. */
import { minute } from "#contract";
import { bookingDefaults } from "#core";
import type { CommandContext, Handlers } from "./commands.ts";
import type { Database } from "./database.ts";
import type { ParsedInput } from "./inputs.ts";
import { tellIfFull, tellRequest } from "./notice-rules.ts";
import { Refused } from "./refuse.ts";
import { exists, missing, need, needMachine, needMember } from "./rows.ts";

type State = "requested" | "confirmed" | "checked_in" | "done" | "no_show" | "cancelled";
type Row = { readonly booking: number; readonly machine: string; readonly fromMs: number; readonly untilMs: number; readonly state: State };

const yearMs = 366 * 86_400_000;
/** Who comes so long before a booking begins has come for it. */
export const earlyMs = 15 * minute;

export const bookings: Pick<
  Handlers,
  | "requestBooking"
  | "addBooking"
  | "confirmBooking"
  | "cancelBooking"
  | "restoreBooking"
  | "checkIn"
  | "addClass"
  | "cancelClass"
  | "restoreClass"
  | "enrol"
  | "withdraw"
  | "addShift"
  | "endShift"
> = {
  requestBooking(context, input) {
    const booking = insertBooking(context, input, "requested");
    tellRequest(context, booking, input.machine, input.member);
    return { booking };
  },
  addBooking: (context, input) => ({ booking: insertBooking(context, input, "confirmed") }),

  confirmBooking(context, input) {
    const row = bookingOf(context, input.booking, ["requested"], "waits for no confirmation");
    needFree(context, row);
    return toState(context, input.booking, "confirmed");
  },

  cancelBooking(context, input) {
    const row = bookingOf(context, input.booking, ["requested", "confirmed", "checked_in"], "is over already");
    toState(context, input.booking, "cancelled");
    // A request that nobody confirmed is taken back, not cancelled late: it lapses at its end, as if nobody had looked at it.
    const atMs = row.state === "requested" ? row.untilMs : context.nowMs;
    context.db.run("UPDATE bookings SET cancelled_ms = ? WHERE booking = ?", atMs, input.booking);
    return {};
  },

  restoreBooking(context, input) {
    const row = bookingOf(context, input.booking, ["cancelled", "no_show"], "is neither cancelled nor a no-show");
    if (row.untilMs <= context.nowMs) throw new Refused("CONFLICT", `Booking ${input.booking} would be over already.`, "Make a new one.");
    const ofClass = context.db.one<{ class: string }>(
      "SELECT class FROM bookings NATURAL JOIN (SELECT class, cancelled_ms FROM classes) WHERE booking = ? AND cancelled_ms IS NOT NULL",
      input.booking,
    );
    if (ofClass !== undefined)
      throw new Refused("CONFLICT", `Class ${ofClass.class} is cancelled, and its bookings with it.`, "Restore the class.");
    needFree(context, row);
    return toState(context, input.booking, "confirmed");
  },

  checkIn(context, input) {
    const row = bookingOf(context, input.booking, ["confirmed", "no_show"], "cannot be checked in");
    if (row.fromMs - earlyMs > context.nowMs || row.untilMs <= context.nowMs) {
      const sentence = `Booking ${input.booking} is not now: it is checked in from ${earlyMs / minute} minutes before it begins until it ends.`;
      throw new Refused("CONFLICT", sentence, "Who has come for another time, books another one.");
    }
    if (row.state === "no_show") needFree(context, row); // it was given away meanwhile, perhaps
    return toState(context, input.booking, "checked_in");
  },

  addClass(context, input) {
    const { db } = context;
    if (exists(context, "classes", input.class)) {
      throw new Refused("ALREADY_EXISTS", `Class ${input.class} exists already.`, "Choose another name; one class is one occasion.");
    }
    needSpan(context, input);
    for (const place of input.places) need(context, "resources", place);
    if (input.course !== null) need(context, "courses", input.course);
    db.run(
      "INSERT INTO classes (class, label, from_ms, until_ms, places, course, seats, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      input.class,
      input.label,
      input.fromMs,
      input.untilMs,
      JSON.stringify([...new Set(input.places)].sort()),
      input.course,
      input.seats,
      input.kind,
    );
    for (const place of new Set(input.places)) {
      if (db.one("SELECT 1 FROM resources WHERE id = ? AND kind = 'machine'", place) === undefined) continue;
      needFree(context, { booking: 0, machine: place, fromMs: input.fromMs, untilMs: input.untilMs });
      insertRow(context, { machine: place, member: null, class: input.class, fromMs: input.fromMs, untilMs: input.untilMs }, "confirmed");
    }
    return {};
  },

  cancelClass(context, input) {
    const changed = context.db.run(
      "UPDATE classes SET cancelled_ms = ? WHERE class = ? AND cancelled_ms IS NULL",
      context.nowMs,
      input.class,
    );
    if (changed === 0) throw missing("class that is not cancelled yet", input.class);
    const sql = "UPDATE bookings SET state = 'cancelled', cancelled_ms = ? WHERE class = ? AND state = 'confirmed'";
    context.db.run(sql, context.nowMs, input.class);
    return {};
  },

  restoreClass(context, input) {
    const { db } = context;
    if (db.run("UPDATE classes SET cancelled_ms = NULL WHERE class = ? AND cancelled_ms IS NOT NULL", input.class) === 0) {
      throw missing("cancelled class", input.class);
    }
    for (const row of db.all<Row>(`${bookingSql} WHERE class = ? AND state = 'cancelled'`, input.class)) {
      needFree(context, row);
      toState(context, row.booking, "confirmed");
    }
    return {};
  },

  enrol(context, input) {
    need(context, "classes", input.class);
    needMember(context, input.member);
    const gone = context.db.one<{ why: string }>(
      `SELECT iif(cancelled_ms IS NULL, 'over', 'cancelled') AS why FROM classes WHERE class = ? AND (cancelled_ms IS NOT NULL OR until_ms <= ?)`,
      input.class,
      context.nowMs,
    );
    if (gone !== undefined)
      throw new Refused("CONFLICT", `Class ${input.class} is ${gone.why}.`, "`koprade class list` shows those to come.");
    context.db.run(
      "INSERT INTO enrolments (class, member, at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      input.class,
      input.member,
      context.nowMs,
    );
    tellIfFull(context, input.class);
    return {};
  },

  withdraw(context, input) {
    const removed = context.db.run("DELETE FROM enrolments WHERE class = ? AND member = ?", input.class, input.member);
    if (removed === 0) throw new Refused("NOT_FOUND", `Member ${input.member} is not enrolled in ${input.class}.`);
    return {};
  },

  addShift(context, input) {
    needMember(context, input.member);
    needSpan(context, input);
    if (input.zone !== null) need(context, "zones", input.zone);
    const sql = "INSERT INTO shifts (member, zone, from_ms, until_ms) VALUES (?, ?, ?, ?)";
    return { shift: context.db.insert(sql, input.member, input.zone, input.fromMs, input.untilMs) };
  },

  endShift(context, input) {
    const { db, nowMs } = context;
    const row = db.one<{ fromMs: number; untilMs: number }>(
      "SELECT from_ms AS fromMs, until_ms AS untilMs FROM shifts WHERE shift = ?",
      input.shift,
    );
    if (row === undefined) throw missing("shift", input.shift);
    if (row.untilMs <= nowMs) throw new Refused("CONFLICT", `Shift ${input.shift} is over already.`);
    if (row.fromMs >= nowMs) db.run("DELETE FROM shifts WHERE shift = ?", input.shift);
    else db.run("UPDATE shifts SET until_ms = ? WHERE shift = ?", nowMs, input.shift);
    return {};
  },
};

const bookingSql = "SELECT booking, machine, from_ms AS fromMs, until_ms AS untilMs, state FROM bookings";

function bookingOf({ db }: CommandContext, booking: number, from: readonly State[], otherwise: string): Row {
  const row = db.one<Row>(`${bookingSql} WHERE booking = ?`, booking);
  if (row === undefined) throw missing("booking", booking);
  if (!from.includes(row.state)) {
    throw new Refused(
      "CONFLICT",
      `Booking ${booking} is ${row.state.replace("_", " ")}: it ${otherwise}.`,
      "`koprade booking list` shows all.",
    );
  }
  return row;
}

function toState({ db }: CommandContext, booking: number, state: State): Record<never, never> {
  db.run("UPDATE bookings SET state = ?, cancelled_ms = NULL WHERE booking = ?", state, booking);
  return {};
}

function insertBooking(context: CommandContext, input: ParsedInput<"addBooking">, state: "requested" | "confirmed"): number {
  needMachine(context, input.machine);
  needMember(context, input.member);
  needSpan(context, input);
  if (state === "confirmed") needFree(context, { ...input, booking: 0 });
  return insertRow(context, { ...input, class: null }, state);
}

type New = {
  readonly machine: string;
  readonly member: number | null;
  readonly class: string | null;
  readonly fromMs: number;
  readonly untilMs: number;
};
function insertRow({ db, nowMs, actor }: CommandContext, row: New, state: State): number {
  return db.insert(
    "INSERT INTO bookings (machine, member, class, from_ms, until_ms, state, at_ms, by_actor) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    row.machine,
    row.member,
    row.class,
    row.fromMs,
    row.untilMs,
    state,
    nowMs,
    actor,
  );
}

function needSpan({ nowMs }: CommandContext, { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number }): void {
  if (untilMs <= fromMs) throw new Refused("BAD_INPUT", "until: it would end before it begins.", "Give an end that comes after the start.");
  if (untilMs <= nowMs) throw new Refused("BAD_INPUT", "until: that is over already.", "Give a time to come.");
  if (untilMs - fromMs > yearMs) throw new Refused("BAD_INPUT", "until: longer than a year.", "Give a shorter time.");
}

/** Two confirmed bookings of a machine never overlap. */
function needFree({ db }: CommandContext, given: Omit<Row, "state">): void {
  const other = db.one<{ booking: number }>(
    `SELECT booking FROM bookings WHERE machine = ? AND booking <> ? AND from_ms < ? AND until_ms > ? AND state IN ('confirmed', 'checked_in')`,
    given.machine,
    given.booking,
    given.untilMs,
    given.fromMs,
  );
  if (other !== undefined) {
    throw new Refused(
      "CONFLICT",
      `${given.machine} is booked then: booking ${other.booking}.`,
      "Choose another time, or cancel that one first.",
    );
  }
}

/**
 * What the clock alone does to bookings: over is done or a no-show; nobody came within `noShowMs` of the start, or of the moment
 * the machine became free, releases the rest (domain.md §3.6). True when something changed.
 */
export function settleBookings(db: Database, nowMs: number): boolean {
  const over = db.run(
    "UPDATE bookings SET cancelled_ms = iif(state = 'requested', until_ms, NULL), state = CASE state WHEN 'checked_in' THEN 'done' WHEN 'requested' THEN 'cancelled' WHEN 'confirmed' THEN CASE WHEN class IS NULL THEN 'no_show' ELSE 'done' END END WHERE until_ms <= ? AND state IN ('requested', 'confirmed', 'checked_in')",
    nowMs,
  );
  let released = 0;
  for (const row of db.all<Row & { readonly node: string; readonly ch: string; readonly policy: string }>(
    `SELECT booking, machine, from_ms AS fromMs, until_ms AS untilMs, state, node, ch, policy FROM bookings JOIN resources ON id = machine
     WHERE from_ms <= ? AND class IS NULL AND state = 'confirmed'`,
    nowMs,
  )) {
    const busy = db.one<{ open: number; freeMs: number | null }>(
      "SELECT count(*) - count(end_ms) AS open, max(end_ms) AS freeMs FROM sessions WHERE node = ? AND ch = ? AND (end_ms IS NULL OR end_ms > ?)",
      row.node,
      row.ch,
      row.fromMs,
    );
    const policy: { readonly booking?: { readonly noShowMs: number } | null } = JSON.parse(row.policy);
    const waitsSinceMs = Math.max(row.fromMs, busy?.freeMs ?? 0);
    if ((busy?.open ?? 0) > 0 || nowMs - waitsSinceMs < (policy.booking?.noShowMs ?? bookingDefaults.noShowMs)) continue;
    released += db.run("UPDATE bookings SET state = 'no_show' WHERE booking = ?", row.booking);
  }
  return over + released > 0;
}
