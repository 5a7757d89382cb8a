/** Behind every number of a month stand rows, and what they add is the number: to its numerator, and to what it is divided by. */
import { describe, expect, it } from "vitest";
import { gini } from "#core";
import { explained } from "../../../hub/reports/explain.ts";
import { monthFigures } from "../../../hub/reports/figures.ts";
import { methods } from "../../../hub/reports/methods.ts";
import { metricsOf } from "../../../hub/reports/seal.ts";
import { languages } from "../../../hub/reports/types.ts";
import { at, decision, theMachine } from "./builders.ts";
import { aHardMonth } from "./every-document.ts";

const hard = aHardMonth(4);
const [first, second, ...others] = hard.machines;
const machine = (one: typeof first, more: Partial<NonNullable<typeof first>["events"]>) =>
  one === undefined ? [] : [{ ...one, events: { ...one.events, ...more } }];
const booking = (day: string, cancelled: string | null) => ({
  fromMs: at(`2026-03-${day}T13:00`),
  toMs: at(`2026-03-${day}T15:00`),
  cancelled: cancelled === null ? null : { atMs: at(cancelled) },
});
const care = { sinceMs: at("2026-01-10T12:00"), busyMs: 3_600_000 * 80, energyWh: 5000, hoursTarget: 100, kWhTarget: 10, daysTarget: 90 };
const refused = [
  decision({ at: "machine-1", member: 3, outcome: "deny", reason: "IN_USE", kind: "machine" }),
  decision({ at: "machine-1", member: 0, outcome: "deny", reason: "UNKNOWN_CREDENTIAL", clockTrusted: false }),
];
const booked = decision({
  at: "odd-1",
  member: 3,
  outcome: "deny",
  reason: "BOOKED_BY_OTHER",
  kind: "machine",
  alone: true,
  judgedLater: true,
});
const decisions = [...hard.decisions, ...refused, booked, decision({ outcome: "deny", reason: "UNKNOWN_CREDENTIAL", member: 0 })];
const span = (from: string, to: string) => ({ fromMs: at(`2026-03-${from}`), toMs: at(`2026-03-${to}`) });
const [left, taken, taught, estimated, open] = [
  { ...span("10T12:00", "10T13:00"), id: "x-left", member: 7, purpose: "member", end: "normal" },
  { ...span("11T12:00", "11T13:00"), id: "x-taken", member: 8, purpose: "member", end: "takeover" },
  { ...span("12T12:00", "12T14:00"), id: "x-taught", member: 9, purpose: "class", end: "normal" },
  { ...span("13T12:00", "13T14:00"), id: "x-estimated", member: 10, purpose: "member", end: "estimated" },
  { ...span("31T20:00", "31T23:00"), id: "x-open", member: 11, purpose: "member", end: null },
] as const;
const sessions = [left, taken, taught, estimated, open];
const step = <V>(from: string, to: string, value: V) => ({ ...span(from, to), value });
/** What a busy month lacks: a machine that was left on, used without leave, broken thrice, taken over, and taught at. */
const odd = theMachine(
  "odd-1",
  {
    open: [span("10T12:00", "10T20:00"), span("12T12:00", "12T20:00"), span("13T12:00", "13T20:00")],
    power: [
      step("10T12:00", "10T12:30", "busy" as const),
      step("10T12:30", "10T18:00", "idle" as const),
      step("12T12:00", "12T13:30", "busy" as const),
      step("14T12:00", "14T13:00", "busy" as const),
    ],
    use: sessions.map(({ fromMs, toMs, id, member, purpose }) => ({
      fromMs,
      toMs,
      value: { kind: "session" as const, id, member, purpose },
    })),
    down: ["16", "19", "22"].map((day) => step(`${day}T10:00`, `${day}T12:00`, "unplanned_down" as const)),
  },
  {
    sessions,
    refused: [{ member: 3, reason: "BOOKED_BY_OTHER" }],
    metered: [{ ...span("10T12:00", "10T18:00"), energyWh: 600 }],
    jobs: [{ atMs: at("2026-03-10T14:00"), outcome: "cancelled" }],
  },
);
const at1 = { untilMs: null, place: "machine-1", label: "Lāzers", detail: "" };
/** Something of everything: what nothing stands behind cannot be told from what is not explained. */
const input = {
  ...hard,
  decisions,
  machines: [
    ...machine(first, {
      refused: decisions.filter(({ at: place, outcome }) => place === "machine-1" && outcome === "deny"),
      bookings: { rows: [booking("10", null), booking("12", "2026-03-12T09:00"), booking("13", "2026-03-01T09:00")], family: [] },
      jobs: [
        { atMs: at("2026-03-10T14:00"), outcome: "completed" },
        { atMs: at("2026-03-11T14:00"), outcome: "failed" },
        { atMs: at("2026-03-12T14:00"), outcome: "unknown" },
      ],
      care,
      co2GPerKWh: 104,
      participants: 5,
      trips: 2,
      reports: [
        { fromMs: at("2026-03-10T12:00"), takenMs: at("2026-03-10T14:00") },
        { fromMs: at("2026-03-12T19:00"), takenMs: at("2026-03-13T12:30") },
        { fromMs: at("2026-03-18T13:00"), takenMs: at("2026-03-18T13:30") },
        { fromMs: at("2026-03-20T13:00"), takenMs: null },
      ],
      requests: [2, 3, 4, 5].map((member) => ({
        ...{
          member,
          atMs: at(`2026-03-${10 + member}T15:00`),
          freeMs: member === 5 ? null : at(`2026-03-${10 + member}T15:${10 * member}`),
        },
      })),
      materials: [
        { on: "2026-03-10", label: "PLA", grams: 420 },
        { on: "2026-03-11", label: "PETG", grams: 80 },
      ],
    }),
    ...machine(second, { trips: 0, co2GPerKWh: 104 }),
    ...others.flatMap((one) => machine(one, { trips: 0 })),
    { ...odd, centsPerHour: 900 },
  ],
  headcounts: hard.headcounts.map((one, i) =>
    i === 0
      ? { ...one, machine: "machine-1", people: 5, ratings: { n: 4, sum: 17 }, volunteerLed: true, signedIn: [1, 2, 3, 4] }
      : { ...one, volunteerLed: false, signedIn: [2, ...Array.from({ length: one.people - 2 }, (_, n) => 20 + n)] },
  ),
  money: [
    ...hard.money,
    { kind: "cost" as const, source: "grant_depreciation", cents: 5_000, machine: "odd-1" },
    { kind: "cost" as const, source: "maintenance", cents: 2_000, machine: "odd-1" },
    { kind: "cost" as const, source: "energy", cents: 150, machine: "odd-1" },
    { kind: "income" as const, source: "hours", cents: 1_800, machine: "odd-1" },
  ],
  people: {
    ...hard.people,
    signs: [...hard.people.signs, ...sessions.map(({ member, fromMs, toMs }) => ({ kind: "session" as const, member, fromMs, toMs }))],
    headcount: hard.headcounts.length,
  },
  incidents: [
    { ...at1, atMs: at("2026-03-10T14:00"), kind: "trip" as const },
    { ...at1, atMs: at("2026-03-11T14:00"), kind: "fault" as const, detail: "relay" },
    { ...at1, atMs: at("2026-03-11T15:00"), place: "front-door", kind: "forced_open" as const },
    ...["12", "13", "14"].map((day) => ({ ...at1, atMs: at(`2026-03-${day}T15:00`), place: "front-door", kind: "held_open" as const })),
  ],
  volunteers: [{ role: "steward", ms: 7_200_000, centsPerHour: 1200 }],
  founded: new Map([
    ["LV1", "2025-05-01"],
    ["LV2", "2011-05-01"],
  ]),
  homeTown: "Valmiera",
  reserveCents: 100_000,
  contradicted: 2,
  corrections: { asked: 3, granted: 1 },
  clocks: [
    { node: "node-1", offMs: 12, events: 80 },
    { node: "node-1", offMs: 2600, events: 4 },
    { node: "node-2", offMs: null, events: 2 },
  ],
  newcomers: [
    { firstMs: at("2026-02-20T12:00"), joinedMs: at("2026-03-02T00:00") },
    { firstMs: at("2026-02-22T12:00"), joinedMs: null },
    { firstMs: at("2026-01-10T12:00"), joinedMs: at("2026-03-02T00:00") },
    { firstMs: at("2025-12-12T12:00"), joinedMs: at("2026-03-02T00:00") },
  ],
  backgrounds: [
    ...hard.backgrounds,
    ...["LV1", "LV2", "LV3"].map((value, i) => ({ member: 7 + i, what: "enterprise", value, from: "2026-01-01" })),
  ],
  training: {
    ...hard.training,
    records: [
      ...hard.training.records,
      ...["2025-03-10", "2026-03-11"].map((day) => ({
        ...{ member: 7, course: "laser", level: "competent" as const, trainer: 100, revokedMs: null },
        ...{ atMs: at(`${day}T00:00`), untilMs: at(`${day}T00:00`) + 396 * 86_400_000 },
      })),
      {
        member: 50,
        course: "laser",
        level: "competent" as const,
        trainer: 100,
        revokedMs: null,
        atMs: at("2025-05-10T00:00"),
        untilMs: at("2026-04-20T00:00"),
      },
    ],
    joinedMs: new Map(Array.from({ length: 60 }, (_, i) => [i + 1, at("2026-02-20T00:00")])),
    classes: [
      {
        course: "laser",
        fromMs: at("2026-03-20T15:00"),
        seats: 4,
        enrolled: [1, 2, 3].map((member) => ({ member, signedUpMs: at("2026-03-02T10:00"), came: member !== 2 })),
      },
    ],
    trainers: [{ member: 100, course: "laser" }],
  },
};
const figures = monthFigures(input);
const nothing = {
  gaps: () => [{ from: 4, to: 5, state: "open", noticedMs: at("2026-03-09T10:00") }],
  quarantined: () => Array.from({ length: 3 }, () => ({ atMs: at("2026-03-09T10:00") })),
  usage: {
    contradicted: () => [3, 4].map((member) => ({ atMs: at("2026-03-09T10:00"), at: "machine-1", code: "HOLD_ACTIVE", member })),
    correctionsIn: () => [
      { member: 1, askedMs: at("2026-03-09T10:00"), answeredMs: at("2026-03-10T10:00"), outcome: "granted" },
      { member: 2, askedMs: at("2026-03-09T11:00"), answeredMs: at("2026-03-10T11:00"), outcome: "refused" },
      { member: 3, askedMs: at("2026-03-31T11:00"), answeredMs: at("2026-04-01T11:00"), outcome: "granted" },
    ],
  },
};
const all = [...metricsOf(figures)];
const sum = (list: readonly number[]): number => list.reduce((so, one) => so + one, 0);
const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));

