/** Who was there in a session beside its operator (domain.md §3.6), as the log tells it. */

/** One stay of a supervisor or a second person. `untilMs` null: to the end of the session. */
export type Companion = {
  readonly role: "supervisor" | "buddy";
  readonly member: number;
  readonly fromMs: number;
  readonly untilMs: number | null;
};
/** The places that were taken at the start. */
export function companyAt(startMs: number, given: Partial<Record<Companion["role"], number | undefined>>): readonly Companion[] {
  return (["supervisor", "buddy"] as const).flatMap((role) => {
    const member = given[role];
    return member === undefined ? [] : [{ role, member, fromMs: startMs, untilMs: null }];
  });
}

/** Whoever held the place is there no longer. */
export const missedFrom = (company: readonly Companion[], role: Companion["role"], atMs: number): readonly Companion[] =>
  company.map((one) => (one.role === role && one.untilMs === null ? { ...one, untilMs: atMs } : one));

/** The place is taken, by the same person again or by another. */
export function takenFrom(company: readonly Companion[], role: Companion["role"], member: number, atMs: number): readonly Companion[] {
  if (company.some((one) => one.role === role && one.member === member && one.untilMs === null)) return company;
  return [...missedFrom(company, role, atMs), { role, member, fromMs: atMs, untilMs: null }];
}
