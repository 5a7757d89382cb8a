/** Acceptance scenarios of jobs and of use that nobody answers for (domain.md §7, §4.5), played on the assembled system. */
import { describe, expect, it } from "vitest";
import { foldSessions, noticeOfEnd } from "#core";
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
    printer.controller("preparing", 30);
    printer.work(true);
    const coldWh = printer.energyWh();
    await s.pass(4 * minute);
    const hotWh = printer.energyWh();
    printer.controller("running", 200);
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
    const doneWh = printer.energyWh();
    await s.pass(5 * minute);
    expect(printer.isPowered()).toBe(true);
    printer.controller("complete", 50);
    await s.pass(5 * second);
    expect(printer.isPowered()).toBe(false);
    expect(s.closed("printer")).toMatchObject([{ reason: "job_complete" }]);
    const [session, ...more] = s.sessions("printer");
    expect([session?.member, more]).toEqual([members.ada, []]);
    expect(Math.abs((session?.energyWh ?? 0) - (printer.energyWh() - meterFromWh))).toBeLessThanOrEqual(2);
    const job = session?.jobs?.[0];
    expect(hotWh - coldWh, "a bed takes its while to heat").toBeGreaterThan(10);
    expect(Math.abs((job?.heatingWh ?? 0) - (hotWh - coldWh))).toBeLessThanOrEqual(2);
    expect(Math.abs((job?.workWh ?? 0) - (doneWh - hotWh))).toBeLessThanOrEqual(2);
    const toAda = session === undefined ? null : noticeOfEnd(session, "Printer");
    expect(toAda).toMatchObject({ kind: "job_complete", facts: { heatingWh: job?.heatingWh, workWh: job?.workWh } });
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
    expect(s.hub().live.feed()[0]).toMatchObject({ kind: "alarm", where: "printer" });
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
