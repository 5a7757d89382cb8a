/**
 * Is the open session still allowed? Asked again when the snapshot says the answer may change, when any fact changes, and
 * every minute for safety. A no ends the session when the machine is idle (I3), with a record; a hub that is away is no no.
 */
import { type Code, type EndReason, minute } from "#contract";
import type { ChannelFacts } from "../kit/authorise.ts";
import type { Node } from "../kit/node.ts";

export type Review = {
  /** The session's decision may change at this instant (UTC ms), or null. */
  plan(atMs: number | null): void;
  /** A session is open; `cardKey` is the card that opened it. */
  watch(cardKey: () => string | null): void;
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
};

/** the hub is asked again after this, or as soon as a fact changes */
const askEveryMs = 5 * minute;

export function createReview(given: {
  readonly node: Node;
  readonly ch: string;
  readonly live: () => ChannelFacts;
  readonly onEnd: (reason: Ending, mode: "when_idle" | "immediate") => void;
}): Review {
  const { node, ch } = given;
  const { runtime } = node;
  let cardKey: (() => string | null) | null = null;
  let ended: string | null = null;
  let askAgainMono = 0;

  const end = (reason: Ending, mode: "when_idle" | "immediate") => {
    if (ended === `${reason} ${mode}`) return;
    ended = `${reason} ${mode}`;
    given.onEnd(reason, mode);
  };
  const look = () => {
    if (cardKey === null) return;
    runtime.startTimer("review", minute, look);
    const lockout = node.restrictions().lockouts.find((one) => one.ch === ch);
    if (lockout !== undefined) {
      end("lockout", lockout.mode);
      return;
    }
    const key = cardKey();
    if (key === null) return;
    const decision = node.authoriser.review({ ch, kind: "extend", cardKey: key, usable: true }, given.live());
    runtime.stopTimer("review at");
    planAt(decision.reevaluateAtMs);
    if (decision.outcome === "ask") askHub(key);
    else if (decision.outcome === "deny") endFor(decision.reason);
    else ended = null; // allowed again: the next end is a new one
  };
  const endFor = (reason: Code) => {
    if (!noReasonToEnd.has(reason)) end(endings[reason] ?? "permission_ended", "when_idle");
  };
  /** Only the hub knows; a hub that does not answer ends nothing (I2). */
  const askHub = (key: string) => {
    const nowMono = node.nodeClock.stamp().atMono;
    if (!node.link.requests.isReachable() || nowMono < askAgainMono) return;
    askAgainMono = nowMono + askEveryMs;
    node.authoriser.authorise(
      { ch, kind: "extend", cardKey: key, usable: true, atMono: nowMono, gesture: "remote" },
      given.live(),
      (verdict) => {
        if (verdict.where === "hub" && verdict.outcome === "deny" && cardKey !== null) endFor(verdict.reason);
      },
    );
  };
  const planAt = (atMs: number | null) => {
    const { nowMs } = node.nodeClock.read();
    if (atMs !== null && nowMs !== null && atMs > nowMs) runtime.startTimer("review at", Math.min(atMs - nowMs, 2 ** 31 - 1), look);
  };
  return {
    plan: planAt,
    watch(of) {
      if (cardKey === null) {
        ended = null;
        runtime.startTimer("review", minute, look);
      }
      cardKey = of;
    },
    stop() {
      cardKey = null;
      runtime.stopTimer("review");
      runtime.stopTimer("review at");
    },
    now() {
      askAgainMono = 0;
      look();
    },
  };
}
