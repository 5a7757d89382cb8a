/** What a machine node tells others about itself, made from its state: to `decide`, to the hub, to the bus. */
import type { Birth, Reported } from "#contract";
import { checkOf, type InterlockConfig, type InterlockState, liveSession, type SayKey } from "#core";
import type { ChannelFacts } from "../kit/authorise.ts";
import type { Node } from "../kit/node.ts";
import { type IdleFacts, idleFactsOf } from "../kit/screen.ts";
import type { MachineNodeGiven } from "./machine-node.ts";
import type { Lockouts } from "./own-lockouts.ts";

export function aboutOf({ hardware, ch, fw, hw }: MachineNodeGiven): Pick<Birth, "model" | "fw" | "hw" | "channels"> {
  const can = ["permit"];
  if (hardware.aux !== null) can.push("aux");
  if (hardware.meter !== null) can.push("meter");
  if (hardware.permit.kind === "pulse") can.push("latching");
  if (hardware.controller !== null) can.push("controller");
  if (Object.keys(hardware.accessories).length > 0) can.push("accessories");
  return { model: "koprade-machine", fw, hw, channels: [{ ch, kind: "interlock", can }] };
}

const idleKeys = {
  boot: "wait",
  off: "tap",
  authorising: "wait",
  anc_start: "wait",
  enabled: "IN_USE",
  on_idle: "IN_USE",
  busy: "IN_USE",
  grace: "tap_to_continue",
  stopping: "stops_when_finished",
  stop10: "stopping_now",
  run_on: "wait",
  bypassed: "bypass_on",
  fault: "DEVICE_FAULT",
  fault_welded: "DEVICE_FAULT",
} as const satisfies Record<InterlockState["kind"], SayKey | "tap">;

/** What a display says under the machine's name. A check is for the next user to make, with their card. */
export function idleKeyOf(kind: InterlockState["kind"], lockouts: ReturnType<Lockouts["now"]>): SayKey | "tap" {
  const isLocked = kind === "off" && lockouts?.some((each) => each !== "check");
  return isLocked ? "LOCKED_OUT" : idleKeys[kind];
}

/** The machine's name and how it stands, for a display. */
export const idleOf = (node: Node, ch: string, kind: InterlockState["kind"], lockouts: ReturnType<Lockouts["now"]>): IdleFacts =>
  idleFactsOf(node, ch, idleKeyOf(kind, lockouts));

/**
 * The machine as the access rules see it. Extraction counts as ready: the interlock spins it up after the grant, and waits.
 * `freeSinceMs`: UTC ms since nobody answers for it, null while not known.
 */
export function liveOf(
  state: InterlockState,
  config: InterlockConfig,
  lockouts: Lockouts,
  nowMono: number,
  freeSinceMs: number | null,
): ChannelFacts {
  const check = checkOf(lockouts.own());
  const session = liveSession(state, nowMono, config);
  const about = { session, ancillariesReady: true, lockouts: lockouts.now(), ...(check === undefined ? {} : { check }) };
  if (session !== null) return about;
  const isSpinning = state.relayOffMono !== null && nowMono - state.relayOffMono < config.chatterMs;
  return { ...about, resting: state.kind === "run_on" || isSpinning, ...(freeSinceMs === null ? {} : { freeSinceMs }) };
}

/** What changes slowly enough to be worth a retained message; power and energy go along but do not count as a change. */
export function reportOf(
  state: InterlockState,
  isPermitted: boolean,
): Pick<Reported, "st" | "relay" | "powered" | "busy" | "session" | "member" | "alarms"> {
  const { kind, powered, busy, session, alarms } = state;
  return {
    st: kind,
    relay: isPermitted,
    powered,
    busy,
    session: session?.session ?? null,
    member: session?.member ?? 0,
    alarms: [...alarms],
  };
}
