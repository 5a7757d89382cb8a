/** Sessions from the log: figures, reboots, takeovers; and that order of arrival and duplicates change nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventBody } from "#contract";
import type { StoredEvent } from "#core";
import {
  applySession,
  foldSessions,
  initialNodeLink,
  inLogOrder,
  machineStatus,
  type NodeLinkEvent,
  nodeLinkDefaults,
  noSessions,
  type SessionRecord,
  stepNodeLink,
  withoutClosed,
} from "#core";

const id = (n: number): string => `01JDGC5F7W9ZK3T5V0QXN2B8${String(n).padStart(2, "0")}`;
const decision = id(99);
let seq = 0;
const at = (evtMs: number, body: EventBody, boot = "0000000000000001", node = "node-1"): StoredEvent => ({
  node,
  evtMs,
  boot,
  seq: ++seq,
  ch: "saw",
  atMono: evtMs,
  atMs: evtMs,
  tq: "synced",
  body,
});
const start = (n: number, member = 7): EventBody => ({
  kind: "mach.session_started",
  session: id(n),
  decision,
  member,
  provisional: false,
});
const closed = (n: number, reason: "tap_out" | "taken_over" | "device_reboot"): EventBody => ({
  kind: "mach.session_closed",
  session: id(n),
  reason,
  busyMs: 500,
  energyWh: 2,
});
/** the decision that `start` is based on */
const granted = (where: "hub" | "node"): EventBody => ({
  kind: "access.decided",
  request: "start",
  decision,
  outcome: "grant",
  reason: "GRANT",
  also: [],
  warnings: [],
  member: 7,
  where,
  snapshot: null,
  tookMs: 1,
});
const bootBody: EventBody = { kind: "node.boot", restart: "start", fw: "1" };
const byId = (events: readonly StoredEvent[], n: number) => foldSessions(events).sessions.get(id(n));

const unattended: EventBody = { kind: "mach.session_unattended", session: id(1) };
const attended: EventBody = { kind: "mach.session_attended", session: id(1) };
const gracing: EventBody = { kind: "mach.grace", session: id(1), cause: "tap_out" };
const resumed: EventBody = { kind: "mach.resumed", session: id(1) };
const secondBoot = "0000000000000002";
type Row = readonly [row: string, events: readonly StoredEvent[], expected: object | undefined];
const rows: readonly Row[] = [
  ["— × decision grant alone → no session (I6)", [at(1000, granted("hub")), at(1100, granted("node"))], undefined],
  [
    "— × decision grant, then node session_started → ATTENDED from the node's word on",
    [at(1000, granted("hub")), at(1200, start(1))],
    { phase: "attended", startMs: 1200, decision },
  ],
  ["— × node session_started → ATTENDED", [at(1000, start(1))], { phase: "attended", provisional: false, endMs: null }],
  [
    "— × node session_started provisional → ATTENDED(provisional)",
    [at(1000, { ...start(1), provisional: true } as EventBody)],
    { phase: "attended", provisional: true },
  ],
  [
    "ATTENDED × tap-out while busy → UNATTENDED",
    [at(1000, start(1)), at(2000, unattended)],
    { phase: "unattended", member: 7, endMs: null },
  ],
  [
    "ATTENDED × handover/takeover granted → CLOSED(old) + new ATTENDED",
    [at(1000, start(1)), at(5000, closed(1, "taken_over")), at(5000, start(2, 9))],
    { phase: "closed", endReason: "taken_over", endMs: 5000 },
  ],
  ["ATTENDED × GRACE entered → ENDING", [at(1000, start(1)), at(2000, gracing)], { phase: "ending", endMs: null }],
  ["ENDING × resume → ATTENDED", [at(1000, start(1)), at(2000, gracing), at(3000, resumed)], { phase: "attended", endMs: null }],
  [
    "UNATTENDED × job end + coolDown → CLOSED(job_complete)",
    [at(1000, start(1)), at(2000, unattended), at(9000, { ...closed(1, "tap_out"), reason: "job_complete" } as EventBody)],
    { phase: "closed", endReason: "job_complete", endMs: 9000 },
  ],
  ["UNATTENDED × owner taps → ATTENDED", [at(1000, start(1)), at(2000, unattended), at(3000, attended)], { phase: "attended" }],
  [
    "any × node reports relay off → CLOSED(reason from node)",
    [at(1000, start(1)), at(2000, { kind: "mach.relay_off", session: id(1), reason: "oops" })],
    { phase: "closed", endReason: "oops", endMs: 2000 },
  ],
  [
    "any × node boot event → CLOSED(device_reboot) at last evidence",
    [at(1000, start(1)), at(4000, { kind: "mach.powered", on: true }), at(60_000, bootBody, secondBoot)],
    { phase: "closed", endReason: "device_reboot", endMs: 4000 },
  ],
  [
    "CLOSED × late figures with an earlier event time → CLOSED (amended)",
    [at(1000, start(1)), at(60_000, bootBody, secondBoot), at(61_000, closed(1, "device_reboot"), secondBoot)],
    { phase: "closed", endMs: 1000, busyMs: 500, energyWh: 2 },
  ],
];

