/** A decision in words, for the person at the reader and for staff. */
import type { Code } from "#contract";
import type { SayKey } from "../step.ts";
import type { Decision } from "./types.ts";

export const locales = ["en", "lv", "sv", "nb"] as const;
export type Locale = (typeof locales)[number];
/** Four short sentences for a member; `short` is for displays of 2 × 20 characters. */
export type Explanation = {
  readonly what: string;
  readonly why: string;
  readonly next: string;
  readonly who: string;
  readonly short: readonly [string, string];
};

export function explain(_decision: Pick<Decision, "reason">, _locale: Locale): Explanation {
  throw new Error("being written");
}
export function explainCode(_code: Code, _locale: Locale): Explanation {
  throw new Error("being written");
}
/** Two lines of at most 20 characters for a small display. */
export function shortText(_key: SayKey, _locale: Locale): readonly [string, string] {
  throw new Error("being written");
}
/** One line per rule, in order, English, for staff. */
export function rulesInWords(_decision: Decision): readonly string[] {
  throw new Error("being written");
}
