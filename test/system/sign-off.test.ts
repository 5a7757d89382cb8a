/**
 * A sign-off with two cards from the reader to the ledger and back (domain.md §3.6, S33): a real machine node while the hub is
 * away, the hub as its own process, its real ledger. What the trainer and the student do at the machine becomes a record, the
 * record becomes a permission, and the same two cards take it back.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EventBody } from "../../hub/contract/index.ts";
import type { SayKey } from "../../hub/core/index.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { systemClock, systemLog } from "../../hub/system.ts";
import { furnishedFolder, type HubFolder, type HubProcess, site, startHubProcess } from "../support/hub-process.ts";
import { machineFolder, startMachine, type TestMachine } from "../support/test-machine.ts";

const by = "cli:test";
const cards = { tia: { number: "em4100:0F00000001" }, stu: { number: "em4100:0F00000002" } };
/** how often a reader repeats a card that lies there, and how long it must be away to count again */
const repeatMs = 65;
const awayMs = 1500;
/** a hold takes three seconds */
const holdMsMax = 4000;
const today = new Date().toISOString().slice(0, 10);

let dir: string;
let folder: HubFolder;
let hub: HubProcess;
let ledger: Ledger;
let machine: TestMachine;
let tia: number;
let stu: number;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "koprade-sign-off-"));
  folder = await furnishedFolder(dir, furnish);
  ledger = await openLedger({ dir, site, tz: "Europe/Riga", role: "tool" }, { clock: systemClock, log: systemLog("error") });
  const path = await machineFolder(folder, ledger, "laser-node");
  hub = await startHubProcess(folder);
  machine = startMachine(path);
  await until("a snapshot", () => machine.node.node.snapshots.current() !== null);
  await pause(awayMs); // cards that lay there at the start are past
}, 120_000);

afterAll(async () => {
  await machine?.stop();
  await ledger?.close();
  await hub?.kill();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

async function furnish({ change: give }: Ledger): Promise<void> {
  await give.addPlan({ plan: "full", label: "Full" }, by);
  await give.addCourse({ course: "laser", label: "Laser" }, by);
  await give.addNode({ node: "laser-node", kind: "machine" }, by);
  const laser = { machine: "laser-1", node: "laser-node", ch: "machine", label: "Laser", riskClass: "C" as const, cutHazard: false };
  await give.addMachine({ ...laser, course: "laser", graceMs: 500 }, by);
  const add = async (displayName: string, card: { readonly number: string }) => {
    const { member } = await give.addMember({ displayName }, by);
    await give.setMembership({ member, plan: "full", from: "2024-01-01" }, by);
    await give.assignCard({ member, card }, by);
    return member;
  };
  [tia, stu] = [await add("Tia", cards.tia), await add("Stu", cards.stu)];
  const { member: sten } = await give.addMember({ displayName: "Sten" }, by);
  for (const member of [sten, tia]) await give.setRoles({ member, roles: ["trainer"] }, by);
  await give.grantTraining({ member: tia, course: "laser", signedOffBy: sten, on: today }, by);
}

async function until(what: string, isTrue: () => boolean, mostMs = 30_000): Promise<void> {
  const from = performance.now();
  while (!isTrue()) {
    if (performance.now() - from > mostMs) throw new Error(`waited ${mostMs} ms for ${what}`);
    await pause(10);
  }
}

/** A card lies at the reader until the display says what it should, or else for a moment; then it is away for long enough to count again. */
async function present({ number }: { readonly number: string }, said?: SayKey): Promise<void> {
  const isEnough = (forMs: number): boolean => (said === undefined ? forMs > 2 * repeatMs : machine.said() === said || forMs > holdMsMax);
  for (const from = performance.now(); !isEnough(performance.now() - from); await pause(repeatMs)) machine.tap(number);
  await pause(awayMs);
}
/** The two at the machine: the trainer holds, the student taps, the trainer taps, the student taps; 20 s at most. The lesson is over. */
async function fourGestures(last: SayKey): Promise<void> {
  const from = performance.now();
  while (machine.said() !== "teach_student") await present(cards.tia, "teach_student"); // who let go too early tries again
  await present(cards.stu);
  await until("the lesson", () => machine.node.state().session?.wants === "teach");
  expect(machine.node.state().session).toMatchObject({ member: stu, permit: { supervisor: tia } });
  await present(cards.tia);
  expect(machine.said()).toBe("sign_off_student");
  await present(cards.stu);
  expect(machine.said()).toBe(last);
  expect(performance.now() - from).toBeLessThan(20_000);
  await present(cards.stu); // and leaves
  await until("the end of the lesson", () => machine.node.state().session === null, 10_000);
}

const mine = (): string => {
  const live = { session: null, ancillariesReady: true };
  const question = { ch: "machine", kind: "start" as const, cardKey: ledger.keys.cardKeyOf(cards.stu.number), usable: true };
  const { outcome, reason } = machine.node.node.authoriser.review(question, live);
  return `${outcome} ${reason}`;
};
const signOffs = (): EventBody[] =>
  ledger.read
    .events({ node: "laser-node", limit: 200 })
    .map(({ body }) => body)
    .filter(({ kind }) => kind === "mach.signed_off");

test("two cards at a node without its hub become a training record, which two cards take back within ten minutes", async () => {
  await present(cards.stu);
  expect([machine.starts(), mine()]).toEqual([0, "deny TRAINING_MISSING"]);

  await hub.kill();
  await fourGestures("signed_off");
  expect(ledger.read.trainings(stu)).toEqual([]);
  expect([signOffs(), mine()]).toEqual([[], "deny TRAINING_MISSING"]); // nobody is trained by a node's word alone

  hub = await startHubProcess(folder);
  await until("the permission to arrive", () => mine() === "grant GRANT");
  expect(signOffs()).toMatchObject([{ member: stu, trainer: tia, undone: false }]);
  expect(ledger.read.trainings(stu)).toMatchObject([{ course: "laser", result: "passed", signedOffBy: tia, revokedMs: null }]);
  expect(ledger.read.audit(20)).toContainEqual(expect.objectContaining({ action: "grantTraining", actor: `member:${tia}` }));

  await hub.kill(); // what he has learnt holds at the node alone
  await present(cards.stu);
  expect(machine.node.state().session).toMatchObject({ member: stu, wants: "start" });
  expect(machine.isPermitted()).toBe(true);
  await present(cards.stu); // and leaves
  await until("the end of the session", () => machine.node.state().session === null, 10_000);

  await fourGestures("sign_off_undone");
  expect(mine()).toBe("grant GRANT_DEGRADED");
  hub = await startHubProcess(folder);
  await until("the refusal to arrive", () => mine() === "deny TRAINING_MISSING");
  expect(signOffs()).toHaveLength(2);
  expect(ledger.read.trainings(stu)).toMatchObject([{ revokedMs: expect.any(Number) }]);
  const starts = machine.starts();
  await present(cards.stu);
  expect([machine.starts(), machine.isPermitted()]).toEqual([starts, false]);
}, 120_000);
