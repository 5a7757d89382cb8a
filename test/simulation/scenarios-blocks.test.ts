/** Acceptance scenarios of what blocks a machine: lockouts, checks, faults (domain.md §3.6, §4.2), played on the assembled system. */
import { describe, expect, it } from "vitest";
import { afternoon, hour, laserFacts, members, minute, printerFacts, type Scene, sawFacts, scene, second } from "./scene.ts";

const isPermitted = (s: Scene, at: string): boolean => s.machine(at).isPermitted();
const kindOf = (s: Scene, at: string): string => s.machine(at).program().state().kind;

describe("lockout", () => {
  const locked = (mode: "when_idle" | "immediate") => ({
    lockouts: [{ resource: "saw", kind: "maintenance" as const, mode, reason: "new blade" }],
  });
  it("while in use lets the work be finished, and nobody start", async () => {
    const s = await scene({ from: afternoon, facts: [sawFacts] });
    await s.toWork("ada", "saw");
    s.site.change(locked("when_idle"));
    await s.pass(2 * minute);
    expect([s.machine("saw").isPowered(), kindOf(s, "saw")]).toEqual([true, "stopping"]);
    s.machine("saw").work(false);
    await s.pass(minute);
    expect([isPermitted(s, "saw"), s.closed("saw")]).toMatchObject([false, [{ reason: "lockout" }]]);
    s.tap("bob", "saw");
    await s.pass(5 * second);
    expect(s.advice("saw")).toEqual({ code: "LOCKED_OUT", next: "Wait until it is released." });
  });
  it("at once warns for ten seconds, then takes the power", async () => {
    const s = await scene({ from: afternoon, facts: [sawFacts] });
    await s.toWork("ada", "saw");
    s.site.change(locked("immediate"));
    await s.pass(8 * second);
    expect([s.machine("saw").isPowered(), kindOf(s, "saw")]).toEqual([true, "stop10"]);
    await s.pass(5 * second);
    expect([isPermitted(s, "saw"), s.closed("saw")]).toMatchObject([false, [{ reason: "lockout" }]]);
  });
  it("lets a maintainer who holds the card work on it, and nobody after that", async () => {
    const s = await scene({ from: afternoon, facts: [sawFacts], cast: { tia: { roles: ["maintainer"] } } });
    s.site.change(locked("when_idle"));
    await s.pass(2 * second);
    s.hold("bob", "saw");
    await s.pass(8 * second);
    expect([isPermitted(s, "saw"), s.advice("saw").code]).toEqual([false, "LOCKED_OUT"]);
    s.hold("tia", "saw", 10_500);
    await s.pass(13 * second);
    expect([isPermitted(s, "saw"), s.verdict("saw").reason]).toEqual([true, "GRANT_MAINTENANCE"]);
    s.machine("saw").pressStart();
    s.machine("saw").work(true);
    await s.pass(40 * minute); // past the end of its lease
    expect([s.machine("saw").isPowered(), kindOf(s, "saw")]).toEqual([true, "busy"]);
    s.machine("saw").pressStopInput();
    await s.pass(minute);
    s.tap("ada", "saw");
    await s.pass(5 * second);
    expect([isPermitted(s, "saw"), s.advice("saw").code]).toEqual([false, "LOCKED_OUT"]);
  });
  it("asks ten seconds of a maintainer's hand, and takes a card that stays in a holder for none", async () => {
    const given: Parameters<typeof scene>[0] = { from: afternoon, facts: [sawFacts], cast: { tia: { roles: ["maintainer"] } } };
    const s = await scene(given);
    s.site.change(locked("when_idle"));
    await s.pass(2 * second);
    s.hold("tia", "saw", 9 * second);
    await s.pass(minute);
    expect([isPermitted(s, "saw"), s.advice("saw").code]).toEqual([false, "LOCKED_OUT"]);
    const holder = await scene({ ...given, machines: { saw: { insertReader: true } } });
    holder.site.change(locked("when_idle"));
    await holder.pass(2 * second);
    holder.hold("tia", "saw", minute);
    await holder.pass(30 * second);
    expect([isPermitted(holder, "saw"), holder.advice("saw").code]).toEqual([false, "LOCKED_OUT"]);
  });
  it("ends a maintainer's work, too, when it comes afterwards and at once", async () => {
    const s = await scene({ from: afternoon, facts: [sawFacts], cast: { tia: { roles: ["maintainer"] } } });
    s.site.change(locked("when_idle"));
    await s.pass(2 * second);
    s.hold("tia", "saw", 10_500);
    await s.pass(13 * second);
    s.machine("saw").pressStart();
    s.machine("saw").work(true);
    await s.pass(minute);
    expect(kindOf(s, "saw")).toBe("busy");
    s.site.change(locked("immediate"));
    await s.pass(15 * second);
    expect([isPermitted(s, "saw"), s.closed("saw")]).toMatchObject([false, [{ reason: "lockout" }]]);
  });
  it("by a member's report takes the power at once, and survives a restart of the node", async () => {
    const s = await scene({ from: afternoon, facts: [sawFacts] });
    await s.toWork("ada", "saw");
    s.machine("saw").pressOops();
    await s.pass(second);
    expect(s.machine("saw").isPowered()).toBe(false);
    s.bus.sever("saw-node");
    s.machine("saw").powerCut();
    await s.pass(10 * second);
    s.machine("saw").start({ restart: "power" });
    await s.pass(10 * second);
    s.tap("bob", "saw");
    await s.pass(10 * second);
    expect(s.advice("saw")).toEqual({ code: "OUT_OF_ORDER", next: "Use another one." });
  });
});

