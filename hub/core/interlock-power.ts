/**
 * How the interlock gives power and takes it away. Records stand before the permissive output they cover, restrictive
 * outputs before everything else (domain.md D10).
 */
import type { EndReason, Permit } from "#contract";
import type { RequestKind } from "./access/types.ts";
import type {
  GraceCause,
  InterlockCommon,
  InterlockConfig,
  InterlockEffect,
  InterlockSession,
  InterlockState,
  InterlockTimer,
  Waiting,
} from "./interlock-types.ts";
import type { Deadlines } from "./step.ts";
import { without } from "./step.ts";

export type Step = readonly [InterlockState, readonly InterlockEffect[]];
export type Energised = Extract<InterlockState, { session: InterlockSession }>;
export type Resting = Exclude<InterlockState, { session: InterlockSession }>;

export const stay = (state: InterlockState, ...effects: readonly InterlockEffect[]): Step => [state, effects];
export const say = (key: Extract<InterlockEffect, { kind: "say" }>["key"]): InterlockEffect => ({ kind: "say", key });
export const beep = (pattern: Extract<InterlockEffect, { kind: "beep" }>["pattern"]): InterlockEffect => ({ kind: "beep", pattern });
export const emit = (body: Extract<InterlockEffect, { kind: "emit" }>["body"]): InterlockEffect => ({ kind: "emit", body });

/** Nonce under which a session's lease is renewed without anybody tapping. */
export const renewal = (session: string): string => `renew:${session}`;
/** The question that renews a session: the one it began with, for a teach or maintenance session is no ordinary use. */
export const renewalKind = ({ wants }: Pick<InterlockSession, "wants">): RequestKind =>
  wants === "teach" || wants === "maintain" ? wants : "extend";
/** Asks for a new lease without anybody tapping. */
export const askRenewal = (state: Energised): InterlockEffect => ({
  kind: "request",
  request: renewalKind(state.session),
  nonce: renewal(state.session.session),
  member: state.session.member,
  place: "best",
});
export const isOn = (state: InterlockState): state is Energised => state.session !== null;

/** The state without its kind: what every kind shares. */
export function common(state: InterlockState, nowMono: number): InterlockCommon {
  const { asking, renewing, powered, busy, detected, meterOk, powerW, energyWh, run, linkUp, safetyOpen, emergency, bypass } = state;
  const { ancillaryOn, ancillaryReady, relayOffMono, stopTries, controller, ahead, looseFromWh, alarms, deadlines } = state;
  const seen = {
    powered,
    busy,
    detected,
    meterOk,
    powerW,
    energyWh,
    run,
    linkUp,
    safetyOpen,
    emergency,
    bypass,
    ancillaryOn,
    ancillaryReady,
  };
  return { ...seen, asking, renewing, relayOffMono, stopTries, controller, ahead, looseFromWh, alarms, deadlines, sinceMono: nowMono };
}

export const armed = <State extends InterlockState>(state: State, more: Deadlines<InterlockTimer>): State => ({
  ...state,
  deadlines: { ...state.deadlines, ...more },
});
export const disarmed = <State extends InterlockState>(state: State, ...names: readonly InterlockTimer[]): State => ({
  ...state,
  deadlines: without(state.deadlines, ...names),
});
export const alarmed = <State extends InterlockState>(state: State, alarm: InterlockState["alarms"][number]): State =>
  state.alarms.includes(alarm) ? state : { ...state, alarms: [...state.alarms, alarm] };
export const calmed = <State extends InterlockState>(state: State, ...alarms: InterlockState["alarms"]): State => ({
  ...state,
  alarms: state.alarms.filter((a) => !alarms.includes(a)),
});

/** For cutting, a machine whose meter is silent is busy; for billing it is idle (domain.md §4.2). */
export const mayWork = (state: InterlockState, config: InterlockConfig): boolean =>
  state.busy === "busy" || (state.busy === "unknown" && (config.hasMeter || config.hasController));

