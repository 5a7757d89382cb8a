/** The month in figures, per machine: time and energy split exactly at local month bounds (golden cases of the reports). */
import type { RunRecord, SessionRecord } from "../session.ts";

/** Half-open span of UTC time, ms. */
export type Span = { readonly fromMs: number; readonly toMs: number };
/** Instants of a local month such as "2026-03". */
export function monthSpan(_tz: string, _month: string): Span {
  throw new Error("being written");
}
export type MachineUsageInput = {
  readonly sessions: readonly SessionRecord[];
  readonly runs: readonly RunRecord[];
  /** spans in which nothing is known of the machine (node away, meter lost) */
  readonly unknown: readonly Span[];
  /** metered energy inside the period, null when there is no meter series */
  readonly meterWh: number | null;
  /** open sessions and runs are cut here */
  readonly nowMs: number;
};
export type MachineUsage = {
  readonly busyMs: number;
  readonly occupiedMs: number;
  readonly sessionsStarted: number;
  readonly sessionsActive: number;
  readonly members: number;
  readonly runs: number;
  readonly energyWh: number;
  readonly unknownMs: number;
  /** 1 = everything known; null for an empty period */
  readonly coverage: number | null;
  readonly days: readonly { readonly date: string; readonly busyMs: number; readonly occupiedMs: number }[];
};
export function machineUsage(_input: MachineUsageInput, _span: Span, _tz: string): MachineUsage {
  throw new Error("being written");
}
