/**
 * Every command that changes a permission, on the assembled system: the hub as its own process, the ledger changed from beside it as
 * the terminal does, real node programs over TLS. The node's answer is another one within two seconds (domain.md D1). Then what needs
 * hub and reader at once: a card enrolled by a tap, a lost card while the node is alone, a stolen card's session.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RequestKind } from "../../hub/core/index.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { systemClock, systemLog } from "../../hub/system.ts";
import { quantile } from "../bench/stats.ts";
import { furnishedFolder, type HubFolder, type HubProcess, site, startHubProcess } from "../support/hub-process.ts";
import { terminalOn } from "../support/hurried-terminal.ts";
import { slowdown } from "../support/slowdown.ts";
import { machineFolder, startMachine, type TestMachine } from "../support/test-machine.ts";
import { doorFolder, startDoor, type TestDoor } from "../support/test-node.ts";

const by = "cli:test";
const hour = 3_600_000;
const limitMs = 2000;
const cardOf = (n: number): { readonly number: string } => ({ number: `em4100:0F0000000${n}` });
const cards = { ada: cardOf(1), bo: cardOf(2), extra: cardOf(3), stranger: cardOf(4), second: cardOf(5) };
const today = new Date().toISOString().slice(0, 10);
const dayBefore = (days: number): string => new Date(Date.now() - days * 24 * hour).toISOString().slice(0, 10);

let dir: string;
let folder: HubFolder;
let hub: HubProcess;
let ledger: Ledger;
let change: Ledger["change"];
let door: TestDoor;
let machine: TestMachine;
let ada: number;
let bo: number;
let sten: number;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "koprade-reach-"));
  folder = await furnishedFolder(dir, furnish);
  ledger = await openLedger({ dir, site, tz: "Europe/Riga", role: "tool" }, { clock: systemClock, log: systemLog("error") });
  change = ledger.change;
  const [doorPath, machinePath] = [await doorFolder(folder, ledger, "door-1"), await machineFolder(folder, ledger, "laser-node")];
  hub = await startHubProcess(folder);
  door = startDoor(doorPath);
  machine = startMachine(machinePath);
  await until("snapshots", () => [door, machine].every(({ node }) => node.node.snapshots.current() !== null));
  await pause(1500); // cards that lay there at the start are past
}, 180_000);

afterAll(async () => {
  await Promise.all([door?.stop(), machine?.stop()]);
  await ledger?.close();
  await hub?.kill();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

async function furnish({ change: give }: Ledger): Promise<void> {
  await give.addPlan({ plan: "full", label: "Full" }, by);
  await give.addCourse({ course: "laser", label: "Laser" }, by);
  await give.addNode({ node: "door-1", kind: "door" }, by);
  await give.addDoor({ door: "front", node: "door-1", ch: "door", label: "Front", failMode: "secure" }, by);
  await give.addNode({ node: "laser-node", kind: "machine" }, by);
  const laser = { machine: "laser-1", node: "laser-node", ch: "machine", label: "Laser", riskClass: "C" as const, cutHazard: false };
  await give.addMachine({ ...laser, course: "laser", graceMs: 500 }, by);
  const add = async (displayName: string) => (await give.addMember({ displayName }, by)).member;
  [ada, bo, sten] = [await add("Ada"), await add("Bo"), await add("Sten")];
  const tia = await add("Tia");
  await give.setRoles({ member: sten, roles: ["steward", "trainer"] }, by);
  await give.setRoles({ member: tia, roles: ["trainer"] }, by);
  await give.setMembership({ member: ada, plan: "full", from: "2024-01-01" }, by);
  await give.grantTraining({ member: ada, course: "laser", signedOffBy: tia, on: today }, by);
  await give.assignCard({ member: ada, card: cards.ada, label: "blue tag" }, by);
  await give.assignCard({ member: bo, card: cards.bo }, by);
}

async function until(what: string, isTrue: () => boolean, mostMs = 60_000): Promise<number> {
  const from = performance.now();
  while (!isTrue()) {
    if (performance.now() - from > mostMs) throw new Error(`waited ${mostMs} ms for ${what}`);
    await pause(5);
  }
  return performance.now() - from;
}

/** What the node would answer now, from what it holds. */
function answer(place: "front" | "laser-1", card: { readonly number: string }, kind: RequestKind): string {
  const { node } = place === "front" ? door.node : machine.node;
  const ch = place === "front" ? "door" : "machine";
  const lockouts = node.restrictions().lockouts.map((lockout) => lockout.kind);
  const live = { session: null, ancillariesReady: true, ...(place === "front" ? {} : { lockouts }) };
  const { outcome, reason } = node.authoriser.review({ ch, kind, cardKey: ledger.keys.cardKeyOf(card.number), usable: true }, live);
  return outcome === "grant" ? reason : `${outcome} ${reason}`;
}

