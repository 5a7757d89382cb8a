/** Hosted nodes begin a few at a time: counted in virtual time. */
import { expect, it } from "vitest";
import type { Clock } from "../../../devices/kit/ports.ts";
import { createStarts, startsAtOnce } from "../../../hub/host/starts.ts";

const names = Array.from({ length: 300 }, (_, i) => `node-${i}`);

/** `greetsMs`: how long a node takes to begin; null when it never says that it has. */
function run(greetsMs: number | null, forMs: number, change: (nowMs: number) => readonly string[] | null = () => null) {
  let nowMs = 0;
  const timers: { readonly atMs: number; readonly run: () => void }[] = [];
  const clock: Clock = {
    nowMs: () => nowMs,
    monoMs: () => nowMs,
    after(_name, delayMs, task) {
      const timer = { atMs: nowMs + delayMs, run: task };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    every: () => () => {},
  };
  const begunMs = new Map<string, number>();
  let most = 0;
  const isThere = (name: string) => greetsMs !== null && nowMs - (begunMs.get(name) ?? 0) >= greetsMs;
  const starts = createStarts({
    clock,
    isThere,
    begin(name) {
      expect(begunMs.has(name)).toBe(false);
      begunMs.set(name, nowMs);
      most = Math.max(most, [...begunMs.keys()].filter((one) => !isThere(one) && nowMs - (begunMs.get(one) ?? 0) < 15_000).length);
    },
  });
  let wanted: readonly string[] = names;
  starts.want(wanted);
  for (; nowMs < forMs; nowMs += 50) {
    for (const timer of timers.filter(({ atMs }) => atMs <= nowMs)) {
      timers.splice(timers.indexOf(timer), 1);
      timer.run();
    }
    if (nowMs % 1000 !== 0) continue;
    wanted = change(nowMs) ?? wanted;
    starts.want(wanted.filter((name) => !begunMs.has(name)));
  }
  return { begunMs, most, waiting: starts.waiting() };
}

it("three hundred begin a few at a time, each as soon as the start of another is over", () => {
  const { begunMs, most, waiting } = run(200, 30_000);
  expect([begunMs.size, most, waiting]).toEqual([300, startsAtOnce, 0]);
});
it("a disk that hangs delays each by a quarter of a minute, and keeps none from beginning", () => {
  const { begunMs, most } = run(null, 1_600_000);
  expect([begunMs.size, most]).toEqual([300, startsAtOnce]);
});
it("one that is not to run any more before its turn does not begin", () => {
  const { begunMs } = run(200, 30_000, (nowMs) => (nowMs >= 2000 ? names.slice(0, 150) : null));
  expect(begunMs.size).toBeLessThan(155);
  expect(begunMs.has("node-299")).toBe(false);
});
