/** What every card reader tells, whatever its wires: numbers, collisions, rubbish, and whether it is there. */
import type { CardNumberOutcome } from "./card-number.ts";

/**
 * `usable` is false for a number that is not the card's own: its holder is told so. `assurance` 3: the card has proved its key;
 * `counter` is how often such a card had been read, where it counts.
 */
export type CardRead =
  | { readonly kind: "card"; readonly number: string; readonly usable: boolean; readonly assurance?: 3; readonly counter?: number }
  | { readonly kind: "collision" } /** several cards at once */
  | { readonly kind: "unreadable" };

export type CardReaderState = "ready" | "lost";

export interface CardReaderPort {
  onRead(listener: (read: CardRead) => void): void;
  /** Called when it is lost or back; not for the state at the start. */
  onState(listener: (state: CardReaderState, why: string) => void): void;
  close(): Promise<void>;
}

/** Listeners of a reader that closes once. */
export function createReaderEvents(isReadyAtStart: boolean) {
  const reads: ((read: CardRead) => void)[] = [];
  const states: ((state: CardReaderState, why: string) => void)[] = [];
  let isReady = isReadyAtStart;
  return {
    onRead: (listener: (read: CardRead) => void): void => void reads.push(listener),
    onState: (listener: (state: CardReaderState, why: string) => void): void => void states.push(listener),
    read(read: CardRead): void {
      for (const listener of reads) listener(read);
    },
    /** Says a change once, however often it is found. */
    enter(state: CardReaderState, why = ""): void {
      if (isReady === (state === "ready")) return;
      isReady = state === "ready";
      for (const listener of states) listener(state, why);
    },
    stop(): void {
      reads.length = 0;
      states.length = 0;
    },
  };
}

/**
 * A number, or the refusal of one, as a read. `spelling` stands for a refused number: it is never looked up as a card, but the
 * reader's gestures need to tell one presence from another.
 */
export function readOf(outcome: CardNumberOutcome, spelling: string): CardRead {
  if (outcome.kind === "number") return { kind: "card", number: outcome.number, usable: true };
  const isSomebodys = outcome.why === "random" || outcome.why === "not unique" || outcome.why === "reserved" || outcome.why === "cut short";
  return isSomebodys ? { kind: "card", number: spelling, usable: false } : { kind: "unreadable" };
}
