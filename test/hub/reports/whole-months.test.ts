/** What must hold of whole months: no order of arrival, parts that add up and uniques that must not, a week that is like another. */
import { describe, expect, it } from "vitest";
import { type PeopleFacts, peopleFigures, type Sign, type Span } from "#core";
import { monthFigures } from "../../../hub/reports/figures.ts";
import { figuresText } from "../../../hub/reports/seal.ts";
import type { MonthInput } from "../../../hub/reports/types.ts";
import { busy, heldBy, hour, idle, metricOf, riga, session, span, step } from "../core/utilisation/builders.ts";
import { aMonth, at, counted, decision, theMachine } from "./builders.ts";

const entry = (member: number, wall: string): Sign => ({ kind: "entry", member, fromMs: at(wall), toMs: at(wall) });
const sessions = [
  session("a", 1, "2026-03-10T10:00", "2026-03-10T12:00"),
  session("b", 2, "2026-03-10T12:00", "2026-03-10T13:00", { end: "takeover" }),
  session("c", 1, "2026-03-29T02:30", "2026-03-29T05:00"),
];
const full = aMonth({
  machines: [
    theMachine(
      "laser-1",
      {
        use: sessions.map(heldBy),
        power: [busy("2026-03-10T10:00", "2026-03-10T13:00"), idle("2026-03-29T02:30", "2026-03-29T05:00")],
        down: [
          step("2026-03-11T12:00", "2026-03-11T16:00", "planned_down"),
          step("2026-03-21T15:00", "2026-03-24T14:00", "unplanned_down"),
        ],
      },
      {
        sessions,
        refused: ["IN_USE", "TRAINING_MISSING"].map((reason, i) => ({ member: i, reason })),
        bookings: {
          rows: ["2026-03-10T10:00", "2026-03-12T10:00"].map((from) => ({ fromMs: at(from), toMs: at(from) + hour, cancelled: null })),
          family: sessions,
        },
      },
    ),
    theMachine("saw-1"),
  ],
  decisions: [decision({}), decision({ member: 2, outcome: "deny", reason: "IN_USE", tookMs: 9 })],
  people: {
    signs: [entry(1, "2026-03-10T09:50"), entry(2, "2026-03-10T11:00"), entry(3, "2026-03-28T23:00"), entry(1, "2026-03-29T02:00")],
    seenBeforeMs: new Map(),
    activeMembers: new Set([1, 2, 3, 4]),
    headcount: 20,
  },
  backgrounds: [1, 2, 3].flatMap((member) =>
    ["2026-01-01", "2026-03-15"].map((from) => ({ member, what: "target", value: `${from} ${member % 2}`, from })),
  ),
  headcounts: [counted({ people: 12 }), counted({ kind: "fair", people: 8 })],
});

