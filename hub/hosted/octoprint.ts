/**
 * OctoPrint through its MQTT plugin: events, progress and temperatures under a base topic of the user's choice. Sources:
 * OctoPrint-MQTT README, issues 38, 107, 123, 150; docs.octoprint.org events; OctoPrint #5314.
 */
import type { JobState } from "./job.ts";
import { type Fields, fieldsAt, isFields, looseNumber, own, parseJson, said, textOf } from "./json.ts";

export type OctoPrintMessage =
  /** of the plugin, not of the printer */
  | { readonly kind: "availability"; readonly online: boolean }
  | { readonly kind: "printer"; readonly connected: boolean }
  | { readonly kind: "job"; readonly event: "job_start" | "job_pause" | "job_resume"; readonly file?: string }
  | { readonly kind: "job_end"; readonly result: "done" | "cancelled" | "failed"; readonly durationS?: number; readonly file?: string }
  | { readonly kind: "fault"; readonly reason?: string }
  | { readonly kind: "state"; readonly state: JobState }
  /** Retained: after a restart of the hub it is old. 100 % comes two or three times and does not end a job by itself. */
  | {
      readonly kind: "progress";
      readonly percent: number | null;
      readonly file?: string;
      readonly state?: JobState;
      readonly printTimeS?: number | null;
      readonly timeLeftS?: number | null;
    }
  | { readonly kind: "slicing"; readonly percent: number | null }
  | { readonly kind: "temperature"; readonly part: string; readonly actualC?: number | null; readonly targetC?: number | null }
  | { readonly kind: "event"; readonly event: string }
  | { readonly kind: "other" }
  | { readonly kind: "invalid"; readonly why: string };

export const octoPrintCannot = [
  "say that a job ended when it stopped by M112, a lost USB cable or a power cut: only its silence tells",
  "tell an old progress from a new one: it is retained",
  "cut the power of a printer by itself",
] as const;

/** printer state ids of OctoPrint's communication layer */
const states: Readonly<Record<string, JobState>> = {
  OPERATIONAL: "idle",
  PRINTING: "printing",
  STARTING: "preparing",
  TRANSFERING_FILE: "preparing",
  RESUMING: "printing",
  FINISHING: "printing",
  CANCELLING: "printing",
  PAUSING: "printing",
  PAUSED: "paused",
  ERROR: "error",
  OFFLINE_AFTER_ERROR: "error",
  CLOSED_WITH_ERROR: "error",
  OFFLINE: "offline",
  CLOSED: "offline",
  NONE: "offline",
  OPEN_SERIAL: "offline",
  DETECT_SERIAL: "offline",
  DETECT_BAUDRATE: "offline",
  CONNECTING: "offline",
};

export function parseOctoPrint(topic: string, payload: string): OctoPrintMessage {
  const [group = "", leaf = ""] = topic.split("/").slice(-2);
  if (leaf === "mqtt") {
    if (payload !== "connected" && payload !== "disconnected") return { kind: "invalid", why: "the plugin is connected or disconnected" };
    return { kind: "availability", online: payload === "connected" };
  }
  const json = payload === "" ? { value: null } : parseJson(payload);
  if (json === undefined) return { kind: "invalid", why: "the payload is no JSON" };
  // null is a legal payload: many events have none
  const fields = isFields(json.value) ? json.value : {};
  if (group === "event") return eventOf(leaf, fields);
  if (group === "progress") return progressOf(leaf, fields);
  if (group !== "temperature") return { kind: "other" };
  const temperatures = said({ actualC: looseNumber(own(fields, "actual")), targetC: looseNumber(own(fields, "target")) });
  return { kind: "temperature", part: leaf, ...temperatures };
}

function eventOf(event: string, fields: Fields): OctoPrintMessage {
  const path = textOf(own(fields, "path")) ?? textOf(own(fields, "file"));
  const file = said({ file: textOf(own(fields, "filename")) ?? textOf(own(fields, "name")) ?? path?.split("/").at(-1) });
  const duration = said({ durationS: looseNumber(own(fields, "time")) ?? undefined });
  switch (event) {
    case "PrintStarted":
      return { kind: "job", event: "job_start", ...file };
    case "PrintPaused":
      return { kind: "job", event: "job_pause", ...file };
    case "PrintResumed":
      return { kind: "job", event: "job_resume", ...file };
    case "PrintDone":
      return { kind: "job_end", result: "done", ...duration, ...file };
    case "PrintCancelled":
      return { kind: "job_end", result: "cancelled", ...duration, ...file };
    case "PrintFailed":
      // A cancelled print says PrintCancelled and PrintFailed.
      return { kind: "job_end", result: own(fields, "reason") === "cancelled" ? "cancelled" : "failed", ...duration, ...file };
    case "Error":
      return { kind: "fault", ...said({ reason: textOf(own(fields, "reason")) }) };
    case "Connected":
    case "Disconnected":
      return { kind: "printer", connected: event === "Connected" };
    case "PrinterStateChanged": {
      const state = stateOf(textOf(own(fields, "state_id")));
      return state === undefined ? { kind: "event", event } : { kind: "state", state };
    }
    default:
      return { kind: "event", event };
  }
}
const stateOf = (id: string | undefined) => (id !== undefined && Object.hasOwn(states, id) ? states[id] : undefined);

function progressOf(leaf: string, fields: Fields): OctoPrintMessage {
  const percent = looseNumber(own(fields, "progress")) ?? null;
  if (leaf === "slicing") return { kind: "slicing", percent };
  if (leaf !== "printing") return { kind: "other" };
  const data = fieldsAt(fields, "printer_data");
  const times = fieldsAt(data, "progress");
  return {
    kind: "progress",
    percent,
    ...said({
      file: textOf(own(fields, "path")),
      state: flagged(fieldsAt(fieldsAt(data, "state"), "flags")),
      printTimeS: looseNumber(own(times, "printTime")),
      timeLeftS: looseNumber(own(times, "printTimeLeft")),
    }),
  };
}

/** The flags are not exclusive: the strongest one counts. */
function flagged(flags: Fields): JobState | undefined {
  const is = (name: string) => own(flags, name) === true;
  if (is("closedOrError") || is("error")) return is("error") ? "error" : "offline";
  if (is("paused")) return "paused";
  if (["printing", "pausing", "resuming", "cancelling", "finishing"].some(is)) return "printing";
  return is("operational") ? "idle" : undefined;
}

/** Ends of jobs in a series of messages: one per job, however often it is said. 100 % alone counts too, once. */
export function countJobEnds(messages: readonly OctoPrintMessage[]): number {
  let ends = 0;
  let isOver = false;
  for (const message of messages) {
    const isEnd = message.kind === "job_end" || (message.kind === "progress" && message.percent === 100);
    const isStart =
      (message.kind === "job" && message.event === "job_start") || (message.kind === "progress" && (message.percent ?? 100) < 100);
    if (isEnd && !isOver) ends += 1;
    if (isEnd || isStart) isOver = isEnd;
  }
  return ends;
}
