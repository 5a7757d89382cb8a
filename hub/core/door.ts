/** The door controller: which events release the lock, and what an open door means (domain.md §4.1). */
import type { DoorConfig, DoorEffect, DoorEvent, DoorState } from "./door-types.ts";

/** A door before its first look at the contact: locked, nothing remembered. Send `booted` next. */
export function initialDoor(_config: DoorConfig, nowMono: number): DoorState {
  return {
    kind: "boot",
    sinceMono: nowMono,
    locked: true,
    open: null,
    openedMono: null,
    release: null,
    heldSince: "opening",
    passage: "off",
    firstGrantSeen: false,
    emergency: false,
    lockdown: false,
    linkUp: false,
    alarms: [],
    deadlines: {},
  };
}

export function stepDoor(_state: DoorState, _event: DoorEvent, _config: DoorConfig): readonly [DoorState, readonly DoorEffect[]] {
  throw new Error("being written");
}
