/** What each command does to the facts that decisions rest on, on a real ledger; instants are chosen, so nothing waits. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ResourceFacts, SubjectFacts } from "../../../hub/contract/index.ts";
import { Database } from "../../../hub/ledger/database.ts";
import { ledgerPath } from "../../../hub/ledger/ledger.ts";
import { migrate, migrations } from "../../../hub/ledger/migrations.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { aLedger, anEvent, anId, realClock, temporaryDir } from "../../support/ledger.ts";

const by = "cli:test";
let nowMs = Date.parse("2026-11-25T10:00:00Z"); // Wednesday noon in Riga
let folder: ReturnType<typeof temporaryDir>;
let ledger: Ledger;
let change: Ledger["change"];
let tia: number;

beforeAll(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir, { role: "tool" }, { ...realClock, nowMs: () => nowMs });
  change = ledger.change;
  await change.addPlan({ plan: "full", label: "Full" }, by);
  for (const course of ["basics", "laser"]) await change.addCourse({ course, label: course }, by);
  await change.addNode({ node: "node-1", kind: "mixed" }, by);
  await change.addMachine({ ...machine, machine: "laser-1", ch: "laser", course: "laser" }, by);
  await change.addMachine({ ...machine, machine: "saw-1", ch: "saw", course: null, riskClass: "A" }, by);
  await change.addDoor({ door: "front-door", node: "node-1", ch: "door", label: "Front", failMode: "safe" }, by);
  tia = await member("Tia");
  await change.addQualification({ member: tia, role: "trainer", scope: "laser", from: "2026-01-01" }, by);
  await change.addQualification({ member: tia, role: "trainer", scope: "basics", from: "2026-01-01", through: "2026-06-30" }, by);
});
afterAll(async () => {
  await ledger.close();
  folder.remove();
});

const machine = { node: "node-1", label: "Machine", riskClass: "B" as const, cutHazard: false };
const member = async (displayName: string): Promise<number> => (await change.addMember({ displayName }, by)).member;
const at = (text: string): number => Date.parse(text);
function facts(ref: number, resource = "laser-1", atMs = nowMs): SubjectFacts {
  const found = ledger.permissions.memberFacts(ref, resource, atMs)?.subject?.facts;
  if (found === undefined) throw new Error("no facts");
  return found;
}
function resource(id = "laser-1", atMs = nowMs): ResourceFacts {
  const found = ledger.permissions.memberFacts(tia, id, atMs)?.resource;
  if (found === undefined) throw new Error("no resource");
  return found;
}

describe("training", () => {
  it("counts only when the signer was a trainer of that course on that day", async () => {
    const ada = await member("Ada");
    const grant = (course: string, on: string) => change.grantTraining({ member: ada, course, signedOffBy: tia, on }, by);
    await expect(grant("basics", "2026-07-01")).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("no trainer") });
    await expect(grant("laser", "2025-12-31")).rejects.toMatchObject({ code: "CONFLICT" });
    await grant("laser", "2026-10-01");
    expect(facts(ada).competence).toEqual({ level: "competent", untilMs: null });
    await change.endQualification({ member: tia, role: "trainer", scope: "laser", lastDay: "2026-11-30" }, by);
    expect(facts(ada).competence.level).toBe("competent"); // losing the qualification later voids nothing
    expect(facts(tia, "laser-1", at("2026-11-30T21:59:00Z")).roles).toEqual(["trainer"]);
    expect(facts(tia, "laser-1", at("2026-11-30T22:00:00Z")).roles).toEqual([]);
    await change.addQualification({ member: tia, role: "trainer", scope: "laser", from: "2026-12-01" }, by);
  });

  it("is worth what its result says; suspended and revoked count for nothing, and both can be taken back", async () => {
    const ada = await member("Ada");
    const given = { member: ada, course: "laser", signedOffBy: tia };
    const because = { member: ada, course: "laser", reason: "seen" };
    await change.grantTraining({ ...given, result: "failed" }, by);
    expect(facts(ada).competence.level).toBe("none");
    await change.grantTraining({ ...given, result: "supervised_only" }, by);
    expect(facts(ada).competence.level).toBe("trainee");
    await change.grantTraining(given, by);
    expect(facts(ada).competence.level).toBe("competent");
    await change.suspendTraining(because, by);
    expect(facts(ada).competence).toEqual({ level: "suspended", untilMs: null });
    await change.resumeTraining(because, by);
    await change.revokeTraining(because, by);
    expect(facts(ada).competence.level).toBe("none");
    await change.restoreTraining(because, by);
    expect(facts(ada).competence.level).toBe("competent");
    nowMs += 9 * 60_000;
    expect(await change.undoTraining({ member: ada, course: "laser" }, by)).toEqual({ result: "passed" });
    expect(facts(ada).competence.level).toBe("trainee");
    nowMs += 2 * 60_000;
    await expect(change.undoTraining({ member: ada, course: "laser" }, by)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("ends by a revision at once or by a day, and lapses by disuse counted from the last session", async () => {
    const ada = await member("Ada");
    await change.addCourse({ course: "lathe", label: "Lathe" }, by);
    await change.setRoles({ member: tia, roles: ["trainer"] }, by);
    await change.addMachine({ ...machine, machine: "lathe-1", ch: "lathe", course: "lathe" }, by);
    await change.grantTraining({ member: ada, course: "lathe", signedOffBy: tia, on: "2026-10-01" }, by);
    await change.reviseCourse({ course: "lathe", supersedes: "require_by", effective: "2026-11-20", requireBy: "2026-12-24" }, by);
    const christmas = at("2026-12-24T22:00:00Z");
    expect(facts(ada, "lathe-1").competence).toEqual({ level: "competent", untilMs: christmas, endsAs: "superseded" });
    expect(facts(ada, "lathe-1", christmas).competence).toEqual({ level: "superseded", untilMs: christmas });
    await change.withdrawRevision({ course: "lathe" }, by);
    await change.reviseCourse({ course: "lathe", supersedes: "require_now" }, by);
    expect(facts(ada, "lathe-1").competence.level).toBe("superseded");
    await change.withdrawRevision({ course: "lathe" }, by);
    await change.addCourse({ course: "lathe", label: "Lathe", currencyDays: 30 }, by);
    expect(facts(ada, "lathe-1").competence.level).toBe("lapsed"); // 1 October and 30 days
    const session = anId();
    const start = anEvent(1, { kind: "mach.session_started", session, decision: anId(), member: ada, provisional: false });
    const close = anEvent(2, { kind: "mach.session_closed", session, reason: "tap_out", busyMs: 1, energyWh: 1 });
    const when = at("2026-11-10T10:00:00Z");
    for (const event of [start, close]) {
      await ledger.append("node-1", [{ ...event, ch: "lathe", evtMs: when, atMs: when }]);
    }
    expect(facts(ada, "lathe-1").competence).toEqual({ level: "competent", untilMs: at("2026-12-10T22:00:00Z"), endsAs: "lapsed" });
  });

  it("needs its prerequisites at sign-off and afterwards, and courses never need themselves", async () => {
    const ada = await member("Ada");
    await change.addCourse({ course: "laser", label: "laser", prerequisites: ["basics"] }, by);
    const grant = (course: string) => change.grantTraining({ member: ada, course, signedOffBy: tia }, by);
    await expect(grant("laser")).rejects.toMatchObject({ message: expect.stringContaining("basics") });
    await change.grantTraining({ member: ada, course: "basics", signedOffBy: tia, validThrough: "2026-12-31" }, by);
    await grant("laser");
    const newYear = at("2026-12-31T22:00:00Z");
    expect(facts(ada).competence).toEqual({ level: "competent", untilMs: newYear });
    expect(facts(ada, "laser-1", newYear).competence.level).toBe("expired");
    await expect(change.addCourse({ course: "basics", label: "Basics", prerequisites: ["laser"] }, by)).rejects.toMatchObject({
      code: "CONFLICT",
    });
    await change.addCourse({ course: "laser", label: "laser" }, by);
  });
});

describe("people", () => {
  it("are held or restricted until a day, here or in a whole zone", async () => {
    const ada = await member("Ada");
    await change.addZone({ zone: "wood", label: "Wood" }, by);
    await change.addZone({ zone: "wood-back", label: "Back", parent: "wood" }, by);
    await change.setMachine({ machine: "saw-1", change: { zone: "wood-back" } }, by);
    await change.restrict({ member: ada, place: "wood", reason: "left it dirty", through: "2026-11-30" }, by);
    expect(facts(ada, "saw-1")).toMatchObject({ restricted: true, restrictedUntilMs: at("2026-11-30T22:00:00Z") });
    expect(facts(ada).restricted).toBe(false);
    expect(facts(ada, "saw-1", at("2026-11-30T22:00:00Z")).restricted).toBe(false);
    await change.addHold({ member: ada, reason: "talk to us", through: "2026-11-26" }, by);
    await change.addHold({ member: ada, reason: "and pay" }, by);
    expect(facts(ada).hold).toBe(true);
    expect(facts(ada).holdUntilMs).toBeUndefined(); // one of two has no end
    await change.clearHold({ member: ada }, by);
    await change.liftRestriction({ member: ada, place: "wood" }, by);
    expect(facts(ada, "saw-1")).toMatchObject({ hold: false, restricted: false });
  });

  it("come of age on their birthday, with or without a guardian's consent", async () => {
    const [kid, parent] = [await member("Kid"), await member("Parent")];
    await change.addCourse({ course: "laser", label: "laser", minAge: 14 }, by);
    await change.setMember({ member: kid, birthDate: "2012-11-26" }, by);
    const minor = { ofAgeMs: at("2026-11-25T22:00:00Z"), adultMs: at("2030-11-25T22:00:00Z") };
    expect(facts(kid).minor).toEqual({ ...minor, consent: false });
    await change.setGuardian({ member: kid, guardian: parent, consent: true }, by);
    expect(facts(kid).minor).toEqual({ ...minor, consent: true });
    expect(facts(kid, "saw-1").minor).toMatchObject({ ofAgeMs: null });
    await change.removeGuardian({ member: kid, guardian: parent }, by);
    expect(facts(kid).minor?.consent).toBe(false);
    expect(facts(kid, "laser-1", minor.adultMs).minor).toBeUndefined();
    expect(facts(parent).minor).toBeUndefined();
    await change.setMember({ member: kid, birthDate: "2004-02-29" }, by);
    await change.setSite({ adultAge: 23 }, by);
    expect(facts(kid, "saw-1").minor).toMatchObject({ adultMs: at("2027-02-28T22:00:00Z") }); // 1 March
    await change.setSite({ adultAge: 18 }, by);
  });

  it("answer for guests, who have an end; credit is booked and taken back, never changed; a PIN is only said to be there", async () => {
    const ada = await member("Ada");
    const untilMs = at("2026-11-27T18:00:00Z");
    const guest = (await change.addGuest({ displayName: "Guest", host: ada, untilMs, visits: 2 }, by)).member;
    expect(facts(guest).guest).toEqual({ host: ada, untilMs, visitsLeft: 2 });
    await change.endGuest({ member: guest }, by);
    expect(facts(guest).guest?.untilMs).toBe(nowMs);
    await expect(change.addGuest({ displayName: "Second", host: guest, untilMs }, by)).rejects.toMatchObject({ code: "BAD_INPUT" });
    const { entry } = await change.addCredit({ member: ada, cents: 1500, reason: "paid in" }, by);
    await change.addCredit({ member: ada, cents: -400, reason: "laser" }, by);
    expect(await change.undoCredit({ entry, reason: "wrong member" }, by)).toMatchObject({ balanceCents: -400 });
    await expect(change.undoCredit({ entry, reason: "again" }, by)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(ledger.read.credit(ada).balanceCents).toBe(-400);
    expect(facts(ada).hasPin).toBeUndefined();
    await change.setPin({ member: ada, pin: "271828" }, by);
    expect(facts(ada).hasPin).toBe(true);
    expect(JSON.stringify(ledger.read.audit(1000))).not.toContain("271828");
    const typed = (pin: string) => ledger.permissions.checkPin(ada, pin);
    expect([await typed("271828"), await typed("828182"), await typed("1")]).toEqual(["right", "wrong", "wrong"]);
    await change.setDuressPin({ member: ada, pin: "828182" }, by);
    expect([await typed("271828"), await typed("828182"), await typed("1")]).toEqual(["right", "duress", "wrong"]);
    for (const alike of [change.setDuressPin({ member: ada, pin: "271828" }, by), change.setPin({ member: ada, pin: "828182" }, by)])
      await expect(alike).rejects.toMatchObject({ code: "CONFLICT", message: expect.stringContaining("must differ") });
    expect(JSON.stringify(ledger.read.audit(1000))).not.toMatch(/271828|828182/);
    await change.clearPin({ member: ada }, by);
    expect(facts(ada).hasPin).toBeUndefined();
    expect(await typed("828182"), "the second goes with the first").toBe("wrong");
    await expect(change.setDuressPin({ member: ada, pin: "828182" }, by)).rejects.toMatchObject({ code: "CONFLICT" });
    await change.setMember({ member: ada, moreTime: true }, by);
    expect([facts(ada).moreTime, ledger.read.member(ada)?.moreTime]).toEqual([true, true]);
    await change.setMember({ member: ada, moreTime: false }, by);
    expect([facts(ada).moreTime, ledger.read.member(ada)?.moreTime]).toEqual([undefined, false]);
  });
});

describe("places and times", () => {
  const [fromMs, untilMs] = [at("2026-11-25T12:00:00Z"), at("2026-11-25T14:00:00Z")];

  it("are booked once; requests block nobody, no-shows and cancelled ones are released and can come back", async () => {
    const [ada, bob] = [await member("Ada"), await member("Bob")];
    const given = { machine: "laser-1", fromMs, untilMs };
    const { booking } = await change.requestBooking({ ...given, member: ada }, by);
    expect(resource().bookings).toBeUndefined();
    await change.confirmBooking({ booking }, by);
    expect(resource().bookings).toEqual([{ fromMs, untilMs, member: ada, checkedIn: false }]);
    await expect(change.addBooking({ ...given, member: bob }, by)).rejects.toMatchObject({ code: "CONFLICT" });
    await change.cancelBooking({ booking }, by);
    const other = await change.addBooking({ ...given, member: bob }, by);
    await expect(change.restoreBooking({ booking }, by)).rejects.toMatchObject({ code: "CONFLICT" });
    await change.cancelBooking({ booking: other.booking }, by);
    const soon = { fromMs: nowMs + 60_000, untilMs: nowMs + 3_600_000 };
    const now = await change.addBooking({ machine: "laser-1", ...soon, member: bob }, by);
    await change.checkIn(now, by);
    expect(resource().bookings).toEqual([{ ...soon, member: bob, checkedIn: true }]);
    await change.cancelBooking(now, by);
  });

  it("are reserved by a class for who is enrolled, with a margin of fifteen minutes", async () => {
    const ada = await member("Ada");
    await change.addClass({ class: "laser-night", label: "Laser night", fromMs, untilMs, places: ["laser-1", "front-door"] }, by);
    const span = { fromMs: fromMs - 900_000, untilMs: untilMs + 900_000 };
    expect(resource().bookings).toEqual([{ ...span, member: 0, checkedIn: false }]);
    expect(facts(ada).events).toBeUndefined();
    await change.enrol({ class: "laser-night", member: ada }, by);
    expect(facts(ada).events).toEqual([span]);
    expect(facts(ada, "front-door").events).toEqual([span]);
    expect(facts(ada, "saw-1").events).toBeUndefined();
    await change.cancelClass({ class: "laser-night" }, by);
    expect([facts(ada).events, resource().bookings]).toEqual([undefined, undefined]);
    await change.restoreClass({ class: "laser-night" }, by);
    await change.withdraw({ class: "laser-night", member: ada }, by);
    expect([facts(ada).events, resource().bookings?.length]).toEqual([undefined, 1]);
    await change.cancelClass({ class: "laser-night" }, by);
  });

  it("carry what their policy, zone, circuit, roster and accessories say, and no more", async () => {
    const before = resource();
    await change.addSchedule({ schedule: "late", hours: { intervals: [{ weekday: 3, startMin: 1320, endMin: 360 }], special: [] } }, by);
    await change.addZone({ zone: "hall", label: "Hall", people: 20, capacity: "warn", loneWorking: "forbid" }, by);
    await change.addCircuit({ circuit: "feed-1", label: "L1", budgetW: 3600 }, by);
    await change.addAccessory({ machine: "laser-1", accessory: "rotary", label: "Rotary axis", course: "basics" }, by);
    await change.setSite({ roster: true }, by);
    const rare = {
      twoPerson: "late",
      assurance: 2,
      check: "next_user",
      exclusiveGroup: "dusty",
      minCreditCents: 100,
      restartable: false,
    } as const;
    await change.setMachine({ machine: "laser-1", change: { ...rare, zone: "hall", circuit: "feed-1", ratedW: 2000 } }, by);
    const { shift } = await change.addShift({ member: tia, zone: "hall", fromMs, untilMs }, by);
    expect(resource()).toMatchObject({
      twoPerson: { intervals: [{ weekday: 3, startMin: 1320, endMin: 360 }] },
      assurance: 2,
      check: "next_user",
      exclusiveGroup: "dusty",
      minCreditCents: 100,
      restartable: false,
      loneWorking: "forbid",
      capacity: { people: 20, mode: "warn" },
      feed: { circuit: "feed-1", ratedW: 2000, budgetW: 3600 },
      duty: [{ member: tia, fromMs, untilMs }],
      accessories: [{ accessory: "rotary", label: "Rotary axis" }],
    });
    expect(resource("saw-1").duty).toEqual([]);
    expect(facts(tia).accessories).toEqual({ rotary: { level: "none", untilMs: null } });
    await expect(change.removeZone({ zone: "hall" }, by)).rejects.toMatchObject({ code: "CONFLICT" });
    await change.endShift({ shift }, by);
    await change.setSite({ roster: false }, by);
    await change.removeAccessory({ machine: "laser-1", accessory: "rotary" }, by);
    const none = Object.fromEntries(Object.keys(rare).map((field) => [field, null]));
    await change.setMachine({ machine: "laser-1", change: { ...none, zone: null, circuit: null, ratedW: null } }, by);
    await change.removeCircuit({ circuit: "feed-1" }, by);
    await change.removeZone({ zone: "hall" }, by);
    expect(resource()).toEqual(before);
  });

  it("carry the hours in which a door stands unlocked, and none when they are taken away", async () => {
    const hours = { intervals: [{ weekday: 1, startMin: 540, endMin: 1020 }], special: [] };
    await change.addSchedule({ schedule: "day", hours }, by);
    await change.setDoor({ door: "front-door", change: { passage: "day" } }, by);
    expect(resource("front-door").passage).toEqual(hours);
    await expect(change.setDoor({ door: "front-door", change: { passage: "night" } }, by)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await change.setDoor({ door: "front-door", change: { passage: null } }, by);
    expect(resource("front-door").passage).toBeUndefined();
  });

  it("let a node decide alone the less, the more a machine can hurt", () => {
    const of = (id: string) => [resource(id).offline, resource(id).offlineMaxAgeMs / 3_600_000];
    expect([of("front-door"), of("laser-1"), of("saw-1")]).toEqual([
      ["snapshot", 168],
      ["snapshot", 48],
      ["staff", 48],
    ]);
  });
});

it("an older file keeps every right and every block when it is brought up to date", async () => {
  const old = temporaryDir();
  const path = join(old.dir, "old.sqlite");
  const db = new Database(path);
  migrate(db, migrations.slice(0, 1));
  db.exec(`INSERT INTO members (member, display_name, locale, status, roles, hold, added_ms) VALUES
      (1, 'Tia', 'en', 'active', '["staff","trainer"]', NULL, 5), (2, 'Ada', 'en', 'active', '[]', 'unpaid', 5);
    INSERT INTO courses VALUES ('laser', 'Laser', 12);
    INSERT INTO trainings (member, course, level, signed_off_by, on_date, valid_through) VALUES (2, 'laser', 'trainee', 1, '2026-01-31', '2027-01-31');`);
  migrate(db);
  expect(db.all("SELECT member, place, reason FROM blocks")).toEqual([{ member: 2, place: null, reason: "unpaid" }]);
  expect(db.all("SELECT member, roles FROM members")).toEqual([
    { member: 1, roles: '["staff"]' },
    { member: 2, roles: "[]" },
  ]);
  expect(db.all("SELECT member, role, scope FROM qualifications")).toEqual([{ member: 1, role: "trainer", scope: null }]);
  expect(db.all("SELECT member, rev, result, valid_through FROM records")).toEqual([
    { member: 2, rev: 1, result: "supervised_only", valid_through: "2027-01-31" },
  ]);
  expect(db.all("SELECT validity_months FROM revisions")).toEqual([{ validity_months: 12 }]);
  db.close();
  copyFileSync(ledgerPath(folder.dir), path); // and the current file is current
  const now = new Database(path);
  expect(now.raw.prepare("PRAGMA user_version").get()).toEqual({ user_version: migrations.length });
  now.close();
  old.remove();
});
