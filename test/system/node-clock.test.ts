/**
 * Scenario S15 on a whole node: real program, outbox, files and TLS, a real hub that is away and comes back; only the wall clock is
 * played: 1970 at the start, an hour forth and back while a machine is in use. Durations are the steady clock's.
 */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { monthFigures } from "../../hub/reports/figures.ts";
import { monthInput } from "../../hub/reports/gather.ts";
import { createSeries } from "../../hub/series/index.ts";
import { systemClock } from "../../hub/system.ts";
import { furnishedFolder, type HubFolder, openTestLedger, startHubProcess } from "../support/hub-process.ts";
import { quietLog, realClock, temporaryDir } from "../support/ledger.ts";
import { until } from "../support/terminal.ts";
import { machineFolder, startMachine, type TestMachine } from "../support/test-machine.ts";

const by = "cli:test";
const node = "saw-node";
const hour = 3_600_000;
/** what a message takes on a machine that does much else */
const slowMs = 20_000;
const cards = { always: "em4100:0F00000001", scheduled: "em4100:0F00000002", ended: "em4100:0F00000003" } as const;
const temporary = temporaryDir();
let folder: HubFolder;
let configPath: string;
let wallMs = 0;
/** the operating system's clock as it was set, going on by itself */
const played = { ...systemClock, nowMs: () => Math.round(wallMs + performance.now()) };
const setWall = (ms: number): void => {
  wallMs = ms - performance.now();
};

beforeAll(async () => {
  folder = await furnishedFolder(temporary.dir, async ({ change }) => {
    await change.addSchedule(
      {
        schedule: "all-day",
        hours: { intervals: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMin: 0, endMin: 1440 })), special: [] },
      },
      by,
    );
    await change.addPlan({ plan: "always", label: "Always", always: true }, by);
    await change.addPlan({ plan: "hours", label: "Hours", always: false, schedule: "all-day" }, by);
    await change.addNode({ node, kind: "machine" }, by);
    await change.addMachine(
      {
        ...{ machine: "saw", node, ch: "machine", label: "Saw", riskClass: "C", cutHazard: false },
        course: null,
        unknownClock: "floor",
        graceMs: 0,
        minUsefulMs: 0,
      },
      by,
    );
    for (const [name, number] of Object.entries(cards)) {
      const { member } = await change.addMember({ displayName: name }, by);
      await change.assignCard({ member, card: { number } }, by);
      const until = name === "ended" ? { validThrough: "2026-01-31" } : {};
      await change.setMembership({ member, plan: name === "scheduled" ? "hours" : "always", from: "2025-01-01", ...until }, by);
    }
  });
  const ledger = await openTestLedger(folder.dir);
  configPath = await machineFolder(folder, ledger, node);
  await ledger.close();
});
afterAll(() => temporary.remove());

const toSecond = (ms: number): number => Math.round(ms / 1000);

it("S15: without a time it decides by what it can prove; steps of the clock move no duration, and times are filled in later", {
  timeout: 120_000,
}, async () => {
  const first = await startHubProcess(folder);
  const before = startMachine(configPath);
  await until("its permissions", () => before.node.node.snapshots.current() !== null, 30_000);
  await until("an empty outbox", () => before.node.node.outbox.depth() === 0, 10_000);
  await before.stop();
  await first.stop();

  setWall(1000); // a Pi without a battery clock
  const saw = startMachine(configPath, null, played);
  const clock = () => saw.node.node.nodeClock.read();
  expect(clock()).toMatchObject({ nowMs: null, quality: "unknown" });
  await pause(2500); // a card this soon after the start lay there
  await taps(saw, cards.scheduled);
  await taps(saw, cards.ended);
  expect(saw.isPermitted()).toBe(false);
  const startedMs = Date.now();
  saw.tap(cards.always);
  await until("a permit", saw.isPermitted, 8000);
  await pause(1500);
  setWall(Date.now() + hour); // somebody sets the clock, wrong
  await pause(1500);
  setWall(Date.now() - hour);
  await pause(1500);
  saw.tap(cards.always);
  await until("the end", () => !saw.isPermitted(), 8000);
  const endedMs = Date.now();

  const second = await startHubProcess(folder);
  await until("an empty outbox", () => saw.node.node.outbox.depth() === 0, 60_000);
  await until("the time", () => clock().quality !== "unknown", 20_000);
  expect(Math.abs((clock().nowMs ?? 0) - Date.now())).toBeLessThan(1000);
  await saw.stop();
  await second.stop();

  const ledger = await openTestLedger(folder.dir);
  const events = ledger.read.events({ node, after: 0, limit: 1000 }).filter(({ boot }) => boot === saw.node.node.boot);
  const [session] = ledger.read.sessions({ limit: 1 });
  await ledger.close();
  const decisions = events.flatMap(({ body }) => (body.kind === "access.decided" ? [`${body.outcome} ${body.reason}`] : []));
  expect(decisions.slice(0, 3)).toEqual(["deny CLOCK_UNTRUSTED", "deny MEMBERSHIP_EXPIRED", "grant GRANT_DEGRADED"]);
  const offline = events.filter(({ body }) => body.kind.startsWith("mach.session"));
  expect(offline.map(({ atMs, tq }) => [atMs, tq])).toEqual(offline.map(() => [null, "unknown"]));
  const tookMs = (session?.endedMs ?? 0) - (session?.startedMs ?? 0);
  const wrongMs = [Math.abs(tookMs - (endedMs - startedMs)), Math.abs((session?.startedMs ?? 0) - startedMs)];
  console.log(
    `clock: a session of ${((endedMs - startedMs) / 1000).toFixed(2)} s through 1970, +1 h and -1 h is on record with ${(tookMs / 1000).toFixed(2)} s, its start ${(wrongMs[1] ?? 0) / 1000} s off`,
  );
  expect(wrongMs.map(toSecond)).toEqual([0, 0]);
});

