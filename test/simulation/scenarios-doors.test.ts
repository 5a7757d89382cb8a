/** Acceptance scenarios of doors (domain.md §7), played on the assembled system. */
import { describe, expect, it } from "vitest";
import { afternoon, hour, members, minute, scene, second } from "./scene.ts";

describe("S01 normal entry", () => {
  it("unlocks within 700 ms, tells who opened, locks half a second later, and is secure when closed after 3.9 s", async () => {
    const s = await scene({ from: afternoon });
    const d1 = s.door("door-1");
    s.tap("ada", "door-1");
    await s.pass(700);
    expect(d1.isUnlocked()).toBe(true);
    await s.until(afternoon + 2100);
    expect(d1.pull()).toBe(true);
    await s.until(afternoon + 2599);
    expect(d1.isUnlocked()).toBe(true);
    await s.until(afternoon + 2601);
    expect(d1.isUnlocked()).toBe(false);
    await s.until(afternoon + 6000);
    d1.close();
    await s.pass(5 * second);
    expect(d1.program().state().kind).toBe("secure");
    expect(s.told("door-1", "door.granted", "door.opened", "door.closed").map(({ body }) => body)).toMatchObject([
      { kind: "door.granted", who: [members.ada] },
      { kind: "door.opened", who: [members.ada], cause: "grant" },
      { kind: "door.closed", openMs: 3900 },
    ]);
  });
});

describe("S02 unknown card", () => {
  it("is refused five times, silences the reader for 30 s for everybody, then lets Ada in and has forgotten", async () => {
    const s = await scene({ from: afternoon });
    for (let tap = 0; tap < 5; tap += 1) {
      s.tap("stranger", "door-1");
      await s.pass(5 * second);
    }
    expect(s.decisions("door-1").map(({ reason }) => reason)).toEqual(Array(5).fill("UNKNOWN_CREDENTIAL"));
    const penaltyFrom = s.told("door-1", "access.decided").at(-1)?.atMs ?? 0;
    await s.until(penaltyFrom + 10 * second);
    s.tap("ada", "door-1");
    await s.pass(second);
    expect(s.verdict("door-1").reason).toBe("TOO_MANY_ATTEMPTS");
    await s.until(penaltyFrom + 30 * second + 1);
    s.tap("ada", "door-1");
    await s.pass(second);
    expect(s.verdict("door-1").reason).toBe("GRANT");
    for (let tap = 0; tap < 4; tap += 1) {
      s.tap("stranger", "door-1");
      await s.pass(3 * second);
    }
    s.tap("bob", "door-1");
    await s.pass(second);
    expect(s.verdict("door-1").outcome).toBe("grant");
  });
});

describe("S03 stale unlock", () => {
  it("never opens: neither when the node returns, nor from a recorded copy at any later time", async () => {
    const s = await scene({ from: afternoon });
    const d1 = s.door("door-1");
    const opened: number[] = [];
    const watch = async (ms: number): Promise<void> => {
      for (let at = 0; at < ms; at += 250) {
        await s.pass(250);
        if (d1.isUnlocked()) opened.push(s.nowMs());
      }
    };
    s.bus.sever("door-1-node", 30 * second);
    await s.pass(2 * second);
    const pressed = s.hub().unlockDoor("door-1", "admin");
    await s.pass(10 * second);
    expect(await pressed).toEqual({ status: "unconfirmed" });
    await s.pass(30 * second);
    s.bus.heal("door-1-node");
    await watch(3 * minute);
    expect(opened).toEqual([]);
    // A genuine unlock, for a recording of both its steps.
    const genuine = s.hub().unlockDoor("door-1", "admin");
    await s.pass(2 * second);
    expect(await genuine).toEqual({ status: "applied" });
    expect(d1.isUnlocked()).toBe(true);
    await s.pass(20 * second);
    const commands = s.bus.recorded.filter(({ path }) => path.endsWith("/cmd"));
    expect(commands.length).toBeGreaterThanOrEqual(3);
    for (const laterMs of [0, minute, 12 * hour]) {
      await s.pass(laterMs);
      for (const command of commands) s.bus.replay(command);
      await watch(10 * second);
    }
    s.door("door-1").powerCut();
    s.door("door-1").start();
    await s.pass(10 * second);
    for (const command of commands) s.bus.replay(command);
    await watch(10 * second);
    expect(opened).toEqual([]);
  });
});

