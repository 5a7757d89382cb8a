/** From figures to tables: what stands in which cell, what is unknown, what is hidden, and that order changes nothing. */
import { describe, expect, it } from "vitest";
import { openSpans } from "#core";
import { monthFigures } from "../../../hub/reports/figures.ts";
import { methods } from "../../../hub/reports/methods.ts";
import { monthReport } from "../../../hub/reports/month.ts";
import { differences, figuresText, hashOf, metricsOf } from "../../../hub/reports/seal.ts";
import type { MonthInput } from "../../../hub/reports/types.ts";
import { busy, heldBy, hour, session, span, step } from "../core/utilisation/builders.ts";
import { aMonth, at, counted, decision, theMachine } from "./builders.ts";

const report = (input: MonthInput, language: "en" | "lv" | "sv" = "en") =>
  monthReport(monthFigures(input), { madeMs: input.madeMs, seal: null }, language);
const table = (input: MonthInput, id: string) => {
  const found = report(input).tables.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`no table ${id}`);
  return found;
};
const cell = (input: MonthInput, id: string, row: number, key: string) => {
  const of = table(input, id);
  return of.rows[row]?.[of.columns.findIndex((column) => column.key === key)];
};
const march = span("2026-03-01T00:00", "2026-04-01T00:00");

describe("G1 the laser of March 2026, on paper", () => {
  const tueToSat = { intervals: [2, 3, 4, 5, 6].map((weekday) => ({ weekday, startMin: 720, endMin: 1200 })), special: [] };
  const sessions = [
    ...["03", "04", "05", "06", "07", "10", "12", "13"].map((day, i) => ({
      ...session(`s${i}`, 1 + (i % 3), `2026-03-${day}T12:00`, `2026-03-${day}T12:00`),
      toMs: at(`2026-03-${day}T12:00`) + (62.5 * hour) / 8,
    })),
    { ...session("s9", 4, "2026-03-09T10:00", "2026-03-09T10:00"), toMs: at("2026-03-09T10:00") + 3.2 * hour },
  ];
  const laser = theMachine(
    "laser-1",
    {
      open: openSpans([{ fromMs: 0, schedule: tueToSat }], march, "Europe/Riga"),
      down: [step("2026-03-11T12:00", "2026-03-11T16:00", "planned_down"), step("2026-03-21T15:00", "2026-03-24T14:00", "unplanned_down")],
      use: sessions.map(heldBy),
      power: sessions.map(({ fromMs, toMs }) => ({ fromMs, toMs, value: "busy" as const })),
    },
    { sessions, metered: [{ fromMs: at("2026-03-03T12:00"), toMs: at("2026-03-03T13:00"), energyWh: 41_234.5 }] },
  );
  const month = aMonth({ machines: [laser] });
  it("has open 168 h, scheduled 164, available 157; 95.73 %, 39.81 %, 8.84 %", () => {
    const keys = ["open_h", "scheduled_h", "available_h", "availability_percent", "utilisation_percent", "loading_percent"];
    expect(keys.map((key) => cell(month, "availability", 0, key))).toEqual([168, 164, 157, 95.73, 39.81, 8.84]);
    expect(["breakdown_h", "breakdown_open_h"].map((key) => cell(month, "reliability", 0, key))).toEqual([71, 7]);
  });
  it("counts sessions, hours, energy and users", () => {
    expect(table(month, "machines").rows[0]).toEqual(["laser-1", 9, 9, 65.7, 65.7, 41.235, 4, 100, 0]);
    expect(table(month, "machines").total).toEqual(["Total", 9, 9, 65.7, 65.7, 41.235, 4, null, null]);
  });
  it("has every hour of the month in one state", () => {
    const row = table(month, "states").rows[0]?.slice(1) ?? [];
    expect(row.reduce<number>((sum, n) => sum + Number(n), 0)).toBeCloseTo(743, 2);
  });
});

