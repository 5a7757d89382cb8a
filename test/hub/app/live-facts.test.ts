/** What only the hub knows, from events and reports; and how it comes into a decision. No disk, no network, a clock by hand. */
import { beforeEach, describe, expect, it } from "vitest";
import type { AccessRequest, EventBody, ResourceFacts, SiteSettings, SubjectFacts } from "#contract";
import { createAnswers } from "../../../hub/app/answers.ts";
import { createFeed } from "../../../hub/app/feed.ts";
import { createJudge } from "../../../hub/app/judge.ts";
import { createLiveFacts, type LiveFactsBook } from "../../../hub/app/live-facts.ts";
import type { Wire } from "../../../hub/app/wire.ts";
import type { Ledger, LedgerEvent, Registry, Resource } from "../../../hub/ports.ts";
import { keptLog, virtualClock } from "../../devices/kit/world.ts";
import { facts, laser } from "../core/access/builders.ts";

const [ada, bob, tia] = [1, 2, 3];
const minute = 60_000;
const ulid = (n: number): string => `01JDGC5F7W9ZK3T5V0QXN2B${String(n).padStart(3, "0")}`;
const row = (id: string, kind: "door" | "machine", zone: string | null, change: Partial<ResourceFacts> = {}): Resource => ({
  id,
  kind,
  label: id,
  node: `${id}-node`,
  ch: id,
  zone,
  fromZone: kind === "door" && zone === "shop" ? "hall" : null,
  facts: { ...laser, id, kind, ...change },
  settings: {},
});
const feed = (ratedW: number) => ({ feed: { circuit: "feed-3", ratedW, budgetW: 3600 } });
const resources = [
  row("front", "door", "hall"),
  row("shop-door", "door", "shop"),
  row("saw", "machine", "shop", { exclusiveGroup: "dusty", ...feed(2200) }),
  row("planer", "machine", "shop", { exclusiveGroup: "dusty", ...feed(3000) }),
  row("laser", "machine", "attic"),
];

const clock = virtualClock();
let book: LiveFactsBook;
let online: Set<string>;
let powers: Map<string, number>;
let history: LedgerEvent[];
let seq = 0;
let settings: SiteSettings = {};
const event = (id: string, body: EventBody): LedgerEvent => {
  const atMs = clock.nowMs();
  seq += 1;
  return { node: `${id}-node`, ch: id, boot: "b", seq, atMono: 0, atMs, tq: "synced", evtMs: atMs, recvMs: atMs, tqHub: "synced", body };
};
const happens = (id: string, body: EventBody): void => book.events([event(id, body)]);
const about = (id: string, member: number, more: { host?: number; companion?: number } = {}) =>
  book.factsOf(`${id}-node`, id, clock.monoMs(), { member, host: more.host ?? null, companion: more.companion ?? null });
const started = (n: number, member: number, more: object = {}): EventBody => ({
  kind: "mach.session_started",
  session: ulid(n),
  decision: ulid(0),
  member,
  provisional: false,
  ...more,
});
const closed = (n: number): EventBody => ({ kind: "mach.session_closed", session: ulid(n), reason: "tap_out", busyMs: 0, energyWh: 0 });

const registry = {
  site: () => ({ settings }),
  resources: () => resources,
  zones: () =>
    new Map([
      ["hall", null],
      ["shop", "hall"],
      ["attic", null],
    ]),
  eventsSince: (fromMs: number, kinds: readonly string[]) =>
    history.filter((each) => each.evtMs >= fromMs && kinds.includes(each.body.kind)),
  lastEnds: () => [],
  openSessions: () => [],
  creditCents: () => 250,
} as unknown as Registry;
const open = (): LiveFactsBook =>
  createLiveFacts({
    registry,
    clock,
    isOnline: (node) => online.has(node),
    reportOf: () => ({ body: { st: "off", seq: 0, sinceMono: 0, cause: "", relay: false }, sinceMs: 0 }),
    powerOf: (node) => powers.get(node) ?? null,
  });
