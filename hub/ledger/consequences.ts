/**
 * What an event changes in what is recorded, in the transaction that stores it: a tap at a booked machine checks the booking in, a
 * sign-off at the machine becomes a training record, a use leaves a check due. Only events seen for the first time come here, so
 * nothing happens twice however often a node sends them. Each change stands in the audit with whoever made it.
 */
import { minute } from "#contract";
import { isBelated, type SessionRecord } from "#core";
import { tellWaiting } from "./attendance.ts";
import { appendAudit } from "./audit.ts";
import { earlyMs } from "./bookings.ts";
import { cardCaptured } from "./captures.ts";
import { noteCounter } from "./card-counters.ts";
import type { CommandContext } from "./commands.ts";
import { noteWiring } from "./commissioning.ts";
import type { Database } from "./database.ts";
import { localToday } from "./dates.ts";
import { noteException } from "./exceptions.ts";
import type { SiteKeys } from "./keys.ts";
import { getMeta, numberMeta, setMeta } from "./meta.ts";
import { isTold, tellAlarm, tellDuress, tellLocked, tellOwner, tellRefusal, tellUnowned, toldKinds } from "./notice-rules.ts";
import { endWithReport, endWithSession } from "./overrides.ts";
import { undoMsAt } from "./place-settings.ts";
import { isQualified } from "./qualifications.ts";
import { Refused } from "./refuse.ts";
import { signOff } from "./training.ts";
import type { StoredEvent } from "./types.ts";

type Machine = { readonly id: string; readonly label: string; readonly course: string | null; readonly check: string | null };
type Of<K extends StoredEvent["body"]["kind"]> = Extract<StoredEvent["body"], { kind: K }>;

/** True when permissions or restrictions may be other ones now. Call inside the transaction that stored the events. */
export function applyConsequences(db: Database, keys: SiteKeys, node: string, fresh: readonly StoredEvent[]): boolean {
  let changed = false;
  for (const event of fresh) if (consequential.has(event.body.kind)) changed = consequenceOf(db, keys, node, event) || changed;
  if (changed) setMeta(db, "permission_version", numberMeta(db, "permission_version") + 1);
  return changed;
}

const consequential: ReadonlySet<StoredEvent["body"]["kind"]> = new Set([
  ...toldKinds,
  "access.decided",
  "access.duress",
  "card.captured",
  "door.opened",
  "door.opened_again",
  "mach.session_started",
  "mach.session_closed",
  "mach.signed_off",
  "mach.checked",
  "mach.oops",
  "mach.reset",
  "mach.fault",
  "mach.current_while_off",
  "mach.verify_failed",
  "node.boot",
]);

function consequenceOf(db: Database, keys: SiteKeys, node: string, event: StoredEvent): boolean {
  const { body } = event;
  if (body.kind === "access.decided" && body.proof !== undefined)
    noteCounter(db, (node === "hub" ? body.proof.node : undefined) ?? node, body.proof);
  if (body.kind === "access.decided" && body.outcome !== "deny" && !isBelated(event, body)) return false; // every tap comes here
  const context: CommandContext = { db, keys, nowMs: event.evtMs, tz: getMeta(db, "tz") ?? "UTC", actor: `node:${node}` };
  if (body.kind === "access.duress") {
    tellDuress(context, { node: body.node, ch: event.ch }, body.member, `duress/${body.decision}`);
    audit(context, "duress", `member ${body.member}`, { node: body.node, ch: event.ch, decision: body.decision });
    return false;
  }
  if (body.kind === "door.opened" || body.kind === "door.opened_again") return noteVisits(context, body.who);
  if (body.kind === "node.boot") return body.wiring !== undefined && noteWiring(context, node, body.wiring);
  if (body.kind === "card.captured") return cardCaptured(context, event, body.cardKey);
  if (body.kind === "access.decided") {
    tellRefusal(context, event);
    if (isBelated(event, body)) noteException(context, event, body);
    return false;
  }
  if (isTold(body.kind)) {
    tellAlarm(context, event);
    return false;
  }
  const machine = db.one<Machine>(
    "SELECT id, label, course, policy ->> 'check' AS \"check\" FROM resources WHERE node = ? AND ch = ? AND kind = 'machine'",
    node,
    event.ch,
  );
  if (machine === undefined) return false;
  switch (body.kind) {
    case "mach.session_started":
      return checkIn(context, machine, body.member);
    case "mach.session_closed":
      return closed(context, machine, event, body);
    case "mach.signed_off":
      return signedOff(context, machine, event, body);
    case "mach.checked":
      return checked(context, machine, body);
    case "mach.oops": {
      const ended = endWithReport(context, machine.id);
      return lockAndTell(context, machine, event, "oops", "reported at the machine") || ended;
    }
    case "mach.fault":
      return lockAndTell(context, machine, event, "fault", `found by its node: ${body.cause}`);
    case "mach.current_while_off":
      tellUnowned(context, event);
      return lockAndTell(context, machine, event, "fault", "found by its node: current while it is off");
    case "mach.verify_failed":
      return lockAndTell(context, machine, event, "fault", "found by its node: still powered after switching off");
    case "mach.reset":
      return isQualified(db, body.member, "maintainer", machine.id, localToday(context.tz, event.evtMs))
        ? unlock({ ...context, actor: `member:${body.member}` }, machine.id, "oops", "reset at the machine")
        : false;
    default:
      return false;
  }
}