type Step = {
  readonly command: string;
  give(): Promise<unknown>;
  readonly expected: string;
  readonly place?: "front" | "laser-1";
  readonly card?: { readonly number: string };
  readonly kind?: RequestKind;
};

const never = { intervals: [], special: [] };
const allWeek = { intervals: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMin: 0, endMin: 1440 })), special: [] };
const because = { reason: "for the record" };
const training = () => ({ member: ada, course: "laser", ...because });
const laser = (given: Parameters<typeof change.setMachine>[0]["change"]) => change.setMachine({ machine: "laser-1", change: given }, by);
const span = () => ({ fromMs: Date.now() - 60_000, untilMs: Date.now() + hour });
const grant = "GRANT";
let number = 0;

/** In order: most take back what the one before did. */
const steps: readonly Step[] = [
  { command: "addHold", give: () => change.addHold({ member: ada, ...because }, by), expected: "deny HOLD_ACTIVE" },
  { command: "clearHold", give: () => change.clearHold({ member: ada }, by), expected: grant },
  { command: "restrict", give: () => change.restrict({ member: ada, place: "laser-1", ...because }, by), expected: "deny RESTRICTED_HERE" },
  { command: "liftRestriction", give: () => change.liftRestriction({ member: ada, place: "laser-1" }, by), expected: grant },
  {
    command: "blockCard",
    give: () => change.blockCard({ card: cards.ada, status: "lost", ...because }, by),
    expected: "deny CREDENTIAL_REVOKED",
  },
  { command: "restoreCard", give: () => change.restoreCard({ card: cards.ada, ...because }, by), expected: grant },
  { command: "assignCard", give: () => change.assignCard({ member: ada, card: cards.extra }, by), expected: grant, card: cards.extra },
  {
    command: "endMembership",
    give: () => change.endMembership({ member: ada, lastDay: dayBefore(2) }, by),
    expected: "deny MEMBERSHIP_EXPIRED",
  },
  { command: "setMembership", give: () => change.setMembership({ member: ada, plan: "full", from: dayBefore(1) }, by), expected: grant },
  { command: "setMember", give: () => change.setMember({ member: ada, status: "suspended" }, by), expected: "deny MEMBER_SUSPENDED" },
  { command: "setMember", give: () => change.setMember({ member: ada, status: "active" }, by), expected: grant },
  { command: "revokeTraining", give: () => change.revokeTraining(training(), by), expected: "deny TRAINING_MISSING" },
  { command: "restoreTraining", give: () => change.restoreTraining(training(), by), expected: grant },
  { command: "suspendTraining", give: () => change.suspendTraining(training(), by), expected: "deny TRAINING_SUSPENDED" },
  { command: "resumeTraining", give: () => change.resumeTraining(training(), by), expected: grant },
  {
    command: "reviseCourse",
    give: () => change.reviseCourse({ course: "laser", supersedes: "require_now" }, by),
    expected: "deny TRAINING_SUPERSEDED",
  },
  { command: "withdrawRevision", give: () => change.withdrawRevision({ course: "laser" }, by), expected: grant },
  { command: "setSite waiver", give: () => change.setSite({ waiverRevision: 1 }, by), expected: "deny WAIVER_MISSING" },
  { command: "signWaiver", give: () => change.signWaiver({ member: ada, revision: 1 }, by), expected: grant },
  { command: "addPlan", give: () => change.addPlan({ plan: "full", label: "Full", covers: ["front"] }, by), expected: "deny NOT_IN_PLAN" },
  { command: "addPlan", give: () => change.addPlan({ plan: "full", label: "Full" }, by), expected: grant },
  {
    command: "setSite hours",
    async give() {
      await change.addSchedule({ schedule: "open", hours: never }, by);
      await change.setSite({ openingHours: "open" }, by);
    },
    expected: "deny OUTSIDE_OPENING_HOURS",
  },
  {
    command: "addOverride",
    async give() {
      const codes = ["OUTSIDE_OPENING_HOURS" as const];
      const given = { member: ada, resource: "laser-1", by: sten, codes, untilMs: Date.now() + hour, ...because };
      number = (await change.addOverride(given, by)).override;
    },
    expected: "GRANT_OVERRIDE",
  },
  { command: "endOverride", give: () => change.endOverride({ override: number }, by), expected: "deny OUTSIDE_OPENING_HOURS" },
  { command: "addSchedule", give: () => change.addSchedule({ schedule: "open", hours: allWeek }, by), expected: grant },
  { command: "lockMachine", give: () => change.lockMachine({ machine: "laser-1", ...because }, by), expected: "deny LOCKED_OUT" },
  {
    command: "addQualification",
    give: () => change.addQualification({ member: ada, role: "maintainer", scope: "laser-1" }, by),
    expected: "GRANT_MAINTENANCE",
    kind: "maintain",
  },
  {
    command: "endQualification",
    give: () => change.endQualification({ member: ada, role: "maintainer", scope: "laser-1" }, by),
    expected: "deny LOCKED_OUT",
    kind: "maintain",
  },
  { command: "unlockMachine", give: () => change.unlockMachine({ machine: "laser-1" }, by), expected: grant },
  { command: "setMode lockdown", give: () => change.setMode({ mode: "lockdown", ...because }, by), expected: "deny LOCKDOWN" },
  {
    command: "setMode evacuate",
    give: () => change.setMode({ mode: "evacuate", ...because }, by),
    expected: "deny EMERGENCY_ACTIVE",
    place: "front",
    kind: "enter",
  },
  {
    command: "setMode normal",
    give: () => change.setMode({ mode: "normal", ...because }, by),
    expected: grant,
    place: "front",
    kind: "enter",
  },
  { command: "setMachine booking", give: () => laser({ booking: { mode: "required" } }), expected: "deny BOOKING_REQUIRED" },
  {
    command: "addBooking",
    async give() {
      number = (await change.addBooking({ machine: "laser-1", member: ada, ...span() }, by)).booking;
    },
    expected: grant,
  },
  { command: "cancelBooking", give: () => change.cancelBooking({ booking: number }, by), expected: "deny BOOKING_REQUIRED" },
  { command: "restoreBooking", give: () => change.restoreBooking({ booking: number }, by), expected: grant },
  { command: "setMachine", give: () => laser({ booking: null, disabled: true }), expected: "deny RESOURCE_DISABLED" },
  {
    command: "setMachine two people",
    give: () => laser({ disabled: false, twoPerson: "always" }),
    expected: "pending AWAIT_SECOND_PERSON",
  },
  { command: "setMachine assurance", give: () => laser({ twoPerson: null, assurance: 2 }), expected: "deny FACTOR_REQUIRED" },
  { command: "setPin", give: () => change.setPin({ member: ada, pin: "2468" }, by), expected: "pending FACTOR_REQUIRED" },
  { command: "clearPin", give: () => change.clearPin({ member: ada }, by), expected: "deny FACTOR_REQUIRED" },
  {
    command: "setSite roster",
    async give() {
      await change.setSite({ roster: true }, by);
      await laser({ assurance: null, stewardRequired: true });
    },
    expected: "deny STEWARD_REQUIRED",
  },
  {
    command: "addShift",
    async give() {
      number = (await change.addShift({ member: sten, ...span() }, by)).shift;
    },
    expected: grant,
  },
  { command: "endShift", give: () => change.endShift({ shift: number }, by), expected: "deny STEWARD_REQUIRED" },
  { command: "setMachine steward", give: () => laser({ stewardRequired: null }), expected: grant },
  {
    command: "restrict zone",
    async give() {
      await change.addZone({ zone: "shop", label: "Shop" }, by);
      await laser({ zone: "shop" });
      await change.restrict({ member: ada, place: "shop", ...because }, by);
    },
    expected: "deny RESTRICTED_HERE",
  },
  { command: "liftRestriction zone", give: () => change.liftRestriction({ member: ada, place: "shop" }, by), expected: grant },
  {
    command: "addCourse age",
    async give() {
      await change.setMember({ member: ada, birthDate: dayBefore(14 * 365) }, by);
      await change.addCourse({ course: "laser", label: "Laser", minAge: 16 }, by);
    },
    expected: "deny MINOR_NOT_ALLOWED",
  },
  { command: "setMember age", give: () => change.setMember({ member: ada, birthDate: null }, by), expected: grant },
  {
    command: "enrol",
    async give() {
      await change.addClass({ class: "evening", label: "Evening", places: ["front"], ...span() }, by);
      await change.signWaiver({ member: bo, revision: 1 }, by);
      await change.enrol({ class: "evening", member: bo }, by);
    },
    expected: "GRANT_EVENT",
    place: "front",
    card: cards.bo,
    kind: "enter",
  },
  {
    command: "cancelClass",
    give: () => change.cancelClass({ class: "evening" }, by),
    expected: "deny MEMBERSHIP_NONE",
    place: "front",
    card: cards.bo,
    kind: "enter",
  },
  {
    command: "addGuest",
    async give() {
      const { member } = await change.addGuest({ displayName: "Jo", host: ada, untilMs: Date.now() + hour }, by);
      number = member;
      await change.signWaiver({ member, revision: 1 }, by);
      await change.assignCard({ member, card: cards.second }, by);
    },
    expected: "deny NOT_IN_PLAN",
    place: "front",
    card: cards.second,
    kind: "enter",
  },
  {
    command: "endGuest",
    give: () => change.endGuest({ member: number }, by),
    expected: "deny MEMBERSHIP_EXPIRED",
    place: "front",
    card: cards.second,
    kind: "enter",
  },
  {
    command: "setRoles",
    give: () => change.setRoles({ member: bo, roles: ["responder"] }, by),
    expected: "deny MEMBERSHIP_NONE",
    card: cards.bo,
    place: "front",
    kind: "enter",
  },
];

