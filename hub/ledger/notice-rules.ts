/**
 * Who is told of what: small rules over what is recorded, in the transaction that records it or, where only time passes, each minute.
 * Each notice has a source of its own, so that telling a thing again is telling nothing.
 */
import { minute } from "#contract";
import { type NoticeFacts, type NoticeKind, noticeOfEnd, type SessionRecord } from "#core";
import type { CommandContext } from "./commands.ts";
import type { Database } from "./database.ts";
import { addDays, localToday } from "./dates.ts";
import { noteNotice } from "./notices.ts";
import type { StoredEvent } from "./types.ts";
import type { NoticeToTell } from "./types-rows.ts";

/** Days before the end of a training or a membership at which it is told (experience.md §8). */
const trainingDays = [7, 30] as const;
const membershipDays = [7, 30] as const;
const bookingAheadMs = 60 * minute;
const deniedTimes = 3;
const deniedWithinMs = 15 * minute;
const toldMost = 50;
/** Nobody is told before nine that something ends in a month. */
const fromHour = 9;

type Told = { readonly kind: NoticeKind; readonly facts: NoticeFacts; readonly source: string };

const labelAt = (db: Database, node: string, ch: string): string =>
  db.one<{ label: string }>("SELECT label FROM resources WHERE node = ? AND ch = ?", node, ch)?.label ?? ch;

/** Members of staff and stewards, but whoever it is about. */
export function tellStaff(context: CommandContext, told: Told, but = 0): void {
  const staff = context.db.all<{ member: number }>(
    `SELECT DISTINCT m.member FROM members m, json_each(m.roles) r
     WHERE r.value IN ('staff', 'steward') AND m.status = 'active' AND m.member <> ? ORDER BY m.member LIMIT ${toldMost}`,
    but,
  );
  for (const { member } of staff) noteNotice(context, member, told.source, told.kind, told.facts);
}

function tellQualified(context: CommandContext, role: "trainer" | "maintainer", scope: string, told: Told, but = 0): void {
  const { db, nowMs, tz } = context;
  const found = db.all<{ member: number }>(
    `SELECT DISTINCT member FROM qualifications WHERE role = ?1 AND (scope IS NULL OR scope = ?2) AND member <> ?3
       AND coalesce(from_date, '') <= ?4 AND coalesce(through, '9') >= ?4 ORDER BY member LIMIT ${toldMost}`,
    role,
    scope,
    but,
    localToday(tz, nowMs),
  );
  for (const { member } of found) noteNotice(context, member, told.source, told.kind, told.facts);
}

/** An override is told to everybody who maintains the door or machine, but not to whoever gave it (domain.md §3.5). */
export function tellOverride(context: CommandContext, resource: string, override: number, by: number, untilMs: number): void {
  const label = context.db.one<{ label: string }>("SELECT label FROM resources WHERE id = ?", resource)?.label ?? resource;
  tellQualified(context, "maintainer", resource, { kind: "override_given", facts: { label, untilMs }, source: `override/${override}` }, by);
}

/** Staff are told of a silent alarm; whoever raised it is not: their telephone may be in other hands (security.md R48). */
export function tellDuress(
  context: CommandContext,
  place: { readonly node: string; readonly ch: string },
  raisedBy: number,
  source: string,
): void {
  tellStaff(context, { kind: "duress", facts: { label: labelAt(context.db, place.node, place.ch) }, source }, raisedBy);
}

/** Whoever left the machine to its job hears how it ended (domain.md §4.5). */
export function tellOwner(context: CommandContext, label: string, session: SessionRecord, source: string): void {
  const told = noticeOfEnd(session, label);
  if (told !== null) noteNotice(context, session.member, source, told.kind, told.facts);
}

/** Kinds of events of which staff or a member may have to hear at once; those of jobs and alarms without words go their own way. */
export const toldKinds = ["door.forced_open", "door.held_open", "mach.manual_bypass", "mach.unattributed_use"] as const;
type ToldKind = (typeof toldKinds)[number];
export const isTold = (kind: StoredEvent["body"]["kind"]): kind is ToldKind => toldKinds.some((one) => one === kind);

