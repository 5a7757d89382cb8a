/** What nodes have said of themselves last, and which sessions are open: what the live picture is drawn from. */
import type * as contract from "#contract";
import type { LedgerEvent, Registry, Resource } from "../ports.ts";
import type { NodeLive } from "../views.ts";
import type { Report } from "./live-facts.ts";

export type OpenSession = {
  readonly session: string;
  readonly node: string;
  readonly ch: string;
  readonly member: number;
  readonly startedMs: number;
};
export type Health = {
  readonly outboxDepth: number;
  readonly snapshotAgeMs: number | null;
  readonly uptimeMs: number;
  readonly clockErrorMs: number | null;
  /** each with its state and its last start, such as "main ready, brown-out, start 17" */
  readonly boards: readonly string[];
  readonly clock: NodeLive["clock"];
  /** the configuration in force there; null when the node is too old to say so */
  readonly configVersion: number | null;
  /** why the configuration is not in force as it was sent */
  readonly configTrouble: string | null;
  /** of its radio; null when it is wired, absent where nobody can tell */
  readonly signalDbm?: number | null;
  readonly trouble: string | null;
};
/** What a node said at its birth; `trouble` is a sentence about that. */
export type Birth = { readonly firmware: string; readonly trouble: string | null; readonly said?: contract.Birth };

/** `atMs` by the hub's clock; null: the meter said nothing */
export type PowerSample = { readonly atMs: number; readonly powerW: number | null };

export type Known = {
  /** by place; `sinceMs` is when the channel came into the state it is in */
  readonly reports: Map<string, Report>;
  /** by place */
  readonly powers: Map<string, { readonly powerW: number | null; readonly atMs: number }>;
  /** by place: what meters said last, oldest first */
  readonly samples: Map<string, PowerSample[]>;
  /** by node: by how many percent its power may be off, null where it is measured */
  readonly estimates: Map<string, number | null>;
  /** by node */
  readonly healths: Map<string, Health>;
  /** by node, since this start */
  readonly births: Map<string, Birth>;
  /** by their own id */
  readonly sessions: Map<string, OpenSession>;
  resources(): readonly Resource[];
  resourceAt(node: string, ch: string): Resource | undefined;
  sessionAt(node: string, ch: string): OpenSession | undefined;
  /** Reads the doors and machines anew. */
  renew(): void;
};

export function createKnown(registry: Registry): Known {
  let resources = registry.resources();
  let byPlace = placesOf(resources);
  const sessions = new Map<string, OpenSession>(registry.openSessions().map((session) => [session.session, session]));
  return {
    reports: new Map(),
    powers: new Map(),
    samples: new Map(),
    estimates: new Map(),
    healths: new Map(),
    births: new Map(),
    sessions,
    resources: () => resources,
    resourceAt: (node, ch) => byPlace.get(placeOf(node, ch)),
    sessionAt: (node, ch) => [...sessions.values()].findLast((session) => session.node === node && session.ch === ch),
    renew() {
      resources = registry.resources();
      byPlace = placesOf(resources);
    },
  };
}

/** What the event says of sessions, kept. Gives what the picture must be told. */
export function applySession(
  { sessions }: Known,
  event: LedgerEvent,
): { readonly opened: OpenSession } | { readonly ended: string } | null {
  const { body } = event;
  if (body.kind === "mach.session_started") {
    const opened = { session: body.session, node: event.node, ch: event.ch, member: body.member, startedMs: event.evtMs };
    sessions.set(body.session, opened);
    return { opened };
  }
  return body.kind === "mach.session_closed" && sessions.delete(body.session) ? { ended: body.session } : null;
}

export const placeOf = (node: string, ch: string): string => `${node}/${ch}`;
const placesOf = (resources: readonly Resource[]): ReadonlyMap<string, Resource> =>
  new Map(resources.map((resource) => [placeOf(resource.node, resource.ch), resource]));
