/** Every short history of the interlock: the output is on exactly with a session, and nothing but the listed reasons cuts work. */
import { describe, expect, it } from "vitest";
import type { InterlockConfig, InterlockEvent, InterlockState } from "#core";
import { initialInterlock, nextDeadlineMono, stepInterlock } from "#core";
import { everySequence } from "./explore.ts";
import type { Bare } from "./interlock-play.ts";
import { activity, busy, extraction, inWords, permitted, play, powered, printer, refused, saw, tap, tick } from "./interlock-play.ts";

const energised = new Set<InterlockState["kind"]>(["enabled", "on_idle", "busy", "grace", "stopping", "stop10"]);
const events: readonly Bare[] = [
  tap(7),
  tap(9),
  permitted(7),
  permitted(9),
  refused(9),
  powered(true),
  powered(false),
  activity("busy"),
  activity("idle"),
  activity("unknown"),
  { kind: "end", reason: "lockout", mode: "when_idle" },
  { kind: "end", reason: "lockout", mode: "immediate" },
  { kind: "emergency", on: true },
  { kind: "ancillary", ready: true },
  { kind: "bypass", on: true },
  { kind: "link", up: false },
  { kind: "stop_button" },
  tick,
];
/** the only events that may take power from a working machine */
const mayCut = new Set(["emergency", "stop_button", "oops", "safety", "fault", "powered"]);

type Walk = { readonly state: InterlockState; readonly on: boolean };

function check({ state, on }: Walk, event: Bare, config: InterlockConfig, depth: number): Walk {
  const base = Math.max(state.sinceMono, depth * 4000);
  const nowMono = event.kind === "tick" ? Math.max(base, nextDeadlineMono(state) ?? 0) : base;
  const due = (nextDeadlineMono(state) ?? Infinity) <= nowMono;
  const [next, effects] = stepInterlock(state, { ...event, nowMono } as InterlockEvent, config);
  let output = on;
  for (const effect of effects) {
    if (effect.kind === "relay") output = effect.on;
    if (effect.kind === "pulse") output = effect.button === "start";
  }
  if (output !== energised.has(next.kind)) expect.fail(`output ${output} in ${next.kind} after ${event.kind}`);
  if (output !== (next.session !== null)) expect.fail(`output ${output} with${next.session === null ? "out" : ""} a session`);
  const working = state.busy === "busy" && state.session !== null;
  const warned = state.kind === "stop10" || state.kind === "grace";
  if (on && !output && working && !mayCut.has(event.kind) && !warned && !(due || event.kind === "activity"))
    expect.fail(`${event.kind} cut work in ${state.kind}`);
  if (on && !output && working && state.kind === "busy" && config.cutHazard && !["emergency", "powered"].includes(event.kind))
    expect.fail(`${event.kind} cut dangerous work`);
  if (event.kind === "link" && !due && output !== on) expect.fail("the link changed the output");
  if (event.kind === "refused" && !due && next.session !== null) {
    const { asking: _a, deadlines: _d, ...before } = state;
    const { asking: _b, deadlines: _e, ...after } = next;
    expect(after).toEqual(before);
    if (effects.some((effect) => effect.kind === "relay" || effect.kind === "emit")) expect.fail("a refusal acted");
  }
  const words = effects.map(inWords);
  const start = words.findIndex((word) => word === "relay on" || word === "press start");
  if (start !== -1 && !words.slice(0, start).includes("mach.session_started")) expect.fail("power before its record");
  if ((nextDeadlineMono(next) ?? Infinity) <= nowMono) expect.fail(`a deadline stayed due in ${next.kind}`);
  return { state: next, on: output };
}

const off = (config: InterlockConfig): Walk => ({
  state: stepInterlock(
    initialInterlock(config, 0),
    { kind: "booted", selfTest: true, powered: false, journal: null, nowMono: 0 },
    config,
  )[0],
  on: false,
});

describe("every history", () => {
  it.each([
    ["a held relay", saw],
    ["a held relay with extraction", { ...saw, ancillary: extraction }],
    ["a latching contactor", printer],
    ["a machine nobody may cut", { ...saw, cutHazard: true }],
  ] as const)("of four events from OFF keeps the invariants of %s", (_name, config) => {
    expect(
      everySequence(
        4,
        events,
        () => off(config),
        (walk, event, depth) => check(walk, event, config, depth),
      ),
    ).toBe(events.length ** 4);
  });
  it.each([
    ["a held relay", saw],
    ["a machine nobody may cut", { ...saw, cutHazard: true }],
  ] as const)("of four events from BUSY keeps the invariants of %s", (_name, config) => {
    const state = play(config, ...busy).state;
    expect(
      everySequence(
        4,
        events,
        () => ({ state, on: true }),
        (walk, event, depth) => check(walk, event, config, depth + 3),
      ),
    ).toBe(events.length ** 4);
  });
});