beforeEach(() => {
  online = new Set(resources.map((resource) => resource.node));
  powers = new Map();
  history = [];
  book = open();
});

describe("people", () => {
  it("are in where a door was last taken, until they tap out or fourteen hours have passed", () => {
    expect(about("shop-door", ada)).toMatchObject({ occupancy: 0, memberInside: false, othersPresent: 0, checkedIn: false });
    happens("front", { kind: "door.opened", who: [ada, bob], cause: "grant" });
    expect(about("front", ada)).toMatchObject({ occupancy: 2, memberInside: true, othersPresent: 1, checkedIn: true });
    expect(about("saw", ada)).toMatchObject({ othersPresent: 0 }); // Bob is in the hall, and the shop has a door of its own
    expect(about("laser", ada)).toMatchObject({ othersPresent: 1 }); // the attic has none
    happens("shop-door", { kind: "door.opened", who: [bob], cause: "grant" });
    expect(about("saw", ada)).toMatchObject({ othersPresent: 1 });
    expect(about("front", ada)).toMatchObject({ occupancy: 2 }); // the shop lies within the hall
    const exit = { kind: "access.decided", request: "exit", outcome: "grant", reason: "GRANT_EGRESS", member: bob } as unknown as EventBody;
    happens("shop-door", exit);
    expect(about("saw", ada)).toMatchObject({ othersPresent: 0 });
    happens("front", exit);
    expect(about("front", ada)).toMatchObject({ occupancy: 1 });
    clock.advance(14 * 60 * minute);
    expect(about("front", ada)).toMatchObject({ occupancy: 0, memberInside: false });
  });

  it("are in for as long as the space has set", () => {
    settings = { presenceExpireMs: 60 * minute };
    happens("front", { kind: "door.opened", who: [ada], cause: "grant" });
    clock.advance(60 * minute - 1);
    expect(about("front", ada)).toMatchObject({ occupancy: 1 });
    clock.advance(1);
    expect(about("front", ada)).toMatchObject({ occupancy: 0 });
    settings = {};
  });

  it("are still in after the hub has started again", () => {
    history = [event("front", { kind: "door.opened", who: [ada], cause: "grant" })];
    book = open();
    expect(about("front", ada)).toMatchObject({ memberInside: true, checkedIn: true });
  });

  it("are host and supervisor: is the host in, and how many does the supervisor watch over elsewhere", () => {
    expect(about("saw", bob, { host: ada })).toMatchObject({ hostPresent: false });
    happens("front", { kind: "door.opened", who: [ada], cause: "grant" });
    expect(about("saw", bob, { host: ada })).toMatchObject({ hostPresent: true });
    happens("planer", started(1, bob, { supervisor: tia }));
    expect(about("saw", ada, { companion: tia })).toMatchObject({ supervised: 1 });
    expect(about("planer", bob, { companion: tia })).toMatchObject({ supervised: 0, session: { member: bob, with: [tia] } });
    happens("planer", { kind: "mach.companion_missed", session: ulid(1), role: "supervisor" });
    expect(about("saw", ada, { companion: tia })).toMatchObject({ supervised: 0 });
  });
});

