/** Commands, what they refuse, and what nodes get to know of them. */
import { createPublicKey, verify } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encodeSnapshot, manifestBytes, readSnapshot, type SubjectFacts, topics } from "../../../hub/contract/index.ts";
import { brokenAudit } from "../../../hub/ledger/audit.ts";
import { makeBackup, restoreBackup } from "../../../hub/ledger/backup.ts";
import { Database } from "../../../hub/ledger/database.ts";
import { ledgerPath } from "../../../hub/ledger/ledger.ts";
import { migrations } from "../../../hub/ledger/migrations.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { aLedger, temporaryDir } from "../../support/ledger.ts";

const actor = "cli:test";
const number = "em4100:0A1B2C3D4E";
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

async function aSite(): Promise<{ readonly ada: number; readonly bob: number; readonly cardKey: string }> {
  const { change } = ledger;
  await change.addPlan({ plan: "basic", label: "Basic" }, actor);
  await change.addCourse({ course: "laser", label: "Laser", validityMonths: 12 }, actor);
  await change.addNode({ node: "laser-node", kind: "machine" }, actor);
  await change.addMachine(
    { machine: "laser-1", node: "laser-node", ch: "laser", label: "Laser", riskClass: "B", cutHazard: false, course: "laser" },
    actor,
  );
  const ada = (await change.addMember({ displayName: "Ada Ozola" }, actor)).member;
  const bob = (await change.addMember({ displayName: "Bob" }, actor)).member;
  await change.setRoles({ member: bob, roles: ["trainer"] }, actor);
  const { cardKey } = await change.assignCard({ member: ada, card: { number } }, actor);
  await change.setMembership({ member: ada, plan: "basic", from: "2026-01-01", validThrough: "2026-10-25", graceDays: 7 }, actor);
  return { ada, bob, cardKey };
}

