/** Plays events into an interlock and puts its effects into words. */
import { expect, it } from "vitest";
import type { Permit } from "#contract";
import type { InterlockConfig, InterlockEffect, InterlockEvent, InterlockState } from "#core";
import { initialInterlock, interlockDefaults, stepInterlock } from "#core";

export type Bare = InterlockEvent extends infer E ? (E extends InterlockEvent ? Omit<E, "nowMono"> : never) : never;
export type Timed = readonly [atMs: number, event: Bare];
export const saw: InterlockConfig = { ...interlockDefaults, cutHazard: false, attendance: "attended" };
export const printer: InterlockConfig = { ...saw, permitKind: "pulse", cutHazard: true, attendance: "unattended_ok" };
export const extraction = { required: true, readyMs: 15_000, runOnMs: 60_000, keepInFire: false };

export const permit: Permit = {
  leaseMs: 900_000,
  idleMs: 1_200_000,
  graceMs: 90_000,
  enableMs: 30_000,
  strikeMs: 0,
  shuntMs: 0,
  attended: true,
  holdPolicy: "until_idle",
};
export const session = "01JDGC5F7W9ZK3T5V0QXN2B8M1";
export const otherSession = "01JDGC5F7W9ZK3T5V0QXN2B8M2";
export const decision = "01JDGC5F7W9ZK3T5V0QXN2B8MA";

export const tap = (member: number, nonce = `n${member}`): Bare => ({ kind: "tap", nonce, member, wants: "start" });
export const permitted = (member: number, changes: Partial<Permit> = {}, nonce = `n${member}`): Bare => ({
  kind: "permit",
  nonce,
  member,
  session: member === 7 ? session : otherSession,
  decision,
  permit: { ...permit, ...changes },
  provisional: false,
});
export const refused = (member: number): Bare => ({ kind: "refused", nonce: `n${member}`, reason: "TRAINING_MISSING" });
export const powered = (on: boolean): Bare => ({ kind: "powered", on });
export const activity = (busy: "busy" | "idle" | "unknown"): Bare => ({ kind: "activity", busy, run: null });
export const tick: Bare = { kind: "tick" };
export const boot: Timed = [0, { kind: "booted", selfTest: true, powered: false, journal: null }];
export const idleMeter: Timed = [0, activity("idle")];

/** From OFF to ON_IDLE at 1 s, BUSY at 10 s. */
export const onIdle: readonly Timed[] = [
  boot,
  idleMeter,
  [0, tap(7)],
  [100, permitted(7)],
  [1000, powered(true)],
  [1001, activity("idle")],
];
export const busy: readonly Timed[] = [...onIdle, [10_000, activity("busy")]];

export function inWords(effect: InterlockEffect): string {
  switch (effect.kind) {
    case "relay":
      return effect.on ? "relay on" : "relay off";
    case "pulse":
      return `press ${effect.button}`;
    case "ancillary":
      return effect.on ? "ancillary on" : "ancillary off";
    case "request":
      return `request ${effect.request} ${effect.place}`;
    case "emit":
      return effect.body.kind === "mach.session_closed" ? `closed ${effect.body.reason}` : effect.body.kind;
    case "accessory":
      return `${effect.accessory} ${effect.on ? "on" : "off"}`;
    case "split_run":
      return "split run";
    case "say":
      return `say ${effect.key}`;
    case "beep":
      return `beep ${effect.pattern}`;
  }
}

export type Played = {
  readonly state: InterlockState;
  readonly kind: InterlockState["kind"];
  readonly last: readonly InterlockEffect[];
  readonly words: readonly string[];
};
export function play(config: InterlockConfig, ...events: readonly Timed[]): Played {
  let state = initialInterlock(config, 0);
  let last: readonly InterlockEffect[] = [];
  for (const [nowMono, event] of events) [state, last] = stepInterlock(state, { ...event, nowMono } as InterlockEvent, config);
  return { state, kind: state.kind, last, words: last.map(inWords) };
}

/** What is told and done last, and these facts of the state after it, each whole. */
export type Corner = readonly [
  behaviour: string,
  config: InterlockConfig,
  events: readonly Timed[],
  kind: InterlockState["kind"],
  words: readonly string[],
  facts?: Readonly<Record<string, unknown>>,
];
export function playCorners(corners: readonly Corner[]): void {
  for (const [behaviour, config, events, kind, words, facts = {}] of corners)
    it(behaviour, () => {
      const played = play(config, ...events);
      const state = new Map<string, unknown>(Object.entries(played.state));
      const found = Object.fromEntries(Object.keys(facts).map((name) => [name, state.get(name)]));
      expect({ kind: played.kind, words: played.words, facts: found }).toEqual({ kind, words, facts });
    });
}
