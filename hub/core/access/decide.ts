/** The access decision: every rule is looked at, the first that fails in order is the reason (domain.md §3). Total and pure. */
import type { Decision, DecisionInput } from "./types.ts";

export function decide(_input: DecisionInput): Decision {
  throw new Error("being written");
}
