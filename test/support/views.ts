/** An invented building for tests of the pages alone: people, doors, machines and electricity, moved by the test's own hand. */
import type {
  Actor,
  CommandOutcome,
  Commands,
  DoorLive,
  FeedItem,
  LiveChange,
  LiveSnapshot,
  LiveView,
  MachineLive,
  MonthReport,
  Muster,
  Neighbours,
  NodeLive,
  SessionLive,
  SiteLive,
} from "../../hub/views.ts";
import type { MeView } from "../../hub/views-me.ts";
import type { Screens } from "../../hub/views-wall.ts";

/** The moment the invented building was looked at: now, so that its times read like a real one's. */
export const startMs = Date.now();

/** A space without members. */
export const noMe: MeView = {
  ...{ me: () => undefined, use: () => undefined, trail: () => undefined },
  pushKey: async () => "",
  everything: () => undefined,
  useCsv: () => undefined,
};

/** A space without screens. */
export const noScreens: Screens = { wall: () => undefined, onDoubt: () => () => undefined };

/** A space that tells its neighbours nothing. */
export const noNeighbours: Neighbours = { spaceApi: () => null, metrics: () => null, calendar: () => null };

export function aSite(given: Partial<SiteLive> = {}): SiteLive {
  return { id: "valmiera", name: "Koprades darbnīca", zone: "Europe/Riga", language: "en", mode: "normal", simulated: true, ...given };
}

export function aMachine(given: Partial<MachineLive> = {}): MachineLive {
  return {
    id: "laser-1",
    label: "Laser 1",
    node: "laser-node",
    status: "free",
    sinceMs: startMs - 3_600_000,
    who: null,
    note: null,
    powerW: 12,
    powerAtMs: startMs,
    powerUncertainPct: null,
    energyTodayWh: 840,
    idleW: 60,
    busyW: 200,
    ...given,
  };
}

export function aDoor(given: Partial<DoorLive> = {}): DoorLive {
  return { id: "front-door", label: "Front door", node: "door-node", status: "secure", sinceMs: startMs - 600_000, who: null, ...given };
}

export function aNode(given: Partial<NodeLive> = {}): NodeLive {
  return {
    id: "laser-node",
    label: "Laser 1 box",
    status: "online",
    sinceMs: startMs - 7_200_000,
    lastSeenMs: startMs,
    outboxDepth: 0,
    snapshotAgeMs: 40_000,
    clock: "synced",
    trouble: null,
    ...given,
  };
}

export function aFeedItem(given: Partial<FeedItem> = {}): FeedItem {
  return {
    id: "f1",
    atMs: startMs,
    kind: "granted",
    where: "front-door",
    whereLabel: "Front door",
    who: { member: 7, name: "Anna Bērziņa" },
    reason: "GRANT",
    also: [],
    nextStep: {},
    ...given,
  };
}

const jana: SessionLive["who"] = { member: 12, name: "Jānis Ozols" };

export function aBuilding(): LiveSnapshot {
  return {
    site: aSite(),
    doors: [
      aDoor(),
      aDoor({ id: "yard-gate", label: "Yard gate", status: "unlocked", sinceMs: startMs - 4000, who: { member: 7, name: "Anna Bērziņa" } }),
    ],
    machines: [
      aMachine({ status: "busy", who: jana, powerW: 412, sinceMs: startMs - 1_500_000 }),
      aMachine({
        id: "printer-1",
        label: "3D printer 1",
        node: "printer-node",
        status: "busy",
        who: { member: 9, name: "Elīna Kalniņa" },
        powerW: 118,
        energyTodayWh: 1310,
        idleW: 15,
        busyW: 40,
      }),
      aMachine({
        id: "saw-1",
        label: "Band saw",
        node: "saw-node",
        status: "locked_out",
        note: "Belt torn, new one on Thursday",
        powerW: 0,
        energyTodayWh: 0,
      }),
      aMachine({ id: "cnc-1", label: "CNC router", node: "cnc-node", status: "free", powerW: 22, energyTodayWh: 96 }),
      aMachine({
        id: "welder-1",
        label: "Welding place",
        node: "welder-node",
        status: "unknown",
        powerW: null,
        powerAtMs: startMs - 400_000,
        energyTodayWh: null,
      }),
    ],
    sessions: [
      {
        id: "01J00000000000000000000001",
        machine: "laser-1",
        machineLabel: "Laser 1",
        who: jana,
        startedMs: startMs - 1_500_000,
        phase: "busy",
        leaseUntilMs: startMs + 5_400_000,
      },
      {
        id: "01J00000000000000000000002",
        machine: "printer-1",
        machineLabel: "3D printer 1",
        who: { member: 9, name: "Elīna Kalniņa" },
        startedMs: startMs - 9_000_000,
        phase: "unattended",
        leaseUntilMs: null,
      },
    ],
    nodes: [
      aNode(),
      aNode({ id: "door-node", label: "Front door box" }),
      aNode({ id: "printer-node", label: "Printer box" }),
      aNode({ id: "saw-node", label: "Saw box", trouble: "Meter does not answer" }),
      aNode({ id: "cnc-node", label: "CNC box", outboxDepth: 3 }),
      aNode({
        id: "welder-node",
        label: "Welder box",
        status: "offline",
        lastSeenMs: startMs - 400_000,
        outboxDepth: null,
        snapshotAgeMs: null,
        clock: "unknown",
      }),
    ],
    feed: [
      aFeedItem({ id: "f9", atMs: startMs - 4000, where: "yard-gate", whereLabel: "Yard gate" }),
      aFeedItem({
        id: "f8",
        atMs: startMs - 90_000,
        kind: "refused",
        where: "laser-1",
        whereLabel: "Laser 1",
        who: { member: 31, name: "Oskars Liepa" },
        reason: "TRAINING_MISSING",
        also: ["IN_USE"],
        nextStep: { en: "Next laser course: Wednesday 18:00, sign up at the desk.", lv: "Nākamās lāzera apmācības: trešdien 18.00." },
      }),
      aFeedItem({ id: "f7", atMs: startMs - 400_000, kind: "refused", who: null, reason: "UNKNOWN_CREDENTIAL" }),
      aFeedItem({ id: "f6", atMs: startMs - 1_500_000, where: "laser-1", whereLabel: "Laser 1", who: jana }),
    ],
  };
}

