/** Bookings, jobs, care, energy, target groups, events and money, counted by hand. */
import { describe, expect, it } from "vitest";
import {
  type Background,
  backgroundRows,
  joinMetrics,
  machineFigures,
  machineMoney,
  programmeMetrics,
  reachMetrics,
  type Sign,
  spaceMoney,
  valuesOf,
  volunteerMetrics,
} from "#core";
import { counted } from "../../reports/builders.ts";
import { aMachine, at, busy, heldBy, hour, idle, metricOf, noEvents, riga, session, span, step } from "./builders.ts";

const march = span("2026-03-01T00:00", "2026-04-01T00:00");
const figures = (history: Parameters<typeof aMachine>[0], events: Partial<typeof noEvents>) =>
  machineFigures(aMachine(history), { ...noEvents, ...events }, march, riga);

describe("bookings", () => {
  const booking = (from: string, to: string, cancelled: string | null | undefined = undefined) => ({
    ...span(from, to),
    cancelled: cancelled === undefined ? null : { atMs: cancelled === null ? null : at(cancelled) },
  });
  const open = [span("2026-03-10T10:00", "2026-03-10T20:00"), span("2026-03-11T10:00", "2026-03-11T20:00")];
  const used = session("s", 1, "2026-03-10T11:10", "2026-03-10T12:00");
  const machine = (rows: ReturnType<typeof booking>[], family = [used]) =>
    figures(
      { open, use: [heldBy(used)], down: [step("2026-03-11T18:00", "2026-03-11T20:00", "unplanned_down")] },
      { sessions: [used], bookings: { rows, family } },
    );
  const rows = [
    booking("2026-03-10T11:00", "2026-03-10T13:00"), // used from 11:10
    booking("2026-03-10T15:00", "2026-03-10T16:00"), // nobody came
    booking("2026-03-11T18:00", "2026-03-11T19:00"), // nobody could: it was down
    booking("2026-03-11T12:00", "2026-03-11T13:00", "2026-03-11T09:00"), // late
    booking("2026-03-11T13:00", "2026-03-11T14:00", "2026-03-01T09:00"), // in time
  ];
  it("M25 fill, use and no-shows: any use of the family counts, and a machine that was down had none", () => {
    const of = machine(rows);
    expect(metricOf(of, "M25.bookings").value).toBe(3);
    expect(metricOf(of, "M25.fill")).toMatchObject({ numerator: 3 * hour, denominator: 18 * hour });
    expect(metricOf(of, "M25.use")).toMatchObject({ numerator: (50 / 60) * hour, denominator: 4 * hour });
    expect(metricOf(of, "M25.no_show")).toMatchObject({ numerator: 1, denominator: 3 });
    const elsewhere = machine(rows, [used, session("t", 2, "2026-03-10T15:14", "2026-03-10T15:20")]);
    expect(metricOf(elsewhere, "M25.no_show")).toMatchObject({ numerator: 0, denominator: 3 });
    const tooLate = machine(rows, [used, session("t", 2, "2026-03-10T15:15", "2026-03-10T15:20")]);
    expect(metricOf(tooLate, "M25.no_show").numerator).toBe(1);
  });
  it("M26 cancelled less than a day before; one that nobody dated lowers the coverage instead of counting as in time", () => {
    expect(metricOf(machine(rows), "M26")).toMatchObject({ numerator: 1, denominator: 5, coverage: 1 });
    const undated = machine([...rows, booking("2026-03-11T15:00", "2026-03-11T16:00", null)]);
    expect(metricOf(undated, "M26")).toMatchObject({ numerator: 1, denominator: 6, coverage: 5 / 6, mark: "flagged" });
    expect(metricOf(machine([]), "M26")).toMatchObject({ value: null, mark: "no_base" });
    expect(metricOf(machine([]), "M25.no_show").value).toBeNull();
  });
});

