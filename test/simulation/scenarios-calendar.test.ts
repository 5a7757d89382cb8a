/** Acceptance scenarios of hours, days and their ends (domain.md §7, §3.4), played on the assembled system. */
import { describe, expect, it } from "vitest";
import type { Schedule } from "#contract";
import { afternoon, berlin, doorFacts, ends, laserFacts, members, minute, type Scene, scene, second, utc } from "./scene.ts";

const week = (weekdays: readonly number[], startMin: number, endMin: number): Schedule => ({
  intervals: weekdays.map((weekday) => ({ weekday, startMin, endMin })),
  special: [],
});
const daily = (startMin: number, endMin: number): Schedule => week([1, 2, 3, 4, 5, 6, 7], startMin, endMin);
const own = { always: false, schedule: 0 } as const;
/** A node's clock lags by the way its beacon took; to the very millisecond it is told in the core's own test. */
const lagMs = 10;
/** What Ada's tap at the door comes to, at an instant. */
async function tapAt(s: Scene, atMs: number): Promise<string> {
  await s.until(atMs + lagMs);
  s.tap("ada", "door-1");
  await s.pass(900);
  return s.verdict("door-1").reason;
}

describe("S10 passage mode", () => {
  const facts = [{ ...doorFacts, passage: week([1, 2, 3, 4, 5], 9 * 60, 17 * 60) }];
  const at = (time: string): number => berlin(`2027-03-10T${time}`);
  it("begins with the first person in, not with the clock, and lets an open door be closed when it ends", async () => {
    const s = await scene({ from: at("08:50"), facts });
    const d1 = s.door("door-1");
    await s.until(at("09:10"));
    expect(d1.isUnlocked()).toBe(false);
    await s.until(at("09:20"));
    s.tap("ada", "door-1");
    await s.pass(second);
    expect([d1.program().state().kind, d1.isUnlocked()]).toEqual(["passage", true]);
    await s.until(at("12:00"));
    expect(d1.isUnlocked()).toBe(true);
    expect(d1.pull()).toBe(true);
    await s.until(at("16:59:59"));
    expect([d1.program().state().kind, s.told("door-1", "door.held_open")]).toEqual(["passage", []]);
    await s.until(at("17:00:01"));
    expect([d1.program().state().kind, d1.isUnlocked()]).toEqual(["open", false]);
    await s.until(at("17:00:19"));
    d1.close();
    await s.pass(2 * second);
    expect(d1.program().state().kind).toBe("secure");
    expect(s.told("door-1", "door.held_open", "door.forced_open")).toEqual([]);
  });
  it("held open after its end is told half a minute later", async () => {
    const s = await scene({ from: at("16:58"), facts });
    s.tap("ada", "door-1");
    await s.pass(second);
    s.door("door-1").pull();
    await s.until(at("17:00:29"));
    expect(s.told("door-1", "door.held_open")).toEqual([]);
    await s.until(at("17:00:32"));
    expect(s.told("door-1", "door.held_open")).toHaveLength(1);
  });
  it("has no weekend, asks for the first person anew after a restart, and comes back after no evacuation", async () => {
    const s = await scene({ from: berlin("2027-03-13T10:00"), facts });
    expect(await tapAt(s, berlin("2027-03-13T10:01"))).toBe("GRANT");
    await s.pass(10 * second);
    expect(s.door("door-1").isUnlocked()).toBe(false); // Saturday: one strike time
    const monday = await scene({ from: berlin("2027-03-15T10:00"), facts });
    const d1 = monday.door("door-1");
    await tapAt(monday, berlin("2027-03-15T10:01"));
    expect(d1.program().state().kind).toBe("passage");
    d1.powerCut();
    await monday.pass(3 * second);
    d1.start({ restart: "power" });
    await monday.pass(minute);
    expect(d1.isUnlocked()).toBe(false);
    await tapAt(monday, berlin("2027-03-15T10:05"));
    expect(d1.program().state().kind).toBe("passage");
    monday.site.change({ mode: "evacuate" });
    await monday.pass(minute);
    monday.site.change({ mode: "normal" });
    await monday.pass(minute);
    await tapAt(monday, berlin("2027-03-15T10:10"));
    await monday.pass(10 * second);
    expect([d1.program().state().kind, d1.isUnlocked()]).toEqual(["secure", false]);
  });
});

describe("S13 inclusive end date", () => {
  const endMs = berlin("2027-07-01T00:00");
  it("counts the last moments of the last day and not the next, and lets everybody out", async () => {
    const s = await scene({ from: berlin("2027-06-30T23:59"), facts: [doorFacts], cast: { ada: ends(endMs) } });
    expect(await tapAt(s, endMs - 3 * second)).toBe("GRANT");
    await s.until(endMs + lagMs);
    s.tap("ada", "door-1");
    await s.pass(second);
    expect(s.advice("door-1")).toEqual({ code: "MEMBERSHIP_EXPIRED", next: "Renew it." });
    await s.pass(10 * second);
    s.door("door-1").pressExit();
    expect(s.door("door-1").pull()).toBe(true);
    await s.pass(2 * second);
    expect(s.told("door-1", "door.opened", "door.forced_open").map(({ body }) => body)).toMatchObject([
      { kind: "door.opened", cause: "rex" },
    ]);
  });
  it("is a warning for seven days where the membership has grace", async () => {
    const graceUntilMs = berlin("2027-07-08T00:00");
    const with7Days = { facts: [doorFacts], cast: { ada: ends(endMs, graceUntilMs) } };
    const first = await scene({ from: endMs - minute, ...with7Days });
    expect(await tapAt(first, endMs)).toBe("GRANT");
    expect(first.verdict("door-1").warnings).toEqual(["MEMBERSHIP_OVERDUE"]);
    const last = await scene({ from: graceUntilMs - minute, ...with7Days });
    expect(await tapAt(last, graceUntilMs - 3 * second)).toBe("GRANT");
    expect(await tapAt(last, graceUntilMs)).toBe("MEMBERSHIP_EXPIRED");
  });
});

