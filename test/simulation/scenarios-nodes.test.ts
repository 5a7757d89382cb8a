/** Acceptance scenarios of nodes, clocks, snapshots and the hub (domain.md §7, §3.6, §4.4), played on the assembled system. */
import { describe, expect, it } from "vitest";
import { afternoon, cards, doorFacts, ends, hour, members, minute, type Scene, sawFacts, scene, second } from "./scene.ts";

const liveNode = (s: Scene, node: string) =>
  s
    .hub()
    .live.nodes()
    .find(({ id }) => id === node);
const outcomes = (s: Scene) => s.told("door-1", "node.snapshot").map(({ body }) => (body.kind === "node.snapshot" ? body.outcome : ""));

describe("S08 two cards within one second", () => {
  it("are two requests, each with its own answer", async () => {
    const s = await scene({ from: afternoon, facts: [doorFacts], cast: { cem: { hold: true } } });
    for (const who of ["stranger", "ada", "cem", "bob"] as const) {
      s.tap(who, "door-1");
      await s.pass(450);
    }
    await s.pass(second);
    expect(s.decisions("door-1").map(({ member, outcome }) => [member, outcome])).toEqual([
      [0, "deny"],
      [members.ada, "grant"],
      [members.cem, "deny"],
      [members.bob, "grant"],
    ]);
    s.door("door-1").pull();
    await s.pass(second);
    expect(s.told("door-1", "door.opened").map(({ body }) => body)).toMatchObject([{ who: [members.ada, members.bob] }]);
  });
});

describe("S15 no clock", () => {
  const expired = ends(afternoon - hour);
  it.each([
    ["1970", 0],
    ["its last shutdown, hours ago", afternoon - 5 * hour],
    ["a time that might be true", afternoon + minute],
  ] as const)("a node that wakes in %s believes nobody and decides by the floor", async (_when, wallMs) => {
    const daily = { intervals: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMin: 0, endMin: 1439 })), special: [] };
    const s = await scene({
      from: afternoon,
      facts: [doorFacts],
      schedules: [daily],
      withoutClock: ["door-1-node"],
      cast: { ada: ends(afternoon + hour), bob: { always: false, schedule: 0 }, cem: expired },
    });
    s.bus.sever("door-1-node");
    s.door("door-1").powerCut();
    await s.pass(10 * second);
    s.door("door-1").start({ wallMs, restart: "power" });
    await s.pass(10 * second);
    const fromMs = s.nowMs();
    for (const who of ["ada", "bob", "cem"] as const) {
      s.tap(who, "door-1");
      await s.pass(10 * second);
    }
    expect(s.said("door-1").filter((key) => !key.startsWith("beep"))).toEqual(["granted", "CLOCK_UNTRUSTED", "MEMBERSHIP_EXPIRED"]);
    s.bus.heal("door-1-node");
    await s.pass(2 * minute);
    const told = s.told("door-1", "access.decided");
    expect(told.map(({ body }) => body)).toMatchObject([
      { reason: "GRANT_DEGRADED", member: members.ada },
      { reason: "CLOCK_UNTRUSTED", member: members.bob },
      { reason: "MEMBERSHIP_EXPIRED", member: members.cem },
    ]);
    for (const [i, { event, atMs }] of told.entries()) {
      expect([event.atMs, event.tq]).toEqual([null, "unknown"]);
      expect(Math.abs(atMs - fromMs - i * 10 * second)).toBeLessThan(second); // filled in from its age
    }
    s.tap("bob", "door-1");
    await s.pass(second);
    expect(s.verdict("door-1").reason).toBe("GRANT");
  });
  it("a lease runs on the node's own stopwatch, whatever the time turns out to be", async () => {
    const s = await scene({
      from: afternoon,
      facts: [{ ...sawFacts, unknownClock: "floor" }],
      withoutClock: ["saw-node"],
    });
    s.bus.sever("saw-node");
    s.machine("saw").powerCut();
    await s.pass(5 * second);
    s.machine("saw").start({ wallMs: 0, restart: "power" });
    await s.pass(5 * second);
    await s.toWork("ada", "saw");
    const before = s.machine("saw").program().state().deadlines.lease;
    s.bus.heal("saw-node");
    await s.pass(2 * minute);
    expect(s.machine("saw").program().node.nodeClock.read().quality).toBe("synced");
    expect(before).toBeGreaterThan(0);
    expect(s.machine("saw").program().state().deadlines.lease).toBe(before);
  });
});

