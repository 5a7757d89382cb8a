/** Reads what holds for the whole site while facts are made: plans, schedules, courses, zones, bookings, shifts. */
import { readCommissioned } from "./commissioning.ts";
import type { Database } from "./database.ts";
import { DayCache, localToday } from "./dates.ts";
import { classMarginMs, type Plan, type SiteFacts } from "./facts.ts";
import type { Accessory, PlaceFacts, ZoneFact } from "./facts-resource.ts";
import type { Revision } from "./facts-training.ts";
import { readSite } from "./meta.ts";

export function readSiteFacts(db: Database, nowMs: number): SiteFacts {
  const site = readSite(db);
  const plans = readPlans(db);
  const schedules = db.all<{ schedule: string; hours: string }>("SELECT schedule, hours FROM schedules ORDER BY schedule");
  const used = new Set([...plans.values()].map((plan) => plan.schedule));
  return {
    nowMs,
    today: localToday(site.tz, nowMs),
    tz: site.tz,
    days: new DayCache(site.tz),
    waiverRevision: site.waiverRevision,
    adultAge: site.adultAge,
    plans,
    schedules: new Map(schedules.map((row) => [row.schedule, JSON.parse(row.hours)])),
    planSchedules: schedules.map((row) => row.schedule).filter((name) => used.has(name)),
    openingHours: site.openingHours,
    revisions: readRevisions(db),
    zones: readZones(db),
    places: readPlaces(db, nowMs, site.roster),
  };
}

function readPlans(db: Database): Map<string, Plan> {
  const rows = db.all<{ plan: string; always: number; covers: string | null; schedule: string | null; finish: number }>(
    "SELECT plan, always, covers, schedule, unattended_may_finish AS finish FROM plans",
  );
  return new Map(
    rows.map(({ plan, always, covers, schedule, finish }) => [
      plan,
      {
        plan,
        always: always === 1,
        covers: covers === null ? null : new Set<string>(JSON.parse(covers)),
        schedule,
        unattendedMayFinish: finish === 1,
      },
    ]),
  );
}

type RevisionRow = Omit<Revision, "prerequisites"> & { readonly course: string; readonly prerequisites: string };
export function readRevisions(db: Database): Map<string, Revision[]> {
  const courses = new Map<string, Revision[]>();
  for (const { course, prerequisites, ...row } of db.all<RevisionRow>(
    `SELECT course, rev, effective, supersedes, require_by AS requireBy, currency_days AS currencyDays, min_age AS minAge, prerequisites
     FROM revisions ORDER BY course, rev`,
  )) {
    const revision: Revision = { ...row, prerequisites: JSON.parse(prerequisites) };
    const known = courses.get(course);
    if (known === undefined) courses.set(course, [revision]);
    else known.push(revision);
  }
  return courses;
}

function readZones(db: Database): Map<string, ZoneFact> {
  const rows = db.all<ZoneFact>("SELECT zone, parent, people, capacity, lone_working AS loneWorking FROM zones");
  return new Map(rows.map((row) => [row.zone, row]));
}

type BookingRow = {
  readonly machine: string;
  readonly member: number;
  readonly state: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly class: string | null;
};

/** Bookings of classes carry the margins of the class: whoever is not enrolled waits until they are over. */
function readPlaces(db: Database, nowMs: number, roster: boolean): PlaceFacts {
  const accessories = db.all<Accessory & { readonly machine: string }>(
    "SELECT machine, accessory, label, course FROM accessories ORDER BY machine, accessory",
  );
  const bookings = db
    .all<BookingRow>(
      `SELECT machine, coalesce(member, 0) AS member, state, from_ms AS fromMs, until_ms AS untilMs, class FROM bookings
       WHERE until_ms > ? AND state IN ('confirmed', 'checked_in') ORDER BY from_ms, booking`,
      nowMs - classMarginMs,
    )
    .map((row) => ({
      machine: row.machine,
      fromMs: row.fromMs - (row.class === null ? 0 : classMarginMs),
      untilMs: row.untilMs + (row.class === null ? 0 : classMarginMs),
      member: row.member,
      checkedIn: row.state === "checked_in",
    }))
    .filter((row) => row.untilMs > nowMs);
  const shifts = db.all<{ fromMs: number; untilMs: number; member: number; zone: string | null }>(
    "SELECT from_ms AS fromMs, until_ms AS untilMs, member, zone FROM shifts WHERE until_ms > ? ORDER BY from_ms, shift",
    nowMs,
  );
  const circuits = db.all<{ circuit: string; budgetW: number }>("SELECT circuit, budget_w AS budgetW FROM circuits");
  return {
    accessories: Map.groupBy(accessories, (row) => row.machine),
    bookings: new Map(
      Map.groupBy(bookings, (row) => row.machine)
        .entries()
        .map(([machine, rows]) => [
          machine,
          rows.map(({ fromMs, untilMs, member, checkedIn }) => ({ fromMs, untilMs, member, checkedIn })),
        ]),
    ),
    shifts: roster ? shifts : null,
    commissioned: readCommissioned(db),
    budgetsW: new Map(circuits.map((row) => [row.circuit, row.budgetW])),
  };
}
