/** Acceptance scenarios of machines (domain.md §7), played on the assembled system. */
import { describe, expect, it } from "vitest";
import { foldSessions } from "#core";
import { afternoon, berlin, laserFacts, members, minute, type Scene, sawFacts, scene, second, untrained } from "./scene.ts";

describe("S21 full laser session", () => {
  it("spins extraction up, runs three times, is left by a tap, and every watt-hour is somebody's", async () => {
    const s = await scene({ from: afternoon, machines: { laser: { fan: "x" } } });
    const [laser, fan] = [s.machine("laser"), s.fans.get("x")];
    const meterFromWh = laser.energyWh();
    s.tap("ada", "laser");
    await s.pass(second);
    expect([fan?.isOn(), laser.isPermitted()]).toEqual([true, false]);
    await s.pass(10 * second);
    expect(laser.program().state().kind).toBe("enabled");
    laser.pressStart();
    await s.pass(3 * second);
    expect(laser.program().state().kind).toBe("on_idle");
    const truth: { fromMs: number; untilMs: number }[] = [];
    for (let run = 0; run < 3; run += 1) {
      const fromMs = s.nowMs();
      laser.work(true);
      await s.pass(2 * minute);
      laser.work(false);
      truth.push({ fromMs, untilMs: s.nowMs() });
      await s.pass(minute);
    }
    const outMs = s.nowMs();
    s.tap("ada", "laser");
    await s.pass(89 * second);
    expect(laser.program().state().kind).toBe("grace");
    const beeps = s.host.said.filter(({ node, key, atMs }) => node === "laser-node" && key === "beep slow" && atMs >= outMs);
    expect(beeps.map(({ atMs }) => Math.round((atMs - outMs) / second))).toEqual([0, 30, 60]);
    await s.pass(2 * second);
    expect([laser.isPermitted(), fan?.isOn()]).toEqual([false, true]);
    const offMs = s.nowMs();
    await s.until(offMs + 57 * second);
    expect(fan?.isOn()).toBe(true);
    await s.until(offMs + 61 * second);
    expect(fan?.isOn()).toBe(false);
    const [session] = s.sessions("laser");
    expect(session).toMatchObject({ member: members.ada, endReason: "tap_out" });
    const runs = [...foldSessions(s.site.events).runs.values()];
    expect(runs).toHaveLength(3);
    for (const [i, run] of runs.entries()) {
      expect(Math.abs(run.startMs - (truth[i]?.fromMs ?? 0))).toBeLessThanOrEqual(2 * second);
      expect(Math.abs((run.endMs ?? 0) - (truth[i]?.untilMs ?? 0))).toBeLessThanOrEqual(2 * second);
      expect(run.session).toBe(session?.session);
    }
    // Busy 3 × 2 min and the detector's hold of 20 s after each; the rest is idle.
    expect(session?.busyMs).toBeGreaterThan(6 * minute - 10 * second);
    expect(session?.busyMs).toBeLessThan(6 * minute + 75 * second);
    // The meter counts whole watt-hours; nothing else drew power.
    expect(Math.abs((session?.energyWh ?? 0) - (laser.energyWh() - meterFromWh))).toBeLessThanOrEqual(1);
  });
});

describe("S22 enabled, never used", () => {
  it("takes the permit back after 30 s: not used, nothing to charge", async () => {
    const s = await scene({ from: afternoon });
    s.tap("ada", "saw");
    await s.pass(29 * second);
    expect(s.machine("saw").isPermitted()).toBe(true);
    await s.pass(3 * second);
    expect(s.machine("saw").isPermitted()).toBe(false);
    expect(s.closed("saw")).toMatchObject([{ reason: "not_used", busyMs: 0, energyWh: 0 }]);
  });
});