/** Days on which guests came. They count from tomorrow on, so nothing is new today. */
function noteVisits({ db, nowMs, tz }: CommandContext, who: readonly number[]): false {
  for (const member of who) {
    db.run(
      "INSERT INTO visits (member, date) SELECT member, ? FROM guests WHERE member = ? ON CONFLICT DO NOTHING",
      localToday(tz, nowMs),
      member,
    );
  }
  return false;
}

/** Told late, a use corrects what the clock alone took for a no-show, unless somebody else has the machine by then. */
function checkIn(context: CommandContext, machine: Machine, member: number): boolean {
  const { db, nowMs } = context;
  const booking = db.one<{ booking: number }>(
    `SELECT booking FROM bookings b WHERE machine = ?1 AND member = ?2 AND from_ms - ${earlyMs} <= ?3 AND until_ms > ?3
       AND (state = 'confirmed' OR (state = 'no_show' AND NOT EXISTS (SELECT 1 FROM bookings o WHERE o.machine = ?1
         AND o.from_ms < b.until_ms AND o.until_ms > b.from_ms AND o.state IN ('confirmed', 'checked_in', 'done'))))
     ORDER BY state, from_ms LIMIT 1`,
    machine.id,
    member,
    nowMs,
  );
  if (booking === undefined) return false;
  db.run("UPDATE bookings SET state = 'checked_in' WHERE booking = ?", booking.booking);
  audit({ ...context, actor: `member:${member}` }, "checkIn", `booking ${booking.booking}`, { machine: machine.id });
  return true;
}

/** A session in which the machine was not used leaves everything as it was. */
function closed(context: CommandContext, machine: Machine, event: StoredEvent, body: Of<"mach.session_closed">): boolean {
  if (body.reason === "duplicate") return false;
  tellWaiting(context, machine.id);
  if (body.reason === "not_used") return false;
  const row = context.db.one<{ record: string }>("SELECT record FROM sessions WHERE node = ? AND session = ?", event.node, body.session);
  const session: SessionRecord | undefined = row === undefined ? undefined : JSON.parse(row.record);
  if (session !== undefined) tellOwner(context, machine.label, session, `${event.node}/${event.boot}/${event.seq}`);
  const ended = session !== undefined && endWithSession(context, machine.id, session.member, session.startMs);
  return (machine.check !== null && checkDue(context, machine, session)) || ended;
}

function checkDue(context: CommandContext, machine: Machine, session: { readonly member: number } | undefined): boolean {
  context.db.run(
    `INSERT INTO checks (machine, last_member, rejected) VALUES (?, ?, 0)
     ON CONFLICT (machine) DO UPDATE SET last_member = excluded.last_member, rejected = 0`,
    machine.id,
    session?.member ?? 0,
  );
  lock(context, machine.id, "check", "when_idle", "to be checked after the last use");
  return true;
}