describe("the session's table", () => {
  it.each(rows)("%s", (_row, events, expected) =>
    expected === undefined ? expect(byId(events, 1)).toBeUndefined() : expect(byId(events, 1)).toMatchObject(expected),
  );
});

describe("any × node OFFLINE → same, stale; closed only on evidence", () => {
  const boot = "0000000000000001";
  /** what the link's events since its first birth make of it */
  const linkAfter = (...events: readonly NodeLinkEvent[]) => {
    const born: readonly NodeLinkEvent[] = [
      { kind: "birth", boot, conn: 1, nowMono: 0 },
      { kind: "applied", nowMono: 400 },
      { kind: "drained", nowMono: 500 },
    ];
    return [...born, ...events].reduce((state, event) => stepNodeLink(state, event, nodeLinkDefaults)[0], initialNodeLink("active", 0))
      .kind;
  };
  const silence: NodeLinkEvent = { kind: "tick", nowMono: 100_000 };
  const gone: NodeLinkEvent = { kind: "gone", boot, conn: 1, nowMono: 20_000 };
  const born: NodeLinkEvent = { kind: "birth", boot, conn: 2, nowMono: 300_000 };
  const drained: NodeLinkEvent = { kind: "drained", nowMono: 301_000 };
  /** as they arrive, in several deliveries */
  const arrived = (...deliveries: readonly (readonly StoredEvent[])[]): SessionRecord | undefined => {
    const state = deliveries.flat().reduce(applySession, noSessions);
    expect(foldSessions(deliveries.flat())).toEqual(state);
    return state.sessions.get(id(1));
  };
  it.each<readonly [phase: string, before: readonly EventBody[]]>([
    ["attended", []],
    ["unattended", [unattended]],
    ["ending", [gracing]],
  ])("%s: stays while the node is away, and ends when the node says it did, not when it came back", (phase, before) => {
    const heard = [at(1000, start(1)), ...before.map((body, i) => at(2000 + i, body))];
    const meanwhile = [at(90_000, start(50, 9), "0000000000000009", "node-2")]; // others go on talking
    for (const loss of [gone, silence]) {
      expect(linkAfter(loss)).toBe("offline");
      const facts = { mode: "normal", lockouts: [], interlock: "on_idle", busy: "idle", reserved: false } as const;
      expect(machineStatus({ ...facts, online: false })).toBe("OFFLINE");
      expect(arrived(heard, meanwhile)).toEqual(arrived(heard));
      expect(arrived(heard, meanwhile)).toMatchObject({ phase, endMs: null, endReason: null });

      expect([linkAfter(loss, born), linkAfter(loss, born, { kind: "applied", nowMono: 300_500 }, drained)]).toEqual(["syncing", "online"]);
      const back = [at(299_000, { kind: "node.clock", quality: "synced", stepMs: 0 })];
      expect(arrived(heard, meanwhile, back)).toMatchObject({ phase, endMs: null }); // coming back ends nothing by itself
      expect(arrived(heard, meanwhile, back, [at(70_000, closed(1, "tap_out"))])).toMatchObject({
        phase: "closed",
        endReason: "tap_out",
        endMs: 70_000,
        busyMs: 500,
        energyWh: 2,
      });
    }
  });
  it("goes on after a return without an end, and is closed once", () => {
    const heard = [at(1000, start(1))];
    const later = [at(400_000, { kind: "mach.powered", on: false }), at(400_100, closed(1, "tap_out"))];
    expect(arrived(heard, later)).toMatchObject({ phase: "closed", endMs: 400_100 });
    expect(foldSessions([...heard, ...later, ...later]).sessions.get(id(1))).toEqual(arrived(heard, later));
  });
});

