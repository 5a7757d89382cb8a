/** What every card reader tells, whatever its wires: numbers, collisions, rubbish, and whether it is there. */
import type { Beeper } from "./beeper.ts";
import type { CardNumberOutcome } from "./card-number.ts";
import type { ProofRefusal } from "./card-proof.ts";
import type { Lamp } from "./lamp.ts";

/**
 * `usable` is false for a number that is not the card's own: its holder is told so. `assurance` 3: the card has proved its key;
 * `counter` is how often such a card had been read, where it counts. `suspect`: it says that it is ours and could not prove it.
 */
export type CardRead =
  | {
      readonly kind: "card";
      readonly number: string;
      readonly usable: boolean;
      readonly assurance?: 3;
      readonly counter?: number;
      readonly suspect?: ProofRefusal;
    }
  | { readonly kind: "checking" } /** a card is there and is being asked, which takes a while: its read follows, or it leaves */
  | { readonly kind: "collision" } /** several cards at once */
  | { readonly kind: "unreadable" }
  | { readonly kind: "key"; readonly key: string } /** of a keypad: 0 to 9, * or # */;

export type CardReaderState = "ready" | "lost";
/** `tamper`: its case is open; `power`: its supply failed and it lives on its battery. */
export type CardReaderTrouble = "tamper" | "power";

export interface CardReaderPort {
  onRead(listener: (read: CardRead) => void): void;
  /** Called when it is lost or back; not for the state at the start. */
  onState(listener: (state: CardReaderState, why: string) => void): void;
  /** Called when a trouble begins or ends; absent where a reader cannot tell. */
  onTrouble?(listener: (trouble: CardReaderTrouble, isOn: boolean) => void): void;
  /** Its own lamp and buzzer; absent where it has none that we command. */
  readonly lamp?: Lamp;
  readonly beeper?: Beeper;
  close(): Promise<void>;
}

/** Listeners of a reader that closes once. Null at the start: whatever it turns out to be is told. */
export function createReaderEvents(isReadyAtStart: boolean | null) {
  const reads: ((read: CardRead) => void)[] = [];
  const states: ((state: CardReaderState, why: string) => void)[] = [];
  const troubles: ((trouble: CardReaderTrouble, isOn: boolean) => void)[] = [];
  const inTrouble = new Set<CardReaderTrouble>();
  let isReady = isReadyAtStart;
  return {
    onRead: (listener: (read: CardRead) => void): void => void reads.push(listener),
    onState: (listener: (state: CardReaderState, why: string) => void): void => void states.push(listener),
    onTrouble: (listener: (trouble: CardReaderTrouble, isOn: boolean) => void): void => void troubles.push(listener),
    /** Says a change once, however often it is reported. */
    trouble(trouble: CardReaderTrouble, isOn: boolean): void {
      if (inTrouble.has(trouble) === isOn) return;
      if (isOn) inTrouble.add(trouble);
      else inTrouble.delete(trouble);
      for (const listener of troubles) listener(trouble, isOn);
    },
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
      troubles.length = 0;
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
