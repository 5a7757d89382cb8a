/** Golden months: the vectors G1–G3, G5, G7, G10 and G17 of the time accounting, and what unknown does to a figure. */
import { describe, expect, it } from "vitest";
import { machineFigures } from "../../../hub/reports/figures.ts";
import { monthReport } from "../../../hub/reports/month.ts";
import { monthSpan, openSpans, personDay } from "../../../hub/reports/period.ts";
import type { DecisionFact, MachineFacts, MonthInput } from "../../../hub/reports/types.ts";

const riga = "Europe/Riga";
const at = (wall: string, zone = riga) => Temporal.PlainDateTime.from(wall).toZonedDateTime(zone).epochMilliseconds;
const march = monthSpan("2026-03", riga) ?? { fromMs: 0, toMs: 0 };
const hour = 3_600_000;

function aMachine(given: Partial<MachineFacts> = {}): MachineFacts {
  return {
    id: "laser-1",
    label: "Laser 1",
    sessions: [],
    runs: [],
    energyWh: null,
    sinceMs: 0,
    unknown: [],
    open: null,
    plannedDown: [],
    unplannedDown: [],
    ...given,
  };
}
function aMonth(given: Partial<MonthInput> = {}): MonthInput {
  return {
    month: "2026-03",
    siteName: "Radošā darbnīca",
    zone: riga,
    madeMs: at("2026-04-03T10:00"),
    simulated: false,
    machines: [],
    doors: [],
    decisions: [],
    lostEvents: 0,
    unreadableMessages: 0,
    cutShort: false,
    ...given,
  };
}
const decision = (given: Partial<DecisionFact>): DecisionFact => ({
  atMs: at("2026-03-10T12:00"),
  at: "front-door",
  atLabel: "Front door",
  kind: "door",
  member: 1,
  outcome: "grant",
  reason: "GRANT",
  clockTrusted: true,
  ...given,
});
const table = (input: MonthInput, id: string) => {
  const found = monthReport(input, "en").tables.find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`no table ${id}`);
  return found;
};
const cell = (input: MonthInput, id: string, row: number, key: string) => {
  const of = table(input, id);
  return of.rows[row]?.[of.columns.findIndex((column) => column.key === key)];
};

describe("a month of the space", () => {
  it("is as long as its own clock makes it: 743 h in March, 745 h in October (G5)", () => {
    for (const zone of ["Europe/Riga", "Europe/Stockholm", "Europe/Oslo"]) {
      const hoursOf = (month: string) => {
        const span = monthSpan(month, zone);
        return span === undefined ? 0 : (span.toMs - span.fromMs) / hour;
      };
      expect([hoursOf("2026-03"), hoursOf("2026-10"), hoursOf("2026-11")]).toEqual([743, 745, 720]);
    }
  });
  it("refuses what is no month", () => {
    for (const text of ["2026-13", "2026-00", "26-01", "2026-1", "2026-11-01", ""]) expect(monthSpan(text, riga), text).toBeUndefined();
  });
});

describe("the golden laser of March 2026 (G1)", () => {
  const open = openSpans(
    { intervals: [2, 3, 4, 5, 6].map((weekday) => ({ weekday, startMin: 720, endMin: 1200 })), special: [] },
    march,
    riga,
  );
  const laser = aMachine({
    open,
    plannedDown: [{ fromMs: at("2026-03-11T12:00"), toMs: at("2026-03-11T16:00") }],
    unplannedDown: [{ fromMs: at("2026-03-21T15:00"), toMs: at("2026-03-24T14:00") }],
    // 62.5 h within opening hours: eight whole days of 7 h 48 min 45 s; 3.2 h on a Monday
    sessions: [
      ...["03", "04", "05", "06", "07", "10", "12", "13"].map((day, i) => ({
        session: `s${i}`,
        member: 1 + (i % 3),
        fromMs: at(`2026-03-${day}T12:00`),
        toMs: at(`2026-03-${day}T12:00`) + (62.5 * hour) / 8,
        estimated: false,
      })),
      { session: "s9", member: 4, fromMs: at("2026-03-09T10:00"), toMs: at("2026-03-09T10:00") + 3.2 * hour, estimated: false },
    ],
  });
  const worked = { ...laser, runs: laser.sessions.map(({ fromMs, toMs }) => ({ fromMs, toMs, owned: true })), energyWh: 41_234.5 };
  const month = aMonth({ machines: [worked] });

  it("was open 168 h, scheduled 164 h, available 157 h", () => {
    expect(["open_h", "scheduled_h", "available_h"].map((key) => cell(month, "availability", 0, key))).toEqual([168, 164, 157]);
  });
  it("was broken 71 h by the calendar, 7 h of them open", () => {
    expect(["breakdown_h", "breakdown_open_h"].map((key) => cell(month, "availability", 0, key))).toEqual([71, 7]);
  });
  it("has availability 95.73 %, utilisation 39.81 %, loading 8.84 %", () => {
    expect(["availability_percent", "utilisation_percent", "loading_percent"].map((key) => cell(month, "availability", 0, key))).toEqual([
      95.73, 39.81, 8.84,
    ]);
  });
  it("counts sessions, hours, energy and users", () => {
    expect(table(month, "machines").rows[0]).toEqual(["Laser 1", 9, 9, 65.7, 65.7, 41.235, 4, 100]);
    expect(table(month, "machines").total).toEqual(["Total", 9, 9, 65.7, 65.7, 41.235, 4, null]);
  });
});