describe("S18 lost card, node offline", () => {
  it("may still open there until the node is back, is on record, and is then refused in the words of an unknown card", async () => {
    const s = await scene({ from: afternoon, facts: [doorFacts] });
    s.bus.sever("door-1-node");
    await s.pass(minute);
    s.site.change({ revoked: [cards.ada] });
    await s.pass(5 * minute);
    s.tap("ada", "door-1");
    await s.pass(2 * second);
    expect(s.door("door-1").isUnlocked()).toBe(true); // the documented exposure
    expect(liveNode(s, "door-1-node")).toMatchObject({ status: "offline" });
    expect(liveNode(s, "door-1-node")?.lastSeenMs).toBeLessThanOrEqual(afternoon + 10 * second);
    await s.pass(15 * minute);
    s.bus.heal("door-1-node");
    for (let waitedS = 0; waitedS < 90 && liveNode(s, "door-1-node")?.status !== "online"; waitedS += 1) await s.pass(second);
    await s.pass(2 * second);
    expect(s.told("door-1", "access.decided").map(({ body }) => body)).toMatchObject([
      { where: "node", reason: "GRANT_DEGRADED", member: members.ada },
    ]);
    s.tap("ada", "door-1");
    await s.pass(2 * second);
    const refused = s.advice("door-1");
    expect(refused.code).toBe("CREDENTIAL_REVOKED");
    expect(s.hub().live.feed()[0]).toMatchObject({ kind: "alarm", where: "door-1", who: { member: members.ada } });
    s.tap("stranger", "door-1");
    await s.pass(2 * second);
    expect(s.advice("door-1")).toEqual({ code: "UNKNOWN_CREDENTIAL", next: refused.next });
    s.tap("adaSpare", "door-1");
    await s.pass(2 * second);
    expect(s.verdict("door-1")).toMatchObject({ reason: "GRANT", member: members.ada });
  });
});

describe("stale snapshot", () => {
  it("lets a door decide alone for as long as its policy says, and not longer", async () => {
    const s = await scene({ from: afternoon, facts: [{ ...doorFacts, offlineMaxAgeMs: hour }] });
    s.bus.sever("door-1-node");
    await s.until(afternoon + 59 * minute);
    s.tap("ada", "door-1");
    await s.pass(20 * second);
    await s.until(afternoon + 61 * minute);
    s.tap("ada", "door-1");
    await s.pass(5 * second);
    expect(s.said("door-1").filter((key) => !key.startsWith("beep"))).toEqual(["granted", "SNAPSHOT_STALE"]);
    expect(s.advice("door-1").next).toBe("Tell the staff.");
  });
});

describe("S38 snapshot integrity", () => {
  it("a power cut at any moment of a change leaves the old permissions or the new, whole", async () => {
    for (let cutMs = 0; cutMs <= 40; cutMs += 4) {
      const s = await scene({ from: afternoon, facts: [doorFacts] });
      s.recast({ ada: { hold: true } });
      await s.pass(cutMs);
      s.door("door-1").powerCut();
      s.bus.sever("door-1-node");
      await s.pass(3 * second);
      s.door("door-1").start({ restart: "power" });
      await s.pass(3 * second);
      const version = s.door("door-1").program().node.snapshots.version()?.version;
      s.tap("ada", "door-1");
      await s.pass(6 * second);
      const verdict = s.said("door-1").filter((key) => !key.startsWith("beep"));
      expect([version, verdict], `cut after ${cutMs} ms`).toEqual(version === 1 ? [1, ["granted"]] : [2, ["HOLD_ACTIVE"]]);
    }
  });
  it("a forged and an outdated one are refused and told, and change nothing", async () => {
    const s = await scene({ from: afternoon, facts: [doorFacts] });
    s.recast({ ada: { hold: true } });
    await s.pass(5 * second);
    const [old, current] = s.bus.recorded.filter(({ path }) => path.endsWith("/snap")).slice(-2);
    if (old === undefined || current === undefined) throw new Error("no manifest was sent");
    const text = Buffer.from(current.bytes).toString("utf8");
    const forged = text.replace(/"version":2/, '"version":9');
    expect(forged).not.toBe(text);
    s.bus.replay({ ...current, bytes: Buffer.from(forged, "utf8") });
    await s.pass(5 * second);
    s.bus.replay(old);
    await s.pass(5 * second);
    expect(outcomes(s).slice(-2)).toEqual(["bad_signature", "rollback"]);
    s.tap("ada", "door-1");
    await s.pass(2 * second);
    expect(s.advice("door-1")).toEqual({ code: "HOLD_ACTIVE", next: "Talk to the staff." });
  });
  it("a hub put back to last week's data is not obeyed, is told so, and rules again from a new epoch on", async () => {
    const s = await scene({ from: afternoon, facts: [doorFacts] });
    s.recast({ ada: { hold: true } });
    await s.pass(5 * second);
    s.killHub();
    s.recast({});
    s.site.rewind(1);
    s.startHub();
    await s.pass(minute);
    expect(liveNode(s, "door-1-node")?.trouble).toMatch(/--raise-epoch/);
    s.tap("ada", "door-1");
    await s.pass(2 * second);
    expect(s.verdict("door-1").reason).toBe("HOLD_ACTIVE"); // the later word stands
    s.site.change({ epoch: 2 });
    await s.pass(5 * second);
    expect(s.door("door-1").program().node.snapshots.version()).toEqual({ epoch: 2, version: 1 });
    s.tap("ada", "door-1");
    await s.pass(2 * second);
    expect(s.verdict("door-1").reason).toBe("GRANT");
  });
});

