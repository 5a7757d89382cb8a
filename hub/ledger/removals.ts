/**
 * Commands that take back what was added by mistake, such as under a wrong name, while nothing has come of it: what has a history
 * stays, so that the history can be read. Each runs inside one transaction.
 */
import type { CommandContext, Handlers } from "./commands.ts";
import { Refused } from "./refuse.ts";
import { missing, need } from "./rows.ts";

/** What names a door or machine, ?1, or has happened there. */
const resourceUses = `
  SELECT 'plan ' || plan AS by FROM plans, json_each(covers) WHERE value = ?1
  UNION ALL SELECT 'class ' || class FROM classes, json_each(places) WHERE value = ?1
  UNION ALL SELECT 'its accessory ' || accessory FROM accessories WHERE machine = ?1
  UNION ALL SELECT 'a maintainer, member ' || member FROM qualifications WHERE scope = ?1 AND role = 'maintainer'
  UNION ALL SELECT 'a restriction of member ' || member FROM blocks WHERE place = ?1
  UNION ALL SELECT 'a booking' FROM bookings WHERE machine = ?1
  UNION ALL SELECT 'a lockout' FROM lockouts WHERE machine = ?1
  UNION ALL SELECT 'an override' FROM overrides WHERE resource = ?1
  UNION ALL SELECT 'an exception' FROM exceptions WHERE resource = ?1
  UNION ALL SELECT 'a use to be checked' FROM checks WHERE machine = ?1
  UNION ALL SELECT 'a headcount' FROM headcounts WHERE machine = ?1
  UNION ALL SELECT 'a sum of money' FROM money_lines WHERE machine = ?1
  UNION ALL SELECT 'what it used up' FROM materials WHERE machine = ?1
  UNION ALL SELECT 'a wish of member ' || member FROM wishes WHERE machine = ?1
  UNION ALL SELECT 'the kiosk ' || screen FROM screens WHERE reader = ?1
  UNION ALL SELECT 'planned maintenance' FROM planned_maintenance WHERE machine = ?1
  UNION ALL SELECT 'the project ' || project FROM project_assets WHERE machine = ?1
  UNION ALL SELECT 'what its node has recorded' FROM resources r JOIN events e ON e.node = r.node AND e.ch = r.ch WHERE r.id = ?1
  UNION ALL SELECT 'what another node has recorded for it' FROM former_places f JOIN events e ON e.node = f.node AND e.ch = f.ch WHERE f.resource = ?1`;

export const removals: Pick<Handlers, "removePlan" | "removeCourse" | "removeSchedule" | "removeNode" | "removeMachine" | "removeDoor"> = {
  removePlan(context, { plan }) {
    need(context, "plans", plan);
    const uses = "SELECT 'a membership of member ' || member AS by FROM memberships WHERE plan = ?1";
    needUnused(context, `Plan ${plan}`, plan, uses, "A plan that somebody had stays on record; give it another label.");
    context.db.run("DELETE FROM plans WHERE plan = ?", plan);
    return {};
  },

  removeCourse(context, { course }) {
    need(context, "courses", course);
    const uses = `
      SELECT id AS by FROM resources WHERE course = ?1 UNION ALL SELECT accessory FROM accessories WHERE course = ?1
      UNION ALL SELECT 'course ' || course FROM revisions, json_each(prerequisites) WHERE value = ?1
      UNION ALL SELECT 'class ' || class FROM classes WHERE course = ?1
      UNION ALL SELECT 'a wish of member ' || member FROM wishes WHERE course = ?1
      UNION ALL SELECT 'a trainer, member ' || member FROM qualifications WHERE scope = ?1 AND role = 'trainer'
      UNION ALL SELECT 'a training of member ' || member FROM records WHERE course = ?1`;
    needUnused(context, `Course ${course}`, course, uses, "Let nothing name it; one in which somebody was trained stays on record.");
    context.db.run("DELETE FROM revisions WHERE course = ?", course);
    context.db.run("DELETE FROM courses WHERE course = ?", course);
    return {};
  },

  removeSchedule(context, { schedule }) {
    need(context, "schedules", schedule);
    const uses = `
      SELECT 'the opening hours' AS by FROM meta WHERE key = 'opening_hours' AND value = ?1
      UNION ALL SELECT 'plan ' || plan FROM plans WHERE schedule = ?1
      UNION ALL SELECT id FROM resources WHERE ?1 IN (policy ->> 'hours', policy ->> 'passage', policy ->> 'twoPerson')`;
    needUnused(context, `Schedule ${schedule}`, schedule, uses, "Let nothing name it first.");
    context.db.run("DELETE FROM schedules WHERE schedule = ?", schedule);
    return {};
  },

  /** Versions that were published under its name stay, so that a node of the same name is never told an older one. */
  removeNode(context, { node }) {
    const { db } = context;
    const row = db.one<{ status: string }>("SELECT status FROM nodes WHERE node = ?", node);
    if (row === undefined) throw missing("node", node);
    const uses = `
      SELECT kind || ' ' || id AS by FROM resources WHERE node = ?1 UNION ALL SELECT 'what it has recorded' FROM boots WHERE node = ?1`;
    needUnused(context, `Node ${node}`, node, uses, "Remove its doors and machines first; one with a history stays, revoked.");
    if (row.status !== "revoked") {
      throw new Refused("CONFLICT", `Node ${node} may still be connected.`, `Cut it off first: \`koprade node revoke ${node}\`.`);
    }
    db.run("DELETE FROM offers WHERE node = ?", node);
    db.run("DELETE FROM nodes WHERE node = ?", node);
    return {};
  },

  removeMachine(context, { machine }) {
    removeResource(context, "machine", machine);
    return {};
  },

  removeDoor(context, { door }) {
    removeResource(context, "door", door);
    return {};
  },
};

function removeResource(context: CommandContext, kind: "door" | "machine", id: string): void {
  const { db } = context;
  if (db.one("SELECT 1 FROM resources WHERE id = ? AND kind = ?", id, kind) === undefined) throw missing(kind, id);
  needUnused(
    context,
    id,
    id,
    resourceUses,
    `One with a history stays; take it out of service: \`koprade policy set ${id} --disabled yes\`.`,
  );
  db.run("DELETE FROM captures WHERE resource = ?", id);
  db.run("DELETE FROM commissionings WHERE resource = ?", id);
  db.run("DELETE FROM former_places WHERE resource = ?", id);
  db.run("DELETE FROM dated_facts WHERE what = 'machine' AND name = ?", id);
  db.run("DELETE FROM resources WHERE id = ?", id);
}

function needUnused({ db }: CommandContext, what: string, name: string, uses: string, instead: string): void {
  const used = db.one<{ by: string }>(`${uses} LIMIT 1`, name);
  if (used !== undefined) throw new Refused("CONFLICT", `${what} is in use: ${used.by}.`, instead);
}
