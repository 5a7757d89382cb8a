/**
 * What people mean who tap one after the other at the same reader (domain.md §3.6, §4.6 SEQUENCE). Gestures and answers go in;
 * questions with all who stand there come out. One window is open at a time; whatever fits no window is a tap of its own.
 *
 *   window (how it opens)                    gesture in time                     becomes
 *   company  AWAIT_SUPERVISOR, _SECOND_…     another card taps, 15 s             the same question, that card beside the first
 *   handover AWAIT_HANDOVER                  the owner taps, 15 s                `handover` [newcomer, owner]
 *   check    NEEDS_CHECK                     same card taps, 15 s · holds        the same question, acknowledged · sent back
 *   student  a trainer holds 3 s             another card taps, 60 s             `teach` [student, trainer]
 *   sign_off the trainer of this session     the operator taps, 15 s             signed off; within 10 min after that: undone
 *            holds, or taps while it is new
 *   (none)   somebody is missed in session   another card taps                   the session's own question, that card beside it
 *   (none)   a maintainer holds 10 s,
 *            at a fault                      –                                   reset: the cause is seen to be gone
 *            at a lock                       –                                   `maintain`: to work on it, the lock stays
 *
 * So a sign-off takes four gestures of two people without starting the machine: trainer holds, student taps, trainer taps,
 * student taps. The trainer's tap in a session that has worked means leaving; there the hold begins the sign-off. Nothing
 * here knows who may do what: the question asks that, offline as online. A card that stays in a holder says only that it is
 * there: it begins teach mode, but sends nothing back and confirms nothing.
 */

import type { Code } from "#contract";
import type { Outcome, RequestKind } from "./access/types.ts";
import type { DialogueTimes } from "./defaults.ts";
import type { SayKey } from "./step.ts";

/** as many as one request carries */
const presentedMax = 3;

/** Somebody at the reader, as far as the card tells. `member` 0: not known here. */
export type Presenter = { readonly card: string; readonly member: number; readonly trains: boolean; readonly maintains: boolean };

/** What the reader belongs to, at this moment. */
export type Around = {
  /** what a tap by itself asks for */
  readonly wants: "enter" | "start";
  /** the reader is a holder, in which a card stays as long as it is used */
  readonly keepsCard: boolean;
  readonly session: {
    readonly session: string;
    readonly member: number;
    readonly supervisor: number | null;
    /** somebody who has to be there is missed */
    readonly misses: boolean;
    /** nothing has been done in it yet */
    readonly fresh: boolean;
    /** the question that renews it: the operator's card first, then those who are still there; null when no card opened it */
    readonly renewal: { readonly wants: RequestKind; readonly cards: readonly string[] } | null;
  } | null;
  /** broken by its own finding or by somebody's report; or locked for maintenance */
  readonly blocked: "broken" | "locked" | null;
  readonly times: DialogueTimes;
};

type Question = { readonly wants: RequestKind; readonly presented: readonly Presenter[] };
export type Window =
  | (Question & { readonly kind: "company" | "check"; readonly reason: Code })
  | { readonly kind: "handover"; readonly newcomer: Presenter; readonly owner: number }
  | { readonly kind: "student"; readonly trainer: Presenter }
  | { readonly kind: "sign_off"; readonly trainer: Presenter };
type SignOff = { readonly session: string; readonly member: number; readonly trainer: number; readonly atMono: number };

export type DialogueState = {
  readonly window: Window | null;
  /** when the window closes; nothing happens then but that later taps are taps of their own */
  readonly untilMono: number;
  readonly signedOff: SignOff | null;
};

export type DialogueEvent = { readonly nowMono: number } & (
  | ({ readonly kind: "tap" | "hold" | "confirm" } & Presenter)
  /** the verdict on a question this dialogue has asked; `checkDue`: a check was due when it was asked */
  | (Question & {
      readonly kind: "answered";
      readonly outcome: Exclude<Outcome, "ask">;
      readonly reason: Code;
      readonly checkDue: boolean;
    })
);

