/** What people do at the interlock, and the answers to what it asked on their behalf. A refusal changes nothing (I4). */
import type { LiveFacts, RequestKind } from "./access/types.ts";
import { companionRole, companionTap, companyOf, operatorAnswered, supervisorHolds } from "./interlock-company.ts";
import type { Energised, Step } from "./interlock-power.ts";
import {
  accept,
  accessories,
  armed,
  beep,
  common,
  companyTimers,
  cut,
  disarmed,
  emit,
  endWhenIdle,
  grace,
  isOn,
  leaseTimers,
  mayWork,
  renewal,
  renewalKind,
  restAfter,
  say,
  sessionOf,
  started,
  stay,
  stopping,
  use,
} from "./interlock-power.ts";
import type { InterlockConfig, InterlockEffect, InterlockEvent, InterlockSession, InterlockState } from "./interlock-types.ts";
import { without } from "./step.ts";

type Tap = Extract<InterlockEvent, { kind: "tap" }>;
type PermitEvent = Extract<InterlockEvent, { kind: "permit" }>;

export function tap(state: InterlockState, event: Tap, config: InterlockConfig): Step {
  const { nowMono, member, nonce, wants } = event;
  const owns = isOn(state) && member !== 0 && state.session.member === member;
  const guarded = isOn(state) && nowMono - state.session.startedMono < config.startGuardMs;
  const role = isOn(state) ? companionRole(state, member) : null;
  if (isOn(state) && role !== null) return companionTap(state, role, nowMono, config);
  switch (state.kind) {
    case "boot":
      return stay(state);
    case "off":
      return ask({ ...common(state, nowMono), kind: "authorising", session: null }, nonce, wants, member, nowMono, config);
    case "run_on":
      return state.asking === null ? ask(state, nonce, wants, member, nowMono, config) : stay(state, say("wait"));
    case "authorising":
    case "anc_start":
      return stay(state, say("wait"));
    case "bypassed":
      return stay(state, say("bypass_on"));
    case "fault":
    case "fault_welded":
      return stay(state, say("DEVICE_FAULT"), beep("deny"));
    case "enabled":
    case "on_idle":
    case "busy":
      if (!owns) return ask(state, nonce, wants, member, nowMono, config);
      if (guarded) return stay(state);
      return state.session.asked ? operatorAnswered(state, nowMono, config) : tapOut(state, nowMono, config);
    case "grace":
      return ask(state, nonce, owns ? renewalKind(state.session) : wants, member, nowMono, config);
    case "stopping":
      if (owns && state.reason === "tap_out") return stay(state, say("stops_when_finished"));
      return ask(state, nonce, owns ? renewalKind(state.session) : wants, member, nowMono, config);
    case "stop10":
      return owns ? cut(state, state.reason, nowMono, config) : stay(state, say("LOCKED_OUT"));
  }
}

/** Several people have put a question together (dialogue.ts): asked as it is, it never means to stop. */
export function askTogether(state: InterlockState, event: Extract<InterlockEvent, { kind: "ask" }>, config: InterlockConfig): Step {
  const { nowMono, nonce, wants, member } = event;
  switch (state.kind) {
    case "off":
      return ask({ ...common(state, nowMono), kind: "authorising", session: null }, nonce, wants, member, nowMono, config);
    case "run_on":
    case "enabled":
    case "on_idle":
    case "busy":
    case "grace":
    case "stopping":
      return ask(state, nonce, wants, member, nowMono, config);
    case "authorising":
    case "anc_start":
      return stay(state, say("wait"));
    case "bypassed":
      return stay(state, say("bypass_on"));
    case "fault":
    case "fault_welded":
      return stay(state, say("DEVICE_FAULT"), beep("deny"));
    case "stop10":
      return stay(state, say("LOCKED_OUT"));
    case "boot":
      return stay(state);
  }
}

/** The owner is done. What is still working works on: unattended where that is allowed, else until it is finished. */
export function tapOut(state: Energised, nowMono: number, config: InterlockConfig): Step {
  const { session } = state;
  if (state.kind === "enabled") return cut(state, "tap_out", nowMono, config);
  if (state.kind === "on_idle") return grace(state, "tap_out", "tap_out", session.permit.graceMs, nowMono, config);
  if (state.kind !== "busy") return stay(state);
  if (config.attendance === "attended") return stopping(state, "tap_out", nowMono, config);
  if (session.unattended)
    return stay(
      { ...state, session: { ...session, unattended: false } },
      emit({ kind: "mach.session_attended", session: session.session }),
    );
  const left: InterlockState = { ...state, session: { ...session, unattended: true } };
  return stay(left, emit({ kind: "mach.session_unattended", session: session.session }), say("stops_when_finished"));
}

