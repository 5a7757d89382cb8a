/**
 * The dialogue at one reader: gestures with card keys go in, questions with everybody who stands there come out
 * (core/dialogue.ts says what means what). The same at doors and machines.
 */
import {
  type Around,
  type DialogueEffect,
  type DialogueEvent,
  type DialogueState,
  initialDialogue,
  openPin,
  type PinEntry,
  type Presenter,
  pressPin,
  stepDialogue,
} from "#core";
import type { Authoriser, Question, Verdict } from "./authorise.ts";
import type { Clock } from "./ports.ts";
import type { CardGesture } from "./reader-channel.ts";

/** A question as people put it together, ready to be authorised. */
export type Asked = Omit<Question, "ch" | "gesture"> & {
  readonly presented: readonly Presenter[];
  /** one person's own tap, which may also mean to stop */
  readonly alone: boolean;
};
/** What the dialogue wants done beside asking. */
export type DialogueAct = Exclude<DialogueEffect, { kind: "ask" }>;

export type Dialogue = {
  gesture(gesture: Extract<CardGesture, { kind: "tap" | "hold" | "confirm" }>): void;
  /** A key of the reader's keypad: part of a PIN while one is waited for, nothing otherwise. */
  key(key: string): void;
  /** The verdict on a question that came from here. `checkDue`: a check was due when it was asked. */
  answered(asked: Asked, verdict: Pick<Verdict, "outcome" | "reason">, checkDue: boolean): void;
};

/** cards remembered as unusable as an identity, or as proved */
const unusableMax = 16;

export function createDialogue(given: {
  readonly ch: string;
  readonly clock: Clock;
  readonly authoriser: Pick<Authoriser, "presenterOf">;
  readonly around: () => Around;
  readonly onAsk: (asked: Asked) => void;
  readonly onAct: (act: DialogueAct) => void;
}): Dialogue {
  const { ch, clock, authoriser } = given;
  const unusable = new Set<string>();
  const proofs = new Map<string, Pick<Question, "assurance" | "counter">>();
  let state: DialogueState = initialDialogue;
  /** the question that waits for a PIN, and what of it is typed */
  let waiting: { readonly asked: Asked; readonly entry: PinEntry } | null = null;

  const step = (event: DialogueEvent) => {
    const [next, effects] = stepDialogue(state, event, given.around());
    state = next;
    for (const effect of effects) {
      if (effect.kind !== "ask") {
        given.onAct(effect);
        continue;
      }
      const [first, ...others] = effect.presented;
      if (first === undefined) continue;
      given.onAsk({
        kind: effect.wants,
        cardKey: first.card,
        companions: others.map(({ card }) => card),
        usable: !unusable.has(first.card),
        atMono: clock.monoMs(),
        acknowledged: effect.acknowledged,
        ...proofs.get(first.card),
        presented: effect.presented,
        alone: effect.alone,
      });
    }
  };
  return {
    gesture({ kind, cardKey, usable, atMono, assurance, counter }) {
      waiting = null;
      if (!usable) unusable.add(cardKey);
      proofs.delete(cardKey); // each presence proves itself anew
      if (assurance !== undefined) proofs.set(cardKey, { assurance, ...(counter === undefined ? {} : { counter }) });
      if (proofs.size > unusableMax) for (const oldest of proofs.keys()) if (proofs.delete(oldest)) break;
      if (unusable.size > unusableMax) for (const oldest of unusable) if (unusable.delete(oldest)) break;
      step({ kind, ...authoriser.presenterOf(ch, cardKey), nowMono: Math.floor(atMono) });
    },
    key(key) {
      if (waiting === null) return;
      const nowMono = clock.monoMs();
      const { asked, entry } = waiting;
      const [next, pin] = pressPin(entry, key, nowMono, given.around().times.windowMs);
      waiting = next === null ? null : { asked, entry: next };
      // the question is as old as its PIN, as with a companion's tap
      if (pin !== null) given.onAsk({ ...asked, pin, atMono: nowMono });
    },
    answered(asked, { outcome, reason }, checkDue) {
      const { kind, presented } = asked;
      const { pin: _pin, ...question } = asked;
      if (outcome === "pending" && reason === "FACTOR_REQUIRED")
        waiting = { asked: question, entry: openPin(clock.monoMs(), given.around().times.windowMs) };
      else if (reason !== "FACTOR_WRONG" || (waiting?.entry.triesLeft ?? 0) < 1) waiting = null;
      step({ kind: "answered", wants: kind, presented, outcome, reason, checkDue, nowMono: Math.floor(clock.monoMs()) });
    },
  };
}
