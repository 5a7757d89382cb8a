/**
 * The door controller: which events release the lock, and what an open door means (domain.md §4.1).
 *
 *   SECURE ─grant, rex→ UNLOCKED ─opens→ OPEN → OPEN_WARN → HELD      any ─emergency→ RELEASED ─off, reset→ SECURE
 *   SECURE ─opens by itself→ FORCED                                   SECURE ⇄ PASSAGE (opening hours)
 *
 * A refusal changes nothing but the indication (I4), loss of the link changes nothing at all (I2), and no unlock survives a
 * restart (I1). Every event first fires the deadlines that are due.
 */
import { contact } from "./door-contact.ts";
import type { Step } from "./door-states.ts";
import { alarmed, armed, become, locking, quiet, rest, secure, shunt, stay, unlock } from "./door-states.ts";
import type { DoorConfig, DoorEffect, DoorEvent, DoorKind, DoorState, DoorTimer, Release } from "./door-types.ts";
import { absurd, due, without } from "./step.ts";

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
    emergency: false,
    lockdown: false,
    linkUp: false,
    alarms: [],
    deadlines: {},
  };
}

/** As many as one record names. */
const whoMax = 20;
/** The longest a lock waits for its record (D10), with margin: a short strike time must not run out before it begins. */
const recordWaitMs = 2500;

export function stepDoor(state: DoorState, event: DoorEvent, config: DoorConfig): Step {
  const [now, fired] = fireDue(state, event.nowMono, config);
  const [next, effects] = answer(now, event, config);
  return [next, [...fired, ...effects]];
}

function answer(state: DoorState, event: DoorEvent, config: DoorConfig): Step {
  const { nowMono } = event;
  switch (event.kind) {
    case "tick":
      return stay(state);
    case "link":
      return stay({ ...state, linkUp: event.up });
    case "let_go":
      return stay(letGo(state, nowMono));
    case "deny":
      return stay(state, { kind: "say", key: event.reason }, { kind: "beep", pattern: "deny" });
    case "pending":
      return stay(state, { kind: "say", key: event.reason });
    case "tamper":
      return stay(alarmed(state, "tamper"), { kind: "emit", body: { kind: "door.tamper" } });
    case "acknowledge":
      return acknowledge(state, config);
    case "emergency":
      return emergency(state, event.on, nowMono);
    case "booted":
      return state.kind !== "boot"
        ? stay(state)
        : rest({ ...state, open: config.hasContact ? event.open : null }, nowMono, config, locking());
    case "reset":
      return state.kind === "fault_jam" || (state.kind === "released" && !state.emergency)
        ? rest(state, nowMono, config, locking())
        : stay(state);
    case "lockdown":
      return event.on ? passageOff({ ...state, lockdown: true }, nowMono, config) : stay({ ...state, lockdown: false });
    case "passage":
      return event.on ? passageOn(state, nowMono, config) : passageOff(state, nowMono, config);
    case "relock":
      return relockNow(state, nowMono, config);
    case "grant":
      return grant(state, event, config);
    case "rex":
      return rex(state, nowMono, config);
    case "manual":
      return stay(armed(state, "rexShunt", nowMono + config.rexShuntMs));
    case "bolt":
      return bolt(state, event.state, nowMono, config);
    case "contact":
      return config.hasContact && state.open !== event.open ? contact({ ...state, open: event.open }, nowMono, config) : stay(state);
    default:
      return absurd(event);
  }
}

function grant(state: DoorState, event: Extract<DoorEvent, { kind: "grant" }>, config: DoorConfig): Step {
  const { nowMono, who, decision } = event;
  const granted: DoorEffect = { kind: "emit", body: { kind: "door.granted", who: [...who], decision } };
  const welcome: readonly DoorEffect[] = [
    { kind: "say", key: "granted" },
    { kind: "beep", pattern: "grant" },
  ];
  switch (state.kind) {
    case "secure": {
      if (state.passage === "waits_for_first") {
        const passage = become(state, "passage", nowMono, { passage: "on", locked: false, release: null, deadlines: {} });
        return stay(passage, granted, unlock, ...welcome);
      }
      const open = released(state, { who, cause: "grant", strikeMs: event.strikeMs, shuntMs: event.shuntMs }, nowMono, config);
      return stay(open, granted, unlock, ...welcome);
    }
    case "unlocked": {
      const all = new Set([...(state.release?.who ?? []), ...who]);
      const strikeMs = Math.max(state.release?.strikeMs ?? 0, event.strikeMs);
      const shuntMs = Math.max(state.release?.shuntMs ?? 0, event.shuntMs);
      const release: Release = { who: [...all].slice(-whoMax), cause: "grant", strikeMs, shuntMs };
      return stay(longer({ ...state, release }, nowMono + event.strikeMs), granted, ...welcome);
    }
    case "open":
    case "open_warn": {
      const { strikeMs, shuntMs } = event;
      const again = openAgain({ ...state, release: { who, cause: "grant", strikeMs, shuntMs } }, nowMono, shuntMs, config);
      return stay(again, granted, ...quiet(state), { kind: "emit", body: { kind: "door.opened_again", who: [...who] } }, ...welcome);
    }
    case "passage":
      return stay(state, granted, ...welcome);
    case "held":
    case "open_unknown":
      return stay(state, { kind: "say", key: "close_the_door" });
    case "fault_jam":
      return stay(state, { kind: "say", key: "DEVICE_FAULT" });
    case "released":
      return state.emergency ? stay(state) : afterEmergency(state, event, config);
    case "boot":
    case "forced":
      return stay(state);
    default:
      return absurd(state.kind);
  }
}