/** What is wrong with what stands behind a number, in words; null when its rows make it. */
function wrongBehind(name: string, { id, value, numerator, denominator, mark }: (typeof all)[number][1]): string | null {
  const found = explained(figures, input, name, nothing);
  if (found === undefined) return `${name}: is not there`;
  const { rows, by } = found;
  const [amounts, bases] = [rows.flatMap(({ amount }) => amount ?? []), rows.flatMap(({ base }) => base ?? [])];
  if (by === "order") {
    const isInOrder = amounts.every((one, i) => i === 0 || (amounts[i - 1] ?? 0) <= one);
    return value === null || (isInOrder && amounts.includes(value))
      ? null
      : `${name}: ${value} is not in order among ${amounts.slice(0, 9)}`;
  }
  if (by === "sizes")
    return value === null || close(gini(amounts) ?? -1, value) ? null : `${name}: sizes make ${gini(amounts)}, not ${value}`;
  if (value === null && mark !== "few") return null;
  const told = numerator ?? value;
  if (!close(sum(amounts), told ?? 0)) return `${name}: rows add up to ${sum(amounts)}, not ${told}`;
  return denominator === null || close(sum(bases), denominator) ? null : `${name}: rows are of ${sum(bases)}, not ${denominator} (${id})`;
}

describe("every number of a month", () => {
  it("is made by its rows: they add up to it and to what it is divided by, or it stands in order among them", () => {
    expect(all.flatMap(([name, metric]) => wrongBehind(name, metric) ?? [])).toEqual([]);
  });
  it("is more than nothing for each that the catalogue defines, so that nothing passes for want of a value", () => {
    const here = new Set(all.filter(([, { value }]) => (value ?? 0) !== 0).map(([, { id }]) => id));
    expect(Object.keys(methods).filter((id) => !here.has(id))).toEqual([]);
  });
  it("has a definition in every language", () => {
    for (const language of languages)
      for (const [name] of all) expect(explained(figures, input, name, nothing, language)?.formula, `${name} in ${language}`).toMatch(/\S/);
  });
  it("names nobody: members are numbers, and only in their own place", () => {
    for (const [name] of all)
      for (const { what } of explained(figures, input, name, nothing)?.rows ?? []) expect(what, name).not.toMatch(/member \d/);
  });
  it("is unknown under a name that the month does not have", () => {
    for (const name of ["", "M01", "V01/laser-1", "constructor", "M01/"]) expect(explained(figures, input, name, nothing)).toBe(undefined);
  });
});

it("the method annex defines whatever is explained", () => {
  const missing = [...new Set(all.map(([, { id }]) => id))].filter(
    (id) => methods[id] === undefined && methods[id.split(".")[0] ?? ""] === undefined,
  );
  expect(missing).toEqual([]);
});