it("G15: a life that no hub heard, by a clock an hour ahead, is put right, counted, and its node named", { timeout: 60_000 }, async () => {
  setWall(Date.now() + hour);
  /** each start of a node is a process of its own: its steady clock begins anew */
  const life = () => {
    const fromMono = performance.now();
    return startMachine(configPath, null, { ...played, monoMs: () => performance.now() - fromMono });
  };
  const alone = life();
  await pause(2500);
  const startedMs = Date.now();
  alone.tap(cards.always);
  await until("a permit", alone.isPermitted, 8000);
  await pause(1200);
  alone.tap(cards.always);
  await until("the end", () => !alone.isPermitted(), 8000);
  const endedMs = Date.now();
  await alone.stop();
  const hub = await startHubProcess(folder);
  const after = life();
  await until("an empty outbox", () => after.node.node.outbox.depth() === 0, 30_000);
  await after.stop();
  await hub.stop();

  const ledger = await openTestLedger(folder.dir);
  const events = ledger.read.events({ node, after: 0, limit: 1000 }).filter(({ boot }) => boot === alone.node.node.boot);
  const [session] = ledger.read.sessions({ limit: 1 });
  const unsure = ledger.read.events({ node, kinds: ["access.decided"], limit: 1000 }).filter(({ tqHub }) => tqHub === "unknown");
  const month = new Date().toISOString().slice(0, 7);
  const series = await createSeries({ dir: folder.dir, influx: null }, { clock: realClock, log: quietLog() });
  const figures = monthFigures(monthInput({ ledger, series, month, madeMs: Date.now() }));
  await series.close();
  await ledger.close();
  expect(events.length).toBeGreaterThan(3);
  expect(new Set(events.map(({ tq, tqHub }) => `${tq} ${tqHub}`))).toEqual(new Set(["holdover unknown"]));
  // No nearer than the first message of the next life took on its way.
  const wrongMs = [...events.map(({ atMs, evtMs }) => (atMs ?? 0) - evtMs - hour), (session?.startedMs ?? 0) - startedMs];
  expect(Math.max(...wrongMs.map(Math.abs))).toBeLessThan(slowMs);
  const tookMs = (session?.endedMs ?? 0) - (session?.startedMs ?? 0);
  expect(Math.abs(tookMs - (endedMs - startedMs))).toBeLessThan(slowMs);
  expect(unsure.filter(({ boot }) => boot === alone.node.node.boot).length).toBeGreaterThan(0);
  expect(figures.doubts).toContainEqual({ doubt: "qClock", values: { n: unsure.length } });
  expect(figures.doubts).toContainEqual({ doubt: "qClockOff", values: { node, seconds: expect.closeTo(3600, -2) } });
});

/** An answer of the node itself: without a hub it takes up to five seconds. */
async function taps(saw: TestMachine, card: string): Promise<void> {
  const before = saw.node.node.outbox.depth();
  saw.tap(card);
  await until("an answer", () => saw.node.node.outbox.depth() > before, 8000);
  await pause(1200); // the next one is a new presence
}