describe("S40 hub under stress", () => {
  const asking = { ...doorFacts, minCreditCents: 0, asks: ["credit" as const] };
  it("whose disk stalls for 30 s answers nobody late: the node decides alone, once", async () => {
    const s = await scene({ from: afternoon, facts: [asking] });
    s.site.stallDisk(30 * second);
    const fromMs = s.nowMs();
    s.tap("ada", "door-1");
    await s.pass(2500);
    expect(s.door("door-1").isUnlocked()).toBe(true);
    await s.until(fromMs + 10 * second);
    expect(s.door("door-1").isUnlocked()).toBe(false);
    for (let at = s.nowMs(); at < fromMs + 2 * minute; at += 500) {
      await s.until(at);
      expect(s.door("door-1").isUnlocked()).toBe(false);
    }
    expect(s.told("door-1", "access.decided").map(({ body }) => body)).toMatchObject([
      { where: "node", member: members.ada, outcome: "grant" },
    ]);
    expect(s.told("door-1", "door.granted")).toHaveLength(1);
    expect(s.bus.recorded.filter(({ path }) => path.endsWith("/res"))).toEqual([]); // asked, and never answered late
  });
  it("that dies between decision and record leaves one session, the node's own", async () => {
    for (const afterMs of [0, 310, 316, 330]) {
      const s = await scene({ from: afternoon, facts: [{ ...sawFacts, minCreditCents: 0, asks: ["credit"] }] });
      s.tap("ada", "saw");
      await s.pass(afterMs);
      s.killHub();
      await s.pass(10 * second);
      s.startHub();
      s.machine("saw").pressStart();
      await s.pass(2 * minute);
      s.tap("ada", "saw");
      await s.pass(3 * minute);
      expect(
        s.sessions("saw").map(({ member, endReason }) => [member, endReason]),
        `killed after ${afterMs} ms`,
      ).toEqual([[members.ada, "tap_out"]]);
    }
  });
});

describe("hub dead", () => {
  it("doors decide as before, and what they told is there once when it lives again", async () => {
    const s = await scene({ from: afternoon, facts: [doorFacts], cast: { bob: { hold: true } } });
    s.killHub();
    for (const who of ["ada", "bob", "cem"] as const) {
      s.tap(who, "door-1");
      await s.pass(10 * second);
    }
    expect(s.said("door-1").filter((key) => !key.startsWith("beep"))).toEqual(["granted", "HOLD_ACTIVE", "granted"]);
    await s.pass(hour);
    s.startHub();
    await s.pass(2 * minute);
    expect(s.decisions("door-1").map(({ member, outcome }) => [member, outcome])).toEqual([
      [members.ada, "grant"],
      [members.bob, "deny"],
      [members.cem, "grant"],
    ]);
    const seqs = s.site.events.filter(({ node }) => node === "door-1-node").map(({ boot, seq }) => `${boot} ${seq}`);
    expect(new Set(seqs).size).toBe(seqs.length);
  });
});
