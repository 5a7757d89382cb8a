/** The hub's view of one node's connection (domain.md §4.4): birth, heartbeat, loss, and impostors. */
import type { Deadlines } from "./step.ts";

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
  /** changes of boot seen lately, for clones */
  readonly alternations: readonly number[];
  readonly offences: number;
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
    offences: 0,
    deadlines: {},
  };
}
export function stepNodeLink(
  _state: NodeLinkState,
  _event: NodeLinkEvent,
  _config: NodeLinkConfig,
): readonly [NodeLinkState, readonly NodeLinkEffect[]] {
  throw new Error("being written");
}
