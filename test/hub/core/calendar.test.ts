/** Local dates and wall-clock intervals across clock changes (domain.md §3.4). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Schedule } from "#contract";
import { dateEndMs, dateStartMs, isOpen, nextChangeMs, specialDay } from "#core";

const utc = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const local = (tz: string, text: string): number => Temporal.PlainDateTime.from(text).toZonedDateTime(tz).epochMilliseconds;
const weekly = (weekday: number, startMin: number, endMin: number): Schedule => ({
  intervals: [{ weekday, startMin, endMin }],
  special: [],
});

describe("an inclusive date ends", () => {
  it.each([
    ["Europe/Berlin", "2026-03-29", "2026-03-29T22:00:00Z", 23],
    ["Europe/Berlin", "2026-10-25", "2026-10-25T23:00:00Z", 25],
    ["America/New_York", "2026-11-01", "2026-11-02T05:00:00Z", 25],
    ["Africa/Cairo", "2026-04-23", "2026-04-23T22:00:00Z", 24],
  ])("in %s on %s at %s, after %d hours", (tz, date, end, hours) => {
    expect(dateEndMs(tz, date)).toBe(utc(end));
    expect(dateEndMs(tz, date) - dateStartMs(tz, date)).toBe(hours * 3_600_000);
  });
});

describe("opening hours", () => {
  const tz = "Europe/Berlin";
  it("run into the next day and belong to the day they began", () => {
    const friday = weekly(5, 18 * 60, 2 * 60);
    expect(isOpen(friday, tz, local(tz, "2026-03-13T18:00"))).toBe(true);
    expect(isOpen(friday, tz, local(tz, "2026-03-14T01:59:59.999"))).toBe(true);
    expect(isOpen(friday, tz, local(tz, "2026-03-14T02:00"))).toBe(false);
    expect(nextChangeMs(friday, tz, local(tz, "2026-03-13T18:00"))).toBe(local(tz, "2026-03-14T02:00"));
  });
  it("last an hour longer in the autumn night and an hour shorter in spring", () => {
    const saturday = weekly(6, 22 * 60, 3 * 60);
    expect(nextChangeMs(saturday, tz, utc("2026-10-24T20:00:00Z"))).toBe(utc("2026-10-25T02:00:00Z"));
    expect(nextChangeMs(saturday, tz, utc("2026-03-28T21:00:00Z"))).toBe(utc("2026-03-29T01:00:00Z"));
  });
  it("never hold inside the hour that spring leaves out, and close twice where autumn repeats it", () => {
    const gap = weekly(7, 2 * 60, 3 * 60);
    const spring = utc("2026-03-29T01:00:00Z");
    for (let at = spring - 7_200_000; at < spring + 7_200_000; at += 60_000) expect(isOpen(gap, tz, at)).toBe(false);
    const fold = weekly(7, 2 * 60 + 15, 2 * 60 + 45);
    const flips: string[] = [];
    for (let at = utc("2026-10-25T00:00:00Z"), i = 0; i < 4; i += 1) {
      at = nextChangeMs(fold, tz, at) ?? 0;
      flips.push(Temporal.Instant.fromEpochMilliseconds(at).toString());
    }
    expect(flips).toEqual(["2026-10-25T00:15:00Z", "2026-10-25T00:45:00Z", "2026-10-25T01:15:00Z", "2026-10-25T01:45:00Z"]);
  });
  it("give way to a special day of that date only", () => {
    const every: Schedule = {
      intervals: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMin: 480, endMin: 1200 })),
      special: [{ date: "2026-12-24", reason: "Christmas Eve", open: [{ startMin: 540, endMin: 720 }] }],
    };
    const open = ["2026-12-24T08:30", "2026-12-24T09:00", "2026-12-24T12:00", "2026-12-25T08:00"].map((text) =>
      isOpen(every, tz, local(tz, text)),
    );
    expect(open).toEqual([false, true, false, true]);
    expect(specialDay(every, tz, local(tz, "2026-12-24T23:59"))?.reason).toBe("Christmas Eve");
    expect(specialDay(every, tz, local(tz, "2026-12-25T00:00"))).toBeUndefined();
    expect(nextChangeMs(every, tz, local(tz, "2026-12-23T20:00"))).toBe(local(tz, "2026-12-24T09:00"));
  });
  it("that never change have no next change", () => {
    const always: Schedule = { intervals: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMin: 0, endMin: 1440 })), special: [] };
    expect(nextChangeMs(always, tz, utc("2026-03-01T00:00:00Z"))).toBeNull();
    expect(nextChangeMs({ intervals: [], special: [] }, tz, utc("2026-03-01T00:00:00Z"))).toBeNull();
  });
  it("change exactly where minute-by-minute asking says so", () => {
    const interval = fc.record({
      weekday: fc.integer({ min: 1, max: 7 }),
      startMin: fc.integer({ min: 0, max: 1439 }),
      endMin: fc.integer({ min: 0, max: 1440 }),
    });
    const zones = fc.constantFrom("Europe/Berlin", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "UTC");
    const around = fc.constantFrom(
      utc("2026-03-28T12:00:00Z"),
      utc("2026-10-24T12:00:00Z"),
      utc("2026-04-23T12:00:00Z"),
      utc("2026-10-31T20:00:00Z"),
      utc("2026-04-04T10:00:00Z"),
    );
    fc.assert(
      fc.property(
        fc.array(interval, { minLength: 1, maxLength: 3 }),
        zones,
        around,
        fc.integer({ min: 0, max: 1_000 }),
        (intervals, tz, base, offset) => {
          const schedule: Schedule = { intervals, special: [] };
          const at = base + offset * 7_000;
          const next = nextChangeMs(schedule, tz, at);
          const now = isOpen(schedule, tz, at);
          if (next !== null) {
            expect(isOpen(schedule, tz, next)).toBe(!now);
            expect(isOpen(schedule, tz, next - 1)).toBe(now);
          }
          for (let probe = at; probe < Math.min(next ?? Infinity, at + 86_400_000); probe += 1_700_000)
            expect(isOpen(schedule, tz, probe)).toBe(now);
        },
      ),
      { numRuns: 250 },
    );
  });
});