export type FakeHub = {
  readonly views: LiveView;
  readonly commands: Commands;
  change(change: LiveChange): void;
  readonly asked: { readonly what: string; readonly actor?: Actor }[];
  answer: CommandOutcome;
  /** thrown by the next command instead of an answer */
  failWith: Error | undefined;
};

/** Behaves like the hub towards the pages: keeps what it is told, tells everybody who listens. */
/** Two people at the beginning of an evacuation, one of whom has tapped out since. */
export const aMuster = (): Muster => ({
  asOfMs: startMs,
  isFrozen: true,
  people: [
    { member: 7, name: "Ada Ozola", zone: "Wood shop", sinceMs: startMs - 3_600_000, outMs: null },
    { member: 9, name: "Bo Ek", zone: null, sinceMs: startMs - 60_000, outMs: startMs + 45_000 },
  ],
});

export function fakeHub(building: LiveSnapshot = aBuilding()): FakeHub {
  let now = building;
  const listeners = new Set<(change: LiveChange) => void>();
  const change = (given: LiveChange): void => {
    now = applied(now, given);
    for (const listen of listeners) listen(given);
  };
  const asked: FakeHub["asked"] = [];
  let running = false;
  const hub: FakeHub = {
    asked,
    answer: { status: "applied" },
    failWith: undefined,
    change,
    views: {
      snapshot: () => now,
      subscribe(listen) {
        listeners.add(listen);
        return () => listeners.delete(listen);
      },
      async powerTrace(machine, fromMs, toMs) {
        const found = now.machines.find((one) => one.id === machine);
        if (found === undefined) return undefined;
        return { machine, label: found.label, idleW: found.idleW, busyW: found.busyW, points: curve(fromMs, toMs) };
      },
      async why({ member, at }) {
        if (member !== 31 || at !== "laser-1") return undefined;
        return {
          outcome: "deny",
          reason: "TRAINING_MISSING",
          also: [],
          waived: [],
          warnings: [],
          trace: [{ rule: "R70", verdict: "fail", code: "TRAINING_MISSING", because: "no training for laser-1" }],
        };
      },
      muster: async () => aMuster(),
      monthReport: async (month) => aReport(month),
      async monthFile(month, _language, format) {
        if (format !== "csv") return undefined;
        return {
          fileName: `koprade ${month}.csv`,
          mediaType: "text/csv; charset=utf-8",
          bytes: new TextEncoder().encode("machine,hours\nLaser 1,41.5\n"),
        };
      },
      troubles: () => [],
    },
    commands: {
      async unlockDoor({ door, actor }) {
        if (hub.failWith !== undefined) throw hub.failWith;
        asked.push({ what: `unlock ${door}`, actor });
        return now.doors.some((one) => one.id === door) ? hub.answer : { status: "missing" };
      },
      async lockMachine({ machine, reason, actor }) {
        asked.push({ what: `lock ${machine} ${reason}`, actor });
        const found = now.machines.find((one) => one.id === machine);
        if (found === undefined) return { status: "missing" };
        change({ kind: "machine", machine: { ...found, status: "locked_out", note: reason } });
        return hub.answer;
      },
      async unlockMachine({ machine, actor }) {
        asked.push({ what: `unlock machine ${machine}`, actor });
        const found = now.machines.find((one) => one.id === machine);
        if (found === undefined) return { status: "missing" };
        change({ kind: "machine", machine: { ...found, status: "free", note: null } });
        return hub.answer;
      },
      table: [],
      give: () => Promise.reject(new Error("no ledger here")),
      async createOwner({ space, zone, language }) {
        asked.push({ what: `owner of ${space}` });
        change({ kind: "site", site: { ...now.site, name: space, zone, language } });
      },
      simulation: {
        state: () => ({
          running,
          cards: [
            { card: "anna", label: "Anna" },
            { card: "oskars", label: "Oskars (no laser training)" },
          ],
          readers: [
            { reader: "front-door", label: "Front door" },
            { reader: "laser-1", label: "Laser 1" },
          ],
        }),
        async start() {
          running = true;
          asked.push({ what: "simulate" });
        },
        async stop() {
          running = false;
        },
        addBench: async () => ({ node: "bench-1", ch: "machine" }),
        async tap({ card, reader }) {
          asked.push({ what: `tap ${card} ${reader}` });
          change({
            kind: "feed",
            item: aFeedItem({
              id: `tap-${asked.length}`,
              atMs: Date.now(),
              kind: "refused",
              where: reader,
              whereLabel: reader,
              reason: "TRAINING_MISSING",
            }),
          });
          return { status: "applied" };
        },
      },
    },
  };
  return hub;
}

