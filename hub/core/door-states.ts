/** The door's own words: how a state is left, how a door comes to rest, and when the shunt and its warning end. */
import type { DoorConfig, DoorEffect, DoorKind, DoorState, DoorTimer } from "./door-types.ts";
import { without } from "./step.ts";

export type Step = readonly [DoorState, readonly DoorEffect[]];

export const stay = (state: DoorState, ...effects: readonly DoorEffect[]): Step => [state, effects];
export const locking = (): readonly DoorEffect[] => [{ kind: "lock", on: true }];
export const unlock: DoorEffect = { kind: "lock", on: false };
export const armed = (state: DoorState, name: DoorTimer, atMono: number): DoorState => ({
  ...state,
  deadlines: { ...state.deadlines, [name]: atMono },
});
export const alarmed = (state: DoorState, alarm: DoorState["alarms"][number]): DoorState =>
  state.alarms.includes(alarm) ? state : { ...state, alarms: [...state.alarms, alarm] };

/** Leaves the state: its timers end, except the two that outlive it and the pending return of the bolt. */
export function become(state: DoorState, kind: DoorKind, nowMono: number, changes: Partial<DoorState>): DoorState {
  return { ...state, kind, sinceMono: nowMono, deadlines: without(state.deadlines, "strike", "shunt", "preAlarm", "motor"), ...changes };
}

/** At rest with the lock on: SECURE when closed, OPEN_UNKNOWN when somebody left it open, PASSAGE when that is in force. */
export function rest(state: DoorState, nowMono: number, config: DoorConfig, effects: readonly DoorEffect[]): Step {
  const base: Partial<DoorState> = { locked: true, release: null, deadlines: {} };
  if (state.open === true) {
    const opened = {
      ...base,
      openedMono: state.openedMono ?? nowMono,
      heldSince: "boot" as const,
      deadlines: { shunt: nowMono + config.shuntMs },
    };
    return stay(become(state, "open_unknown", nowMono, opened), ...effects);
  }
  return secure(become(state, "secure", nowMono, { ...base, openedMono: null }), nowMono, effects);
}

/** SECURE, unless passage mode has waited for the door to come to rest. */
export function secure(state: DoorState, nowMono: number, effects: readonly DoorEffect[]): Step {
  if (state.passage !== "on" || state.lockdown) return stay(state, ...effects);
  return stay(become(state, "passage", nowMono, { locked: false, release: null, deadlines: {} }), ...effects, unlock);
}

export const shunt = (nowMono: number, shuntMs: number, config: DoorConfig) => ({
  shunt: nowMono + shuntMs,
  preAlarm: nowMono + Math.max(0, shuntMs - config.preAlarmMs),
});

export const quiet = (state: DoorState): readonly DoorEffect[] =>
  state.kind === "open_warn" || state.kind === "held" ? [{ kind: "beep", pattern: "off" }] : [];