describe("S04 slow opener", () => {
  it("who pulls 0.8 s after the strike time has opened late, not forced", async () => {
    const s = await scene({ from: afternoon });
    s.tap("ada", "door-1");
    await s.until(afternoon + 5800);
    s.door("door-1").force();
    await s.pass(2 * second);
    expect(s.door("door-1").program().state().kind).toBe("open");
    expect(s.told("door-1", "door.opened", "door.forced_open").map(({ body }) => body)).toMatchObject([
      { kind: "door.opened", who: [members.ada] },
    ]);
  });
  it("who opens 2.5 s after it has forced the door", async () => {
    const s = await scene({ from: afternoon });
    s.tap("ada", "door-1");
    await s.until(afternoon + 7500);
    s.door("door-1").force();
    await s.pass(2 * second);
    expect(s.told("door-1", "door.opened", "door.forced_open").map(({ body }) => body.kind)).toEqual(["door.forced_open"]);
  });
});

describe("S05 forced open", () => {
  it("is told within 500 ms, silenced by no member, and cleared with its duration", async () => {
    const s = await scene({ from: afternoon });
    const d1 = s.door("door-1");
    d1.force();
    await s.pass(500);
    expect(s.told("door-1", "door.forced_open")).toHaveLength(1);
    await s.pass(5500);
    s.tap("ada", "door-1");
    await s.pass(4 * second);
    expect(d1.program().state()).toMatchObject({ kind: "forced", alarms: ["forced_open"] });
    expect(d1.isUnlocked()).toBe(false);
    d1.close();
    await s.pass(second);
    expect(s.told("door-1", "door.forced_cleared").map(({ body }) => body)).toMatchObject([{ totalMs: 10_000 }]);
    expect(d1.program().state()).toMatchObject({ kind: "secure", alarms: ["forced_open"] });
    const acknowledged = s.hub().orderDoor("door-1", "acknowledge", "steward");
    await s.pass(second);
    expect([await acknowledged, d1.program().state().alarms]).toEqual([{ status: "applied" }, []]);
  });
});

describe("S06 exit by handle", () => {
  it("unlocks nothing and alarms nobody until the door stays open", async () => {
    const s = await scene({ from: afternoon });
    const d1 = s.door("door-1");
    d1.pressExit();
    await s.until(afternoon + 3000);
    expect(d1.isUnlocked()).toBe(false);
    expect(d1.pull()).toBe(true);
    await s.until(afternoon + 22_900);
    expect(d1.program().state().kind).toBe("open");
    await s.until(afternoon + 23_100);
    expect(d1.program().state().kind).toBe("open_warn");
    await s.until(afternoon + 32_900);
    expect(s.told("door-1", "door.held_open")).toEqual([]);
    await s.until(afternoon + 34_000);
    expect(s.told("door-1", "door.opened", "door.forced_open", "door.held_open").map(({ body }) => body)).toMatchObject([
      { kind: "door.opened", cause: "rex", who: [] },
      { kind: "door.held_open" },
    ]);
  });
});

describe("S07 held open and re-grant", () => {
  it("begins the time anew for Bob, and no later card silences the alarm", async () => {
    const s = await scene({ from: afternoon });
    const d1 = s.door("door-1");
    s.tap("ada", "door-1");
    await s.pass(second);
    d1.pull();
    const openedMs = s.nowMs();
    await s.until(openedMs + 25 * second);
    s.tap("bob", "door-1");
    await s.until(openedMs + 54 * second);
    expect(s.told("door-1", "door.held_open")).toEqual([]);
    expect(s.told("door-1", "door.opened_again").map(({ body }) => body)).toMatchObject([{ who: [members.bob] }]);
    await s.until(openedMs + 56 * second);
    expect(s.told("door-1", "door.held_open")).toHaveLength(1);
    const before = s.nowMs();
    s.tap("cem", "door-1");
    await s.pass(2 * second);
    expect(d1.program().state()).toMatchObject({ kind: "held", alarms: ["held_open"] });
    expect(s.saidSince("door-1", before)).toContain("close_the_door");
  });
});

