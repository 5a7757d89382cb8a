/** Plays events into a door and puts its effects into words. */
import type { DoorConfig, DoorEffect, DoorEvent, DoorState } from "#core";
import { doorDefaults, initialDoor, stepDoor } from "#core";

export type Bare = DoorEvent extends infer E ? (E extends DoorEvent ? Omit<E, "nowMono"> : never) : never;
export const decision = "01JDGC5F7W9ZK3T5V0QXN2B8MA";
export const grant: Bare = { kind: "grant", who: [7], decision, strikeMs: 5000, shuntMs: 30_000 };
export const opens: Bare = { kind: "contact", open: true };
export const closes: Bare = { kind: "contact", open: false };
export const tick: Bare = { kind: "tick" };

/** Plays events at their times and remembers the effects of the last one. */
export function play(
  config: Partial<DoorConfig>,
  ...events: readonly (readonly [atMs: number, event: Bare])[]
): { readonly state: DoorState; readonly last: readonly DoorEffect[]; readonly words: readonly string[] } {
  const full = { ...doorDefaults, ...config };
  let state = initialDoor(full, 0);
  let last: readonly DoorEffect[] = [];
  for (const [nowMono, event] of events) [state, last] = stepDoor(state, { ...event, nowMono } as DoorEvent, full);
  return { state, last, words: last.map(inWords) };
}
function inWords(effect: DoorEffect): string {
  switch (effect.kind) {
    case "lock":
      return effect.on ? "lock" : "unlock";
    case "emit":
      return effect.body.kind;
    case "say":
      return `say ${effect.key}`;
    case "beep":
      return `beep ${effect.pattern}`;
    case "siren":
      return effect.on ? "siren" : "siren off";
  }
}
export const boot = [0, { kind: "booted", open: false }] as const;
export const bootOpen = [0, { kind: "booted", open: true }] as const;