export type DialogueEffect =
  /** `alone`: one person's own tap, which may also mean to stop; with others it is a question and nothing else */
  | (Question & { readonly kind: "ask"; readonly acknowledged: boolean; readonly alone: boolean })
  | {
      readonly kind: "signed_off";
      readonly session: string;
      readonly member: number;
      readonly trainer: number;
      readonly undone: boolean;
    }
  | { readonly kind: "checked"; readonly member: number; readonly accepted: boolean }
  | { readonly kind: "reset"; readonly member: number }
  | { readonly kind: "say"; readonly key: SayKey };

type Step = readonly [DialogueState, readonly DialogueEffect[]];
type Shown = Extract<DialogueEvent, { kind: "tap" | "hold" | "confirm" }>;

export const initialDialogue: DialogueState = { window: null, untilMono: 0, signedOff: null };

export function stepDialogue(before: DialogueState, event: DialogueEvent, around: Around): Step {
  const state = before.window !== null && event.nowMono >= before.untilMono ? closed(before) : before;
  switch (event.kind) {
    case "tap":
      return tapped(state, event, around);
    case "hold":
      return held(state, event, around);
    case "confirm":
      return [state, confirmed(presenterOf(event), around)];
    case "answered":
      return answered(state, event, around);
  }
}

const closed = (state: DialogueState): DialogueState => ({ ...state, window: null });
const opened = (state: DialogueState, window: Window, untilMono: number): DialogueState => ({ ...state, window, untilMono });
const say = (key: SayKey): DialogueEffect => ({ kind: "say", key });
const ask = (wants: RequestKind, presented: readonly Presenter[], acknowledged = false): Extract<DialogueEffect, { kind: "ask" }> => ({
  kind: "ask",
  wants,
  presented,
  acknowledged,
  alone: presented.length === 1 && !acknowledged,
});
const toMaintain = (who: Presenter): DialogueEffect => ({ ...ask("maintain", [who]), alone: false });
const presenterOf = ({ card, member, trains, maintains }: Presenter): Presenter => ({ card, member, trains, maintains });

function tapped(state: DialogueState, event: Shown, around: Around): Step {
  const { window } = state;
  const who = presenterOf(event);
  const { session } = around;
  switch (window?.kind) {
    case "sign_off":
      if (session !== null && who.member === session.member) return signedOff(state, around, session, window.trainer.member, event.nowMono);
      if (who.card === window.trainer.card) return [state, [say("sign_off_student")]];
      break;
    case "student":
      if (who.member !== window.trainer.member) return [closed(state), [ask("teach", [who, window.trainer])]];
      return [closed(state), [ask(around.wants, [who])]];
    case "handover":
      if (who.member === window.owner) return [closed(state), [ask("handover", [window.newcomer, who])]];
      break;
    case "company":
      if (window.presented.some(({ card }) => card === who.card)) return [state, [say(window.reason)]];
      if (window.presented.length < presentedMax) return [state, [ask(window.wants, [...window.presented, who])]];
      break;
    case "check":
      if (who.card === window.presented[0]?.card) return [closed(state), [ask(window.wants, window.presented, true)]];
      break;
    case undefined:
      break;
  }
  if (session === null) return [state, [ask(around.wants, [who])]];
  if (session.fresh && who.trains && who.member === session.supervisor) return signingOff(state, around, who, event.nowMono);
  const { renewal } = session;
  if (session.misses && renewal !== null && who.member !== session.member && renewal.cards.length < presentedMax) {
    const there = renewal.cards.map((card): Presenter => ({ card, member: session.member, trains: false, maintains: false }));
    return [state, [ask(renewal.wants, [...there, who])]];
  }
  return [state, [ask(around.wants, [who])]];
}

function signingOff(state: DialogueState, { times }: Around, trainer: Presenter, nowMono: number): Step {
  return [opened(state, { kind: "sign_off", trainer }, nowMono + times.windowMs), [say("sign_off_student")]];
}