describe("S23 training expires mid-use", () => {
  const midnight = berlin("2027-03-11T00:00");
  it("warns, never cuts the beam, stops when idle, and grants no new start", async () => {
    const s = await scene({
      from: berlin("2027-03-10T23:43"),
      cast: { ada: { competence: { level: "competent", untilMs: midnight } } },
    });
    const laser = s.machine("laser");
    await s.toWork("ada", "laser");
    const warned: number[] = [];
    for (let at = s.nowMs(); at < midnight; at += 10 * second) {
      await s.until(at);
      expect(laser.isPowered()).toBe(true);
      if (s.saidSince("laser", at - 10 * second).some((key) => /ends/i.test(key))) warned.push(Math.round((midnight - at) / minute));
    }
    expect(warned).toEqual(expect.arrayContaining([15, 2]));
    await s.until(midnight + 5 * minute);
    expect([laser.isPowered(), laser.program().state().kind]).toEqual([true, "stopping"]);
    laser.work(false);
    await s.pass(minute);
    expect(laser.isPermitted()).toBe(false);
    expect(s.closed("laser")).toMatchObject([{ reason: "permission_ended" }]);
    s.tap("ada", "laser");
    await s.pass(5 * second);
    expect([s.verdict("laser").reason, laser.isPermitted()]).toEqual(["TRAINING_EXPIRED", false]);
  });
  it("does the same when a revision of the course takes effect at 14:03", async () => {
    const s = await scene({ from: afternoon });
    const laser = s.machine("laser");
    await s.toWork("ada", "laser");
    await s.until(afternoon + 3 * minute);
    s.recast({ ada: { competence: { level: "superseded", untilMs: null } } });
    await s.pass(2 * second);
    expect([laser.isPowered(), laser.program().state().kind]).toEqual([true, "stopping"]);
    await s.pass(10 * minute);
    expect(laser.isPowered()).toBe(true);
    laser.work(false);
    await s.pass(minute);
    expect(laser.isPermitted()).toBe(false);
    s.tap("ada", "laser");
    await s.pass(5 * second);
    expect(s.verdict("laser").reason).toBe("TRAINING_SUPERSEDED");
  });
});

describe("S25 bystander taps", () => {
  it("change nothing: not an untrained member, not strangers, not the owner's own bounce after the start", async () => {
    const s = await scene({ from: afternoon, cast: { bob: { at: { laser: untrained } } } });
    const laser = s.machine("laser");
    s.tap("ada", "laser");
    await s.pass(600);
    laser.pressStart();
    await s.pass(1100);
    s.tap("ada", "laser"); // 1.7 s after the start
    await s.pass(5 * second);
    expect(laser.program().state().kind).toBe("on_idle");
    laser.work(true);
    await s.pass(15 * second);
    const before = laser.program().state();
    expect(before.kind).toBe("busy");
    for (const who of ["bob", "stranger", "bob", "stranger"] as const) {
      s.tap(who, "laser");
      await s.pass(4 * second);
    }
    const after = laser.program().state();
    expect(after.session).toMatchObject({
      session: before.session?.session,
      member: members.ada,
      startedMono: before.session?.startedMono,
    });
    expect([after.kind, after.deadlines.lease, laser.isPowered()]).toEqual(["busy", before.deadlines.lease, true]);
    expect(s.said("laser")).toEqual(expect.arrayContaining(["IN_USE"]));
    expect(s.closed("laser")).toEqual([]);
  });
});

describe("S27 network loss mid-cut", () => {
  const story = async (offline: "deny" | "snapshot"): Promise<Scene> => {
    const s = await scene({ from: afternoon, facts: [laserFacts, { ...sawFacts, offline }] });
    const saw = s.machine("saw");
    await s.toWork("ada", "saw");
    await s.until(afternoon + 5 * minute);
    s.bus.sever("saw-node");
    for (let at = 0; at < 25; at += 1) {
      await s.pass(minute);
      expect(saw.isPowered(), `minute ${at}`).toBe(true);
    }
    s.tap("stranger", "saw");
    await s.pass(5 * second);
    expect(saw.isPowered()).toBe(true);
    saw.work(false);
    await s.pass(2 * minute);
    return s;
  };
  const truth = async (s: Scene): Promise<void> => {
    s.bus.heal("saw-node");
    await s.pass(3 * minute);
    expect(s.sessions("saw")).toHaveLength(1);
    expect([...foldSessions(s.site.events).runs.values()]).toHaveLength(1);
    expect(s.told("saw", "mach.session_started", "mach.session_closed")).toHaveLength(2);
    expect(
      s
        .decisions("saw")
        .filter(({ member }) => member === 0)
        .map(({ outcome }) => outcome),
    ).toEqual(["deny"]);
  };
  it("cuts nothing where the policy renews no lease offline: she finishes, it stops, and one true story is told", async () => {
    const s = await story("deny");
    expect(s.machine("saw").isPermitted()).toBe(false);
    await truth(s);
    const [session] = s.sessions("saw");
    expect(session?.endReason).toBe("lease_expired");
    expect((session?.endMs ?? 0) - (session?.startMs ?? 0)).toBeGreaterThan(29 * minute);
  });
  it("renews the lease from the snapshot where the policy lets the node decide, and ends when she leaves", async () => {
    const s = await story("snapshot");
    expect(s.machine("saw").isPermitted()).toBe(true);
    s.tap("ada", "saw");
    await s.pass(2 * minute);
    expect(s.machine("saw").isPermitted()).toBe(false);
    await truth(s);
    expect(s.sessions("saw")[0]?.endReason).toBe("tap_out");
  });
});

