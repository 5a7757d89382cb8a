/**
 * What blocks a machine by its own node's word, beside what the hub says (domain.md §2.2 rule 1: a set of causes, never a flag).
 * A member's report and a check that is due hold from the moment they arise, without the hub and over a restart. The node's
 * word counts until the hub's restrictions carry the same cause; from then on the hub is the one to clear it.
 */
import type { LiveFacts } from "./access/types.ts";

type Kind = LiveFacts["lockouts"][number];

export type OwnLockouts = {
  readonly oops: boolean;
  readonly check: "none" | "due" | "rejected";
  /** the hub's restrictions carry a check now */
  readonly hubKnows: boolean;
  /** accepted here, and the hub does not know that yet */
  readonly accepted: boolean;
  /** who used it last; 0 = not known */
  readonly lastMember: number;
};
export type LockoutEvent =
  | { readonly kind: "oops" }
  /** a maintainer at the machine, or the hub */
  | { readonly kind: "cleared" }
  /** a session has ended in which the machine was used; `checks`: the policy wants a check then */
  | { readonly kind: "used"; readonly member: number; readonly checks: boolean }
  | { readonly kind: "checked"; readonly accepted: boolean }
  /** what the hub's restrictions name for this machine now */
  | { readonly kind: "hub"; readonly kinds: readonly Kind[] };

export const noLockouts: OwnLockouts = { oops: false, check: "none", hubKnows: false, accepted: false, lastMember: 0 };

/** The same object when nothing changes, so that the shell saves only what is new. */
export function stepLockouts(state: OwnLockouts, event: LockoutEvent): OwnLockouts {
  switch (event.kind) {
    case "oops":
      return state.oops ? state : { ...state, oops: true };
    case "cleared":
      return state.oops ? { ...state, oops: false } : state;
    case "used":
      return { ...state, lastMember: event.member, ...(event.checks ? { check: "due", accepted: false } : {}) };
    case "checked":
      return { ...state, check: event.accepted ? "none" : "rejected", accepted: event.accepted && state.hubKnows };
    case "hub":
      return heard(state, event.kinds);
  }
}

function heard(state: OwnLockouts, kinds: readonly Kind[]): OwnLockouts {
  const hubKnows = kinds.includes("check");
  const next: OwnLockouts = {
    ...state,
    oops: state.oops && !kinds.includes("oops"),
    check: state.hubKnows && !hubKnows ? "none" : state.check, // cleared there
    hubKnows,
    accepted: state.accepted && hubKnows,
  };
  const isSame = next.oops === state.oops && next.check === state.check && hubKnows === state.hubKnows && next.accepted === state.accepted;
  return isSame ? state : next;
}

/** Every cause in force. */
export function lockoutsNow(own: OwnLockouts, fromHub: readonly Kind[]): readonly Kind[] {
  const kinds = new Set(fromHub);
  if (own.oops) kinds.add("oops");
  if (own.check !== "none") kinds.add("check");
  if (own.accepted) kinds.delete("check");
  return [...kinds];
}

/** What `decide` wants to know of a check that is due; nothing when none is. */
export function checkOf(own: OwnLockouts): LiveFacts["check"] {
  return own.check === "none" ? undefined : { rejected: own.check === "rejected", lastMember: own.lastMember };
}
