/** The hub's view of one node's connection (domain.md §4.4): birth, heartbeat, loss, and impostors. */
import type { Deadlines } from "./step.ts";
import { absurd, due, without } from "./step.ts";

export type NodeLinkConfig = {
  readonly heartbeatMs: number;
  readonly suspectAfter: number;
  readonly lostAfter: number;
  readonly syncMs: number;
};
export type NodeLinkKind = "pending" | "offline" | "syncing" | "online" | "suspect" | "quarantined" | "revoked";
export type NodeLinkState = {
  readonly kind: NodeLinkKind;
  readonly sinceMono: number;
  readonly boot: string | null;
  readonly conn: number;
  readonly lastMono: number | null;
  /** changes of boot seen lately, and the boots that were left: one that comes back was never gone */
  readonly alternations: readonly number[];
  readonly earlier: readonly string[];
  readonly offences: number;
  /** offline for want of a word, not because the connection ended: a word brings it back */
  readonly silent: boolean;
  readonly deadlines: Deadlines<"late" | "lost" | "sync">;
};
export type NodeLinkEvent = { readonly nowMono: number } & (
  | { readonly kind: "approved" }
  | { readonly kind: "birth"; readonly boot: string; readonly conn: number }
  | { readonly kind: "message"; readonly boot: string; readonly conn: number }
  | { readonly kind: "drained" }
  /** the last will, or a clean goodbye */
  | { readonly kind: "gone"; readonly boot: string; readonly conn: number }
  | { readonly kind: "offence"; readonly what: string }
  | { readonly kind: "revoke" }
  | { readonly kind: "release" }
  | { readonly kind: "tick" }
);
export type NodeLinkEffect = { readonly kind: "resync" | "reconcile" | "came" | "late" | "went" | "quarantine" | "disconnect" };

export function initialNodeLink(approved: boolean, nowMono: number): NodeLinkState {
  return {
    kind: approved ? "offline" : "pending",
    sinceMono: nowMono,
    boot: null,
    conn: 0,
    lastMono: null,
    alternations: [],
    earlier: [],
    offences: 0,
    silent: false,
    deadlines: {},
  };
}
type Step = readonly [NodeLinkState, readonly NodeLinkEffect[]];
const cloneWindowMs = 60_000;
const cloneAlternations = 3;
const offencesMax = 3;
const earlierMax = 8;

/** One sign of life, or of its absence. A quarantined or revoked node stays so until a person releases it. */
export function stepNodeLink(state: NodeLinkState, event: NodeLinkEvent, config: NodeLinkConfig): Step {
  let current = state;
  const effects: NodeLinkEffect[] = [];
  for (let name = due(current.deadlines, event.nowMono)[0]; name !== undefined; name = due(current.deadlines, event.nowMono)[0]) {
    const [next, more] = fire({ ...current, deadlines: without(current.deadlines, name) }, name, event.nowMono);
    current = next;
    effects.push(...more);
  }
  const [next, more] = answer(current, event, config);
  return [next, [...effects, ...more]];
}

const stay = (state: NodeLinkState, ...kinds: readonly NodeLinkEffect["kind"][]): Step => [state, kinds.map((kind) => ({ kind }))];
const talks = ({ kind }: NodeLinkState): boolean => kind === "syncing" || kind === "online" || kind === "suspect";
const become = (state: NodeLinkState, kind: NodeLinkKind, nowMono: number): NodeLinkState => ({ ...state, kind, sinceMono: nowMono });

function answer(state: NodeLinkState, event: NodeLinkEvent, config: NodeLinkConfig): Step {
  const { nowMono } = event;
  switch (event.kind) {
    case "tick":
      return stay(state);
    case "approved":
      return state.kind === "pending" ? stay(become(state, "offline", nowMono)) : stay(state);
    case "birth":
      return birth(state, event.boot, event.conn, nowMono, config);
    case "message": {
      const isThere = talks(state) || (state.kind === "offline" && state.silent);
      if (!isThere || event.boot !== state.boot || event.conn !== state.conn) return stay(state);
      const heard = { ...alive(state, nowMono, config), silent: false };
      return state.kind === "suspect" || state.kind === "offline" ? stay(become(heard, "online", nowMono), "came") : stay(heard);
    }
    case "drained":
      return state.kind === "syncing" ? synced(state, nowMono) : stay(state);
    case "gone": {
      if (event.boot !== state.boot || event.conn !== state.conn) return stay(state); // an older connection's will says nothing
      const ended = { ...state, silent: false };
      return talks(state) ? stay({ ...become(ended, "offline", nowMono), deadlines: {} }, "went") : stay(ended);
    }
    case "offence":
      if (state.offences + 1 < offencesMax || state.kind === "revoked") return stay({ ...state, offences: state.offences + 1 });
      return quarantine({ ...state, offences: state.offences + 1 }, nowMono);
    case "revoke":
      return stay({ ...become(state, "revoked", nowMono), deadlines: {} }, "disconnect");
    case "release":
      return state.kind === "quarantined"
        ? stay({ ...become(state, "offline", nowMono), offences: 0, alternations: [], earlier: [] })
        : stay(state);
    default:
      return absurd(event);
  }
}

/**
 * A node says what it is. Two boots that take turns are two machines with one identity: a copied SD card. The broker ends one
 * connection for the other, so that neither is seen beside the other; but no boot of one machine ever returns after a later one,
 * and a node that merely starts again and again is no clone.
 */
function birth(state: NodeLinkState, boot: string, conn: number, nowMono: number, config: NodeLinkConfig): Step {
  if (state.kind === "pending" || state.kind === "quarantined" || state.kind === "revoked") return stay(state);
  if (boot === state.boot && conn < state.conn) return stay(state);
  const left = state.boot === null || boot === state.boot ? [] : [state.boot];
  const alternations = [...state.alternations, ...left.map(() => nowMono)].filter((at) => nowMono - at < cloneWindowMs);
  const isBack = left.length > 0 && state.earlier.includes(boot);
  if (isBack && alternations.length >= cloneAlternations) return quarantine({ ...state, alternations }, nowMono);
  const earlier = [...state.earlier, ...left].slice(-earlierMax);
  const born = alive(
    {
      ...become(state, "syncing", nowMono),
      boot,
      conn,
      alternations,
      earlier,
      silent: false,
      deadlines: { sync: nowMono + config.syncMs },
    },
    nowMono,
    config,
  );
  return stay(born, "resync");
}

function alive(state: NodeLinkState, nowMono: number, config: NodeLinkConfig): NodeLinkState {
  const late = nowMono + config.suspectAfter * config.heartbeatMs;
  return { ...state, lastMono: nowMono, deadlines: { ...state.deadlines, late, lost: nowMono + config.lostAfter * config.heartbeatMs } };
}

const synced = (state: NodeLinkState, nowMono: number): Step =>
  stay({ ...become(state, "online", nowMono), deadlines: without(state.deadlines, "sync") }, "reconcile", "came");

const quarantine = (state: NodeLinkState, nowMono: number): Step =>
  stay({ ...become(state, "quarantined", nowMono), deadlines: {} }, "quarantine", "disconnect");

function fire(state: NodeLinkState, name: "late" | "lost" | "sync", nowMono: number): Step {
  switch (name) {
    case "sync":
      return state.kind === "syncing" ? synced(state, nowMono) : stay(state);
    case "late":
      return state.kind === "online" ? stay(become(state, "suspect", nowMono), "late") : stay(state);
    case "lost":
      return stay({ ...become(state, "offline", nowMono), silent: true, deadlines: {} }, "went");
    default:
      return absurd(name);
  }
}