describe("who left a machine to its job", () => {
  const left = at(2000, { kind: "mach.session_unattended", session: id(1) });
  const leftAt = (...events: readonly StoredEvent[]) => byId([at(1000, start(1)), left, ...events], 1)?.isLeft === true;
  it("is remembered at the end, however it ends", () => expect(leftAt(at(9000, closed(1, "tap_out")))).toBe(true));
  it("has come back with a tap", () =>
    expect(leftAt(at(3000, { kind: "mach.session_attended", session: id(1) }), at(9000, closed(1, "tap_out")))).toBe(false));
  it("has come back in the grace", () =>
    expect(
      leftAt(
        at(3000, { kind: "mach.grace", session: id(1), cause: "permission_ended" }),
        at(4000, { kind: "mach.resumed", session: id(1) }),
      ),
    ).toBe(false));
  it("is not back because the node has started again", () => {
    const [boot, resumed] = [at(3000, bootBody), at(4000, { kind: "mach.resumed", session: id(1) } as EventBody)];
    expect(byId([at(1000, start(1)), left, boot, resumed], 1)).toMatchObject({ phase: "unattended", isLeft: true, endMs: null });
  });
});

describe("who is there in a session", () => {
  const began = at(1000, { ...start(1), supervisor: 4, buddy: 8 } as EventBody);
  const companyOf = (...events: readonly StoredEvent[]) => byId([began, ...events], 1)?.company;
  it("are the supervisor and the second person of its start, to its end", () =>
    expect(companyOf()).toEqual([
      { role: "supervisor", member: 4, fromMs: 1000, untilMs: null },
      { role: "buddy", member: 8, fromMs: 1000, untilMs: null },
    ]));
  it("is missed from an instant, and comes back or is replaced at another", () => {
    const missed = at(2000, { kind: "mach.companion_missed", session: id(1), role: "buddy" });
    const taken = (atMs: number, member: number) => at(atMs, { kind: "mach.companion", session: id(1), role: "buddy", member });
    expect(companyOf(missed, taken(3000, 9))?.slice(1)).toEqual([
      { role: "buddy", member: 8, fromMs: 1000, untilMs: 2000 },
      { role: "buddy", member: 9, fromMs: 3000, untilMs: null },
    ]);
    expect(companyOf(missed)?.[0]).toMatchObject({ role: "supervisor", untilMs: null });
    expect(companyOf(taken(3000, 9))?.[1]).toMatchObject({ member: 8, untilMs: 3000 });
    expect(companyOf(taken(3000, 8))).toHaveLength(2); // a sign of life
  });
  it("names the trainer who signed the operator off, unless that was taken back", () => {
    const signed = (atMs: number, undone: boolean) => at(atMs, { kind: "mach.signed_off", session: id(1), member: 7, trainer: 4, undone });
    expect(byId([began, signed(2000, false)], 1)?.signedOffBy).toBe(4);
    expect(byId([began, signed(2000, false), signed(3000, true)], 1)).not.toHaveProperty("signedOffBy");
  });
});

