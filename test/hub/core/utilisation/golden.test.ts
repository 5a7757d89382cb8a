/** The golden cases of the time accounting, each named by its number: machines. */
import { describe, expect, it } from "vitest";
import { type MachineHistory, machineFigures, monthSpan, openSpans, personDay, stateLengths, timeline, weekSpan } from "#core";
import { aMachine, at, busy, heldBy, hour, idle, job, metricOf, minute, noEvents, riga, session, span, step } from "./builders.ts";

const march = span("2026-03-01T00:00", "2026-04-01T00:00");
const week = (days: readonly number[], startMin: number, endMin: number) => days.map((weekday) => ({ weekday, startMin, endMin }));
const figures = (history: MachineHistory, events: Partial<typeof noEvents> = {}, period = march) =>
  machineFigures(history, { ...noEvents, ...events }, period, riga);

describe("G1 the laser of March 2026", () => {
  const tueToSat = { intervals: week([2, 3, 4, 5, 6], 720, 1200), special: [] };
  const sessions = [
    ...["03", "04", "05", "06", "07", "10", "12", "13"].map((day, i) => ({
      ...session(`s${i}`, 1 + (i % 3), `2026-03-${day}T12:00`, `2026-03-${day}T12:00`),
      toMs: at(`2026-03-${day}T12:00`) + (62.5 * hour) / 8,
    })),
    { ...session("s9", 4, "2026-03-09T10:00", "2026-03-09T10:00"), toMs: at("2026-03-09T10:00") + 3.2 * hour },
  ];
  const laser = figures(
    aMachine({
      open: openSpans([{ fromMs: 0, schedule: tueToSat }], march, riga),
      down: [step("2026-03-11T12:00", "2026-03-11T16:00", "planned_down"), step("2026-03-21T15:00", "2026-03-24T14:00", "unplanned_down")],
      use: sessions.map(heldBy),
      power: sessions.map(({ fromMs, toMs }) => ({ fromMs, toMs, value: "busy" as const })),
    }),
    { sessions },
  );
  const hours = (id: string) => (metricOf(laser, id).value ?? Number.NaN) / hour;
  const percent = (id: string) => Math.round((metricOf(laser, id).value ?? Number.NaN) * 10_000) / 100;

  it("was open 168 h, scheduled 164, available 157", () => expect(["M05", "M06", "M07"].map(hours)).toEqual([168, 164, 157]));
  it("was broken 71 h by the calendar, 7 h of them open", () =>
    expect(["M18", "M18.open", "M20", "M20.open"].map(hours)).toEqual([71, 7, 71, 7]));
  it("has availability 95.73 %, utilisation 39.81 %, calendar loading 8.84 %", () => {
    expect(["M08", "M09", "M13"].map(percent)).toEqual([95.73, 39.81, 8.84]);
    expect(metricOf(laser, "M09")).toMatchObject({ numerator: 62.5 * hour, denominator: 157 * hour, coverage: 1, mark: null });
    expect(Math.round((62.5 / hours("M05")) * 10_000) / 100).toBe(37.2);
    expect([metricOf(laser, "M13").numerator, metricOf(laser, "M13").denominator]).toEqual([65.7 * hour, 743 * hour]);
  });
  it("worked 3.2 h out of hours", () => expect(["M01", "M12"].map(hours)).toEqual([65.7, 3.2]));
});

