/** What a machine hears of a foreign controller: words when they change, a silence as unknown, and another tool as an open circuit. */
import { expect, it } from "vitest";
import { controllerOf, type JobSource, toolGuard } from "../../../hub/host/controller-wire.ts";
import type { DeviceEvents } from "../../../hub/host/hosted-device.ts";
import type { JobState } from "../../../hub/hosted/job.ts";

function source() {
  const listeners: Partial<DeviceEvents>[] = [];
  const from: JobSource = { listen: (events) => void listeners.push(events) };
  const job = (state: JobState, tempC: number | null = null) => {
    for (const events of listeners) events.onJob?.({ kind: "job", state, job: null, percent: null, remainingS: null, tempC });
  };
  const online = (is: boolean) => listeners.forEach((events) => void events.onOnline?.(is));
  const tool = (name: "extruder" | "laser") => listeners.forEach((events) => void events.onTool?.(name));
  return { from, job, online, tool };
}

it("tells a word when it changes, a temperature by the degree, and both again after a while", () => {
  const { from, job, online } = source();
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, monoMs: () => nowMs, after: () => () => undefined, every: () => () => undefined };
  const told: [string, number | null][] = [];
  controllerOf(from, clock).onReport((word, tempC) => void told.push([word, tempC]));
  job("printing", 200);
  job("printing", 200.4);
  job("printing", 201.2);
  online(false);
  job("finished", 180);
  job("finished", 180);
  nowMs = 6000;
  job("finished", 180); // a machine that waits for it to be cool asks nobody
  expect(told).toEqual([
    ["running", 200],
    ["running", 201.2],
    ["unknown", null],
    ["complete", 180],
    ["complete", 180],
  ]);
});

it("opens the circuit for another tool than people were trained for, never in the middle of a job, and closes it again", () => {
  const { from, job, tool } = source();
  const guard = toolGuard(from, "extruder");
  const changes: (boolean | null)[] = [];
  guard.onChange((open) => void changes.push(open));
  expect(guard.read()).toBe(false);
  job("printing");
  tool("laser");
  expect(changes).toEqual([]);
  job("finished");
  expect([guard.read(), changes]).toEqual([true, [true]]);
  tool("extruder");
  expect([guard.read(), changes]).toEqual([false, [true, false]]);
});