describe("what a machine makes and takes", () => {
  it("M30 has no rate without jobs, no count without a controller that tells, and leaves cancelled ones out of the rate", () => {
    const ended = (...outcomes: ("completed" | "cancelled" | "failed" | "unknown")[]) =>
      outcomes.map((outcome) => ({ atMs: at("2026-03-10T12:00"), outcome }));
    const told = figures({}, { jobs: ended("completed", "completed", "completed", "failed", "cancelled", "unknown") });
    expect(metricOf(told, "M30")).toMatchObject({ value: 0.75, numerator: 3, denominator: 4 });
    expect(["completed", "cancelled", "failed", "unknown"].map((of) => metricOf(told, `M30.${of}`).value)).toEqual([3, 1, 1, 1]);
    expect(metricOf(figures({}, { jobs: [] }), "M30")).toMatchObject({ value: null, mark: "no_base" });
    expect(metricOf(figures({}, { jobs: [] }), "M30.failed").value).toBe(0);
    expect(metricOf(figures({}, { jobs: null }), "M30.failed").value).toBeNull();
    expect(metricOf(told, "M31").value).toBeNull();
  });
  it("M14 takes yield into account where jobs tell of it, and leaves it out where they do not", () => {
    const day = {
      open: [span("2026-03-10T10:00", "2026-03-10T20:00")],
      use: [heldBy(session("s", 1, "2026-03-10T10:00", "2026-03-10T15:00"))],
    };
    const jobs = [
      { atMs: at("2026-03-10T11:00"), outcome: "completed" as const },
      { atMs: at("2026-03-10T12:00"), outcome: "failed" as const },
    ];
    expect(metricOf(figures(day, {}), "M14").value).toBe(0.5);
    expect(metricOf(figures(day, { jobs }), "M14.yield").value).toBe(0.25);
    expect(figures(day, { jobs }).metrics.some(({ id }) => id === "M14")).toBe(false);
  });
  it("M22 says how much of each target is used up, and M21 and wishes to wait are unknown, not zero", () => {
    const care = {
      sinceMs: at("2026-03-22T00:00"),
      busyMs: 150 * hour,
      energyWh: null,
      hoursTarget: 200,
      kWhTarget: 50,
      daysTarget: 20,
    };
    const due = figures({}, { care });
    expect(["M22.hours", "M22.energy", "M22.days"].map((id) => metricOf(due, id).value)).toEqual([0.75, null, (10 - 1 / 24) / 20]);
    expect(figures({}, {}).metrics.some(({ id }) => id.startsWith("M22"))).toBe(false);
    expect(["M21", "M24.requests"].map((id) => metricOf(due, id).value)).toEqual([null, null]);
  });
  it("M23 and M24 go by reason, with the members behind them", () => {
    const refused = (["TRAINING_MISSING", "TRAINING_MISSING", "IN_USE", "BOOKED_BY_OTHER", "LOCKED_OUT"] as const).map((reason, i) => ({
      member: i === 3 ? 0 : 1,
      reason,
    }));
    const of = figures({}, { refused });
    const ids = ["M23", "M23.people", "M23.training", "M23.training.people", "M24.busy", "M24.booked", "M24.booked.people"];
    expect(ids.map((id) => metricOf(of, id).value)).toEqual([5, 1, 2, 1, 1, 1, 0]);
  });
  it("M28, M29 and the energy of left-on time share a slice by time, and CO₂ needs its factor", () => {
    const history = {
      open: [span("2026-03-10T10:00", "2026-03-10T11:00")],
      use: [heldBy(session("s", 1, "2026-03-10T10:00", "2026-03-10T12:00"))],
      power: [busy("2026-03-10T10:00", "2026-03-10T11:00"), idle("2026-03-10T11:00", "2026-03-10T12:00")],
    };
    const metered = [
      { ...span("2026-03-10T10:00", "2026-03-10T11:00"), energyWh: 1000 },
      { ...span("2026-03-10T11:00", "2026-03-10T12:00"), energyWh: 400 },
    ];
    const of = figures(history, { metered, runs: metered.slice(0, 1), co2GPerKWh: 100 });
    const ids = ["M28", "M29", "M29.idle", "M29.out_of_hours", "M04.energy", "M29.co2"];
    expect(ids.map((id) => metricOf(of, id).value)).toEqual([1400, 1400, 400, 400, 300, 140]);
    expect(metricOf(figures(history, { metered }), "M29.co2").value).toBeNull();
  });
});