test("a node answers otherwise within two seconds after every command that changes a permission", async () => {
  const took: number[] = [];
  for (const { command, give, expected, place = "laser-1", card = cards.ada, kind = "start" } of steps) {
    const slower = slowdown(20);
    const from = performance.now();
    await give();
    await until(`${command}: ${expected}, not ${answer(place, card, kind)}`, () => answer(place, card, kind) === expected, 60_000);
    took.push((performance.now() - from) / Math.max(slower, slowdown(20)));
  }
  const [p50, most] = [quantile(took, 0.5), Math.max(...took)];
  console.log(`${steps.length} commands: node's answer changes after p50 ${p50.toFixed(0)} ms, max ${most.toFixed(0)} ms`);
  expect(most).toBeLessThan(limitMs);
}, 300_000);

const enrolling = ["card", "assign", "--member", "Ada", "--tap", "--at", "front", "--label", "red tag"];

test("an unknown card that is tapped in time is the member's, and opens the door", async () => {
  const { said, run } = terminalOn(dir);
  const done = run(...enrolling);
  await until("the invitation", () => said.some((line) => line.includes("Hold the new card to front within 30 s")));
  expect(await door.tap(cards.stranger.number)).toMatchObject({ granted: false });
  expect([await done, said.at(-1)]).toEqual([0, "The card belongs to Ada (1) now.\n"]);
  expect(ledger.read.cards(ada).map(({ label }) => label)).toContain("red tag");
  expect(ledger.read.audit(1)[0]).toMatchObject({ action: "assignCard", actor: "cli:kim" });
  await until("the node to know it", () => answer("front", cards.stranger, "enter") === grant);
}, 180_000);