function applied(now: LiveSnapshot, change: LiveChange): LiveSnapshot {
  const replace = <T extends { readonly id: string }>(list: readonly T[], one: T): readonly T[] =>
    list.some((old) => old.id === one.id) ? list.map((old) => (old.id === one.id ? one : old)) : [...list, one];
  switch (change.kind) {
    case "site":
      return { ...now, site: change.site };
    case "door":
      return { ...now, doors: replace(now.doors, change.door) };
    case "machine":
      return { ...now, machines: replace(now.machines, change.machine) };
    case "session":
      return { ...now, sessions: replace(now.sessions, change.session) };
    case "session_ended":
      return { ...now, sessions: now.sessions.filter((one) => one.id !== change.id) };
    case "node":
      return { ...now, nodes: replace(now.nodes, change.node) };
    case "feed":
      return { ...now, feed: [change.item, ...now.feed].slice(0, 50) };
  }
}

/** A laser's afternoon: standby, two jobs, one gap. */
function curve(fromMs: number, toMs: number): { atMs: number; powerW: number | null }[] {
  return Array.from({ length: 240 }, (_, i) => {
    const atMs = Math.round(fromMs + ((toMs - fromMs) * i) / 239);
    const base = (i > 40 && i < 110) || i > 170 ? 380 + 60 * Math.sin(i / 3) : 42 + 5 * Math.sin(i);
    return { atMs, powerW: i > 130 && i < 138 ? null : Math.round(base) };
  });
}

function aReport(month: string): MonthReport {
  return {
    month,
    siteName: "Koprades darbnīca",
    zone: "Europe/Riga",
    madeMs: startMs,
    simulated: true,
    quality: ["Welder box was offline for 3 h 10 min: its hours are a lower bound.", "2 taps with unknown cards."],
    sentences: ["Busiest machine: 3D printer 1, 139.75 h."],
    charts: [
      {
        id: "bars",
        title: "Busy hours",
        summary: "Busy longest: 3D printer 1 (139.75 h).",
        table: "machines",
        svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 499 60" width="499" height="60"><path d="M104 10L400 10L400 24L104 24Z" fill="#0065a3"/></svg>',
      },
    ],
    tables: [
      {
        id: "machines",
        title: "Machines",
        note: "Hours a member was responsible for a machine, and hours it worked.",
        columns: [
          { label: "Machine", unit: null, numeric: false },
          { label: "Sessions", unit: null, numeric: true },
          { label: "In use", unit: "h", numeric: true },
          { label: "Working", unit: "h", numeric: true },
          { label: "Energy", unit: "kWh", numeric: true },
        ],
        rows: [
          ["Laser 1", 38, 61.5, 41.25, 18.4],
          ["3D printer 1", 22, 143, 139.75, 15.1],
          ["Band saw", 9, 6.25, 1.5, 0.9],
          ["Welding place", 4, 3.5, null, null],
        ],
        total: ["Together", 73, 214.25, 182.5, 34.4],
      },
    ],
  };
}
