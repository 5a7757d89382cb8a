/** Raw reads become presences, presences become gestures (domain.md §4.6). Cards are opaque text here. */
import type { Deadlines } from "./step.ts";

export type ReaderConfig = {
  /** a presence ends after this long without a read */
  readonly lostMs: number;
  /** absence before the same card counts again */
  readonly sameCardMs: number;
  readonly holdMs: number;
  readonly doubleMs: number;
  /** reads this soon after the start belong to cards that lay there before */
  readonly beforeBootMs: number;
  /** a card that stays in the holder; its removal is reported after `removalMs` */
  readonly insert: boolean;
  readonly removalMs: number;
};

export type Presence = {
  readonly card: string;
  readonly presence: number;
  readonly startedMono: number;
  readonly lastMono: number;
  readonly beforeBoot: boolean;
  readonly held: boolean;
};
export type ReaderState = {
  readonly startedMono: number;
  readonly present: readonly Presence[];
  /** cards seen lately: when they left, and when their presence had begun */
  readonly gone: readonly { readonly card: string; readonly startedMono: number; readonly lastMono: number; readonly presence: number }[];
  readonly presences: number;
  readonly collision: boolean;
  readonly deadlines: Deadlines<"next">;
};
export type ReaderEvent = { readonly nowMono: number } & (
  | { readonly kind: "read"; readonly card: string }
  /** several cards answered at once */
  | { readonly kind: "collision" }
  /** a frame that was no card: never evidence of anything */
  | { readonly kind: "unreadable" }
  | { readonly kind: "tick" }
);
/** `presence` numbers the presences of this process; one request per presence. */
export type Gesture =
  | { readonly kind: "tap"; readonly card: string; readonly presence: number; readonly atMono: number }
  | { readonly kind: "hold"; readonly card: string; readonly presence: number; readonly atMono: number }
  | { readonly kind: "double"; readonly card: string; readonly presence: number; readonly atMono: number }
  | { readonly kind: "removed"; readonly card: string; readonly presence: number; readonly atMono: number }
  | { readonly kind: "one_at_a_time"; readonly atMono: number };

export function initialReader(nowMono: number): ReaderState {
  return { startedMono: nowMono, present: [], gone: [], presences: 0, collision: false, deadlines: {} };
}

export function stepReader(_state: ReaderState, _event: ReaderEvent, _config: ReaderConfig): readonly [ReaderState, readonly Gesture[]] {
  throw new Error("being written");
}
