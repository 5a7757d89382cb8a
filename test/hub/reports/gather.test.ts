/** From a log to the facts of a month: what counts, what belongs where, and what is unknown. */
import { describe, expect, it } from "vitest";
import type { EventBody } from "../../../hub/contract/index.ts";
import { monthFigures } from "../../../hub/reports/figures.ts";
import { monthInput } from "../../../hub/reports/gather.ts";
import { sourcesOf } from "./builders.ts";

const hour = 3_600_000;
const at = (wall: string) => Temporal.PlainDateTime.from(wall).toZonedDateTime("Europe/Riga").epochMilliseconds;
const event = (n: number, wall: string, ch: string, body: EventBody, tqHub = "synced") => ({
  n,
  node: "node-1",
  boot: "00000000000000aa",
  seq: n,
  ch,
  evtMs: at(wall),
  recvMs: at(wall) + 40,
  tqHub,
  body,
});
const decided = (member: number, change: Partial<Extract<EventBody, { kind: "access.decided" }>> = {}): EventBody => ({
  kind: "access.decided",
  request: "enter",
  decision: "01JABCDEFGHJKMNPQRSTVWXYZ0",
  outcome: "grant",
  reason: "GRANT",
  also: [],
  warnings: [],
  member,
  where: "node",
  snapshot: null,
  tookMs: 3,
  ...change,
});
type Change = Parameters<typeof sourcesOf>[1];
const aMonth = (events: Parameters<typeof sourcesOf>[0], change: Change = {}, samples: Parameters<typeof sourcesOf>[2] = []) =>
  monthInput({ ...sourcesOf(events, change, samples), month: "2026-11", madeMs: at("2026-12-05T10:00") });
const boot = event(1, "2026-11-01T00:00", "node", { kind: "node.boot", restart: "start", fw: "1" });

describe("a meter's counter", () => {
  it("that did what no counter does makes energy of its month unsure, and the month says so", () => {
    const month = aMonth([
      boot,
      event(2, "2026-10-31T23:59", "laser", { kind: "mach.meter_doubt", why: "fell", doubtWh: 500 }),
      event(3, "2026-11-10T10:00", "laser", { kind: "mach.meter_doubt", why: "fell", doubtWh: 20.5 }),
      event(4, "2026-11-20T10:00", "laser", { kind: "mach.meter_doubt", why: "jumped", doubtWh: 10 }),
    ]);
    expect(month.machines.map(({ id, meterDoubtWh }) => [id, meterDoubtWh])).toContainEqual(["laser-1", 30.5]);
    const found = monthFigures(month).doubts.filter(({ doubt }) => doubt === "qMeterDoubt");
    expect(found).toEqual([{ doubt: "qMeterDoubt", values: { machine: "Laser", energyWh: 30.5 } }]);
  });
});

describe("decisions", () => {
  it("belong to the door or machine of their channel and the calendar month; signs of people to the early morning after it", () => {
    const month = aMonth([
      boot,
      event(2, "2026-11-30T23:30", "door", decided(1)),
      event(3, "2026-12-01T02:00", "door", decided(2), "unknown"),
      event(4, "2026-12-01T05:00", "door", decided(3)),
      event(5, "2026-11-20T10:00", "laser", decided(4, { request: "start", outcome: "deny", reason: "TRAINING_MISSING" })),
      event(6, "2026-11-20T11:00", "laser", decided(4, { request: "stop" })),
    ]);
    expect(month.decisions.map(({ at: place, kind, member, clockTrusted }) => [place, kind, member, clockTrusted])).toEqual([
      ["laser-1", "machine", 4, true],
      ["front-door", "door", 1, true],
    ]);
    expect(month.people.signs.map(({ kind, member }) => [kind, member])).toEqual([
      ["entry", 1],
      ["entry", 2],
    ]);
  });
  it("are read page by page, however many there are", () => {
    const many = Array.from({ length: 25_000 }, (_, i) => ({ ...event(i + 2, "2026-11-10T10:00", "door", decided(1)) }));
    const month = aMonth([boot, ...many]);
    expect([month.decisions.length, month.cutShort]).toEqual([25_000, false]);
  });
});