describe("time that crosses a border", () => {
  it("is elapsed time: the night of the spring change makes a print of 10 h, 2 on the 28th and 8 on the 29th (G2)", () => {
    const print = { fromMs: at("2026-03-28T22:00"), toMs: at("2026-03-29T09:00"), owned: true };
    const inside = (fromMs: number, toMs: number) => machineFigures(aMachine({ runs: [print] }), { fromMs, toMs }).busyMs;
    expect(inside(march.fromMs, march.toMs)).toBe(10 * hour);
    expect(inside(at("2026-03-28T00:00"), at("2026-03-29T00:00"))).toBe(2 * hour);
    expect(inside(at("2026-03-29T00:00"), at("2026-03-30T00:00"))).toBe(8 * hour);
  });
  it("splits 150 min over two months, counts the session once and the person-day on its evening (G3)", () => {
    const session = { session: "s", member: 7, fromMs: at("2026-03-31T23:10"), toMs: at("2026-04-01T01:40"), estimated: false };
    const machines = [aMachine({ sessions: [session] })];
    const entry = decision({ atMs: at("2026-04-01T01:00"), member: 7 });
    const first = aMonth({ machines, decisions: [entry] });
    const second = aMonth({ month: "2026-04", madeMs: at("2026-05-03T10:00"), machines, decisions: [entry] });
    expect(["sessions", "active_sessions", "occupied_h"].map((key) => cell(first, "machines", 0, key))).toEqual([1, 1, 0.83]);
    expect(["sessions", "active_sessions", "occupied_h"].map((key) => cell(second, "machines", 0, key))).toEqual([0, 1, 1.67]);
    expect(table(first, "days").rows).toEqual([["2026-03-31", 1]]);
    expect(table(second, "days").rows).toEqual([]);
    expect(personDay(entry.atMs, riga)).toBe("2026-03-31");
  });
  it("attributes an unattended print to its owner: 20 min of session, 7 h 30 of work, no second person-day (G7)", () => {
    const machine = aMachine({
      sessions: [{ session: "s", member: 3, fromMs: at("2026-03-10T19:40"), toMs: at("2026-03-10T20:00"), estimated: false }],
      runs: [{ fromMs: at("2026-03-10T19:40"), toMs: at("2026-03-11T03:10"), owned: true }],
    });
    const month = aMonth({ machines: [machine] });
    expect(["busy_h", "occupied_h"].map((key) => cell(month, "machines", 0, key))).toEqual([7.5, 7.5]);
    expect(table(month, "days").rows).toEqual([["2026-03-10", 1]]);
  });
  it("counts a takeover's touching sessions without a gap and without counting twice (G10)", () => {
    const sessions = [
      { session: "a", member: 1, fromMs: at("2026-03-10T14:00"), toMs: at("2026-03-10T15:00"), estimated: false },
      { session: "b", member: 2, fromMs: at("2026-03-10T15:00"), toMs: at("2026-03-10T16:00"), estimated: false },
    ];
    expect(cell(aMonth({ machines: [aMachine({ sessions })] }), "machines", 0, "occupied_h")).toBe(2);
  });
});