/** Facts as the node would read them, once the snapshot says what is expected. */
async function settled(cardKey: string, isThere: (facts: SubjectFacts) => boolean): Promise<SubjectFacts> {
  const end = performance.now() + 2000;
  for (;;) {
    const found = facts(cardKey);
    if (found !== undefined && isThere(found)) return found;
    if (performance.now() > end) throw new Error(`facts did not settle: ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
function facts(cardKey: string): SubjectFacts | undefined {
  return ledger.permissions.decideFacts("laser-node", "laser", cardKey)?.subject?.facts;
}

test("a change is in the snapshot of its node within two seconds, signed, and readable by the contract", async () => {
  const { ada, bob, cardKey } = await aSite();
  await ledger.change.grantTraining({ member: ada, course: "laser", signedOffBy: bob, on: "2026-01-31" }, actor);
  const found = await settled(cardKey, (now) => now.competence.level !== "none");
  expect(found.competence.untilMs).toBe(Date.parse("2027-01-31T22:00:00Z"));
  const snapshot = ledger.permissions.snapshot("laser-node");
  const read = readSnapshot(snapshot?.bytes ?? new Uint8Array());
  expect(read.ok && read.snapshot.find(cardKey)).toMatchObject({ member: ada, profile: { laser: found } });
  if (snapshot === undefined || !read.ok) throw new Error("no snapshot");
  const { count: _count, ...header } = read.snapshot.header;
  const record = { cardKey, member: ada, profile: 0 };
  expect(Buffer.from(snapshot.bytes)).toEqual(Buffer.from(encodeSnapshot(header, [record])));
  expect(topics.snapshotManifest.body.safeParse(snapshot.manifest).success).toBe(true);
  const { sig, ...unsigned } = snapshot.manifest;
  const key = createPublicKey({ key: Buffer.from(ledger.keys.signingPublicKey, "base64url"), format: "der", type: "spki" });
  expect(verify(null, manifestBytes("valmiera", "laser-node", unsigned), key, Buffer.from(sig, "base64url"))).toBe(true);
  expect(Buffer.concat(Array.from({ length: snapshot.manifest.chunks }, (_, i) => snapshot.chunk(i)))).toEqual(Buffer.from(snapshot.bytes));
});

test("last days are inclusive local dates: a membership through 25 October ends when that 25-hour day ends", async () => {
  const { cardKey } = await aSite();
  const found = await settled(cardKey, (now) => now.membership.state === "held");
  expect(found.membership).toEqual({
    state: "held",
    fromMs: Date.parse("2025-12-31T22:00:00Z"),
    untilMs: Date.parse("2026-10-25T22:00:00Z"),
    graceUntilMs: Date.parse("2026-11-01T22:00:00Z"),
  });
});

test("a change that no node can see raises no version, and a restart gives the very same snapshot", async () => {
  const { ada, cardKey } = await aSite();
  await settled(cardKey, (now) => now.membership.state === "held");
  const before = ledger.permissions.snapshot("laser-node")?.manifest;
  await ledger.change.setMember({ member: ada, displayName: "Ada Berzina" }, actor);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(ledger.permissions.snapshot("laser-node")?.manifest).toEqual(before);
  await ledger.close();
  ledger = await aLedger(folder.dir);
  expect(ledger.permissions.snapshot("laser-node")?.manifest).toEqual(before);
});

test("clearing one of two lockouts leaves the machine locked", async () => {
  const { cardKey } = await aSite();
  await settled(cardKey, (now) => now.member === "active");
  await ledger.change.lockMachine({ machine: "laser-1", reason: "lens" }, actor);
  await ledger.change.lockMachine({ machine: "laser-1", kind: "oops", reason: "smoke", mode: "immediate" }, actor);
  expect(await ledger.change.unlockMachine({ machine: "laser-1", kind: "oops" }, actor)).toEqual({
    cleared: 1,
    stillLocked: ["maintenance"],
  });
  expect(ledger.permissions.decideFacts("laser-node", "laser", "0".repeat(32))?.lockouts).toEqual(["maintenance"]);
  expect(ledger.permissions.restrictions("laser-node").lockouts).toEqual([
    { ch: "laser", kind: "maintenance", mode: "when_idle", reason: "lens" },
  ]);
});

test("a blocked card is revoked at once, before any snapshot, and stands in the restrictions", async () => {
  const { cardKey } = await aSite();
  await settled(cardKey, (now) => now.member === "active");
  await ledger.change.blockCard({ card: { number }, status: "lost", reason: "reported" }, actor);
  expect(ledger.permissions.decideFacts("laser-node", "laser", cardKey)?.revoked).toBe(true);
  expect(ledger.permissions.restrictions("laser-node").revoked).toEqual([cardKey]);
  expect((await settled(cardKey, (now) => now.credential !== "active")).credential).toBe("lost");
});

test("a lockout and a blocked card of another program count at once, though nobody tells the hub", async () => {
  const { cardKey } = await aSite();
  await settled(cardKey, (now) => now.member === "active");
  const ask = () => ledger.permissions.decideFacts("laser-node", "laser", cardKey);
  expect(ask()).toMatchObject({ lockouts: [], revoked: false });
  const tool = await aLedger(folder.dir, { role: "tool" });
  await tool.change.lockMachine({ machine: "laser-1", reason: "lens" }, actor);
  await tool.change.blockCard({ card: { number }, status: "stolen", reason: "reported" }, actor);
  await tool.close();
  await expect.poll(ask, { timeout: 1000, interval: 10 }).toMatchObject({ lockouts: ["maintenance"], revoked: true });
});

test("refusals name the place and the remedy, and change nothing", async () => {
  const { ada, bob } = await aSite();
  const audit = ledger.read.audit(100).length;
  const refused: readonly [string, () => Promise<unknown>, string][] = [
    ["BAD_INPUT", () => ledger.change.grantTraining({ member: ada, course: "laser", signedOffBy: ada }, actor), "signedOffBy"],
    ["NOT_FOUND", () => ledger.change.grantTraining({ member: ada, course: "plasma", signedOffBy: bob }, actor), "plasma"],
    ["NOT_FOUND", () => ledger.change.setMembership({ member: 99, plan: "basic", from: "2026-01-01" }, actor), "member 99"],
    ["CONFLICT", () => ledger.change.assignCard({ member: bob, card: { number } }, actor), `member ${ada}`],
    ["BAD_INPUT", () => ledger.change.addNode({ node: "display-hall", kind: "door" }, actor), "display-hall"],
    ["BAD_INPUT", () => ledger.change.addNode({ node: "enrol-me", kind: "door" }, actor), "enrol-me"],
    ["ALREADY_EXISTS", () => ledger.change.addNode({ node: "laser-node", kind: "door" }, actor), "laser-node"],
    [
      "BAD_INPUT",
      () => ledger.change.addMachine({ machine: "saw-1", node: "laser-node", ch: "saw", label: "Saw", course: null } as never, actor),
      "riskClass",
    ],
    [
      "CONFLICT",
      () => ledger.change.addDoor({ door: "front", node: "laser-node", ch: "laser", label: "Front", failMode: "secure" }, actor),
      "laser-1",
    ],
    ["BAD_INPUT", () => ledger.change.addMember({ displayName: "  " }, actor), "displayName"],
    ["BAD_INPUT", () => ledger.change.setSite({ tz: "Mars/Olympus" }, actor), "Mars/Olympus"],
  ];
  for (const [code, attempt, word] of refused) {
    const error: unknown = await attempt().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "HubError", code, message: expect.stringContaining(word), fix: expect.stringMatching(/\.$/) });
  }
  expect(ledger.read.audit(100).length).toBe(audit);
});

test("one bad row undoes the whole import and is named", async () => {
  await aSite();
  const rows = [
    { displayName: "Cid", cards: ["em4100:1111111111"] },
    { displayName: "Dan", cards: [number] },
  ];
  await expect(ledger.change.importMembers({ rows }, actor)).rejects.toMatchObject({ message: expect.stringMatching(/^Row 2:/) });
  expect(ledger.read.members({ text: "Cid" })).toEqual([]);
});

test("the audit is a chain without names or numbers; one edited entry shows", async () => {
  await aSite();
  const text = JSON.stringify(ledger.read.audit(100));
  expect(text).not.toContain("Ozola");
  expect(text).not.toContain("0A1B2C3D4E");
  await ledger.close();
  const db = new Database(ledgerPath(folder.dir));
  expect(brokenAudit(db)).toBe(null);
  db.run("UPDATE audit SET actor = 'nobody' WHERE n = 3");
  expect(brokenAudit(db)).toBe(3);
  db.close();
});

test("secrets and card numbers are not in the database, and keys are only for their owner", async () => {
  await aSite();
  const { secret } = await ledger.change.addNode({ node: "door-node", kind: "door" }, actor);
  expect(ledger.nodeSecretMatches("door-node", secret)).toBe(true);
  expect(ledger.nodeSecretMatches("door-node", `${secret}x`)).toBe(false);
  await ledger.change.setNode({ node: "door-node", status: "revoked" }, actor);
  expect(ledger.nodeSecretMatches("door-node", secret)).toBe(false);
  await ledger.close();
  const raw = readFileSync(ledgerPath(folder.dir), "latin1");
  for (const hidden of [secret, "0A1B2C3D4E", Buffer.from(ledger.keys.cardSecret).toString("latin1")]) expect(raw).not.toContain(hidden);
  expect(statSync(join(folder.dir, "keys", "site.json")).mode & 0o777).toBe(0o600);
});

test("a restored backup has everything, refuses a wrong passphrase, and begins an epoch that nodes accept", async () => {
  const { cardKey } = await aSite();
  await settled(cardKey, (now) => now.membership.state === "held");
  const before = ledger.permissions.snapshot("laser-node")?.manifest;
  const lock = ledger.permissions.nodeConfig("laser-node").version;
  const to = join(folder.dir, "site.kpb");
  await makeBackup({ dir: folder.dir, to, passphrase: "correct horse battery", nowMs: Date.now() });
  expect(readFileSync(to, "latin1")).not.toContain("SQLite format");
  const target = temporaryDir();
  const request = { from: to, dir: target.dir, nowMs: Date.now() };
  await expect(restoreBackup({ ...request, passphrase: "wrong horse battery" })).rejects.toMatchObject({ code: "BACKUP_BAD" });
  const done = await restoreBackup({ ...request, passphrase: "correct horse battery" });
  expect(done).toMatchObject({ members: 2, site: "valmiera" });
  const restored = await aLedger(target.dir);
  const after = restored.permissions.snapshot("laser-node")?.manifest;
  expect(after?.epoch).toBeGreaterThan(before?.epoch ?? 0);
  expect(restored.permissions.nodeConfig("laser-node").version).toBeGreaterThan(lock);
  expect(restored.read.card(cardKey)?.member).toBe(1);
  expect(restored.keys.cardKeyOf(number)).toBe(cardKey);
  await restored.close();
  target.remove();
});

test("a newer file, foreign keys and a damaged file are refused with a sentence", async () => {
  await ledger.close();
  const db = new Database(ledgerPath(folder.dir));
  db.exec("PRAGMA user_version = 99");
  await expect(aLedger(folder.dir)).rejects.toMatchObject({ code: "LEDGER_NEWER" });
  db.exec(`PRAGMA user_version = ${migrations.length}`);
  db.run("UPDATE meta SET value = 'other' WHERE key = 'keys'");
  await expect(aLedger(folder.dir)).rejects.toMatchObject({ code: "KEYS_UNREADABLE" });
  db.close();
});
