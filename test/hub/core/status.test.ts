/** What is shown of machines and doors, who is thought to be inside, and the hub's view of a node. */
import { describe, expect, it } from "vitest";
import type { DoorFacts, MachineFacts, NodeLinkEvent, NodeLinkState } from "#core";
import { doorStatus, initialNodeLink, machineStatus, nodeLinkDefaults, stepNodeLink } from "#core";

const machine: MachineFacts = { mode: "normal", lockouts: [], online: true, interlock: "off", busy: "idle", reserved: false };

describe("machine status", () => {
  it("takes the first of the fixed precedence", () => {
    const all: MachineFacts = {
      mode: "evacuate",
      lockouts: ["fault", "tamper", "maintenance", "oops", "check"],
      online: false,
      interlock: "busy",
      busy: "busy",
      reserved: true,
    };
    const without = (...gone: readonly string[]): MachineFacts["lockouts"] => all.lockouts.filter((kind) => !gone.includes(kind));
    const steps: readonly MachineFacts[] = [
      all,
      { ...all, mode: "normal" },
      { ...all, mode: "normal", lockouts: without("fault") },
      { ...all, mode: "normal", lockouts: without("fault", "tamper") },
      { ...all, mode: "normal", lockouts: ["oops", "check"] },
      { ...all, mode: "normal", lockouts: ["check"] },
      { ...all, mode: "normal", lockouts: ["check"], online: true },
      { ...all, mode: "normal", lockouts: ["check"], online: true, busy: "idle" },
      { ...all, mode: "normal", lockouts: ["check"], online: true, interlock: "grace" },
      { ...all, mode: "normal", lockouts: ["check"], online: true, interlock: "run_on" },
      { ...all, mode: "normal", lockouts: ["check"], online: true, interlock: "off" },
      { ...all, mode: "normal", lockouts: [], online: true, interlock: "off" },
      machine,
    ];
    expect(steps.map(machineStatus)).toEqual([
      "EMERGENCY",
      "FAULT",
      "TAMPER",
      "LOCKED_OUT",
      "OUT_OF_ORDER",
      "OFFLINE",
      "BUSY",
      "IDLE",
      "GRACE",
      "RUN_ON",
      "NEEDS_CHECK",
      "RESERVED",
      "FREE",
    ]);
  });
  it("never shows a machine free that has not reported", () => expect(machineStatus({ ...machine, interlock: null })).toBe("OFFLINE"));
});

describe("door status", () => {
  const door: DoorFacts = { mode: "normal", online: true, door: "secure", alarms: [] };
  it.each<readonly [Partial<DoorFacts>, string]>([
    [{}, "CLOSED"],
    [{ alarms: ["forced_open"] }, "FORCED"],
    [{ alarms: ["tamper", "forced_open"] }, "TAMPER"],
    [{ door: "held", online: false }, "HELD"],
    [{ online: false }, "OFFLINE"],
    [{ mode: "lockdown" }, "LOCKDOWN"],
    [{ mode: "evacuate" }, "EMERGENCY"],
    [{ door: "released" }, "EMERGENCY"],
    [{ door: "something new" }, "UNKNOWN"],
    [{ door: null }, "UNKNOWN"],
  ])("%o is %s", (changes, status) => expect(doorStatus({ ...door, ...changes })).toBe(status));
});