/** Somebody authorised stands at the door, or opens it from afar: that is the operator who ends the release. */
function afterEmergency(state: DoorState, event: Extract<DoorEvent, { kind: "grant" }>, config: DoorConfig): Step {
  const [next, locked] = rest(state, event.nowMono, config, locking());
  if (next.kind === "secure") return grant(next, event, config);
  return stay(next, ...locked, { kind: "say", key: "close_the_door" });
}

function released(state: DoorState, release: Release, nowMono: number, config: DoorConfig): DoorState {
  const motor = config.lock === "motor" ? { motor: nowMono + config.motorTimeoutMs } : {};
  const strike = nowMono + Math.max(release.strikeMs, recordWaitMs);
  return become(state, "unlocked", nowMono, { locked: false, release, deadlines: { strike, ...motor } });
}

/** A slow disk takes nothing from the strike time: it begins when the lock lets go. */
function letGo(state: DoorState, nowMono: number): DoorState {
  if (state.kind !== "unlocked" || state.release === null) return state;
  return armed(state, "strike", nowMono + state.release.strikeMs);
}

const longer = (state: DoorState, untilMono: number): DoorState => armed(state, "strike", Math.max(state.deadlines.strike ?? 0, untilMono));

function openAgain(state: DoorState, nowMono: number, shuntMs: number, config: DoorConfig): DoorState {
  return become(state, "open", nowMono, {
    deadlines: { ...without(state.deadlines, "strike", "motor"), ...shunt(nowMono, shuntMs, config) },
  });
}

function rex(state: DoorState, nowMono: number, config: DoorConfig): Step {
  if (config.rex === "none") return stay(state);
  const pressed: DoorEffect = { kind: "emit", body: { kind: "door.rex" } };
  switch (state.kind) {
    case "secure": {
      if (config.rex === "shunts") return stay(armed(state, "rexShunt", nowMono + config.rexShuntMs), pressed);
      const { strikeMs, shuntMs } = config;
      return stay(released(state, { who: [], cause: "rex", strikeMs, shuntMs }, nowMono, config), unlock, pressed);
    }
    case "unlocked":
      return stay(longer(state, nowMono + config.strikeMs), pressed);
    case "open":
    case "open_warn":
      return stay(openAgain(state, nowMono, config.shuntMs, config), pressed, ...quiet(state), {
        kind: "emit",
        body: { kind: "door.opened_again", who: [] },
      });
    default:
      return stay(state, pressed);
  }
}

function passageOn(state: DoorState, nowMono: number, config: DoorConfig): Step {
  if (state.lockdown || state.emergency || state.kind === "released" || state.kind === "boot" || state.passage !== "off")
    return stay(state);
  const isPassing = state.kind === "unlocked" || state.kind === "open" || state.kind === "open_warn";
  // who came hours ago may have left: only somebody at the door now is the first person in
  const somebodyIsHere = isPassing && state.release?.cause === "grant";
  if (config.firstPersonIn && !somebodyIsHere) return stay({ ...state, passage: "waits_for_first" });
  const wanted: DoorState = { ...state, passage: "on" };
  const holdsOpen = state.kind === "secure" || isPassing;
  if (!holdsOpen) return stay(wanted);
  return stay(become(wanted, "passage", nowMono, { locked: false, release: null, deadlines: {} }), ...quiet(state), unlock);
}

