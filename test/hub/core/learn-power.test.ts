/** Learning thresholds: proposals that the detector then counts right, and a refusal for every way in which power tells nothing. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { initialCycle, type Learned, type LearnRefusal, learnPower, type PowerPhase, stepCycle } from "#core";

type Recorded = { readonly id: string; readonly sequence: readonly Readonly<Record<string, string | number>>[] };
const traces = readFileSync(new URL("../../fixtures/traces.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);
const sequence = (id: string) => traces.find((trace) => trace.id === id)?.sequence ?? [];
const secondOf = (t: unknown): number => Number(Temporal.PlainTime.from(String(t)).since(Temporal.PlainTime.from("00:00")).total("second"));

/** Each recorded point holds until the next. */
function seconds(id: string, wattsOf: (point: Readonly<Record<string, string | number>>) => number): number[] {
  const points = sequence(id);
  return points.slice(0, -1).flatMap((point, i) => {
    const forS = secondOf(points[i + 1]?.t) - secondOf(point.t);
    return new Array<number>(forS).fill(wattsOf(point));
  });
}
const steady = (watts: number, count = 30, ripple = 0): number[] =>
  Array.from({ length: count }, (_, i) => watts + ripple * Math.sin(i * 2.1));

/** A laser of 70 W standby and 300 W of firing, in the recorded states of a real job. */
const laserJob = seconds("traces-001", ({ state }) => (state === "Run" ? 370 : 70)).slice(-42, -8); // from the first Run to the end of the last
const laser = { off: steady(0.3, 30, 0.2), idle: steady(70, 30, 2), busy: laserJob };

function learned(phases: Parameters<typeof learnPower>[0]): Extract<Learned, { ok: true }> {
  const found = learnPower(phases, 1000);
  if (!found.ok) throw new Error(`refused: ${found.reason}`);
  return found;
}

/** How many runs the detector finds with it, after a time of idleness and before another. */
function runsIn(busy: PowerPhase, profile: Extract<Learned, { ok: true }>, idleW: number): number {
  let state = initialCycle();
  let runs = 0;
  const samples = [...steady(idleW, 20), ...busy, ...steady(idleW, Math.ceil(profile.minOffMs / 1000) + 5)];
  for (const [i, powerW] of samples.entries()) {
    const [next, effects] = stepCycle(
      state,
      { kind: "sample", powerW, counterWh: null, nowMono: i * 1000 },
      { ...profile, maxGapMs: 30_000 },
    );
    state = next;
    runs += effects.filter(({ kind }) => kind === "run_started").length;
  }
  return runs;
}

describe("thresholds", () => {
  it("of a laser hold its recorded job of three bursts together, as one run", () => {
    const found = learned(laser);
    expect(found.offW).toBeGreaterThan(70 * 1.25);
    expect(found.onW).toBeGreaterThan(found.offW);
    expect(found.minOffMs).toBeGreaterThanOrEqual(2 * 3000); // the longest pause that was recorded is 3 s
    expect(runsIn(laserJob, found, 70)).toBe(1);
    expect(runsIn(laserJob, { ...found, minOffMs: 1000 }, 70)).toBeGreaterThan(1);
  });
  it("of a plug whose standby was recorded between 2 and 7 W lie above it", () => {
    const idle = seconds("traces-008", ({ power_w }) => Number(power_w)).slice(0, 155);
    const found = learned({ off: steady(0), idle, busy: steady(60, 60, 10) });
    expect(found.offW).toBe(6);
    expect(runsIn(idle, found, 3)).toBe(0);
    expect(runsIn(steady(60, 60, 10), found, 3)).toBe(1);
  });
  it("of a printer that rests at 24 to 25 W do not take its rest for work", () => {
    const idle = steady(24.5, 40, 0.5);
    const found = learned({ off: steady(0.4), idle, busy: steady(140, 120, 60) });
    expect(runsIn(idle, found, 24.5)).toBe(0);
    expect(found.separation).toBeGreaterThan(0.25);
  });
  it("need a run to outlast the spikes of an idle machine", () => {
    const spiky = steady(60, 60).map((powerW, i) => (i === 20 || i === 21 || i === 40 ? 400 : powerW));
    const found = learned({ off: steady(0), idle: spiky, busy: steady(350, 60, 20) });
    expect(found.minOnMs).toBe(3000);
    expect(runsIn(spiky, found, 60)).toBe(0);
  });
});

const silent = (phase: PowerPhase): PowerPhase => phase.map((powerW, i) => (i % 4 === 0 ? null : powerW));
const noise = Array.from({ length: 30 }, (_, i) => 40 + 35 * Math.sin(i * 1.7));
describe("a refusal", () => {
  it.each<[what: string, reason: LearnRefusal, phase: "off" | "idle" | "busy" | null, phases: Parameters<typeof learnPower>[0]]>([
    ["of a recording that is too short", "too_few", "busy", { ...laser, busy: steady(400, 11) }],
    ["of a recording of nothing", "too_few", "off", { off: [], idle: [], busy: [] }],
    ["of a meter that falls silent", "meter_lost", "busy", { ...laser, busy: silent(steady(400, 40)) }],
    ["of a meter that was never there", "meter_lost", "off", { ...laser, off: new Array<null>(30).fill(null) }],
    ["of a clamp that reads noise", "noise", "off", { off: noise, idle: noise, busy: noise }],
    ["of a clamp around something else", "noise", "off", { off: steady(200), idle: steady(205), busy: steady(300) }],
    ["of a standby that drifts", "drift", "idle", { ...laser, idle: [...steady(12, 15), ...steady(20, 15)] }],
    ["of work that draws no more", "no_rise", "busy", { off: steady(0), idle: steady(70), busy: steady(71) }],
    ["of work that is mostly pauses", "overlap", null, { ...laser, busy: [...steady(370, 21), ...steady(95, 20), ...steady(70, 3)] }],
    ["of idle and work that overlap", "overlap", null, { off: steady(0), idle: steady(70, 30, 8), busy: steady(110, 60, 45) }],
  ])("%s", (_what, reason, phase, phases) => {
    expect(learnPower(phases, 1000)).toMatchObject({ ok: false, reason, phase });
  });
});