describe("what is unknown of a machine", () => {
  const unknownOf = (...given: Parameters<typeof aMonth>) =>
    aMonth(...given)
      .machines[0]?.history.power.filter(({ value }) => value === "unknown")
      .map(({ fromMs, toMs }) => [fromMs, toMs, (toMs - fromMs) / hour]);

  it("is nothing before it was added and its node spoke: it was not in service", () => {
    const since = (...given: Parameters<typeof aMonth>) => aMonth(...given).machines[0]?.history.service[0]?.fromMs ?? null;
    const added = { atMs: at("2026-11-12T09:00"), action: "addMachine", target: "machine laser-1", detail: '{"machine":"laser-1"}' };
    expect(since([])).toBeNull();
    expect(since([{ ...boot, evtMs: at("2026-11-11T12:00") }])).toBe(at("2026-11-11T12:00"));
    expect(since([boot], { audit: () => [added] })).toBe(added.atMs);
    expect(unknownOf([boot])).toEqual([]);
  });
  it("is the time its meter was lost, over the end of the month too", () => {
    const lost = event(2, "2026-10-30T10:00", "laser", { kind: "mach.meter_lost" });
    const back = event(3, "2026-11-02T00:00", "laser", { kind: "mach.meter_back", resetWh: null });
    const again = event(4, "2026-11-30T20:00", "laser", { kind: "mach.meter_lost" });
    const old = { ...boot, evtMs: at("2026-10-01T00:00") };
    expect(unknownOf([old, lost, back, again])?.map((span) => span[2])).toEqual([24, 4]);
  });
  it("is what a metered machine's hours lack; without a meter its energy is null", () => {
    const hours = Array.from({ length: 720 }, (_, i) => ({
      hourMs: at("2026-11-01T00:00") + i * hour,
      energyWh: 10,
      knownS: i === 5 ? 1800 : 3600,
    }));
    expect(unknownOf([boot], {}, hours)?.map((span) => span[2])).toEqual([0.5]);
    expect(aMonth([boot], {}, hours).machines[0]?.events.metered).toHaveLength(720);
    expect(aMonth([boot]).machines[0]?.events.metered).toBeNull();
  });
});