describe("needs check", () => {
  it("is accepted by the next user with a second tap, and by nobody's silence", async () => {
    const s = await scene({ from: afternoon, facts: [{ ...sawFacts, check: "next_user" }] });
    await s.toWork("ada", "saw");
    s.machine("saw").pressStopInput();
    await s.pass(20 * second);
    s.tap("bob", "saw");
    await s.pass(4 * second);
    expect([isPermitted(s, "saw"), s.advice("saw")]).toEqual([
      false,
      { code: "NEEDS_CHECK", next: "Look it over and tap again, or wait for the check." },
    ]);
    await s.pass(20 * second);
    expect(isPermitted(s, "saw")).toBe(false);
    s.tap("bob", "saw");
    await s.pass(4 * second);
    s.tap("bob", "saw");
    await s.pass(4 * second);
    expect(isPermitted(s, "saw")).toBe(true);
    expect(s.told("saw", "mach.checked").map(({ body }) => body)).toMatchObject([{ member: members.bob, accepted: true }]);
  });
  it("once sent back lets only a checker and the previous user on it", async () => {
    const s = await scene({ from: afternoon, facts: [{ ...sawFacts, check: "next_user" }], cast: { tia: { roles: ["steward"] } } });
    await s.toWork("ada", "saw");
    s.machine("saw").pressStopInput();
    await s.pass(20 * second);
    s.hold("bob", "saw");
    await s.pass(8 * second);
    expect(s.told("saw", "mach.checked").map(({ body }) => body)).toMatchObject([{ member: members.bob, accepted: false }]);
    for (const [who, may] of [
      ["cem", false],
      ["ada", true],
      ["tia", true],
    ] as const) {
      s.tap(who, "saw");
      await s.pass(5 * second);
      expect([who, isPermitted(s, "saw")]).toEqual([who, may]);
      s.machine("saw").pressStopInput();
      await s.pass(20 * second);
    }
  });
});

describe("welded contactor", () => {
  it("is found when power stays on, told, and left only by a maintainer at the machine and the desk", async () => {
    const s = await scene({ from: afternoon, facts: [sawFacts], cast: { tia: { roles: ["maintainer"] } } });
    const saw = s.machine("saw");
    await s.toWork("ada", "saw");
    saw.weld();
    saw.work(false);
    await s.pass(minute);
    s.tap("ada", "saw");
    await s.pass(2 * minute);
    expect(kindOf(s, "saw")).toBe("fault_welded");
    expect(s.told("saw", "mach.verify_failed")).toHaveLength(1);
    s.site.change({ lockouts: [{ resource: "saw", kind: "fault", mode: "immediate", reason: "welded" }] });
    s.tap("bob", "saw");
    await s.pass(5 * second);
    expect(s.advice("saw")).toEqual({ code: "DEVICE_FAULT", next: "Do not try to start it." });
    s.site.change({ lockouts: [] });
    await s.pass(5 * second);
    s.hold("tia", "saw", 10_500);
    await s.pass(13 * second);
    expect(kindOf(s, "saw")).toBe("fault_welded"); // it is still on
    saw.mains(false);
    await s.pass(5 * second);
    s.hold("tia", "saw", 10_500);
    await s.pass(13 * second);
    expect([kindOf(s, "saw"), s.told("saw", "mach.reset").length]).toEqual(["off", 1]);
  });
});

describe("meter lost", () => {
  it("is never taken for idle: no cut, an alarm after a minute, nothing charged as work", async () => {
    const s = await scene({ from: afternoon, facts: [sawFacts] });
    const saw = s.machine("saw");
    await s.toWork("ada", "saw");
    saw.meter(false);
    await s.pass(55 * second);
    expect(s.told("saw", "mach.meter_lost")).toEqual([]);
    await s.pass(15 * second);
    expect(s.told("saw", "mach.meter_lost")).toHaveLength(1);
    await s.pass(2 * hour);
    expect(saw.isPowered()).toBe(true);
    saw.meter(true);
    saw.work(false);
    await s.pass(minute);
    s.tap("ada", "saw");
    await s.pass(2 * minute);
    const [session] = s.sessions("saw");
    expect([session?.endReason, (session?.busyMs ?? 0) < 2 * minute]).toEqual(["tap_out", true]);
  });
});

