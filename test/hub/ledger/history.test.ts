/** Questions about old months are answered by indexes, and just as reading everything would answer them; and who was a member when. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { EventBody } from "../../../hub/contract/index.ts";
import type { Ledger } from "../../../hub/ledger/types.ts";
import type { Clock } from "../../../hub/ports.ts";
import { aLedger, anEvent, anId, realClock, temporaryDir } from "../../support/ledger.ts";

const [hour, day] = [3_600_000, 86_400_000];
const at = (wall: string): number => Temporal.PlainDateTime.from(wall).toZonedDateTime("Europe/Riga").epochMilliseconds;
const by = "cli:test";
const folder = temporaryDir();
let nowMs = at("2026-01-01T00:00");
const clock: Clock = { ...realClock, nowMs: () => nowMs };
let ledger: Ledger;
let seq = 0;

/** Sessions with a run each, from an instant for so many hours; null: it never ended. */
const uses = [
  [1, "2026-01-02T10:00", 2],
  [2, "2026-01-05T10:00", 72],
  [3, "2026-01-10T10:00", 73],
  [1, "2026-01-20T10:00", 1],
  [0, "2026-01-25T10:00", 400],
  [2, "2026-02-12T12:00", 0.5],
  [3, "2026-02-20T12:00", null],
] as const;

const tell = (node: string, told: readonly (readonly [number, EventBody])[]) =>
  ledger.append(
    node,
    told.map(([evtMs, body]) => {
      seq += 1;
      return anEvent(seq, body, { node, evtMs, recvMs: evtMs, atMs: evtMs, atMono: evtMs - at("2026-01-01T00:00") });
    }),
  );
const entered = (member: number, wall: string): [number, EventBody] => [
  at(wall),
  {
    ...{ kind: "access.decided", request: "enter", decision: anId(), outcome: "grant", reason: "GRANT", also: [], warnings: [], member },
    ...{ where: "node", snapshot: null, tookMs: 1 },
  },
];

beforeAll(async () => {
  ledger = await aLedger(folder.dir, {}, clock);
  const { change } = ledger;
  for (const name of ["Ada", "Bo", "Cita"]) await change.addMember({ displayName: name }, by);
  await change.addPlan({ plan: "full", label: "Full" }, by);
  for (const member of [1, 2, 3]) await change.setMembership({ member, plan: "full", from: "2025-01-01" }, by);
  for (const node of ["old", "new", "door"]) await change.addNode({ node, kind: node === "door" ? "door" : "machine" }, by);
  const machine = { label: "Saw", riskClass: "B", cutHazard: false, course: null } as const;
  await change.addMachine({ ...machine, machine: "saw", node: "old", ch: "ch-1" }, by);
  await change.addDoor({ door: "front", node: "door", ch: "ch-1", label: "Front", failMode: "safe" }, by);
  const told = uses.flatMap(([member, from, hours]): [number, EventBody][] => {
    const [session, run, startMs] = [anId(), anId(), at(from)];
    const startMono = startMs - at("2026-01-01T00:00");
    const begun: [number, EventBody][] = [
      [startMs, { kind: "mach.session_started", session, decision: anId(), member, provisional: false }],
      [startMs, { kind: "mach.run_started", run, session, startMono }],
    ];
    if (hours === null) return begun;
    const endMs = startMs + hours * hour;
    return [
      ...begun,
      [endMs, { kind: "mach.run_ended", run, session, endMono: startMono + hours * hour, energyWh: 1, peakW: 1, uncertainMs: 0 }],
      [endMs, { kind: "mach.session_closed", session, reason: "tap_out", busyMs: 0, energyWh: 0 }],
    ];
  });
  const moveMs = at("2026-02-11T12:00");
  await tell(
    "old",
    told.filter(([ms]) => ms < moveMs),
  );
  nowMs = moveMs;
  await change.setMachine({ machine: "saw", change: { node: "new", ch: "ch-1" } }, by);
  await tell(
    "new",
    told.filter(([ms]) => ms >= moveMs),
  );
  await tell("door", [entered(1, "2026-01-02T09:00"), entered(2, "2026-02-01T03:00"), entered(1, "2026-02-03T09:00")]);
});
afterAll(async () => {
  await ledger.close();
  folder.remove();
});

it("finds the sessions and runs of a machine in any time, long, open and of the node before too", () => {
  const { read } = ledger;
  const all = read.sessions({ limit: 100 });
  expect(all.map(({ machine }) => machine)).toEqual(uses.map(() => "saw"));
  for (let fromMs = at("2026-01-01T00:00"); fromMs < at("2026-03-10T00:00"); fromMs += 37 * hour) {
    for (const length of [hour, day, 9 * day, 40 * day]) {
      const span = { fromMs, toMs: fromMs + length };
      const want = all.filter(({ startedMs, endedMs }) => startedMs < span.toMs && (endedMs ?? Number.MAX_SAFE_INTEGER) > fromMs);
      expect(read.sessions({ machine: "saw", ...span, limit: 100 })).toEqual(want);
      const runs = read.runs({ machine: "saw", ...span, limit: 100 });
      expect(runs.map(({ startMs }) => startMs)).toEqual(want.map(({ startedMs }) => startedMs));
    }
  }
  expect(read.sessions({ machine: "saw", limit: 2 })).toEqual(all.slice(0, 2));
  expect(read.sessions({ machine: "gone", limit: 2 })).toEqual([]);
});

it("knows who was here, and when last, without reading what was before", () => {
  const { usage } = ledger.read;
  expect(usage.peopleHere(at("2026-02-01T04:00"), at("2026-03-01T04:00"))).toEqual([1, 2, 3]);
  expect(usage.peopleHere(at("2026-01-24T00:00"), at("2026-02-01T04:00"))).toEqual([2]);
  expect([...usage.lastSeen(at("2026-02-02T00:00"))]).toEqual([
    [1, at("2026-01-20T10:00")],
    [2, at("2026-02-01T03:00")],
    [3, at("2026-01-10T10:00")],
  ]);
  expect([usage.firstHeard("door"), usage.firstHeard("new", "ch-1"), usage.firstHeard("new", "ch-2"), usage.firstHeard("x")]).toEqual([
    at("2026-01-02T09:00"),
    at("2026-02-12T12:00"),
    null,
    null,
  ]);
});

it("counts the members of the day: who left later was one, and who is back was none meanwhile", async () => {
  const status = async (wall: string, value: "suspended" | "active" | "left", member: number): Promise<void> => {
    nowMs = at(wall);
    await ledger.change.setMember({ member, status: value }, by);
  };
  await status("2026-03-05T12:00", "suspended", 2);
  await status("2026-03-20T12:00", "left", 3);
  await status("2026-04-02T12:00", "active", 2);
  const members = (month: string): number[] => {
    const end = Temporal.PlainYearMonth.from(month).add({ months: 1 }).toPlainDate({ day: 1 });
    const beforeMs = end.toZonedDateTime("Europe/Riga").epochMilliseconds;
    return [...ledger.read.usage.activeMembers(end.subtract({ days: 1 }).toString(), beforeMs)].sort();
  };
  expect(["2026-02", "2026-03", "2026-04"].map(members)).toEqual([[1, 2, 3], [1], [1, 2]]);
});
