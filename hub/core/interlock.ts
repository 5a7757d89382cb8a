/** The machine interlock: permit, never start; policy never cuts a busy machine (domain.md §4.2). */
import type { InterlockConfig, InterlockEffect, InterlockEvent, InterlockState } from "./interlock-types.ts";

/** An interlock before its self-test. Send `booted` next. */
export function initialInterlock(_config: InterlockConfig, nowMono: number): InterlockState {
  return {
    kind: "boot",
    session: null,
    sinceMono: nowMono,
    asking: null,
    powered: null,
    busy: "unknown",
    meterOk: true,
    powerW: null,
    energyWh: null,
    run: null,
    linkUp: false,
    safetyOpen: false,
    emergency: false,
    bypass: false,
    ancillaryOn: false,
    ancillaryReady: false,
    relayOffMono: null,
    stopTries: 0,
    alarms: [],
    deadlines: {},
  };
}

export function stepInterlock(
  _state: InterlockState,
  _event: InterlockEvent,
  _config: InterlockConfig,
): readonly [InterlockState, readonly InterlockEffect[]] {
  throw new Error("being written");
}
