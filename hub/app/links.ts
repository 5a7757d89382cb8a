/** Which nodes are there: one pure link machine per node (core/node-link), fed by births, heartbeats and last wills. */
import type { Envelope } from "#contract";
import { initialNodeLink, type NodeLinkEvent, type NodeLinkState, nextDeadlineMono, nodeLinkDefaults, stepNodeLink } from "#core";
import type { Bus, Clock, Log, Registry } from "../ports.ts";

/** Without this the event carries its own time. */
type LinkNews = NodeLinkEvent extends infer E ? (E extends { nowMono: number } ? Omit<E, "nowMono"> : never) : never;

export type Links = {
  step(node: string, event: LinkNews): void;
  heard(node: string, envelope: Envelope): void;
  /** present boot and connection of a node that is there */
  linkOf(node: string): { readonly boot: string; readonly conn: number } | undefined;
  stateOf(node: string): NodeLinkState | undefined;
  lastSeenMs(node: string): number | null;
  /** Called every second: lateness has no message of its own. */
  tick(): void;
};

export function createLinks(given: {
  registry: Registry;
  bus: Bus;
  clock: Clock;
  log: Log;
  onChange: (node: string) => void;
  onCame: (node: string) => void;
}): Links {
  const { registry, bus, clock, log } = given;
  const states = new Map<string, NodeLinkState>();
  const seenMs = new Map<string, number>();

  const stateOf = (node: string): NodeLinkState | undefined => {
    const known = states.get(node);
    if (known !== undefined) return known;
    const row = registry.nodes().find((entry) => entry.node === node);
    if (row === undefined) return undefined;
    const fresh = initialNodeLink(row.status === "active", clock.monoMs());
    states.set(node, fresh);
    return fresh;
  };

  const step = (node: string, event: LinkNews): void => {
    const before = stateOf(node);
    if (before === undefined) return;
    const [after, effects] = stepNodeLink(before, { ...event, nowMono: clock.monoMs() } as NodeLinkEvent, nodeLinkDefaults);
    states.set(node, after);
    for (const effect of effects) {
      if (effect.kind === "came") given.onCame(node);
      if (effect.kind === "went") log.warn({ node }, "A node is gone; its doors and machines go on by themselves.");
      if (effect.kind === "quarantine" || effect.kind === "disconnect") {
        log.error({ node, effect: effect.kind }, "A node misbehaves and was cut off: two devices with one identity, or a damaged one.");
        bus.drop(node, effect.kind);
      }
    }
    if (after.kind !== before.kind) given.onChange(node);
  };

  return {
    step,
    heard(node, envelope) {
      seenMs.set(node, clock.nowMs());
      step(node, { kind: "message", boot: envelope.boot, conn: envelope.conn });
    },
    linkOf(node) {
      const state = states.get(node);
      if (state === undefined || state.boot === null) return undefined;
      return state.kind === "online" || state.kind === "syncing" || state.kind === "suspect"
        ? { boot: state.boot, conn: state.conn }
        : undefined;
    },
    stateOf,
    lastSeenMs: (node) => seenMs.get(node) ?? null,
    tick() {
      const nowMono = clock.monoMs();
      for (const [node, state] of states) if ((nextDeadlineMono(state) ?? Infinity) <= nowMono) step(node, { kind: "tick" });
    },
  };
}
