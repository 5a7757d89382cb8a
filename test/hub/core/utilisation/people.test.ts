/** People, visits and the training funnel, counted by hand. */
import { describe, expect, it } from "vitest";
import { firstTraining, type PeopleFacts, peopleFigures, personDaysSpan, type Sign, trainingFigures, visitsOf } from "#core";
import { at, hour, metricOf, noTraining, riga, span } from "./builders.ts";

const entry = (member: number, wall: string): Sign => ({ kind: "entry", member, fromMs: at(wall), toMs: at(wall) });
const exit = (member: number, wall: string): Sign => ({ kind: "exit", member, fromMs: at(wall), toMs: at(wall) });
const use = (member: number, from: string, to: string): Sign => ({ kind: "session", member, ...span(from, to) });
const march = span("2026-03-01T00:00", "2026-04-01T00:00");
function people(signs: readonly Sign[], given: Partial<PeopleFacts> = {}) {
  const days = personDaysSpan("2026-03", riga) ?? march;
  return peopleFigures({ signs, seenBeforeMs: new Map(), activeMembers: null, headcount: 0, ...given }, days, march, riga);
}
const value = (of: ReturnType<typeof people>, id: string) => metricOf(of, id).value;

describe("person-days and people", () => {
  it("G3 one evening past midnight is one person-day, on the 31st of March", () => {
    const month = people([entry(1, "2026-03-31T22:50"), use(1, "2026-03-31T23:10", "2026-04-01T01:40"), entry(1, "2026-04-01T01:00")]);
    expect(month.days).toEqual([{ date: "2026-03-31", people: 1 }]);
    expect([value(month, "V01"), value(month, "V03")]).toEqual([1, 1]);
  });
  it("count a person once a day and once a month; nobody known is nobody", () => {
    const month = people([
      entry(1, "2026-03-10T10:00"),
      entry(1, "2026-03-10T18:00"),
      entry(1, "2026-03-11T04:00"),
      entry(2, "2026-03-11T03:59"),
      entry(0, "2026-03-12T10:00"),
    ]);
    expect(month.days).toEqual([
      { date: "2026-03-10", people: 2 },
      { date: "2026-03-11", people: 1 },
    ]);
    expect([value(month, "V01"), value(month, "V03")]).toEqual([3, 2]);
  });
  it("tell new, returning and reactivated apart, and the share of members who came", () => {
    const seenBeforeMs = new Map([
      [2, at("2026-02-01T10:00")],
      [3, at("2025-11-01T10:00")],
      [4, at("2026-01-15T10:00")],
      [5, at("2025-12-01T10:00")],
    ]);
    const month = people([entry(1, "2026-03-10T10:00"), entry(2, "2026-03-10T10:00"), entry(3, "2026-03-10T10:00")], {
      seenBeforeMs,
      activeMembers: new Set([1, 2, 4, 5, 6]),
    });
    expect(["V04.new", "V04.returning", "V04.reactivated"].map((id) => value(month, id))).toEqual([1, 1, 1]);
    expect(metricOf(month, "V05")).toMatchObject({ numerator: 3, denominator: 5 });
    expect(month.frequency).toEqual([
      { bin: "none", people: 3 },
      { bin: "1", people: 3 },
      { bin: "2-3", people: 0 },
      { bin: "4-6", people: 0 },
      { bin: "7-12", people: 0 },
      { bin: "13+", people: 0 },
    ]);
  });
  it("say how many used a machine without passing a door that day", () => {
    const month = people([
      use(1, "2026-03-10T10:00", "2026-03-10T11:00"),
      use(2, "2026-03-10T10:00", "2026-03-10T11:00"),
      entry(2, "2026-03-10T09:55"),
    ]);
    expect(metricOf(month, "V13")).toMatchObject({ numerator: 1, denominator: 2 });
  });
});

describe("visits", () => {
  it("join what is no more than an hour apart, through a session and over midnight; a badge-out ends one", () => {
    const one = [
      entry(1, "2026-03-10T22:00"),
      entry(1, "2026-03-10T23:00"),
      use(1, "2026-03-10T23:30", "2026-03-11T02:00"),
      entry(1, "2026-03-11T03:00"),
    ];
    expect(visitsOf(one)).toEqual([{ member: 1, ...span("2026-03-10T22:00", "2026-03-11T04:00") }]);
    expect(visitsOf([...one].reverse())).toEqual(visitsOf(one));
    const left = [entry(1, "2026-03-10T10:00"), exit(1, "2026-03-10T10:20"), entry(1, "2026-03-10T10:30"), exit(1, "2026-03-10T13:00")];
    expect(visitsOf(left)).toEqual([
      { member: 1, ...span("2026-03-10T10:00", "2026-03-10T10:20") },
      { member: 1, ...span("2026-03-10T10:30", "2026-03-10T11:30") },
    ]);
  });
  it("never last longer than twelve hours, and make the peak", () => {
    const month = people([
      use(1, "2026-03-10T08:00", "2026-03-11T08:00"),
      entry(2, "2026-03-10T09:00"),
      entry(3, "2026-03-10T10:00"),
      entry(4, "2026-03-10T10:30"),
    ]);
    expect([value(month, "V02"), value(month, "V08.peak"), value(month, "V10")]).toEqual([4, 3, 15 * hour]);
  });
});

