/** What is shown of machines, doors, nodes and people, derived from reported facts with one fixed precedence (domain.md §2, §4.4). */
import type { SiteMode } from "#contract";
import type { StoredEvent } from "./session.ts";

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
export function machineStatus(_facts: MachineFacts): MachineStatus {
  throw new Error("being written");
}

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
export function doorStatus(_facts: DoorFacts): DoorStatus {
  throw new Error("being written");
}

/** Who is thought to be inside: soft evidence, forgotten after 14 h (domain.md D6). */
export type Presences = ReadonlyMap<number, { readonly zone: string; readonly sinceMs: number }>;
/** `leadsTo` names the zone behind a door, or null when the door leads out. */
export function applyPresence(
  _state: Presences,
  _event: StoredEvent,
  _leadsTo: (node: string, ch: string) => string | null | undefined,
): Presences {
  throw new Error("being written");
}
export function presentAt(_state: Presences, _nowMs: number, _expireMs: number): Presences {
  throw new Error("being written");
}
