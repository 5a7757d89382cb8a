/** From the words of `node.yaml` to what board drivers take, and from what a state machine says to lamp and beeper. */
import { createHash } from "node:crypto";
import type { BeepPattern, InterlockKind, SayKey } from "#core";
import type { DisplayWiring, InputWiring, LampWiring, NodeConfigFile, OutputWiring } from "./node-config.ts";

type OutputConfig = { readonly pin: number; readonly activeLow: boolean; readonly type: "hold" };
type ButtonConfig = Omit<OutputConfig, "type"> & { readonly type: "pulse"; readonly durationMs: number };
type InputConfig = { readonly pin: number; readonly pullup: boolean; readonly debounceMs: number };

export function outputConfigOf(wiring: OutputWiring): OutputConfig;
export function outputConfigOf(wiring: OutputWiring | undefined): OutputConfig | undefined;
export function outputConfigOf(wiring: OutputWiring | undefined): OutputConfig | undefined {
  return wiring === undefined ? undefined : { pin: wiring.pin, activeLow: wiring.activeLow, type: "hold" };
}

/** A contactor's START or STOP: the board ends the press by itself, though this process dies in the middle of it. */
export function pressConfigOf({ pin, activeLow }: OutputWiring, durationMs: number): ButtonConfig {
  return { pin, activeLow, type: "pulse", durationMs };
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

/** What switches, and what senses; lamps and sounds may come and go. */
const parts = [
  "board",
  "reader",
  "permit",
  "strike",
  "aux",
  "meter",
  "ancillary",
  "accessories",
  "stopButton",
  "oopsButton",
  "safety",
  "bypass",
  "contact",
  "exitButton",
] as const;
/** Where a wire goes and which way round. Fixed names, so that a field that a later version adds is no new wiring. */
const wires: ReadonlySet<string> = new Set(["port", "kind", "pin", "pin0", "pin1", "pin2", "pin3", "activeLow", "activeWhen", "address"]);

/** The same for as long as nobody moves a wire: 16 digits of a hash over what the file says is wired where (contract: node.boot). */
export function wiringOf(config: NodeConfigFile): string {
  const place: Readonly<Record<string, unknown>> = { board: config.board, ...(config.kind === "door" ? config.door : config.machine) };
  const found = parts.flatMap((part) => leaves(place[part], part));
  return createHash("sha256")
    .update([config.kind, ...found].join("\n"))
    .digest("hex")
    .slice(0, 16);
}

function leaves(value: unknown, name: string): string[] {
  if (typeof value !== "object" || value === null) return wires.has(name.split(".").at(-1) ?? "") ? [`${name}=${String(value)}`] : [];
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, inner]) => leaves(inner, `${name}.${key}`));
}

/** One short for yes, two for no, three long for attention, five short when it hurries. */
export const beepSigns = {
  grant: "granted",
  deny: "refused",
  slow: "attention",
  fast: "hurry",
  alarm: "alarm",
  off: "silent",
} as const satisfies Record<BeepPattern, string>;

type LampSign = "on" | "slow" | "fast" | "double" | "off";

/** The outputs of a lamp by the names the board knows them under. */
export function lampOutputs(lamp: LampWiring | undefined): Readonly<Record<string, OutputConfig>> {
  if (lamp === undefined) return {};
  if ("pin" in lamp) return { lamp: outputConfigOf(lamp) };
  const activeLow = lamp.common === "anode";
  const colour = (pin: number): OutputConfig => ({ pin, activeLow, type: "hold" });
  return { lampRed: colour(lamp.red), lampGreen: colour(lamp.green), lampBlue: colour(lamp.blue) };
}

/** What a lamp beside a door shows while a sentence is said. */
export function lampSignOf(key: SayKey): LampSign {
  if (key === "granted") return "on";
  if (key.startsWith("AWAIT_") || key === "FACTOR_REQUIRED" || key === "ENROLMENT_CAPTURED") return "double"; // one more step
  if (key === "ended") return "off";
  return key === "close_the_door" || key === "wait" || key === "offline" ? "slow" : "fast";
}

/** What the lamp of a machine shows: dark, on, blinking slowly when it will go off, fast when something is wrong, twice when bypassed. */
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
  bypassed: "double",
  fault: "fast",
  fault_welded: "fast",
} as const satisfies Record<InterlockKind, LampSign>;

/** What the board is told of a display. */
export function displayOf(display: DisplayWiring | undefined): { display?: { address: number; columns: number; rows: number } } {
  if (display === undefined) return {};
  const { address, columns, rows } = display;
  return { display: { address, columns, rows } };
}