test("a card that is somebody's already goes on working, is given to nobody, and the terminal says whose it is", async () => {
  const { said, hurry, run } = terminalOn(dir);
  const done = run(...enrolling);
  await until("the invitation", () => said.some((line) => line.includes("Hold the new card")));
  expect(await door.tap(cards.ada.number)).toMatchObject({ granted: true });
  await until("its record", () =>
    ledger.read
      .events({ node: "door-1", limit: 5 })
      .some(({ body }) => body.kind === "access.decided" && body.member === ada && body.outcome === "grant"),
  );
  await until("an empty outbox", () => door.node.node.outbox.depth() === 0);
  hurry();
  expect(await done).toBe(1);
  expect(said.at(-1)).toMatch(/no new card came within 30 s\. The one that was tapped belongs to Ada \(1\) already/);
}, 180_000);

test("a stolen card's session ends, and the terminal says that no node is exposed", async () => {
  await until("the right to start", () => answer("laser-1", cards.ada, "start") === grant);
  machine.tap(cards.ada.number);
  await until("the permit", () => machine.isPermitted());
  const { said, run } = terminalOn(dir);
  const from = performance.now();
  expect(await run("card", "block", "--member", "Ada", "--label", "blue tag", "--as", "stolen", "--reason", "bag")).toBe(0);
  expect(said.join("")).toContain("Refused from now on: front, laser-1.");
  await until("the permit to fall", () => !machine.isPermitted());
  console.log(`stolen card: session ended ${(performance.now() - from).toFixed(0)} ms after the command began`);
  await change.restoreCard({ card: cards.ada, reason: "found" }, by);
}, 180_000);