/** A grant at a resting machine: spin up what must be ready, let the contactor rest, then permit. */
export function accept(state: Resting, waiting: Waiting, nowMono: number, config: InterlockConfig): Step {
  const refusal = state.emergency ? "EMERGENCY_ACTIVE" : state.safetyOpen ? "DEVICE_FAULT" : null;
  if (refusal !== null) return restAfter(state, nowMono, config, [say(refusal), beep("deny")]);
  const { ancillary } = config;
  const base = common(state, nowMono);
  const spinUp: readonly InterlockEffect[] = ancillary !== null && !state.ancillaryOn ? [{ kind: "ancillary", on: true }] : [];
  const ready = ancillary?.required === true && !state.ancillaryReady ? { ready: nowMono + ancillary.readyMs } : {};
  const restMono = (state.relayOffMono ?? Number.NEGATIVE_INFINITY) + config.chatterMs;
  const chatter = restMono > nowMono ? { chatter: restMono } : {};
  const kept = without(base.deadlines, "askLocal", "askGiveUp", "runOn", "weld", "ready", "chatter", "unattributed", "fireWatch");
  const preparing: InterlockState = {
    ...base,
    kind: "anc_start",
    session: null,
    waiting,
    asking: null,
    ancillaryOn: ancillary !== null,
    deadlines: { ...kept, ...ready, ...chatter },
  };
  const [next, effects] = energiseWhenReady(preparing, nowMono, config);
  return [next, next.kind === "anc_start" ? [...spinUp, say("wait"), beep("grant")] : [...spinUp, ...effects]];
}

/** From ANC_START to ENABLED as soon as nothing is waited for. */
export function energiseWhenReady(state: InterlockState, nowMono: number, config: InterlockConfig): Step {
  if (state.kind !== "anc_start" || state.deadlines.ready !== undefined || state.deadlines.chatter !== undefined) return stay(state);
  const session = sessionOf(state.waiting, nowMono);
  const base: InterlockState = {
    ...common(state, nowMono),
    kind: "enabled",
    session,
    busy: state.meterOk ? state.busy : "unknown", // with the power off it was idle for certain, and no longer is
    stopTries: 0,
    relayOffMono: null,
    looseFromWh: null,
    deadlines: {
      ...without(state.deadlines, "verifyOff"),
      ...leaseTimers(session, nowMono, config),
      ...companyTimers(session.permit, nowMono, config),
      ...(config.maxOnMs === null ? {} : { maxOn: nowMono + config.maxOnMs }),
    },
  };
  const start: InterlockEffect = config.permitKind === "hold" ? { kind: "relay", on: true } : { kind: "pulse", button: "start" };
  const effects = [started(session), start, ...accessories(null, session.permit, config), say("granted"), beep("grant")];
  if (!config.hasAux || state.powered === true || state.busy === "busy") return [use(base, nowMono, config), effects];
  return [armed(base, { enable: nowMono + session.permit.enableMs }), effects];
}

export function sessionOf(waiting: Waiting, nowMono: number): InterlockSession {
  const { session, decision, member, provisional, wants, permit } = waiting;
  const fresh = {
    missed: [],
    asked: false,
    unattended: false,
    busyMs: 0,
    busySinceMono: null,
    energyWh: 0,
    overrun: false,
  };
  return { session, decision, member, provisional, wants, permit, startedMono: nowMono, ...fresh };
}

export function started({ session, decision, member, provisional, permit }: InterlockSession): InterlockEffect {
  const { supervisor, buddy } = permit;
  const company = { ...(supervisor === undefined ? {} : { supervisor }), ...(buddy === undefined ? {} : { buddy }) };
  return emit({ kind: "mach.session_started", session, decision, member, provisional, ...company });
}

/** Accessories follow the permit: on where it says so and only there, off with the machine (R72). */
export function accessories(before: Permit | null, after: Permit | null, config: InterlockConfig): readonly InterlockEffect[] {
  const isOnIn = (permit: Permit | null, accessory: string): boolean => permit?.accessories?.[accessory] === true;
  return config.accessories
    .filter((accessory) => isOnIn(before, accessory) !== isOnIn(after, accessory))
    .map((accessory): InterlockEffect => ({ kind: "accessory", accessory, on: isOnIn(after, accessory) }));
}

/** Busy time up to now, and no longer counting. */
export const settled = (session: InterlockSession, nowMono: number): Pick<InterlockSession, "busyMs" | "busySinceMono"> => ({
  busyMs: session.busyMs + (session.busySinceMono === null ? 0 : nowMono - session.busySinceMono),
  busySinceMono: null,
});

/** Deadlines of a lease; a lease of 0 has no end. */
export function leaseTimers({ permit }: InterlockSession, nowMono: number, config: InterlockConfig): Deadlines<InterlockTimer> {
  if (permit.leaseMs === 0) return {};
  return { lease: nowMono + permit.leaseMs, leaseWarn: nowMono + Math.max(0, permit.leaseMs - config.leaseWarnMs) };
}

