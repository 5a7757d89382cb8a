/**
 * The machine interlock (domain.md §4.2): software gives a permission, a person starts the machine.
 *
 *   OFF ─tap→ AUTHORISING ─permit→ (ANC_START) → ENABLED ─powered→ ON_IDLE ⇄ BUSY          the permit is on exactly in
 *   ON_IDLE ─idle, tap-out, end of permission→ GRACE → RUN_ON → OFF                         ENABLED ON_IDLE BUSY GRACE
 *   BUSY ─end of permission→ STOPPING ─idle→ RUN_ON        ─immediate lockout→ STOP10        STOPPING STOP10
 *
 * Policy never cuts a busy machine (I3), a refusal changes nothing (I4), loss of the link changes nothing (I2). What people do
 * is in interlock-people.ts, who has to be there in interlock-company.ts, what work is in interlock-work.ts, power and faults
 * in interlock-senses.ts, how power is given and taken in interlock-power.ts.
 */
import type { EndReason } from "#contract";
import { askOperator, missed, noteAhead, supervisorLeft, warnAhead } from "./interlock-company.ts";
import { askAgain, askTogether, giveUp, hold, permitted, refused, remotePermit, removed, stopButton, tap } from "./interlock-people.ts";
import type { Energised, Step } from "./interlock-power.ts";
import {
  alarmed,
  armed,
  askRenewal,
  beep,
  calmed,
  common,
  cut,
  disarmed,
  emit,
  endSoon,
  endWhenIdle,
  energiseWhenReady,
  grace,
  isOn,
  restAfter,
  say,
  stay,
} from "./interlock-power.ts";
import { booted, bypass, fault, powered, tryLeaveFault, welded } from "./interlock-senses.ts";
import type { InterlockConfig, InterlockEffect, InterlockEvent, InterlockState, InterlockTimer } from "./interlock-types.ts";
import { activity, controller, meter, power, unattributed } from "./interlock-work.ts";
import { absurd, due, without } from "./step.ts";

export { liveSession } from "./interlock-people.ts";
export { renewal, renewalKind } from "./interlock-power.ts";

/** An interlock before its self-test. Send `booted` next. */
export function initialInterlock(_config: InterlockConfig, nowMono: number): InterlockState {
  return {
    kind: "boot",
    session: null,
    sinceMono: nowMono,
    asking: null,
    renewing: false,
    powered: null,
    busy: "unknown",
    detected: "unknown",
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
    controller: null,
    ahead: null,
    looseFromWh: null,
    alarms: [],
    deadlines: {},
  };
}

/** Every event first fires the deadlines that are due. Unlisted pairs of state and event do nothing. */
export function stepInterlock(state: InterlockState, event: InterlockEvent, config: InterlockConfig): Step {
  let current = state;
  const effects: InterlockEffect[] = [];
  for (let name = due(current.deadlines, event.nowMono)[0]; name !== undefined; name = due(current.deadlines, event.nowMono)[0]) {
    const [next, more] = fire(disarmed(current, name), name, event.nowMono, config);
    current = next;
    effects.push(...more);
  }
  const [next, more] = answer(current, event, config);
  return [next, [...effects, ...more]];
}

function answer(state: InterlockState, event: InterlockEvent, config: InterlockConfig): Step {
  const { nowMono } = event;
  switch (event.kind) {
    case "tick":
      return stay(state);
    case "booted":
      return booted(state, event, config);
    case "tap":
      return tap(state, event, config);
    case "ask":
      return askTogether(state, event, config);
    case "hold":
      return hold(state, event.member, nowMono, config);
    case "removed":
      return removed(state, event.member, nowMono, config);
    case "permit":
      return permitted(state, event, config);
    case "refused":
    case "pending":
      return refused(state, event, config);
    case "remote_permit":
      return remotePermit(state, event, config);
    case "powered":
      return powered(state, event.on, nowMono, config);
    case "activity":
      return activity(state, event, config);
    case "power":
      return power(state, event, config);
    case "meter":
      return meter(state, event, config);
    case "ancillary":
      return event.ready
        ? energiseWhenReady(disarmed({ ...state, ancillaryReady: true }, "ready"), nowMono, config)
        : stay({ ...state, ancillaryReady: false });
    case "end":
      return end(state, event.reason, event.mode, nowMono, config);
    case "dropped":
      if (isOn(state)) return cut(state, event.reason, nowMono, config);
      return end(state, "forced", "immediate", nowMono, config);
    case "stop_button":
      return stopButton(state, nowMono, config);
    case "oops":
      return offNow(state, "oops", nowMono, config, [emit({ kind: "mach.oops" })]);
    case "safety":
      if (!event.open) return stay(calmed({ ...state, safetyOpen: false }, "safety"));
      return offNow(alarmed({ ...state, safetyOpen: true }, "safety"), "safety_stop", nowMono, config, [
        emit({ kind: "mach.safety_input" }),
      ]);
    case "emergency":
      return event.on ? emergency({ ...state, emergency: true }, nowMono, config) : stay({ ...state, emergency: false });
    case "bypass":
      return bypass(state, event.on, nowMono, config);
    case "fault":
      return fault(state, event.cause, nowMono, config);
    case "controller":
      return controller(state, event, config);
    case "ahead":
      return noteAhead(state, event.endMono, event.reason, nowMono, config);
    case "reset":
      return tryLeaveFault(state, event.member, nowMono, config);
    case "cleared":
      return tryLeaveFault(state, null, nowMono, config);
    case "link":
      return link(state, event.up);
    default:
      return absurd(event);
  }
}