describe("a node's connection", () => {
  type Bare = NodeLinkEvent extends infer E ? (E extends NodeLinkEvent ? Omit<E, "nowMono"> : never) : never;
  const birth = (boot: string, conn: number): Bare => ({ kind: "birth", boot, conn });
  const message = (boot: string, conn: number): Bare => ({ kind: "message", boot, conn });
  function play(...events: readonly (readonly [atMs: number, event: Bare])[]): {
    readonly state: NodeLinkState;
    readonly kind: string;
    readonly last: readonly string[];
  } {
    let state = initialNodeLink("active", 0);
    let last: readonly string[] = [];
    for (const [nowMono, event] of events) {
      const [next, effects] = stepNodeLink(state, { ...event, nowMono } as NodeLinkEvent, nodeLinkDefaults);
      state = next;
      last = effects.map(({ kind }) => kind);
    }
    return { state, kind: state.kind, last };
  }
  const online = [
    [0, birth("a", 1)],
    [50, { kind: "applied" }],
    [100, { kind: "drained" }],
  ] as const;
  it("synchronises before it is online, for at most 30 s once the hub's facts are in force there", () => {
    expect(play([0, birth("a", 1)])).toMatchObject({ kind: "syncing", last: ["resync"] });
    expect(play(...online)).toMatchObject({ kind: "online", last: ["reconcile", "came"] });
    const waiting = [
      [0, birth("a", 1)],
      [10_000, message("a", 1)],
      [29_000, message("a", 1)],
    ] as const;
    const end = [30_000, { kind: "tick" }] as const;
    expect(play(...waiting, [29_500, { kind: "applied" }], end).kind).toBe("online");
    expect(play(...waiting, [29_500, { kind: "drained" }], end).kind).toBe("syncing");
    expect(play(...waiting, end, [31_000, { kind: "applied" }])).toMatchObject({ kind: "online", last: ["reconcile", "came"] });
    expect(play(...online, [200, birth("a", 2)], [300, { kind: "drained" }]).kind).toBe("syncing");
  });
  it("is suspect after 25 s of silence, offline after 30 s, and back with a word", () => {
    expect(play(...online, [25_000, { kind: "tick" }])).toMatchObject({ kind: "suspect", last: ["late"] });
    expect(play(...online, [25_000, { kind: "tick" }], [26_000, message("a", 1)])).toMatchObject({ kind: "online", last: ["came"] });
    expect(play(...online, [30_000, { kind: "tick" }])).toMatchObject({ kind: "offline", last: ["late", "went"] });
  });
  it("comes back from silence with a word on the same connection, but not after that connection has ended", () => {
    const silent = [...online, [30_000, { kind: "tick" }]] as const;
    expect(play(...silent, [31_000, message("a", 1)])).toMatchObject({ kind: "online", last: ["came"] });
    expect(play(...silent, [31_000, message("a", 1)], [61_000, { kind: "tick" }]).kind).toBe("offline");
    expect(play(...silent, [31_000, message("a", 0)], [31_001, message("b", 1)]).kind).toBe("offline");
    expect(play(...silent, [30_500, { kind: "gone", boot: "a", conn: 1 }], [31_000, message("a", 1)]).kind).toBe("offline");
    expect(play(...online, [300, { kind: "gone", boot: "a", conn: 1 }], [400, message("a", 1)]).kind).toBe("offline");
    expect(play(...silent, [30_500, { kind: "revoke" }], [31_000, message("a", 1)]).kind).toBe("revoked");
  });
  it("believes only the will of its present connection", () => {
    expect(play(...online, [200, birth("a", 2)], [300, { kind: "gone", boot: "a", conn: 1 }]).kind).toBe("syncing");
    expect(play(...online, [300, { kind: "gone", boot: "a", conn: 1 }]).kind).toBe("offline");
    expect(play(...online, [200, birth("a", 2)], [300, birth("a", 1)]).state.conn).toBe(2);
  });
  const gone = (boot: string, conn: number): Bare => ({ kind: "gone", boot, conn });
  const offence = { kind: "offence", what: "another node's name" } as const;
  const clones = [...online, [1000, birth("b", 1)], [2000, birth("a", 2)], [3000, birth("b", 2)]] as const;
  it.each<readonly [row: string, events: readonly (readonly [number, Bare])[], kind: string, effects: readonly string[]]>([
    ["OFFLINE × birth valid → SYNCING", [[0, birth("a", 1)]], "syncing", ["resync"]],
    ["SYNCING × reported state + outbox drained → ONLINE", online, "online", ["reconcile", "came"]],
    [
      "SYNCING × 30 s → ONLINE",
      [
        [0, birth("a", 1)],
        [50, { kind: "applied" }],
        [10_000, message("a", 1)],
        [29_000, message("a", 1)],
        [30_000, { kind: "tick" }],
      ],
      "online",
      ["reconcile", "came"],
    ],
    ["ONLINE × heartbeat late → SUSPECT", [...online, [25_000, { kind: "tick" }]], "suspect", ["late"]],
    ["SUSPECT × message → ONLINE", [...online, [25_000, { kind: "tick" }], [26_000, message("a", 1)]], "online", ["came"]],
    ["SUSPECT × > 3 intervals → OFFLINE", [...online, [25_000, { kind: "tick" }], [30_000, { kind: "tick" }]], "offline", ["went"]],
    [
      "SUSPECT × lost{conn} of the current conn → OFFLINE",
      [...online, [25_000, { kind: "tick" }], [26_000, gone("a", 1)]],
      "offline",
      ["went"],
    ],
    ["any × lost{conn} older than current → same", [...online, [200, birth("a", 2)], [300, gone("a", 1)]], "syncing", []],
    ["any × births of two boots in turn, ≥ 3 alternations / 60 s → QUARANTINED", clones, "quarantined", ["quarantine", "disconnect"]],
    [
      "… also when each takes the other's connection first",
      [
        ...online,
        [900, gone("a", 1)],
        [1000, birth("b", 1)],
        [1900, gone("b", 1)],
        [2000, birth("a", 2)],
        [2900, gone("a", 2)],
        [3000, birth("b", 2)],
      ],
      "quarantined",
      ["quarantine", "disconnect"],
    ],
    [
      "… not a node that starts again and again",
      [...online, [1000, birth("b", 1)], [2000, birth("c", 1)], [3000, birth("d", 1)], [4000, birth("e", 1)]],
      "syncing",
      ["resync"],
    ],
    [
      "… not within more than 60 s",
      [...online, [30_000, birth("b", 1)], [60_000, birth("a", 2)], [95_000, birth("b", 2)]],
      "syncing",
      ["went", "resync"],
    ],
    ["any × offence, two in ten minutes → same", [...online, [200, offence], [201, offence]], "online", []],
    [
      "any × offence → QUARANTINED after 3",
      [...online, [200, offence], [201, offence], [202, offence]],
      "quarantined",
      ["quarantine", "disconnect"],
    ],
    ["any × offence, three in an hour → same", [...online, [200, offence], [201, offence], [700_000, offence]], "offline", ["went"]],
    ["any × revoke → REVOKED", [...online, [200, { kind: "revoke" }]], "revoked", ["disconnect"]],
    [
      "any × a person quarantines it → QUARANTINED",
      [...online, [200, { kind: "shut_out", as: "quarantined" }]],
      "quarantined",
      ["disconnect"],
    ],
    [
      "any × a person takes the approval back → PENDING",
      [...online, [200, { kind: "shut_out", as: "pending" }]],
      "pending",
      ["disconnect"],
    ],
    ["QUARANTINED × a person quarantines it → same", [...clones, [4000, { kind: "shut_out", as: "quarantined" }]], "quarantined", []],
    ["REVOKED × birth → REVOKED", [...online, [200, { kind: "revoke" }], [300, birth("a", 9)]], "revoked", []],
    ["QUARANTINED × birth → QUARANTINED", [...clones, [4000, birth("a", 3)]], "quarantined", []],
    ["QUARANTINED × a person lets it in → OFFLINE", [...clones, [4000, { kind: "release" }]], "offline", ["disconnect"]],
  ])("%s", (_row, events, kind, effects) => {
    const played = play(...events);
    expect([played.kind, played.last.filter((effect) => effect !== "late" || effects.includes("late"))]).toEqual([kind, effects]);
  });
  it("PENDING × admin approves → OFFLINE; what the ledger says of a node is where it begins", () => {
    const begun = (["pending", "active", "quarantined", "revoked"] as const).map((status) => initialNodeLink(status, 0));
    expect(begun.map(({ kind }) => kind)).toEqual(["pending", "offline", "quarantined", "revoked"]);
    const approved = begun.map((state) => stepNodeLink(state, { kind: "approved", nowMono: 1 }, nodeLinkDefaults)[0].kind);
    expect(approved).toEqual(["offline", "offline", "quarantined", "revoked"]);
  });
});
