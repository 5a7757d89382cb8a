/**
 * A job as the machine's controller tells it (domain.md §4.5):
 *
 *   none → QUEUED → PREPARING → RUNNING ⇄ PAUSED → COMPLETE | CANCELLED | ERROR | INTERRUPTED       any → UNKNOWN
 *
 * Controllers keep saying how the last job ended, for days and after a reconnect: an end counts only after work was seen.
 */
import type { JobState } from "#contract";
import type { Activity } from "./interlock-types.ts";

type End = "complete" | "cancelled" | "error" | "interrupted";
export const isJobEnd = (state: JobState): state is End =>
  state === "complete" || state === "cancelled" || state === "error" || state === "interrupted";

/** What the job is now, given what it was and what the controller says. The same object of thought: no change, the same word. */
export function nextJob(before: JobState, said: JobState): JobState {
  return isJobEnd(said) && jobActivity(before) !== "busy" && before !== said && before !== "unknown" ? before : said;
}

/** A paused job is work: it must not be cut. `unknown` says nothing, the meter may. */
export function jobActivity(state: JobState): Activity {
  switch (state) {
    case "preparing":
    case "running":
    case "paused":
      return "busy";
    case "unknown":
      return "unknown";
    case "none":
    case "queued":
    case "complete":
    case "cancelled":
    case "error":
    case "interrupted":
      return "idle";
  }
}

/** How a session ends whose job has ended. */
export const jobEndReason = (state: JobState): "job_complete" | "job_failed" =>
  isJobEnd(state) && state !== "complete" ? "job_failed" : "job_complete";
