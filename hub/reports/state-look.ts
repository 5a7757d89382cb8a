/**
 * How each derived state looks in lanes (reports.md §3): a letter, a pattern, a height and a colour, so that no state rests on
 * colour alone. Colours are those of Okabe and Ito, darkened until they stand at least 3 : 1 on white (WCAG 2.2, 1.4.11).
 */
import type { DerivedState } from "#core";
import type { Pattern } from "./scene.ts";

export type Look = {
  readonly letter: string;
  readonly pattern: Pattern;
  readonly colour: string;
  /** part of the lane's height, from below */
  readonly height: number;
};

export const looks: Readonly<Record<DerivedState, Look>> = {
  not_in_service: { letter: "x", pattern: "blank", colour: "#ffffff", height: 1 },
  unknown: { letter: "?", pattern: "dots", colour: "#6b6b6b", height: 1 },
  down_unplanned: { letter: "F", pattern: "cross", colour: "#b34700", height: 1 },
  down_planned: { letter: "M", pattern: "diagonal", colour: "#8a6100", height: 1 },
  unauthorised: { letter: "!", pattern: "hollow", colour: "#9c1f6b", height: 1 },
  unattended_busy: { letter: "J", pattern: "stripes", colour: "#00795c", height: 1 },
  busy: { letter: "B", pattern: "solid", colour: "#0065a3", height: 1 },
  left_on: { letter: "L", pattern: "hollow", colour: "#b34700", height: 0.5 },
  idle: { letter: "i", pattern: "solid", colour: "#3d8fc4", height: 0.45 },
  standby: { letter: "s", pattern: "solid", colour: "#6b6b6b", height: 0.15 },
  free: { letter: "-", pattern: "blank", colour: "#ffffff", height: 1 },
  closed: { letter: "c", pattern: "solid", colour: "#e3e7eb", height: 1 },
};

const states = Object.keys(looks) as DerivedState[]; // the keys of a Record are exactly those
const byLetter = new Map(states.map((state) => [looks[state].letter, state]));
/** A state of a lane's letter; what a later program wrote is unknown here. */
export const stateOf = (letter: string): DerivedState => byLetter.get(letter) ?? "unknown";
