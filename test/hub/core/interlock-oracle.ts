/**
 * The interlock's table of domain.md §4.2 once more, written from the specification and not from the code: for each state and
 * event the next state, what the wires do, and how a session is closed. What neither a row names nor `beyond`, our own answers
 * where the table has none, changes nothing of these.
 */
import type { EndReason } from "#contract";
import type { InterlockKind } from "#core";

export type Situation = {
  readonly kind: InterlockKind;
  readonly cutHazard: boolean;
  readonly attendance: "attended" | "unattended_ok";
  readonly latching: boolean;
  readonly extraction: boolean;
  readonly insertReader: boolean;
  /** why it is in grace or about to stop */
  readonly cause: "tap_out" | "permission_ended" | null;
  readonly isUnattended: boolean;
  /** too hot to be switched off */
  readonly isHot: boolean;
  readonly emergency: boolean;
  /** whose answer is waited for */
  readonly asks: "owner" | "another" | null;
  /** `key`: beside the permit; `unowned`: a latching contactor that nobody asked for */
  readonly bypass: "key" | "unowned" | null;
};
export type Outcome = {
  readonly next: InterlockKind;
  readonly wires: readonly string[];
  readonly closed: EndReason | null;
};

const on: readonly InterlockKind[] = ["enabled", "on_idle", "busy", "grace", "stopping", "stop10"];
const isOneOf = (kind: InterlockKind, ...kinds: readonly InterlockKind[]): boolean => kinds.includes(kind);

export type Answer = Outcome & { readonly by: "row" | "beyond" | "none" };

/** What is to be of this event (named as in interlock-matrix.test.ts), and what says so. */
export function expected(s: Situation, event: string): Answer {
  const named = row(s, event);
  if (named !== null) return { ...named, by: "row" };
  const decided = beyond(s, event);
  return decided === null ? { ...same(s), by: "none" } : { ...decided, by: "beyond" };
}

const same = ({ kind }: Situation): Outcome => ({ next: kind, wires: [], closed: null });
const to = (next: InterlockKind, ...wires: readonly string[]): Outcome => ({ next, wires, closed: null });
const released = ({ latching }: Situation): string => (latching ? "press stop" : "relay off");
const energised = ({ latching }: Situation): string => (latching ? "press start" : "relay on");
/** → RUN_ON, which without extraction is over at once; → BYPASSED while the key switch is on */
const rest = (s: Situation): InterlockKind => (s.bypass === "key" ? "bypassed" : s.extraction ? "run_on" : "off");
const runOn = (s: Situation, closed: EndReason): Outcome => ({ next: rest(s), wires: [released(s)], closed });
const isWorking = ({ kind }: Situation): boolean => isOneOf(kind, "busy", "stopping");

function row(s: Situation, event: string): Outcome | null {
  const { kind } = s;
  switch (event) {
    case "booted": // BOOT × self-test ok → OFF
      return kind === "boot" ? to("off", "relay off", "ancillary off") : null;
    case "tap of the owner":
      return tapOwner(s);
    case "tap of another":
    case "tap of the supervisor":
    case "tap of the buddy":
    case "several ask": // OFF × tap → AUTHORISING; at a machine in use: same, and nothing else
      return kind === "off" ? to("authorising") : null;
    case "hold of the owner": // BUSY × tapOwner → STOPPING(tap_out); hold ≥ 3 s = stop now only if ¬cutHazard
      return kind === "stopping" && s.cause === "tap_out" && !s.cutHazard ? runOn(s, "stop_button") : null;
    case "card of the owner removed": // AUTHORISING × removed → OFF; INSERT mode: removal = tap-out (§4.6)
      if (kind === "authorising") return to("off");
      return s.insertReader ? tapOwner(s) : null;
    case "permit to the owner":
      return s.asks === "owner" ? permitted(s) : null;
    case "permit to another": // ON_IDLE × tapOther granted takeover → ON_IDLE, old: `taken_over`
      return s.asks === "another" && kind === "on_idle" ? { ...same(s), closed: "taken_over" } : null;
    case "permit from afar": // as a permit
      return isOneOf(kind, "off", "run_on") && !s.emergency ? to("enabled", energised(s)) : null;
    case "lease renewed": // STOPPING × extend granted [reason ≠ tap_out] → BUSY; GRACE(permission_ended): not unless decide grants
      if (s.cause !== "permission_ended") return null;
      return kind === "stopping" ? to("busy") : kind === "grace" ? to("on_idle") : null;
    case "powered": // ENABLED × powered → ON_IDLE
      return kind === "enabled" ? to("on_idle") : null;
    case "not powered":
      return unpowered(s);
    case "busy":
    case "a run starts":
    case "job runs": // a controller's word is the machine's activity
    case "activity unknown":
    case "meter lost": // busy := unknown, treated as busy for cutting
      return worked(s);
    case "idle":
    case "job complete":
      return rested(s, event === "job complete");
    case "extraction ready": // ANC_START × ready → ENABLED
      return kind === "anc_start" ? to("enabled", energised(s)) : null;
    case "end when idle":
      return ended(s, "permission_ended");
    case "end at once": // lock(immediate) [¬cutHazard; else treat as when_idle]
      if (kind === "enabled" || s.cutHazard) return ended(s, "lockout");
      return isOneOf(kind, "busy", "on_idle", "grace", "stopping") ? to("stop10") : null;
    case "stop button": // the user's own stop: now only if ¬cutHazard
      if (s.cutHazard && isWorking(s)) return to("stopping");
      return on.includes(kind) ? runOn(s, kind === "stop10" ? "lockout" : "stop_button") : null;
    case "oops": // any on × oops, safetyInput open, emergency → OFF or RUN_ON
      return on.includes(kind) ? runOn(s, "oops") : null;
    case "safety input opens":
      return on.includes(kind) ? runOn(s, "safety_stop") : null;
    case "emergency": // extraction off too, unless it says keepInFire (D5)
      if (kind === "run_on") return to("off", "ancillary off");
      if (!on.includes(kind)) return null;
      return s.extraction ? { next: "off", wires: [released(s), "ancillary off"], closed: "emergency" } : runOn(s, "emergency");
    case "key switch on": // OFF / RUN_ON × bypassOn → BYPASSED, ancillary on
      if (kind === "run_on") return to("bypassed");
      return kind === "off" ? to("bypassed", ...(s.extraction ? ["ancillary on"] : [])) : null;
    case "key switch off": // BYPASSED × bypassOff → OFF
      return kind === "bypassed" && s.bypass === "key" ? to("off") : null;
    case "fault": // any × self-test fails → FAULT
      return on.includes(kind) ? { next: "fault", wires: [released(s)], closed: "safety_stop" } : to("fault");
    default:
      return null;
  }
}

