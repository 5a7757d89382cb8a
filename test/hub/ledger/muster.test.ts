/** The muster list of a real ledger (domain.md S11): frozen at the evacuation, by whoever asks for it, and whenever. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { EventBody } from "../../../hub/contract/index.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { musterOf } from "../../../hub/muster.ts";
import { aLedger, anEvent, anId, realClock, temporaryDir } from "../../support/ledger.ts";
import { openDesk } from "../cli/desk.ts";

const by = "cli:test";
const minute = 60_000;
const folder = temporaryDir("koprade-muster-");
let nowMs = Date.UTC(2026, 9, 1, 8);
let seq = 0;
let ledger: Ledger;

beforeAll(async () => {
  ledger = await aLedger(folder.dir, {}, { ...realClock, nowMs: () => nowMs });
  const { change } = ledger;
  await change.addZone({ zone: "wood", label: "Wood shop" }, by);
  await change.addNode({ node: "node-1", kind: "door" }, by);
  await change.addDoor({ door: "front", node: "node-1", ch: "front", label: "Front door", failMode: "secure" }, by);
  const saw = { machine: "saw", node: "node-1", ch: "saw", label: "Saw", riskClass: "C" as const, cutHazard: false, course: null };
  await change.addMachine({ ...saw, zone: "wood" }, by);
  for (const displayName of ["Ada Ozola", "Bo Ek", "Cem Aydin", "Dag Moen"]) await change.addMember({ displayName }, by);
});
beforeEach(() => {
  nowMs += 15 * 3_600_000; // whoever was in has been forgotten
});
afterAll(async () => {
  await ledger.close();
  folder.remove();
});

async function happens(ch: string, body: EventBody, agoMs = 0): Promise<void> {
  seq += 1;
  const evtMs = nowMs - agoMs;
  await ledger.append("node-1", [{ ...anEvent(seq, body), ch, evtMs, atMs: evtMs }]);
}
const comes = (member: number, agoMs = 0) => happens("front", { kind: "door.opened", who: [member], cause: "grant" }, agoMs);
const works = (member: number) =>
  happens("saw", { kind: "mach.session_started", session: anId(), decision: anId(), member, provisional: false });
const leaves = (member: number) => {
  const said = { kind: "access.decided", request: "exit", outcome: "grant", reason: "GRANT" } as const;
  return happens("front", { ...said, decision: anId(), also: [], warnings: [], member, where: "node", snapshot: null, tookMs: 0 });
};
const list = () => musterOf({ ledger }, nowMs);
const names = () => list().people.map(({ name, zone, outMs }) => `${name}, ${zone ?? "?"}${outMs === null ? "" : ", out"}`);

it("is whoever is known to be in now, by zone and name", async () => {
  await comes(4);
  await comes(1);
  await works(2);
  await comes(3);
  await leaves(3);
  expect(names()).toEqual(["Ada Ozola, ?", "Dag Moen, ?", "Bo Ek, Wood shop"]);
  expect(list()).toMatchObject({ isFrozen: false, asOfMs: nowMs });
});
it("is frozen when the evacuation begins, tells who has tapped out since, and takes in what a node tells late", async () => {
  await comes(1);
  await comes(2);
  nowMs += minute;
  await ledger.change.setMode({ mode: "evacuate", reason: "smoke" }, by);
  const beganMs = nowMs;
  nowMs += minute;
  await leaves(2);
  await comes(4); // a responder
  await ledger.change.setMode({ mode: "evacuate", reason: "still" }, by);
  await comes(3, 90_000); // came in before it, told after it
  nowMs += 20 * 3_600_000; // and nobody is forgotten while it lasts
  expect(list()).toMatchObject({ isFrozen: true, asOfMs: beganMs });
  expect(names()).toEqual(["Ada Ozola, ?", "Bo Ek, ?, out", "Cem Aydin, ?"]);
  await ledger.change.setMode({ mode: "normal", reason: "false alarm" }, by);
  expect(names()).toEqual([]);
});
it("is printed at the terminal, with a word on what it is worth", async () => {
  const desk = openDesk();
  await desk.makeSite();
  const empty = await desk.run("muster");
  expect(empty).toMatchObject({ code: 0, err: "" });
  expect(empty.out).toMatch(/0 may be in, 0 not known to be out\.\nBest effort/);
  expect((await desk.run("mode", "evacuate", "--reason", "drill")).code).toBe(0);
  expect((await desk.run("muster")).out).toMatch(/^Frozen at the evacuation, /);
  expect(await desk.json("muster", "--json")).toMatchObject({ isFrozen: true, people: [] });
  desk.remove();
});