describe("machines", () => {
  it("count for who answers for them; one left to itself is no attended one", () => {
    happens("planer", started(1, ada));
    expect(about("saw", ada)).toMatchObject({ memberSessions: { all: 1, attendedA: 1 } });
    expect(about("planer", ada)).toMatchObject({ memberSessions: { all: 0, attendedA: 0 } });
    happens("planer", { kind: "mach.session_unattended", session: ulid(1) });
    expect(about("saw", ada)).toMatchObject({ memberSessions: { all: 1, attendedA: 0 } });
    expect(about("planer", ada).session?.phase).toBe("unattended");
  });

  it("of a group and on a circuit count while somebody answers for them, and while their node is away", () => {
    expect(about("saw", ada)).toMatchObject({ groupBusy: false, circuitLoadW: 0, freeSinceMs: 0 });
    expect(about("laser", ada)).not.toHaveProperty("groupBusy");
    happens("planer", started(1, bob));
    powers.set("planer-node", 3300);
    expect(about("saw", ada)).toMatchObject({ groupBusy: true, circuitLoadW: 3300 });
    expect(about("planer", ada)).not.toHaveProperty("freeSinceMs");
    happens("planer", closed(1));
    expect(about("saw", ada)).toMatchObject({ groupBusy: false, circuitLoadW: 0 });
    expect(about("planer", ada)).toMatchObject({ freeSinceMs: clock.nowMs() });
    powers.clear();
    online.delete("planer-node");
    expect(about("saw", ada)).toMatchObject({ groupBusy: true, circuitLoadW: 3000 });
  });

  it("capture an unknown card while the window is open", () => {
    book.capture("saw-node", "saw", clock.monoMs() + 15_000);
    expect(about("saw", 0).capturing).toBe(true);
    clock.advance(15_000);
    expect(about("saw", 0).capturing).toBe(false);
  });
});