const sourceOf = ({ node, boot, seq }: StoredEvent): string => `${node}/${boot}/${seq}`;

export function tellAlarm(context: CommandContext, event: StoredEvent): void {
  const { body, node, ch } = event;
  const facts = { label: labelAt(context.db, node, ch) };
  if (body.kind === "door.forced_open") tellStaff(context, { kind: "door_forced", facts, source: sourceOf(event) });
  if (body.kind === "door.held_open") tellStaff(context, { kind: "door_held", facts, source: sourceOf(event) });
  if (body.kind === "mach.unattributed_use" || (body.kind === "mach.manual_bypass" && body.on && body.cause === "unowned_power"))
    tellUnowned(context, event);
}

/** Current where nobody has begun: past the switch, or a contactor that is welded. */
export function tellUnowned(context: CommandContext, event: StoredEvent): void {
  const { db } = context;
  const row = db.one<{ id: string; label: string }>("SELECT id, label FROM resources WHERE node = ? AND ch = ?", event.node, event.ch);
  const told: Told = { kind: "power_unowned", facts: { label: row?.label ?? event.ch }, source: sourceOf(event) };
  tellStaff(context, told);
  if (row !== undefined) tellQualified(context, "maintainer", row.id, told);
}

/** A machine that locked itself, or was reported. */
export function tellLocked(context: CommandContext, machine: { readonly id: string; readonly label: string }, source: string): void {
  const told: Told = { kind: "machine_faulty", facts: { label: machine.label }, source };
  tellStaff(context, told);
  tellQualified(context, "maintainer", machine.id, told);
}

/** A refusal: a blocked card that somebody tries is told to its member; three in a quarter of an hour to staff. */
export function tellRefusal(context: CommandContext, event: StoredEvent): void {
  const { body, node, ch, evtMs } = event;
  if (body.kind !== "access.decided" || body.outcome !== "deny" || node === "hub" || body.member === 0) return;
  const { db } = context;
  const label = labelAt(db, node, ch);
  if (body.reason === "CREDENTIAL_REVOKED")
    noteNotice(context, body.member, `card-used/${ch}/${Math.floor(evtMs / (60 * minute))}`, "card_used", { label });
  const refused = db.one<{ c: number }>(
    `SELECT count(*) AS c FROM events WHERE member = ? AND kind = 'access.decided' AND node = ? AND ch = ? AND evt_ms BETWEEN ? AND ?
       AND body ->> 'outcome' = 'deny'`,
    body.member,
    node,
    ch,
    evtMs - deniedWithinMs,
    evtMs,
  );
  const count = refused?.c ?? 0;
  const source = `denied/${body.member}/${node}/${ch}/${Math.floor(evtMs / deniedWithinMs)}`;
  if (count >= deniedTimes) tellStaff(context, { kind: "denied_often", facts: { label, count }, source }, body.member);
}

/** A card that somebody else has blocked. */
export function tellBlocked(context: CommandContext, member: number, cardKey: string): void {
  if (context.actor === `member:${member}`) return;
  const label = context.db.one<{ label: string }>("SELECT label FROM cards WHERE card_key = ?", cardKey)?.label ?? "";
  noteNotice(context, member, `card/${cardKey.slice(0, 8)}/${context.nowMs}`, "card_blocked", { label });
}

export function tellRequest(context: CommandContext, booking: number, machine: string, member: number): void {
  const label = context.db.one<{ label: string }>("SELECT label FROM resources WHERE id = ?", machine)?.label ?? machine;
  tellStaff(context, { kind: "booking_asked", facts: { label }, source: `booking-asked/${booking}` }, member);
}

/** Whoever may teach it hears that a class is full. */
export function tellIfFull(context: CommandContext, ofClass: string): void {
  const row = context.db.one<{ label: string; course: string | null; seats: number | null; taken: number }>(
    "SELECT label, course, seats, (SELECT count(*) FROM enrolments e WHERE e.class = c.class) AS taken FROM classes c WHERE class = ?",
    ofClass,
  );
  if (row === undefined || row.course === null || row.seats === null || row.taken < row.seats) return;
  tellQualified(context, "trainer", row.course, { kind: "class_full", facts: { label: row.label }, source: `class-full/${ofClass}` });
}