describe("what a machine did", () => {
  const id = "01JABCDEFGHJKMNPQRSTVWXYZ1";
  const row = { session: id, decision: "01JABCDEFGHJKMNPQRSTVWXYZ0", member: 4, reason: null };
  const of = (events: Parameters<typeof aMonth>[0], change: Change) => {
    const [machine] = aMonth([boot, ...events], change).machines;
    if (machine === undefined) throw new Error("no machine");
    return machine;
  };
  const hours = (spans: readonly { fromMs: number; toMs: number }[]) => spans.map((span) => (span.toMs - span.fromMs) / hour);

  it("is planned down where that was entered before, a breakdown for every other lockout; open ones last to the month's end", () => {
    const plannedMaintenance = () => [{ machine: "laser-1", fromMs: at("2026-11-03T10:00"), toMs: at("2026-11-03T11:00") }];
    const lockouts = () => [
      { machine: "laser-1", kind: "maintenance", fromMs: at("2026-11-03T10:00"), toMs: at("2026-11-03T12:00"), takenMs: null },
      { machine: "laser-1", kind: "oops", fromMs: at("2026-11-30T22:00"), toMs: null, takenMs: at("2026-11-30T23:30") },
      { machine: "saw-1", kind: "fault", fromMs: at("2026-11-04T22:00"), toMs: null, takenMs: null },
    ];
    const { history, events } = of([], { usage: { lockouts, plannedMaintenance } });
    const { down } = history;
    expect(events.reports, "what was reported and when somebody took it up; maintenance is no report").toEqual([
      { fromMs: at("2026-11-30T22:00"), takenMs: at("2026-11-30T23:30") },
    ]);
    expect(down.map(({ value }) => value)).toEqual(["planned_down", "unplanned_down", "unplanned_down"]);
    expect(hours(down)).toEqual([1, 1, 2]); // the mechanic's second hour was not announced
  });
  it("is a session until its member left it to the job, the job's from then on, and of maintenance when that was asked", () => {
    const started = [{ ...row, startedMs: at("2026-11-10T19:40"), endedMs: at("2026-11-11T03:10"), reason: "job_complete" }];
    const night = of(
      [
        event(2, "2026-11-10T19:40", "laser", decided(4, { request: "maintain" })),
        event(3, "2026-11-10T19:50", "laser", { kind: "mach.session_unattended", session: id }),
        event(4, "2026-11-10T19:55", "laser", { kind: "mach.session_attended", session: id }),
        event(5, "2026-11-10T20:00", "laser", { kind: "mach.session_unattended", session: id }),
      ],
      { sessions: () => started },
    );
    expect(night.history.use.map(({ value, fromMs, toMs }) => [value.kind, value.purpose, (toMs - fromMs) / 60_000])).toEqual([
      ["session", "maintenance", 20],
      ["job", "maintenance", 430],
    ]);
    expect(night.events.sessions).toMatchObject([{ end: "normal", toMs: at("2026-11-10T20:00") }]);
  });
  it("is a member's use when somebody unknown was let in, and a test when a wiring test ran it without a decision", () => {
    const from = { startedMs: at("2026-11-10T10:00"), endedMs: at("2026-11-10T10:05"), reason: "tap_out" };
    const rows = [
      { ...row, ...from, member: 0 },
      { ...row, ...from, session: "01JABCDEFGHJKMNPQRSTVWXYZ2", decision: "01JABCDEFGHJKMNPQRSTVWXYZ3", member: 0 },
    ];
    const day = of([event(2, "2026-11-10T10:00", "laser", decided(0, { request: "start" }))], { sessions: () => rows });
    expect(day.events.sessions.map(({ purpose }) => purpose)).toEqual(["member", "test"]);
  });
  it("is idle while its contact says powered, busy in its runs; what no sample tells is unknown outside of them", () => {
    const powered = (n: number, wall: string, on: boolean) => event(n, wall, "laser", { kind: "mach.powered", on });
    const runs = () => [{ session: null, startMs: at("2026-11-10T10:30"), endMs: at("2026-11-10T11:00"), energyWh: 5 }];
    const { power } = of(
      [powered(2, "2026-11-10T10:00", true), powered(3, "2026-11-10T12:00", false), powered(4, "2026-11-30T23:00", true)],
      {
        runs,
      },
    ).history;
    const lengths = (value: string) => hours(power.filter((one) => one.value === value));
    expect([lengths("idle"), lengths("busy")]).toEqual([[2, 1], [0.5]]);
  });
  it("is told by late events as if they had come in time", () => {
    const told = [
      event(2, "2026-11-10T12:00", "laser", { kind: "mach.powered", on: false }),
      event(3, "2026-11-10T10:00", "laser", { kind: "mach.powered", on: true }),
    ];
    expect(hours(of(told, {}).history.power.filter(({ value }) => value === "idle"))).toEqual([2]);
  });
  it("is a class's while a class has it, a member's otherwise (G13)", () => {
    const rows = ["2026-11-10T18:10", "2026-11-10T20:10"].map((wall, i) => ({
      ...row,
      session: `01JABCDEFGHJKMNPQRSTVWXYZ${i + 4}`,
      startedMs: at(wall),
      endedMs: at(wall) + hour,
    }));
    const classSpans = () => [{ place: "laser-1", fromMs: at("2026-11-10T18:00"), toMs: at("2026-11-10T20:00") }];
    const day = of([event(2, "2026-11-10T18:10", "laser", decided(4, { request: "start" }))], {
      sessions: () => rows,
      usage: { classSpans },
    });
    expect(day.events.sessions.map(({ purpose }) => purpose)).toEqual(["class", "member"]);
  });
  it("has jobs that ended as its controller told, and as nobody knows when it lost sight of one", () => {
    const states = [
      "running",
      "complete",
      "running",
      "unknown",
      "running",
      "error",
      "running",
      "unknown",
      "none",
      "complete",
      "queued",
    ] as const;
    const told = states.map((state, i) =>
      event(i + 2, `2026-11-10T${String(10 + i)}:00`, "laser", { kind: "mach.job", session: null, state }),
    );
    expect(of(told, {}).events.jobs?.map(({ outcome }) => outcome)).toEqual(["completed", "failed", "unknown"]);
    expect(of([], {}).events.jobs).toBeNull();
  });
  it("was what it was then: policy, price, family of a booking, and what it is due since it was last cared for", () => {
    const rates = () =>
      [
        ["machine_hour", 600, "2026-01-01"],
        ["machine_hour", 900, "2026-12-01"],
        ["service_hours", 10, "2026-01-01"],
      ].map(([rate, value, from]) => ({ rate: String(rate), of: "laser-1", value: Number(value), source: "", from: String(from) }));
    const runs = () => [
      { session: null, startMs: at("2026-11-05T10:00"), endMs: at("2026-11-05T12:00"), energyWh: 5 },
      { session: null, startMs: at("2026-11-15T10:00"), endMs: at("2026-11-15T12:30"), energyWh: 5 },
    ];
    const fromMs = at("2026-11-20T10:00");
    const laser = of([], {
      runs,
      usage: {
        rates,
        lastCare: () => new Map([["laser-1", at("2026-11-10T00:00")]]),
        machineThen: () => ({ course: "laser", enforced: false, leftPowered: null, leftOnAfterMs: 60_000 }),
        bookings: () =>
          ["laser-1", "saw-1"].map((machine) => ({ machine, fromMs, toMs: fromMs + hour, isCancelled: true, cancelledMs: fromMs - hour })),
      },
    });
    expect(laser.centsPerHour).toBe(600);
    expect(laser.history).toMatchObject({ policy: "watched", leftOnAfterMs: 60_000 });
    expect(laser.events.care).toMatchObject({ busyMs: 2.5 * hour, hoursTarget: 10, kWhTarget: null });
    expect(laser.events.bookings.rows).toEqual([{ fromMs, toMs: fromMs + hour, cancelled: { atMs: fromMs - hour } }]);
  });
  it("keeps the name and the hours that were in force then", () => {
    const schedule = (endMin: number) => ({ intervals: [{ weekday: 1, startMin: 600, endMin }], special: [] });
    const month = aMonth([boot], {
      usage: {
        machineLabel: (_, beforeMs) => (beforeMs < at("2026-12-02T00:00") ? "Old laser" : "New laser"),
        openingHours: () => [
          { fromMs: 0, schedule: schedule(660) },
          { fromMs: at("2026-11-16T00:00"), schedule: schedule(720) },
          { fromMs: at("2026-12-03T00:00"), schedule: null },
        ],
      },
    });
    expect(month.machines[0]?.label).toBe("Old laser");
    expect(hours(month.machines[0]?.history.open ?? [])).toEqual([1, 1, 2, 2, 2]);
  });
});