describe("sessions", () => {
  it("open with the node's word and close with its figures", () => {
    expect(byId([at(1000, start(1)), at(5000, closed(1, "tap_out"))], 1)).toMatchObject({
      member: 7,
      startMs: 1000,
      endMs: 5000,
      phase: "closed",
      endReason: "tap_out",
      busyMs: 500,
      energyWh: 2,
    });
    expect(byId([at(1000, start(1))], 1)).toMatchObject({ phase: "attended", endMs: null });
  });
  it("walk through unattended, ending and back", () => {
    const events = [at(1000, start(1)), at(2000, { kind: "mach.session_unattended", session: id(1) })];
    expect(byId(events, 1)?.phase).toBe("unattended");
    expect(byId([...events, at(3000, { kind: "mach.grace", session: id(1), cause: "tap_out" })], 1)?.phase).toBe("ending");
    expect(byId([...events, at(3000, { kind: "mach.resumed", session: id(1) })], 1)?.phase).toBe("attended");
  });
  it("end at the last evidence when the node starts again, whatever it says later", () => {
    const events = [at(1000, start(1)), at(4000, { kind: "mach.powered", on: true }), at(60_000, bootBody, "0000000000000002")];
    expect(byId(events, 1)).toMatchObject({ endMs: 4000, endReason: "device_reboot" });
    expect(byId([...events, at(61_000, closed(1, "device_reboot"), "0000000000000002")], 1)).toMatchObject({ endMs: 4000, busyMs: 500 });
    expect(byId([...events, at(61_000, { kind: "mach.resumed", session: id(1) }, "0000000000000002")], 1)).toMatchObject({
      endMs: null,
      phase: "attended",
    });
  });
  it("touch at a takeover, and end where a successor begins though nobody closed them", () => {
    const taken = foldSessions([at(1000, start(1)), at(5000, closed(1, "taken_over")), at(5000, start(2, 9))]).sessions;
    expect([taken.get(id(1))?.endMs, taken.get(id(2))?.startMs]).toEqual([5000, 5000]);
    expect(byId([at(1000, start(1)), at(5000, start(2, 9))], 1)).toMatchObject({ endMs: 5000, endReason: "offline_recovered" });
  });
  it("date runs back to when they happened", () => {
    const run = id(50);
    const started = { ...at(10_000, { kind: "mach.run_started", run, session: id(1), startMono: 8000 }), atMono: 10_000 };
    const ended = {
      ...at(90_000, { kind: "mach.run_ended", run, session: id(1), endMono: 70_000, energyWh: 3, peakW: 900, uncertainMs: 0 }),
      atMono: 90_000,
    };
    expect(foldSessions([started, ended]).runs.get(run)).toMatchObject({ startMs: 8000, endMs: 70_000, energyWh: 3 });
  });
  it("are read in order of time first, then node, boot and sequence", () => {
    const [first, second, third] = [at(2000, start(1)), at(1000, start(2)), at(1000, start(3), "0000000000000001", "node-0")];
    expect([first, second, third].sort(inLogOrder)).toEqual([third, second, first]);
  });
  it("forget what is closed only on request", () => {
    const state = foldSessions([at(1000, start(1)), at(5000, closed(1, "tap_out")), at(6000, start(2))]);
    expect([...withoutClosed(state, 5001).sessions.keys()]).toEqual([id(2)]);
  });
  it("are the same from any order, with duplicates, and step by step", () => {
    const bodies: readonly EventBody[] = [
      start(1),
      start(2, 9),
      closed(1, "tap_out"),
      closed(2, "taken_over"),
      closed(1, "device_reboot"),
      bootBody,
      { kind: "mach.resumed", session: id(1) },
      { kind: "mach.grace", session: id(2), cause: "tap_out" },
      { kind: "mach.relay_off", session: id(1), reason: "oops" },
      { kind: "mach.companion", session: id(1), role: "buddy", member: 8 },
      { kind: "mach.companion_missed", session: id(1), role: "buddy" },
      { kind: "mach.job", session: id(1), state: "running" },
      { kind: "mach.job", session: id(1), state: "complete" },
    ];
    const history = fc.array(fc.tuple(fc.constantFrom(...bodies), fc.integer({ min: 0, max: 20 }), fc.constantFrom("node-1", "node-2")), {
      maxLength: 25,
    });
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (steps, dice) => {
        const events = steps.map(([body, when, node]) => at(when * 1000, body, "0000000000000001", node));
        const shuffled = [...events, ...events.slice(0, 5)].map((event) => [dice.next().value, event] as const).sort((a, b) => a[0] - b[0]);
        const whole = foldSessions(events);
        expect(foldSessions(shuffled.map(([, event]) => event))).toEqual(whole);
        expect([...events].sort(inLogOrder).reduce(applySession, noSessions)).toEqual(whole);
      }),
      { numRuns: 400 },
    );
  });
});