/** Permission ends from outside; whoever is still being authorised is turned away. */
function end(state: InterlockState, reason: EndReason, mode: "when_idle" | "immediate", nowMono: number, config: InterlockConfig): Step {
  if (isOn(state)) return mode === "immediate" ? endSoon(state, reason, nowMono, config) : endWhenIdle(state, reason, nowMono, config);
  if (state.kind !== "authorising" && state.kind !== "anc_start")
    return stay({ ...disarmed(state, "askLocal", "askGiveUp"), asking: null });
  return restAfter(state, nowMono, config, [say(reason === "lockout" ? "LOCKED_OUT" : "ended"), beep("deny")]);
}

/** Off at once, whatever it does: smoke, an open guard, an emergency. */
function offNow(
  state: InterlockState,
  reason: EndReason,
  nowMono: number,
  config: InterlockConfig,
  effects: readonly InterlockEffect[],
): Step {
  if (isOn(state)) {
    const [next, cutting] = cut(state, reason, nowMono, config);
    return [next, [...cutting, ...effects]];
  }
  if (state.kind === "authorising" || state.kind === "anc_start") return restAfter(state, nowMono, config, effects);
  return stay({ ...disarmed(state, "askLocal", "askGiveUp"), asking: null }, ...effects);
}

/** Run-on ends too, except extraction that must go on in a fire (D5). Nothing comes back by itself. */
function emergency(state: InterlockState, nowMono: number, config: InterlockConfig): Step {
  const [next, effects] = offNow(state, "emergency", nowMono, config, []);
  if (!next.ancillaryOn || config.ancillary?.keepInFire === true) return [next, effects];
  const dark = { ...next, ancillaryOn: false, ancillaryReady: false, deadlines: without(next.deadlines, "runOn") };
  const off: InterlockState = dark.kind === "run_on" ? { ...dark, kind: "off", sinceMono: nowMono } : dark;
  return [off, [...effects, { kind: "ancillary", on: false }]];
}

/** The output stays as it is (I2). What ran past its lease asks for a new one when the hub returns. */
function link(state: InterlockState, up: boolean): Step {
  const next: InterlockState = { ...state, linkUp: up };
  if (!isOn(next)) return stay(next);
  if (!up) return state.linkUp ? stay(next, say("offline")) : stay(next);
  return next.session.overrun ? renew(next) : stay(next);
}

const renew = (state: Energised): Step => stay({ ...state, renewing: true }, askRenewal(state));

function fire(state: InterlockState, name: InterlockTimer, nowMono: number, config: InterlockConfig): Step {
  switch (name) {
    case "askLocal":
      return askAgain(state);
    case "askGiveUp":
      return giveUp(state, nowMono, config);
    case "ready":
      return isOn(state) ? stay(state) : restAfter(state, nowMono, config, [say("ANCILLARY_NOT_READY"), beep("deny")]);
    case "chatter":
      return energiseWhenReady(state, nowMono, config);
    case "runOn":
      return isOn(state) ? stay(state) : runOnOver(state, nowMono);
    case "weld":
      return welded(
        alarmed(state, "current_while_off"),
        nowMono,
        config,
        emit({ kind: "mach.current_while_off", powerW: state.powerW ?? 0 }),
      );
    case "verifyOff":
      return verifyOff(state, nowMono, config);
    case "meterLost":
      return stay(alarmed(state, "meter_lost"), emit({ kind: "mach.meter_lost" }));
    case "unattributed":
      return isOn(state) ? stay(state) : unattributed(state);
    case "fireWatch":
      return stay(state, say("fire_watch"), beep("slow"));
    default:
      return isOn(state) ? fireOn(state, name, nowMono, config) : stay(state);
  }
}