describe("time that crosses a border", () => {
  it("G2 a print through the spring night takes 10 h: 2 on the 28th, 8 on the 29th", () => {
    const printer = aMachine({ policy: "watched", power: [busy("2026-03-28T22:00", "2026-03-29T09:00")] });
    const spent = (from: string, to: string) => metricOf(figures(printer, {}, span(from, to)), "M01").value;
    expect(spent("2026-03-01T00:00", "2026-04-01T00:00")).toBe(10 * hour);
    expect(spent("2026-03-28T00:00", "2026-03-29T00:00")).toBe(2 * hour);
    expect(spent("2026-03-29T00:00", "2026-03-30T00:00")).toBe(8 * hour);
  });
  it("G3 a session over the month's end is 50 + 100 min, counted in March, active in both, one person-day on the 31st", () => {
    const sessions = [session("s", 7, "2026-03-31T23:10", "2026-04-01T01:40")];
    const of = (period: typeof march) => figures(aMachine({ use: sessions.map(heldBy) }), { sessions }, period);
    const [first, second] = [of(march), of(span("2026-04-01T00:00", "2026-05-01T00:00"))];
    expect([first, second].map((month) => (metricOf(month, "M02").value ?? 0) / minute)).toEqual([50, 100]);
    expect([first, second].map((month) => [metricOf(month, "M15").value, metricOf(month, "M15.active").value])).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect([personDay(at("2026-03-31T23:10"), riga), personDay(at("2026-04-01T01:40"), riga)]).toEqual(["2026-03-31", "2026-03-31"]);
  });
  it("G5 March has 743 h and October 745 h in Riga, Stockholm and Oslo; the days of change 23 and 25", () => {
    for (const zone of ["Europe/Riga", "Europe/Stockholm", "Europe/Oslo"]) {
      const hours = (month: string) => {
        const of = monthSpan(month, zone);
        return of === undefined ? 0 : (of.toMs - of.fromMs) / hour;
      };
      expect(["2026-03", "2026-10", "2026-11"].map(hours)).toEqual([743, 745, 720]);
      expect((at("2026-03-30T00:00", zone) - at("2026-03-29T00:00", zone)) / hour).toBe(23);
      expect((at("2026-10-26T00:00", zone) - at("2026-10-25T00:00", zone)) / hour).toBe(25);
    }
  });
  it("G19 weeks are those of ISO 8601: 2026 has a week 53, 2025 has not, a leap day is a day", () => {
    expect(weekSpan("2026-W53", riga)).toEqual(span("2026-12-28T00:00", "2027-01-04T00:00"));
    expect(weekSpan("2026-W01", riga)).toEqual(span("2025-12-29T00:00", "2026-01-05T00:00"));
    for (const week of ["2025-W53", "2026-W00", "2026-W54", "2026-1", "2026-W1"]) expect(weekSpan(week, riga), week).toBeUndefined();
    expect(monthSpan("2028-02", riga)).toEqual(span("2028-02-01T00:00", "2028-03-01T00:00"));
    expect((at("2028-03-01T00:00") - at("2028-02-01T00:00")) / hour).toBe(29 * 24);
  });
});

describe("who answers for the time", () => {
  it("G7 an unattended print: session 20 min, job 7 h 10 min, out of hours, not left on, then standby by policy", () => {
    const sessions = [session("s", 3, "2026-03-10T19:40", "2026-03-10T20:00", { end: "normal" })];
    const printer = aMachine({
      policy: "left_powered",
      open: [span("2026-03-10T10:00", "2026-03-10T20:00")],
      use: [...sessions.map(heldBy), job("s", 3, "2026-03-10T20:00", "2026-03-11T03:10")],
      power: [busy("2026-03-10T19:40", "2026-03-11T03:10"), idle("2026-03-11T03:10", "2026-03-11T09:00")],
    });
    const night = figures(printer, { sessions });
    const lengths = stateLengths(night.stretches);
    expect([lengths.busy, lengths.unattended_busy, lengths.left_on, lengths.standby].map((ms) => ms / minute)).toEqual([20, 430, 0, 350]);
    expect((metricOf(night, "M12").value ?? 0) / minute).toBe(430);
    expect(night.stretches.find(({ state }) => state === "unattended_busy")?.use).toMatchObject({ kind: "job", member: 3 });
    expect((metricOf(night, "M02").value ?? 0) / minute).toBe(450);
    expect(metricOf(night, "M15.median").value).toBe(20 * minute);
  });
  it("G8 a forgotten session is left on from 18:05 + T_left until the idle time-out takes the power", () => {
    const sessions = [session("s", 3, "2026-03-10T17:00", "2026-03-10T18:35")];
    const saw = aMachine({
      use: sessions.map(heldBy),
      power: [busy("2026-03-10T17:05", "2026-03-10T18:05"), idle("2026-03-10T18:05", "2026-03-10T18:35")],
    });
    const evening = figures(saw, { sessions });
    expect(evening.stretches.filter(({ state }) => state === "left_on").map(({ fromMs, toMs }) => ({ fromMs, toMs }))).toEqual([
      span("2026-03-10T18:20", "2026-03-10T18:35"),
    ]);
    expect((metricOf(evening, "M01").value ?? 0) / minute).toBe(60);
    expect((metricOf(evening, "M04").value ?? 0) / minute).toBe(15);
  });
  it("G8 is left on at once when its member has left the space", () => {
    const saw = aMachine({
      use: [heldBy(session("s", 3, "2026-03-10T17:00", "2026-03-10T18:00"))],
      power: [idle("2026-03-10T17:00", "2026-03-10T18:00")],
      away: [span("2026-03-10T17:02", "2026-03-10T18:00")],
    });
    expect(stateLengths(timeline(saw, march)).left_on / minute).toBe(58);
  });
  it("G10 a takeover's sessions touch: no gap, no overlap, occupied time counted once, two users", () => {
    const sessions = [
      session("a", 1, "2026-03-10T14:00", "2026-03-10T15:00", { end: "takeover" }),
      session("b", 2, "2026-03-10T15:00", "2026-03-10T16:00"),
      session("c", 3, "2026-03-10T15:00", "2026-03-10T15:00"),
    ];
    const shared = figures(aMachine({ use: sessions.map(heldBy) }), { sessions });
    expect((metricOf(shared, "M02").value ?? 0) / hour).toBe(2);
    expect([metricOf(shared, "M16").value, metricOf(shared, "M27.takeovers").value]).toEqual([2, 1]);
    expect(shared.stretches.filter(({ use }) => use !== null).map(({ use }) => use?.member)).toEqual([1, 2]);
  });
  it("G13 a class of 12 under one trainer's card: 0 members and 12 participants, the hours are the class's", () => {
    const sessions = [session("s", 9, "2026-03-10T14:00", "2026-03-10T16:00", { purpose: "class" })];
    const printer = aMachine({ use: sessions.map(heldBy), power: [busy("2026-03-10T14:00", "2026-03-10T16:00")] });
    const lesson = figures(printer, { sessions, participants: 12 });
    expect(["M16", "M16.participants"].map((id) => metricOf(lesson, id).value)).toEqual([0, 12]);
    expect(["M01", "M01.class", "M01.member"].map((id) => (metricOf(lesson, id).value ?? 0) / hour)).toEqual([2, 2, 0]);
  });
  it("G18 work of staff while it is planned to be down is maintenance, not use", () => {
    const tested = figures(
      aMachine({
        open: [span("2026-03-11T10:00", "2026-03-11T20:00")],
        down: [step("2026-03-11T12:00", "2026-03-11T16:00", "planned_down")],
        use: [heldBy(session("t", 5, "2026-03-11T13:00", "2026-03-11T14:00", { purpose: "maintenance" }))],
        power: [busy("2026-03-11T13:00", "2026-03-11T14:00")],
      }),
    );
    expect(["M01", "M09", "maintenance"].map((id) => metricOf(tested, id).value)).toEqual([0, 0, hour]);
  });
});

