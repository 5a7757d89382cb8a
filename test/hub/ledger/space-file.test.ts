/** What a space is, as a file: written, compared, given back here and to an empty space; and everything else it owns, without its secrets. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { readSpace, type Space, stepsTo, writeSpace } from "../../../hub/exchange/space-file.ts";
import { Database } from "../../../hub/ledger/database.ts";
import { withheld } from "../../../hub/ledger/everything.ts";
import { ledgerPath } from "../../../hub/ledger/ledger.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { aLedger, temporaryDir } from "../../support/ledger.ts";

const by = "cli:test";
let ledger: Ledger;
let folder: ReturnType<typeof temporaryDir>;

beforeEach(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir);
});
afterEach(async () => {
  await ledger.close();
  folder.remove();
});

async function furnish({ change }: Ledger): Promise<void> {
  await change.addSchedule({ schedule: "evenings", hours: { intervals: [{ weekday: 1, startMin: 1020, endMin: 1320 }], special: [] } }, by);
  await change.addCourse({ course: "basics", label: "Basics" }, by);
  await change.addCourse({ course: "advanced", label: "Advanced", prerequisites: ["basics"], validityMonths: 12 }, by);
  await change.addZone({ zone: "house", label: "House" }, by);
  await change.addZone({ zone: "attic", label: "Attic", parent: "house", people: 4, capacity: "deny" }, by);
  await change.addCircuit({ circuit: "west", label: "West", budgetW: 11_000 }, by);
  await change.addNode({ node: "n-1", kind: "mixed" }, by);
  await change.addMachine(
    {
      machine: "laser",
      node: "n-1",
      ch: "lamp",
      label: "Laser",
      riskClass: "B",
      cutHazard: false,
      course: "advanced",
      zone: "attic",
      circuit: "west",
    },
    by,
  );
  await change.setMachine({ machine: "laser", change: { settings: { onW: 200, offW: 90 } } }, by);
  await change.addDoor({ door: "front", node: "n-1", ch: "gate", label: "Front", failMode: "secure", passage: "evenings" }, by);
  await change.addAccessory({ machine: "laser", accessory: "rotary", label: "Rotary", course: null }, by);
  await change.addPlan({ plan: "evening", label: "Evening", schedule: "evenings", covers: ["front", "laser"] }, by);
  await change.setSite({ openingHours: "evenings", adultAge: 16, settings: { windowMs: 20_000 } }, by);
}

const space = (of: Ledger): Space => of.read.spaceFacts() as Space;
function read(text: string): Partial<Space> {
  const found = readSpace(text);
  if (!found.ok) throw new Error(found.sentence);
  return found.space;
}
async function apply(to: Ledger, wanted: Partial<Space>, prune = false): Promise<string[]> {
  const plan = stepsTo(space(to), wanted, { prune });
  if (!plan.ok) throw new Error(plan.sentence);
  for (const { command, input } of plan.steps)
    await (to.change as Record<string, (given: unknown, actor: string) => Promise<unknown>>)[command]?.(input, by);
  return plan.steps.map(({ says }) => says);
}

test("a file of the space changes nothing here, and makes an empty space the same", async () => {
  await furnish(ledger);
  const text = writeSpace(space(ledger));
  expect(await apply(ledger, read(text), true)).toEqual([]);
  const other = temporaryDir();
  const second = await aLedger(other.dir, { site: "elsewhere" });
  expect((await apply(second, read(text))).length).toBe(12);
  expect(writeSpace(space(second))).toBe(text);
  expect(await apply(second, read(text), true)).toEqual([]);
  await second.close();
  other.remove();
});

test("only what differs is changed, what the file leaves out stays, and pruning removes it last", async () => {
  await furnish(ledger);
  const wanted = {
    machines: { laser: { label: "Big laser", settings: { onW: 250 }, circuit: null } },
    zones: { house: { label: "House" } },
    site: { adultAge: 18 },
  };
  expect(await apply(ledger, wanted)).toEqual(["~ machines.laser: label, settings, circuit", "~ site: adultAge"]);
  expect(space(ledger).machines.laser).toMatchObject({ label: "Big laser", settings: { onW: 250 }, riskClass: "B", zone: "attic" });
  expect(space(ledger).machines.laser).not.toHaveProperty("circuit");
  const plan = stepsTo(space(ledger), wanted, { prune: false });
  expect(plan).toMatchObject({ ok: true, steps: [], beyond: ["zones.attic"] });
  await apply(ledger, { machines: { laser: { zone: null } } });
  expect(await apply(ledger, wanted, true)).toEqual(["- zones.attic"]);
});

test.each([
  ["koprade: 1\nzones: [", /^Line 2: /],
  ["", /describes nothing/],
  ["koprade: 2\n", /does not begin with "koprade: 1"/],
  ["koprade: 1\nrooms: {}\n", /^"rooms" is no section of a space; there are site, schedules/],
  ["koprade: 1\nzones:\n  - attic\n", /^zones: is not a list of names/],
  ["koprade: 1\nzones:\n  attic:\n", /^zones.attic: is not described/],
])("%j is answered with a sentence", (text, sentence) => {
  const found = readSpace(text);
  expect(found.ok ? "" : found.sentence).toMatch(sentence);
});

test("a node's kind is not changed by a file", async () => {
  await furnish(ledger);
  expect(stepsTo(space(ledger), { nodes: { "n-1": { kind: "door" } } }, { prune: false })).toEqual({
    ok: false,
    sentence: "nodes.n-1: kind cannot be changed; take it out and describe it anew under another name.",
  });
});

test("every table can be taken along, and no secret", async () => {
  await furnish(ledger);
  const db = new Database(ledgerPath(folder.dir), { readOnly: true });
  const columns = db.all<{ name: string; column: string }>(
    `SELECT m.name, c.name AS "column" FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`,
  );
  db.close();
  expect(ledger.read.everyTable().map(({ table }) => table)).toEqual([...new Set(columns.map(({ name }) => name))].sort());
  const secret = columns
    .filter(({ column }) => /secret|_hash$|pin$|box|(^|_)key$|token/.test(column))
    .map(({ name, column }) => `${name}.${column}`);
  const kept = ["cards.card_key", "captures.card_key", "card_counters.card_key", "meta.key"];
  const left = Object.entries(withheld).flatMap(([table, names]) => Object.keys(names).map((column) => `${table}.${column}`));
  expect(secret.filter((column) => !kept.includes(column)).sort()).toEqual(left.filter((column) => secret.includes(column)).sort());
  const rows = Object.fromEntries(ledger.read.everyTable().map(({ table, rows }) => [table, [...rows()]]));
  expect(rows.nodes).toMatchObject([{ node: "n-1", kind: "mixed", status: "active" }]);
  expect(rows.nodes?.[0]).not.toHaveProperty("secret_hash");
  expect(rows.audit?.length).toBeGreaterThan(10);
});