/** The pair of gestures once more within ten minutes takes it back: people err, and the trainer stands there. */
function signedOff(
  state: DialogueState,
  { times }: Around,
  session: NonNullable<Around["session"]>,
  trainer: number,
  nowMono: number,
): Step {
  const { member } = session;
  const last = state.signedOff;
  const takesBack = last !== null && last.member === member && last.trainer === trainer && nowMono - last.atMono <= times.undoMs;
  if (takesBack)
    return [
      { ...closed(state), signedOff: null },
      [{ kind: "signed_off", session: last.session, member, trainer, undone: true }, say("sign_off_undone")],
    ];
  const record: SignOff = { session: session.session, member, trainer, atMono: nowMono };
  return [
    { ...closed(state), signedOff: record },
    [{ kind: "signed_off", session: session.session, member, trainer, undone: false }, say("signed_off")],
  ];
}

function held(state: DialogueState, event: Shown, around: Around): Step {
  const { window } = state;
  const who = presenterOf(event);
  if (around.wants === "enter" || who.member === 0) return [state, []];
  if (window?.kind === "check" && who.card === window.presented[0]?.card && !around.keepsCard)
    return [closed(state), [{ kind: "checked", member: who.member, accepted: false }, say("sent_back")]];
  if (confirmed(who, around).length > 0) return [state, around.keepsCard ? [] : [say("keep_holding")]];
  if (!who.trains) return [state, []];
  if (around.session?.supervisor === who.member) return signingOff(state, around, who, event.nowMono);
  const until = event.nowMono + around.times.studentMs;
  return [opened(state, { kind: "student", trainer: who }, until), [say("teach_student")]];
}

/** What a hand on a blocked machine sets going has to be meant: ten seconds, not three (domain.md §4.6). */
function confirmed(who: Presenter, { wants, blocked, session }: Around): readonly DialogueEffect[] {
  if (wants === "enter" || who.member === 0 || !who.maintains) return [];
  if (blocked === "broken") return [{ kind: "reset", member: who.member }];
  return blocked === "locked" && session === null ? [toMaintain(who)] : [];
}

/** An answer that waits opens its window; an answer to the question of a window ends it, or leaves the rest of the time to others. */
function answered(state: DialogueState, event: Extract<DialogueEvent, { kind: "answered" }>, around: Around): Step {
  const { outcome, reason, wants, presented, nowMono } = event;
  const [first] = presented;
  if (first === undefined) return [state, []];
  if (outcome === "grant") {
    const accepted: readonly DialogueEffect[] = event.checkDue ? [{ kind: "checked", member: first.member, accepted: true }] : [];
    return [isOf(state.window, first) ? closed(state) : state, accepted];
  }
  if (presented.length > 1 && isOf(state.window, first)) return companyFailed(state, event, around);
  if (outcome !== "pending") return [state, []];
  if (reason === "FACTOR_REQUIRED") return [state, []]; // a PIN is waited for (pin-entry.ts), and nobody else
  const until = nowMono + around.times.windowMs;
  if (reason === "AWAIT_HANDOVER") {
    const owner = around.session?.member ?? 0;
    return owner === 0 ? [state, []] : [opened(state, { kind: "handover", newcomer: first, owner }, until), []];
  }
  return [opened(state, { kind: reason === "NEEDS_CHECK" ? "check" : "company", wants, presented, reason }, until), []];
}

const isOf = (window: Window | null, first: Presenter): boolean =>
  (window?.kind === "company" || window?.kind === "check") && window.presented[0]?.card === first.card;

/** The newcomer did not help: the first goes on waiting, and the newcomer asks for themselves unless it was the same person. */
function companyFailed(state: DialogueState, event: Extract<DialogueEvent, { kind: "answered" }>, around: Around): Step {
  const { window } = state;
  const { presented, reason, outcome, wants, nowMono } = event;
  const newcomer = presented.at(-1);
  if (window?.kind !== "company" || newcomer === undefined) return [state, []];
  const helped = outcome === "pending" && reason !== window.reason && presented.length < presentedMax;
  if (helped) return [opened(state, { kind: "company", wants, presented, reason }, nowMono + around.times.windowMs), []];
  if (newcomer.member !== 0 && newcomer.member === presented[0]?.member) return [state, []];
  return [state, [ask(around.wants, [newcomer])]];
}
