/** What was added by mistake can be removed until something names it or has come of it; then the refusal says what. */
import { afterAll, beforeEach, expect, it } from "vitest";
import { runCommand } from "../../../hub/ledger/commands.ts";
import type { CommandInput, CommandName } from "../../../hub/ledger/inputs.ts";
import { nowMs, openSpace, type Space } from "../../support/every-command.ts";
import { temporaryDir } from "../../support/ledger.ts";

const folders: ReturnType<typeof temporaryDir>[] = [];
let space: Space;
beforeEach(() => {
  const folder = temporaryDir();
  folders.push(folder);
  space = openSpace(folder.dir);
});
afterAll(() => {
  for (const folder of folders) folder.remove();
});

const give = <C extends CommandName>(name: C, input: CommandInput<C>) =>
  runCommand(space.db, space.keys, { name, input, actor: "cli:test" }, nowMs);
const hour = 3_600_000;
const span = { fromMs: nowMs + 240 * hour, untilMs: nowMs + 242 * hour };
const why = { reason: "for the record" };
const member = (name: keyof Space["people"]): number => space.people[name];

type Removal = "removePlan" | "removeCourse" | "removeSchedule" | "removeNode" | "removeMachine" | "removeDoor";
const spare = {
  removePlan: { plan: "spare" },
  removeCourse: { course: "spare" },
  removeSchedule: { schedule: "spare" },
  removeNode: { node: "spare" },
  removeMachine: { machine: "spare" },
  removeDoor: { door: "side" },
} as const satisfies { [R in Removal]: CommandInput<R> };
const removals = Object.keys(spare) as Removal[];