describe("the heatmap (V09)", () => {
  it("divides by how long each hour of the week lasted: the 29th of March has no 03:00", () => {
    const month = people([use(1, "2026-03-29T01:00", "2026-03-29T06:00"), exit(1, "2026-03-29T06:00")]);
    const sunday = (clock: number) => month.heat[6 * 24 + clock];
    expect([sunday(2), sunday(3), sunday(4)]).toEqual([1 / 5, 0, 1 / 5]);
    const short = peopleFigures(
      { signs: [use(1, "2026-03-29T01:00", "2026-03-29T06:00")], seenBeforeMs: new Map(), activeMembers: null, headcount: 0 },
      span("2026-03-29T00:00", "2026-03-30T00:00"),
      span("2026-03-29T00:00", "2026-03-30T00:00"),
      riga,
    );
    expect([short.heat[6 * 24 + 2], short.heat[6 * 24 + 3], short.heat[0]]).toEqual([1, null, null]);
  });
});

describe("the training funnel", () => {
  const record = (member: number, date: string, level: "trainee" | "competent" = "competent", until: string | null = null) => ({
    member,
    course: "laser",
    level,
    trainer: 99,
    atMs: at(`${date}T00:00`),
    untilMs: until === null ? null : at(`${until}T00:00`),
    revokedMs: null,
  });
  const used = (member: number, wall: string) => ({ member, course: "laser", atMs: at(wall) });
  const of = (to: string, facts: Partial<Parameters<typeof trainingFigures>[0]>) => {
    const [laser] = trainingFigures({ ...noTraining, ...facts }, ["laser"], span("2026-03-01T00:00", to), riga);
    if (laser === undefined) throw new Error("no figures of the laser");
    return laser;
  };
  const records = [record(1, "2026-01-10"), record(2, "2026-01-10"), record(3, "2026-01-12", "trainee"), record(4, "2026-03-05")];
  const uses = [
    used(1, "2026-01-10T15:00"),
    used(1, "2026-02-10T15:00"),
    used(1, "2026-03-10T15:00"),
    used(2, "2026-02-20T15:00"),
    used(4, "2026-03-06T15:00"),
  ];

  it("goes by cohort, and hatches those whose 90 days have not passed", () => {
    expect(of("2026-04-01T00:00", { records, uses }).cohorts).toEqual([
      { course: "laser", month: "2026-01", attended: 3, passed: 2, used: 1, settled: 1, running: true },
      { course: "laser", month: "2026-03", attended: 1, passed: 1, used: 1, settled: 0, running: true },
    ]);
    const [settled] = of("2026-07-01T00:00", { records: records.slice(0, 2), uses }).cohorts;
    expect(settled).toMatchObject({ month: "2026-01", running: false });
  });
  it("counts wishes, passes, what expires and what was never used", () => {
    const laser = of("2026-05-01T00:00", {
      records: [...records, record(5, "2025-05-10", "competent", "2026-05-20")],
      uses: uses.filter(({ member }) => member !== 2),
      classes: [
        { course: "laser", fromMs: at("2026-02-20T18:00"), seats: 4, enrolled: [] },
        {
          course: "laser",
          fromMs: at("2026-03-20T18:00"),
          seats: 4,
          enrolled: [
            { member: 4, signedUpMs: at("2026-03-03T12:00"), came: true },
            { member: 8, signedUpMs: null, came: false },
            { member: 7, signedUpMs: at("2026-03-10T18:00"), came: true },
          ],
        },
        {
          course: "laser",
          fromMs: at("2026-04-20T18:00"),
          seats: null,
          enrolled: [{ member: 6, signedUpMs: at("2026-04-19T18:00"), came: true }],
        },
      ],
      joinedMs: new Map([
        [4, at("2026-02-20T00:00")],
        [1, at("2025-01-01T00:00")],
      ]),
      trainers: [
        { member: 99, course: "laser" },
        { member: 98, course: "wood" },
      ],
      wishes: [used(4, "2026-03-01T12:00"), used(4, "2026-03-02T12:00"), used(8, "2026-03-02T12:00")],
      activeMembers: new Set([1, 2, 9, 10]),
    });
    const metric = (id: string) => metricOf(laser, id).value;
    expect(["T2", "T4", "T5", "T15.30", "T15.60", "T17", "T17.share"].map(metric)).toEqual([4, 1, 1, 1, 1, 4, 0.5]);
    expect(metricOf(laser, "T14")).toMatchObject({ numerator: 1, denominator: 2 });
    // from the first sign of interest to the next class: 1 day, 10 days, 18 days (twice it was asked for before)
    expect(metricOf(laser, "T12")).toMatchObject({ value: at("2026-03-20T18:00") - at("2026-03-10T18:00"), n: 4 });
    expect(["T1", "T3", "T8", "T16.qualified"].map(metric)).toEqual([2, 4, 0, 1]);
    expect(metricOf(laser, "T13.fill")).toMatchObject({ numerator: 2, denominator: 4, n: 1 });
    expect(metricOf(laser, "T13.no_show")).toMatchObject({ numerator: 1, denominator: 4 });
    expect(metricOf(laser, "T16.load")).toMatchObject({ numerator: 1, denominator: 1 });
  });
  it("T11 counts from joining to the first pass of anything, and the share within 28 days; T8 who passed again", () => {
    const facts = {
      ...noTraining,
      records: [record(1, "2026-03-05"), record(2, "2026-03-30"), record(3, "2026-01-05"), record(3, "2026-03-06")],
      joinedMs: new Map([1, 2, 3].map((member) => [member, at("2026-03-01T00:00")])),
    };
    const first = { metrics: firstTraining(facts, march) };
    expect(metricOf(first, "T11")).toMatchObject({ value: 4 * 24 * hour, n: 2 });
    expect(metricOf(first, "T11.share")).toMatchObject({ numerator: 1, denominator: 2 });
    expect(metricOf(of("2026-04-01T00:00", facts), "T8").value).toBe(1);
  });
});
