/** Lists for people, straight from the tables. */
import { readCommissionings } from "./commissioning.ts";
import { readCorrections } from "./corrections.ts";
import type { Database } from "./database.ts";
import { everyTable } from "./everything.ts";
import { knownAs } from "./known-members.ts";
import { noticesDue } from "./notice-post.ts";
import { readChannels, readNoticeSettings, readNotices } from "./notices.ts";
import { readProjects } from "./projects.ts";
import { readSpaceFacts } from "./space-facts.ts";
import type {
  AccessoryRow,
  BlockRow,
  BookingRow,
  CaptureRow,
  CircuitRow,
  ClassRow,
  CourseRow,
  CreditRow,
  ExceptionRow,
  GuardianRow,
  GuestRow,
  MembershipRow,
  OverrideRow,
  QualificationRow,
  RowReads,
  ShiftRow,
  TrainingRow,
  ZoneRow,
} from "./types-rows.ts";
import { readWebhooks, webhooksDue } from "./webhooks.ts";

const most = 10_000;

export function rowReads(db: Database): RowReads {
  return {
    knownAs: (row) => knownAs(db, row),
    spaceFacts: () => readSpaceFacts(db),
    everyTable: () => everyTable(db),
    webhooks: () => readWebhooks(db),
    webhooksDue: (nowMs) => webhooksDue(db, nowMs),
    corrections: (query) => readCorrections(db, query),
    projects: () => readProjects(db),
    ...peopleReads(db),
    ...trainingReads(db),
    ...timeReads(db),
    ...placeReads(db),
  };
}

/** Who belongs here, how, and what keeps them out. */
function peopleReads(
  db: Database,
): Pick<
  RowReads,
  "notices" | "noticeChannels" | "noticeSettings" | "noticesDue" | "memberships" | "blocks" | "guests" | "guardians" | "credit"
> {
  return {
    notices: ({ member, limit }) => readNotices(db, member, limit),
    noticeChannels: (member) => readChannels(db, member),
    noticeSettings: (member) => readNoticeSettings(db, member),
    noticesDue: (nowMs) => noticesDue(db, nowMs),
    memberships: (member) =>
      db.all<MembershipRow>(
        `SELECT member, plan, from_date AS "from", valid_through AS validThrough, grace_days AS graceDays
         FROM memberships WHERE member = ? ORDER BY from_date, id`,
        member,
      ),
    blocks: (member) =>
      db.all<BlockRow>(
        `SELECT member, place, reason, at_ms AS atMs, by_actor AS by, through FROM blocks
         WHERE cleared_ms IS NULL AND (?1 IS NULL OR member = ?1) ORDER BY member, block LIMIT ${most}`,
        member ?? null,
      ),
    guests: () =>
      db.all<GuestRow>(
        `SELECT g.member, m.display_name AS displayName, g.host, g.until_ms AS untilMs, g.visits,
           (SELECT count(*) FROM visits v WHERE v.member = g.member) AS came
         FROM guests g JOIN members m ON m.member = g.member ORDER BY g.member LIMIT ${most}`,
      ),
    guardians: (member) =>
      db.all<GuardianRow>("SELECT member, guardian, consent_ms AS consentMs FROM guardians WHERE member = ? ORDER BY guardian", member),
    credit(member) {
      const entries = db.all<CreditRow>(
        `SELECT entry, cents, reason, at_ms AS atMs, by_actor AS by, reverses FROM credit WHERE member = ? ORDER BY entry DESC LIMIT ${most}`,
        member,
      );
      return { balanceCents: creditCents(db, member), entries };
    },
  };
}

/** What can be learned, and who has learned it. */
function trainingReads(db: Database): Pick<RowReads, "trainings" | "courses" | "qualifications"> {
  return {
    trainings: (member) =>
      db.all<TrainingRow>(
        `SELECT member, course, rev, result, signed_off_by AS signedOffBy, on_date AS "on", valid_through AS validThrough,
           suspended_ms AS suspendedMs, revoked_ms AS revokedMs FROM records WHERE member = ? ORDER BY course, record`,
        member,
      ),
    courses: () =>
      db
        .all<Omit<CourseRow, "prerequisites"> & { readonly prerequisites: string }>(
          `SELECT c.course, c.label, r.rev, r.effective, r.validity_months AS validityMonths, r.currency_days AS currencyDays,
             r.min_age AS minAge, r.prerequisites FROM courses c JOIN revisions r ON r.course = c.course
           WHERE r.rev = (SELECT max(rev) FROM revisions x WHERE x.course = c.course) ORDER BY c.course`,
        )
        .map((row) => ({ ...row, prerequisites: JSON.parse(row.prerequisites) })),
    qualifications: () =>
      db.all<QualificationRow>(
        `SELECT member, role, scope, from_date AS "from", through FROM qualifications ORDER BY role, scope, member LIMIT ${most}`,
      ),
  };
}