describe("what people are, when it happens", () => {
  const entry = (member: number, wall: string): Sign => ({ kind: "entry", member, fromMs: at(wall), toMs: at(wall) });
  const stated = (member: number, value: string, from: string): Background => ({ member, what: "target", value, from });
  const backgrounds = [stated(1, "student", "2026-03-15"), stated(1, "pupil", "2020-01-01"), stated(2, "pupil", "2026-04-01")];
  it("is dated: before the first word it is not stated, whatever the order of entry", () => {
    const of = valuesOf(backgrounds, "target");
    expect(["2019-12-31", "2026-03-14", "2026-03-15"].map((date) => of(1, date))).toEqual(["not-stated", "pupil", "student"]);
    expect(valuesOf([...backgrounds].reverse(), "target")(1, "2026-03-14")).toBe("pupil");
    expect(of(2, "2026-03-31")).toBe("not-stated");
  });
  it("F01 counts a person once and their days as they were; F03 their hours; who changed may exceed the total", () => {
    const signs = [entry(1, "2026-03-10T10:00"), entry(1, "2026-03-15T02:00"), entry(1, "2026-03-20T10:00"), entry(2, "2026-03-20T10:00")];
    const work = [
      { ...span("2026-03-10T10:00", "2026-03-10T12:00"), member: 1 },
      { ...span("2026-03-20T10:00", "2026-03-20T11:00"), member: 1 },
      { ...span("2026-03-20T10:00", "2026-03-20T11:00"), member: 0 },
    ];
    const rows = backgroundRows({ backgrounds, what: "target" }, signs, work, march, march, riga);
    expect(rows).toEqual([
      { value: "not-stated", people: 1, everPeople: 1, personDays: 1, busyMs: 0 },
      { value: "pupil", people: 0, everPeople: 1, personDays: 2, busyMs: 2 * hour }, // the night of the 15th belongs to the 14th
      { value: "student", people: 1, everPeople: 1, personDays: 1, busyMs: hour },
    ]);
  });
  it("F02 counts an enterprise once, new or existing by its founding, and says whom it cannot identify; F07 the towns", () => {
    const row = (value: string, people: number) => ({ value, people, everPeople: people, personDays: people, busyMs: 0 });
    const reach = {
      metrics: reachMetrics(
        {
          enterprise: [row("LV1", 3), row("LV2", 1), row("LV3", 1), row("not-stated", 9)],
          municipality: [row("Valmiera", 6), row("Cēsis", 2), row("not-stated", 1)],
          companyPeople: 7,
        },
        new Map([
          ["LV1", "2024-01-01"],
          ["LV2", "2023-03-31"],
        ]),
        "Valmiera",
        "2026-03-31",
      ),
    };
    const ids = ["F02", "F02.new", "F02.existing", "F02.age_unknown", "F02.unidentified", "F07", "F07.outside"];
    expect(ids.map((id) => metricOf(reach, id).value)).toEqual([3, 1, 1, 1, 2, 2, 0.25]);
  });
});

