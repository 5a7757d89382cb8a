/** What must hold of any timeline: it partitions its span, adds up wherever it is cut, and knows no order of arrival. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lengthMs, localHours, machineFigures, stateLengths, subtract, union } from "#core";
import { aHistory, fortnight } from "../../../support/histories.ts";
import { partitionsExactly } from "../../../support/partition.ts";
import { aMachine, busy, heldBy, noEvents, riga, session } from "./builders.ts";

const cut = fc.integer({ min: fortnight.fromMs, max: fortnight.toMs });
const runs = { numRuns: 200, seed: 20_260_301 };

describe("any timeline", () => {
  it("partitions its span to the millisecond, each stretch unlike the next", () => {
    fc.assert(
      fc.property(aHistory, (history) => partitionsExactly(history, fortnight)),
      runs,
    );
  });
  it("is the same cut in two and put together again: every additive metric adds up", () => {
    fc.assert(
      fc.property(aHistory, cut, (history, atMs) => {
        const of = (fromMs: number, toMs: number) => machineFigures(history, noEvents, { fromMs, toMs }, riga);
        const [whole, left, right] = [of(fortnight.fromMs, fortnight.toMs), of(fortnight.fromMs, atMs), of(atMs, fortnight.toMs)];
        const states = [left, right].map(({ stretches }) => stateLengths(stretches));
        for (const [state, ms] of Object.entries(stateLengths(whole.stretches))) {
          expect(
            states.reduce((sum, lengths) => sum + lengths[state as keyof typeof lengths], 0),
            state,
          ).toBe(ms);
        }
        for (const id of ["M01", "M02", "M04", "M05", "M06", "M07", "M12", "M18", "M18.open"]) {
          const value = (given: typeof whole) => given.metrics.find((metric) => metric.id === id)?.numerator ?? 0;
          expect(value(left) + value(right), id).toBe(value(whole));
        }
      }),
      runs,
    );
  });
  it("does not care in what order its facts came", () => {
    fc.assert(
      fc.property(aHistory, (history) => {
        const turned = {
          ...history,
          power: [...history.power].reverse(),
          use: [...history.use].reverse(),
          down: [...history.down].reverse(),
          silent: [...history.silent].reverse(),
        };
        expect(machineFigures(turned, noEvents, fortnight, riga).metrics).toEqual(
          machineFigures(history, noEvents, fortnight, riga).metrics,
        );
      }),
      runs,
    );
  });
});

describe("a week later", () => {
  it("gives the same values, where no clock changes", () => {
    const week = 7 * 86_400_000;
    const period = { fromMs: Date.UTC(2026, 0, 4, 22), toMs: Date.UTC(2026, 0, 11, 22) };
    const laterBy = (ms: number) => (span: { fromMs: number; toMs: number }) => ({
      ...span,
      fromMs: span.fromMs + ms,
      toMs: span.toMs + ms,
    });
    const used = [session("s", 1, "2026-01-06T12:00", "2026-01-06T15:00")];
    const history = aMachine({ open: used, use: used.map(heldBy), power: [busy("2026-01-06T12:30", "2026-01-06T14:10")] });
    const later = {
      ...history,
      open: used.map(laterBy(week)),
      use: history.use.map((use) => ({ ...use, ...laterBy(week)(use) })),
      power: history.power.map((power) => ({ ...power, ...laterBy(week)(power) })),
    };
    const metrics = (of: typeof history, ms: number) =>
      machineFigures(of, { ...noEvents, sessions: used.map((one) => ({ ...one, ...laterBy(ms)(one) })) }, laterBy(ms)(period), riga)
        .metrics;
    expect(metrics(later, week)).toEqual(metrics(history, 0));
  });
});

describe("people", () => {
  it("are not additive: one who comes in both halves is one, not two", () => {
    const sessions = [session("a", 1, "2026-03-24T10:00", "2026-03-24T12:00"), session("b", 1, "2026-04-02T10:00", "2026-04-02T12:00")];
    const users = (fromMs: number, toMs: number) =>
      machineFigures(aMachine({ use: sessions.map(heldBy) }), { ...noEvents, sessions }, { fromMs, toMs }, riga).users.length;
    const half = Date.UTC(2026, 2, 29);
    expect(users(fortnight.fromMs, half) + users(half, fortnight.toMs)).toBe(2);
    expect(users(fortnight.fromMs, fortnight.toMs)).toBe(1);
  });
});

describe("spans", () => {
  it("that are taken away and put back are whole again", () => {
    const some = fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 90 })), { maxLength: 12 });
    const of = (list: readonly (readonly [number, number])[]) => list.map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length }));
    fc.assert(
      fc.property(some, some, (a, b) => {
        const rest = subtract(of(a), of(b));
        expect(union([...rest, ...of(b)])).toEqual(union([...of(a), ...of(b)]));
        expect(lengthMs(rest)).toBeLessThanOrEqual(lengthMs(of(a)));
      }),
      { numRuns: 300 },
    );
  });
});

describe("local hours", () => {
  it("add up to the time that went by, and stay inside one hour of the wall clock", () => {
    const years = { fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2027, 0, 1) };
    for (const zone of [riga, "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "America/St_Johns"]) {
      const hours = localHours(years, zone);
      expect(
        hours.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0),
        zone,
      ).toBe(years.toMs - years.fromMs);
      expect(
        hours.every(({ fromMs, toMs }) => toMs > fromMs && toMs - fromMs <= 3_600_000),
        zone,
      ).toBe(true);
      for (const { fromMs, cell } of hours.filter((_, i) => i % 97 === 0)) {
        const at = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(zone);
        expect(cell, `${zone} ${at}`).toBe((at.dayOfWeek - 1) * 24 + at.hour);
      }
    }
  });
});