/** Same presence for 3 s after tapping out: stop now, unless a cut is dangerous. A supervisor's hold says that they stay. */
export function hold(state: InterlockState, member: number, nowMono: number, config: InterlockConfig): Step {
  if (isOn(state) && companionRole(state, member) === "supervisor") return supervisorHolds(state, nowMono, config);
  if (!isOn(state) || state.session.member !== member || config.cutHazard) return stay(state);
  const tappedOut =
    (state.kind === "stopping" && state.reason === "tap_out") ||
    (state.kind === "grace" && state.cause === "tap_out") ||
    (state.kind === "busy" && state.session.unattended);
  return tappedOut ? cut(state, "stop_button", nowMono, config) : stay(state);
}

/** The card left an insert reader: a late permit finds nobody waiting, a session is tapped out. */
export function removed(state: InterlockState, member: number, nowMono: number, config: InterlockConfig): Step {
  if (state.kind === "authorising" && state.asking?.member === member) return restAfter(state, nowMono, config, []);
  if (state.kind === "anc_start" && state.waiting.member === member) return restAfter(state, nowMono, config, []);
  if (!config.insertReader || !isOn(state) || state.session.member !== member || state.session.unattended) return stay(state);
  return tapOut(state, nowMono, config);
}

/** The user's own stop at the machine. */
export function stopButton(state: InterlockState, nowMono: number, config: InterlockConfig): Step {
  if (!isOn(state)) return stay(state);
  if (state.kind === "stop10") return cut(state, state.reason, nowMono, config);
  if (state.kind === "enabled" || state.kind === "on_idle" || state.kind === "grace" || !config.cutHazard)
    return cut(state, "stop_button", nowMono, config);
  return state.kind === "busy" ? stopping(state, "stop_button", nowMono, config) : stay(state, say("stops_when_finished"));
}

function ask(state: InterlockState, nonce: string, kind: RequestKind, member: number, nowMono: number, config: InterlockConfig): Step {
  if (state.asking !== null) return stay(state, say("wait"));
  const timers = { askLocal: nowMono + config.askLocalMs, askGiveUp: nowMono + config.askGiveUpMs };
  return stay(armed({ ...state, asking: { nonce, kind, member } }, timers), {
    kind: "request",
    request: kind,
    nonce,
    member,
    place: "best",
  });
}

const answered = <State extends InterlockState>(state: State): State => ({ ...disarmed(state, "askLocal", "askGiveUp"), asking: null });

export function permitted(state: InterlockState, event: PermitEvent, config: InterlockConfig): Step {
  if (isOn(state) && event.nonce === renewal(state.session.session)) return renewed({ ...state, renewing: false }, event, config);
  if (state.asking?.nonce !== event.nonce) return stay(state); // late: nobody waits for it any more
  const { kind: wants } = state.asking;
  const next = answered(state);
  if (!isOn(next)) return accept(next, { ...event, wants: wants === "extend" ? "start" : wants }, event.nowMono, config);
  if (next.session.member === event.member) return resumed(next, event, config);
  const agreed = wants === "handover" || wants === "teach"; // who is in charge stands there and gives it
  if (agreed && next.kind !== "stop10") return takenOver(next, event, wants, "handed_over", config);
  if (next.kind === "enabled" || next.kind === "on_idle" || next.kind === "grace")
    return takenOver(next, event, wants, "taken_over", config);
  return stay(next, say("IN_USE"), beep("deny")); // it began to work while the question was on its way
}

/** The lease was renewed without anybody tapping. A machine that was about to stop for want of it goes on. */
function renewed(state: Energised, event: PermitEvent, config: InterlockConfig): Step {
  const ends = state.kind === "grace" || state.kind === "stopping";
  return ends && !lapsed(state) ? stay(state) : resumed(state, event, config);
}

const lapsed = ({ reason }: { readonly reason: string }): boolean => reason === "lease_expired" || reason === "permission_ended";

/** The same member goes on, with a new lease and whoever is with them now. */
function resumed(before: Energised, event: PermitEvent, config: InterlockConfig): Step {
  const { nowMono } = event;
  const switches = accessories(before.session.permit, event.permit, config);
  const [state, met] = companyOf(before, event.permit, nowMono, config);
  if (!isOn(state)) return [state, met];
  const session: InterlockSession = { ...state.session, overrun: false };
  const deadlines = { ...without(state.deadlines, "lease", "leaseWarn"), ...leaseTimers(session, nowMono, config) };
  switch (state.kind) {
    case "enabled":
    case "on_idle":
    case "busy":
      return stay({ ...state, session, deadlines }, ...switches, ...met);
    case "grace":
    case "stopping": {
      if (state.kind === "stopping" && state.reason === "tap_out") return stay(before, say("stops_when_finished"));
      const timers = companyTimers(session.permit, nowMono, config);
      const back = use({ ...state, session: { ...session, asked: false }, deadlines: { ...deadlines, ...timers } }, nowMono, config);
      const told = [emit({ kind: "mach.resumed", session: session.session }), beep("grant"), say("granted")];
      return [back, [...switches, ...met, ...told]];
    }
    case "stop10":
      return stay(before);
  }
}

