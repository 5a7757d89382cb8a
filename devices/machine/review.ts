/**
 * Is the open session still allowed? Asked again when the snapshot says the answer may change, when any fact changes, and
 * every minute for safety. A no ends the session when the machine is idle (I3), with a record; a hub that is away is no no.
 */
import { type Code, type EndReason, hour, minute } from "#contract";
import type { ChannelFacts, Considered } from "../kit/authorise.ts";
import type { Node } from "../kit/node.ts";

export type Review = {
  /** The session's decision may change at this instant (UTC ms), or null. */
  plan(atMs: number | null): void;
  /** A session is open; `renewal` is how it would be renewed, null when no card speaks for it. */
  watch(renewal: () => Considered | null): void;
  stop(): void;
  /** Some fact has changed. */
  now(): void;
};
type Ending = Extract<EndReason, "permission_ended" | "booking_end" | "closing" | "lockout">;

/** These speak of the moment of the tap or of the hub's absence, not of the right to go on. */
const noReasonToEnd: ReadonlySet<Code> = new Set<Code>([
  "DUPLICATE_REQUEST",
  "REQUEST_STALE",
  "TOO_MANY_ATTEMPTS",
  "IN_USE",
  "AWAIT_HANDOVER",
  "TIME_TOO_SHORT",
  "COOLING_DOWN",
  "ANCILLARY_NOT_READY",
  "MEMBER_LIMIT",
  "EXCLUSIVE_CONFLICT",
  "CLOCK_UNTRUSTED",
  "OFFLINE_NO_SNAPSHOT",
  "SNAPSHOT_STALE",
  "OFFLINE_UNKNOWN",
  "OFFLINE_NOT_ALLOWED",
  "RESOURCE_OFFLINE",
  "INTERNAL_ERROR",
]);
const endings: Partial<Record<Code, Ending>> = {
  OUTSIDE_OPENING_HOURS: "closing",
  HOLIDAY_CLOSED: "closing",
  BOOKED_BY_OTHER: "booking_end",
  LOCKED_OUT: "lockout",
  OUT_OF_ORDER: "lockout",
  DEVICE_FAULT: "lockout",
  DEVICE_TAMPER: "lockout",
  NEEDS_CHECK: "lockout",
  RESOURCE_DISABLED: "lockout",
  NOT_COMMISSIONED: "lockout",
};

/** the hub is asked again after this, or as soon as a fact changes */
const askEveryMs = 5 * minute;

/** so far ahead the end of a permission is looked for, in so many steps */
const aheadMs = 12 * hour;
const aheadStepsMax = 100;

export function createReview(given: {
  readonly node: Node;
  readonly live: () => ChannelFacts;
  /** how the hub's lockouts want a session ended, or null */
  readonly lockedOut: () => "when_idle" | "immediate" | null;
  readonly onEnd: (reason: Ending, mode: "when_idle" | "immediate") => void;
  /** the permission will end at this instant (UTC ms) as far as can be seen; null = no end in sight */
  readonly onAhead: (atMs: number | null, reason: Ending) => void;
}): Review {
  const { node } = given;
  const { runtime } = node;
  let renewal: (() => Considered | null) | null = null;
  let ended: string | null = null;
  let askAgainMono = 0;

  const end = (reason: Ending, mode: "when_idle" | "immediate") => {
    if (ended === `${reason} ${mode}`) return;
    ended = `${reason} ${mode}`;
    given.onEnd(reason, mode);
  };
  const look = () => {
    if (renewal === null) return;
    runtime.startTimer("review", minute, look);
    const lockedOut = given.lockedOut();
    if (lockedOut !== null) {
      end("lockout", lockedOut);
      return;
    }
    const question = renewal();
    if (question === null) return;
    const decision = node.authoriser.review(question, given.live());
    runtime.stopTimer("review at");
    planAt(decision.reevaluateAtMs);
    if (decision.outcome === "ask") askHub(question);
    else if (decision.outcome === "deny") endFor(decision.reason);
    else ended = null; // allowed again: the next end is a new one
    if (decision.outcome !== "deny") lookAhead(question, decision.reevaluateAtMs);
  };
  const endFor = (reason: Code) => {
    if (!noReasonToEnd.has(reason)) end(endings[reason] ?? "permission_ended", "when_idle");
  };
  /** The same question put to the instants at which its answer may change, until one of them refuses. */
  const lookAhead = (question: Considered, firstMs: number | null) => {
    const { nowMs } = node.nodeClock.read();
    let atMs = firstMs;
    for (let i = 0; i < aheadStepsMax && nowMs !== null && atMs !== null && atMs - nowMs <= aheadMs; i += 1) {
      const then = node.authoriser.review(question, given.live(), atMs);
      if (then.outcome === "deny" && !noReasonToEnd.has(then.reason))
        return given.onAhead(atMs, endings[then.reason] ?? "permission_ended");
      atMs = then.reevaluateAtMs;
    }
    given.onAhead(null, "permission_ended");
  };
  /** Only the hub knows; a hub that does not answer ends nothing (I2). */
  const askHub = (question: Considered) => {
    const nowMono = node.nodeClock.stamp().atMono;
    if (!node.link.requests.isReachable() || nowMono < askAgainMono) return;
    askAgainMono = nowMono + askEveryMs;
    node.authoriser.authorise({ ...question, atMono: nowMono, gesture: "remote" }, given.live(), (verdict) => {
      if (verdict.where === "hub" && verdict.outcome === "deny" && renewal !== null) endFor(verdict.reason);
    });
  };
  const planAt = (atMs: number | null) => {
    const { nowMs } = node.nodeClock.read();
    if (atMs !== null && nowMs !== null && atMs > nowMs) runtime.startTimer("review at", Math.min(atMs - nowMs, 2 ** 31 - 1), look);
  };
  return {
    plan: planAt,
    watch(of) {
      if (renewal === null) {
        ended = null;
        runtime.startTimer("review", minute, look);
      }
      renewal = of;
    },
    stop() {
      renewal = null;
      runtime.stopTimer("review");
      runtime.stopTimer("review at");
    },
    now() {
      askAgainMono = 0;
      look();
    },
  };
}
