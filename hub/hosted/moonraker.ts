/**
 * Klipper through Moonraker: changes of printer objects over MQTT (whole or split per field), notifications over the websocket,
 * answers over HTTP. `eventtime` is a monotonic clock. Source: Moonraker documentation (mqtt, printer_objects,
 * jsonrpc_notifications).
 */
import type { JobState } from "./job.ts";
import { type Fields, fieldsAt, isFields, numberOf, own, parseJson, said, textOf } from "./json.ts";

/** What a report says of a printer; what it does not name has not changed. */
export type KlipperStatus = {
  readonly state?: JobState;
  readonly file?: string;
  readonly layer?: number | null;
  readonly totalLayers?: number | null;
  readonly printS?: number | null;
  readonly totalS?: number | null;
  readonly filamentMm?: number | null;
  readonly extruderC?: number | null;
  readonly extruderTargetC?: number | null;
  readonly bedC?: number | null;
  readonly bedTargetC?: number | null;
  readonly homed?: string;
  readonly progress?: number | null;
};
export type MoonrakerMessage =
  | { readonly kind: "status"; readonly status: KlipperStatus; readonly eventtimeS?: number; readonly method?: string }
  | { readonly kind: "field"; readonly object: string; readonly field: string; readonly value: unknown; readonly eventtimeS?: number }
  /** Klipper itself: after a shutdown `print_stats` may go on saying printing, yet the job is lost */
  | { readonly kind: "klippy"; readonly klippy: "ready" | "shutdown" | "disconnected" | "startup" | "error" }
  | {
      readonly kind: "history";
      readonly action: string;
      readonly status?: string;
      readonly file?: string;
      readonly printS?: number | null;
      readonly totalS?: number | null;
      readonly filamentMm?: number | null;
    }
  | { readonly kind: "notification"; readonly method: string }
  | { readonly kind: "availability"; readonly online: boolean }
  | { readonly kind: "invalid"; readonly why: string };

export const moonrakerCannot = [
  "say a state again to a hub that was away: its messages are not retained, the hub must ask",
  "tell a new end from an old one: complete, cancelled and error stay until the next job",
  "be asked by idle_timeout whether it prints: moves by hand look the same",
] as const;

/** print_stats.state (printer_objects.md) */
const states: Readonly<Record<string, JobState>> = {
  standby: "idle",
  printing: "printing",
  paused: "paused",
  complete: "finished",
  cancelled: "cancelled",
  error: "error",
};
export function klipperState(value: unknown): JobState | undefined {
  return typeof value === "string" && Object.hasOwn(states, value) ? states[value] : undefined;
}

export function parseMoonraker(topic: string, payload: string): MoonrakerMessage {
  const levels = topic.split("/");
  const json = parseJson(payload);
  if (json === undefined || !isFields(json.value)) return { kind: "invalid", why: "the payload is no JSON object" };
  const fields = json.value;
  const method = textOf(own(fields, "method"));
  if (method !== undefined) return notification(method, own(fields, "params"));
  const eventtime = said({ eventtimeS: numberOf(own(fields, "eventtime")) ?? undefined });
  if (levels.at(-4) === "klipper" && levels.at(-3) === "state") {
    return { kind: "field", object: levels.at(-2) ?? "", field: levels.at(-1) ?? "", value: own(fields, "value"), ...eventtime };
  }
  if (topic.endsWith("moonraker/status")) return { kind: "availability", online: own(fields, "server") === "online" };
  if (topic.startsWith("print_stats")) return { kind: "status", status: statusOf({ print_stats: fields }), ...eventtime };
  const result = fieldsAt(fields, "result");
  const body = [fields, result].map((one) => own(one, "status")).find(isFields) ?? (Object.hasOwn(fields, "result") ? result : fields);
  return { kind: "status", status: statusOf(body), ...eventtime };
}

function notification(method: string, params: unknown): MoonrakerMessage {
  const [first, second] = Array.isArray(params) ? (params as unknown[]) : [];
  const klippy = /^notify_klippy_(ready|shutdown|disconnected)$/.exec(method)?.[1];
  if (klippy !== undefined) return { kind: "klippy", klippy: klippy as "ready" };
  if (method === "notify_status_update" && isFields(first)) {
    const eventtimeS = numberOf(second) ?? undefined;
    return { kind: "status", method, status: statusOf(first), ...said({ eventtimeS }) };
  }
  if (method === "notify_history_changed" && isFields(first)) {
    const job = fieldsAt(first, "job");
    const rest = said({
      status: textOf(own(job, "status")),
      file: textOf(own(job, "filename")),
      printS: numberOf(own(job, "print_duration")),
      totalS: numberOf(own(job, "total_duration")),
      filamentMm: numberOf(own(job, "filament_used")),
    });
    return { kind: "history", action: textOf(own(first, "action")) ?? "unknown", ...rest };
  }
  return { kind: "notification", method };
}

function statusOf(objects: Fields): KlipperStatus {
  const stats = fieldsAt(objects, "print_stats");
  const info = fieldsAt(stats, "info");
  const extruder = fieldsAt(objects, "extruder");
  const bed = fieldsAt(objects, "heater_bed");
  return said({
    state: klipperState(own(stats, "state")),
    file: textOf(own(stats, "filename")) || undefined,
    layer: numberOf(own(info, "current_layer")),
    totalLayers: numberOf(own(info, "total_layer")),
    printS: numberOf(own(stats, "print_duration")),
    totalS: numberOf(own(stats, "total_duration")),
    filamentMm: numberOf(own(stats, "filament_used")),
    extruderC: numberOf(own(extruder, "temperature")),
    extruderTargetC: numberOf(own(extruder, "target")),
    bedC: numberOf(own(bed, "temperature")),
    bedTargetC: numberOf(own(bed, "target")),
    homed: textOf(own(fieldsAt(objects, "toolhead"), "homed_axes")),
    progress: numberOf(own(fieldsAt(objects, "virtual_sdcard"), "progress") ?? own(fieldsAt(objects, "display_status"), "progress")),
  });
}
