/** What the printer families remember between two messages, and how they say it: one sense with all that is known of the job. */
import type { Sense } from "./family.ts";
import { type JobState, jobEvent } from "./job.ts";

export type PrinterMemory = {
  /** undefined: nothing was said since the hub listens, or since the printer went away */
  readonly state: JobState | undefined;
  readonly job: string | null;
  readonly percent: number | null;
  readonly remainingS: number | null;
  /** of the hot end, which is what a person touches and a fan must cool */
  readonly tempC: number | null;
};

export const nothingKnown: PrinterMemory = { state: undefined, job: null, percent: null, remainingS: null, tempC: null };

const inJob: ReadonlySet<JobState> = new Set(["preparing", "printing", "paused", "attention"]);
export const isInJob = (state: JobState | undefined): boolean => state !== undefined && inJob.has(state);
export const isEnd = (state: JobState | undefined): boolean => state === "finished" || state === "cancelled" || state === "error";

/** What is known now; nothing while the state is not. Figures of a job stand only in one: printers keep old ones (Bambu: 759 minutes). */
export function jobSense({ state, job, percent, remainingS, tempC }: PrinterMemory): readonly Sense[] {
  if (state === undefined) return [];
  const figures = isInJob(state) ? { percent, remainingS } : { percent: null, remainingS: null };
  return [{ kind: "job", state, job, ...figures, tempC }];
}

/** The memory after a word on the state: a new job has nothing of the old one. */
export function withState(memory: PrinterMemory, state: JobState): PrinterMemory {
  if (jobEvent(memory.state, state)?.kind !== "job_start") return { ...memory, state };
  return { ...memory, state, job: null, percent: null, remainingS: null };
}