describe("what is not known", () => {
  it("hides figures below 70 % coverage, says so and what to do, and makes the total unknown", () => {
    const third = { fromMs: march.fromMs, toMs: march.fromMs + (march.toMs - march.fromMs) / 3 };
    const metered = [{ ...third, energyWh: 5000 }];
    const month = aMonth({ machines: [theMachine("laser-1", { silent: [third] }, { metered }), theMachine("saw-1", {}, { metered })] });
    expect(table(month, "machines").rows[0]).toEqual(["laser-1", 0, 0, null, null, null, 0, 66.67, null]);
    expect(table(month, "machines").total?.[5]).toBeNull();
    expect(report(month, "lv").quality[0]).toBe(
      "laser-1: pārklājums zem 70 %, tāpēc stundas un enerģija nav dotas. Pārbaudiet mezglu un skaitītāju.",
    );
  });
  it("has no availability without opening hours, and no share of a calendar without an open hour", () => {
    expect(report(aMonth({ machines: [theMachine("laser-1")] })).tables.some(({ id }) => id === "availability")).toBe(false);
    expect(cell(aMonth({ machines: [theMachine("laser-1", { open: [] })] }), "availability", 0, "utilisation_percent")).toBeNull();
  });
  it("lists work without a session as a doubt and never as use", () => {
    const month = aMonth({
      machines: [theMachine("laser-1", { power: [busy("2026-03-10T14:00", "2026-03-10T15:30")] }, { metered: [] })],
    });
    expect(cell(month, "machines", 0, "busy_h")).toBe(0);
    expect(cell(month, "use", 0, "unauthorised_h")).toBe(1.5);
    expect(report(month).quality).toEqual(["laser-1: worked 1.5 h without a session. Look for a bypass."]);
  });
  it("cuts a month that still runs at the moment it is made", () => {
    const open = [{ ...session("s", 2, "2026-03-10T10:00", "2026-03-10T12:00"), end: null }];
    const month = aMonth({
      madeMs: at("2026-03-10T12:00"),
      machines: [theMachine("laser-1", { use: open.map(heldBy) }, { sessions: open })],
    });
    expect(cell(month, "machines", 0, "occupied_h")).toBe(2);
    expect(report(month)).toMatchObject({ running: true });
    expect(table(month, "trust").rows[0]).toEqual(["Sessions still open", 1]);
  });
});

describe("refusals and doors", () => {
  const month = aMonth({
    decisions: [
      decision({ member: 1 }),
      decision({ member: 3, outcome: "deny", reason: "MEMBERSHIP_EXPIRED" }),
      decision({ member: 0, outcome: "deny", reason: "UNKNOWN_CREDENTIAL", clockTrusted: false }),
      decision({ member: 0, outcome: "deny", reason: "UNKNOWN_CREDENTIAL", tookMs: 40 }),
    ],
    doors: [{ id: "front-door", label: "Front door", opened: 5, notUsed: 1, forced: 0, heldOpen: 2 }],
  });
  it("go by place and reason, most first, and by door", () => {
    expect(table(month, "refusals").rows).toEqual([
      ["Front door", "Card not known", "UNKNOWN_CREDENTIAL", 2, 0],
      ["Front door", "Membership ended", "MEMBERSHIP_EXPIRED", 1, 1],
    ]);
    expect(table(month, "doors").rows).toEqual([["Front door", 1, 5, 1, 3, 2, 0, 2]]);
  });
  it("say how fast decisions were, in milliseconds", () => {
    expect(
      table(month, "trust")
        .rows.slice(-3)
        .map((row) => row[1]),
    ).toEqual([3, 40, 40]);
  });
  it("give the same report whatever the order of the facts", () => {
    const turned = { ...month, decisions: [...month.decisions].reverse() };
    expect(report(turned, "sv")).toEqual(report(month, "sv"));
  });
});

