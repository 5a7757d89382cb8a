/** Opening hours and local dates as instants (domain.md §3.4): wall-clock intervals, exact across clock changes. */
import type { Schedule } from "#contract";

/** First instant of a local date, ms UTC. Throws RangeError for an unknown zone or date. */
export function dateStartMs(_tz: string, _date: string): number {
  throw new Error("being written");
}
/** First instant after a local date that is still valid: where an inclusive `validThrough` ends. */
export function dateEndMs(_tz: string, _date: string): number {
  throw new Error("being written");
}
export function isOpen(_schedule: Schedule, _tz: string, _atMs: number): boolean {
  throw new Error("being written");
}
/** The next instant after `atMs` at which `isOpen` changes, or null within 400 days. */
export function nextChangeMs(_schedule: Schedule, _tz: string, _atMs: number): number | null {
  throw new Error("being written");
}
/** The special day in force at an instant, if any. */
export function specialDay(_schedule: Schedule, _tz: string, _atMs: number): Schedule["special"][number] | undefined {
  throw new Error("being written");
}