describe("a request", () => {
  const person = (member: number, change: Partial<SubjectFacts> = {}) => ({ member, facts: facts(change) });
  const cards = new Map([
    ["a".repeat(32), person(ada, { competence: { level: "trainee", untilMs: null }, hasPin: true })],
    ["c".repeat(32), person(tia, { roles: ["trainer"] })],
  ]);
  const stored: LedgerEvent[] = [];
  const sent: { outcome: string; reason: string; nonce: string }[] = [];
  let asked = 0;
  const resource: ResourceFacts = { ...laser, id: "saw", openingHours: null, assurance: 2 };
  const ledger = {
    registry,
    permits: {
      decideFacts: (_node: string, _ch: string, card: string) => ({
        resource,
        schedules: [],
        subject: cards.get(card) ?? null,
        lockouts: [],
        revoked: false,
        snapshot: { epoch: 1, version: 1 },
      }),
      checkPin: async (_member: number, pin: string) => {
        asked += 1;
        return pin === "2718" ? "right" : pin === "8281" ? "duress" : "wrong";
      },
      isFreshCounter: (node: string, card: string, counter: number) => node === "saw-node" && card === "a".repeat(32) && counter > 7,
    },
    append: async (_node: string, events: LedgerEvent[]) => {
      stored.push(...events);
      return { stored: events.length, duplicates: 0, gaps: 0 };
    },
  } as unknown as Ledger;
  const wire = {
    sendSealed: async (_topic: string, _node: string, body: { outcome: string; reason: string; nonce: string }) => sent.push(body) > 0,
  } as unknown as Wire;
  let n = 0;
  const request = (change: Partial<AccessRequest>): AccessRequest => {
    n += 1;
    return {
      nonce: n.toString(16).padStart(24, "0"),
      ch: "saw",
      kind: "start",
      presented: [{ cardKey: "a".repeat(32), ageMs: 5 }],
      gesture: "tap",
      snapshot: null,
      ...change,
    };
  };
  const withTrainer = { presented: ["a", "c"].map((key) => ({ cardKey: key.repeat(32), ageMs: 5 })) };
  const time = { read: () => ({ nowMs: clock.nowMs(), floorMs: 0, quality: "synced" as const }), noteEvent: () => {} };
  const ids = { ulid: () => ulid(7), nonce: () => "0".repeat(24) };
  const desk = () => {
    const judge = createJudge({ ledger, clock, time, liveFacts: book.factsOf, mode: () => "normal" });
    const answers = createAnswers({ ledger, wire, clock, time, ids, log: keptLog(), boot: "b", judge, settings: () => settings });
    return async (given: AccessRequest, conn = 1) => {
      await answers.answer("saw-node", { boot: "b", conn }, given);
      return sent.at(-1);
    };
  };

  it("carries who tapped along, and the record names them", async () => {
    const ask = desk();
    const waits = { outcome: "pending", reason: "AWAIT_SUPERVISOR" };
    expect(await ask(request({ pin: "2718" }))).toMatchObject({ ...waits, pendingMs: 15_000 });
    settings = { windowMs: 20_000 };
    expect(await ask(request({ pin: "2718" }))).toMatchObject({ ...waits, pendingMs: 20_000 });
    settings = {};
    expect(await ask(request({ pin: "2718", ...withTrainer }))).toMatchObject({
      outcome: "grant",
      reason: "GRANT_SUPERVISED",
      permit: { supervisor: tia },
    });
    expect(stored.at(-1)?.body).toMatchObject({ kind: "access.decided", with: [tia] });
  });

  it("has its PIN checked; after five wrong ones nobody is let guess on", async () => {
    const ask = desk();
    expect(await ask(request(withTrainer))).toMatchObject({ reason: "FACTOR_REQUIRED" });
    for (let i = 0; i < 5; i += 1) expect(await ask(request({ pin: "0000", ...withTrainer }))).toMatchObject({ reason: "FACTOR_WRONG" });
    asked = 0;
    expect(await ask(request({ pin: "2718", ...withTrainer }))).toMatchObject({ reason: "FACTOR_WRONG" });
    expect(asked).toBe(0);
    clock.advance(10 * minute);
    expect(await ask(request({ pin: "2718", ...withTrainer }))).toMatchObject({ outcome: "grant" });
  });

  it("with the PIN that calls for help is answered to the letter as with the other; the log has one entry more", async () => {
    const ask = desk();
    const [asUsual, forced] = [
      await ask(request({ pin: "2718", ...withTrainer })),
      await ask(request({ pin: "8281", ...withTrainer })),
    ].map((answer) => JSON.stringify({ ...answer, nonce: "" }));
    expect(forced).toBe(asUsual);
    expect(forced).toContain("grant");
    const decided = stored.at(-2)?.body;
    expect([decided?.kind, stored.at(-1)?.body]).toMatchObject([
      "access.decided",
      { kind: "access.duress", member: ada, node: "saw-node" },
    ]);
    expect(JSON.stringify(decided)).not.toContain("duress");
    const [saw] = resources.filter(({ id }) => id === "saw");
    const known = {
      resources: () => resources,
      resourceAt: (node: string, ch: string) => (`${node} ${ch}` === "saw-node saw" ? saw : undefined),
    };
    const house = { ...registry, exceptions: () => [], recentEvents: () => stored.slice(-2), memberName: () => "Ada" };
    const [line, ...others] = createFeed(house as unknown as Registry, known).items();
    expect([line, others]).toMatchObject([{ kind: "duress", where: "saw", who: { member: ada } }, []]);
  });

  it("is believed to come of a chip that proved itself, unless that chip has counted further elsewhere", async () => {
    const ask = desk();
    const proved = { assurance: 3 as const, ...withTrainer };
    expect(await ask(request({ ...proved, counter: 8 }))).toMatchObject({ outcome: "grant" });
    expect(stored.at(-1)?.body).toMatchObject({ proof: { card: "a".repeat(32), counter: 8, node: "saw-node" } });
    expect(await ask(request({ ...proved, counter: 7 }))).toMatchObject({ reason: "FACTOR_REQUIRED" });
    expect(stored.at(-1)).toMatchObject({ node: "hub", body: { kind: "card.suspect", cardKey: "a".repeat(32), node: "saw-node" } });
    const [decided, suspect] = stored.slice(-2).map(({ seq }) => seq);
    expect(suspect, "each entry has its own number").toBe((decided ?? 0) + 1);
    expect(await ask(request(proved))).toMatchObject({ outcome: "grant" }); // a DESFire counts nothing
  });

  it("that comes twice is answered with the same decision, bound to the connection it was made for, and recorded once", async () => {
    const ask = desk();
    const same = request({ pin: "2718", ...withTrainer });
    const first = await ask(same);
    const before = [stored.length, sent.length];
    expect(await ask(same, 2)).toEqual(first);
    expect([stored.length, sent.length]).toEqual([before[0], (before[1] ?? 0) + 1]);
  });
});
