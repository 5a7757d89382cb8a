/**
 * PrusaLink over HTTP: `/api/v1/status` and `/api/v1/job`, and the legacy `/api/job` and `/api/printer` of older firmware. All but
 * the state is optional. Sources: Prusa-Link-Web openapi.yaml, pyprusalink, Prusa-Firmware-Buddy issues 3135 and 5488.
 */
import type { JobState } from "./job.ts";
import { type Fields, fieldsAt, isFields, numberOf, own, parseJson, rounded, said, textOf } from "./json.ts";

export type PrusaJob = {
  readonly id?: number;
  /** 0 to 100 */
  readonly percent?: number | null;
  readonly printingS?: number | null;
  /** absent while the printer waits for a person */
  readonly leftS?: number | null;
  readonly file?: string;
};
export type PrusaTemperatures = {
  readonly nozzleC?: number;
  readonly nozzleTargetC?: number;
  readonly bedC?: number;
  readonly bedTargetC?: number;
};
export type PrusaMessage =
  | {
      readonly kind: "status";
      readonly state?: JobState;
      readonly job: PrusaJob | null;
      readonly temperatures: PrusaTemperatures | null;
    }
  | { readonly kind: "version"; readonly firmware: string; readonly hostname?: string }
  | { readonly kind: "info"; readonly nozzleMm?: number; readonly name?: string; readonly mmu?: boolean }
  | { readonly kind: "other" }
  | { readonly kind: "invalid"; readonly why: string };

export const prusaLinkCannot = [
  "speak by itself: it is asked every few seconds",
  "tell a filament change or a heater timeout from printing",
  "be stopped with old firmware: it answers 404",
  "be watched with firmware that has no /api/v1: it counts as away",
] as const;

const states: Readonly<Record<string, JobState>> = {
  IDLE: "idle",
  READY: "idle",
  BUSY: "busy",
  PRINTING: "printing",
  PAUSED: "paused",
  ATTENTION: "attention",
  FINISHED: "finished",
  STOPPED: "cancelled",
  ERROR: "error",
};
/** words of the legacy API */
const legacyStates: Readonly<Record<string, JobState>> = {
  Operational: "idle",
  Printing: "printing",
  Pausing: "printing",
  Paused: "paused",
  Cancelling: "printing",
  Error: "error",
  Offline: "offline",
};

/** An answer to `GET <path>`; 204 and an empty body say that there is no job. */
export function parsePrusaLink(topic: string, payload: string): PrusaMessage {
  if (payload.trim() === "") return { kind: "status", job: null, temperatures: null };
  const json = parseJson(payload);
  if (json === undefined || !isFields(json.value)) return { kind: "invalid", why: "the body is no JSON object" };
  const fields = json.value;
  const firmware = textOf(own(fields, "firmware"));
  if (/\/version\b/.test(topic) && firmware !== undefined)
    return { kind: "version", firmware, ...said({ hostname: textOf(own(fields, "hostname")) }) };
  if (/\/info\b/.test(topic)) return infoOf(fields);
  if (/\/v1\/job\b/.test(topic)) return { kind: "status", ...stateIn(fields), job: jobOf(fields), temperatures: null };
  if (/\/api\/job\b/.test(topic)) return { kind: "status", ...stateIn(fields), job: legacyJob(fields), temperatures: null };
  const printer = own(fields, "printer");
  if (isFields(printer)) {
    const job = own(fields, "job");
    return { kind: "status", ...stateIn(printer), job: isFields(job) ? jobOf(job) : null, temperatures: temperaturesOf(printer) };
  }
  if (Object.hasOwn(fields, "state")) return { kind: "status", ...stateIn(fields), job: null, temperatures: legacyTemperatures(fields) };
  return { kind: "other" };
}

function stateIn(fields: Fields): { readonly state?: JobState } {
  const value = own(fields, "state");
  const word = isFields(value) ? own(value, "text") : value;
  if (typeof word !== "string") return {};
  const state = Object.hasOwn(states, word) ? states[word] : Object.hasOwn(legacyStates, word) ? legacyStates[word] : undefined;
  return said({ state });
}

function jobOf(fields: Fields): PrusaJob {
  const file = fieldsAt(fields, "file");
  return said({
    id: numberOf(own(fields, "id")) ?? undefined,
    percent: numberOf(own(fields, "progress")),
    printingS: numberOf(own(fields, "time_printing")),
    leftS: numberOf(own(fields, "time_remaining")),
    file: textOf(own(file, "display_name")) ?? textOf(own(file, "name")),
  });
}

/** Here the progress runs from 0 to 1. */
function legacyJob(fields: Fields): PrusaJob | null {
  if (!isFields(own(fields, "job")) && !isFields(own(fields, "progress"))) return null;
  const progress = fieldsAt(fields, "progress");
  const file = fieldsAt(fieldsAt(fields, "job"), "file");
  const completion = numberOf(own(progress, "completion"));
  return said({
    percent: typeof completion === "number" ? rounded(completion * 100, 2) : completion,
    printingS: numberOf(own(progress, "printTime")),
    leftS: numberOf(own(progress, "printTimeLeft")),
    file: textOf(own(file, "display")) ?? textOf(own(file, "name")),
  });
}

function temperaturesOf(printer: Fields): PrusaTemperatures | null {
  const number = (key: string) => numberOf(own(printer, key)) ?? undefined;
  return someOf({
    nozzleC: number("temp_nozzle"),
    nozzleTargetC: number("target_nozzle"),
    bedC: number("temp_bed"),
    bedTargetC: number("target_bed"),
  });
}

function legacyTemperatures(fields: Fields): PrusaTemperatures | null {
  const temperature = fieldsAt(fields, "temperature");
  const number = (part: string, key: string) => numberOf(own(fieldsAt(temperature, part), key)) ?? undefined;
  return someOf({
    nozzleC: number("tool0", "actual"),
    nozzleTargetC: number("tool0", "target"),
    bedC: number("bed", "actual"),
    bedTargetC: number("bed", "target"),
  });
}

function someOf(given: { readonly [K in keyof PrusaTemperatures]-?: number | undefined }): PrusaTemperatures | null {
  const known = said(given);
  return Object.keys(known).length === 0 ? null : known;
}

function infoOf(fields: Fields): PrusaMessage {
  const mmu = own(fields, "mmu");
  return {
    kind: "info",
    ...said({
      nozzleMm: numberOf(own(fields, "nozzle_diameter")) ?? undefined,
      name: textOf(own(fields, "name")),
      mmu: typeof mmu === "boolean" ? mmu : undefined,
    }),
  };
}