test("S18: a lost card used while the node is alone is an exception, and refused afterwards; her other card works", async () => {
  await until("the card to work again", () => answer("front", cards.ada, "enter") === grant);
  await hub.kill();
  const { said, run } = terminalOn(dir);
  expect(await run("card", "block", cards.ada.number, "--as", "lost", "--reason", "bus")).toBe(0);
  expect(said.join("")).toMatch(/No hub is running[\s\S]*front may still let it pass/);
  await pause(1200); // the same card again counts as gone for a second first
  expect(await door.tap(cards.ada.number)).toMatchObject({ granted: true });
  await pause(2200); // an exception is what is told later than a change takes to arrive
  hub = await startHubProcess(folder);
  await until("the exception", () => ledger.read.exceptions({}).length > 0);
  expect(ledger.read.exceptions({})).toMatchObject([{ member: ada, resource: "front", code: "CREDENTIAL_REVOKED", closedMs: null }]);
  await until("the refusal", () => answer("front", cards.ada, "enter") === "deny CREDENTIAL_REVOKED");
  expect(answer("front", cards.stranger, "enter")).toMatch(/^GRANT/);
  expect(await run("exception", "list")).toBe(0);
  expect(said.at(-1)).toMatch(/1 +Ada \(1\) +front .* CREDENTIAL_REVOKED/);
  expect(await run("exception", "close", "1", "--reason", "she had found it again")).toBe(0);
  expect(ledger.read.exceptions({})).toEqual([]);
  expect(ledger.read.exceptions({ all: true })).toMatchObject([{ exception: 1, closedMs: expect.any(Number) }]);
  expect(await run("exception", "reopen", "1")).toBe(0);
  expect(said.slice(-2)).toEqual(["Exception 1 is closed.\n", "Exception 1 is open again.\n"]);
  expect(ledger.read.exceptions({})).toMatchObject([{ exception: 1, closedMs: null }]);
}, 180_000);
