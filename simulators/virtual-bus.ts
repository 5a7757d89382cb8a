/** The wire between virtual nodes and the virtual hub: messages arrive in order after a few simulated milliseconds. */
import { matchPath, topicPath, topics } from "#contract";
import type { Wire, WireConnection, WireEvents } from "../devices/kit/wire.ts";
import type { Bus } from "../hub/ports.ts";
import type { Scheduler } from "./scheduler.ts";

const delayMs = 4;

export type VirtualBus = Bus & {
  wireOf(node: string): Wire;
  /**
   * The node's network is gone until it is healed. The node sees its connection end; the broker, and so the hub, only after
   * `hubNoticesMs` (a keep-alive): until then what is sent to it is lost on the way.
   */
  sever(node: string, hubNoticesMs?: number): void;
  heal(node: string): void;
  /** Everything sent to nodes so far, as a listener on the wire would have recorded it. */
  readonly recorded: readonly { readonly node: string; readonly path: string; readonly bytes: Uint8Array }[];
  /** Plays a recorded message to a node again. */
  replay(message: { readonly node: string; readonly path: string; readonly bytes: Uint8Array }): void;
};

const recordedMax = 2000;

type Connection = {
  readonly node: string;
  readonly events: WireEvents;
  readonly filters: Set<string>;
  readonly will: { path: string; bytes: Uint8Array };
  alive: boolean;
};

export function createVirtualBus(site: string, scheduler: Scheduler): VirtualBus {
  const connections = new Map<string, Connection>();
  const retained = new Map<string, Uint8Array>();
  const onMessage: Parameters<Bus["onMessage"]>[0][] = [];
  const onConnection: Parameters<Bus["onConnection"]>[0][] = [];
  /** what nodes have retained: told to a hub that starts later */
  const kept = new Map<string, { readonly node: string; readonly bytes: Uint8Array }>();
  const severed = new Set<string>();
  const recorded: { node: string; path: string; bytes: Uint8Array }[] = [];

  const toHub = (node: string, path: string, bytes: Uint8Array): void => {
    const topic = matchPath(site, path)?.topic;
    if (topic !== undefined && topics[topic].retain) kept.set(path, { node, bytes });
    scheduler.after(delayMs, () => {
      for (const handle of onMessage) handle({ path, node, bytes, retained: false });
    });
  };
  const toNode = (connection: Connection, path: string, bytes: Uint8Array, isRetained: boolean): void => {
    recorded.push({ node: connection.node, path, bytes });
    if (recorded.length > recordedMax) recorded.shift();
    scheduler.after(delayMs, () => {
      if (connection.alive) connection.events.onMessage({ path, bytes, retained: isRetained });
    });
  };
  const forget = (connection: Connection): void => {
    if (connections.get(connection.node) !== connection) return;
    connections.delete(connection.node);
    toHub(connection.node, connection.will.path, connection.will.bytes);
    for (const handle of onConnection) handle({ node: connection.node, connected: false });
  };
  const end = (connection: Connection, why: string, hubNoticesMs = 0): void => {
    if (!connection.alive) return;
    connection.alive = false;
    if (hubNoticesMs === 0) forget(connection);
    else scheduler.after(hubNoticesMs, () => forget(connection));
    scheduler.after(1, () => connection.events.onDown(why));
  };

  return {
    async publish(topic, ids, bytes) {
      const path = topicPath(site, topic, ...ids);
      if (topics[topic].retain) retained.set(path, bytes);
      for (const connection of connections.values())
        if ([...connection.filters].some((filter) => fits(filter, path))) toNode(connection, path, bytes, false);
    },
    onMessage(handle) {
      onMessage.push(handle);
      for (const [path, { node, bytes }] of kept) scheduler.after(delayMs, () => handle({ path, node, bytes, retained: true }));
    },
    onConnection: (handle) => void onConnection.push(handle),
    endsConnections: true,
    drop(node, why) {
      const connection = connections.get(node);
      if (connection !== undefined) end(connection, why);
    },
    async close() {
      for (const connection of [...connections.values()]) end(connection, "closed");
    },
    sever(node, hubNoticesMs = 0) {
      severed.add(node);
      const connection = connections.get(node);
      if (connection !== undefined) end(connection, "cut", hubNoticesMs);
    },
    heal: (node) => void severed.delete(node),
    recorded,
    replay({ node, path, bytes }) {
      const connection = connections.get(node);
      if (connection !== undefined) toNode(connection, path, bytes, false);
    },
    wireOf: (node) => ({
      dial(will, events) {
        const connection: Connection = { node, events, filters: new Set(), will, alive: true };
        scheduler.after(delayMs, () => {
          if (!connection.alive) return;
          if (severed.has(node)) {
            connection.alive = false;
            connection.events.onDown("no route");
            return;
          }
          const before = connections.get(node);
          if (before !== undefined) end(before, "taken over"); // the same identity once more
          connections.set(node, connection);
          for (const handle of onConnection) handle({ node, connected: true });
          events.onUp();
        });
        return connectionOf(connection);
      },
    }),
  };

  function connectionOf(connection: Connection): WireConnection {
    return {
      publish(path, bytes) {
        if (connection.alive) toHub(connection.node, path, bytes);
      },
      subscribe(filters, done) {
        scheduler.after(delayMs, () => {
          if (!connection.alive) return;
          for (const filter of filters) connection.filters.add(filter);
          done(null);
          for (const [path, bytes] of retained) if (filters.some((filter) => fits(filter, path))) toNode(connection, path, bytes, true);
        });
      },
      isCongested: () => false,
      async close() {
        connection.alive = false;
        if (connections.get(connection.node) === connection) connections.delete(connection.node);
      },
    };
  }
}

function fits(filter: string, path: string): boolean {
  const wanted = filter.split("/");
  const given = path.split("/");
  return wanted.length === given.length && wanted.every((segment, i) => segment === "+" || segment === given[i]);
}
