/**
 * The live picture: what every door, machine, session and node is doing now, kept from reported facts and durable events.
 * Nothing here decides; it can be thrown away and fills again from the nodes' own reports.
 */
import type { Reported, Telemetry } from "#contract";
import { doorStatus, hubDefaults, machineStatus } from "#core";
import type { Clock, LedgerEvent, Registry, Resource } from "../ports.ts";
import type { DoorLive, DoorStatus, FeedItem, LiveChange, MachineLive, MachineStatus, NodeLive, SessionLive } from "../views.ts";
import { exceptionItem, feedItem } from "./feed.ts";
import type { Links } from "./links.ts";
import { phaseWord, type Report } from "./live-facts.ts";

type OpenSession = {
  readonly session: string;
  readonly node: string;
  readonly ch: string;
  readonly member: number;
  readonly startedMs: number;
};
type Health = {
  readonly outboxDepth: number;
  readonly snapshotAgeMs: number | null;
  readonly clock: NodeLive["clock"];
  readonly trouble: string | null;
};

const feedMax = 50;
const roundMs = 250;
const quarantineSentence =
  "Cut off: two devices with one identity, or a damaged one. Give it new keys (koprade node renew), then let it in (koprade node release).";

const unheardSentence = "It may still be connected, unheard: remove its account at your own broker.";

export type Live = {
  /** Gives the machine when it is in another state than it last reported. */
  reported(node: string, ch: string, body: Reported): Pick<MachineLive, "id" | "status"> | undefined;
  telemetry(node: string, ch: string, body: Telemetry): Resource | undefined;
  health(node: string, health: Health): void;
  /** What a node said at its birth; `trouble` is a sentence about that. */
  born(node: string, birth: { readonly firmware: string; readonly trouble: string | null }): void;
  /** null until the node has been born since this start */
  firmwareOf(node: string): string | null;
  events(events: readonly LedgerEvent[]): void;
  nodeChanged(node: string): void;
  /** Names, lockouts or channels may have changed. */
  permissionsChanged(): void;
  note(item: FeedItem): void;
  /** what a channel has last reported of itself */
  reportOf(node: string, ch: string): Report | undefined;
  /** last measured power, W */
  powerOf(node: string, ch: string): number | null;
  doors(): DoorLive[];
  machines(): MachineLive[];
  sessions(): SessionLive[];
  nodes(): NodeLive[];
  feed(): readonly FeedItem[];
  subscribe(listen: (change: LiveChange) => void): () => void;
};

type Given = {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly links: Links;
  readonly energyToday: (machine: string) => number | null;
  /** can the hub end a node's connection? */
  readonly endsConnections: boolean;
};

