/**
 * Commands as a person gives them: the launcher in a terminal of its own, beside a hub that runs, with a real door node over TLS.
 * What was said is read back from the ledger, and from the node.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askControl, controlPath } from "../../hub/cli/control.ts";
import { openLedger } from "../../hub/ledger/ledger.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { systemClock, systemLog } from "../../hub/system.ts";
import { furnishedFolder, type HubFolder, type HubProcess, site, startHubProcess } from "../support/hub-process.ts";
import { openTerminal, until } from "../support/terminal.ts";
import { doorFolder, startDoor, type TestDoor } from "../support/test-node.ts";

const by = "cli:test";
const card = { number: "em4100:0F00000001" };

let dir: string;
let hub: HubProcess;
let ledger: Ledger;
let door: TestDoor;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "koprade-launcher-"));
  const folder: HubFolder = await furnishedFolder(dir, async ({ change }) => {
    await change.addPlan({ plan: "full", label: "Full" }, by);
    await change.addNode({ node: "door-1", kind: "door" }, by);
    await change.addDoor({ door: "front", node: "door-1", ch: "door", label: "Front", failMode: "secure" }, by);
    const { member } = await change.addMember({ displayName: "Ada" }, by);
    await change.assignCard({ member, card }, by);
  });
  ledger = await openLedger({ dir, site, tz: "Europe/Riga", role: "tool" }, { clock: systemClock, log: systemLog("error") });
  const path = await doorFolder(folder, ledger, "door-1");
  hub = await startHubProcess(folder);
  door = startDoor(path);
  await until("the node's snapshot", () => door.node.node.snapshots.current() !== null, 30_000);
}, 60_000);

afterAll(async () => {
  await door?.stop();
  await ledger?.close();
  await hub?.kill();
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

/** Exit code and what the terminal showed. */
async function koprade(...words: string[]): Promise<[number, string]> {
  const terminal = openTerminal(dir, [...words, "--data", dir]);
  const code = await terminal.ended(20_000);
  return [code, terminal.text()];
}

/** What the node would answer to her card now. */
function answer(): string {
  const asked = { ch: "door", kind: "enter" as const, cardKey: ledger.keys.cardKeyOf(card.number), usable: true };
  const { outcome, reason } = door.node.node.authoriser.review(asked, { session: null, ancillariesReady: true });
  return `${outcome} ${reason}`;
}

/** What the hub thinks of the node. */
async function stateOf(node: string): Promise<string | undefined> {
  const asked = await askControl(controlPath(dir), { op: "nodes" });
  return asked.kind === "answer" ? asked.result.find(({ id }) => id === node)?.status : undefined;
}

async function untilState(state: string): Promise<void> {
  let now: string | undefined;
  for (const from = performance.now(); now !== state; now = await stateOf("door-1"))
    if (performance.now() - from > 20_000) throw new Error(`the node is ${now} after 20 s, not ${state}`);
}

test("a membership begins and ends, and the node knows it", async () => {
  expect(answer()).toBe("deny MEMBERSHIP_NONE");
  expect(await koprade("membership", "set", "Ada", "--plan", "full", "--from", "2024-01-01", "--grace-days", "3")).toEqual([
    0,
    "Ada (1) has full from 2024-01-01 on.\n",
  ]);
  await until("the grant", () => answer() === "grant GRANT", 5000);
  expect(ledger.read.memberships(1)).toEqual([{ member: 1, plan: "full", from: "2024-01-01", validThrough: null, graceDays: 3 }]);
  await koprade("membership", "end", "Ada", "--on", "2024-12-31");
  await until("the refusal", () => answer() === "deny MEMBERSHIP_EXPIRED", 5000);
  expect(ledger.read.memberships(1)).toMatchObject([{ validThrough: "2024-12-31", graceDays: 0 }]);
  expect(ledger.read.audit(1)[0]).toMatchObject({ action: "endMembership", target: "member 1" });
  await koprade("membership", "set", "Ada", "--plan", "full");
  await until("the grant again", () => answer() === "grant GRANT", 5000);
}, 60_000);

