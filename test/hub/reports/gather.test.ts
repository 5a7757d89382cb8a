/** From a log to the facts of a month: what counts, what belongs where, and what is unknown. */
import { describe, expect, it } from "vitest";
import type { EventBody } from "../../../hub/contract/index.ts";
import { type MonthSources, monthInput } from "../../../hub/reports/gather.ts";

const hour = 3_600_000;
const at = (wall: string) => Temporal.PlainDateTime.from(wall).toZonedDateTime("Europe/Riga").epochMilliseconds;
const event = (n: number, wall: string, ch: string, body: EventBody, tqHub = "synced") => ({
  n,
  node: "node-1",
  ch,
  evtMs: at(wall),
  tqHub,
  body,
});
const decided = (member: number, change: Partial<Extract<EventBody, { kind: "access.decided" }>> = {}): EventBody => ({
  kind: "access.decided",
  request: "enter",
  decision: "01JABCDEFGHJKMNPQRSTVWXYZ0",
  outcome: "grant",
  reason: "GRANT",
  also: [],
  warnings: [],
  member,
  where: "node",
  snapshot: null,
  tookMs: 3,
  ...change,
});
type Read = MonthSources["ledger"]["read"];
type Logged = ReturnType<Read["events"]>[number];

function aMonth(events: readonly Logged[], change: Partial<Read> = {}, samples: ReturnType<MonthSources["series"]["hourlyEnergy"]> = []) {
  const read: Read = {
    site: () => ({ site: "valmiera", name: "", tz: "Europe/Riga", demo: false, openingHours: null }),
    resources: () => [
      { id: "front-door", kind: "door", label: "Front door", node: "node-1", ch: "door" },
      { id: "laser-1", kind: "machine", label: "Laser", node: "node-1", ch: "laser" },
    ],
    schedules: () => [],
    events: ({ node, ch, kinds, fromMs, toMs, after, limit }) =>
      events
        .filter((each) => node === undefined || each.node === node)
        .filter((each) => ch === undefined || each.ch === ch)
        .filter((each) => kinds?.includes(each.body.kind) !== false)
        .filter((each) => each.evtMs >= (fromMs ?? 0) && each.evtMs < (toMs ?? Number.MAX_SAFE_INTEGER) && each.n > (after ?? 0))
        .slice(0, limit),
    sessions: () => [],
    runs: () => [],
    gaps: () => [],
    quarantined: () => [],
    audit: () => [],
    ...change,
  };
  return monthInput({ ledger: { read }, series: { hourlyEnergy: () => samples }, month: "2026-11", madeMs: at("2026-12-05T10:00") });
}
const boot = event(1, "2026-11-01T00:00", "node", { kind: "node.boot", restart: "start", fw: "1" });

describe("decisions", () => {
  it("belong to the door or machine of their channel, until the early morning after the month", () => {
    const month = aMonth([
      boot,
      event(2, "2026-11-30T23:30", "door", decided(1)),
      event(3, "2026-12-01T02:00", "door", decided(2), "unknown"),
      event(4, "2026-12-01T05:00", "door", decided(3)),
      event(5, "2026-11-20T10:00", "laser", decided(4, { request: "start", outcome: "deny", reason: "TRAINING_MISSING" })),
      event(6, "2026-11-20T11:00", "laser", decided(4, { request: "stop" })),
    ]);
    expect(month.decisions.map(({ at: place, kind, member, clockTrusted }) => [place, kind, member, clockTrusted])).toEqual([
      ["front-door", "door", 1, true],
      ["front-door", "door", 2, false],
      ["laser-1", "machine", 4, true],
    ]);
  });
  it("are read page by page, however many there are", () => {
    const many = Array.from({ length: 25_000 }, (_, i) => ({ ...event(i + 2, "2026-11-10T10:00", "door", decided(1)) }));
    const month = aMonth([boot, ...many]);
    expect([month.decisions.length, month.cutShort]).toEqual([25_000, false]);
  });
});

