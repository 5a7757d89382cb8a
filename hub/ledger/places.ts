/** Commands about zones, circuits and accessories. Each runs inside one transaction. */
import type { Handlers } from "./commands.ts";
import { Refused } from "./refuse.ts";
import { exists, missing, need, needMachine } from "./rows.ts";

export const places: Pick<Handlers, "addZone" | "removeZone" | "addCircuit" | "removeCircuit" | "addAccessory" | "removeAccessory"> = {
  addZone(context, input) {
    const { db } = context;
    if (exists(context, "resources", input.zone))
      throw new Refused("ALREADY_EXISTS", `${input.zone} is a door or machine.`, "A restriction names a place: choose another name.");
    if (input.capacity !== "off" && input.people === null) {
      throw new Refused("BAD_INPUT", "people: a capacity needs a number.", "Say how many people the zone holds.");
    }
    for (let above = input.parent; above !== null; ) {
      if (above === input.zone) throw new Refused("CONFLICT", `parent: ${input.zone} would lie within itself.`, "Name a zone around it.");
      need(context, "zones", above);
      above = db.one<{ parent: string | null }>("SELECT parent FROM zones WHERE zone = ?", above)?.parent ?? null;
    }
    db.run(
      `INSERT INTO zones (zone, label, parent, people, capacity, lone_working) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (zone) DO UPDATE SET
         label = excluded.label, parent = excluded.parent, people = excluded.people, capacity = excluded.capacity,
         lone_working = excluded.lone_working`,
      input.zone,
      input.label,
      input.parent,
      input.people,
      input.capacity,
      input.loneWorking,
    );
    return {};
  },

  removeZone({ db }, input) {
    const used = db.one<{ name: string }>(
      `SELECT id AS name FROM resources WHERE zone = ?1 OR from_zone = ?1 UNION ALL SELECT zone FROM zones WHERE parent = ?1
       UNION ALL SELECT 'a shift' FROM shifts WHERE zone = ?1 UNION ALL SELECT 'a restriction' FROM blocks WHERE place = ?1 AND cleared_ms IS NULL`,
      input.zone,
    );
    if (used !== undefined) throw new Refused("CONFLICT", `Zone ${input.zone} is still in use: ${used.name}.`, "Move that first.");
    if (db.run("DELETE FROM zones WHERE zone = ?", input.zone) === 0) throw missing("zone", input.zone);
    return {};
  },

  addCircuit({ db }, input) {
    db.run(
      `INSERT INTO circuits (circuit, label, budget_w) VALUES (?, ?, ?)
       ON CONFLICT (circuit) DO UPDATE SET label = excluded.label, budget_w = excluded.budget_w`,
      input.circuit,
      input.label,
      input.budgetW,
    );
    return {};
  },

  removeCircuit({ db }, input) {
    const used = db.one<{ id: string }>("SELECT id FROM resources WHERE policy ->> 'circuit' = ?", input.circuit);
    if (used !== undefined) throw new Refused("CONFLICT", `${used.id} hangs on circuit ${input.circuit}.`, "Move that machine first.");
    if (db.run("DELETE FROM circuits WHERE circuit = ?", input.circuit) === 0) throw missing("circuit", input.circuit);
    return {};
  },

  addAccessory(context, input) {
    const { db } = context;
    needMachine(context, input.machine);
    if (input.course !== null) need(context, "courses", input.course);
    const others = db.one<{ count: number }>(
      "SELECT count(*) AS count FROM accessories WHERE machine = ? AND accessory <> ?",
      input.machine,
      input.accessory,
    );
    if ((others?.count ?? 0) >= 4) throw new Refused("CONFLICT", `${input.machine} has four accessories already.`, "Remove one first.");
    db.run(
      `INSERT INTO accessories (machine, accessory, label, course) VALUES (?, ?, ?, ?)
       ON CONFLICT (machine, accessory) DO UPDATE SET label = excluded.label, course = excluded.course`,
      input.machine,
      input.accessory,
      input.label,
      input.course,
    );
    return {};
  },

  removeAccessory({ db }, input) {
    const removed = db.run("DELETE FROM accessories WHERE machine = ? AND accessory = ?", input.machine, input.accessory);
    if (removed === 0) throw missing(`accessory of ${input.machine}`, input.accessory);
    return {};
  },
};
