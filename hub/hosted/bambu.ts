/**
 * Bambu Lab printers over their own MQTT in LAN mode (`device/<SN>/report`). X1 reports are whole, those of P1, A1 and H2 are parts
 * (`msg` 1): what is not named has not changed. Sources: OpenBambuAPI mqtt.md; reports in ha-bambulab's tests and issue 1220.
 */
import type { JobState } from "./job.ts";
import { type Fields, fieldsAt, isFields, looseNumber, own, parseJson, said, textOf } from "./json.ts";

export type BambuReport = {
  readonly kind: "report";
  readonly isPartial: boolean;
  readonly state?: JobState;
  readonly percent?: number | null;
  /** left standing after a job; means something only while the printer is in one */
  readonly remainingMin?: number | null;
  readonly layer?: number | null;
  readonly totalLayers?: number | null;
  readonly nozzleC?: number | null;
  readonly nozzleTargetC?: number | null;
  readonly bedC?: number | null;
  readonly bedTargetC?: number | null;
  /** null: the model has no sensor */
  readonly chamberC?: number | null;
  /** a number of the printer's list of stages; null: none */
  readonly stage?: number | null;
  readonly errorCode?: number;
  readonly doorOpen?: boolean;
  readonly doorField?: "home_flag" | "stat";
  /** a laser is fitted: another machine to be trained for */
  readonly laserModule?: boolean;
};
export type BambuMessage =
  | BambuReport
  | { readonly kind: "version"; readonly firmware: string }
  | { readonly kind: "temperature"; readonly actualC: number; readonly targetC: number }
  | { readonly kind: "request"; readonly command: string }
  | { readonly kind: "other" }
  | { readonly kind: "invalid"; readonly why: string };

export const bambuCannot = [
  "serve more than very few local clients (P1): one bridge for all",
  "be asked for everything more often than every five minutes (P1)",
  "be reached with the newest firmware unless LAN or developer mode is on",
  "tell a cancelled job from a failed one, or an old end from a new one",
] as const;

const states: Readonly<Record<string, JobState>> = {
  IDLE: "idle",
  INIT: "preparing",
  SLICING: "preparing",
  PREPARE: "preparing",
  RUNNING: "printing",
  PAUSE: "paused",
  FINISH: "finished",
  FAILED: "error",
};
/** Bit of `home_flag` (a signed 32-bit number) and of `stat` (hexadecimal text). */
export const bambuDoorBit = 23;
/** What models without a chamber sensor send. */
const noChamberC = 5;
/** All of them say "no stage", depending on the model. */
const noStage = new Set([-1, 0, 255]);
const laserTool = /^LB/;

export function parseBambu(topic: string, payload: string): BambuMessage {
  if (topic.endsWith("info.temp")) return packed(payload);
  const json = parseJson(payload);
  if (json === undefined || !isFields(json.value)) return { kind: "invalid", why: "the payload is no JSON object" };
  const fields = json.value;
  if (topic.endsWith("/request")) return requestOf(fields);
  const info = own(fields, "info");
  if (isFields(info)) return versionOf(info);
  const print = own(fields, "print");
  return isFields(print) ? reportOf(print) : { kind: "other" };
}

/** Newer models pack two temperatures into one number: target in the upper 16 bits, actual in the lower. */
export function unpackTemperature(value: number): { readonly actualC: number; readonly targetC: number } {
  return { actualC: value & 0xffff, targetC: value >>> 16 };
}

function packed(payload: string): BambuMessage {
  const value = looseNumber(payload);
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    return { kind: "invalid", why: "no packed temperature" };
  }
  return { kind: "temperature", ...unpackTemperature(value) };
}

function requestOf(fields: Fields): BambuMessage {
  const commands = Object.values(fields).flatMap((part) => (isFields(part) ? (textOf(own(part, "command")) ?? []) : []));
  return commands[0] === undefined ? { kind: "other" } : { kind: "request", command: commands[0] };
}

function versionOf(info: Fields): BambuMessage {
  const modules = own(info, "module");
  const main: unknown = Array.isArray(modules) ? modules.find((one) => isFields(one) && own(one, "name") === "ota") : undefined;
  const firmware = isFields(main) ? textOf(own(main, "sw_ver")) : undefined;
  return firmware === undefined ? { kind: "other" } : { kind: "version", firmware };
}

function reportOf(print: Fields): BambuReport {
  const number = (key: string) => looseNumber(own(print, key));
  const device = fieldsAt(print, "device");
  const bed = packedAt(fieldsAt(fieldsAt(device, "bed"), "info"));
  const chamber = number("chamber_temper");
  const stage = number("stg_cur");
  const state = textOf(own(print, "gcode_state"));
  const tool = fieldsAt(device, "ext_tool");
  const toolType = textOf(own(tool, "type"));
  return {
    kind: "report",
    isPartial: number("msg") === 1,
    ...doorOf(print),
    ...said({
      // print_type "idle" alone says nothing of the job
      state: state !== undefined && Object.hasOwn(states, state) ? states[state] : undefined,
      percent: number("mc_percent"),
      remainingMin: number("mc_remaining_time"),
      layer: number("layer_num"),
      totalLayers: number("total_layer_num"),
      nozzleC: number("nozzle_temper"),
      nozzleTargetC: number("nozzle_target_temper"),
      bedC: number("bed_temper") ?? bed?.actualC,
      bedTargetC: number("bed_target_temper") ?? bed?.targetC,
      chamberC: chamber === noChamberC ? null : chamber,
      stage: typeof stage === "number" && noStage.has(stage) ? null : stage,
      errorCode: number("print_error") ?? undefined,
      laserModule: toolType === undefined ? undefined : looseNumber(own(tool, "mount")) === 1 && laserTool.test(toolType),
    }),
  };
}

function packedAt(info: Fields) {
  const value = looseNumber(own(info, "temp"));
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? unpackTemperature(value) : undefined;
}

function doorOf(print: Fields): Pick<BambuReport, "doorOpen" | "doorField"> {
  const stat = textOf(own(print, "stat"));
  if (stat !== undefined && /^[\da-f]{1,16}$/i.test(stat)) {
    return { doorOpen: ((BigInt(`0x${stat}`) >> BigInt(bambuDoorBit)) & 1n) === 1n, doorField: "stat" };
  }
  const flag = looseNumber(own(print, "home_flag"));
  if (typeof flag !== "number" || !Number.isInteger(flag)) return {};
  return { doorOpen: ((flag >> bambuDoorBit) & 1) === 1, doorField: "home_flag" };
}

/** What is known after one more report: a part keeps the rest, and so does a whole one that leaves something out. */
export function mergeBambu(known: BambuReport | undefined, report: BambuReport): BambuReport {
  return { ...known, ...report };
}