describe("what is unknown of a machine", () => {
  const unknownOf = (...given: Parameters<typeof aMonth>) =>
    aMonth(...given).machines[0]?.unknown.map(({ fromMs, toMs }) => [fromMs, toMs, (toMs - fromMs) / hour]);

  it("is nothing before it was added and its node spoke: it was not in service", () => {
    const since = (...given: Parameters<typeof aMonth>) => aMonth(...given).machines[0]?.sinceMs;
    const added = { atMs: at("2026-11-12T09:00"), action: "addMachine", target: "machine laser-1", detail: '{"machine":"laser-1"}' };
    expect(since([])).toBeNull();
    expect(since([{ ...boot, evtMs: at("2026-11-11T12:00") }])).toBe(at("2026-11-11T12:00"));
    expect(since([boot], { audit: () => [added] })).toBe(added.atMs);
    expect(unknownOf([boot])).toEqual([]);
  });
  it("is the time its meter was lost, over the end of the month too", () => {
    const lost = event(2, "2026-10-30T10:00", "laser", { kind: "mach.meter_lost" });
    const back = event(3, "2026-11-02T00:00", "laser", { kind: "mach.meter_back", resetWh: null });
    const again = event(4, "2026-11-30T20:00", "laser", { kind: "mach.meter_lost" });
    const old = { ...boot, evtMs: at("2026-10-01T00:00") };
    expect(unknownOf([old, lost, back, again])?.map((span) => span[2])).toEqual([24, 4]);
  });
  it("is what a metered machine's hours lack; without a meter its energy is null", () => {
    const hours = Array.from({ length: 720 }, (_, i) => ({
      hourMs: at("2026-11-01T00:00") + i * hour,
      energyWh: 10,
      knownS: i === 5 ? 1800 : 3600,
    }));
    expect(unknownOf([boot], {}, hours)?.map((span) => span[2])).toEqual([0.5]);
    expect(aMonth([boot], {}, hours).machines[0]?.energyWh).toBe(7200);
    expect(aMonth([boot]).machines[0]?.energyWh).toBeNull();
  });
});

describe("lockouts", () => {
  it("become planned work or breakdowns, open ones last to the month's end, a doubled one counts once", () => {
    const entry = (wall: string, action: string, detail: object) => ({
      atMs: at(wall),
      action,
      target: "",
      detail: JSON.stringify(detail),
    });
    const audit = [
      entry("2026-11-03T10:00", "lockMachine", { machine: "laser-1", kind: "maintenance" }),
      entry("2026-11-03T12:00", "unlockMachine", { machine: "laser-1" }),
      entry("2026-11-05T10:00", "lockMachine", { machine: "laser-1", kind: "fault" }),
      entry("2026-11-05T11:00", "lockMachine", { machine: "laser-1", kind: "fault" }),
      entry("2026-11-05T15:00", "unlockMachine", { machine: "laser-1", kind: "fault" }),
      entry("2026-11-30T22:00", "lockMachine", { machine: "laser-1", kind: "oops" }),
    ].reverse();
    const machine = aMonth([boot], { audit: () => audit }).machines[0];
    const hours = (spans: readonly { fromMs: number; toMs: number }[] | undefined) =>
      spans?.map((span) => (span.toMs - span.fromMs) / hour);
    expect([hours(machine?.plannedDown), hours(machine?.unplannedDown)]).toEqual([[2], [5, 2]]);
  });
});

describe("lost and unreadable", () => {
  it("counts events of gaps that never closed and messages set aside, in their month", () => {
    const month = aMonth([boot], {
      gaps: () => [
        { from: 5, to: 9, state: "lost", noticedMs: at("2026-11-05T00:00") },
        { from: 1, to: 3, state: "closed", noticedMs: at("2026-11-05T00:00") },
        { from: 1, to: 1, state: "open", noticedMs: at("2026-10-05T00:00") },
      ],
      quarantined: () => [{ atMs: at("2026-11-05T00:00") }, { atMs: at("2026-12-05T00:00") }],
    });
    expect([month.lostEvents, month.unreadableMessages]).toEqual([5, 1]);
  });
  it("refuses what is no month", () => {
    const none = { ledger: { read: {} as Read }, series: { hourlyEnergy: () => [] }, month: "2026-13", madeMs: 0 };
    expect(() =>
      monthInput({
        ...none,
        ledger: { read: { site: () => ({ site: "x", name: "", tz: "UTC", demo: false, openingHours: null }) } as Read },
      }),
    ).toThrow(RangeError);
  });
});
