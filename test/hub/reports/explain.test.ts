/** Behind every number of a month stand rows, and what they add is the number: to its numerator, and to what it is divided by. */
import { describe, expect, it } from "vitest";
import { explained } from "../../../hub/reports/explain.ts";
import { monthFigures } from "../../../hub/reports/figures.ts";
import { methods } from "../../../hub/reports/methods.ts";
import { metricsOf } from "../../../hub/reports/seal.ts";
import { languages } from "../../../hub/reports/types.ts";
import { at, decision } from "./builders.ts";
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
const decisions = [...hard.decisions, ...refused, decision({ outcome: "deny", reason: "UNKNOWN_CREDENTIAL", member: 0 })];
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
    }),
    ...machine(second, { trips: 0, co2GPerKWh: 104 }),
    ...others.flatMap((one) => machine(one, { trips: 0 })),
  ],
  headcounts: hard.headcounts.map((one, i) =>
    i === 0 ? { ...one, machine: "machine-1", people: 5, ratings: { n: 4, sum: 17 }, volunteerLed: true } : one,
  ),
  people: { ...hard.people, headcount: hard.headcounts.reduce((sum, { people }, i) => sum + (i === 0 ? 5 : people), 0) },
  incidents: [
    { ...at1, atMs: at("2026-03-10T14:00"), kind: "trip" as const },
    { ...at1, atMs: at("2026-03-11T14:00"), kind: "fault" as const, detail: "relay" },
    { ...at1, atMs: at("2026-03-11T15:00"), place: "front-door", kind: "forced_open" as const },
    ...["12", "13", "14"].map((day) => ({ ...at1, atMs: at(`2026-03-${day}T15:00`), place: "front-door", kind: "held_open" as const })),
  ],
  volunteers: [{ role: "steward", ms: 7_200_000, centsPerHour: 1200 }],
  founded: new Map([["LV1", "2025-05-01"]]),
  homeTown: "Valmiera",
  reserveCents: 100_000,
  backgrounds: [...hard.backgrounds, { member: 2, what: "enterprise", value: "LV1", from: "2026-01-01" }],
  training: {
    ...hard.training,
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
};
const all = [...metricsOf(figures)];
/** What leaves no trace of its own, or is put together from other numbers that are explained themselves. */
const unexplained = /^(Q04|Q05\..*|M21|M24\.requests|M31|E02\.unique)(\/|$)/;

describe("every number of a month", () => {
  it("has rows behind it when it is more than nothing", () => {
    const without = all
      .filter(([name, { value }]) => (value ?? 0) !== 0 && !unexplained.test(name))
      .filter(([name]) => (explained(figures, input, name, nothing)?.rows.length ?? 0) === 0);
    expect(without.map(([name]) => name)).toEqual([]);
  });
  it("is what its rows add up to, and so is what it is divided by", () => {
    const wrong = all.flatMap(([name, metric]) => {
      const rows = explained(figures, input, name, nothing)?.rows ?? [];
      const [amounts, bases] = [rows.flatMap(({ amount }) => amount ?? []), rows.flatMap(({ base }) => base ?? [])];
      const sum = (list: readonly number[]) => list.reduce((so, one) => so + one, 0);
      const told = metric.numerator ?? metric.value;
      const close = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));
      return [
        ...(amounts.length > 0 && told !== null && !close(sum(amounts), told)
          ? [`${name}: rows add up to ${sum(amounts)}, not ${told}`]
          : []),
        ...(bases.length > 0 && metric.denominator !== null && !close(sum(bases), metric.denominator)
          ? [`${name}: rows are of ${sum(bases)}, not ${metric.denominator}`]
          : []),
      ];
    });
    expect(wrong).toEqual([]);
  });
  it("is added up by most rows: what only points elsewhere is the exception", () => {
    const told = all.filter(([, { value }]) => (value ?? 0) !== 0);
    const added = told.filter(([name]) => explained(figures, input, name, nothing)?.rows.some(({ amount }) => amount !== undefined));
    expect(added.length / told.length).toBeGreaterThan(0.75);
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
