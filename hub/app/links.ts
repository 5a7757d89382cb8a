/** Which nodes are there: one pure link machine per node (core/node-link), fed by births, heartbeats and last wills. */
import type { Envelope } from "#contract";
import {
  initialNodeLink,
  type NodeLinkEvent,
  type NodeLinkState,
  nextDeadlineMono,
  nodeLinkDefaults,
  registerWith,
  stepNodeLink,
} from "#core";
import type { Bus, Clock, Ledger, Log, Registry } from "../ports.ts";

/** Without this the event carries its own time. */
type LinkNews = NodeLinkEvent extends infer E ? (E extends { nowMono: number } ? Omit<E, "nowMono"> : never) : never;

type Admission = ReturnType<Registry["nodes"]>[number]["status"];

export type Links = {
  step(node: string, event: LinkNews): void;
  heard(node: string, envelope: Envelope): void;
  /** present boot and connection of a node that is there */
  linkOf(node: string): { readonly boot: string; readonly conn: number } | undefined;
  stateOf(node: string): NodeLinkState | undefined;
  lastSeenMs(node: string): number | null;
  /** unknown, pending, quarantined or revoked: nothing of it counts */
  isShutOut(node: string): boolean;
  /** Called every second: lateness has no message of its own, nor has what a person decides about a node. */
  tick(): void;
};

type CutOffs = {
  keep(node: string): void;
  forget(node: string): void;
  tryAgain(): void;
};

/** Nodes that were cut off here and are not yet in the ledger: until they are, a hub that starts anew would let them in. */
function createCutOffs(ledger: Pick<Ledger, "cutOff">, log: Log, onKept: (node: string) => void): CutOffs {
  const unkept = new Map<string, "asked" | "failed">();
  const keep = (node: string): void => {
    const before = unkept.get(node);
    unkept.set(node, "asked");
    ledger.cutOff(node).then(
      () => {
        unkept.delete(node);
        onKept(node);
      },
      (error: unknown) => {
        unkept.set(node, "failed");
        if (before === undefined) log.error({ node, error: String(error) }, "That could not be kept; trying again every second.");
      },
    );
  };
  return {
    keep,
    forget: (node) => void unkept.delete(node),
    tryAgain() {
      for (const [node, how] of unkept) if (how === "failed") keep(node);
    },
  };
}

export function createLinks(given: {
  registry: Registry;
  ledger: Pick<Ledger, "cutOff">;
  bus: Bus;
  clock: Clock;
  log: Log;
  onChange: (node: string) => void;
  onCame: (node: string) => void;
}): Links {
  const { registry, ledger, bus, clock, log } = given;
  const states = new Map<string, NodeLinkState>();
  const seenMs = new Map<string, number>();
  const admissions = new Map<string, Admission>();
  const cutOffs = createCutOffs(ledger, log, (node) => admissions.set(node, "quarantined"));

  const stateOf = (node: string): NodeLinkState | undefined => {
    const known = states.get(node);
    if (known !== undefined) return known;
    const row = registry.nodes().find((entry) => entry.node === node);
    if (row === undefined) return undefined;
    const fresh = initialNodeLink(row.status, clock.monoMs());
    admissions.set(node, row.status);
    states.set(node, fresh);
    return fresh;
  };

  const step = (node: string, event: LinkNews): void => {
    const before = stateOf(node);
    if (before === undefined) return;
    const config = registerWith(nodeLinkDefaults, registry.site().settings);
    const [after, effects] = stepNodeLink(before, { ...event, nowMono: clock.monoMs() } as NodeLinkEvent, config);
    states.set(node, after);
    for (const effect of effects) {
      if (effect.kind === "came") given.onCame(node);
      if (effect.kind === "went") log.warn({ node }, "A node is gone; its doors and machines go on by themselves.");
      if (effect.kind === "quarantine") {
        log.error({ node }, "A node misbehaves and was cut off: two devices with one identity, or a damaged one.");
        cutOffs.keep(node);
      }
      if (effect.kind === "disconnect") bus.drop(node, after.kind);
    }
    if (after.kind !== before.kind) given.onChange(node);
  };

  /** Let in, let in again, sent away. */
  const admit = (): void => {
    for (const { node, status } of registry.nodes()) {
      const was = admissions.get(node);
      if (was === undefined || was === status) continue;
      admissions.set(node, status);
      cutOffs.forget(node); // somebody has decided meanwhile
      if (status === "active") step(node, { kind: was === "pending" ? "approved" : "release" });
      else if (status === "revoked") step(node, { kind: "revoke" });
      else step(node, { kind: "shut_out", as: status });
    }
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
    isShutOut(node) {
      const kind = stateOf(node)?.kind;
      return kind === undefined || kind === "pending" || kind === "quarantined" || kind === "revoked";
    },
    tick() {
      admit();
      cutOffs.tryAgain();
      const nowMono = clock.monoMs();
      for (const [node, state] of states) if ((nextDeadlineMono(state) ?? Infinity) <= nowMono) step(node, { kind: "tick" });
    },
  };
}