export function createLive(given: Given): Live {
  const { registry, clock, links, energyToday } = given;
  const reports = new Map<string, { readonly body: Reported; readonly atMs: number; readonly sinceMs: number }>();
  const powers = new Map<string, { readonly powerW: number | null; readonly atMs: number }>();
  const healths = new Map<string, Health>();
  const births = new Map<string, Parameters<Live["born"]>[1]>();
  const sessions = new Map<string, OpenSession>(registry.openSessions().map((session) => [session.session, session]));
  let resources = registry.resources();
  let resourceByPlace = byPlace(resources);
  let feed: FeedItem[] = [];
  const listeners = new Set<(change: LiveChange) => void>();

  const resourceAt = (node: string, ch: string): Resource | undefined => resourceByPlace.get(keyOf(node, ch));
  const person = (member: number): { member: number; name: string } | null => {
    const name = member === 0 ? null : registry.memberName(member);
    return name === null ? null : { member, name };
  };
  const isOnline = (node: string): boolean => links.linkOf(node) !== undefined;
  const sessionAt = (node: string, ch: string): OpenSession | undefined =>
    [...sessions.values()].findLast((session) => session.node === node && session.ch === ch);
  const tell = (change: LiveChange): void => {
    for (const listen of listeners) listen(change);
  };

  const doorOf = (resource: Resource): DoorLive => {
    const report = reports.get(keyOf(resource.node, resource.ch));
    const status = doorStatus({
      mode: registry.site().mode,
      online: isOnline(resource.node),
      door: report?.body.st ?? null,
      alarms: report?.body.alarms ?? [],
    });
    const member = report?.body.member ?? 0;
    return {
      id: resource.id,
      label: resource.label,
      node: resource.node,
      status: doorWord[status],
      sinceMs: report?.sinceMs ?? null,
      who: person(member),
    };
  };
  const machineOf = (resource: Resource): MachineLive => {
    const report = reports.get(keyOf(resource.node, resource.ch));
    const power = powers.get(keyOf(resource.node, resource.ch));
    const lockouts = registry.lockouts(resource.id);
    const online = isOnline(resource.node);
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
      who: person(sessionAt(resource.node, resource.ch)?.member ?? 0),
      note: lockouts[0]?.reason ?? null,
      powerW: online ? (power?.powerW ?? null) : null,
      powerAtMs: power?.atMs ?? null,
      energyTodayWh: energyToday(resource.id),
      idleW: number("offW"),
      busyW: number("onW"),
    };
  };
  const sessionOf = (session: OpenSession): SessionLive => {
    const resource = resourceAt(session.node, session.ch);
    const st = reports.get(keyOf(session.node, session.ch))?.body.st ?? "";
    return {
      id: session.session,
      machine: resource?.id ?? session.ch,
      machineLabel: resource?.label ?? session.ch,
      who: person(session.member) ?? { member: session.member, name: `#${session.member}` },
      startedMs: session.startedMs,
      phase: phaseWord[st] ?? "idle",
      leaseUntilMs: null,
    };
  };
  const nodeOf = (row: { node: string; label: string }): NodeLive => {
    const state = links.stateOf(row.node);
    const health = healths.get(row.node);
    return {
      id: row.node,
      label: row.label === "" ? row.node : row.label,
      status: state?.kind ?? "offline",
      sinceMs: state === undefined ? null : clock.nowMs() - (clock.monoMs() - state.sinceMono),
      lastSeenMs: links.lastSeenMs(row.node),
      outboxDepth: health?.outboxDepth ?? null,
      snapshotAgeMs: health?.snapshotAgeMs ?? null,
      clock: health?.clock ?? "unknown",
      trouble: cutOff(state?.kind) ?? births.get(row.node)?.trouble ?? health?.trouble ?? null,
    };
  };
  const cutOff = (kind: NodeLive["status"] | undefined): string | null => {
    if (kind !== "quarantined" && kind !== "revoked") return null;
    const said = [kind === "quarantined" ? [quarantineSentence] : [], given.endsConnections ? [] : [unheardSentence]].flat();
    return said.length === 0 ? null : said.join(" ");
  };
  /** What changed since the last round; a machine that reports ten times a second is told of four times. */
  const dirty = new Set<string>();
  clock.every("live picture", roundMs, () => {
    // Without anybody to tell there is nothing to work out; whoever comes later asks for the whole picture.
    if (listeners.size > 0) for (const resource of resources) if (dirty.has(keyOf(resource.node, resource.ch))) tellNow(resource);
    dirty.clear();
  });
  const tellResource = (resource: Resource): void => {
    dirty.add(keyOf(resource.node, resource.ch));
  };
  const tellNow = (resource: Resource): void =>
    tell(resource.kind === "door" ? { kind: "door", door: doorOf(resource) } : { kind: "machine", machine: machineOf(resource) });
  const tellNode = (node: string): void => {
    if (listeners.size === 0) return;
    const row = registry.nodes().find((entry) => entry.node === node);
    if (row !== undefined) tell({ kind: "node", node: nodeOf(row) });
  };
  const note = (item: FeedItem): void => {
    feed = [item, ...feed].slice(0, feedMax);
    tell({ kind: "feed", item });
  };

  const applySessions = (event: LedgerEvent): void => {
    const { body } = event;
    if (body.kind === "mach.session_started") {
      const session = { session: body.session, node: event.node, ch: event.ch, member: body.member, startedMs: event.evtMs };
      sessions.set(body.session, session);
      tell({ kind: "session", session: sessionOf(session) });
    } else if (body.kind === "mach.session_closed") {
      if (sessions.delete(body.session)) tell({ kind: "session_ended", id: body.session });
    }
  };
  const itemOf = (event: LedgerEvent): FeedItem | undefined => feedItem(event, resourceAt(event.node, event.ch), person);
  let lastException = 0;
  const newExceptions = (): FeedItem[] =>
    registry.exceptions(lastException).map((row) => {
      lastException = row.exception;
      return exceptionItem(
        row,
        resources.find(({ id }) => id === row.resource),
        person,
      );
    });
  feed = [...registry.recentEvents(feedMax * 4).flatMap((event) => itemOf(event) ?? []), ...newExceptions()]
    .sort((a, b) => b.atMs - a.atMs)
    .slice(0, feedMax);

  return {
    reported(node, ch, body) {
      const before = reports.get(keyOf(node, ch));
      const nowMs = clock.nowMs();
      reports.set(keyOf(node, ch), { body, atMs: nowMs, sinceMs: before?.body.st === body.st ? before.sinceMs : nowMs });
      const resource = resourceAt(node, ch);
      if (resource === undefined) return undefined;
      if (body.powerW !== undefined) powers.set(keyOf(node, ch), { powerW: body.powerW, atMs: nowMs });
      tellResource(resource);
      const session = sessionAt(node, ch);
      if (session !== undefined) tell({ kind: "session", session: sessionOf(session) });
      const isNews = resource.kind === "machine" && (before?.body.st !== body.st || before.body.busy !== body.busy);
      return isNews ? machineOf(resource) : undefined;
    },
    telemetry(node, ch, body) {
      const resource = resourceAt(node, ch);
      if (resource === undefined) return undefined;
      powers.set(keyOf(node, ch), { powerW: body.powerW.at(-1) ?? null, atMs: clock.nowMs() });
      tellResource(resource);
      return resource;
    },
    health(node, health) {
      healths.set(node, health);
      tellNode(node);
    },
    born(node, birth) {
      births.set(node, birth);
      tellNode(node);
    },
    firmwareOf: (node) => births.get(node)?.firmware ?? null,
    events(events) {
      for (const event of events) {
        applySessions(event);
        const item = itemOf(event);
        if (item !== undefined) note(item);
      }
      // Only what comes late can be one, so that nobody looks for them at every tap.
      if (events.some(({ evtMs, recvMs }) => recvMs - evtMs > hubDefaults.reachMs)) for (const item of newExceptions()) note(item);
    },
    nodeChanged(node) {
      tellNode(node);
      for (const resource of resources) if (resource.node === node) tellResource(resource);
    },
    permissionsChanged() {
      resources = registry.resources();
      resourceByPlace = byPlace(resources);
      for (const resource of resources) tellResource(resource);
      for (const { node } of registry.nodes()) tellNode(node);
    },
    note,
    reportOf: (node, ch) => reports.get(keyOf(node, ch)),
    powerOf: (node, ch) => powers.get(keyOf(node, ch))?.powerW ?? null,
    doors: () => resources.filter((entry) => entry.kind === "door").map(doorOf),
    machines: () => resources.filter((entry) => entry.kind === "machine").map(machineOf),
    sessions: () => [...sessions.values()].map(sessionOf),
    nodes: () => registry.nodes().map(nodeOf),
    feed: () => feed,
    subscribe(listen) {
      listeners.add(listen);
      return () => listeners.delete(listen);
    },
  };
}

const keyOf = (node: string, ch: string): string => `${node}/${ch}`;
const byPlace = (resources: readonly Resource[]): ReadonlyMap<string, Resource> =>
  new Map(resources.map((resource) => [keyOf(resource.node, resource.ch), resource]));

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
