/** From the words of `node.yaml` to what board drivers take, and from what a state machine says to lamp and beeper. */
import type { BeepPattern, InterlockKind, SayKey } from "#core";
import type { InputWiring, OutputWiring } from "./node-config.ts";

type OutputConfig = { readonly pin: number; readonly activeLow: boolean; readonly type: "hold" | "latch" };
type InputConfig = { readonly pin: number; readonly pullup: boolean; readonly debounceMs: number };

export function outputConfigOf(wiring: OutputWiring | undefined, type: "hold" | "latch" = "hold"): OutputConfig | undefined {
  return wiring === undefined ? undefined : { pin: wiring.pin, activeLow: wiring.activeLow, type };
}

export function inputConfigOf(wiring: InputWiring | undefined, debounceMs: number): InputConfig | undefined {
  return wiring === undefined ? undefined : { pin: wiring.pin, pullup: wiring.pullup, debounceMs: wiring.debounceMs ?? debounceMs };
}

/** Only the entries that exist. */
export function definedOf<T>(entries: Readonly<Record<string, T | undefined>>): Record<string, T> {
  const kept: Record<string, T> = {};
  for (const [name, value] of Object.entries(entries)) if (value !== undefined) kept[name] = value;
  return kept;
}

/** One short for yes, two for no, three long for attention. */
export const beepSigns = {
  grant: "granted",
  deny: "refused",
  slow: "attention",
  fast: "attention",
  alarm: "attention",
  off: "silent",
} as const satisfies Record<BeepPattern, string>;

/** What a lamp beside a door shows while a sentence is said. */
export function lampSignOf(key: SayKey): "on" | "slow" | "fast" | "off" {
  if (key === "granted") return "on";
  if (key === "ended") return "off";
  return key === "close_the_door" || key === "wait" || key === "offline" ? "slow" : "fast";
}

/** What the lamp of a machine shows: dark, on, blinking slowly when it will go off, fast when something is wrong. */
export const lampOfInterlock = {
  boot: "off",
  off: "off",
  authorising: "slow",
  anc_start: "slow",
  enabled: "on",
  on_idle: "on",
  busy: "on",
  grace: "slow",
  stopping: "slow",
  stop10: "fast",
  run_on: "off",
  bypassed: "fast",
  fault: "fast",
  fault_welded: "fast",
} as const satisfies Record<InterlockKind, "on" | "slow" | "fast" | "off">;
