/** Acceptance scenarios of people (domain.md §7, §3.6): who has to be there, and who may not. Played on the assembled system. */
import { describe, expect, it } from "vitest";
import { goodStanding } from "../../simulators/virtual-facts.ts";
import { afternoon, berlin, doorFacts, hour, laserFacts, members, minute, sawFacts, scene, second, untrained } from "./scene.ts";

const trainee = { competence: { level: "trainee", untilMs: null } } as const;
const tia = { roles: ["trainer" as const] };

describe("S32 two-person rule out of hours", () => {
  const night = berlin("2027-03-10T22:30");
  const late = { intervals: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMin: 22 * 60, endMin: 6 * 60 })), special: [] };
  const facts = [doorFacts, { ...laserFacts, twoPerson: late }];
  it("takes no spare fob for a second person, and Bob for one", async () => {
    const s = await scene({ from: night, facts });
    s.tap("ada", "laser");
    await s.pass(5 * second);
    expect([s.verdict("laser").outcome, s.advice("laser")]).toEqual([
      "pending",
      { code: "AWAIT_SECOND_PERSON", next: "Let the other one tap within 15 s." },
    ]);
    s.tap("adaSpare", "laser");
    await s.pass(3 * second);
    expect(s.advice("laser")).toEqual({ code: "SECOND_PERSON_SAME", next: "Ask somebody else to tap." });
    expect(s.machine("laser").isPermitted()).toBe(false);
    await s.pass(20 * second);
    s.tap("ada", "laser");
    await s.pass(5 * second);
    s.tap("bob", "laser");
    await s.pass(5 * second);
    expect(s.machine("laser").isPermitted()).toBe(true);
    expect(s.told("laser", "mach.session_started").map(({ body }) => body)).toMatchObject([{ member: members.ada, buddy: members.bob }]);
  });
  it("warns when Bob taps out in mid-run, and stops when idle after five minutes unless somebody takes his place", async () => {
    const s = await scene({ from: night, facts });
    const laser = s.machine("laser");
    const pair = async (): Promise<void> => {
      s.tap("ada", "laser");
      await s.pass(4 * second);
      s.tap("bob", "laser");
      await s.pass(5 * second);
      laser.pressStart();
      laser.work(true);
      await s.pass(minute);
      s.tap("bob", "laser");
      await s.pass(2 * second);
      expect(s.advice("laser").code).toBe("AWAIT_SECOND_PERSON");
      expect([laser.isPowered(), laser.program().state().kind]).toEqual([true, "busy"]);
    };
    await pair();
    await s.pass(5 * minute);
    expect([laser.isPowered(), laser.program().state().kind]).toEqual([true, "stopping"]);
    laser.work(false);
    await s.pass(minute);
    expect(laser.isPermitted()).toBe(false);
    expect(s.closed("laser")).toMatchObject([{ reason: "permission_ended" }]);
    await pair();
    s.tap("cem", "laser");
    await s.pass(10 * minute);
    expect([laser.isPowered(), laser.program().state().kind]).toEqual([true, "busy"]);
    expect(s.told("laser", "mach.companion").map(({ body }) => body)).toMatchObject([{ role: "buddy", member: members.cem }]);
  });
  it("asks nobody for a second person before ten", async () => {
    const s = await scene({ from: afternoon, facts });
    s.tap("ada", "laser");
    await s.pass(5 * second);
    expect(s.verdict("laser").reason).toBe("GRANT");
  });
});

