/** What a command refuses although its input has the right form, and what no late word of a node may undo. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EventBody } from "../../../hub/contract/index.ts";
import { settleBookings } from "../../../hub/ledger/bookings.ts";
import { Database } from "../../../hub/ledger/database.ts";
import { ledgerPath } from "../../../hub/ledger/ledger.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { aLedger, anEvent, anId, realClock, temporaryDir } from "../../support/ledger.ts";

const by = "cli:test";
const minute = 60_000;
const hour = 60 * minute;
const noonMs = Date.parse("2026-11-25T10:00:00Z"); // in Riga
let nowMs = noonMs;
let folder: ReturnType<typeof temporaryDir>;
let ledger: Ledger;
let change: Ledger["change"];
const [ada, bo, tia] = [1, 2, 3];
let seq = 0;

beforeAll(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir, { role: "tool" }, { ...realClock, nowMs: () => nowMs });
  change = ledger.change;
  await change.addPlan({ plan: "full", label: "Full" }, by);
  await change.addCourse({ course: "saw", label: "Saw" }, by);
  await change.addNode({ node: "node-1", kind: "machine" }, by);
  const saw = { machine: "saw-1", node: "node-1", ch: "saw", label: "Saw", riskClass: "C" as const, cutHazard: false, course: "saw" };
  await change.addMachine(saw, by);
  for (const displayName of ["Ada", "Bo", "Tia"]) await change.addMember({ displayName }, by);
  await change.addQualification({ member: tia, role: "trainer", scope: "saw", from: "2026-01-01" }, by);
  await change.addQualification({ member: tia, role: "maintainer", scope: "saw-1", from: "2026-01-01" }, by);
});
afterAll(async () => {
  await ledger.close();
  folder.remove();
});

async function happens(body: EventBody, evtMs: number): Promise<void> {
  seq += 1;
  await ledger.append("node-1", [anEvent(seq, body, { ch: "saw", evtMs, atMs: evtMs, recvMs: nowMs })]);
}
const refused = (code: string, sentence: string) => ({ code, message: expect.stringContaining(sentence) });

describe("a day that makes no sense", () => {
  const training = { member: ada, course: "saw", signedOffBy: tia };
  it.each<[string, () => Promise<unknown>, string]>([
    ["a birth tomorrow", () => change.setMember({ member: ada, birthDate: "2026-11-26" }, by), "birthDate: that day is still to come"],
    ["a hold that is over", () => change.addHold({ member: ada, reason: "x", through: "2026-11-24" }, by), "through: that day is over"],
    ["a training tomorrow", () => change.grantTraining({ ...training, on: "2026-11-26" }, by), "on: 2026-11-26 is still to come"],
    [
      "a training that ends before it was",
      () => change.grantTraining({ ...training, on: "2026-11-25", validThrough: "2026-11-24" }, by),
      "validThrough: it would end before it begins",
    ],
    [
      "people who have not come yet",
      () => change.addHeadcount({ on: "2026-11-26", kind: "fair", people: 5, minutes: 0 }, by),
      "on: 2026-11-26 is still to come",
    ],
  ])("refuses %s", async (_what, tried, sentence) => {
    await expect(tried()).rejects.toMatchObject(refused("BAD_INPUT", sentence));
  });
  it("takes today", async () => {
    await change.setMember({ member: ada, birthDate: "2026-11-25" }, by);
    await change.setMember({ member: ada, birthDate: null }, by);
    await change.addHold({ member: ada, reason: "x", through: "2026-11-25" }, by);
    await change.clearHold({ member: ada }, by);
    await change.grantTraining({ ...training, on: "2026-11-25", validThrough: "2026-11-25" }, by);
  });
});

describe("a card", () => {
  it("that is lost or stolen comes back by being found, not by being assigned anew", async () => {
    const card = { number: "em4100:0F00000001" };
    const { cardKey } = await change.assignCard({ member: ada, card }, by);
    for (const status of ["lost", "stolen", "revoked"] as const) {
      await change.blockCard({ card, status, reason: "gone" }, by);
      await expect(change.assignCard({ member: ada, card }, by)).rejects.toMatchObject(refused("CONFLICT", `This card is ${status}`));
      expect(ledger.read.card(cardKey)?.status).toBe(status);
      await change.restoreCard({ card, reason: "found" }, by);
    }
    await change.blockCard({ card, status: "returned", reason: "left" }, by);
    await change.assignCard({ member: ada, card }, by);
    await change.assignCard({ member: ada, card, label: "blue tag" }, by);
    expect(ledger.read.card(cardKey)).toMatchObject({ status: "active", label: "blue tag" });
  });
});

describe("a membership", () => {
  it("that has not begun can be ended, too", async () => {
    await change.setMembership({ member: bo, plan: "full", from: "2027-01-01" }, by);
    await change.endMembership({ member: bo, lastDay: "2026-12-31" }, by);
    expect(ledger.read.memberships(bo)).toEqual([]);
    await expect(change.endMembership({ member: bo, lastDay: "2026-12-31" }, by)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a booking", () => {
  const booked = async (fromMs: number, member = ada) =>
    (await change.addBooking({ machine: "saw-1", member, fromMs, untilMs: fromMs + hour }, by)).booking;

  it("is checked in around its time only: no tap of today keeps tomorrow's machine", async () => {
    const booking = await booked(nowMs + 24 * hour);
    await expect(change.checkIn({ booking }, by)).rejects.toMatchObject(refused("CONFLICT", `Booking ${booking} is not now`));
    nowMs += 24 * hour - 15 * minute - 1;
    await expect(change.checkIn({ booking }, by)).rejects.toMatchObject({ code: "CONFLICT" });
    nowMs += 1;
    await change.checkIn({ booking }, by);
    nowMs += 5 * hour;
    const over = await booked(nowMs + minute);
    nowMs += hour + minute;
    await expect(change.checkIn({ booking: over }, by)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("that passed as a no-show is none when the node tells late that the member came; not over another's", async () => {
    const stateOf = (booking: number) => ledger.read.bookings(0).find((row) => row.booking === booking)?.state;
    const uses = async (member: number, atMs: number) => {
      const session = anId();
      await happens({ kind: "mach.session_started", session, decision: anId(), member, provisional: false }, atMs);
      await happens({ kind: "mach.session_closed", session, reason: "tap_out", busyMs: 1, energyWh: 1 }, atMs + 1);
    };
    const settle = () => {
      const db = new Database(ledgerPath(folder.dir));
      settleBookings(db, nowMs);
      db.close();
    };
    nowMs = noonMs + 48 * hour;
    const beganMs = nowMs;
    const came = await booked(beganMs);
    nowMs += 20 * minute;
    settle();
    expect(stateOf(came)).toBe("no_show");
    await uses(ada, beganMs + minute);
    expect(stateOf(came)).toBe("checked_in");
    nowMs = beganMs + 2 * hour;
    const lost = await booked(nowMs);
    nowMs += 20 * minute;
    settle();
    const other = await booked(nowMs, bo);
    await uses(ada, nowMs - 19 * minute);
    expect([stateOf(lost), stateOf(other)]).toEqual(["no_show", "confirmed"]);
  });

  it("that was given away as a no-show does not come back over the one that has it now", async () => {
    nowMs = noonMs + 72 * hour;
    const missed = await booked(nowMs);
    nowMs += 20 * minute;
    const db = new Database(ledgerPath(folder.dir));
    expect(settleBookings(db, nowMs)).toBe(true);
    db.close();
    const second = await booked(nowMs, bo);
    await expect(change.checkIn({ booking: missed }, by)).rejects.toMatchObject(refused("CONFLICT", `booking ${second}`));
    await change.cancelBooking({ booking: second }, by);
    await change.checkIn({ booking: missed }, by);
  });
});

describe("a place", () => {
  it("has one name: a restriction to it must not mean another", async () => {
    await expect(change.addZone({ zone: "saw-1", label: "Saw" }, by)).rejects.toMatchObject(refused("ALREADY_EXISTS", "a door or machine"));
    await change.addZone({ zone: "attic", label: "Attic" }, by);
    const door = { door: "attic", node: "node-1", ch: "door", label: "Attic", failMode: "safe" as const };
    await expect(change.addDoor(door, by)).rejects.toMatchObject(refused("ALREADY_EXISTS", "is a zone"));
  });
});

describe("a class", () => {
  it("that is cancelled or over takes nobody any more", async () => {
    nowMs = noonMs + 96 * hour;
    const lesson = { label: "Saw", fromMs: nowMs + hour, untilMs: nowMs + 2 * hour, places: ["saw-1"] };
    await change.addClass({ ...lesson, class: "evening" }, by);
    await change.enrol({ class: "evening", member: ada }, by);
    await change.cancelClass({ class: "evening" }, by);
    const booking = ledger.read.bookings(nowMs).find((row) => row.class === "evening")?.booking ?? 0;
    await expect(change.restoreBooking({ booking }, by)).rejects.toMatchObject(refused("CONFLICT", "Class evening is cancelled"));
    await expect(change.enrol({ class: "evening", member: bo }, by)).rejects.toMatchObject(refused("CONFLICT", "evening is cancelled"));
    await change.restoreClass({ class: "evening" }, by);
    nowMs += 2 * hour;
    await expect(change.enrol({ class: "evening", member: bo }, by)).rejects.toMatchObject(refused("CONFLICT", "evening is over"));
  });
});

describe("a machine", () => {
  it("that turns out to be more dangerous does less alone, unless somebody chose otherwise; never more by itself", async () => {
    const offline = () => {
      const { offline: policy, offlineMaxAgeMs } = ledger.read.resource("saw-1")?.facts ?? {};
      return [policy, (offlineMaxAgeMs ?? 0) / hour];
    };
    const set = (given: Parameters<typeof change.setMachine>[0]["change"]) => change.setMachine({ machine: "saw-1", change: given }, by);
    expect(offline()).toEqual(["snapshot", 168]);
    await set({ riskClass: "A" });
    expect(offline()).toEqual(["staff", 48]);
    await set({ riskClass: "C" });
    expect(offline()).toEqual(["staff", 48]);
    await set({ offline: "snapshot", offlineMaxAgeMs: 12 * hour });
    await set({ riskClass: "A", offline: "snapshot" });
    expect(offline()).toEqual(["snapshot", 12]);
  });

  it("stays locked when a reset that was told late came before the lockout", async () => {
    const lockouts = () => ledger.read.lockouts("saw-1").length;
    nowMs = noonMs + 120 * hour;
    await change.lockMachine({ machine: "saw-1", kind: "oops", reason: "smoke" }, by);
    await happens({ kind: "mach.reset", member: tia }, nowMs - hour);
    expect(lockouts()).toBe(1);
    await happens({ kind: "mach.reset", member: tia }, nowMs + minute);
    expect(lockouts()).toBe(0);
  });
});