function tapOwner(s: Situation): Outcome | null {
  switch (s.kind) {
    case "off": // OFF × tap → AUTHORISING
      return to("authorising");
    case "on_idle": // ON_IDLE × tapOwner → GRACE(tap_out)
      return to("grace");
    case "busy": // unattended_ok → session UNATTENDED; else STOPPING(tap_out)
      return s.attendance === "unattended_ok" ? null : to("stopping");
    case "stop10": // STOP10 × user's stop → RUN_ON
      return runOn(s, "lockout");
    default:
      return null;
  }
}

function permitted(s: Situation): Outcome | null {
  if (s.kind === "authorising") return s.extraction ? to("anc_start", "ancillary on") : to("enabled", energised(s));
  return s.kind === "grace" ? to("on_idle") : null; // GRACE × tap granted → ON_IDLE
}

function unpowered(s: Situation): Outcome | null {
  switch (s.kind) {
    case "on_idle":
    case "busy": // any on × powered→off by the user → ON_IDLE w/ powered=false
      return to("on_idle");
    case "stopping": // STOPPING × user's own stop → RUN_ON
      return runOn(s, s.cause ?? "tap_out");
    case "stop10":
      return runOn(s, "lockout");
    case "bypassed": // latching (c): unowned power leaves to OFF when aux drops
      return s.bypass === "unowned" ? to("off") : null;
    default:
      return null;
  }
}

function worked(s: Situation): Outcome | null {
  if (s.kind === "on_idle") return to("busy"); // ON_IDLE × busy → BUSY
  if (s.kind !== "grace") return null;
  return to(s.cause === "permission_ended" ? "stopping" : "busy");
}

function rested(s: Situation, isCool: boolean): Outcome | null {
  if (s.isUnattended) return isCool ? runOn(s, "job_complete") : to("stopping"); // §4.5 UNATTENDED × job end + coolDown
  if (s.kind === "busy") return to("on_idle"); // BUSY × notBusy → ON_IDLE
  if (s.kind === "stopping") return s.isHot && !isCool ? null : runOn(s, s.cause ?? "tap_out"); // after the coolDown condition
  return s.kind === "stop10" ? runOn(s, "lockout") : null;
}

/** leaseExpired / revoke / lock(when_idle) */
function ended(s: Situation, reason: EndReason): Outcome | null {
  if (s.kind === "enabled") return runOn(s, reason); // nothing is running yet
  if (s.kind === "on_idle") return to("grace");
  return s.kind === "busy" ? to("stopping") : null;
}

const calledOff = ["end when idle", "end at once", "dropped", "oops", "safety input opens", "emergency", "card of the owner removed"];

/** Pairs that the table leaves open, and what we hold to be right there. */
function beyond(s: Situation, event: string): Outcome | null {
  const { kind } = s;
  // What would end a session calls off the question and the wait before it.
  if (isOneOf(kind, "authorising", "anc_start")) {
    if (event === "key switch on") return to("bypassed");
    if (event === "emergency" && s.extraction) return to("off", "ancillary off");
    return calledOff.includes(event) ? to(rest(s)) : null;
  }
  // The board is gone, and with it what it held (§4.7).
  if (event === "dropped" && on.includes(kind)) return runOn(s, "power_lost");
  // Work that the meter or the controller sees is work, though the contact does not tell of power.
  if (kind === "enabled" && ["busy", "a run starts", "job runs"].includes(event)) return to("busy");
  // The tap out goes on as a hold: at once, nothing works.
  if (kind === "grace" && s.cause === "tap_out" && event === "hold of the owner") return runOn(s, "stop_button");
  // Latching (c) holds at any time, not at boot only: power that nobody asked for is nobody's.
  return kind === "off" && s.latching && event === "powered" ? to("bypassed") : null;
}
