/** Acceptance scenarios of jobs, faults and what blocks a machine (domain.md §7, §3.6, §4.2), played on the assembled system. */
import { describe, expect, it } from "vitest";
import { foldSessions } from "#core";
import { afternoon, berlin, ends, hour, members, minute, printerFacts, type Scene, sawFacts, scene, second, untrained } from "./scene.ts";

const open8to23 = { intervals: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMin: 480, endMin: 1380 })), special: [] };
const isPermitted = (s: Scene, at: string): boolean => s.machine(at).isPermitted();
const kindOf = (s: Scene, at: string): string => s.machine(at).program().state().kind;

describe("S34 thirty-hour print", () => {
  it("outlives hours, membership, hub and node, and ends when the job is done and the bed is cold", async () => {
    const from = berlin("2027-03-10T18:00");
    const s = await scene({
      from,
      facts: [{ ...printerFacts, openingHours: open8to23 }],
      cast: { ada: { always: false, ...ends(berlin("2027-03-11T00:00")) }, bob: untrained },
      machines: { printer: { permit: "pulse", controller: true } },
    });
    const printer = s.machine("printer");
    printer.controller("none", 22);
    const meterFromWh = printer.energyWh();
    s.tap("ada", "printer");
    await s.pass(5 * second);
    printer.controller("running", 200);
    printer.work(true);
    await s.until(from + 20 * minute);
    s.tap("ada", "printer");
    await s.pass(5 * second);
    expect(s.told("printer", "mach.session_unattended")).toHaveLength(1);
    await s.until(berlin("2027-03-11T00:30"));
    s.tap("bob", "printer");
    await s.pass(5 * second);
    expect(s.verdict("printer").outcome).toBe("deny");
    s.killHub();
    await s.pass(30 * minute);
    s.startHub();
    s.bus.sever("printer-node");
    await s.pass(10 * minute);
    s.bus.heal("printer-node");
    await s.pass(10 * minute);
    printer.powerCut();
    await s.pass(20 * second);
    printer.start({ restart: "power" });
    printer.controller("running", 210);
    await s.until(berlin("2027-03-12T00:05"));
    expect([printer.isPowered(), s.closed("printer")]).toEqual([true, []]);
    printer.work(false);
    printer.controller("complete", 62);
    await s.pass(5 * minute);
    expect(printer.isPowered()).toBe(true);
    printer.controller("complete", 50);
    await s.pass(5 * second);
    expect(printer.isPowered()).toBe(false);
    expect(s.closed("printer")).toMatchObject([{ reason: "job_complete" }]);
    const [session, ...more] = s.sessions("printer");
    expect([session?.member, more]).toEqual([members.ada, []]);
    expect(Math.abs((session?.energyWh ?? 0) - (printer.energyWh() - meterFromWh))).toBeLessThanOrEqual(2);
    s.tap("ada", "printer");
    await s.pass(5 * second);
    expect(s.advice("printer")).toEqual({ code: "MEMBERSHIP_EXPIRED", next: "Renew it." });
  });
  it("may not finish after the membership's end where the plan says no, but is never cut", async () => {
    const from = berlin("2027-03-10T23:00");
    const s = await scene({
      from,
      facts: [printerFacts],
      cast: { ada: { unattendedMayFinish: false, ...ends(berlin("2027-03-11T00:00")) } },
      machines: { printer: { permit: "pulse", controller: true } },
    });
    const printer = s.machine("printer");
    s.tap("ada", "printer");
    await s.pass(5 * second);
    printer.controller("running", 200);
    printer.work(true);
    await s.pass(minute);
    s.tap("ada", "printer");
    await s.until(berlin("2027-03-11T00:10"));
    expect([printer.isPowered(), kindOf(s, "printer")]).toEqual([true, "stopping"]);
    printer.work(false);
    printer.controller("complete", 45);
    await s.pass(5 * second);
    expect([printer.isPowered(), s.closed("printer")]).toMatchObject([false, [{ reason: "permission_ended" }]]);
  });
  it("ends half an hour after somebody left the bed hot by hand, with no job", async () => {
    const s = await scene({ from: afternoon, facts: [printerFacts], machines: { printer: { controller: true } } });
    const printer = s.machine("printer");
    printer.controller("none", 22);
    s.tap("ada", "printer");
    await s.pass(5 * second);
    printer.pressStart();
    printer.work(true);
    printer.controller("none", 80);
    await s.until(afternoon + 29 * minute);
    expect(printer.isPowered()).toBe(true);
    await s.until(afternoon + 34 * minute);
    expect([isPermitted(s, "printer"), s.closed("printer")]).toMatchObject([false, [{ reason: "idle_timeout" }]]);
  });
  it("waits ten quiet minutes where no controller tells the temperature", async () => {
    const s = await scene({ from: afternoon, facts: [printerFacts] });
    const printer = s.machine("printer");
    await s.toWork("ada", "printer");
    await s.pass(5 * minute);
    s.tap("ada", "printer");
    await s.pass(minute);
    printer.work(false);
    const quietMs = s.nowMs();
    await s.until(quietMs + 9 * minute);
    expect(isPermitted(s, "printer")).toBe(true);
    await s.until(quietMs + 14 * minute);
    expect([isPermitted(s, "printer"), s.closed("printer")]).toMatchObject([false, [{ reason: "job_complete" }]]);
  });
});

describe("S37 unattributed load", () => {
  it("is an incident with its energy after ten minutes, and a drift of the standby is none", async () => {
    const s = await scene({ from: afternoon, facts: [printerFacts] });
    const printer = s.machine("printer");
    printer.keySwitch(true);
    printer.pressStart();
    await s.pass(hour);
    expect(s.told("printer", "mach.unattributed_use")).toEqual([]);
    const fromWh = printer.energyWh();
    printer.work(true);
    await s.pass(9 * minute);
    expect(s.told("printer", "mach.unattributed_use")).toEqual([]);
    await s.pass(2 * minute);
    const [incident, ...more] = s.told("printer", "mach.unattributed_use");
    expect(more).toEqual([]);
    const body = incident?.body;
    if (body?.kind !== "mach.unattributed_use") throw new Error("no incident");
    expect(body.energyWh).toBeGreaterThan(5);
    expect(body.energyWh).toBeLessThanOrEqual(printer.energyWh() - fromWh + 1);
    expect([...foldSessions(s.site.events).sessions.keys()]).toEqual([]);
  });
});

describe("S26 forgotten session", () => {
  it("of an idle machine ends by itself after its idle time and a grace in which a tap goes on", async () => {
    const s = await scene({ from: afternoon, facts: [sawFacts] });
    const saw = s.machine("saw");
    s.tap("ada", "saw");
    await s.pass(5 * second);
    saw.pressStart();
    const idleMs = s.nowMs();
    await s.until(idleMs + 35 * minute + 10 * second);
    expect(kindOf(s, "saw")).toBe("grace");
    s.tap("ada", "saw");
    await s.pass(5 * second);
    expect([kindOf(s, "saw"), s.closed("saw")]).toEqual(["on_idle", []]);
    await s.pass(37 * minute);
    expect([isPermitted(s, "saw"), s.closed("saw")]).toMatchObject([false, [{ reason: "idle_timeout", busyMs: 0 }]]);
  });
});

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
    s.hold("tia", "saw");
    await s.pass(8 * second);
    expect(kindOf(s, "saw")).toBe("fault_welded"); // it is still on
    saw.mains(false);
    await s.pass(5 * second);
    s.hold("tia", "saw");
    await s.pass(8 * second);
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