describe("calendars", () => {
  it("G12 hours changed on the 10th leave the days before as they were; a holiday entered later closes its own day only", () => {
    const before = { fromMs: 0, schedule: { intervals: week([1, 2, 3, 4, 5, 6, 7], 600, 660), special: [] } };
    const after = { fromMs: at("2026-03-10T00:00"), schedule: { intervals: week([1, 2, 3, 4, 5, 6, 7], 600, 720), special: [] } };
    const holiday = {
      fromMs: at("2026-04-05T09:00"),
      schedule: { intervals: [], special: [{ date: "2026-03-08", reason: "Women's day", open: [] }] },
    };
    const openHours = (...versions: Parameters<typeof openSpans>[0]) =>
      openSpans(versions, march, riga).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0) / hour;
    expect(openHours(before)).toBe(31);
    expect(openHours(after, before)).toBe(9 + 2 * 22);
    expect(openHours(before, after, holiday)).toBe(8 + 2 * 22);
  });
  it("G17 no open hour, no utilisation: neither 0 % nor NaN", () => {
    const closed = figures(aMachine({ open: [] }));
    for (const id of ["M08", "M09", "M10", "M11", "M14"]) expect(metricOf(closed, id), id).toMatchObject({ value: null, mark: "no_base" });
    expect(closed.metrics.every(({ value }) => value === null || Number.isFinite(value))).toBe(true);
  });
});

describe("what is not known", () => {
  it("flags a cell below 95 % and gives none below 70 %", () => {
    const known = (share: number) =>
      figures(aMachine({ silent: [{ fromMs: march.fromMs, toMs: march.fromMs + (1 - share) * (march.toMs - march.fromMs) }] }));
    expect(metricOf(known(0.96), "M01")).toMatchObject({ value: 0, mark: null });
    expect(metricOf(known(0.8), "M01")).toMatchObject({ value: 0, mark: "flagged", coverage: 0.8 });
    expect(metricOf(known(0.5), "M01")).toMatchObject({ value: null, mark: "too_little", coverage: 0.5 });
  });
  it("counts a machine from the instant it came (M05), and nothing of one that never did", () => {
    const open = [span("2026-03-10T10:00", "2026-03-10T20:00"), span("2026-03-16T10:00", "2026-03-16T20:00")];
    const came = figures(
      aMachine({ open, service: [span("2026-03-16T12:00", "2100-01-01T00:00")], silent: [span("2026-03-01T00:00", "2026-03-16T12:00")] }),
    );
    expect([metricOf(came, "M05").value, metricOf(came, "Q01").value]).toEqual([8 * hour, 1]);
    const never = figures(aMachine({ open, service: [] }));
    expect(["M01", "M02", "M09", "Q01"].map((id) => metricOf(never, id).value)).toEqual([null, null, null, null]);
  });
  it("takes unknown time out of both sides of availability, but knows a locked machine without its meter", () => {
    const open = [span("2026-03-10T10:00", "2026-03-10T20:00")];
    const silent = [span("2026-03-10T10:00", "2026-03-10T12:00")];
    const down = [step("2026-03-10T11:00", "2026-03-10T15:00", "unplanned_down" as const)];
    expect(metricOf(figures(aMachine({ open, silent, down })), "M08")).toMatchObject({ numerator: 5 * hour, denominator: 9 * hour });
  });
  it("never calls enforced work without a session use", () => {
    const alone = figures(aMachine({ power: [busy("2026-03-10T14:00", "2026-03-10T15:30")] }));
    expect(["M01", "unauthorised"].map((id) => metricOf(alone, id).value)).toEqual([0, 1.5 * hour]);
  });
});

