/** The power-cycle detector row by row (domain.md §4.3), and on a day of noisy power. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CycleEffect, CycleEvent, CycleKind, CycleProfile } from "#core";
import { cycleProfiles, initialCycle, nextDeadlineMono, stepCycle } from "#core";

const profile: CycleProfile = { onW: 200, offW: 60, minOnMs: 2000, minOffMs: 20_000, maxGapMs: 5000, busyHoldMs: 10_000 };
type Sample = readonly [atMs: number, powerW: number | null, counterWh?: number | null];

/** Plays samples, firing every deadline between them at its own time, as the shell does. */
function run(samples: readonly (Sample | CycleEvent)[], untilMs = 0) {
  let state = initialCycle();
  const effects: CycleEffect[] = [];
  const feed = (event: CycleEvent): void => {
    for (let next = nextDeadlineMono(state); next !== null && next < event.nowMono; next = nextDeadlineMono(state)) {
      const [timed, told] = stepCycle(state, { kind: "tick", nowMono: next }, profile);
      state = timed;
      effects.push(...told);
    }
    const [after, told] = stepCycle(state, event, profile);
    state = after;
    effects.push(...told);
  };
  for (const one of samples) feed("kind" in one ? one : { kind: "sample", nowMono: one[0], powerW: one[1], counterWh: one[2] ?? null });
  if (untilMs > 0) feed({ kind: "tick", nowMono: untilMs });
  return { state, effects, runs: effects.filter((effect) => effect.kind.startsWith("run_")) };
}
/** One sample a second. */
const flat = (fromS: number, toS: number, powerW: number): readonly Sample[] =>
  Array.from({ length: toS - fromS }, (_, i): Sample => [(fromS + i) * 1000, powerW]);

const off: CycleEvent = { kind: "relay_off", nowMono: 0 };
const worked = [off, ...flat(1, 5, 10), ...flat(5, 30, 900)];
type Row = readonly [row: string, samples: readonly (Sample | CycleEvent)[], untilMs: number, kind: CycleKind, runs: readonly object[]];
const started = { kind: "run_started", startMono: 5000 };
const rows: readonly Row[] = [
  ["UNKNOWN × first sample → STANDBY", flat(0, 1, 10), 0, "standby", []],
  ["UNKNOWN × first sample → STARTING", flat(0, 1, 900), 0, "starting", []],
  ["STANDBY × W ≥ onW → STARTING", [off, ...flat(1, 5, 10), ...flat(5, 6, 900)], 0, "starting", []],
  ["STARTING × W < offW → STANDBY", [off, ...flat(1, 5, 10), ...flat(5, 6, 900), ...flat(6, 7, 10)], 0, "standby", []],
  ["STARTING × t − t₀ ≥ minOnS → RUNNING, back-dated", [off, ...flat(1, 5, 10), ...flat(5, 8, 900)], 0, "running", [started]],
  ["RUNNING × W < offW → ENDING", [...worked, ...flat(30, 31, 10)], 0, "ending", [started]],
  ["ENDING × W ≥ onW → RUNNING", [...worked, ...flat(30, 49, 10), ...flat(49, 50, 900)], 0, "running", [started]],
  [
    "ENDING × t − t₁ ≥ minOffS → STANDBY, back-dated",
    [...worked, ...flat(30, 51, 10)],
    0,
    "standby",
    [started, { kind: "run_ended", endMono: 30_000, uncertainMs: 0 }],
  ],
  ["any × no sample for > maxGapS → STALE", worked, 34_001, "stale", [started]],
  ["STALE × sample after gap g < minOffS → previous state", [...worked, ...flat(45, 46, 900)], 0, "running", [started]],
  [
    "STALE × sample after gap g ≥ minOffS: the run ended at the last sample",
    [...worked, ...flat(60, 61, 10)],
    0,
    "standby",
    [started, { kind: "run_ended", endMono: 29_000, uncertainMs: 31_000 }],
  ],
  [
    "any × relay(off) → OFF, the run ends at that instant",
    [...worked, { kind: "relay_off", nowMono: 30_500 }],
    0,
    "off",
    [started, { kind: "run_ended", endMono: 30_500, uncertainMs: 0 }],
  ],
  [
    "ENDING × relay(off) → OFF, the run ended at the fall",
    [...worked, ...flat(30, 33, 10), { kind: "relay_off", nowMono: 33_500 }],
    0,
    "off",
    [started, { kind: "run_ended", endMono: 30_000, uncertainMs: 0 }],
  ],
];

