/** What it means that a door opens or closes (domain.md §4.1). */
import type { Step } from "./door-states.ts";
import { alarmed, become, locking, quiet, secure, shunt, stay } from "./door-states.ts";
import type { DoorConfig, DoorEffect, DoorState } from "./door-types.ts";

export function contact(state: DoorState, nowMono: number, config: DoorConfig): Step {
  return state.open === true
    ? opens(state, nowMono, config)
    : closes({ ...state, openedMono: null }, state.openedMono ?? nowMono, nowMono, config);
}

function opens(seen: DoorState, nowMono: number, config: DoorConfig): Step {
  const state: DoorState = { ...seen, openedMono: nowMono };
  const who = [...(state.release?.who ?? [])];
  const opened = (cause: "grant" | "rex" | "passage" | "release" | "late", by: number[]): DoorEffect => ({
    kind: "emit",
    body: { kind: "door.opened", who: by, cause },
  });
  const open = (extra: DoorState["deadlines"]): DoorState =>
    become(state, "open", nowMono, {
      heldSince: "opening",
      deadlines: { ...extra, ...shunt(nowMono, state.release?.shuntMs ?? config.shuntMs, config) },
    });
  switch (state.kind) {
    case "unlocked":
      return stay(open(relockAfterOpening(state, nowMono, config)), opened(state.release?.cause ?? "grant", who));
    case "secure":
      if (state.deadlines.rexShunt !== undefined) return stay({ ...open(pendingRelock(state)), release: null }, opened("rex", []));
      if (state.deadlines.forcedTolerance !== undefined || state.deadlines.relock !== undefined)
        return stay(open(pendingRelock(state)), opened("late", who));
      return stay(
        alarmed(become(state, "forced", nowMono, { release: null, deadlines: {} }), "forced_open"),
        { kind: "emit", body: { kind: "door.forced_open" } },
        { kind: "beep", pattern: "alarm" },
        ...(config.siren ? [{ kind: "siren", on: true } as const] : []),
      );
    case "passage":
      return stay(state, opened("passage", []));
    case "released":
      return stay(state, opened("release", []));
    default:
      return stay(state);
  }
}

const pendingRelock = (state: DoorState) => (state.deadlines.relock === undefined ? {} : { relock: state.deadlines.relock });

/** When the bolt returns: soon after opening, at the end of the strike time, or only once the door is closed. */
function relockAfterOpening(state: DoorState, nowMono: number, config: DoorConfig): DoorState["deadlines"] {
  if (config.relock === "onOpen") return { relock: nowMono + config.relockOpenMs };
  return config.relock === "timer" ? { relock: state.deadlines.strike ?? nowMono } : {};
}

function closes(state: DoorState, openedMono: number, nowMono: number, config: DoorConfig): Step {
  const totalMs = Math.max(0, Math.round(nowMono - openedMono));
  const closed: DoorEffect = { kind: "emit", body: { kind: "door.closed", openMs: totalMs } };
  const atRest = become(state, "secure", nowMono, { locked: true, release: null, deadlines: {} });
  switch (state.kind) {
    case "open":
    case "open_warn": {
      const relock = state.deadlines.relock ?? nowMono + config.relockCloseMs;
      const deadlines = state.locked
        ? {}
        : { relock: config.relock === "timer" ? relock : Math.min(relock, nowMono + config.relockCloseMs) };
      return secure(become(state, "secure", nowMono, { release: null, deadlines }), nowMono, [...quiet(state), closed]);
    }
    case "held":
      return secure({ ...atRest, alarms: state.alarms.filter((alarm) => alarm !== "held_open") }, nowMono, [
        ...locking(),
        ...quiet(state),
        { kind: "emit", body: { kind: "door.held_open_cleared", totalMs } },
      ]);
    case "forced":
      return secure(atRest, nowMono, [
        ...locking(),
        { kind: "beep", pattern: "off" },
        { kind: "emit", body: { kind: "door.forced_cleared", totalMs } },
      ]);
    case "open_unknown":
      return secure(atRest, nowMono, locking());
    case "passage":
    case "released":
      return stay(state, closed);
    default:
      return stay(state);
  }
}