type SessionTimer =
  | ("enable" | "idle" | "grace" | "graceBeep" | "lease" | "leaseWarn" | "coolDown" | "stop10" | "maxOn")
  | ("leave" | "supervisor" | "companionGone" | "stillHere" | "stillHereGone" | "ahead");

/** Deadlines that only a session has. */
function fireOn(state: Energised, name: SessionTimer, nowMono: number, config: InterlockConfig): Step {
  switch (name) {
    case "enable":
      return cut(state, state.kind === "enabled" ? "not_used" : "stop_button", nowMono, config);
    case "idle":
      return state.kind === "on_idle"
        ? grace(state, "idle_timeout", "idle_timeout", state.session.permit.graceMs, nowMono, config)
        : stay(state);
    case "grace":
    case "coolDown":
    case "stop10":
      return state.kind === "grace" || state.kind === "stopping" || state.kind === "stop10"
        ? cut(state, state.reason, nowMono, config)
        : stay(state);
    case "graceBeep":
      return state.kind === "grace" ? stay(armed(state, { graceBeep: nowMono + config.graceBeepMs }), beep("slow")) : stay(state);
    case "leaseWarn":
      return renew(state);
    case "lease":
      return leaseOver(state, nowMono, config);
    case "maxOn":
      return stay(alarmed(state, "on_too_long"), say("on_too_long"), beep("alarm"));
    case "leave":
      return supervisorLeft(state, nowMono, config);
    case "supervisor":
      return missed(state, "supervisor", nowMono, config);
    case "companionGone":
      return endWhenIdle(state, "permission_ended", nowMono, config);
    case "stillHere":
      return askOperator(state, nowMono, config);
    case "stillHereGone":
      return endWhenIdle(state, "idle_timeout", nowMono, config);
    case "ahead":
      return warnAhead(state, nowMono, config);
    default:
      return absurd(name);
  }
}

/** The lease ran out. With the hub away the policy may let it run on: a fixed overrun, or until the hub is back. */
function leaseOver(state: Energised, nowMono: number, config: InterlockConfig): Step {
  const { holdPolicy } = state.session.permit;
  const overrunning: Energised = { ...state, session: { ...state.session, overrun: true } };
  if (state.linkUp || holdPolicy === "until_idle") return endWhenIdle(state, "lease_expired", nowMono, config);
  if (holdPolicy === "indefinite") return stay(overrunning);
  if (!state.session.overrun) return stay(armed(overrunning, { lease: nowMono + config.maxOverrunMs }), say("lease_ends"));
  const graceMs = Math.max(1, Math.min(state.session.permit.graceMs, config.endGraceMsMax));
  if (state.kind === "busy" && !config.cutHazard) return grace(state, "permission_ended", "lease_expired", graceMs, nowMono, config);
  return endWhenIdle(state, "lease_expired", nowMono, config);
}

function runOnOver(state: InterlockState, nowMono: number): Step {
  const dark = { ...state, ancillaryOn: false, ancillaryReady: false };
  const effect: InterlockEffect = { kind: "ancillary", on: false };
  if (dark.kind !== "run_on") return stay(dark, effect);
  return stay({ ...common(dark, nowMono), kind: dark.asking === null ? "off" : "authorising", session: null }, effect);
}

/** Off must mean off: a latching contactor gets its STOP again, anything else that stays powered is welded. */
function verifyOff(state: InterlockState, nowMono: number, config: InterlockConfig): Step {
  if (isOn(state) || state.powered !== true || state.kind === "bypassed") return stay({ ...state, stopTries: 0 });
  if (config.permitKind === "pulse" && state.stopTries < config.stopPulseTries) {
    const again = armed({ ...state, stopTries: state.stopTries + 1 }, { verifyOff: nowMono + config.stopPulseVerifyMs });
    return stay(again, { kind: "pulse", button: "stop" });
  }
  return welded(alarmed(state, "verify_failed"), nowMono, config, emit({ kind: "mach.verify_failed" }));
}