test("the space and the rules of a door are as somebody said", async () => {
  expect(await koprade("site", "set", "--name", "Ozo lab", "--locale", "lv", "--adult-age", "21")).toEqual([0, "The space is changed.\n"]);
  expect(ledger.read.site()).toMatchObject({ name: "Ozo lab", locale: "lv", adultAge: 21, tz: "Europe/Riga" });
  const [code, said] = await koprade("policy", "set", "front", "--label", "Front door", "--strike-s", "7", "--set", "rex=unlocks");
  expect([code, said]).toEqual([0, "front: label Front door, strike-s 7, set rex=unlocks.\n"]);
  await koprade("policy", "next-step", "front", "--code", "MEMBERSHIP_NONE", "--text", "Jautā dežurantam", "--locale", "lv");
  const row = ledger.read.resource("front");
  expect(row).toMatchObject({ label: "Front door", settings: { rex: "unlocks" } });
  expect(row?.facts).toMatchObject({
    door: { strikeMs: 7000, shuntMs: 30_000 },
    nextStep: { MEMBERSHIP_NONE: { lv: "Jautā dežurantam" } },
  });
  expect(await koprade("policy", "set", "front", "--strike-s", "90")).toEqual([
    2,
    'koprade policy set: --strike-s cannot be "90"; give a whole number from 1 to 30.\n',
  ]);
}, 60_000);

test("a node that somebody looks for beeps, and its health is told", async () => {
  await untilState("online");
  expect(await koprade("node", "identify", "door-1")).toEqual([0, "door-1 beeps.\n"]);
  expect(door.beeps).toContain("slow");
  let list = "";
  // until the hub's first word about the time has come, it goes by its own clock
  for (const from = performance.now(); !list.includes("synced") && performance.now() - from < 30_000; )
    [, list] = await koprade("node", "list");
  expect(list).toMatch(/^door-1 +door +active +online .* synced ±\d+ ms +test /m);
  expect(await koprade("node", "identify", "door-9")).toEqual([
    1,
    expect.stringContaining('There is no node "door-9" with a door or machine'),
  ]);
}, 60_000);

test("a stolen node is cut off, nothing of it counts, and once it is found again everything does", async () => {
  await untilState("online");
  const { outbox } = door.node.node;
  expect(await koprade("node", "revoke", "door-1")).toEqual([0, "door-1 is revoked; `koprade node release door-1` lets it in again.\n"]);
  await untilState("revoked");
  const before = ledger.read.events({ node: "door-1", limit: 1 })[0]?.n;
  expect(await door.tap(card.number)).toMatchObject({ granted: true }); // it decides alone, as without a hub
  const [, list] = await koprade("node", "list");
  expect(list).toMatch(/^door-1 +door +revoked +revoked /m);
  expect(outbox.depth()).toBeGreaterThan(0);
  expect(ledger.read.events({ node: "door-1", limit: 1 })[0]?.n).toBe(before);

  expect(await koprade("node", "release", "door-1")).toEqual([0, "door-1 was revoked, and may come back.\n"]);
  await untilState("online");
  await until("its records", () => outbox.depth() === 0, 20_000);
  const told = ledger.read.events({ node: "door-1", limit: 50 }).map(({ body }) => body);
  expect(told).toContainEqual(expect.objectContaining({ kind: "access.decided", outcome: "grant", member: 1, where: "node" }));
  expect(ledger.read.audit(2).map(({ action, target }) => `${action} ${target}`)).toEqual(["setNode node door-1", "setNode node door-1"]);
}, 90_000);

test("a door that was added by mistake is gone again, from the node too", async () => {
  const channels = (): string[] => Object.keys(door.node.node.snapshots.current()?.header.channels ?? {});
  await koprade("door", "add", "sied", "--node", "door-1", "--ch", "side", "--fail-mode", "safe");
  await until("the door", () => channels().includes("side"), 5000);
  expect(await koprade("door", "remove", "sied")).toEqual([0, "sied is removed.\n"]);
  await until("no such door", () => !channels().includes("side"), 5000);
  expect(ledger.read.resources().map(({ id }) => id)).toEqual(["front"]);
}, 30_000);

test("what is not there is named, with where to look", async () => {
  const look = 'koprade node revoke: There is no node "door-9"';
  const [code, said] = await koprade("node", "revoke", "door-9");
  expect([code, said]).toEqual([1, expect.stringContaining(look)]);
}, 30_000);
