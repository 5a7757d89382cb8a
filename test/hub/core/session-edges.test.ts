/** Sessions from the log, the edges: machines side by side, runs over a reboot, late and doubled words, what is forgotten. */
import { describe, expect, it } from "vitest";
import type { EventBody } from "#contract";
import type { StoredEvent } from "#core";
import { applySession, foldSessions, inLogOrder, noSessions, withoutClosed } from "#core";

const id = (n: number): string => `01JDGC5F7W9ZK3T5V0QXN2B8${String(n).padStart(2, "0")}`;
const boots = ["0000000000000001", "0000000000000002"] as const;
let seq = 0;
const at = (evtMs: number, body: EventBody, where: Partial<StoredEvent> = {}): StoredEvent => ({
  node: "saw-node",
  evtMs,
  boot: boots[0],
  seq: ++seq,
  ch: "saw",
  atMono: evtMs,
  atMs: evtMs,
  tq: "synced",
  body,
  ...where,
});
const start = (n: number): EventBody => ({ kind: "mach.session_started", session: id(n), decision: id(99), member: n, provisional: false });
const closes = (n: number, reason: "tap_out" | "power_lost" | "device_reboot"): EventBody => ({
  kind: "mach.session_closed",
  session: id(n),
  reason,
  busyMs: 0,
  energyWh: 0,
});
const runs = (n: number, startMono: number): EventBody => ({ kind: "mach.run_started", run: id(n), session: null, startMono });
const ends = (n: number, endMono: number, energyWh = 5): EventBody => ({
  kind: "mach.run_ended",
  run: id(n),
  session: null,
  endMono,
  energyWh,
  peakW: 900,
  uncertainMs: 0,
});
const booted: EventBody = { kind: "node.boot", restart: "power", fw: "1" };
const powered: EventBody = { kind: "mach.powered", on: true };

describe("sessions of several machines", () => {
  it("leave each other alone: another channel, another node", () => {
    const { sessions } = foldSessions([at(1, start(1)), at(2, start(2), { ch: "lathe" }), at(3, start(3), { node: "laser-node" })]);
    expect([1, 2, 3].map((n) => sessions.get(id(n))?.endMs)).toEqual([null, null, null]);
  });
  it("end with their own node only, and a closed one is not closed again, when a node starts again", () => {
    const { sessions } = foldSessions([
      at(1000, start(1)),
      at(2000, closes(1, "tap_out")),
      at(3000, start(2)),
      at(3500, start(3), { node: "laser-node" }),
      at(4000, powered),
      at(9000, booted, { boot: boots[1] }),
    ]);
    expect(sessions.get(id(1))).toMatchObject({ endMs: 2000, endReason: "tap_out" });
    expect(sessions.get(id(2))).toMatchObject({ endMs: 4000, endReason: "device_reboot" });
    expect(sessions.get(id(3))).toMatchObject({ endMs: null, phase: "attended" });
  });
  it("begin once, however often that is said", () => {
    const again = at(5000, { ...start(1), provisional: true } as EventBody);
    expect(foldSessions([at(1000, start(1)), again]).sessions.get(id(1))).toMatchObject({ startMs: 1000, provisional: false, endMs: null });
  });
});

describe("the end of a session", () => {
  it("is where the relay fell, and belongs to nobody when no session was open", () => {
    const off = (session: string | null): EventBody => ({ kind: "mach.relay_off", session, reason: "oops" });
    const { sessions } = foldSessions([at(1000, start(1)), at(1500, off(null)), at(2000, off(id(1)))]);
    expect(sessions.get(id(1))).toMatchObject({ phase: "closed", endMs: 2000, endReason: "oops" });
  });
  it("stays at the last evidence when the word of a lost node comes late, and moves for any other reason", () => {
    const lost = [at(1000, start(1)), at(4000, powered), at(9000, booted, { boot: boots[1] })];
    for (const reason of ["device_reboot", "power_lost"] as const)
      expect(foldSessions([...lost, at(9500, closes(1, reason), { boot: boots[1] })]).sessions.get(id(1))?.endMs).toBe(4000);
    expect(foldSessions([...lost, at(9500, closes(1, "tap_out"), { boot: boots[1] })]).sessions.get(id(1))?.endMs).toBe(9500);
  });
  it("of a job that was attended again is an attended session", () => {
    const left = [at(1000, start(1)), at(2000, { kind: "mach.session_unattended", session: id(1) })];
    const back = at(3000, { kind: "mach.session_attended", session: id(1) });
    expect(foldSessions([...left, back]).sessions.get(id(1))?.phase).toBe("attended");
  });
  it("says nothing of sessions and runs that nobody knows", () => {
    const { sessions, runs: found } = foldSessions([
      at(1000, { kind: "mach.grace", session: id(1), cause: "tap_out" }),
      at(2000, closes(1, "tap_out")),
      at(3000, ends(2, 3000)),
    ]);
    expect([sessions.size, found.size]).toEqual([0, 0]);
  });
});

