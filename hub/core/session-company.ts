/** Who was there in a session beside its operator, and which jobs its machine did (domain.md §3.6, §4.5), as the log tells them. */
import type { JobState } from "#contract";
import { isJobEnd, jobActivity } from "./job.ts";

/** One stay of a supervisor or a second person. `untilMs` null: to the end of the session. */
export type Companion = {
  readonly role: "supervisor" | "buddy";
  readonly member: number;
  readonly fromMs: number;
  readonly untilMs: number | null;
};
/** A job that the machine's controller told. `endMs` null: it has not said how it ended, nor that there is none any more. */
export type JobRecord = { readonly state: JobState; readonly startMs: number; readonly endMs: number | null };

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

/** A job begins with the first word of work; it ends with a word of its end, or when there is none any more and nobody said how. */
export function jobsAfter(jobs: readonly JobRecord[], state: JobState, atMs: number): readonly JobRecord[] {
  const last = jobs.at(-1);
  const open = last !== undefined && last.endMs === null ? last : null;
  const before = open === null ? jobs : jobs.slice(0, -1);
  if (jobActivity(state) === "busy") return [...before, open === null ? { state, startMs: atMs, endMs: null } : { ...open, state }];
  if (open === null) return jobs;
  if (isJobEnd(state)) return [...before, { ...open, state, endMs: atMs }];
  return [...before, { ...open, state: "unknown", endMs: state === "unknown" ? null : atMs }];
}