describe("S09 card left on the reader", () => {
  it("is one request at the door for as long as it lies there, none after a restart, and one when it comes back", async () => {
    const s = await scene({ from: afternoon });
    const { reader } = s.door("door-1");
    reader.insert("0F0000000A");
    await s.pass(10 * minute);
    expect(s.decisions("door-1")).toHaveLength(1);
    s.door("door-1").powerCut();
    await s.pass(3 * second);
    s.door("door-1").start();
    await s.pass(10 * minute);
    expect(s.decisions("door-1")).toHaveLength(1);
    expect(s.door("door-1").isUnlocked()).toBe(false);
    reader.remove();
    await s.pass(1500);
    reader.insert("0F0000000A");
    await s.pass(minute);
    expect(s.decisions("door-1").map(({ outcome }) => outcome)).toEqual(["grant", "grant"]);
  });
  it("is one request in the holder of the saw, and a restart gives no power back", async () => {
    const s = await scene({ from: afternoon, machines: { saw: { insertReader: true } } });
    const saw = s.machine("saw");
    saw.reader.insert("0F0000000A");
    await s.pass(20 * second);
    expect(s.decisions("saw").map(({ outcome }) => outcome)).toEqual(["grant"]);
    expect(saw.pressStart()).toBe(true);
    await s.pass(10 * minute);
    expect(s.decisions("saw").filter(({ request }) => request === "start")).toHaveLength(1);
    saw.powerCut();
    await s.pass(3 * second);
    saw.start();
    await s.pass(10 * minute);
    expect(saw.isPermitted()).toBe(false);
    expect(s.decisions("saw").filter(({ request }) => request === "start")).toHaveLength(1);
    saw.reader.remove();
    await s.pass(3 * second);
    saw.reader.insert("0F0000000A");
    await s.pass(5 * second);
    expect(s.decisions("saw").filter(({ request }) => request === "start")).toHaveLength(2);
    expect(saw.isPermitted()).toBe(true);
  });
});

describe("S11 evacuation", () => {
  it("frees doors and takes power at once, and its end restores nothing", async () => {
    const s = await scene({ from: afternoon, cast: { cem: { roles: ["responder"] } }, machines: { laser: { fan: "x" } } });
    const [d1, laser, fan] = [s.door("door-1"), s.machine("laser"), s.fans.get("x")];
    s.tap("ada", "laser");
    await s.pass(10 * second);
    laser.pressStart();
    laser.work(true);
    await s.pass(minute);
    expect(laser.program().state().kind).toBe("busy");
    expect(fan?.isOn()).toBe(true);
    s.site.change({ mode: "evacuate" });
    await s.pass(second);
    expect([laser.isPermitted(), laser.isPowered(), fan?.isOn()]).toEqual([false, false, false]);
    expect(d1.isUnlocked()).toBe(true);
    s.tap("bob", "door-1");
    await s.pass(second);
    expect(s.verdict("door-1")).toMatchObject({ outcome: "deny", reason: "EMERGENCY_ACTIVE" });
    expect(s.advice("door-1").next).toBe("Leave by the nearest exit.");
    s.tap("cem", "door-1");
    await s.pass(second);
    expect(s.verdict("door-1")).toMatchObject({ outcome: "grant", reason: "GRANT_RESPONDER" });
    const tooEarly = s.hub().orderDoor("door-1", "relock", "operator");
    await s.pass(second);
    expect([(await tooEarly).status, d1.isUnlocked()]).toEqual(["rejected", true]);
    s.site.change({ mode: "normal" });
    await s.pass(5 * minute);
    expect([laser.isPermitted(), fan?.isOn()]).toEqual([false, false]);
    expect(d1.program().state().kind).toBe("released");
    expect(s.closed("laser")).toMatchObject([{ reason: "emergency" }]);
    const secured = s.hub().orderDoor("door-1", "relock", "operator");
    await s.pass(second);
    expect([await secured, d1.program().state().kind, d1.isUnlocked()]).toEqual([{ status: "applied" }, "secure", false]);
  });
  it("is over for a door, too, when somebody authorised taps there", async () => {
    const s = await scene({ from: afternoon });
    s.site.change({ mode: "evacuate" });
    await s.pass(minute);
    s.site.change({ mode: "normal" });
    await s.pass(minute);
    s.tap("ada", "door-1");
    await s.pass(7 * second);
    expect(s.door("door-1").program().state().kind).toBe("secure");
  });
  it("keeps extraction that must go on in a fire", async () => {
    const s = await scene({ from: afternoon, machines: { laser: { fan: "x", settings: { keepInFire: true } } } });
    s.tap("ada", "laser");
    await s.pass(10 * second);
    s.machine("laser").pressStart();
    await s.pass(10 * second);
    s.site.change({ mode: "evacuate" });
    await s.pass(second);
    expect([s.machine("laser").isPermitted(), s.fans.get("x")?.isOn()]).toEqual([false, true]);
  });
});
