/**
 * What the space is (hours, courses, zones, machines, doors, plans), each in the very words of the command that makes it, so that a file of
 * it can be kept, compared and given back. People, secrets and what has happened are not among it.
 */
import type { Database } from "./database.ts";
import { readSite } from "./meta.ts";

/** What stands under a name: the input of its command without the name. */
export type Described = Readonly<Record<string, unknown>>;
export type SpaceFacts = {
  readonly site: Described;
  readonly schedules: Readonly<Record<string, unknown>>;
  readonly courses: Readonly<Record<string, Described>>;
  readonly zones: Readonly<Record<string, Described>>;
  readonly circuits: Readonly<Record<string, Described>>;
  readonly nodes: Readonly<Record<string, Described>>;
  readonly machines: Readonly<Record<string, Described>>;
  readonly doors: Readonly<Record<string, Described>>;
  /** `machine/accessory` */
  readonly accessories: Readonly<Record<string, Described>>;
  readonly plans: Readonly<Record<string, Described>>;
};

export function readSpaceFacts(db: Database): SpaceFacts {
  const { name, locale, tz, openingHours, waiverRevision, adultAge, roster, settings } = readSite(db);
  return {
    site: { name, locale, tz, openingHours, waiverRevision, adultAge, roster, settings },
    schedules: named(db, "SELECT schedule AS name, hours AS value FROM schedules ORDER BY schedule"),
    courses: named(
      db,
      `SELECT c.course AS name, json_object('label', c.label, 'validityMonths', r.validity_months, 'currencyDays', r.currency_days,
         'minAge', r.min_age, 'prerequisites', json(r.prerequisites)) AS value
       FROM courses c JOIN revisions r ON r.course = c.course AND r.rev = (SELECT max(rev) FROM revisions x WHERE x.course = c.course)
       ORDER BY c.course`,
    ),
    zones: named(
      db,
      `SELECT zone AS name, json_object('label', label, 'parent', parent, 'people', people, 'capacity', capacity, 'loneWorking', lone_working)
         AS value FROM zones ORDER BY zone`,
    ),
    circuits: named(db, "SELECT circuit AS name, json_object('label', label, 'budgetW', budget_w) AS value FROM circuits ORDER BY circuit"),
    nodes: named(
      db,
      "SELECT node AS name, json_object('kind', kind, 'label', label) AS value FROM nodes WHERE status <> 'revoked' ORDER BY node",
    ),
    machines: named(
      db,
      `SELECT id AS name, json_patch(policy, json_object('node', node, 'ch', ch, 'label', label, 'riskClass', risk_class,
         'cutHazard', json(iif(cut_hazard, 'true', 'false')))) AS value, course, zone, settings FROM resources WHERE kind = 'machine' ORDER BY id`,
    ),
    doors: named(
      db,
      `SELECT id AS name, json_patch(policy, json_object('node', node, 'ch', ch, 'label', label, 'failMode', fail_mode)) AS value,
         course, zone, from_zone AS fromZone, settings FROM resources WHERE kind = 'door' ORDER BY id`,
    ),
    accessories: named(
      db,
      `SELECT machine || '/' || accessory AS name, json_object('label', label, 'course', course) AS value FROM accessories ORDER BY 1`,
    ),
    plans: named(
      db,
      `SELECT plan AS name, json_object('label', label, 'always', json(iif(always, 'true', 'false')), 'covers', json(coalesce(covers, '"everything"')),
         'schedule', schedule, 'unattendedMayFinish', json(iif(unattended_may_finish, 'true', 'false'))) AS value FROM plans ORDER BY plan`,
    ),
  };
}

type Row = { readonly name: string; readonly value: string; readonly settings?: string } & Readonly<Record<string, unknown>>;

function named(db: Database, sql: string): Readonly<Record<string, Described>> {
  return Object.fromEntries(
    db
      .all<Row>(sql)
      .map(({ name, value, settings, ...columns }) => [
        name,
        settings === undefined
          ? { ...JSON.parse(value), ...columns }
          : { ...said({ ...JSON.parse(value), ...columns }), settings: JSON.parse(settings) },
      ]),
  );
}

/** A policy is long, and most of it is not there. Whether a course is needed is always said. */
const said = (fields: Described): Described =>
  Object.fromEntries(Object.entries(fields).filter(([field, value]) => value !== null || field === "course"));