describe("newcomers (E05)", () => {
  it("are those whose first day here was that of their class, and who were no members before it", () => {
    const enrolled = [1, 2, 3, 4].map((member) => ({ member, signedUpMs: null }));
    const month = aMonth([boot], {
      usage: {
        courseClasses: () => [{ course: "laser", fromMs: at("2026-10-20T18:00"), seats: 8, enrolled, present: [] }],
        firstSeen: () =>
          new Map([
            [1, at("2026-10-20T17:50")],
            [2, at("2026-09-01T17:50")], // was here before
            [3, at("2026-10-20T18:05")],
            [4, at("2026-10-20T18:05")],
          ]),
        memberships: () => [
          { member: 3, plan: "full", on: "2026-11-02" },
          { member: 4, plan: "full", on: "2026-10-01" }, // a member already
        ],
      },
    });
    expect(month.newcomers).toEqual([
      { firstMs: at("2026-10-20T17:50"), joinedMs: null },
      { firstMs: at("2026-10-20T18:05"), joinedMs: at("2026-11-02T00:00") },
    ]);
  });
});

describe("lost and unreadable", () => {
  it("counts events of gaps that never closed and messages set aside, in their month", () => {
    const month = aMonth([boot], {
      gaps: () => [
        { from: 5, to: 9, state: "lost", noticedMs: at("2026-11-05T00:00") },
        { from: 1, to: 3, state: "closed", noticedMs: at("2026-11-05T00:00") },
        { from: 1, to: 1, state: "open", noticedMs: at("2026-10-05T00:00") },
      ],
      quarantined: () => [{ atMs: at("2026-11-05T00:00") }, { atMs: at("2026-12-05T00:00") }],
    });
    expect([month.lostEvents, month.unreadableMessages]).toEqual([5, 1]);
  });
  it("refuses what is no month", () => {
    expect(() => monthInput({ ...sourcesOf([]), month: "2026-13", madeMs: 0 })).toThrow(RangeError);
  });
});
