/** What a rule is and what it may answer. The lists beside this file read as the policy. */
import type { Code, WarningCode } from "#contract";
import type { Ask } from "./facts.ts";

export type Verdict =
  /** nothing against it; `as` names the grant if it comes to one */
  | { readonly verdict: "pass"; readonly as: Code | null }
  | { readonly verdict: "fail" | "pending"; readonly code: Code }
  /** decisive: rules after it do not matter. `noop`: nothing happens */
  | { readonly verdict: "grant" | "noop"; readonly code: Code }
  /** a live fact is missing that the hub may know (domain.md D1) */
  | { readonly verdict: "ask"; readonly code: Code }
  /** granted without a part of it */
  | { readonly verdict: "withhold"; readonly code: Code }
  | { readonly verdict: "warn"; readonly code: WarningCode }
  /** the rule has nothing to say to this question */
  | { readonly verdict: "skip" };

export type Rule = {
  /** number in domain.md §3.2 */
  readonly id: string;
  /** in words, for the trace that staff read */
  readonly looksAt: string;
  readonly check: (ask: Ask) => Verdict;
};

export const pass: Verdict = { verdict: "pass", as: null };
export const skip: Verdict = { verdict: "skip" };
export const passAs = (as: Code): Verdict => ({ verdict: "pass", as });
export const fail = (code: Code): Verdict => ({ verdict: "fail", code });
export const pending = (code: Code): Verdict => ({ verdict: "pending", code });
export const grant = (code: Code): Verdict => ({ verdict: "grant", code });
export const noop = (code: Code): Verdict => ({ verdict: "noop", code });
export const withhold = (code: Code): Verdict => ({ verdict: "withhold", code });
export const warn = (code: WarningCode): Verdict => ({ verdict: "warn", code });
/** `fail(code)` unless the sentence holds. */
export const must = (holds: boolean, code: Code): Verdict => (holds ? pass : fail(code));
/** The hub knows; where nobody can be asked, `safe` speaks. */
export const notKnownHere = (ask: Ask, code: Code, safe: Verdict): Verdict => (ask.hubInReach ? { verdict: "ask", code } : safe);
/** `must` for a live fact that may be absent; `alone` is what holds where nobody knows it. */
export function mustLive(ask: Ask, holds: boolean | undefined, code: Code, alone: "passes" | "fails"): Verdict {
  if (holds !== undefined) return must(holds, code);
  return notKnownHere(ask, code, must(alone === "passes", code));
}
