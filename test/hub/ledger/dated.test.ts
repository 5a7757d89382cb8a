/** What holds from a date on: entered later, it changes no day before; and what a booking or a class was, stays known. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ledger } from "../../../hub/ledger/types.ts";
import { eventsIn } from "../../../hub/reports/gather-events.ts";
import { aLedger, realClock, temporaryDir } from "../../support/ledger.ts";

const by = "cli:test";
const hour = 3_600_000;
const startMs = Date.parse("2026-11-02T08:00:00Z");
let nowMs = startMs;
let folder: ReturnType<typeof temporaryDir>;
let ledger: Ledger;
let change: Ledger["change"];
let member = 0;
const usage = () => ledger.read.usage;
const november = [Date.parse("2026-11-01T00:00:00+02:00"), Date.parse("2026-12-01T00:00:00+02:00")] as const;
const span = (fromH: number, lengthH: number) => ({ fromMs: startMs + fromH * hour, untilMs: startMs + (fromH + lengthH) * hour });

beforeAll(async () => {
  folder = temporaryDir();
  ledger = await aLedger(folder.dir, { role: "tool" }, { ...realClock, nowMs: () => nowMs });
  change = ledger.change;
  await change.addNode({ node: "node-1", kind: "machine" }, by);
  await change.addCourse({ course: "laser", label: "Laser" }, by);
  const machine = { node: "node-1", riskClass: "C", cutHazard: false, course: "laser" } as const;
  for (const id of ["laser-1", "laser-2"]) await change.addMachine({ ...machine, machine: id, ch: id, label: id }, by);
  ({ member } = await change.addMember({ displayName: "Ada" }, by));
  await change.addPlan({ plan: "full", label: "Full" }, by);
  await change.setMembership({ member, plan: "full", from: "2026-11-01" }, by);
});
afterAll(async () => {
  await ledger.close();
  folder.remove();
});

describe("planned maintenance", () => {
  it("is entered before it begins, or it is refused; cancelled, it ends there or was never", async () => {
    const planned = async (from: number, length: number) =>
      (await change.planMaintenance({ machine: "laser-1", ...span(from, length), reason: "mirrors" }, by)).maintenance;
    await expect(planned(0, 1)).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("nobody planned it") });
    await expect(planned(3, -1)).rejects.toMatchObject({ code: "BAD_INPUT" });
    const [kept, ended, dropped] = [await planned(1, 2), await planned(4, 4), await planned(24, 2)];
    nowMs = startMs + 6 * hour;
    await change.cancelMaintenance({ maintenance: ended }, by);
    await change.cancelMaintenance({ maintenance: dropped }, by);
    await expect(change.cancelMaintenance({ maintenance: kept }, by)).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(change.cancelMaintenance({ maintenance: 99 }, by)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(usage().plannedMaintenance(...november)).toEqual([
      { machine: "laser-1", fromMs: startMs + hour, toMs: startMs + 3 * hour },
      { machine: "laser-1", fromMs: startMs + 4 * hour, toMs: nowMs },
    ]);
  });
});

describe("bookings and classes", () => {
  it("tell when they were cancelled; a request that nobody confirmed is no booking", async () => {
    const booking = { machine: "laser-2", member };
    const first = await change.addBooking({ ...booking, ...span(48, 1) }, by);
    await change.requestBooking({ ...booking, ...span(50, 1) }, by);
    const second = await change.requestBooking({ ...booking, ...span(52, 1) }, by);
    await change.addBooking({ ...booking, ...span(54, 1) }, by);
    await change.cancelBooking(first, by);
    await change.cancelBooking(second, by);
    expect(usage().bookings(...november)).toEqual([
      { machine: "laser-2", fromMs: startMs + 48 * hour, toMs: startMs + 49 * hour, isCancelled: true, cancelledMs: nowMs },
      { machine: "laser-2", fromMs: startMs + 54 * hour, toMs: startMs + 55 * hour, isCancelled: false, cancelledMs: null },
    ]);
    await change.restoreBooking(first, by);
    expect(usage().bookings(...november)[0]).toMatchObject({ isCancelled: false, cancelledMs: null });
  });
  it("tell what is taught, for how many, and since when each is signed up", async () => {
    const given = { label: "Night", places: ["laser-2"], ...span(72, 2) };
    await expect(change.addClass({ ...given, class: "night", course: "none-such" }, by)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await change.addClass({ ...given, class: "night", course: "laser", seats: 6 }, by);
    await change.enrol({ class: "night", member }, by);
    expect(usage().courseClasses(...november)).toEqual([
      { course: "laser", fromMs: startMs + 72 * hour, seats: 6, enrolled: [{ member, signedUpMs: nowMs }], present: [] },
    ]);
    expect(usage().classSpans(...november)).toEqual([{ place: "laser-2", fromMs: startMs + 72 * hour, toMs: startMs + 74 * hour }]);
    await change.cancelClass({ class: "night" }, by);
    expect(usage().courseClasses(...november)).toEqual([]);
    expect(usage().bookings(startMs + 72 * hour, startMs + 73 * hour)).toMatchObject([{ isCancelled: true, cancelledMs: nowMs }]);
  });
});

describe("backgrounds and rates", () => {
  it("are listed by their dates, the audit keeps quiet about what a member stated", async () => {
    const enterprise = { member, what: "enterprise", founded: "2025-02-01" } as const;
    await change.setBackground({ ...enterprise, stated: "LV40003000000", from: "2026-09-01" }, by);
    await change.setBackground({ ...enterprise, stated: "LV40003111111", from: "2026-11-20" }, by);
    expect(ledger.read.audit(1)[0]).toMatchObject({ action: "setBackground", detail: expect.not.stringContaining("LV4000") });
    await expect(change.setBackground({ ...enterprise, what: "gender", stated: "x" }, by)).rejects.toMatchObject({ code: "BAD_INPUT" });
    expect(
      usage()
        .backgrounds()
        .map(({ stated: _, ...row }: { stated?: never; value: string; from: string }) => [row.value, row.from]),
    ).toEqual([
      ["LV40003000000", "2026-09-01"],
      ["LV40003111111", "2026-11-20"],
    ]);
    for (const [value, from] of [
      [600, "2026-01-01"],
      [700, "2026-11-15"],
      [null, "2026-12-01"],
    ] as const)
      await change.setRate({ rate: "machine_hour", of: "laser-1", value, from, source: "board" }, by);
    expect(
      usage()
        .rates()
        .map(({ value, from }) => [value, from]),
    ).toEqual([
      [600, "2026-01-01"],
      [700, "2026-11-15"],
      [null, "2026-12-01"],
    ]);
  });
  it.each([
    ["a machine's without a machine", { rate: "machine_hour" }, "is a machine's"],
    ["a role's without a role", { rate: "volunteer_hour" }, "of a role"],
    ["the space's of a machine", { rate: "co2", of: "laser-1" }, "of the whole space"],
  ] as const)("refuse a rate that is %s", async (_what, given, sentence) => {
    await expect(change.setRate({ ...given, value: 5 }, by)).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining(sentence),
    });
  });
  it("keep what a machine was before its policy changed", async () => {
    const before = nowMs;
    nowMs += hour;
    await change.setMachine({ machine: "laser-1", change: { settings: { enforced: false, leftOnAfterMs: 60_000 } } }, by);
    expect(usage().machineThen("laser-1", before + 1)).toMatchObject({ course: "laser", enforced: null, leftOnAfterMs: null });
    expect(usage().machineThen("laser-1", nowMs + 1)).toMatchObject({ course: "laser", enforced: false, leftOnAfterMs: 60_000 });
  });
});

describe("what no node can see", () => {
  it("tells who was at an event, who waited for a machine, who took up a lockout, and what was used up", async () => {
    const fromMs = nowMs + hour;
    const days = ["2026-11-01", "2026-11-30"] as const;
    await change.addClass(
      {
        class: "open",
        label: "Open",
        kind: "open_evening",
        seats: 9,
        course: "laser",
        places: ["laser-1"],
        fromMs,
        untilMs: fromMs + hour,
      },
      by,
    );
    expect(usage().attendances(...november)).toEqual([]);
    const { attendance } = await change.attend({ class: "open", guests: 5 }, by);
    await change.attend({ class: "open", member, guests: 2 }, by);
    await change.undoAttendance({ attendance }, by);
    const open = { class: "open", kind: "open_evening", seats: 9, fromMs, toMs: fromMs + hour };
    expect(usage().attendances(...november)).toEqual([{ ...open, members: [member], guests: 2 }]);
    expect(usage().courseClasses(...november)).toMatchObject([{ present: [member] }]);
    const read = { usage: usage() };
    const eventsOf = () => eventsIn(read, { from: days[0], through: days[1] }, { fromMs: november[0], toMs: november[1] }, "Europe/Riga");
    expect(eventsOf()).toMatchObject([{ kind: "open_evening", people: 3, minutes: 60, seats: 9, signedIn: [member] }]);
    await change.addHeadcount({ class: "open", on: "2026-11-02", kind: "open_evening", people: 8, minutes: 60, target: "pupil" }, by);
    expect(eventsOf(), "counted and signed in at is one event").toMatchObject([{ people: 8, target: "pupil", signedIn: [member] }]);

    await change.lockMachine({ machine: "laser-2", kind: "oops", reason: "smoke" }, by);
    await change.addWish({ member, machine: "laser-2" }, by);
    await change.addWish({ member, course: "laser" }, by);
    const askedMs = nowMs;
    nowMs += hour;
    await change.assignLockout({ machine: "laser-2", member }, by);
    expect(ledger.read.lockouts("laser-2")).toMatchObject([{ takenBy: member }]);
    expect(usage().lockouts(...november)).toMatchObject([{ kind: "oops", takenMs: nowMs, toMs: null }]);
    await change.unlockMachine({ machine: "laser-2" }, by);
    expect(usage().machineWishes(nowMs), "free later than that").toEqual([{ machine: "laser-2", member, atMs: askedMs, freeMs: null }]);
    expect(usage().machineWishes(november[1])).toMatchObject([{ freeMs: nowMs }]);
    expect(usage().courseWishes(...november)).toEqual([{ member, course: "laser", atMs: askedMs }]);

    const { material } = await change.noteMaterial({ machine: "laser-2", on: "2026-11-02", grams: 40, label: "PLA" }, by);
    await change.noteMaterial({ machine: "laser-2", on: "2026-11-01", grams: 300, label: "PETG" }, by);
    await change.undoMaterial({ material, reason: "spool" }, by);
    expect(usage().materials(...days)).toMatchObject([{ on: "2026-11-01", machine: "laser-2", grams: 300, label: "PETG" }]);
    expect([usage().contradicted(...november), usage().correctionsIn(...november)]).toEqual([[], []]);
  });
});
