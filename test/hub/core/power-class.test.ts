/** Power told busy, idle or off: hysteresis, least lasting times, and that runs tell the same as the samples they were made of. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { classify, newClassState, type PowerClasses, powerClassesOf, settle, zoneOf } from "#core";

const classes: PowerClasses = {
  poweredW: 5,
  offW: 1,
  workW: 100,
  restW: 80,
  workMs: 5000,
  restMs: 20_000,
  poweredMs: 15_000,
  offMs: 30_000,
};
type Piece = readonly [fromS: number, toS: number, powerW: number];

function told(pieces: readonly Piece[], by: PowerClasses = classes): { readonly stretches: string[]; readonly begins: number[] } {
  const state = newClassState((pieces[0]?.[0] ?? 0) * 1000);
  const stretches: { cls: string; from: number; to: number }[] = [];
  const begins: number[] = [];
  const sink = {
    stretch(fromMs: number, toMs: number, cls: string) {
      const last = stretches.at(-1);
      if (last !== undefined && last.cls === cls && last.to === fromMs / 1000) last.to = toMs / 1000;
      else stretches.push({ cls, from: fromMs / 1000, to: toMs / 1000 });
    },
    began: (atMs: number) => void begins.push(atMs / 1000),
  };
  for (const [from, to, powerW] of pieces) classify(state, by, from * 1000, to * 1000, powerW, sink);
  settle(state, sink);
  return { stretches: stretches.map(({ cls, from, to }) => `${cls} ${from}–${to}`), begins };
}

it("work counts from when it began, once it has lasted, and so does rest", () => {
  const { stretches, begins } = told([
    [0, 100, 0.4],
    [100, 160, 20],
    [160, 220, 150],
    [220, 235, 20],
    [235, 300, 150],
    [300, 400, 20],
    [400, 500, 0.4],
  ]);
  expect(stretches).toEqual(["off 0–100", "idle 100–160", "busy 160–300", "idle 300–400", "off 400–500"]);
  expect(begins).toEqual([160]);
});

it("what is too short is nothing, and between the edges everything stays as it was", () => {
  expect(told([[0, 60, 20], [60, 64, 500], [64, 120, 70], [120, 200, 20]]).stretches).toEqual(["idle 0–200"]); // biome-ignore format: a trace
  expect(told([[0, 60, 100], [60, 200, 81], [200, 300, 79]]).stretches).toEqual(["busy 0–200", "idle 200–300"]); // biome-ignore format: a trace
});

it("a short silence is unknown time within the work, a long one ends it", () => {
  expect(told([[0, 60, 150], [70, 120, 150]])).toEqual({ stretches: ["busy 0–60", "busy 70–120"], begins: [0] }); // biome-ignore format: a trace
  expect(told([[0, 60, 150], [90, 120, 150]])).toEqual({ stretches: ["busy 0–60", "busy 90–120"], begins: [0, 90] }); // biome-ignore format: a trace
});

it("a run tells what its samples tell, wherever the time is cut", () => {
  const sample = fc.record({
    s: fc.integer({ min: 1, max: 40 }),
    gapS: fc.constantFrom(0, 0, 0, 0, 7, 50),
    w: fc.constantFrom(0, 0.9, 3, 20, 79.9, 80, 99.9, 100, 400),
  });
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 60 }), (list) => {
      const samples: Piece[] = [];
      let at = 0;
      for (const { s, gapS, w } of list) {
        samples.push([at + gapS, at + gapS + s, w]);
        at += gapS + s;
      }
      const runs: Piece[] = [];
      for (const piece of samples) {
        const last = runs.at(-1);
        const isSame = last !== undefined && last[1] === piece[0] && zoneOf(classes, last[2]) === zoneOf(classes, piece[2]);
        if (isSame) runs[runs.length - 1] = [last[0], piece[1], last[2]];
        else runs.push(piece);
      }
      expect(told(runs)).toEqual(told(samples));
      const all = told(samples).stretches.map((text) => (/ (\d+)–(\d+)/.exec(text) ?? []).slice(1).map(Number) as [number, number]);
      expect(all.reduce((sum, [from, to]) => sum + to - from, 0)).toBe(samples.reduce((sum, [from, to]) => sum + to - from, 0));
    }),
    { numRuns: 150 },
  );
});

it("thresholds come from the machine's profile, single settings win, and without any its use is unknown", () => {
  expect(powerClassesOf({})).toBeNull();
  expect(powerClassesOf({ profile: "laser" })).toMatchObject({ workW: 180, restW: 95, workMs: 2000, restMs: 20_000, poweredW: 5, offW: 1 });
  expect(powerClassesOf({ profile: "laser", onW: 300 })).toMatchObject({ workW: 300, restW: 95 });
  expect(powerClassesOf({ onW: 50 })).toMatchObject({ workW: 50, restW: 40, workMs: 5000, restMs: 15_000 });
});

const kiln = { ...classes, windowMs: 60_000 };
/** A part of every 48 s on, which an instant's power calls work and rest in turn. */
const pulses = (fromS: number, toS: number, onS: number): Piece[] =>
  Array.from({ length: Math.ceil((toS - fromS) / 48) }, (_, i) => fromS + i * 48).flatMap((at) => [
    [at, at + onS, 2000],
    [at + onS, at + 48, 5],
  ]);

it("a heater works while it is switched on and off, by the 80th percentile of a minute", () => {
  const trace: Piece[] = [[0, 240, 5], ...pulses(240, 960, 18), [960, 1200, 5]];
  // on for more than 12 of 60 s from the 13th second on, until the last pulse has left all but 12 s of the window
  expect(told(trace, kiln)).toEqual({ stretches: ["off 0–1", "idle 1–253", "busy 253–978", "idle 978–1200"], begins: [253] });
  expect(told(trace).begins.length).toBe(15);
  // twelve seconds are a fifth, and not more
  expect(told([[0, 240, 5], ...pulses(240, 288, 12), [288, 600, 5]], kiln).begins).toEqual([]);
});

it("a heater's window is the same however its time is cut, and holds no more than a minute", () => {
  const piece = fc.record({ ms: fc.integer({ min: 100, max: 90_000 }), powerW: fc.constantFrom(0, 5, 79, 95, 2000) });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 30 }), fc.integer({ min: 130, max: 7000 }), (pieces, cutMs) => {
      const whole: Piece[] = [];
      let at = 0;
      for (const { ms, powerW } of pieces) {
        whole.push([at / 1000, (at + ms) / 1000, powerW]);
        at += ms;
      }
      const cut = whole.flatMap(([from, to, powerW]) => {
        const parts: Piece[] = [];
        for (let fromMs = from * 1000; fromMs < to * 1000; fromMs += cutMs)
          parts.push([fromMs / 1000, Math.min(fromMs + cutMs, to * 1000) / 1000, powerW]);
        return parts;
      });
      expect(told(cut, kiln)).toEqual(told(whole, kiln));
      const state = newClassState(0);
      for (const [from, to, powerW] of cut) classify(state, kiln, from * 1000, to * 1000, powerW, { stretch: () => {}, began: () => {} });
      const kept = state.recent ?? [];
      expect((kept[0]?.toMs ?? at) >= at - 61_000 - cutMs).toBe(true);
    }),
    { seed: 11, numRuns: 200 },
  );
});

it("only a machine that is said to be a heater has a window", () => {
  expect(powerClassesOf({ onW: 1500, heater: true })).toMatchObject({ windowMs: 60_000 });
  expect(powerClassesOf({ onW: 1500 })).not.toHaveProperty("windowMs");
});
