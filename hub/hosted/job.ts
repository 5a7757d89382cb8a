/** The job of a printer as every family tells it: one list of states, and the events between them. */

import type { JobState as MachineJob } from "#contract";

/** `busy`: the printer moves or heats without a job. `attention`: it waits for a person in the middle of one. */
export type JobState = "offline" | "idle" | "busy" | "preparing" | "printing" | "paused" | "attention" | "finished" | "cancelled" | "error";

export type JobEvent =
  | { readonly kind: "job_start" | "job_pause" | "job_resume" }
  | { readonly kind: "job_end"; readonly result: "finished" | "cancelled" | "error" | "unknown" };

const inJob: ReadonlySet<JobState> = new Set(["preparing", "printing", "paused", "attention"]);

/** Nobody should cut the power now. */
export function isInUse(state: JobState): boolean {
  return inJob.has(state) || state === "busy";
}

/**
 * What happened between two states. The first one known (`before` undefined) is no event: printers keep `finished`, `cancelled`
 * and `error` until the next job, and a hub that starts must not count yesterday's job again.
 */
export function jobEvent(before: JobState | undefined, state: JobState): JobEvent | undefined {
  if (before === undefined || before === state || state === "offline") return undefined;
  const was = inJob.has(before);
  if (!inJob.has(state)) {
    if (!was) return undefined;
    return { kind: "job_end", result: state === "finished" || state === "cancelled" || state === "error" ? state : "unknown" };
  }
  if (!was) return { kind: "job_start" };
  if (state === "paused") return { kind: "job_pause" };
  return before === "paused" && state === "printing" ? { kind: "job_resume" } : undefined;
}

/** Events of a series of states; one that was not said (undefined) changes nothing. */
export function jobEvents(states: readonly (JobState | undefined)[]): JobEvent[] {
  const events: JobEvent[] = [];
  let before: JobState | undefined;
  for (const state of states) {
    if (state === undefined) continue;
    const event = jobEvent(before, state);
    if (event !== undefined) events.push(event);
    if (state !== "offline") before = state;
  }
  return events;
}

/** What a machine was told of its controller's job: whether work was seen whose end was not, and the last word. */
export type ToldJob = { readonly isOpen: boolean; readonly word: MachineJob };
export const nothingTold: ToldJob = { isOpen: false, word: "unknown" };

/**
 * The same in the words of a machine's controller (#core job.ts). `offline` and `busy` say nothing of a job: there the meter may. One that
 * waits for a person is paused: it must not be cut. An end is said once, while its job is open: what a printer keeps for days, and says
 * again when it comes back, is no end of anything.
 */
export function machineJob({ isOpen, word }: ToldJob, state: JobState): ToldJob {
  const next = words[state];
  const isEnd = next === "complete" || next === "cancelled" || next === "error";
  if (isEnd) return isOpen || next === word ? { isOpen: false, word: next } : { isOpen, word: "none" };
  return { isOpen: next === "unknown" ? isOpen : next !== "none", word: next };
}
const words = {
  offline: "unknown",
  idle: "none",
  busy: "unknown",
  preparing: "preparing",
  printing: "running",
  paused: "paused",
  attention: "paused",
  finished: "complete",
  cancelled: "cancelled",
  error: "error",
} as const satisfies Record<JobState, MachineJob>;