describe("a month", () => {
  it("is the same to the byte whatever order its facts arrived in", () => {
    const turned: MonthInput = {
      ...full,
      machines: [...full.machines].reverse().map(({ history, events, ...machine }) => ({
        ...machine,
        history: { ...history, use: [...history.use].reverse(), power: [...history.power].reverse(), down: [...history.down].reverse() },
        events: {
          ...events,
          sessions: [...events.sessions].reverse(),
          refused: [...events.refused].reverse(),
          bookings: { rows: [...events.bookings.rows].reverse(), family: [...events.bookings.family].reverse() },
        },
      })),
      decisions: [...full.decisions].reverse(),
      people: { ...full.people, signs: [...full.people.signs].reverse() },
      backgrounds: [...full.backgrounds].reverse(),
      headcounts: [...full.headcounts].reverse(),
    };
    expect(figuresText(monthFigures(turned))).toBe(figuresText(monthFigures(full)));
  });
  it("says unknown, never nought, where nobody told, and never NaN", () => {
    for (const made of [monthFigures(full), monthFigures(aMonth({ machines: [theMachine("laser-1", { service: [] })] }))]) {
      const metrics = [
        ...made.machines.flatMap((machine) => machine.metrics),
        ...made.people.metrics,
        ...(made.programme ?? []),
        ...made.trust,
      ];
      for (const metric of metrics) {
        expect(metric.value === null || Number.isFinite(metric.value), metric.id).toBe(true);
        if (metric.denominator === 0) expect(metric.value, metric.id).toBeNull();
        if ((metric.coverage ?? 1) < 0.7) expect(metric.value, metric.id).toBeNull();
        expect(metric.mark === "flagged", metric.id).toBe(metric.value !== null && (metric.coverage ?? 1) < 0.95);
        expect(metric.methodVersion, metric.id).toBeGreaterThan(0);
      }
    }
  });
  it("G16 somebody who is forgotten stays one of the number: rows keep a number that names nobody", () => {
    const renumbered = (member: number) => (member === 1 ? 999_983 : member);
    const forgotten: MonthInput = {
      ...full,
      people: {
        ...full.people,
        signs: full.people.signs.map((sign) => ({ ...sign, member: renumbered(sign.member) })),
        activeMembers: new Set([999_983, 2, 3, 4]),
      },
      backgrounds: full.backgrounds.map((one) => ({ ...one, member: renumbered(one.member) })),
      machines: full.machines.map(({ history, events, ...machine }) => ({
        ...machine,
        history: { ...history, use: history.use.map((use) => ({ ...use, value: { ...use.value, member: renumbered(use.value.member) } })) },
        events: {
          ...events,
          sessions: events.sessions.map((one) => ({ ...one, member: renumbered(one.member) })),
          refused: events.refused.map((one) => ({ ...one, member: renumbered(one.member) })),
        },
      })),
    };
    expect(figuresText(monthFigures(forgotten))).toBe(figuresText(monthFigures(full)));
    expect(figuresText(monthFigures(forgotten))).not.toContain("999983");
  });
  it("G11 what replaces a machine is another one: the place has two rows, and its hours are in both together", () => {
    const power = [busy("2026-03-10T10:00", "2026-03-10T13:00")];
    const use = [heldBy(session("a", 1, "2026-03-01T00:00", "2026-03-31T00:00"))];
    const swap = at("2026-03-10T11:00");
    const old = theMachine("printer-old", { power, use, service: [{ fromMs: 0, toMs: swap }] });
    const made = monthFigures(
      aMonth({ machines: [old, theMachine("printer-new", { power, use, service: [{ fromMs: swap, toMs: at("2100-01-01T00:00") }] })] }),
    );
    expect(made.machines.map((machine) => [machine.id, metricOf(machine, "M01").value])).toEqual([
      ["printer-new", 2 * hour],
      ["printer-old", hour],
    ]);
    expect(metricOf({ metrics: made.all }, "M01").value).toBe(3 * hour);
  });
});

describe("people of two halves of a period", () => {
  const of = (signs: readonly Sign[], { fromMs, toMs }: Span) => {
    const facts: PeopleFacts = { signs, seenBeforeMs: new Map(), activeMembers: null, headcount: 0 };
    return peopleFigures(facts, { fromMs: fromMs + 4 * hour, toMs: toMs + 4 * hour }, { fromMs, toMs }, riga);
  };
  const { signs } = full.people;
  it("add up in days, visits and hours, and must not in people", () => {
    const [whole, left, right] = [
      of(signs, span("2026-03-01T00:00", "2026-04-01T00:00")),
      of(signs, span("2026-03-01T00:00", "2026-03-15T00:00")),
      of(signs, span("2026-03-15T00:00", "2026-04-01T00:00")),
    ];
    const value = (one: typeof whole, id: string) => metricOf(one, id).value ?? Number.NaN;
    for (const id of ["V01", "V02", "V10"]) expect(value(left, id) + value(right, id), id).toBe(value(whole, id));
    expect(["V03"].map((id) => [value(left, id), value(right, id), value(whole, id)])).toEqual([[2, 2, 3]]);
  });
  it("are the same a week later, where no clock changes", () => {
    const week = 7 * 24 * hour;
    const later = signs.slice(0, 2).map((sign) => ({ ...sign, fromMs: sign.fromMs + week, toMs: sign.toMs + week }));
    const [first, second] = [
      of(signs.slice(0, 2), span("2026-03-09T00:00", "2026-03-16T00:00")),
      of(later, span("2026-03-16T00:00", "2026-03-23T00:00")),
    ];
    expect([second.metrics, second.heat, second.frequency]).toEqual([first.metrics, first.heat, first.frequency]);
  });
});