describe("trust", () => {
  const metric = (input: MonthInput, id: string) => monthFigures(input).trust.find((one) => one.id === id);
  it("Q02 is the clock error below which 95 % of the told times are; G15 those beyond 2 s are corrected, and their node is named", () => {
    const clocks = [
      { node: "door", offMs: 0, events: 10 },
      { node: "door", offMs: 30, events: 9 },
      { node: "saw", offMs: 2000, events: 0 },
      { node: "saw", offMs: 3_600_000, events: 1 },
      { node: "mill", offMs: null, events: 1 },
    ];
    const month = aMonth({ clocks, boots: [{ node: "saw", atMs: at("2026-03-02T10:00"), firmware: "1" }] });
    expect(metric(month, "Q02")).toMatchObject({ value: 30, unit: "ms", n: 20, coverage: 20 / 21, mark: null, methodVersion: 1 });
    expect(metric(month, "Q02.corrected")).toMatchObject({ value: 1, n: 20 });
    expect(table(month, "nodes").rows).toEqual([["saw", "1", 1, 3600]]);
    expect(report(month).quality).toEqual([
      "saw: its clock was up to 3,600.0 s off; the times of its events are corrected. Let it keep time by the network, or give it a clock.",
    ]);
    expect(metric(aMonth({ clocks: [{ node: "mill", offMs: null, events: 4 }] }), "Q02")).toMatchObject({
      value: null,
      mark: "too_little",
    });
    expect(metric(aMonth(), "Q02")).toMatchObject({ value: null, mark: "no_base" });
  });
  it("Q04 is the share that nodes decided alone, and what of it the facts refused, of what could be judged", () => {
    const alone = { alone: true };
    const month = aMonth({
      decisions: [decision(alone), decision({ ...alone, judgedLater: true }), decision({ ...alone, judgedLater: true }), decision({})],
      contradicted: 1,
    });
    expect(metric(month, "Q04.alone")).toMatchObject({ value: 0.75, numerator: 3, denominator: 4 });
    expect(metric(month, "Q04.share")).toMatchObject({ value: 0.5, numerator: 1, denominator: 2 });
    expect(metric(aMonth({ decisions: [decision({})] }), "Q04.share")).toMatchObject({ value: null, mark: "no_base" });
  });
});