function passageOff(seen: DoorState, nowMono: number, config: DoorConfig): Step {
  const state: DoorState = { ...seen, passage: "off" };
  if (state.kind !== "passage") return stay(state);
  if (state.open !== true) return stay(become(state, "secure", nowMono, { locked: true, openedMono: null, deadlines: {} }), ...locking());
  const onlyWhenClosed = config.lock === "maglock";
  const open = become(state, "open", nowMono, {
    locked: !onlyWhenClosed,
    heldSince: "opening",
    deadlines: shunt(nowMono, config.shuntMs, config),
  });
  return stay(open, ...(onlyWhenClosed ? [] : locking()));
}

function relockNow(state: DoorState, nowMono: number, config: DoorConfig): Step {
  if (state.kind === "boot" || (state.kind === "released" && state.emergency)) return stay(state);
  if (state.kind === "released") return rest(state, nowMono, config, locking());
  if (state.kind === "passage") return passageOff(state, nowMono, config);
  const calm: DoorState = { ...state, passage: "off", locked: true, deadlines: without(state.deadlines, "relock") };
  if (state.kind !== "unlocked") return stay(calm, ...locking());
  return stay(become(calm, "secure", nowMono, { deadlines: { forcedTolerance: nowMono + config.forcedToleranceMs } }), ...locking());
}

function emergency(state: DoorState, on: boolean, nowMono: number): Step {
  if (!on) return stay({ ...state, emergency: false });
  const free: Partial<DoorState> = { emergency: true, locked: false, passage: "off", release: null, deadlines: {} };
  return stay(become(state, "released", nowMono, free), unlock, { kind: "beep", pattern: "off" }, { kind: "siren", on: false });
}

function bolt(state: DoorState, position: "moved" | "stuck", nowMono: number, config: DoorConfig): Step {
  if (state.kind === "unlocked")
    return position === "stuck" ? jammed(state, nowMono) : stay({ ...state, deadlines: without(state.deadlines, "motor") });
  return state.kind === "fault_jam" && position === "moved" ? rest(state, nowMono, config, locking()) : stay(state);
}

/** The bolt does not follow: told to lock, so that it cannot come free later with nobody there. */
function jammed(state: DoorState, nowMono: number): Step {
  const next = alarmed(become(state, "fault_jam", nowMono, { locked: true, release: null, deadlines: {} }), "jam");
  return stay(next, ...locking(), { kind: "emit", body: { kind: "door.jam" } }, { kind: "beep", pattern: "alarm" });
}

/** Silences; what still lasts stays listed. */
function acknowledge(state: DoorState, config: DoorConfig): Step {
  const lasting = { forced: "forced_open", held: "held_open", fault_jam: "jam" } as const satisfies Partial<Record<DoorKind, string>>;
  const still = state.kind === "forced" || state.kind === "held" || state.kind === "fault_jam" ? [lasting[state.kind]] : [];
  return stay(
    { ...state, alarms: still },
    { kind: "beep", pattern: "off" },
    ...(config.siren ? [{ kind: "siren", on: false } as const] : []),
  );
}

function fireDue(state: DoorState, nowMono: number, config: DoorConfig): Step {
  let current = state;
  const effects: DoorEffect[] = [];
  for (let name = due(current.deadlines, nowMono)[0]; name !== undefined; name = due(current.deadlines, nowMono)[0]) {
    const [next, more] = fire({ ...current, deadlines: without(current.deadlines, name) }, name, nowMono, config);
    current = next;
    effects.push(...more);
  }
  return [current, effects];
}

function fire(state: DoorState, name: DoorTimer, nowMono: number, config: DoorConfig): Step {
  switch (name) {
    case "strike":
      return strikeOver(state, nowMono, config);
    case "relock":
      return stay({ ...state, locked: true }, ...locking());
    case "preAlarm":
      return stay({ ...state, kind: "open_warn", sinceMono: nowMono }, { kind: "beep", pattern: "slow" });
    case "shunt": {
      const held = alarmed(become(state, "held", nowMono, {}), "held_open");
      return stay(held, { kind: "emit", body: { kind: "door.held_open", since: state.heldSince } }, { kind: "beep", pattern: "alarm" });
    }
    case "motor":
      return jammed(state, nowMono);
    case "forcedTolerance":
    case "rexShunt":
      return stay(state);
    default:
      return absurd(name);
  }
}

function strikeOver(state: DoorState, nowMono: number, config: DoorConfig): Step {
  const unused = state.release?.cause === "grant" && config.hasContact;
  const emits: readonly DoorEffect[] = unused
    ? [{ kind: "emit", body: { kind: "door.granted_not_used", who: [...(state.release?.who ?? [])] } }]
    : [];
  const next = become(state, "secure", nowMono, {
    locked: true,
    deadlines: { ...without(state.deadlines, "strike", "motor"), forcedTolerance: nowMono + config.forcedToleranceMs },
  });
  return secure(next, nowMono, [...locking(), ...emits]);
}
