/** Plays events into an interlock and puts its effects into words. */
import { expect, it } from "vitest";
import type { EndReason, Permit } from "#contract";
import type { InterlockConfig, InterlockEffect, InterlockEvent, InterlockState } from "#core";
import { initialInterlock, interlockDefaults, stepInterlock } from "#core";

export type Bare = InterlockEvent extends infer E ? (E extends InterlockEvent ? Omit<E, "nowMono"> : never) : never;
export type Timed = readonly [atMs: number, event: Bare];
export const saw: InterlockConfig = { ...interlockDefaults, cutHazard: false, attendance: "attended" };
export const printer: InterlockConfig = { ...saw, permitKind: "pulse", cutHazard: true, attendance: "unattended_ok" };
export const extraction = { required: true, readyMs: 15_000, runOnMs: 60_000, keepInFire: false };
export const minute = 60_000;
export const fan: InterlockConfig = { ...saw, ancillary: extraction };
export const hazard: InterlockConfig = { ...saw, cutHazard: true };
export const insert: InterlockConfig = { ...saw, insertReader: true };
export const unattended: InterlockConfig = { ...saw, attendance: "unattended_ok" };

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

export const stop: Bare = { kind: "stop_button" };
export const ready: Bare = { kind: "ancillary", ready: true };
export const bypass = (on: boolean): Bare => ({ kind: "bypass", on });
export const power = (powerW: number, energyWh: number | null = null): Bare => ({ kind: "power", powerW, energyWh });
export const hold = (member: number): Bare => ({ kind: "hold", member });
export const ask = (member: number, wants: "start" | "extend" | "handover" | "maintain" | "teach", nonce = `n${member}`): Bare => ({
  kind: "ask",
  nonce,
  member,
  wants,
});
export const end = (mode: "when_idle" | "immediate", reason: EndReason = "lockout"): Bare => ({ kind: "end", reason, mode }) as Bare;
/** The node starts: what the contact tells of power, and the session that its journal knows. */
export const started = (on: boolean | null, selfTest = true, journal: InterlockState["session"] = null): Timed => [
  0,
  { kind: "booted", selfTest, powered: on, journal },
];
export const asked: readonly Timed[] = [boot, idleMeter, [0, tap(7)]];
export const enabled: readonly Timed[] = [...asked, [100, permitted(7)]];
/** From OFF to ON_IDLE at 1 s by a permit with these changes, and on. */
export const used = (changes: Partial<Permit>, ...more: readonly Timed[]): readonly Timed[] => [
  ...asked,
  [100, permitted(7, changes)],
  [1000, powered(true)],
  [1001, activity("idle")],
  ...more,
];
/** From OFF to ON_IDLE at 1 s, BUSY at 10 s. */
export const onIdle: readonly Timed[] = used({});
export const busy: readonly Timed[] = [...onIdle, [10_000, activity("busy")]];
export const grace: readonly Timed[] = [...onIdle, [5000, tap(7)]];
/** without a contact: on as soon as it is permitted */
export const unsensed: readonly Timed[] = [started(null), idleMeter, [0, tap(7)], [100, permitted(7)]];
/** ON_IDLE with extraction that was ready in time; and its run-on after the stop button */
export const fanOn: readonly Timed[] = [...enabled, [200, ready], [1000, powered(true)]];
export const ran: readonly Timed[] = [...fanOn, [9000, stop], [9100, powered(false)]];
export const welded: readonly Timed[] = [boot, idleMeter, [0, power(300)], [3000, tick]];
/** what is done and told when the permit goes */
export const cutBy = (reason: string): readonly string[] => ["relay off", "mach.relay_off", `closed ${reason}`, "beep off", "say ended"];

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
