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
  /** boots that gave way to another one lately, for clones */
  readonly left: readonly { readonly boot: string; readonly atMono: number }[];
  /** when it last did what no sound node does */
  readonly offences: readonly number[];
  /** of the present birth: its outbox was empty; what the hub published is in force there */
  readonly drained: boolean;
  readonly applied: boolean;
  /** offline for want of a word, not because the connection ended: a word brings it back */
  readonly silent: boolean;
  readonly deadlines: Deadlines<"late" | "lost" | "sync">;
};
export type NodeLinkEvent = { readonly nowMono: number } & (
  | { readonly kind: "approved" }
  | { readonly kind: "birth"; readonly boot: string; readonly conn: number }
  | { readonly kind: "message"; readonly boot: string; readonly conn: number }
  | { readonly kind: "drained" }
  /** it has in force what the hub has published for it: configuration, restrictions, snapshot (domain.md §5.7) */
  | { readonly kind: "applied" }
  /** the last will, or a clean goodbye */
  | { readonly kind: "gone"; readonly boot: string; readonly conn: number }
  | { readonly kind: "offence"; readonly what: string }
  /** a person sends it away, for a while or until somebody has looked at it */
  | { readonly kind: "shut_out"; readonly as: "pending" | "quarantined" }
  | { readonly kind: "revoke" }
  | { readonly kind: "release" }
  | { readonly kind: "tick" }
);
export type NodeLinkEffect = { readonly kind: "resync" | "reconcile" | "came" | "late" | "went" | "quarantine" | "disconnect" };

/** By what the ledger says of the node: a person has approved it, or not yet, or no longer. */
export function initialNodeLink(admitted: "pending" | "active" | "quarantined" | "revoked", nowMono: number): NodeLinkState {
  return {
    kind: admitted === "active" ? "offline" : admitted,
    sinceMono: nowMono,
    boot: null,
    conn: 0,
    lastMono: null,
    left: [],
    offences: [],
    drained: false,
    applied: false,
    silent: false,
    deadlines: {},
  };
}
type Step = readonly [NodeLinkState, readonly NodeLinkEffect[]];
const cloneWindowMs = 60_000;
const leftMax = 8;
const cloneAlternations = 3;
const offencesMax = 3;
/** the table names no time; three damaged messages in a year are no impostor (our assumption) */
const offenceWindowMs = 600_000;

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
      return caughtUp({ ...state, drained: true }, nowMono);
    case "applied":
      return caughtUp({ ...state, applied: true }, nowMono);
    case "gone": {
      if (event.boot !== state.boot || event.conn !== state.conn) return stay(state); // an older connection's will says nothing
      const ended = { ...state, silent: false };
      return talks(state) ? stay({ ...become(ended, "offline", nowMono), deadlines: {} }, "went") : stay(ended);
    }
    case "offence": {
      const offences = [...state.offences, nowMono].filter((at) => nowMono - at < offenceWindowMs);
      const isEnough = offences.length >= offencesMax && state.kind !== "revoked" && state.kind !== "quarantined";
      return isEnough ? quarantine({ ...state, offences }, nowMono) : stay({ ...state, offences });
    }
    case "shut_out": // kept already, so there is nothing to say but goodbye
      return state.kind === event.as ? stay(state) : stay({ ...become(state, event.as, nowMono), deadlines: {} }, "disconnect");
    case "revoke":
      return stay({ ...become(state, "revoked", nowMono), deadlines: {} }, "disconnect");
    case "release":
      return state.kind === "quarantined" || state.kind === "revoked"
        ? stay({ ...become(state, "offline", nowMono), offences: [], left: [] }, "disconnect") // it may be there, unheard: it comes anew
        : stay(state);
    default:
      return absurd(event);
  }
}

/**
 * A node says what it is. A boot that comes back after another one has taken its place is a second machine with the same
 * identity: a copied SD card. Each takes the connection from the other, so neither needs to be online at that moment. A node
 * that only starts again and again has a new boot each time.
 */
function birth(state: NodeLinkState, boot: string, conn: number, nowMono: number, config: NodeLinkConfig): Step {
  if (state.kind === "pending" || state.kind === "quarantined" || state.kind === "revoked") return stay(state);
  if (boot === state.boot && conn < state.conn) return stay(state);
  const before = state.boot === null || state.boot === boot ? [] : [{ boot: state.boot, atMono: nowMono }];
  const left = [...state.left, ...before].filter(({ atMono }) => nowMono - atMono < cloneWindowMs).slice(-leftMax);
  if (left.length >= cloneAlternations && left.some((one) => one.boot === boot)) return quarantine({ ...state, left }, nowMono);
  const born = alive(
    {
      ...become(state, "syncing", nowMono),
      boot,
      conn,
      left,
      drained: false,
      applied: false,
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

/** Its own events may take their time; without the hub's facts in force it is never online. */
const caughtUp = (state: NodeLinkState, nowMono: number): Step =>
  state.kind === "syncing" && state.applied && (state.drained || state.deadlines.sync === undefined) ? synced(state, nowMono) : stay(state);

const synced = (state: NodeLinkState, nowMono: number): Step =>
  stay({ ...become(state, "online", nowMono), deadlines: without(state.deadlines, "sync") }, "reconcile", "came");

const quarantine = (state: NodeLinkState, nowMono: number): Step =>
  stay({ ...become(state, "quarantined", nowMono), deadlines: {} }, "quarantine", "disconnect");

function fire(state: NodeLinkState, name: "late" | "lost" | "sync", nowMono: number): Step {
  switch (name) {
    case "sync":
      return caughtUp(state, nowMono);
    case "late":
      return state.kind === "online" ? stay(become(state, "suspect", nowMono), "late") : stay(state);
    case "lost":
      return stay({ ...become(state, "offline", nowMono), silent: true, deadlines: {} }, "went");
    default:
      return absurd(name);
  }
}