/** Another member takes charge, of an idle machine or from who gives it: two sessions that touch, power untouched. */
function takenOver(
  state: Energised,
  event: PermitEvent,
  wants: RequestKind,
  reason: "taken_over" | "handed_over",
  config: InterlockConfig,
): Step {
  const { nowMono } = event;
  const old = state.session;
  const session: InterlockSession = sessionOf({ ...event, wants }, nowMono);
  const kept = without(
    state.deadlines,
    "lease",
    "leaseWarn",
    "leave",
    "supervisor",
    "companionGone",
    "stillHere",
    "stillHereGone",
    "ahead",
  );
  const swapped: Energised = {
    ...state,
    session,
    renewing: false,
    ahead: null,
    deadlines: { ...kept, ...leaseTimers(session, nowMono, config), ...companyTimers(session.permit, nowMono, config) },
  };
  const busyMs = Math.round(old.busyMs + (old.busySinceMono === null ? 0 : nowMono - old.busySinceMono));
  const effects: InterlockEffect[] = [
    ...accessories(old.permit, session.permit, config),
    emit({ kind: "mach.session_closed", session: old.session, reason, busyMs, energyWh: old.energyWh }),
    started(session),
    ...(state.run === null ? [] : [{ kind: "split_run" } as const]),
    say("granted"),
    beep("grant"),
  ];
  return [
    state.kind === "enabled" ? armed(swapped, { enable: nowMono + session.permit.enableMs }) : use(swapped, nowMono, config),
    effects,
  ];
}

/** Said, and nothing else: session, timers and outputs stay as they are (I4). */
export function refused(
  state: InterlockState,
  event: Extract<InterlockEvent, { kind: "refused" | "pending" }>,
  config: InterlockConfig,
): Step {
  const told = event.kind === "refused" ? [say(event.reason), beep("deny")] : [say(event.reason)];
  if (isOn(state) && event.nonce === renewal(state.session.session)) {
    const next: Energised = { ...state, renewing: false };
    return state.session.overrun ? endWhenIdle(next, "lease_expired", event.nowMono, config) : stay(next, say("lease_ends"));
  }
  if (state.asking?.nonce !== event.nonce) return stay(state);
  const next = answered(state);
  return next.kind === "authorising" ? restAfter(next, event.nowMono, config, told) : stay(next, ...told);
}

/** The hub's two-step enable, already proven fresh by the shell. */
export function remotePermit(
  state: InterlockState,
  event: Extract<InterlockEvent, { kind: "remote_permit" }>,
  config: InterlockConfig,
): Step {
  const resting = state.kind === "off" || state.kind === "run_on";
  return resting ? accept(state, { ...event, wants: "start", provisional: false }, event.nowMono, config) : stay(state);
}

/** Nobody answered: locally after a moment, not at all after five seconds. */
export function askAgain(state: InterlockState): Step {
  if (state.asking === null) return stay(state);
  const { kind, nonce, member } = state.asking;
  return stay(state, { kind: "request", request: kind, nonce, member, place: "local" });
}

export function giveUp(state: InterlockState, nowMono: number, config: InterlockConfig): Step {
  const next = answered(state);
  return next.kind === "authorising" ? restAfter(next, nowMono, config, [say("no_answer"), beep("deny")]) : stay(next, say("no_answer"));
}

/** What `decide` wants to know of the session here. */
export function liveSession(state: InterlockState, nowMono: number, config: InterlockConfig): LiveFacts["session"] {
  if (!isOn(state)) return null;
  const { session } = state;
  const phases = { enabled: "enabled", on_idle: "idle", grace: "grace", busy: "busy", stopping: "busy", stop10: "busy" } as const;
  const { supervisor, buddy } = session.permit;
  const company = [session.missed.includes("supervisor") ? undefined : supervisor, session.missed.includes("buddy") ? undefined : buddy];
  return {
    member: session.member,
    phase: session.unattended ? "unattended" : phases[state.kind],
    idleForMs: state.kind === "on_idle" && !mayWork(state, config) ? nowMono - state.sinceMono : 0,
    with: company.filter((member) => member !== undefined),
  };
}
