/**
 * Mutants that may live, and why: the change cannot be seen from outside, or what it changes is judged elsewhere. One entry per
 * piece of source text; the campaign puts its reason beside every survivor on such a line, and names the entries nobody needs.
 */
export type Reason = {
  /** of the core, e.g. `session.ts` */
  readonly file: string;
  /** a part of the mutated source line, as it is written */
  readonly line: string;
  readonly why: string;
};

export const reasons: readonly Reason[] = [];