/** What is arranged for a time, or holds for a while. */
function timeReads(db: Database): Pick<RowReads, "bookings" | "classes" | "wishes" | "shifts" | "capture" | "overrides" | "exceptions"> {
  return {
    bookings: (fromMs) =>
      db.all<BookingRow>(
        `SELECT booking, machine, member, class, from_ms AS fromMs, until_ms AS untilMs, state FROM bookings
         WHERE until_ms > ? ORDER BY from_ms, booking LIMIT ${most}`,
        fromMs,
      ),
    classes: (fromMs) => readClasses(db, fromMs),
    wishes: () =>
      db.all(`SELECT wish, member, course, machine, at_ms AS atMs FROM wishes WHERE ended_ms IS NULL ORDER BY wish LIMIT ${most}`),
    shifts: (fromMs) =>
      db.all<ShiftRow>(
        `SELECT shift, member, zone, from_ms AS fromMs, until_ms AS untilMs FROM shifts WHERE until_ms > ? ORDER BY from_ms, shift LIMIT ${most}`,
        fromMs,
      ),
    capture: (capture) =>
      db.one<CaptureRow>(
        "SELECT capture, member, until_ms AS untilMs, card_key AS cardKey, refused FROM captures WHERE capture = ?",
        capture,
      ),
    overrides: (atMs) =>
      db
        .all<Omit<OverrideRow, "codes"> & { readonly codes: string }>(
          `SELECT override, member, resource, by_member AS by, codes, reason, at_ms AS atMs, until_ms AS untilMs FROM overrides
           WHERE ended_ms IS NULL AND at_ms <= ?1 AND until_ms > ?1 ORDER BY override LIMIT ${most}`,
          atMs,
        )
        .map((row) => ({ ...row, codes: JSON.parse(row.codes) })),
    exceptions: ({ after = 0, all = false }) =>
      db
        .all<ExceptionRow>(
          `SELECT exception, member, resource, code, evt_ms AS evtMs, noticed_ms AS noticedMs, closed_ms AS closedMs FROM exceptions
           WHERE exception > ? AND (? OR closed_ms IS NULL) ORDER BY exception DESC LIMIT 1000`,
          after,
          all ? 1 : 0,
        )
        .reverse(),
  };
}

/** Where things stand, and how they were left. */
function placeReads(db: Database): Pick<RowReads, "zones" | "circuits" | "accessories" | "commissionings" | "checkOf" | "lastEnds"> {
  return {
    commissionings: (resource) => readCommissionings(db, resource),
    zones: () => db.all<ZoneRow>("SELECT zone, label, parent, people, capacity, lone_working AS loneWorking FROM zones ORDER BY zone"),
    circuits: () => db.all<CircuitRow>("SELECT circuit, label, budget_w AS budgetW FROM circuits ORDER BY circuit"),
    accessories: () => db.all<AccessoryRow>("SELECT machine, accessory, label, course FROM accessories ORDER BY machine, accessory"),
    checkOf(machine) {
      const row = db.one<{ rejected: number; lastMember: number }>(
        "SELECT rejected, last_member AS lastMember FROM checks WHERE machine = ?",
        machine,
      );
      return row === undefined ? null : { rejected: row.rejected === 1, lastMember: row.lastMember };
    },
    lastEnds: () => db.all("SELECT node, ch, max(end_ms) AS endMs FROM sessions WHERE end_ms IS NOT NULL GROUP BY node, ch"),
  };
}

export function creditCents(db: Database, member: number): number {
  return db.one<{ cents: number | null }>("SELECT sum(cents) AS cents FROM credit WHERE member = ?", member)?.cents ?? 0;
}

function readClasses(db: Database, fromMs: number): ClassRow[] {
  const rows = db.all<
    Omit<ClassRow, "places" | "isCancelled" | "enrolled" | "present" | "guests"> & {
      readonly places: string;
      readonly cancelledMs: number | null;
    }
  >(
    `SELECT class, label, from_ms AS fromMs, until_ms AS untilMs, places, cancelled_ms AS cancelledMs, seats, course, kind FROM classes
     WHERE until_ms > ? ORDER BY from_ms, class LIMIT ${most}`,
    fromMs,
  );
  return rows.map(({ places, cancelledMs, ...row }) => ({
    ...row,
    places: JSON.parse(places),
    isCancelled: cancelledMs !== null,
    enrolled: db
      .all<{ member: number }>("SELECT member FROM enrolments WHERE class = ? ORDER BY member", row.class)
      .map(({ member }) => member),
    ...present(db, row.class),
  }));
}

function present(db: Database, name: string): Pick<ClassRow, "present" | "guests"> {
  const rows = db.all<ClassRow["present"][number] & { readonly guests: number }>(
    "SELECT attendance, member, guests FROM attendances WHERE class = ? AND undone_ms IS NULL ORDER BY attendance",
    name,
  );
  return { present: rows, guests: rows.reduce((sum, { guests }) => sum + guests, 0) };
}
