/** A decision in words, for the person at the reader and for staff. */
import type { Code, ResourceFacts } from "#contract";
import type { Hint, SayKey } from "../step.ts";
import { hints } from "../step.ts";
import type { Decision, RuleTrace } from "./types.ts";
import type { IdleKey, Words } from "./words.ts";
import { helpers } from "./words.ts";
import { en } from "./words-en.ts";
import { lv } from "./words-lv.ts";
import { nb } from "./words-nb.ts";
import { sv } from "./words-sv.ts";

export type { IdleKey } from "./words.ts";
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

const languages: Readonly<Record<Locale, Words>> = { en, lv, sv, nb };

/** @param nextStep  what the resource itself tells a refused member to do; wins over the general sentence */
export function explain(decision: Pick<Decision, "reason">, locale: Locale, nextStep: ResourceFacts["nextStep"] = {}): Explanation {
  const general = explainCode(decision.reason, locale);
  return { ...general, next: nextStep[decision.reason]?.[locale] ?? general.next };
}

export function explainCode(code: Code, locale: Locale): Explanation {
  const words = languages[locale];
  const [why, next] = words.codes[code];
  return { what: words.what[toneOf(code)], why, next, who: words.who[helpers[code]], short: shortText(code, locale) };
}

/** Two lines of at most 20 characters for a small display. */
export function shortText(key: SayKey, locale: Locale): readonly [string, string] {
  const words = languages[locale];
  if (isHint(key)) return [key === "granted" ? words.head.granted : words.head.hint, words.hints[key]];
  return [words.head[toneOf(key)], words.codes[key][2]];
}

/** The second line of a small display while nobody is told anything, under the name of its door or machine. */
export function idleText(key: IdleKey | SayKey, locale: Locale): string {
  return key === "tap" || key === "open" ? languages[locale].idle[key] : shortText(key, locale)[1];
}

/** What a person who is told this should do next, in a sentence; empty where nothing is to be done. */
export function nextText(key: SayKey, locale: Locale, nextStep: ResourceFacts["nextStep"] = {}): string {
  return isHint(key) ? "" : (nextStep[key]?.[locale] ?? languages[locale].codes[key][1]);
}

const verdictInWords: Readonly<Record<RuleTrace["verdict"], string>> = {
  pass: "fine",
  fail: "refuses",
  grant: "grants",
  warn: "warns",
  pending: "waits",
  skip: "does not apply",
  noop: "leaves all as it is",
  ask: "only the hub knows",
  withhold: "withholds a part",
};

/** One line per rule, in order, English, for staff. */
export function rulesInWords(trace: readonly RuleTrace[]): readonly string[] {
  return trace.map(
    ({ rule, verdict, code, because }) => `${rule}  ${because}: ${verdictInWords[verdict]}${code === null ? "" : ` (${code})`}`,
  );
}

const isHint = (key: SayKey): key is Hint => hints.some((hint) => hint === key);

/** No refusals: one more thing is to be done, or has been. */
const waiting: ReadonlySet<Code> = new Set<Code>(["FACTOR_REQUIRED", "ENROLMENT_CAPTURED", "DUPLICATE_REQUEST"]);

export const isWaiting = (code: Code): boolean => code.startsWith("AWAIT_") || waiting.has(code);

function toneOf(code: Code): "granted" | "refused" | "waiting" {
  if (code.startsWith("GRANT")) return "granted";
  return isWaiting(code) ? "waiting" : "refused";
}
