/** What is shown of machines, doors, nodes and people, derived from reported facts with one fixed precedence (domain.md §2, §4.4). */
import type { SiteMode } from "#contract";
import type { DoorKind } from "./door-types.ts";
import type { InterlockKind } from "./interlock-types.ts";

export const machineStatuses = [
  "EMERGENCY",
  "FAULT",
  "TAMPER",
  "LOCKED_OUT",
  "OUT_OF_ORDER",
  "OFFLINE",
  "BUSY",
  "IDLE",
  "GRACE",
  "RUN_ON",
  "NEEDS_CHECK",
  "RESERVED",
  "FREE",
] as const;
export type MachineStatus = (typeof machineStatuses)[number];
export type MachineFacts = {
  readonly mode: SiteMode;
  readonly lockouts: readonly ("maintenance" | "oops" | "fault" | "tamper" | "check")[];
  readonly online: boolean;
  /** the interlock's own word (`Reported.st`), null before the first report */
  readonly interlock: string | null;
  readonly busy: "busy" | "idle" | "unknown";
  readonly reserved: boolean;
};
/** First of the fixed precedence that applies; a machine that never reported is offline, not free. */
export function machineStatus(facts: MachineFacts): MachineStatus {
  const { lockouts, interlock } = facts;
  if (facts.mode === "evacuate") return "EMERGENCY";
  if (lockouts.includes("fault") || interlock === "fault" || interlock === "fault_welded") return "FAULT";
  if (lockouts.includes("tamper")) return "TAMPER";
  if (lockouts.includes("maintenance")) return "LOCKED_OUT";
  if (lockouts.includes("oops")) return "OUT_OF_ORDER";
  if (!facts.online || interlock === null) return "OFFLINE";
  if (interlock === "grace") return "GRACE";
  if (interlock === "run_on") return "RUN_ON";
  if (inUse.has(interlock)) return facts.busy === "busy" ? "BUSY" : "IDLE";
  if (lockouts.includes("check")) return "NEEDS_CHECK";
  return facts.reserved ? "RESERVED" : "FREE";
}

const inUse: ReadonlySet<string> = new Set<InterlockKind>(["anc_start", "enabled", "on_idle", "busy", "stopping", "stop10", "bypassed"]);

export const doorStatuses = [
  "EMERGENCY",
  "TAMPER",
  "FORCED",
  "HELD",
  "JAMMED",
  "OFFLINE",
  "LOCKDOWN",
  "PASSAGE",
  "OPEN",
  "UNLOCKED",
  "CLOSED",
  "UNKNOWN",
] as const;
export type DoorStatus = (typeof doorStatuses)[number];
export type DoorFacts = {
  readonly mode: SiteMode;
  readonly online: boolean;
  readonly door: string | null;
  readonly alarms: readonly string[];
};
const doorWords: Readonly<Record<DoorKind, DoorStatus>> = {
  boot: "UNKNOWN",
  secure: "CLOSED",
  open_unknown: "OPEN",
  unlocked: "UNLOCKED",
  open: "OPEN",
  open_warn: "OPEN",
  held: "HELD",
  forced: "FORCED",
  passage: "PASSAGE",
  released: "EMERGENCY",
  fault_jam: "JAMMED",
};
const isDoorKind = (word: string): word is DoorKind => Object.hasOwn(doorWords, word);

/** First of the fixed precedence that applies. */
export function doorStatus(facts: DoorFacts): DoorStatus {
  const word = facts.door === null || !isDoorKind(facts.door) ? "UNKNOWN" : doorWords[facts.door];
  if (facts.mode === "evacuate" || word === "EMERGENCY") return "EMERGENCY";
  if (facts.alarms.includes("tamper")) return "TAMPER";
  if (word === "FORCED" || facts.alarms.includes("forced_open")) return "FORCED";
  if (word === "HELD" || word === "JAMMED") return word;
  if (!facts.online) return "OFFLINE";
  if (facts.mode === "lockdown" && word === "CLOSED") return "LOCKDOWN";
  return word;
}