describe("events, volunteers and money", () => {
  it("E01–E08 count what was counted, and tell of how much of it", () => {
    const of = {
      metrics: programmeMetrics({
        counted: [
          counted({ people: 12, minutes: 60, seats: 16, firstTimers: 3, volunteerLed: true, ratings: { n: 4, sum: 18 } }),
          counted({ people: 8, minutes: 30 }),
        ],
        individualMs: 48 * hour,
        taughtBusyMs: 3 * hour,
        busyMs: 12 * hour,
      }),
    };
    const ids = ["E01", "E02", "E02.unique", "E03", "E06", "E07", "E07.machines"];
    expect(ids.map((id) => metricOf(of, id).value)).toEqual([2, 20, null, 16 * hour, 4.5, 0.25, 0.25]);
    // at half of the events only: not enough to speak of
    expect(["E04", "E05", "E08"].map((id) => metricOf(of, id))).toMatchObject([
      { value: null, numerator: 12, denominator: 16, coverage: 0.5, mark: "too_little" },
      { value: null, numerator: 3, denominator: 12 },
      { value: null, numerator: 1, denominator: 1 },
    ]);
    const none = { metrics: programmeMetrics({ counted: [], individualMs: null, taughtBusyMs: null, busyMs: null }) };
    expect(["E04", "E06", "E07", "E08"].map((id) => metricOf(none, id).value)).toEqual([null, null, null, null]);
  });
  it("E05 counts who joins within 30, 60 and 90 days of a first class, when those days are over; who cannot be followed lowers coverage", () => {
    const from = (day: string, joined: string | null) => ({
      firstMs: at(`${day}T18:00`),
      joinedMs: joined === null ? null : at(`${joined}T00:00`),
    });
    const newcomers = [
      from("2026-02-10", "2026-02-10"), // 30 d over on 12 March: joined at once
      from("2026-02-20", "2026-03-25"), // 30 d over on 22 March, joined too late for that
      from("2026-01-15", "2026-03-10"), // 60 d over on 16 March: joined within
      from("2025-12-05", null), // 90 d over on 5 March: never
      from("2026-03-05", "2026-03-06"), // none of its days are over yet
    ];
    const of = { metrics: joinMetrics(newcomers, [{ atMs: at("2026-02-15T00:00"), people: 2 }], march) };
    expect(metricOf(of, "E05.join30")).toMatchObject({ value: null, numerator: 1, denominator: 2, coverage: 0.5, mark: "too_little" });
    expect(metricOf(of, "E05.join60")).toMatchObject({ value: 1, numerator: 1, denominator: 1, coverage: 1, mark: null });
    expect(metricOf(of, "E05.join90")).toMatchObject({ value: 0, numerator: 0, denominator: 1, n: 1 });
    expect(metricOf({ metrics: joinMetrics([], [], march) }, "E05.join30")).toMatchObject({ value: null, mark: "no_base" });
  });
  it("F05 is unknown as soon as one hour has no rate", () => {
    const hours = [
      { role: "steward", ms: 3 * hour, centsPerHour: 800 },
      { role: "steward", ms: hour, centsPerHour: 1000 },
    ];
    const value = (list: Parameters<typeof volunteerMetrics>[0]) => metricOf({ metrics: volunteerMetrics(list) }, "F05").value;
    expect(value(hours)).toBe(3400);
    expect(value([...hours, { role: "guide", ms: hour, centsPerHour: null }])).toBeNull();
    expect(value([])).toBeNull();
  });
  it("S01–S08: a grant's share wears out apart; break-even is fixed cost by margin and available hours", () => {
    const line = (source: string, cents: number, machine: string | null = null, kind: "cost" | "income" = "cost") => ({
      kind,
      source,
      cents,
      machine,
    });
    const lines = [
      line("overhead", 60_000),
      line("depreciation", 20_000, "a"),
      line("grant_depreciation", 80_000, "a"),
      line("consumables", 10_000, "a"),
      line("private", 54_000, "a", "income"),
      line("in_kind", 6000, null, "income"),
    ];
    const split = [
      ...lines,
      line("municipal", 30_000, null, "income"),
      line("nordic", 20_000, null, "income"),
      line("public", 10_000, null, "income"),
      line("memberships", 40_000, null, "income"),
    ];
    const times = [
      { id: "a", busyMs: 50 * hour, occupiedMs: 90 * hour, availableMs: 160 * hour, centsPerHour: 1000 },
      { id: "b", busyMs: null, occupiedMs: 10 * hour, availableMs: null, centsPerHour: null },
    ];
    const money = machineMoney(lines, times);
    const of = (machine: string, id: string) => metricOf({ metrics: money.get(machine) ?? [] }, id).value;
    // own 30,000 and 9/10 of 60,000
    expect(["S01", "S01.own", "S01.grant", "S02", "S03", "S04"].map((id) => of("a", id))).toEqual([
      84_000,
      30_000,
      80_000,
      1680,
      54_000,
      54 / 84,
    ]);
    // 74,000 fixed by (1000 − 200) × 160
    expect(of("a", "S05")).toBe(74_000 / 128_000);
    expect(["S02", "S05"].map((id) => of("b", id))).toEqual([null, null]);
    const space = { metrics: spaceMoney(lines, { personDays: 45, participantMs: 30 * hour, reserveCents: 270_000 }) };
    const ids = ["S01", "S01.grant", "S06", "S06.in_kind_share", "S07", "S08", "S08.participant"];
    expect(ids.map((id) => metricOf(space, id).value)).toEqual([90_000, 80_000, 60_000, 0.1, 3, 2000, 3000]);
    // 60,000 public, 94,000 private, 6,000 in kind of 160,000; who pays is told where it was said
    const mixed = { metrics: spaceMoney(split, { personDays: 45, participantMs: 0, reserveCents: null }) };
    const told = ["S06", "S06.public", "S06.municipal", "S06.nordic", "S06.private", "S06.memberships", "S06.in_kind"];
    expect(told.map((id) => metricOf(mixed, id).value)).toEqual([160_000, 60_000, 30_000, 20_000, 94_000, 40_000, 6000]);
    expect(metricOf(mixed, "S06.public_share")).toMatchObject({ value: 0.375, numerator: 60_000, denominator: 160_000, n: 3 });
    expect(metricOf(mixed, "S06.private_share")).toMatchObject({ numerator: 94_000, n: 2 });
    expect(mixed.metrics.some(({ id }) => id === "S06.eu")).toBe(false);
    const bare = { metrics: spaceMoney(lines, { personDays: 0, participantMs: 0, reserveCents: null }) };
    expect(["S07", "S08", "S08.participant"].map((id) => metricOf(bare, id).value)).toEqual([null, null, null]);
  });
});
