/** What a machine node tells others about itself, made from its state: to `decide`, to the hub, to the bus. */
import type { Birth, Reported } from "#contract";
import type { InterlockConfig, InterlockState } from "#core";
import type { ChannelFacts } from "../kit/authorise.ts";
import type { MachineNodeGiven } from "./machine-node.ts";

export function aboutOf({ hardware, ch, fw, hw }: MachineNodeGiven): Pick<Birth, "model" | "fw" | "hw" | "channels"> {
  const can = ["permit"];
  if (hardware.aux !== null) can.push("aux");
  if (hardware.meter !== null) can.push("meter");
  if (hardware.permit.kind === "pulse") can.push("latching");
  return { model: "koprade-machine", fw, hw, channels: [{ ch, kind: "interlock", can }] };
}

/** The open session as the access rules see it. */
export function liveOf(state: InterlockState, config: InterlockConfig, nowMono: number): ChannelFacts {
  const ancillariesReady = state.ancillaryReady || config.ancillary === null;
  if (state.session === null) return { session: null, ancillariesReady };
  const isIdle = state.kind === "on_idle" || state.kind === "grace";
  const phase = state.session.unattended ? "unattended" : phases[state.kind];
  return { session: { member: state.session.member, phase, idleForMs: isIdle ? nowMono - state.sinceMono : 0 }, ancillariesReady };
}
const phases = { enabled: "enabled", on_idle: "idle", busy: "busy", grace: "grace", stopping: "busy", stop10: "busy" } as const;

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