describe("energy (M28, M29)", () => {
  const open = [span("2026-03-10T10:00", "2026-03-10T12:30")];
  const metered = ["09", "10", "11", "12", "13"].map((clock) => ({
    fromMs: at(`2026-03-10T${clock}:00`),
    toMs: at(`2026-03-10T${clock}:00`) + hour,
    energyWh: 100,
  }));
  const runs = [{ ...span("2026-03-10T10:00", "2026-03-10T12:00"), energyWh: 300 }];
  const saw = aMachine({
    open,
    use: [heldBy(session("s", 1, "2026-03-10T10:00", "2026-03-10T12:00"))],
    power: [busy("2026-03-10T10:00", "2026-03-10T12:00")],
  });
  it("is the meter's, with what was idle, out of hours and per busy hour", () => {
    const day = figures(saw, { metered, runs });
    expect(["M28", "M29.out_of_hours", "M29.idle", "M29"].map((id) => metricOf(day, id).value)).toEqual([500, 250, 200, 250]);
  });
  it("is shared by time where a slice crosses the border, and unknown without a meter", () => {
    expect(metricOf(figures(saw, { metered }, span("2026-03-10T09:30", "2026-03-10T10:15")), "M28").value).toBe(75);
    expect(["M28", "M29"].map((id) => metricOf(figures(saw, { runs }), id).value)).toEqual([null, null]);
  });
});

describe("failures and people", () => {
  it("merges a breakdown that comes back within a day, and needs three for a mean time between them", () => {
    const down = (...days: readonly string[]) =>
      days.map((day) => step(`2026-03-${day}T10:00`, `2026-03-${day}T12:00`, "unplanned_down" as const));
    const with3 = figures(aMachine({ down: down("02", "03", "10", "20"), power: [idle("2026-03-05T00:00", "2026-03-06T00:00")] }));
    expect(metricOf(with3, "M18.events").value).toBe(3);
    expect(metricOf(with3, "M19")).toMatchObject({ value: 8 * hour, n: 3 });
    expect(metricOf(with3, "M20").value).toBe((8 * hour) / 3);
    expect(metricOf(figures(aMachine({ down: down("02", "20") })), "M19")).toMatchObject({ value: null, mark: "few" });
  });
  it("shows concentration only from five users on", () => {
    const by = (users: number) => {
      const sessions = Array.from({ length: users }, (_, i) =>
        session(`s${i}`, i + 1, `2026-03-0${i + 1}T10:00`, `2026-03-0${i + 1}T1${i + 1}:00`),
      );
      return figures(
        aMachine({ use: sessions.map(heldBy), power: sessions.map(({ fromMs, toMs }) => ({ fromMs, toMs, value: "busy" as const })) }),
        { sessions },
      );
    };
    expect(metricOf(by(4), "M17.top1")).toMatchObject({ value: null, mark: "few" });
    expect(metricOf(by(5), "M17.top1").value).toBeCloseTo(5 / 15, 12);
    expect(metricOf(by(5), "M17.top3").value).toBeCloseTo(12 / 15, 12);
    expect(metricOf(by(5), "M17.gini").value).toBeCloseTo(4 / 15, 12);
  });
  it("finds the ten busiest open hours (M11)", () => {
    const open = openSpans([{ fromMs: 0, schedule: { intervals: week([1, 2, 3, 4, 5, 6, 7], 600, 1200), special: [] } }], march, riga);
    const mondays = ["02", "09", "16", "23", "30"].map((day, i) => session(`s${i}`, 1, `2026-03-${day}T10:00`, `2026-03-${day}T15:00`));
    const peaks = figures(aMachine({ open, use: mondays.map(heldBy) }), { sessions: mondays });
    expect(metricOf(peaks, "M11")).toMatchObject({ value: 25 / 50, n: 10 }); // five Monday hours all taken, five not at all
  });
});