/** Deadlines that a session's company brings along. */
export function companyTimers(permit: Permit, nowMono: number, config: InterlockConfig): Deadlines<InterlockTimer> {
  return {
    ...(permit.supervisor === undefined ? {} : { supervisor: nowMono + config.supervisorMs }),
    ...(config.stillHereMs === null ? {} : { stillHere: nowMono + config.stillHereMs }),
  };
}

/** Powered and in use: BUSY when it works, else ON_IDLE with its idle timer. */
export function use(state: Energised, nowMono: number, config: InterlockConfig): InterlockState {
  const { permit } = state.session;
  const deadlines = without(state.deadlines, "enable", "idle", "grace", "graceBeep", "coolDown", "stop10");
  const session: InterlockSession = {
    ...state.session,
    busySinceMono: state.busy === "busy" ? (state.session.busySinceMono ?? nowMono) : null,
  };
  if (mayWork(state, config)) return { ...common(state, nowMono), kind: "busy", session, deadlines };
  const idle = permit.idleMs === 0 ? {} : { idle: nowMono + permit.idleMs };
  return { ...common(state, nowMono), kind: "on_idle", session, deadlines: { ...deadlines, ...idle } };
}

/** Takes the permit away now and closes the session. */
export function cut(state: Energised, reason: EndReason, nowMono: number, config: InterlockConfig): Step {
  const { session } = state;
  const busyMs = Math.round(session.busyMs + (session.busySinceMono === null ? 0 : nowMono - session.busySinceMono));
  const verifies = config.hasAux && !state.bypass && state.powered !== false;
  const after = config.permitKind === "hold" ? config.verifyOffMs : config.stopPulseVerifyMs;
  const off: Resting = {
    ...common(state, nowMono),
    kind: "off",
    session: null,
    asking: null,
    renewing: false,
    busy: "idle",
    detected: "idle",
    relayOffMono: nowMono,
    stopTries: 1,
    ahead: null,
    alarms: state.alarms.filter((alarm) => alarm !== "on_too_long"),
    deadlines: {
      ...keepMeter(state.deadlines),
      ...(verifies ? { verifyOff: nowMono + after } : {}),
      ...(config.fireWatchMs !== null && (busyMs > 0 || !config.hasMeter) ? { fireWatch: nowMono + config.fireWatchMs } : {}),
    },
  };
  return restAfter(off, nowMono, config, [
    config.permitKind === "hold" ? { kind: "relay", on: false } : { kind: "pulse", button: "stop" },
    ...accessories(session.permit, null, config),
    emit({ kind: "mach.relay_off", session: session.session, reason }),
    emit({ kind: "mach.session_closed", session: session.session, reason, busyMs, energyWh: session.energyWh }),
    beep("off"),
    say("ended"),
  ]);
}

const keepMeter = (deadlines: Deadlines<InterlockTimer>): Deadlines<InterlockTimer> =>
  deadlines.meterLost === undefined ? {} : { meterLost: deadlines.meterLost };

/**
 * OFF; or RUN_ON while the extraction runs on; or BYPASSED while the key switch holds the machine on. Power that is there without a
 * permit is watched from the moment it came, whoever has tapped meanwhile (I4).
 */
export function restAfter(state: Resting, nowMono: number, config: InterlockConfig, effects: readonly InterlockEffect[]): Step {
  const [next, told] = atRest(state, nowMono, config, effects);
  const isVerified = next.deadlines.verifyOff !== undefined;
  if (!config.hasAux || next.powered !== true || isVerified || next.kind === "bypassed") return [next, told];
  return unasked(armed(next, state.deadlines.weld === undefined ? {} : { weld: state.deadlines.weld }), nowMono, config, told);
}

/** Power without a permit: at a held relay a weld unless it goes by itself, at a latching contactor somebody's own button. */
export function unasked(state: InterlockState, nowMono: number, config: InterlockConfig, told: readonly InterlockEffect[]): Step {
  if (config.permitKind === "hold") return stay(armed(state, { weld: state.deadlines.weld ?? nowMono + config.weldMs }), ...told);
  const unowned: InterlockState = { ...common(state, nowMono), kind: "bypassed", session: null, cause: "unowned_power" };
  return stay(
    alarmed(unowned, "unowned_power"),
    ...told,
    emit({ kind: "mach.manual_bypass", on: true, cause: "unowned_power" }),
    beep("alarm"),
  );
}