describe("what is not known", () => {
  it("is a dash, not a zero: no opening hours, no utilisation (G17)", () => {
    const closed = aMonth({ machines: [aMachine({ open: [] })] });
    expect(["availability_percent", "utilisation_percent"].map((key) => cell(closed, "availability", 0, key))).toEqual([null, null]);
    expect(monthReport(aMonth({ machines: [aMachine()] }), "en").tables.some((entry) => entry.id === "availability")).toBe(false);
  });
  it("hides the figures below 70 % coverage, says so, and makes the total unknown", () => {
    const third = { fromMs: march.fromMs, toMs: march.fromMs + (march.toMs - march.fromMs) / 3 };
    const month = aMonth({
      machines: [aMachine({ unknown: [third], energyWh: 5000 }), aMachine({ id: "saw-1", label: "Saw", energyWh: 10 })],
    });
    expect(table(month, "machines").rows[0]).toEqual(["Laser 1", 0, 0, null, null, null, 0, 66.67]);
    expect(table(month, "machines").total?.[5]).toBeNull();
    expect(monthReport(month, "lv").quality[0]).toBe("Laser 1: pārklājums zem 70 %, tāpēc stundas un enerģija nav dotas.");
  });
  it("is not the time before a machine came: it counts from then on, and one that never came has no figures", () => {
    const came = at("2026-03-16T12:00");
    const open = [
      { fromMs: at("2026-03-10T10:00"), toMs: at("2026-03-10T20:00") },
      { fromMs: at("2026-03-16T10:00"), toMs: at("2026-03-16T20:00") },
    ];
    const month = aMonth({
      machines: [aMachine({ sinceMs: came, open, unknown: [{ fromMs: march.fromMs, toMs: came }] }), aMachine({ id: "z", sinceMs: null })],
    });
    expect(cell(month, "machines", 0, "coverage_percent")).toBe(100);
    expect(cell(month, "availability", 0, "open_h")).toBe(8);
    expect(["busy_h", "coverage_percent"].map((key) => cell(month, "machines", 1, key))).toEqual([null, null]);
  });
  it("lists work without a session as a doubt and never as use", () => {
    const run = { fromMs: at("2026-03-10T14:00"), toMs: at("2026-03-10T15:30"), owned: false };
    const month = aMonth({ machines: [aMachine({ runs: [run], energyWh: 1 })] });
    expect(cell(month, "machines", 0, "busy_h")).toBe(0);
    expect(monthReport(month, "en").quality).toEqual(["Laser 1: worked 1.5 h without a session."]);
  });
  it("cuts a month that still runs at the moment it is made, open sessions included", () => {
    const session = { session: "s", member: 2, fromMs: at("2026-03-10T10:00"), toMs: null, estimated: false };
    const month = aMonth({ madeMs: at("2026-03-10T12:00"), machines: [aMachine({ sessions: [session] })] });
    expect(cell(month, "machines", 0, "occupied_h")).toBe(2);
    expect(monthReport(month, "en")).toMatchObject({ running: true });
    expect(table(month, "trust").rows[0]).toEqual(["Sessions still open", 1]);
  });
});

describe("people and refusals", () => {
  const month = aMonth({
    decisions: [
      decision({ member: 1 }),
      decision({ member: 1, atMs: at("2026-03-10T18:00") }),
      decision({ member: 2 }),
      decision({ member: 2, atMs: at("2026-03-11T03:59") }),
      decision({ member: 2, atMs: at("2026-03-11T04:00") }),
      decision({ member: 3, outcome: "deny", reason: "MEMBERSHIP_EXPIRED" }),
      decision({ member: 0, outcome: "deny", reason: "UNKNOWN_CREDENTIAL", clockTrusted: false }),
      decision({ member: 0, outcome: "deny", reason: "UNKNOWN_CREDENTIAL" }),
      decision({ atMs: at("2026-04-01T01:00"), member: 9, outcome: "deny", reason: "LOCKED_OUT" }),
    ],
    doors: [{ id: "front-door", label: "Front door", opened: 5, notUsed: 1, forced: 0, heldOpen: 2 }],
  });
  it("counts a person once a day, the day ending at 04:00", () => {
    expect(table(month, "people").rows).toEqual([
      ["Person-days", 3],
      ["People", 2],
      ["Busiest day (2026-03-10)", 2],
    ]);
  });
  it("ends the person's day at 04:00 sharp, and on the day of a clock change too", () => {
    const days = ["2026-03-11T03:59", "2026-03-11T04:00", "2026-03-29T02:59", "2026-03-29T04:00", "2026-10-25T03:59"];
    expect(days.map((wall) => personDay(at(wall), riga))).toEqual(["2026-03-10", "2026-03-11", "2026-03-28", "2026-03-29", "2026-10-24"]);
  });
  it("groups refusals of the calendar month by place and reason, most first", () => {
    expect(table(month, "refusals").rows).toEqual([
      ["Front door", "Card not known", "UNKNOWN_CREDENTIAL", 2, 0],
      ["Front door", "Membership ended", "MEMBERSHIP_EXPIRED", 1, 1],
    ]);
  });
  it("shows each door with entries, openings and refusals", () => {
    expect(table(month, "doors").rows).toEqual([["Front door", 5, 5, 1, 3, 2, 0, 2]]);
  });
  it("gives the same report whatever the order of the facts", () => {
    const turned = { ...month, decisions: [...month.decisions].reverse() };
    expect(monthReport(turned, "sv")).toEqual(monthReport(month, "sv"));
  });
});
