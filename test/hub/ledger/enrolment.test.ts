/** When a new node may come, and for how long its keys wait: by the clock, also by one that jumps. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommand } from "../../../hub/ledger/commands.ts";
import { readCommissionings } from "../../../hub/ledger/commissioning.ts";
import { readNextKeys, readOffer, windowUntilMs } from "../../../hub/ledger/enrolment.ts";
import type { CommandInput, CommandName } from "../../../hub/ledger/inputs.ts";
import { faceOf } from "../../../hub/ledger/offers.ts";
import { newcomerKey, nowMs, openSpace, type Space } from "../../support/every-command.ts";
import { temporaryDir } from "../../support/ledger.ts";

const folder = temporaryDir();
let space: Space;
beforeAll(() => {
  space = openSpace(folder.dir);
});
afterAll(() => folder.remove());

const minute = 60_000;
const day = 86_400_000;
const give = <C extends CommandName>(name: C, input: CommandInput<C>, atMs: number) =>
  runCommand(space.db, space.keys, { name, input, actor: "cli:test" }, atMs);
const adopt = (atMs: number, change: object = {}) => give("adoptNode", { ...space.inputs.adoptNode, bind: [], ...change }, atMs);
const { fp } = faceOf(newcomerKey);

it("closes the window by itself, and opens it no longer when the clock is set back", () => {
  give("openEnrolment", {}, nowMs);
  expect([0, 1, 9.99, 10, 11].map((min) => windowUntilMs(space.db, nowMs + min * minute) !== null)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(windowUntilMs(space.db, nowMs - 1)).toBeNull(); // more than a window away
  expect(windowUntilMs(space.db, 0)).toBeNull();
  expect(() => adopt(nowMs + 10 * minute)).toThrow("No new node is taken in now.");
  expect(() => give("openEnrolment", { forMs: 11 * minute }, nowMs)).toThrow(/forMs/);
});

it("keeps the keys of an adopted node for a day, and for nobody whom a person has sent away", () => {
  adopt(nowMs);
  expect(readOffer(space.db, fp, nowMs)).toMatchObject({ node: "node-3" });
  expect(JSON.stringify(readOffer(space.db, fp, nowMs))).not.toMatch(/secret|"mac"/);
  expect([readOffer(space.db, fp, nowMs + day - 1)?.node, readOffer(space.db, fp, nowMs + day)]).toEqual(["node-3", undefined]);
  give("setNode", { node: "node-3", status: "revoked" }, nowMs);
  expect(readOffer(space.db, fp, nowMs)).toBeUndefined();
  expect(() => adopt(nowMs)).toThrow("Node node-3 exists already.");
  expect(() => adopt(nowMs, { node: "node-4" })).toThrow("This node was adopted as node-3 already.");
  give("addMachine", { machine: "mill", node: "node-3", ch: "mill", label: "Mill", riskClass: "B", cutHazard: false, course: null }, nowMs);
  give("takeOver", { resource: "mill", reason: "ran before" }, nowMs);
  expect(readCommissionings(space.db, "mill")[0]).toMatchObject({ isValid: true });
  adopt(nowMs, { again: true });
  expect(readCommissionings(space.db, "mill")[0], "another box, to be tested").toMatchObject({ isValid: false });
  expect(readOffer(space.db, fp, nowMs)).toMatchObject({ node: "node-3" });
  expect(() => adopt(nowMs, { node: "node-9", publicKey: "A".repeat(43) })).toThrow("nothing can be encrypted to this key");
  for (const node of ["enrol-0123456789abcdef", "display-hall"]) expect(() => adopt(nowMs, { node })).toThrow(/another role/);
});

it("gives no new keys to a node that was sent away, and none of those that wait to one with keys from a folder", () => {
  expect([...readNextKeys(space.db).keys()]).toContain("stand-in");
  give("renewNodeSecret", { node: "stand-in" }, nowMs);
  expect([...readNextKeys(space.db).keys()]).not.toContain("stand-in");
  expect(() => give("confirmKeys", { node: "stand-in" }, nowMs)).toThrow("No new keys wait for stand-in.");
  expect(() => give("rekeyNode", { node: "spare", boxKey: newcomerKey, ca: null }, nowMs)).toThrow("spare is revoked");
});