describe("S14 a day of 25 hours and one of 23", () => {
  it("lets in at both half past two, not at three, and ends the day pass an hour later than a day of 24 hours would", async () => {
    const cast = { ada: own, bob: ends(utc("2027-10-31T23:00:00Z")) };
    const s = await scene({ from: utc("2027-10-30T23:59:00Z"), facts: [doorFacts], schedules: [week([6], 22 * 60, 3 * 60)], cast });
    expect(await tapAt(s, utc("2027-10-31T00:30:00Z"))).toBe("GRANT"); // 02:30 summer time
    expect(await tapAt(s, utc("2027-10-31T01:30:00Z"))).toBe("GRANT"); // 02:30 again
    expect(await tapAt(s, utc("2027-10-31T02:00:00Z"))).toBe("OUTSIDE_SCHEDULE"); // 03:00
    expect(s.advice("door-1").next).toBe("Come back in your hours.");
    await s.until(utc("2027-10-31T22:59:58Z"));
    s.tap("bob", "door-1");
    await s.pass(900);
    expect(s.verdict("door-1")).toMatchObject({ member: members.bob, outcome: "grant" });
    await s.until(utc("2027-10-31T23:00:01Z"));
    s.tap("bob", "door-1");
    await s.pass(900);
    expect(s.verdict("door-1").reason).toBe("MEMBERSHIP_EXPIRED");
  });
  it("finds no instant in the hour that spring leaves out", async () => {
    const cast = { ada: own };
    const s = await scene({ from: utc("2027-03-28T00:30:00Z"), facts: [doorFacts], schedules: [daily(120, 180)], cast });
    const answers: string[] = [];
    for (let atMs = utc("2027-03-28T00:31:00Z"); atMs < utc("2027-03-28T01:31:00Z"); atMs += 15 * minute)
      answers.push(await tapAt(s, atMs));
    expect(answers).toEqual(Array(4).fill("OUTSIDE_SCHEDULE")); // 01:31, 01:46, 03:01, 03:16
    expect(await tapAt(s, berlin("2027-03-29T02:30"))).toBe("GRANT");
  });
});

describe("S16 schedule across midnight", () => {
  it("lets Friday's evening last until two, and gives Thursday's night nothing", async () => {
    const schedules = [week([5], 18 * 60, 2 * 60)];
    const s = await scene({ from: berlin("2027-03-12T00:59"), facts: [doorFacts], schedules, cast: { ada: own } });
    expect(await tapAt(s, berlin("2027-03-12T01:00"))).toBe("OUTSIDE_SCHEDULE");
    expect(await tapAt(s, berlin("2027-03-12T18:00"))).toBe("GRANT");
    expect(await tapAt(s, berlin("2027-03-13T01:59:57"))).toBe("GRANT");
    expect(await tapAt(s, berlin("2027-03-13T02:00:00"))).toBe("OUTSIDE_SCHEDULE");
  });
});

describe("S20 special day", () => {
  it("is told as a holiday to whoever has normal hours, and is no matter to a plan that is always open", async () => {
    const openingHours = { ...daily(8 * 60, 20 * 60), special: [{ date: "2027-03-10", reason: "stocktaking", open: [] }] };
    const s = await scene({ from: afternoon, facts: [{ ...doorFacts, openingHours }], cast: { ada: { always: false } } });
    expect(await tapAt(s, afternoon)).toBe("HOLIDAY_CLOSED");
    expect(s.advice("door-1")).toEqual({ code: "HOLIDAY_CLOSED", next: "Come back on another day." });
    s.tap("bob", "door-1");
    await s.pass(second);
    expect(s.verdict("door-1").reason).toBe("GRANT");
    expect(await tapAt(s, berlin("2027-03-10T21:00"))).toBe("HOLIDAY_CLOSED");
    expect(await tapAt(s, berlin("2027-03-11T07:59"))).toBe("OUTSIDE_OPENING_HOURS");
    expect(await tapAt(s, berlin("2027-03-11T08:00"))).toBe("GRANT");
  });
});

describe("closing time", () => {
  it("warns an attended session an hour ahead, stops it when idle, and never cuts", async () => {
    const s = await scene({
      from: berlin("2027-03-10T21:50"),
      facts: [{ ...laserFacts, openingHours: daily(8 * 60, 23 * 60) }],
      cast: { ada: { always: false } },
    });
    const laser = s.machine("laser");
    await s.toWork("ada", "laser");
    await s.until(berlin("2027-03-10T22:00:01"));
    expect(s.said("laser")).toContain("ends_in_60");
    for (let at = s.nowMs(); at < berlin("2027-03-10T23:05"); at += 10 * minute) {
      await s.until(at);
      s.tap("ada", "laser"); // still here; while it works a tap would end it after the work
      expect(laser.isPowered()).toBe(true);
    }
    laser.work(false);
    await s.pass(2 * minute);
    expect(laser.isPermitted()).toBe(false);
  });
});
