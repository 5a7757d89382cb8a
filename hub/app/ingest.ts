/**
 * Events on their way from a node's outbox into the ledger: read, given the time the hub believes, stored, acknowledged
 * after the COMMIT. A poisoned event is kept aside and acknowledged, so that it blocks nobody (security.md R20).
 */
import { type Envelope, eventHead, type NodeEvent, nodeEvent } from "#contract";
import type { Clock, Ledger, LedgerEvent, Log } from "../ports.ts";
import { timedAll } from "./event-time.ts";
import type { HubTime } from "./hub-time.ts";
import type { Wire } from "./wire.ts";

/** the last number of a node's boot, and when it was given */
type Latest = { readonly boot: string; readonly seq: number; readonly atMono: number };
const sameMomentMs = 1000;
/** how far a node's own clock was ahead when this boot of it was first heard */
type OwnClock = { readonly boot: string; readonly offMs: number | null };

export type Ingest = {
  /** Events of one message, already known to come from this node. */
  events(node: string, envelope: Envelope, events: readonly NodeEvent[]): Promise<void>;
  /** A message on the events topic that the schema refused: saves what can be read of it. */
  poisoned(node: string, path: string, bytes: Uint8Array, reason: string): Promise<void>;
};

export function createIngest(given: {
  ledger: Ledger;
  wire: Wire;
  clock: Clock;
  time: HubTime;
  log: Log;
  /** a node did what no sound node does */
  onOffence: (node: string, what: string) => void;
}): Ingest {
  const { ledger, wire, clock, time, log } = given;
  const latest = new Map<string, Latest>();
  const clocks = new Map<string, OwnClock>();

  /** Known by the first message of a boot only: after the hub's next beacon the node tells the hub's time. */
  const ownOffOf = (node: string, { boot, ts, tq }: Envelope, recvMs: number): number | null => {
    const before = clocks.get(node);
    if (before?.boot === boot) return before.offMs;
    const offMs = ts === null || tq !== "holdover" ? null : ts - recvMs;
    clocks.set(node, { boot, offMs });
    return offMs;
  };

  /** A number that was given before comes again with a later time: two writers, or a node that forgot where it was. */
  const note = (node: string, events: readonly NodeEvent[]): void => {
    for (const { boot, seq, atMono } of events) {
      const before = latest.get(node);
      if (before === undefined || before.boot !== boot || seq > before.seq) latest.set(node, { boot, seq, atMono });
      else if (atMono > before.atMono + sameMomentMs) {
        given.onOffence(node, "its events are numbered anew within one boot");
        return;
      }
    }
  };

  const store = async (node: string, events: readonly LedgerEvent[]): Promise<void> => {
    try {
      await ledger.append(node, events);
      for (const boot of new Set(events.map((event) => event.boot))) {
        const upTo = ledger.ackUpTo(node, boot);
        if (upTo > 0) wire.send("eventAck", [node], { boot, upTo });
      }
    } catch (error) {
      // Not stored, or nobody can tell, so not acknowledged: the outbox keeps them and sends them again.
      log.error(
        { node, events: events.length, error: error instanceof Error ? error.message : String(error) },
        "Events could not be stored.",
      );
    }
  };

  return {
    events: (node, envelope, events) => {
      note(node, events);
      const { nowMs: recvMs, quality: hub } = time.read();
      const heard = { envelope, recvMs, hub, ownOffMs: hub === "unknown" ? null : ownOffOf(node, envelope, recvMs) };
      return store(
        node,
        timedAll(node, events, heard, () => ledger.bootsOf(node)),
      );
    },
    async poisoned(node, path, bytes, reason) {
      await ledger.quarantine(node, path, bytes, reason).catch((error: unknown) => {
        log.error({ node, error: error instanceof Error ? error.message : String(error) }, "A damaged message could not be kept.");
      });
      const recvMs = clock.nowMs();
      const rescued = rescue(bytes).map((event) => ({ ...event, node, evtMs: recvMs, recvMs, tqHub: "unknown" as const }));
      if (rescued.length > 0) await store(node, rescued);
    },
  };
}

/** The readable events of a damaged batch, and a gap in the place of each that is not but still says its number. */
function rescue(bytes: Uint8Array): NodeEvent[] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return []; // not JSON: nothing to rescue, the whole is in quarantine
  }
  const list = pathOf(value, "body", "events");
  if (!Array.isArray(list)) return [];
  return list.slice(0, 40).flatMap((item): NodeEvent[] => {
    const whole = nodeEvent.safeParse(item);
    if (whole.success) return [whole.data];
    const head = eventHead.safeParse(item);
    if (!head.success) return [];
    return [{ ...head.data, body: { kind: "node.gap", ofBoot: head.data.boot, from: head.data.seq, to: head.data.seq } }];
  });
}

function pathOf(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !(key in at)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}
