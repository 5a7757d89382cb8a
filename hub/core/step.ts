/**
 * Words that all state machines share. A machine is `step(state, event, config) → [state, effects]`; it owns no timer:
 * deadlines on the monotonic clock lie in its state, the shell sleeps until `nextDeadlineMono` and sends a `tick`, which
 * fires everything due. Restrictive effects come first in the list, records come before the permissive output they cover.
 */
import type { Code } from "#contract";

/** Deadlines by name, in ms of the monotonic clock. A name that is absent is not running. */
export type Deadlines<Name extends string> = Readonly<Partial<Record<Name, number>>>;

/** What a person at the reader is told: a refusal's code, or one of the sentences below (texts: access/explain.ts). */
export type SayKey = Code | Hint;
export const hints = [
  "granted",
  "close_the_door",
  "tap_to_continue",
  "stops_when_finished",
  "stopping_now",
  "lease_ends",
  "ended",
  "offline",
  "bypass_on",
  "one_card_at_a_time",
  "wait",
  "no_answer",
  "on_too_long",
  "present_before_boot",
  "keep_holding",
  "teach_student",
  "sign_off_student",
  "signed_off",
  "sign_off_undone",
  "sent_back",
  "still_here",
  "ends_in_60",
  "ends_in_15",
  "ends_in_5",
  "ends_in_2",
  "ends_now",
  "fire_watch",
] as const;
export type Hint = (typeof hints)[number];

export type BeepPattern = "grant" | "deny" | "slow" | "fast" | "alarm" | "off";

/** The machine's own copy without the named deadlines. */
export function without<Name extends string>(deadlines: Deadlines<Name>, ...names: readonly Name[]): Deadlines<Name> {
  const kept: Partial<Record<Name, number>> = { ...deadlines };
  for (const name of names) delete kept[name];
  return kept;
}

/** Names whose time has come, earliest first. */
export function due<Name extends string>(deadlines: Deadlines<Name>, nowMono: number): readonly Name[] {
  const names = Object.keys(deadlines) as Name[];
  return names.filter((name) => (deadlines[name] ?? Infinity) <= nowMono).sort((a, b) => (deadlines[a] ?? 0) - (deadlines[b] ?? 0));
}

/** The next instant at which a `tick` is wanted, or null when nothing runs. */
export function nextDeadlineMono(state: { readonly deadlines: Deadlines<string> }): number | null {
  let next: number | null = null;
  for (const at of Object.values(state.deadlines)) if (at !== undefined && (next === null || at < next)) next = at;
  return next;
}

/** Closes a switch over a union: a forgotten member is a compile error here, and a bug if it ever runs. */
export function absurd(value: never): never {
  throw new TypeError(`impossible value ${JSON.stringify(value)}`);
}