it.each(removals)("%s: once, and then it is not there", (removal) => {
  give(removal, spare[removal]);
  expect(() => give(removal, spare[removal])).toThrow(/^There is no (plan|course|schedule|node|machine|door) "/);
  expect(space.db.all("PRAGMA foreign_key_check")).toEqual([]);
});

const machine = { machine: "spare" };
const uses: readonly (readonly [Removal, used: string, () => unknown])[] = [
  ["removePlan", "a membership of member 1", () => give("setMembership", { member: member("ada"), plan: "spare", from: "2027-01-01" })],
  ["removeCourse", "saw-1", () => give("setMachine", { machine: "saw-1", change: { course: "spare" } })],
  ["removeCourse", "rotary", () => give("addAccessory", { machine: "laser-1", accessory: "rotary", label: "Rotary", course: "spare" })],
  ["removeCourse", "class dust", () => give("addClass", { class: "dust", label: "Dust", places: ["saw-1"], course: "spare", ...span })],
  ["removeCourse", "course wood", () => give("addCourse", { course: "wood", label: "Wood", prerequisites: ["spare"] })],
  ["removeCourse", "a trainer, member 1", () => give("addQualification", { member: member("ada"), role: "trainer", scope: "spare" })],
  [
    "removeCourse",
    "a training of member 1",
    () => {
      give("addQualification", { member: member("trainer"), role: "trainer", scope: "spare" });
      give("grantTraining", { member: member("ada"), course: "spare", signedOffBy: member("trainer") });
      give("endQualification", { member: member("trainer"), role: "trainer", scope: "spare" });
      space.db.run("DELETE FROM qualifications WHERE scope = 'spare'");
    },
  ],
  ["removeSchedule", "the opening hours", () => give("setSite", { openingHours: "spare" })],
  ["removeSchedule", "plan full", () => give("addPlan", { plan: "full", label: "Full", schedule: "spare" })],
  ["removeSchedule", "saw-1", () => give("setMachine", { machine: "saw-1", change: { hours: "spare" } })],
  ["removeSchedule", "saw-1", () => give("setMachine", { machine: "saw-1", change: { twoPerson: "spare" } })],
  ["removeSchedule", "front", () => give("setDoor", { door: "front", change: { passage: "spare" } })],
  ["removeNode", "door side", () => give("setDoor", { door: "side", change: { node: "spare" } })],
  [
    "removeNode",
    "what it has recorded",
    () => space.db.run("INSERT INTO boots (node, boot, first_ms) VALUES ('spare', '00112233445566aa', ?)", nowMs),
  ],
  ["removeMachine", "plan full", () => give("addPlan", { plan: "full", label: "Full", covers: ["spare"] })],
  ["removeMachine", "class dust", () => give("addClass", { class: "dust", label: "Dust", places: ["spare"], ...span })],
  ["removeMachine", "its accessory vice", () => give("addAccessory", { ...machine, accessory: "vice", label: "Vice", course: null })],
  [
    "removeMachine",
    "a maintainer, member 1",
    () => give("addQualification", { member: member("ada"), role: "maintainer", scope: "spare" }),
  ],
  ["removeMachine", "a restriction of member 1", () => give("restrict", { member: member("ada"), place: "spare", ...why })],
  ["removeMachine", "a booking", () => give("addBooking", { ...machine, member: member("ada"), ...span })],
  ["removeMachine", "a lockout", () => give("lockMachine", { ...machine, ...why })],
  [
    "removeMachine",
    "an override",
    () =>
      give("addOverride", {
        member: member("ada"),
        resource: "spare",
        by: member("duty"),
        codes: ["IN_USE"],
        untilMs: nowMs + hour,
        ...why,
      }),
  ],
  [
    "removeMachine",
    "an exception",
    () =>
      space.db.run("INSERT INTO exceptions (source, member, resource, code, evt_ms, noticed_ms) VALUES ('n/b/9', 1, 'spare', 'X', 1, 1)"),
  ],
  [
    "removeMachine",
    "a use to be checked",
    () => space.db.run("INSERT INTO checks (machine, last_member, rejected) VALUES ('spare', 1, 0)"),
  ],
  ["removeMachine", "planned maintenance", () => give("planMaintenance", { ...machine, ...span, ...why })],
  ["removeMachine", "what it used up", () => give("noteMaterial", { ...machine, on: "2026-11-20", grams: 5, label: "PLA" })],
  ["removeMachine", "a wish of member 1", () => space.db.run("INSERT INTO wishes (member, machine, at_ms) VALUES (1, 'spare', 1)")],
  ["removeCourse", "a wish of member 1", () => give("addWish", { member: member("ada"), course: "spare" })],
  ["removeMachine", "a headcount", () => give("addHeadcount", { ...machine, on: "2026-11-20", kind: "class", people: 3, minutes: 5 })],
  [
    "removeMachine",
    "a sum of money",
    () => give("addMoney", { ...machine, on: "2026-11-20", kind: "cost", source: "energy", cents: 5, label: "Power" }),
  ],
  ["removeMachine", "the project tools", () => give("fundAsset", { ...machine, project: "tools", from: "2026-11-20" })],
  [
    "removeDoor",
    "the kiosk desk",
    () => give("addScreen", { screen: "desk", boards: ["kiosk"], languages: ["en"], untilMs: nowMs + hour, reader: "side" }),
  ],
  [
    "removeDoor",
    "what its node has recorded",
    () => {
      space.db.run("INSERT INTO boots (id, node, boot, first_ms) VALUES (9, 'node-1', '00112233445566aa', 1)");
      space.db.run(
        `INSERT INTO events (n, boot, seq, node, ch, kind, member, evt_ms, recv_ms, at_mono, tq, tq_hub, body)
         VALUES (1, 9, 1, 'node-1', 'side', 'door.opened', 0, 1, 1, 1, 'synced', 'synced', '{}')`,
      );
    },
  ],
];

it.each(uses)("%s is refused because of %s, and nothing changes", (removal, used, use) => {
  use();
  const before = space.db.all("SELECT n FROM audit");
  expect(() => give(removal, spare[removal])).toThrow(`is in use: ${used}.`);
  expect(space.db.all("SELECT n FROM audit")).toEqual(before);
  expect(space.db.all("PRAGMA foreign_key_check")).toEqual([]);
});

it("every table that refers to one of these is asked", () => {
  const rows = space.db.all<{ name: string }>(
    `SELECT DISTINCT f."table" || ' of ' || m.name AS name FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
     WHERE m.type = 'table' AND f."table" IN ('plans', 'courses', 'schedules', 'nodes', 'resources') ORDER BY 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual([
    ...["accessories", "classes", "records", "resources", "revisions", "wishes"].map((table) => `courses of ${table}`),
    "nodes of resources",
    "plans of memberships",
    ...["accessories", "bookings", "captures", "checks", "commissionings", "exceptions"].map((table) => `resources of ${table}`),
    ...[
      "former_places",
      "headcounts",
      "lockouts",
      "materials",
      "money_lines",
      "overrides",
      "planned_maintenance",
      "project_assets",
      "screens",
      "wishes",
    ].map((table) => `resources of ${table}`),
    "schedules of plans",
  ]);
});

it("a node that may still be connected is cut off first", () => {
  give("setNode", { node: "spare", status: "active" });
  expect(() => give("removeNode", { node: "spare" })).toThrow("Node spare may still be connected.");
});

it("a door is no machine, and a machine no door", () => {
  expect(() => give("removeDoor", { door: "spare" })).toThrow('There is no door "spare".');
  expect(() => give("removeMachine", { machine: "side" })).toThrow('There is no machine "side".');
});

it("a reader that waits for a card at the door waits no longer", () => {
  give("openCapture", { member: member("ada"), resource: "side" });
  give("removeDoor", spare.removeDoor);
  expect(space.db.all("SELECT capture FROM captures")).toEqual([]);
});