describe("runs", () => {
  it("are dated by the node's own clock, begin once, and keep their end", () => {
    const begun = at(10_000, runs(1, 8000), { atMono: 9000 });
    const again = at(11_000, runs(1, 10_500), { atMono: 10_500 });
    const ended = at(20_000, ends(1, 15_000), { atMono: 16_000 });
    expect(foldSessions([begun, again]).runs.get(id(1))).toMatchObject({ startMs: 9000, endMs: null, energyWh: 0 });
    expect(foldSessions([begun, again, ended]).runs.get(id(1))).toMatchObject({ startMs: 9000, endMs: 19_000, energyWh: 5 });
  });
  it("that a restart broke off end at the last evidence, uncertain until the restart; others are left alone", () => {
    const events = [
      at(1000, runs(1, 1000)),
      at(2000, ends(1, 2000)),
      at(3000, runs(2, 3000)),
      at(3500, runs(3, 3500), { node: "laser-node" }),
      at(5000, powered),
      at(9000, booted, { boot: boots[1] }),
    ];
    const found = foldSessions(events).runs;
    expect(found.get(id(1))).toMatchObject({ endMs: 2000, uncertainMs: 0 });
    expect(found.get(id(2))).toMatchObject({ startMs: 3000, endMs: 5000, uncertainMs: 4000 });
    expect(found.get(id(3))).toMatchObject({ endMs: null });
  });
  it("that began after the last word in the log have no length", () => {
    const ahead = at(1000, runs(1, 4000), { atMono: 1000 }); // its clock ran ahead
    const found = foldSessions([ahead, at(2000, booted, { boot: boots[1] })]).runs.get(id(1));
    expect(found).toMatchObject({ startMs: 4000, endMs: 4000, uncertainMs: 1000 });
  });
});

describe("the company of a session", () => {
  const begins = { ...start(1), supervisor: 8, buddy: 9 } as EventBody;
  const misses = (role: "supervisor" | "buddy"): EventBody => ({ kind: "mach.companion_missed", session: id(1), role });
  it("is who had to be there, each until they are missed", () => {
    const { sessions } = foldSessions([
      at(1000, begins),
      at(2000, misses("buddy")),
      at(3000, misses("buddy")),
      at(4000, misses("supervisor")),
    ]);
    expect(sessions.get(id(1))?.company).toEqual([
      { role: "supervisor", member: 8, fromMs: 1000, untilMs: 4000 },
      { role: "buddy", member: 9, fromMs: 1000, untilMs: 2000 },
    ]);
  });
  it("is not spoken of where nobody had to", () => {
    const { sessions } = foldSessions([at(1000, start(1)), at(2000, misses("buddy")), at(3000, misses("supervisor"))]);
    expect(Object.keys(sessions.get(id(1)) ?? {})).not.toContain("company");
    expect(sessions.get(id(1))).toEqual({
      session: id(1),
      node: "saw-node",
      ch: "saw",
      member: 1,
      decision: id(99),
      provisional: false,
      phase: "attended",
      startMs: 1000,
      endMs: null,
      endReason: null,
      busyMs: 0,
      energyWh: 0,
    });
  });
});

describe("the log", () => {
  it("is read by time, then node, then boot, then number, whatever the order of arrival", () => {
    const ordered = [
      at(1, powered, { node: "a", boot: boots[0], seq: 2 }),
      at(1, powered, { node: "a", boot: boots[1], seq: 1 }),
      at(1, powered, { node: "b", boot: boots[0], seq: 1 }),
      at(1, powered, { node: "b", boot: boots[0], seq: 2 }),
      at(2, powered, { node: "a", boot: boots[0], seq: 1 }),
    ];
    expect(ordered.toReversed().sort(inLogOrder)).toEqual(ordered);
    for (const [i, event] of ordered.slice(1).entries()) {
      expect(inLogOrder(event, ordered[i] as StoredEvent)).toBeGreaterThan(0);
      expect(inLogOrder(ordered[i] as StoredEvent, event)).toBeLessThan(0);
    }
    expect(inLogOrder(ordered[0] as StoredEvent, ordered[0] as StoredEvent)).toBe(0);
  });
  it("tells the same event twice as once", () => {
    const grace = at(2000, { kind: "mach.grace", session: id(1), cause: "tap_out" });
    const back = at(2000, { kind: "mach.resumed", session: id(1) });
    const twice = foldSessions([at(1000, start(1)), grace, back, { ...grace }]);
    expect(twice.sessions.get(id(1))?.phase).toBe("attended");
    const doubled: StoredEvent = { ...grace, ch: "saw" };
    expect(foldSessions([at(1000, start(1)), grace, doubled, back]).sessions.get(id(1))?.phase).toBe("attended");
  });
  it("is folded step by step from nothing", () => {
    const event = at(1000, start(1));
    expect(noSessions).toEqual({ sessions: new Map(), runs: new Map(), lastMs: new Map() });
    expect(applySession(noSessions, event)).toEqual(foldSessions([event]));
    expect(noSessions.sessions.size).toBe(0);
  });
  it("forgets what ended before an instant, and only that", () => {
    const state = foldSessions([
      at(1000, start(1)),
      at(1000, runs(11, 1000)),
      at(5000, closes(1, "tap_out")),
      at(5000, ends(11, 5000)),
      at(6000, start(2)),
      at(6000, runs(12, 6000)),
    ]);
    const known = (beforeMs: number) => {
      const left = withoutClosed(state, beforeMs);
      return [[...left.sessions.keys()], [...left.runs.keys()]];
    };
    expect(known(5000)).toEqual([
      [id(1), id(2)],
      [id(11), id(12)],
    ]);
    expect(known(5001)).toEqual([[id(2)], [id(12)]]);
    expect(withoutClosed(state, 5001).lastMs).toEqual(new Map([["saw-node", 6000]]));
  });
});
