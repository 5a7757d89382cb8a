/** The counter of a hosted machine over lives, devices and doubts; what the fold itself makes of readings is in hosted/energy. */
import { expect, it } from "vitest";
import { counterGainWh } from "#core/counter.ts";
import { createMemoryFiles, type NodeFiles } from "../../../devices/kit/node-files.ts";
import type { Clock } from "../../../devices/kit/ports.ts";
import { countEnergy, energySaid } from "../../../hub/host/hosted-energy.ts";
import { socketTraits } from "../../../hub/hosted/energy-reader.ts";

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** One life; `nowMs` is the day's time at its start. */
function life(files: NodeFiles, nowMs: number, device = "tasmota:plug#0") {
  let monoMs = 0;
  const clock: Clock = { nowMs: () => nowMs + monoMs, monoMs: () => monoMs, after: () => () => {}, every: () => () => {} };
  const doubts: string[] = [];
  const counter = countEnergy({ device, traits: socketTraits, files, clock, log: quiet, onDoubt: (why) => void doubts.push(why) });
  return {
    doubts,
    counter,
    /** a report each ten seconds: 720 W are 2 Wh */
    run(fromWh: number, count: number, row: { powerW?: number; counterWh?: number | null } = {}) {
      for (let i = 0; i < count; i += 1) {
        monoMs += 10_000;
        counter.hear({ powerW: 719 + 2 * (i % 2), counterWh: fromWh + 2 * i, ...row });
      }
    },
    wait: (ms: number) => {
      monoMs += ms;
    },
  };
}

it("there is no energy before a counter was heard, whatever power says; then it begins where the counter is", () => {
  const { counter, run } = life(createMemoryFiles(), 0);
  run(0, 10, { counterWh: null });
  expect(counter.totalWh(true)).toBeNull();
  run(183_360, 1);
  expect(counter.totalWh(false)).toBe(183_360);
});
it("between two reports it goes on by power, for as long as one report, and never back", () => {
  const { counter, run, wait } = life(createMemoryFiles(), 0);
  run(5000, 2);
  wait(5000);
  expect(counter.totalWh(true)).toBeCloseTo(5003, 1);
  wait(60_000);
  expect(counter.totalWh(true)).toBeCloseTo(5004, 1);
  expect(counter.totalWh(false)).toBeCloseTo(5004, 1);
});
it("after a life that ended in order it is told at once, and what was used meanwhile is in it once the counter is heard", async () => {
  const files = createMemoryFiles();
  const first = life(files, 0);
  first.run(5000, 51);
  await first.counter.close();
  const { counter, run } = life(files, 3_600_000);
  expect(counter.totalWh(true)).toBe(5100);
  run(5900, 1);
  expect(counter.totalWh(false)).toBe(5900);
  expect(counter.report()).toMatchObject({ totalWh: 5900, sinceMs: 0, doubts: {} });
});
it("after a life that was killed nothing is told until the counter is heard, and nothing is counted twice or lost", () => {
  const files = createMemoryFiles();
  const first = life(files, 0);
  first.run(5000, 51);
  const toldWh = Number(first.counter.totalWh(true));
  const { counter, run } = life(files, 600_000);
  expect(counter.totalWh(true)).toBeNull();
  run(5102, 1);
  expect(counter.totalWh(false)).toBe(5102);
  expect(counterGainWh(toldWh, 5102, 100_000) + toldWh).toBeCloseTo(5102, 3);
});
it("what a counter gained under a load that the killed life had not yet written down is not lost, whichever word comes first", () => {
  const reports = [{ counterWh: 5300 }, { powerW: 720, counterWh: 5300 }, { powerW: 0, counterWh: 5300 }, { powerW: 720 }];
  for (const report of reports) {
    const files = createMemoryFiles();
    const first = life(files, 0);
    first.counter.hear({ powerW: 1200, relayOn: true });
    first.counter.hear({ powerW: 0, counterWh: 5000, relayOn: false }); // the last that is on the disk
    const { counter, doubts } = life(files, 600_000);
    counter.hear(report);
    counter.hear({ counterWh: 5300, relayOn: true });
    expect([counter.totalWh(false), doubts]).toEqual([5300, []]);
  }
});
it("what was told between two reports is not taken back when the next one says less", () => {
  const { counter, run, wait } = life(createMemoryFiles(), 0);
  run(5000, 2);
  wait(9000);
  const toldWh = counter.totalWh(true);
  expect(toldWh).toBeCloseTo(5003.8, 1);
  wait(1000);
  counter.hear({ powerW: 0, counterWh: 5002.1, relayOn: false });
  expect(counter.totalWh(true)).toBe(toldWh);
  expect(counter.totalWh(false)).toBe(toldWh);
});
it("a total that a killed life told a trifle too high is not taken for a counter that began again", () => {
  expect(counterGainWh(100.6, 100, 60_000)).toBe(0);
  expect(counterGainWh(100.6, 3, 60_000)).toBe(3);
});
it("a computer whose clock has gone back meanwhile goes on all the same", async () => {
  const files = createMemoryFiles();
  const first = life(files, 1_800_000_000_000);
  first.run(5000, 51);
  await first.counter.close();
  const { counter, run, doubts } = life(files, 1_700_000_000_000);
  run(5102, 20);
  expect(Math.round(Number(counter.totalWh(false)))).toBe(5140);
  expect(doubts).toEqual([]);
});
it("another device in the same place counts on from what the first had", async () => {
  const files = createMemoryFiles();
  const first = life(files, 0);
  first.run(183_000, 51);
  await first.counter.close();
  const { counter, run, doubts } = life(files, 3_600_000, "shelly-gen2:plug#0");
  expect(counter.totalWh(true)).toBeNull();
  run(7, 11);
  expect([Math.round(Number(counter.totalWh(false))), doubts]).toEqual([183_120, []]);
});
it("a counter that falls again and again is told once a minute, with all that is doubtful", () => {
  const { counter, run, doubts } = life(createMemoryFiles(), 0);
  run(183_360, 20);
  for (let i = 0; i < 12; i += 1) run(181_522 - 100 * i, 1);
  expect(doubts.length).toBeGreaterThanOrEqual(2);
  expect(doubts.length).toBeLessThanOrEqual(3);
  expect(counter.report()?.doubts.fell).toBeGreaterThan(5);
  expect(counter.report()?.uncertainWh).toBeGreaterThan(10);
});
it("what was kept and is damaged counts as nothing kept", async () => {
  const files = createMemoryFiles();
  await files.save("energy", { device: "tasmota:plug#0", state: { totalWh: -1 } });
  const { counter, run } = life(files, 0);
  run(5000, 3);
  expect(counter.totalWh(false)).toBe(5004);
});
it("a message says of energy what its senses say, and nothing when they say nothing", () => {
  expect(energySaid([{ kind: "availability", online: true }])).toBeNull();
  expect(
    energySaid([
      { kind: "relay", on: false },
      { kind: "power", powerW: null, energyWh: 5 },
      { kind: "uptime", s: 9 },
    ]),
  ).toEqual({
    relayOn: false,
    powerW: null,
    counterWh: 5,
    runningS: 9,
  });
});