describe("target groups, events and money", () => {
  const signs = Array.from({ length: 20 }, (_, i) => ({
    kind: "entry" as const,
    member: i + 1,
    fromMs: at("2026-03-10T10:00"),
    toMs: at("2026-03-10T10:00"),
  }));
  const groupOf = (member: number) => (member <= 3 ? "senior" : member <= 9 ? "pupil" : "student");
  const month = aMonth({
    people: { signs, seenBeforeMs: new Map(), activeMembers: null, headcount: 0 },
    backgrounds: signs.map(({ member }) => ({ member, what: "target", value: groupOf(member), from: "2026-01-01" })),
    headcounts: [counted({ people: 12, minutes: 90, municipality: "Cēsis" }), counted({ people: 8, minutes: 60 })],
    machines: [
      theMachine("a", {
        power: [busy("2026-03-10T10:00", "2026-03-10T14:00")],
        use: [heldBy(session("s", 1, "2026-03-10T10:00", "2026-03-10T16:00"))],
      }),
      theMachine("b", { use: [heldBy(session("t", 1, "2026-03-10T10:00", "2026-03-10T12:00"))] }),
    ],
    money: [
      { kind: "cost", source: "overhead", cents: 80_000, machine: null },
      { kind: "cost", source: "maintenance", cents: 20_000, machine: "a" },
      { kind: "income", source: "private", cents: 40_000, machine: "a" },
      { kind: "income", source: "public", cents: 60_000, machine: null },
    ],
  });
  it("F01 hides small groups and what would give them away; the total stands", () => {
    expect(table(month, "groups").rows).toEqual([
      ["Pupils", "·", 20],
      ["Seniors", "·", 0],
      ["Students", "·", 0],
    ]);
    expect(table(month, "groups").total).toEqual(["Total", 20, 20]);
  });
  it("V11 goes by town, age and school of those who came without a card; small ones and what would tell them are hidden", () => {
    const visits = aMonth({
      headcounts: [
        counted({ people: 12, municipality: "Cēsis", ageBand: "7-14", school: "Cēsu pamatskola" }),
        counted({ people: 6, municipality: "Valmiera", ageBand: "15-25" }),
        counted({ people: 3, municipality: "Rauna", ageBand: "7-14" }),
      ],
    });
    expect(table(visits, "counted").rows).toEqual([
      ["Municipality", "Cēsis", "·"],
      ["Municipality", "Rauna", "·"],
      ["Municipality", "Valmiera", "·"],
      ["Age", "15-25", 6],
      ["Age", "7-14", 15],
      ["School", "Cēsu pamatskola", 12],
      ["School", "Not stated", 9],
    ]);
    expect(report(aMonth({ headcounts: [counted({})] })).tables.some(({ id }) => id === "counted")).toBe(false);
  });
  it("E01–E03 counts events, participations and participant-hours", () => {
    expect(table(month, "events").rows).toEqual([["Class", 2, 20, 26]]);
  });
  it("S01–S06 shares what the space costs by occupied hours, and divides by busy ones", () => {
    // 800 of overhead by 6 h and 2 h
    expect(table(month, "costs").rows).toEqual([
      ["a", 800, 200, 400, 50],
      ["b", 200, null, 0, 0],
    ]);
    const money = new Map(table(month, "money").rows.map(([measure, value]) => [measure, value]));
    expect(["Costs", "Income", "Public share (%)", "Cost recovery (%)", "Cost per person-day"].map((key) => money.get(key))).toEqual([
      1000, 1000, 60, 100, 50,
    ]);
  });
});

describe("the figures that are closed", () => {
  const month = aMonth({ machines: [theMachine("laser-1", { power: [busy("2026-03-10T14:00", "2026-03-10T15:30")] })] });
  it("are the same text whenever they are made, and hold no time of making", () => {
    const later = { ...month, madeMs: month.madeMs + 86_400_000 };
    expect(hashOf(figuresText(monthFigures(later)))).toBe(hashOf(figuresText(monthFigures(month))));
  });
  it("differ by name where a fact came late", () => {
    const late = aMonth({
      machines: [
        theMachine("laser-1", {
          power: [busy("2026-03-10T14:00", "2026-03-10T15:30")],
          use: [heldBy(session("s", 1, "2026-03-10T14:00", "2026-03-10T15:30"))],
        }),
      ],
    });
    const changed = differences(monthFigures(month), monthFigures(late));
    expect(changed.find(({ of }) => of === "M01/laser-1")).toEqual({ of: "M01/laser-1", before: 0, after: 1.5 * hour });
    expect(changed.map(({ of }) => of)).not.toContain("M05/laser-1");
    expect(differences(monthFigures(month), monthFigures(month))).toEqual([]);
  });
  it("have a definition for each metric that a report can explain", () => {
    const open = openSpans([], march, "Europe/Riga");
    const full = aMonth({
      machines: [theMachine("laser-1", { open })],
      courses: [{ course: "laser", label: "Laser" }],
      people: { ...month.people, activeMembers: new Set([1]) },
      training: { ...month.training, activeMembers: new Set([1]) },
      money: [{ kind: "cost", source: "energy", cents: 1, machine: null }],
    });
    const ids = [...metricsOf(monthFigures(full)).values()].map(({ id }) => id).filter((id) => /^[MVTSEF]\d/.test(id));
    expect([...new Set(ids.filter((id) => methods[id] === undefined && methods[id.split(".")[0] ?? ""] === undefined))]).toEqual([]);
  });
});
