/**
 * What is tried before a door or machine may be relied on (security.md R5, experience.md §4): the lines of the guided wiring test, which
 * of them a place needs by what is wired there, and what they come to. A line is true, false, or null where nobody could tell.
 */

/** In the order in which they are tried. The first four ask what no node can sense: is the machine safe by itself? */
export const wiringChecks = [
  "emergency_stop",
  "no_volt_release",
  "guards",
  "fail_state",
  "reader",
  "rest",
  "permit",
  "draws",
  "stops",
  "strike",
  "contact",
  "exit_button",
  "cable",
  "back",
] as const;
export type WiringCheck = (typeof wiringChecks)[number];

export type WiringLine = {
  readonly check: WiringCheck;
  readonly ok: boolean | null;
  /** who told: the node's own senses, or the person who stood there */
  readonly by: "node" | "person";
  /** what was seen, in a few words */
  readonly found: string;
};
export type WiringOutcome = "passed" | "failed" | "incomplete";

const ofMachine: readonly WiringCheck[] = [
  "emergency_stop",
  "no_volt_release",
  "guards",
  "fail_state",
  "reader",
  "rest",
  "permit",
  "draws",
  "stops",
  "cable",
  "back",
];

/** What a place needs; `can` is what its channel says it is wired to (contract: birth). */
export function checksOf(kind: "door" | "machine", can: readonly string[]): readonly WiringCheck[] {
  if (kind === "machine") return ofMachine;
  const sensed = [can.includes("contact") ? (["contact"] as const) : [], can.includes("rex") ? (["exit_button"] as const) : []].flat();
  return ["reader", "strike", ...sensed, "cable", "back"];
}

/** One line that is wrong fails the test, even where others were not tried; a line nobody could tell leaves it incomplete. */
export function outcomeOf(kind: "door" | "machine", can: readonly string[], lines: readonly WiringLine[]): WiringOutcome {
  if (lines.some(({ ok }) => ok === false)) return "failed";
  const seen = new Set(lines.filter(({ ok }) => ok === true).map(({ check }) => check));
  return checksOf(kind, can).every((check) => seen.has(check)) ? "passed" : "incomplete";
}

/** Did the power rise, and did it come back? Compared with what it was at rest; a meter's own noise is no rise. */
export const rises = (restW: number, nowW: number): boolean => nowW >= restW + riseOf(restW);
export const fallsBack = (restW: number, nowW: number): boolean => nowW < restW + riseOf(restW) / 2;
const leastRiseW = 5;
const riseOf = (restW: number): number => Math.max(leastRiseW, Math.abs(restW) / 4);