export function tellDraft(context: CommandContext, month: string): void {
  tellStaff(context, { kind: "month_ready", facts: { label: month }, source: `month/${month}` });
}

/** What the running hub has noticed. */
export function tellNoticed(context: CommandContext, noticed: readonly NoticeToTell[]): void {
  for (const { to, ...told } of noticed.slice(0, toldMost)) {
    if (to === "staff") tellStaff(context, told);
    else
      for (const member of to.slice(0, toldMost))
        if (isKnown(context.db, member)) noteNotice(context, member, told.source, told.kind, told.facts);
  }
}
const isKnown = (db: Database, member: number): boolean => db.one("SELECT 1 FROM members WHERE member = ?", member) !== undefined;

/** What only time brings near: bookings, and by day the ends of trainings and memberships. */
export function noticeWhatIsNear(context: CommandContext): void {
  const { db, nowMs, tz } = context;
  const bookings = db.all<{ booking: number; member: number; fromMs: number; label: string }>(
    `SELECT b.booking, b.member, b.from_ms AS fromMs, r.label FROM bookings b JOIN resources r ON r.id = b.machine
     WHERE b.state = 'confirmed' AND b.member IS NOT NULL AND b.from_ms > ?1 AND b.from_ms <= ?2 AND b.at_ms <= b.from_ms - ${bookingAheadMs} LIMIT 500`,
    nowMs,
    nowMs + bookingAheadMs,
  );
  for (const { booking, member, fromMs, label } of bookings)
    noteNotice(context, member, `booking/${booking}/${fromMs}`, "booking_soon", { label, untilMs: fromMs });
  if (Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(tz).hour < fromHour) return;
  const today = localToday(tz, nowMs);
  for (const days of trainingDays) endingTrainings(context, today, days);
  for (const days of membershipDays) endingMemberships(context, today, days);
}

/** Of each course the training that holds longest; who has a newer one is not bothered with the old. */
function endingTrainings(context: CommandContext, today: string, days: number): void {
  const rows = context.db.all<{ record: number; member: number; day: string; label: string }>(
    `SELECT r.record, r.member, r.valid_through AS day, c.label FROM records r JOIN courses c ON c.course = r.course JOIN members m ON m.member = r.member
     WHERE r.revoked_ms IS NULL AND r.suspended_ms IS NULL AND r.result = 'passed' AND r.valid_through BETWEEN ?1 AND ?2 AND m.status = 'active'
       AND NOT EXISTS (SELECT 1 FROM records o WHERE o.member = r.member AND o.course = r.course AND o.result = 'passed' AND o.revoked_ms IS NULL
         AND (o.valid_through IS NULL OR o.valid_through > r.valid_through)) LIMIT 2000`,
    windowFrom(today, days),
    addDays(today, days),
  );
  for (const { record, member, day, label } of rows)
    noteNotice(context, member, `training/${record}/${day}/${days}`, "training_ends", { label, day });
}

function endingMemberships(context: CommandContext, today: string, days: number): void {
  const rows = context.db.all<{ id: number; member: number; day: string }>(
    `SELECT s.id, s.member, s.valid_through AS day FROM memberships s JOIN members m ON m.member = s.member
     WHERE s.valid_through BETWEEN ?1 AND ?2 AND m.status = 'active'
       AND NOT EXISTS (SELECT 1 FROM memberships o WHERE o.member = s.member AND (o.valid_through IS NULL OR o.valid_through > s.valid_through)) LIMIT 2000`,
    windowFrom(today, days),
    addDays(today, days),
  );
  for (const { id, member, day } of rows)
    noteNotice(context, member, `membership/${id}/${day}/${days}`, "membership_ends", { label: day, day });
}

/** A hub that was off for some days makes up for it, but says nothing twice: what the shorter warning is for, the longer one is not. */
const windowFrom = (today: string, days: number): string => addDays(today, days === 30 ? 8 : 0);
