/**
 * One card reader of a node: raw reads become gestures (`core/reader`), each with the card's key. The number itself ends
 * here (I10): nothing after this file has seen it.
 */
import { type Gesture, initialReader, nextDeadlineMono, type ReaderConfig, type ReaderEvent, stepReader } from "#core";
import { cardKeyOf } from "./authorise.ts";
import type { Clock, Log } from "./ports.ts";
import type { Runtime } from "./runtime.ts";

/** What a reader driver tells. `usable` is false for numbers that many cards share. */
export type CardRead =
  | ({ readonly kind: "card"; readonly number: string; readonly usable?: boolean } & CardProved)
  /** a card is there and is being asked; its read follows, or it leaves */
  | { readonly kind: "checking" }
  | { readonly kind: "collision" }
  | { readonly kind: "unreadable" }
  /** of a keypad: 0 to 9, * or # */
  | { readonly kind: "key"; readonly key: string };

/** What a reader proved of a card: `assurance` 3, with the chip's counter where it has one; or what is wrong with it. */
export type CardProved = { readonly assurance?: 3; readonly counter?: number; readonly suspect?: string };

/** A reader as the node sees it: RDM6300, PN532 or a simulated one. */
export type CardReader = {
  onRead(listener: (read: CardRead) => void): void;
  /** called when it is lost or back; not for the state at the start */
  onState(listener: (state: "ready" | "lost", why: string) => void): void;
  /** called when a trouble begins or ends: an open case, a failed supply */
  onTrouble?(listener: (trouble: "tamper" | "power", isOn: boolean) => void): void;
  close(): void | Promise<void>;
};

export type CardGesture = Gesture & CardProved & { readonly cardKey: string; readonly usable: boolean };

export function listenToReader(given: {
  readonly name: string;
  readonly reader: CardReader;
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly runtime: Runtime;
  /** asked at every step: a setting may change while the node runs */
  readonly config: () => ReaderConfig;
  readonly onGesture: (gesture: CardGesture) => void;
  /** of a keypad, which may be part of a PIN: it is kept nowhere and told nobody */
  readonly onKey: (key: string) => void;
  /** somebody waits for a card's answer: told at once, since the card may take longer than a hand has patience */
  readonly onChecking: () => void;
  /** a card that says it is this site's could not prove it; told once a tap */
  readonly onSuspect: (cardKey: string, why: string) => void;
}): void {
  const { clock, runtime } = given;
  const unusable = new Set<string>();
  /** of the card read last, for its presence only: another chip may show the same number next */
  let proved: CardProved & { readonly card: string } = { card: "" };
  let state = initialReader(Math.floor(clock.monoMs()));
  const step = (event: ReaderEvent) => {
    const [next, gestures] = stepReader(state, event, given.config());
    state = next;
    const at = nextDeadlineMono(state);
    if (at === null) runtime.stopTimer(`${given.name} reader`);
    else
      runtime.startTimer(`${given.name} reader`, Math.max(0, at - clock.monoMs()), () =>
        step({ kind: "tick", nowMono: Math.floor(clock.monoMs()) }),
      );
    for (const gesture of gestures) {
      const cardKey = "card" in gesture ? gesture.card : "";
      const { card, ...proof } = proved;
      if (gesture.kind === "tap" && card === cardKey && proof.suspect !== undefined) given.onSuspect(cardKey, proof.suspect);
      given.onGesture({ ...(card === cardKey ? proof : {}), ...gesture, cardKey, usable: !unusable.has(cardKey) });
    }
  };
  // A reader that was away has not seen its card leave: what lies there when it comes back is as before a start (S09, S28).
  given.reader.onState((to) =>
    runtime.input(() => {
      if (to === "ready") state = { ...state, startedMono: Math.floor(clock.monoMs()) };
    }),
  );
  given.reader.onRead((read) =>
    runtime.input(() => {
      const nowMono = Math.floor(clock.monoMs());
      if (read.kind === "key") return given.onKey(read.key);
      if (read.kind === "checking") return given.onChecking();
      if (read.kind !== "card") return step({ kind: read.kind, nowMono });
      const card = cardKeyOf(given.key, read.number);
      const { kind: _kind, number: _number, usable: _usable, ...proof } = read;
      proved = { ...proof, card };
      if (read.usable === false) remember(unusable, card);
      step({ kind: "read", card, nowMono });
    }),
  );
}

/** Tells hub and log when a reader is lost or back, and what troubles it. */
export function reportReader(given: {
  readonly ch: string;
  readonly reader: CardReader;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly record: (state: "ready" | "lost") => void;
  /** somebody opened its case */
  readonly onTamper?: () => void;
}): void {
  const { ch, reader, runtime, log } = given;
  reader.onState((state, why) =>
    runtime.input(() => {
      given.record(state);
      if (state === "lost") log.warn({ ch, cause: why }, "the card reader is lost; cards have no effect");
      else log.info({ ch }, "the card reader is ready");
    }),
  );
  reader.onTrouble?.((trouble, isOn) =>
    runtime.input(() => {
      if (trouble === "tamper" && isOn) given.onTamper?.();
      if (trouble === "power")
        log.warn(
          { ch, on: isOn },
          isOn ? "the card reader has lost its supply and runs on its battery" : "the card reader has its supply again",
        );
    }),
  );
}

function remember(cards: Set<string>, card: string): void {
  cards.add(card);
  if (cards.size > 100) for (const oldest of cards) return void cards.delete(oldest);
}
