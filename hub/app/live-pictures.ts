/** Each door, machine, session and node as the live page shows it, drawn from what is known of it. */
import { doorStatus, machineStatus } from "#core";
import type { Clock, Registry, Resource } from "../ports.ts";
import type { DoorLive, DoorStatus, MachineLive, MachineStatus, NodeLive, Person, SessionLive } from "../views.ts";
import type { Links } from "./links.ts";
import { phaseWord } from "./live-facts.ts";
import { type Known, type OpenSession, placeOf } from "./live-known.ts";

export type Sight = {
  readonly known: Known;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly links: Links;
  readonly energyToday: (machine: string) => number | null;
  /** can the hub end a node's connection? */
  readonly endsConnections: boolean;
};

const quarantineSentence =
  "Cut off: two devices with one identity, or a damaged one. Give it new keys (koprade node renew), then let it in (koprade node release).";
const unheardSentence = "It may still be connected, unheard: remove its account at your own broker.";

export function personOf(registry: Registry, member: number): Person | null {
  const name = member === 0 ? null : registry.memberName(member);
  return name === null ? null : { member, name };
}

const isOnline = (sight: Sight, node: string): boolean => sight.links.linkOf(node) !== undefined;

export function doorPicture(sight: Sight, resource: Resource): DoorLive {
  const { known, registry } = sight;
  const report = known.reports.get(placeOf(resource.node, resource.ch));
  const status = doorStatus({
    mode: registry.site().mode,
    online: isOnline(sight, resource.node),
    door: report?.body.st ?? null,
    alarms: report?.body.alarms ?? [],
  });
  return {
    id: resource.id,
    label: resource.label,
    node: resource.node,
    status: doorWord[status],
    sinceMs: report?.sinceMs ?? null,
    who: personOf(registry, report?.body.member ?? 0),
  };
}

export function machinePicture(sight: Sight, resource: Resource): MachineLive {
  const { known, registry } = sight;
  const report = known.reports.get(placeOf(resource.node, resource.ch));
  const power = known.powers.get(placeOf(resource.node, resource.ch));
  const lockouts = registry.lockouts(resource.id);
  const online = isOnline(sight, resource.node);
  const status = machineStatus({
    mode: registry.site().mode,
    lockouts: lockouts.map((lockout) => lockout.kind),
    online,
    interlock: report?.body.st ?? null,
    busy: report?.body.busy ?? "unknown",
    reserved: false,
  });
  const number = (name: string): number | null => (typeof resource.settings[name] === "number" ? resource.settings[name] : null);
  return {
    id: resource.id,
    label: resource.label,
    node: resource.node,
    status: status === "OFFLINE" || report === undefined ? "unknown" : (status.toLowerCase() as MachineStatus),
    sinceMs: lockouts[0]?.atMs ?? report?.sinceMs ?? null,
    who: personOf(registry, known.sessionAt(resource.node, resource.ch)?.member ?? 0),
    note: lockouts[0]?.reason ?? null,
    powerW: online ? (power?.powerW ?? null) : null,
    powerAtMs: power?.atMs ?? null,
    powerUncertainPct: known.estimates.get(resource.node) ?? null,
    energyTodayWh: sight.energyToday(resource.id),
    idleW: number("offW"),
    busyW: number("onW"),
  };
}

export function sessionPicture({ known, registry }: Sight, session: OpenSession): SessionLive {
  const resource = known.resourceAt(session.node, session.ch);
  const st = known.reports.get(placeOf(session.node, session.ch))?.body.st ?? "";
  return {
    id: session.session,
    machine: resource?.id ?? session.ch,
    machineLabel: resource?.label ?? session.ch,
    who: personOf(registry, session.member) ?? { member: session.member, name: `#${session.member}` },
    startedMs: session.startedMs,
    phase: phaseWord[st] ?? "idle",
    leaseUntilMs: null,
  };
}

export function nodePicture(sight: Sight, row: { readonly node: string; readonly label: string }): NodeLive {
  const { known, clock, links } = sight;
  const state = links.stateOf(row.node);
  const health = known.healths.get(row.node);
  return {
    id: row.node,
    label: row.label === "" ? row.node : row.label,
    status: state?.kind ?? "offline",
    sinceMs: state === undefined ? null : clock.nowMs() - (clock.monoMs() - state.sinceMono),
    lastSeenMs: links.lastSeenMs(row.node),
    outboxDepth: health?.outboxDepth ?? null,
    snapshotAgeMs: health?.snapshotAgeMs ?? null,
    clock: health?.clock ?? "unknown",
    trouble: cutOff(sight, state?.kind) ?? known.births.get(row.node)?.trouble ?? health?.trouble ?? null,
  };
}

function cutOff({ endsConnections }: Sight, kind: NodeLive["status"] | undefined): string | null {
  if (kind !== "quarantined" && kind !== "revoked") return null;
  const said = [kind === "quarantined" ? [quarantineSentence] : [], endsConnections ? [] : [unheardSentence]].flat();
  return said.length === 0 ? null : said.join(" ");
}

const doorWord = {
  EMERGENCY: "open",
  TAMPER: "forced",
  FORCED: "forced",
  HELD: "held",
  JAMMED: "forced",
  OFFLINE: "unknown",
  UNKNOWN: "unknown",
  LOCKDOWN: "secure",
  PASSAGE: "passage",
  OPEN: "open",
  UNLOCKED: "unlocked",
  CLOSED: "secure",
} as const satisfies Record<string, DoorStatus>;