function checked(context: CommandContext, machine: Machine, body: Of<"mach.checked">): boolean {
  const by = { ...context, actor: `member:${body.member}` };
  if (!body.accepted) {
    audit(by, "rejectCheck", `machine ${machine.id}`, {});
    return context.db.run("UPDATE checks SET rejected = 1 WHERE machine = ? AND rejected = 0", machine.id) > 0;
  }
  context.db.run("DELETE FROM checks WHERE machine = ?", machine.id);
  return unlock(by, machine.id, "check", "accepted at the machine");
}

/** A training record out of two cards at the machine. What the rules do not allow stays an incident in the audit, and no record. */
function signedOff(context: CommandContext, machine: Machine, event: StoredEvent, body: Of<"mach.signed_off">): boolean {
  const { member, trainer, undone } = body;
  const by = { ...context, actor: `member:${trainer}` };
  const detail = { course: machine.course, session: body.session, machine: machine.id };
  try {
    if (machine.course === null) throw new Refused("CONFLICT", `${machine.id} needs no course.`);
    if (undone) {
      const undoMs = undoMsAt(context.db, machine.id);
      const taken = context.db.run(
        `UPDATE records SET revoked_ms = ?1, revoked_by = ?2 WHERE record = (SELECT max(record) FROM records WHERE member = ?3 AND course = ?4
           AND signed_off_by = ?5 AND source IS NOT NULL AND revoked_ms IS NULL AND at_ms >= ?1 - ${undoMs})`,
        event.evtMs,
        by.actor,
        member,
        machine.course,
        trainer,
      );
      if (taken === 0) throw new Refused("NOT_FOUND", `There is no sign-off of the last ${undoMs / minute} minutes to undo.`);
      audit(by, "undoTraining", `member ${member}`, detail);
      return true;
    }
    const on = localToday(context.tz, event.evtMs);
    const source = `${event.node}/${event.boot}/${event.seq}`;
    signOff(by, { member, course: machine.course, signedOffBy: trainer, result: "passed", on, source });
    audit(by, "grantTraining", `member ${member}`, detail);
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    audit(by, "signOffRefused", `member ${member}`, { ...detail, why: error.message });
    return false;
  }
}

function lockAndTell(context: CommandContext, machine: Machine, event: StoredEvent, kind: "oops" | "fault", reason: string): boolean {
  const isNew = lock(context, machine.id, kind, "immediate", reason);
  if (isNew) tellLocked(context, machine, `locked/${event.node}/${event.boot}/${event.seq}`);
  return isNew;
}

function lock(
  context: CommandContext,
  machine: string,
  kind: "oops" | "check" | "fault",
  mode: "when_idle" | "immediate",
  reason: string,
): boolean {
  const { db, nowMs, actor } = context;
  const open = db.one("SELECT 1 FROM lockouts WHERE machine = ? AND kind = ? AND cleared_ms IS NULL", machine, kind);
  if (open !== undefined) return false;
  db.run(
    "INSERT INTO lockouts (machine, kind, mode, reason, at_ms, by_actor) VALUES (?, ?, ?, ?, ?, ?)",
    machine,
    kind,
    mode,
    reason,
    nowMs,
    actor,
  );
  audit(context, "lockMachine", `machine ${machine}`, { kind, mode, reason });
  return true;
}

/** Clears what stood at that moment: a node may tell of it late, and what somebody has locked since is another matter. */
function unlock(context: CommandContext, machine: string, kind: "oops" | "check", reason: string): boolean {
  const cleared = context.db.run(
    "UPDATE lockouts SET cleared_ms = ?1, cleared_by = ?2, cleared_reason = ?3 WHERE machine = ?4 AND kind = ?5 AND cleared_ms IS NULL AND at_ms <= ?1",
    context.nowMs,
    context.actor,
    reason,
    machine,
    kind,
  );
  if (cleared > 0) audit(context, "unlockMachine", `machine ${machine}`, { kind, reason });
  return cleared > 0;
}

function audit(context: CommandContext, action: string, target: string, detail: object): void {
  appendAudit(context.db, { atMs: context.nowMs, actor: context.actor, action, target, detail: JSON.stringify(detail) });
}