describe("S28 device reboot under a card", () => {
  it("leaves the saw off until the card is put in anew and green is pressed", async () => {
    const s = await scene({ from: afternoon, machines: { saw: { insertReader: true } } });
    const saw = s.machine("saw");
    saw.reader.insert("0F0000000A");
    await s.pass(5 * second);
    saw.pressStart();
    saw.work(true);
    await s.pass(minute);
    expect(saw.isPowered()).toBe(true);
    const lostMs = s.nowMs();
    saw.powerCut();
    await s.pass(4 * second);
    saw.start({ restart: "power" });
    await s.pass(minute);
    expect([saw.isPermitted(), saw.isPowered(), saw.pressStart()]).toEqual([false, false, false]);
    const [session] = s.sessions("saw");
    expect(session?.endReason).toBe("device_reboot");
    expect(session?.endMs).toBeLessThanOrEqual(lostMs + second);
    saw.reader.remove();
    await s.pass(3 * second);
    saw.reader.insert("0F0000000A");
    await s.pass(5 * second);
    expect([saw.isPermitted(), saw.isPowered()]).toEqual([true, false]);
    expect(saw.pressStart()).toBe(true);
  });
});

describe("S30 extraction", () => {
  it("whose filter alarms takes the laser off at once", async () => {
    const s = await scene({ from: afternoon, machines: { laser: { fan: "x" } } });
    s.tap("ada", "laser");
    await s.pass(10 * second);
    s.machine("laser").pressStart();
    await s.pass(5 * second);
    s.fans.get("x")?.filter(true);
    await s.pass(100);
    expect(s.machine("laser").isPermitted()).toBe(false);
    await s.pass(2 * second);
    expect(s.closed("laser")).toMatchObject([{ reason: "safety_stop" }]);
  });
  it("that two machines share stays on while one of them works, though the other's run-on has ended", async () => {
    const s = await scene({ from: afternoon, machines: { laser: { fan: "x" }, saw: { fan: "x" } } });
    s.tap("ada", "laser");
    await s.pass(10 * second);
    s.machine("laser").pressStart();
    await s.toWork("bob", "saw");
    s.machine("laser").pressStopInput();
    await s.pass(3 * minute);
    expect(s.machine("laser").program().state().kind).toBe("off");
    expect([s.machine("saw").isPowered(), s.fans.get("x")?.isOn()]).toEqual([true, true]);
    s.machine("saw").pressStopInput();
    await s.pass(3 * minute);
    expect(s.fans.get("x")?.isOn()).toBe(false);
  });
});

describe("S31 accessory", () => {
  it("without its own training stays off while the laser runs", async () => {
    const facts = [sawFacts, { ...laserFacts, accessories: [{ accessory: "rotary", label: "Rotary axis" }] }];
    const known = { rotary: { level: "competent", untilMs: null } } as const;
    const s = await scene({
      from: afternoon,
      facts,
      machines: { laser: { accessories: ["rotary"] } },
      cast: { ada: { accessories: { rotary: { level: "none", untilMs: null } } }, bob: { accessories: known } },
    });
    const laser = s.machine("laser");
    s.tap("ada", "laser");
    await s.pass(5 * second);
    laser.pressStart();
    await s.pass(5 * second);
    expect([laser.isPowered(), laser.isAccessoryOn("rotary")]).toEqual([true, false]);
    expect(s.verdict("laser").outcome).toBe("grant");
    laser.pressStopInput();
    await s.pass(10 * second);
    s.tap("bob", "laser");
    await s.pass(5 * second);
    expect([laser.isPermitted(), laser.isAccessoryOn("rotary")]).toEqual([true, true]);
    laser.pressStopInput();
    await s.pass(second);
    expect(laser.isAccessoryOn("rotary")).toBe(false);
  });
});