describe("the power-cycle detector's table", () => {
  it.each(rows)("%s", (_row, samples, untilMs, kind, runs) => {
    const played = run(samples, untilMs);
    expect(played.state.kind).toBe(kind);
    expect(played.runs).toMatchObject(runs);
  });
  it("any × counter decreases → same, energy += newCounter", () =>
    expect(run([off, [1000, 900, 100], [2000, 900, 101], [3000, 900, 0.5]])).toMatchObject({
      state: { kind: "running", energy: { totalWh: 1.5 } },
      effects: expect.arrayContaining([{ kind: "meter_reset", counterWh: 0.5 }]),
    }));
});

describe("the power-cycle detector", () => {
  it("drops a spike shorter than minOn", () => expect(run([...flat(0, 5, 10), ...flat(5, 7, 900), ...flat(7, 60, 10)]).runs).toEqual([]));
  it("back-dates a run's start to its first sample and its end to the fall", () => {
    const { runs, effects } = run([off, ...flat(0, 5, 10), ...flat(5, 65, 900), ...flat(65, 120, 10)]);
    expect(runs).toMatchObject([
      { kind: "run_started", startMono: 5000 },
      { kind: "run_ended", endMono: 65_000, peakW: 900, uncertainMs: 0 },
    ]);
    expect(effects.filter((effect) => effect.kind === "activity").map((effect) => effect.busy)).toEqual(["idle", "busy", "idle"]);
  });
  it("keeps a gap shorter than minOff inside the run, and rests between the thresholds", () => {
    expect(run([...flat(0, 30, 900), ...flat(30, 49, 10), ...flat(49, 60, 900), ...flat(60, 90, 10)]).runs).toMatchObject([
      { startMono: 0 },
      { endMono: 60_000 },
    ]);
    expect(run([...flat(0, 30, 900), ...flat(30, 90, 100)]).state.kind).toBe("running");
    expect(run([...flat(0, 30, 100)]).state.kind).toBe("standby");
  });
  it("says busy for busyHold after the fall, then idle, though the run is not declared over", () => {
    const { state, runs } = run([...flat(0, 30, 900), ...flat(30, 42, 10)]);
    expect([state.kind, state.activity, runs.length]).toEqual(["ending", "idle", 1]);
  });
  it("calls silence unknown, bridges a short gap, and ends the run at its last sample after a long one", () => {
    const silent = run(flat(0, 30, 900), 40_000);
    expect([silent.state.kind, silent.state.activity]).toEqual(["stale", "unknown"]);
    expect(run([...flat(0, 30, 900), ...flat(45, 60, 900)]).state).toMatchObject({ kind: "running", activity: "busy" });
    expect(run([...flat(0, 30, 900), ...flat(90, 95, 10)]).runs).toMatchObject([
      { startMono: 0 },
      { endMono: 29_000, uncertainMs: 61_000 },
    ]);
  });
  it("never calls a machine idle without a sample: not when a pause has lasted, not when its hold is over", () => {
    const said = ({ effects }: ReturnType<typeof run>) => effects.flatMap((effect) => (effect.kind === "activity" ? [effect.busy] : []));
    const pause = [...flat(0, 30, 900), ...flat(30, 33, 10)];
    expect(said(run(pause, 120_000))).toEqual(["busy", "unknown"]);
    const back = run([...pause, ...flat(60, 65, 10)]); // low again as the meter returns: perhaps another pause
    expect([said(back), back.runs.length]).toEqual([["busy", "unknown"], 2]);
    expect(said(run([...pause, ...flat(60, 71, 10)]))).toEqual(["busy", "unknown", "idle"]);
  });
  it("counts quiet from the return of a meter that fell silent in a pause", () => {
    const short = [...flat(0, 30, 900), ...flat(30, 35, 10), ...flat(42, 47, 10)];
    expect(run(short).state).toMatchObject({ kind: "ending", activity: "busy" });
    expect(run([...short, ...flat(47, 53, 10)]).state).toMatchObject({ kind: "standby", activity: "idle" });
  });
  it("is not known from an open permit alone for longer than a meter may be silent (R3)", () => {
    expect(run([off], 5000).state.activity).toBe("idle");
    expect(run([off], 6000).state.activity).toBe("unknown");
    expect(run([off, [400_000, 500]]).state.activity).toBe("unknown");
    expect(run([off, [400_000, 10]]).state.activity).toBe("unknown");
    expect(run([off, [400_000, 10], ...flat(401, 412, 10)]).state.activity).toBe("idle");
  });
  it("knows no idleness before low power has lasted, unless the permit was off", () => {
    expect(run(flat(0, 10, 10)).state).toMatchObject({ kind: "standby", activity: "unknown" });
    expect(run(flat(0, 11, 10)).state.activity).toBe("idle");
    expect(run([{ kind: "relay_off", nowMono: 0 }, [1000, 10]]).state.activity).toBe("idle");
    expect(run([...flat(0, 1, 900), ...flat(1, 3, 10)]).state).toMatchObject({ kind: "standby", activity: "unknown" });
  });
  it("treats a sample of null like no sample", () =>
    expect(run([...flat(0, 30, 900), [31_000, null], [40_000, null]]).state.kind).toBe("stale"));
  it("ends the run when the interlock cuts, and nothing lingers", () => {
    const { state, runs } = run([...flat(0, 30, 900), { kind: "relay_off", nowMono: 30_500 }]);
    expect([state.kind, state.activity]).toEqual(["off", "idle"]);
    expect(runs[1]).toMatchObject({ endMono: 30_500, uncertainMs: 0 });
  });
  it("splits a run where the machine changes hands: two runs that touch, the counter's energy to each", () => {
    const counted = (fromS: number, toS: number): readonly Sample[] =>
      Array.from({ length: toS - fromS }, (_, i): Sample => [(fromS + i) * 1000, 900, fromS + i]);
    const { runs, state } = run([
      ...counted(0, 30),
      { kind: "split", nowMono: 29_500 },
      ...counted(30, 50),
      { kind: "relay_off", nowMono: 49_500 },
    ]);
    expect(runs).toMatchObject([
      { kind: "run_started", startMono: 0 },
      { kind: "run_ended", endMono: 29_500, energyWh: 29 },
      { kind: "run_started", startMono: 29_500 },
      { kind: "run_ended", endMono: 49_500, energyWh: 20 },
    ]);
    expect(state.kind).toBe("off");
    expect(run([...flat(0, 30, 10), { kind: "split", nowMono: 29_500 }]).runs).toEqual([]);
  });
  it("takes energy from the counter, and after a reset from its new value", () => {
    const { effects, state } = run([
      [0, 10, 100],
      [1000, 900, 100.5],
      [2000, 900, 101],
      [3000, 900, 102],
      [4000, 900, 0.25],
      [5000, 10, 0.5],
    ]);
    expect(state.energy.totalWh).toBeCloseTo(2.5, 9);
    expect(effects).toContainEqual({ kind: "meter_reset", counterWh: 0.25 });
  });
  it("takes a counter that falls by a part for a new beginning, and says so", () => {
    const { effects, state } = run([
      [0, 10, 183_360],
      [1000, 900, 181_522],
      [2000, 900, 181_522.25],
    ]);
    expect(state.energy.totalWh).toBeCloseTo(0.25, 9);
    expect(effects).toContainEqual({ kind: "meter_reset", counterWh: 181_522 });
  });
  it("integrates without a counter and spans no gap", () => {
    expect(
      run([
        [0, 3600],
        [1000, 3600],
      ]).state.energy.totalWh,
    ).toBeCloseTo(1, 9);
    expect(
      run([
        [0, 3600],
        [9000, 3600],
      ]).state.energy.totalWh,
    ).toBe(0);
  });
  it("has profiles whose thresholds leave room between on and off", () => {
    for (const [name, { onW, offW, busyHoldMs, minOffMs }] of Object.entries(cycleProfiles))
      expect(offW < onW && busyHoldMs <= minOffMs, name).toBe(true);
  });
  it("pairs starts and ends in order for any power, and never loses or invents energy", () => {
    const anySteps = fc.array(fc.tuple(fc.constantFrom(200, 1000, 4000, 9000, 30_000), fc.constantFrom(0, 50, 100, 300, 900, null)), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(anySteps, (steps) => {
        let at = 0;
        let counterWh = 0;
        const samples = steps.map(([gap, powerW]): Sample => {
          at += gap;
          counterWh += (powerW ?? 0) / 100;
          return [at, powerW, counterWh];
        });
        const { runs, state } = run(samples);
        let last = -1;
        runs.forEach((effect, i) => {
          expect(effect.kind).toBe(i % 2 === 0 ? "run_started" : "run_ended");
          const mono = effect.kind === "run_started" ? effect.startMono : effect.kind === "run_ended" ? effect.endMono : -1;
          expect(mono).toBeGreaterThanOrEqual(last);
          last = mono;
        });
        const inRuns = runs.reduce((sum, effect) => sum + (effect.kind === "run_ended" ? effect.energyWh : 0), 0);
        expect(inRuns).toBeLessThanOrEqual(state.energy.totalWh + 1e-6);
      }),
      { numRuns: 400 },
    );
  });
  it("makes the same runs of power told at its changes, with a sign of life in time, as of a sample each second", () => {
    const stretch = fc.record({
      lastsS: fc.integer({ min: 1, max: 60 }),
      powerW: fc.constantFrom(0, 50, 59, 60, 100, 199, 200, 300, 900, null),
      /** what happens as it ends: the machine changes hands, or its permit goes */
      ending: fc.constantFrom("nothing", "nothing", "nothing", "split", "relay_off"),
    });
    const played = (told: readonly (Sample | CycleEvent)[], untilMs: number) => {
      const { state, runs } = run(told, untilMs);
      const ofRuns = runs.map((effect) => (effect.kind === "run_ended" ? { ...effect, energyWh: effect.energyWh.toFixed(6) } : effect));
      return { runs: ofRuns, kind: state.kind, activity: state.activity, totalWh: state.energy.totalWh.toFixed(6) };
    };
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 60 }), fc.boolean(), (stretches, hasCounter) => {
        const each: (Sample | CycleEvent)[] = [];
        const changes: (Sample | CycleEvent)[] = [];
        let atS = 0;
        let counterWh = 0;
        for (const { lastsS, powerW, ending } of stretches) {
          const signS = Math.floor(profile.maxGapMs / 1000);
          for (let s = 0; s < lastsS; s += 1, atS += 1) {
            counterWh += (powerW ?? 0) / 3600;
            const sample: Sample = [atS * 1000, powerW, hasCounter && powerW !== null ? counterWh : null];
            each.push(sample);
            if (s === 0 || s === lastsS - 1 || s % signS === 0) changes.push(sample);
          }
          if (ending === "nothing") continue;
          const event: CycleEvent = { kind: ending, nowMono: (atS - 1) * 1000 };
          each.push(event);
          changes.push(event);
        }
        expect(played(changes, atS * 1000)).toEqual(played(each, atS * 1000));
      }),
      { numRuns: 300 },
    );
  });
});
