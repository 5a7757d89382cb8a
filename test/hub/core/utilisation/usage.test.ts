/** Golden cases of the month's figures: short nights, month bounds, double counting, the unknown. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MachineUsageInput, RunRecord, SessionRecord } from "#core";
import { machineUsage, monthSpan } from "#core";

const riga = "Europe/Riga";
const hour = 3_600_000;
const local = (text: string): number => Temporal.PlainDateTime.from(text).toZonedDateTime(riga).epochMilliseconds;
const session = (from: number, to: number | null, member = 7): SessionRecord => ({
  session: `${from}-${member}`,
  node: "n",
  ch: "c",
  member,
  decision: "d",
  phase: "closed",
  provisional: false,
  startMs: from,
  endMs: to,
  endReason: null,
  busyMs: 0,
  energyWh: 0,
});
const run = (from: number, to: number | null, energyWh = 0): RunRecord => ({
  run: `${from}`,
  node: "n",
  ch: "c",
  session: null,
  startMs: from,
  endMs: to,
  energyWh,
  peakW: 0,
  uncertainMs: 0,
});
const input = (changes: Partial<MachineUsageInput>): MachineUsageInput => ({
  sessions: [],
  runs: [],
  unknown: [],
  meterWh: null,
  nowMs: local("2027-01-01T00:00"),
  ...changes,
});

describe("a machine's month", () => {
  it("G5 has 743 h in March and 745 h in October, in Riga, Stockholm and Oslo", () => {
    for (const tz of [riga, "Europe/Stockholm", "Europe/Oslo"]) {
      const hours = ["2026-03", "2026-10"].map((month) => (monthSpan(tz, month).toMs - monthSpan(tz, month).fromMs) / hour);
      expect(hours).toEqual([743, 745]);
    }
  });
  it("G2 counts ten hours through the spring night: two on the 28th, eight on the 29th", () => {
    const usage = machineUsage(
      input({ runs: [run(local("2026-03-28T22:00"), local("2026-03-29T09:00"))] }),
      monthSpan(riga, "2026-03"),
      riga,
    );
    expect(usage.busyMs).toBe(10 * hour);
    expect(usage.days.filter(({ busyMs }) => busyMs > 0).map(({ date, busyMs }) => [date, busyMs / hour])).toEqual([
      ["2026-03-28", 2],
      ["2026-03-29", 8],
    ]);
    expect(usage.days.length).toBe(31);
  });
  it("G3 splits a session at the month's end and counts it where it began", () => {
    const sessions = [session(local("2026-03-31T23:10"), local("2026-04-01T01:40"))];
    const march = machineUsage(input({ sessions }), monthSpan(riga, "2026-03"), riga);
    const april = machineUsage(input({ sessions }), monthSpan(riga, "2026-04"), riga);
    expect([march.occupiedMs / 60_000, april.occupiedMs / 60_000]).toEqual([50, 100]);
    expect([march.sessionsStarted, april.sessionsStarted, march.sessionsActive, april.sessionsActive]).toEqual([1, 0, 1, 1]);
  });
  it("G10 counts touching sessions without gap or overlap, and members after a minute", () => {
    const at = local("2026-03-10T15:00");
    const usage = machineUsage(
      input({ sessions: [session(at - hour, at), session(at, at + hour, 9), session(at, at + 59_999, 11)] }),
      monthSpan(riga, "2026-03"),
      riga,
    );
    expect([usage.occupiedMs, usage.members]).toEqual([2 * hour, 2]);
  });
  it("cuts what is still open at the present and shares energy by time", () => {
    const nowMs = local("2026-03-10T12:00");
    const usage = machineUsage(
      input({ nowMs, sessions: [session(nowMs - hour, null)], runs: [run(nowMs - hour, null, 4)] }),
      monthSpan(riga, "2026-03"),
      riga,
    );
    expect([usage.occupiedMs, usage.busyMs, usage.energyWh]).toEqual([hour, hour, 4]);
    const edge = monthSpan(riga, "2026-04").fromMs;
    const split = input({ runs: [run(edge - hour, edge + 3 * hour, 4)] });
    expect(machineUsage(split, monthSpan(riga, "2026-03"), riga).energyWh).toBeCloseTo(1, 9);
    expect(machineUsage({ ...split, meterWh: 123 }, monthSpan(riga, "2026-03"), riga).energyWh).toBe(123);
  });
  it("says how much is unknown, and nothing about an empty period", () => {
    const span = monthSpan(riga, "2026-03");
    const usage = machineUsage(input({ unknown: [{ fromMs: span.fromMs, toMs: span.fromMs + 74.3 * hour }] }), span, riga);
    expect(usage.coverage).toBeCloseTo(0.9, 9);
    expect(machineUsage(input({ nowMs: span.fromMs - 1 }), span, riga).coverage).toBeNull();
  });
  it("is the sum of its parts wherever the period is split", () => {
    const base = local("2026-03-28T00:00");
    const spans = fc.array(fc.tuple(fc.integer({ min: 0, max: 72 * hour }), fc.integer({ min: 0, max: 10 * hour })), { maxLength: 8 });
    fc.assert(
      fc.property(spans, fc.integer({ min: 0, max: 72 * hour }), (list, cut) => {
        const given = input({
          runs: list.map(([from, length]) => run(base + from, base + from + length, 1)),
          sessions: list.map(([from, length]) => session(base + from, base + from + length)),
        });
        const figures = (fromMs: number, toMs: number) => machineUsage(given, { fromMs, toMs }, riga);
        const [whole, left, right] = [figures(base, base + 72 * hour), figures(base, base + cut), figures(base + cut, base + 72 * hour)];
        expect(left.busyMs + right.busyMs).toBe(whole.busyMs);
        expect(left.occupiedMs + right.occupiedMs).toBe(whole.occupiedMs);
        expect(left.energyWh + right.energyWh).toBeCloseTo(whole.energyWh, 6);
        expect(whole.days.reduce((sum, day) => sum + day.busyMs, 0)).toBe(whole.busyMs);
      }),
      { numRuns: 150 },
    );
  });
});
