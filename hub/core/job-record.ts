/** Which jobs a machine did in a session and what they drew (domain.md §4.5), as the log tells them. */
import type { JobState } from "#contract";
import { isJobEnd, jobActivity } from "./job.ts";

/** A job that the machine's controller told. `endMs` null: it has not said how it ended, nor that there is none any more. */
export type JobRecord = {
  readonly state: JobState;
  readonly startMs: number;
  readonly endMs: number | null;
  /** drawn while it prepared (a printer heats); null: the meter did not tell all of it; absent: the controller told of no preparation */
  readonly heatingWh?: number | null;
  /** drawn while it ran or was paused */
  readonly workWh?: number | null;
  /** the session's energy up to which the two are counted; null: not known */
  readonly countedToWh: number | null;
};

/** A job begins with the first word of work; it ends with a word of its end, or when there is none any more and nobody said how. */
export function jobsAfter(jobs: readonly JobRecord[], state: JobState, atMs: number, energyWh: number | null): readonly JobRecord[] {
  const last = jobs.at(-1);
  const open = last !== undefined && last.endMs === null ? counted(last, energyWh) : null;
  const before = open === null ? jobs : jobs.slice(0, -1);
  if (jobActivity(state) === "busy")
    return [...before, open === null ? { state, startMs: atMs, endMs: null, countedToWh: energyWh } : { ...open, state }];
  if (open === null) return jobs;
  if (isJobEnd(state)) return [...before, { ...open, state, endMs: atMs }];
  return [...before, { ...open, state: "unknown", endMs: state === "unknown" ? null : atMs }];
}

/** What was drawn since the word before goes to what the job did then. */
function counted(job: JobRecord, energyWh: number | null): JobRecord {
  if (jobActivity(job.state) !== "busy") return { ...job, countedToWh: energyWh };
  const part = job.state === "preparing" ? "heatingWh" : "workWh";
  const so = job[part] === undefined ? 0 : job[part];
  const isKnown = so !== null && energyWh !== null && job.countedToWh !== null;
  const drawnWh = isKnown ? so + Math.max(0, energyWh - (job.countedToWh ?? 0)) : null;
  return { ...job, [part]: drawnWh, countedToWh: energyWh };
}
