/** Commissioning records on a real ledger: what makes one valid, what ends it, and that a machine without one is enabled for nobody. */
import { rmSync } from "node:fs";
import type { SQLInputValue } from "node:sqlite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checksOf, type WiringLine } from "../../../hub/core/index.ts";
import { Database } from "../../../hub/ledger/database.ts";
import { ledgerPath } from "../../../hub/ledger/ledger.ts";
import { migrate, migrations } from "../../../hub/ledger/migrations.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { aLedger, anEvent, temporaryDir } from "../../support/ledger.ts";

const by = "cli:test";
const folder = temporaryDir();
let ledger: Ledger;
const machine = { label: "Machine", riskClass: "B" as const, cutHazard: false, course: null };
const about = { senses: ["permit", "aux", "meter"], firmware: "1.0", hardware: "Arduino", configVersion: 3 };
const linesWith = (wrong?: WiringLine["check"], ok: boolean | null = false): WiringLine[] =>
  checksOf("machine", []).map((check) => ({ check, ok: check === wrong ? ok : true, by: "person", found: "seen" }));

beforeAll(async () => {
  ledger = await aLedger(folder.dir, { role: "tool" });
  const { change } = ledger;
  await change.addNode({ node: "node-1", kind: "mixed" }, by);
  await change.addNode({ node: "node-2", kind: "mixed" }, by);
  await change.addMachine({ ...machine, machine: "laser", node: "node-1", ch: "laser" }, by);
  await change.addDoor({ door: "front", node: "node-1", ch: "door", label: "Front", failMode: "safe" }, by);
});
afterAll(async () => {
  await ledger.close();
  folder.remove();
});

const isShut = (id = "laser"): boolean => ledger.read.resource(id)?.facts.notCommissioned === true;
const test = (lines: WiringLine[]) => ledger.change.commission({ resource: "laser", lines, ...about }, by);
let seq = 0;
const boots = (wiring: string) => {
  seq += 1;
  const body = { kind: "node.boot", restart: "start", fw: "1.0", wiring } as const;
  return ledger.append("node-1", [{ ...anEvent(seq, body), ch: "node" }]);
};

it("a new machine is enabled for nobody, a door needs no record", () => {
  expect([isShut(), isShut("front")]).toEqual([true, false]);
});

it("only a test in which every line was right enables it", async () => {
  expect(await test(linesWith("cable", null))).toMatchObject({ outcome: "incomplete" });
  expect(isShut()).toBe(true);
  expect(await test(linesWith("guards"))).toMatchObject({ outcome: "failed" });
  expect(isShut()).toBe(true);
  expect(await test(linesWith().filter(({ check }) => check !== "stops"))).toMatchObject({ outcome: "incomplete" });
  expect(isShut()).toBe(true);
  expect(await test(linesWith())).toMatchObject({ outcome: "passed" });
  expect(isShut()).toBe(false);
  expect(ledger.read.commissionings("laser")[0]).toMatchObject({ isValid: true, basis: "tested", by, about });
  expect(ledger.read.audit(1)[0]).toMatchObject({ action: "commission", target: "resource laser", actor: by });
});

it("a later test left half done changes nothing, one that failed takes the machine out", async () => {
  await test(linesWith("cable", null));
  expect(isShut()).toBe(false);
  await test(linesWith("stops"));
  expect(isShut()).toBe(true);
  expect(ledger.read.commissionings("laser").find(({ outcome }) => outcome === "passed")).toMatchObject({
    isValid: false,
    endedReason: "a later test failed",
  });
});

it("a node that starts with other wiring ends what was tested, once it is known how it was wired", async () => {
  await test(linesWith());
  await boots("00000000000000aa");
  expect(isShut()).toBe(false);
  await boots("00000000000000aa");
  expect(isShut()).toBe(false);
  await boots("00000000000000bb");
  expect(isShut()).toBe(true);
  expect(ledger.read.audit(1)[0]).toMatchObject({ actor: "node:node-1", action: "endCommissioning", target: "resource laser" });
  await test(linesWith());
  expect(ledger.read.commissionings("laser")[0]?.about.wiring).toBe("00000000000000bb");
});

it("another channel ends it, another label does not", async () => {
  await ledger.change.setMachine({ machine: "laser", change: { label: "Laser", ch: "laser" } }, by);
  expect(isShut()).toBe(false);
  await ledger.change.setMachine({ machine: "laser", change: { node: "node-2" } }, by);
  expect(isShut()).toBe(true);
  await ledger.change.takeOver({ resource: "laser", reason: "the same contactor" }, by);
  expect(isShut()).toBe(false);
  await ledger.change.endCommissioning({ resource: "laser", reason: "new contactor" }, by);
  expect(isShut()).toBe(true);
  await expect(ledger.change.endCommissioning({ resource: "laser", reason: "again" }, by)).rejects.toThrow("no valid commissioning record");
});

it("an older file's machines are taken over, dated, and run on", async () => {
  const old = temporaryDir();
  const first = await aLedger(old.dir, { role: "tool" });
  await first.change.addNode({ node: "node-1", kind: "mixed" }, by);
  await first.change.addMachine({ ...machine, machine: "saw", node: "node-1", ch: "saw" }, by);
  await first.close();
  // The same space in a file of before: what the older tables know of it.
  const path = ledgerPath(old.dir);
  const newer = new Database(path, { readOnly: true });
  const tables = ["meta", "nodes", "resources"].map((table) => ({
    table,
    rows: newer.all<Record<string, SQLInputValue>>(`SELECT * FROM ${table}`),
  }));
  newer.close();
  rmSync(path);
  const step = migrations.findIndex((sql) => sql.includes("CREATE TABLE commissionings"));
  const older = new Database(path);
  migrate(older, migrations.slice(0, step));
  for (const { table, rows } of tables) {
    const known = older.all<{ name: string }>(`PRAGMA table_info(${table})`).map(({ name }) => name);
    for (const row of rows) {
      const marks = known.map(() => "?").join(", ");
      older.run(`INSERT INTO ${table} (${known.join(", ")}) VALUES (${marks})`, ...known.map((name) => row[name] ?? null));
    }
  }
  older.close();
  const again = await aLedger(old.dir, { role: "tool" });
  expect(again.read.resource("saw")?.facts.notCommissioned).toBeUndefined();
  expect(again.read.commissionings("saw")).toMatchObject([{ basis: "taken_over", by: "before", isValid: true }]);
  expect(Date.now() - (again.read.commissionings("saw")[0]?.atMs ?? 0)).toBeLessThan(60_000);
  await again.close();
  old.remove();
});