function atRest(state: Resting, nowMono: number, config: InterlockConfig, effects: readonly InterlockEffect[]): Step {
  const base: InterlockCommon = {
    ...common(state, nowMono),
    asking: null,
    deadlines: without(state.deadlines, "askLocal", "askGiveUp", "ready", "chatter", "weld"),
  };
  if (state.bypass) return stay({ ...base, kind: "bypassed", session: null, cause: "bypass" }, ...effects);
  if (!state.ancillaryOn || config.ancillary === null) return stay({ ...base, kind: "off", session: null }, ...effects);
  const runOn = base.deadlines.runOn ?? nowMono + config.ancillary.runOnMs;
  return stay({ ...base, kind: "run_on", session: null, deadlines: { ...base.deadlines, runOn } }, ...effects);
}

/** Power stays for a while, a tap resumes; without grace the permit falls now. */
export function grace(
  state: Energised,
  cause: GraceCause,
  reason: EndReason,
  graceMs: number,
  nowMono: number,
  config: InterlockConfig,
): Step {
  if (graceMs <= 0) return cut(state, reason, nowMono, config);
  const { session } = state;
  const kept = withoutEnding(state.deadlines);
  const timers = { grace: nowMono + graceMs, graceBeep: nowMono + config.graceBeepMs };
  const next: InterlockState = {
    ...common(state, nowMono),
    kind: "grace",
    session,
    cause,
    reason,
    renewing: false,
    deadlines: { ...kept, ...timers },
  };
  return stay(next, emit({ kind: "mach.grace", session: session.session, cause }), beep("slow"), say("tap_to_continue"));
}

/** Power stays until the work is done (I3). A machine that is already idle only cools down. */
export function stopping(state: Energised, reason: EndReason, nowMono: number, config: InterlockConfig): Step {
  const kept = withoutEnding(state.deadlines);
  const next: Energised = { ...common(state, nowMono), kind: "stopping", session: state.session, reason, renewing: false, deadlines: kept };
  if (mayWork(state, config)) return stay(next, say("stops_when_finished"));
  const coolDownMs = coolsFor(state, config);
  if (coolDownMs === 0) return cut(next, reason, nowMono, config);
  return stay(armed(next, { coolDown: nowMono + coolDownMs }), say("stops_when_finished"));
}

const withoutEnding = (deadlines: Deadlines<InterlockTimer>): Deadlines<InterlockTimer> =>
  without(
    ...([deadlines, "enable", "idle", "grace", "graceBeep", "coolDown", "stop10", "lease", "leaseWarn"] as const),
    ...(["leave", "supervisor", "companionGone", "stillHere", "stillHereGone", "ahead"] as const),
  );

/** By the controller's temperature while it tells one, else by quiet; 0 = cool enough now. */
function coolsFor({ controller }: InterlockState, config: InterlockConfig): number {
  const tempC = config.coolDownC === null ? null : (controller?.tempC ?? null);
  if (tempC === null || config.coolDownC === null) return config.coolDownMs;
  return tempC <= config.coolDownC ? 0 : config.coolDownMsMax;
}

/** Permission is gone: at once when nothing runs yet, after a short grace when idle, after the work when busy. */
export function endWhenIdle(state: Energised, reason: EndReason, nowMono: number, config: InterlockConfig): Step {
  const graceMs = Math.min(state.session.permit.graceMs, config.endGraceMsMax);
  switch (state.kind) {
    case "enabled":
      return cut(state, reason, nowMono, config);
    case "on_idle":
      return grace(state, "permission_ended", reason, graceMs, nowMono, config);
    case "busy":
      return stopping(state, reason, nowMono, config);
    case "grace": {
      const until = Math.min(state.deadlines.grace ?? nowMono, nowMono + graceMs);
      return stay(armed({ ...state, cause: "permission_ended", reason }, { grace: until }));
    }
    case "stopping":
    case "stop10":
      return stay(state);
  }
}

/** A short warning, then off whatever it does; where a cut is dangerous, when idle instead. */
export function endSoon(state: Energised, reason: EndReason, nowMono: number, config: InterlockConfig): Step {
  if (state.kind === "enabled") return cut(state, reason, nowMono, config);
  if (config.cutHazard) return endWhenIdle(state, reason, nowMono, config);
  if (state.kind === "stop10") return stay(state);
  const kept = withoutEnding(state.deadlines);
  const timers = { stop10: nowMono + config.stopWarnMs };
  const next: InterlockState = {
    ...common(state, nowMono),
    kind: "stop10",
    session: state.session,
    reason,
    renewing: false,
    deadlines: { ...kept, ...timers },
  };
  return stay(next, beep("fast"), say("stopping_now"));
}
