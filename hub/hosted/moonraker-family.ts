/**
 * Klipper behind Moonraker as a hosted family. It says what changes and keeps nothing, so it is asked when the hub comes; `webhooks`
 * among its status_objects tells of a shutdown, after which `print_stats` goes on saying printing (design notes D2).
 */
import { type DeviceAddress, defineFamily, type FamilyDescription, mqtt } from "./family.ts";
import type { JobState } from "./job.ts";
import { fieldsAt, isFields, own, parseJson, textOf } from "./json.ts";
import { type KlipperStatus, klipperState, type MoonrakerMessage, moonrakerCannot, parseMoonraker } from "./moonraker.ts";
import { isInJob, jobSense, nothingKnown, type PrinterMemory, withState } from "./printer-memory.ts";

type Memory = PrinterMemory & {
  readonly klippy: string | null;
  /** what print_stats said last; it outlives a shutdown */
  readonly stats: JobState | undefined;
};

const objects = ["webhooks", "print_stats", "virtual_sdcard", "extruder", "heater_bed"];
const down: ReadonlySet<string> = new Set(["shutdown", "error", "disconnected"]);
const topicOf = ({ name }: DeviceAddress, leaf: string): string => `${name}/moonraker/${leaf}`;

export const moonrakerFamily = defineFamily<Memory>({
  label: "Klipper through Moonraker",
  transport: {
    kind: "mqtt",
    topics: (address) => ({
      says: [`${address.name}/klipper/#`, topicOf(address, "status"), topicOf(address, "api/response")],
      hears: [topicOf(address, "api/request")],
    }),
  },
  parts: ["controller"],
  options: {},
  cannot: moonrakerCannot,
  silentMs: 120_000,
  counter: null,
  initial: () => ({ ...nothingKnown, klippy: null, stats: undefined }),
  read(heard, memory, address) {
    if (heard.kind !== "mqtt" || !heard.topic.startsWith(`${address.name}/`)) return [memory, []];
    const message = parseMoonraker(heard.topic, heard.payload);
    if (message.kind === "availability") {
      const known = message.online ? memory : { ...memory, ...nothingKnown, klippy: null, stats: undefined };
      return [known, [{ kind: "availability", online: message.online }]];
    }
    if (message.kind === "invalid") return [memory, []];
    const { klippy, status } = saidBy(message, heard.payload);
    if (klippy === undefined && Object.keys(status).length === 0) return [memory, []];
    const next = stated(memory, klippy, status);
    return [next, jobSense(next)];
  },
  orders: (order, address) =>
    order.kind === "ask"
      ? [
          mqtt(topicOf(address, "api/request"), {
            jsonrpc: "2.0",
            method: "printer.objects.query",
            params: { objects: Object.fromEntries(objects.map((name) => [name, null])) },
            id: 1,
          }),
        ]
      : [],
  provision: () => null,
  recognise(topic) {
    const name = /^(.+)\/(?:moonraker\/status|klipper\/status|klipper\/state\/[^/]+\/[^/]+)$/.exec(topic)?.[1];
    return name === undefined ? null : { name };
  },
} satisfies FamilyDescription<Memory>);

/** A message as a report of what changed, and Klipper's own state where it is in it. */
function saidBy(message: MoonrakerMessage, payload: string): { readonly klippy?: string; readonly status: KlipperStatus } {
  if (message.kind === "klippy") return { klippy: message.klippy, status: {} };
  if (message.kind === "status") {
    const klippy = klippyIn(payload);
    return klippy === undefined ? { status: message.status } : { klippy, status: message.status };
  }
  if (message.kind !== "field") return { status: {} };
  const { object, field, value } = message;
  if (object === "webhooks" && field === "state" && typeof value === "string") return { klippy: value, status: {} };
  const known = parseMoonraker("klipper/status", JSON.stringify({ status: { [object]: { [field]: value } } }));
  const status = known.kind === "status" ? known.status : {};
  const state = object === "print_stats" && field === "state" ? klipperState(value) : undefined;
  return { status: state === undefined ? status : { ...status, state } };
}

function klippyIn(payload: string): string | undefined {
  const value = parseJson(payload)?.value;
  if (!isFields(value)) return undefined;
  const bodies = [value, fieldsAt(value, "result")].map((one) => fieldsAt(one, "status"));
  return bodies.map((body) => textOf(own(fieldsAt(body, "webhooks"), "state"))).find((state) => state !== undefined);
}

/** A shutdown in the middle of a job is its end, whatever print_stats says; ready again, print_stats counts once it says something. */
function stated(memory: Memory, klippyNow: string | undefined, status: KlipperStatus): Memory {
  const klippy = klippyNow ?? memory.klippy;
  const isDown = klippy !== null && down.has(klippy);
  const stats = status.state ?? (isDown && klippyNow !== undefined ? undefined : memory.stats);
  const was = memory.state;
  const state: JobState | undefined = isDown
    ? isInJob(was) || was === "error"
      ? "error"
      : "offline"
    : (stats ?? (was === "offline" ? undefined : was));
  const base = state === undefined ? { ...memory, ...nothingKnown, tempC: memory.tempC } : { ...memory, ...withState(memory, state) };
  const percent = typeof status.progress === "number" ? Math.round(status.progress * 1000) / 10 : base.percent;
  return {
    ...base,
    klippy,
    stats,
    job: status.file ?? base.job,
    percent,
    tempC: status.extruderC === undefined ? base.tempC : status.extruderC,
  };
}