describe("manual bypass", () => {
  it("with the key is told at once, takes no session, and works as before when the key is back", async () => {
    const s = await scene({ from: afternoon, facts: [sawFacts] });
    const saw = s.machine("saw");
    saw.keySwitch(true);
    expect(saw.pressStart()).toBe(true);
    await s.pass(5 * second);
    s.tap("ada", "saw");
    await s.pass(5 * second);
    expect([kindOf(s, "saw"), s.said("saw").includes("bypass_on"), s.sessions("saw")]).toEqual(["bypassed", true, []]);
    saw.keySwitch(false);
    await s.pass(10 * second);
    s.tap("ada", "saw");
    await s.pass(10 * second);
    expect(s.told("saw", "mach.manual_bypass").map(({ body }) => body)).toMatchObject([{ on: true }, { on: false }]);
    expect([isPermitted(s, "saw"), s.told("saw", "mach.verify_failed")]).toEqual([true, []]);
  });
  it("of a contactor that seals itself in is unowned power: an alarm, and nobody's machine is stopped for it", async () => {
    const s = await scene({ from: afternoon, facts: [printerFacts], machines: { printer: { permit: "pulse" } } });
    const printer = s.machine("printer");
    printer.turnKey(true); // somebody else's wire: the node is not told
    printer.pressStart();
    printer.work(true);
    await s.pass(hour);
    expect([printer.isPowered(), kindOf(s, "printer")]).toEqual([true, "bypassed"]);
    expect(s.told("printer", "mach.manual_bypass").map(({ body }) => body)).toMatchObject([{ on: true, cause: "unowned_power" }]);
    printer.turnKey(false);
    await s.pass(10 * second);
    expect(kindOf(s, "printer")).toBe("off");
  });
});

describe("the laser's own rules", () => {
  it("no extraction, no beam: the tap is refused when it does not come, and it runs on", async () => {
    const s = await scene({
      from: afternoon,
      facts: [laserFacts],
      machines: { laser: { fan: "x", settings: { ancillaryReadyMs: 3000 } } },
    });
    s.tap("ada", "laser");
    await s.pass(4 * second);
    expect(s.advice("laser")).toEqual({ code: "ANCILLARY_NOT_READY", next: "Check it and tap again." });
    expect([isPermitted(s, "laser"), s.fans.get("x")?.isOn(), s.sessions("laser")]).toEqual([false, true, []]);
    await s.pass(2 * minute);
    expect(s.fans.get("x")?.isOn()).toBe(false);
  });
  it("somebody has to be there: asked every twenty minutes, a tap answers, silence ends it when the beam rests", async () => {
    const s = await scene({ from: afternoon, facts: [laserFacts] });
    await s.toWork("ada", "laser");
    await s.until(afternoon + 21 * minute);
    expect(s.said("laser")).toContain("still_here");
    s.tap("ada", "laser");
    await s.pass(10 * minute);
    expect([s.machine("laser").isPowered(), kindOf(s, "laser")]).toEqual([true, "busy"]);
    await s.pass(17 * minute);
    expect([s.machine("laser").isPowered(), kindOf(s, "laser")]).toEqual([true, "stopping"]);
    s.machine("laser").work(false);
    await s.pass(minute);
    expect([isPermitted(s, "laser"), s.closed("laser")]).toMatchObject([false, [{ reason: "idle_timeout" }]]);
    await s.pass(11 * minute);
    expect(s.said("laser")).toContain("fire_watch");
  });
});

describe("coming to rest", () => {
  it("refuses a new start for as long as the blade may turn, where the machine must rest first", async () => {
    const s = await scene({ from: afternoon, facts: [{ ...sawFacts, restartable: false }] });
    await s.toWork("ada", "saw");
    s.machine("saw").pressStopInput();
    await s.pass(2 * second);
    s.tap("bob", "saw");
    await s.pass(2 * second);
    expect(s.advice("saw")).toEqual({ code: "COOLING_DOWN", next: "Wait until it has." });
    await s.pass(10 * second);
    s.tap("bob", "saw");
    await s.pass(5 * second);
    expect(isPermitted(s, "saw")).toBe(true);
  });
});

describe("lost card", () => {
  it("leaves the session to the person who works, and refuses the card at the next tap", async () => {
    const s = await scene({ from: afternoon, facts: [sawFacts] });
    await s.toWork("ada", "saw");
    s.recast({ ada: { credential: "lost" } });
    await s.pass(minute);
    expect([s.machine("saw").isPowered(), kindOf(s, "saw"), s.closed("saw")]).toEqual([true, "busy", []]);
  });
});

describe("stolen card", () => {
  it("ends the session it opened when the machine is idle, never before", async () => {
    const s = await scene({ from: afternoon, facts: [sawFacts] });
    await s.toWork("ada", "saw");
    s.recast({ ada: { credential: "stolen" } });
    await s.pass(2 * second);
    expect([s.machine("saw").isPowered(), kindOf(s, "saw")]).toEqual([true, "stopping"]);
    s.machine("saw").work(false);
    await s.pass(minute);
    expect([isPermitted(s, "saw"), s.closed("saw")]).toMatchObject([false, [{ reason: "permission_ended" }]]);
    s.tap("ada", "saw");
    await s.pass(5 * second);
    expect(s.advice("saw").code).toBe("CREDENTIAL_REVOKED");
  });
});