describe("S33 trainer first", () => {
  const cast = { sam: untrained, tia };
  it("lets the student run under the trainer, ends when she leaves, and refuses him alone next day", async () => {
    const s = await scene({ from: afternoon, cast });
    const laser = s.machine("laser");
    s.hold("tia", "laser");
    await s.pass(10 * second);
    s.tap("sam", "laser");
    await s.pass(5 * second);
    expect(s.verdict("laser")).toMatchObject({ outcome: "grant", reason: "GRANT_TEACH" });
    // The first moment of a hold is a tap, acted on at once: the machine is Tia's until Sam takes it from her.
    expect(s.told("laser", "mach.session_started").map(({ body }) => body)).toMatchObject([
      { member: members.tia },
      { member: members.sam, supervisor: members.tia },
    ]);
    expect(s.closed("laser")).toMatchObject([{ reason: "handed_over", busyMs: 0 }]);
    laser.pressStart();
    laser.work(true);
    await s.pass(minute);
    s.tap("tia", "laser");
    await s.pass(5 * second);
    expect([laser.isPowered(), laser.program().state().kind]).toEqual([true, "stopping"]);
    laser.work(false);
    await s.pass(3 * minute);
    expect(laser.isPermitted()).toBe(false);
    await s.pass(22 * hour);
    s.tap("sam", "laser");
    await s.pass(5 * second);
    expect(s.advice("laser")).toEqual({ code: "TRAINING_MISSING", next: "Book the introduction." });
    s.recast({ tia, sam: {} }); // her record of him has come in
    await s.pass(2 * second);
    s.tap("sam", "laser");
    await s.pass(5 * second);
    expect([s.verdict("laser").reason, laser.isPermitted()]).toEqual(["GRANT", true]);
  });
  it("lets a trainee tap first only if he is a trainee, and only for 15 s", async () => {
    const s = await scene({ from: afternoon, cast: { ...cast, bob: trainee } });
    s.tap("bob", "laser");
    await s.pass(4 * second);
    expect(s.advice("laser")).toEqual({ code: "AWAIT_SUPERVISOR", next: "Let that person tap within 15 s." });
    s.tap("tia", "laser");
    await s.pass(4 * second);
    expect(s.verdict("laser")).toMatchObject({ outcome: "grant", reason: "GRANT_SUPERVISED" });
    s.machine("laser").pressStopInput();
    await s.pass(10 * second);
    s.tap("bob", "laser");
    await s.pass(17 * second);
    s.tap("tia", "laser");
    await s.pass(4 * second);
    expect(s.verdict("laser").reason).not.toBe("GRANT_SUPERVISED");
    s.machine("laser").pressStopInput();
    await s.pass(10 * second);
    s.tap("sam", "laser");
    await s.pass(4 * second);
    s.tap("tia", "laser");
    await s.pass(4 * second);
    expect(s.told("laser", "mach.session_started").map(({ body }) => body)).not.toContainEqual(
      expect.objectContaining({ member: members.sam }),
    );
  });
  it("signs the student off with two badges: four gestures, 20 s, without the network, and the same gestures take it back", async () => {
    const s = await scene({
      from: afternoon,
      cast,
      facts: [doorFacts, { ...laserFacts, offline: "snapshot" }],
    });
    s.bus.sever("laser-node");
    await s.pass(10 * second);
    const lesson = async (): Promise<void> => {
      const fromMs = s.nowMs();
      s.hold("tia", "laser");
      await s.pass(5 * second);
      for (const who of ["sam", "tia", "sam"] as const) {
        s.tap(who, "laser");
        await s.pass(4 * second);
      }
      expect(s.nowMs() - fromMs).toBeLessThanOrEqual(20 * second);
    };
    await lesson();
    expect(s.said("laser")).toContain("signed_off");
    await s.pass(5 * minute);
    await lesson();
    s.bus.heal("laser-node");
    await s.pass(3 * minute);
    expect(s.told("laser", "mach.signed_off").map(({ body }) => body)).toMatchObject([
      { member: members.sam, trainer: members.tia, undone: false },
      { member: members.sam, trainer: members.tia, undone: true },
    ]);
  });
});

describe("minors", () => {
  const minor = (years: Partial<NonNullable<(typeof goodStanding)["minor"]>>) => ({
    minor: { ofAgeMs: null, adultMs: berlin("2029-05-01T00:00"), consent: true, ...years },
  });
  const facts = [doorFacts, { ...sawFacts, minorsNeedSupervisor: true }];
  it("wait for an adult who may use it, and start when one taps", async () => {
    const s = await scene({ from: afternoon, facts, cast: { sam: minor({}) } });
    s.tap("sam", "saw");
    await s.pass(4 * second);
    expect(s.advice("saw").code).toBe("AWAIT_SUPERVISOR");
    s.tap("bob", "saw");
    await s.pass(4 * second);
    expect(s.told("saw", "mach.session_started").map(({ body }) => body)).toMatchObject([{ member: members.sam, supervisor: members.bob }]);
  });
  it.each([
    ["below the least age", { ofAgeMs: berlin("2027-03-11T00:00") }, "MINOR_NOT_ALLOWED", "Ask what you may use."],
    ["without a guardian's consent", { consent: false }, "CONSENT_MISSING", "Bring it signed."],
  ] as const)("%s are refused", async (_who, years, code, next) => {
    const s = await scene({ from: afternoon, facts, cast: { sam: minor(years) } });
    s.tap("sam", "saw");
    await s.pass(4 * second);
    expect(s.advice("saw")).toEqual({ code, next });
  });
  it("are of age from the first minute of their birthday", async () => {
    const s = await scene({ from: berlin("2027-03-10T23:59"), facts, cast: { sam: minor({ ofAgeMs: berlin("2027-03-11T00:00") }) } });
    s.tap("sam", "saw");
    await s.pass(4 * second);
    expect(s.advice("saw").code).toBe("MINOR_NOT_ALLOWED");
    await s.until(berlin("2027-03-11T00:00:01"));
    s.tap("sam", "saw");
    await s.pass(4 * second);
    s.tap("bob", "saw");
    await s.pass(4 * second);
    expect(s.verdict("saw").reason).toBe("GRANT_SUPERVISED");
  });
});

describe("guests", () => {
  const guest = { guest: { host: members.bob, untilMs: berlin("2027-03-10T20:00"), visitsLeft: 1 }, membership: goodStanding.membership };
  it("come in with their host, who taps beside them, and not after their last hour", async () => {
    const s = await scene({
      from: afternoon,
      facts: [{ ...doorFacts, guests: "with_host" }],
      cast: { sam: { ...guest, membership: { state: "none", fromMs: null, untilMs: null, graceUntilMs: null } } },
    });
    s.tap("sam", "door-1");
    await s.pass(2 * second);
    expect([s.door("door-1").isUnlocked(), s.advice("door-1").code]).toEqual([false, "AWAIT_SUPERVISOR"]);
    s.tap("bob", "door-1");
    await s.pass(2 * second);
    expect(s.door("door-1").isUnlocked()).toBe(true);
    expect(s.told("door-1", "door.granted").map(({ body }) => body)).toMatchObject([{ who: [members.sam, members.bob] }]);
    await s.until(berlin("2027-03-10T20:01"));
    s.tap("sam", "door-1");
    await s.pass(2 * second);
    expect([s.door("door-1").isUnlocked(), s.verdict("door-1").outcome]).toEqual([false, "deny"]);
  });
});
