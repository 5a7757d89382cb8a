/** Raw reads become presences, presences become gestures (domain.md §4.6). Cards are opaque text here. */
import type { Deadlines } from "./step.ts";

export type ReaderConfig = {
  /** a presence ends after this long without a read */
  readonly lostMs: number;
  /** absence before the same card counts again */
  readonly sameCardMs: number;
  readonly holdMs: number;
  /** a hold this long confirms what a maintainer wants; a holder keeps its card anyway, so none is told there */
  readonly confirmMs: number;
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
  /** what was told of it last; nothing comes after `confirm` */
  readonly told: "tap" | "hold" | "confirm";
};
export type ReaderState = {
  readonly startedMono: number;
  readonly present: readonly Presence[];
  /** cards seen lately: when they left, and when their presence had begun */
  readonly gone: readonly Presence[];
  readonly presences: number;
  /** when several cards last answered at once */
  readonly collisionMono: number | null;
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
  | { readonly kind: "confirm"; readonly card: string; readonly presence: number; readonly atMono: number }
  | { readonly kind: "double"; readonly card: string; readonly presence: number; readonly atMono: number }
  | { readonly kind: "removed"; readonly card: string; readonly presence: number; readonly atMono: number }
  | { readonly kind: "one_at_a_time"; readonly atMono: number };

export function initialReader(nowMono: number): ReaderState {
  return { startedMono: nowMono, present: [], gone: [], presences: 0, collisionMono: null, deadlines: {} };
}

type Step = readonly [ReaderState, readonly Gesture[]];

/** One read, one collision, or the passing of time. Rubbish frames change nothing: the previous card is never used again for them. */
export function stepReader(state: ReaderState, event: ReaderEvent, config: ReaderConfig): Step {
  const [timed, gestures] = passTime(state, event.nowMono, config);
  const [next, more] = answer(timed, event, config);
  return [{ ...next, deadlines: wake(next, config) }, [...gestures, ...more]];
}

function answer(state: ReaderState, event: ReaderEvent, config: ReaderConfig): Step {
  const { nowMono } = event;
  switch (event.kind) {
    case "tick":
    case "unreadable":
      return [state, []];
    case "collision":
      return [{ ...state, collisionMono: nowMono }, state.collisionMono !== null ? [] : [{ kind: "one_at_a_time", atMono: nowMono }]];
    case "read": {
      const known = state.present.find((presence) => presence.card === event.card);
      if (known === undefined) return arrives({ ...state, collisionMono: null }, event.card, nowMono, config);
      // only a read proves that the card is still there, so a hold is said at a read
      const kind = heldAs(known, nowMono, config);
      const seen: Presence = { ...known, lastMono: nowMono, told: kind ?? known.told };
      const next: ReaderState = { ...state, collisionMono: null, present: replace(state.present, seen) };
      return [next, kind === null ? [] : [{ kind, card: event.card, presence: known.presence, atMono: nowMono }]];
    }
  }
}

function heldAs({ told, startedMono }: Presence, nowMono: number, config: ReaderConfig): "hold" | "confirm" | null {
  const heldMs = nowMono - startedMono;
  if (told === "tap" && heldMs >= config.holdMs) return "hold";
  return told === "hold" && heldMs >= config.confirmMs && !config.insert ? "confirm" : null;
}

const replace = (present: readonly Presence[], next: Presence): readonly Presence[] =>
  present.map((one) => (one.card === next.card ? next : one));

/** A card that was not there: a tap at once, unless it lay there before we started, or bounced. */
function arrives(state: ReaderState, card: string, nowMono: number, config: ReaderConfig): Step {
  const earlier = state.gone.find((one) => one.card === card);
  const gone = state.gone.filter((one) => one.card !== card);
  if (earlier !== undefined && nowMono - earlier.lastMono < Math.max(config.sameCardMs, config.insert ? config.removalMs : 0)) {
    const back: Presence = {
      card,
      presence: earlier.presence,
      startedMono: earlier.startedMono,
      lastMono: nowMono,
      beforeBoot: earlier.beforeBoot,
      told: "confirm",
    };
    return [{ ...state, gone, present: [...state.present, back] }, []];
  }
  const beforeBoot = nowMono - state.startedMono < config.beforeBootMs;
  const presence: Presence = {
    card,
    presence: state.presences + 1,
    startedMono: nowMono,
    lastMono: nowMono,
    beforeBoot,
    told: beforeBoot ? "confirm" : "tap",
  };
  const next: ReaderState = { ...state, gone, presences: presence.presence, present: [...state.present, presence] };
  if (beforeBoot) return [next, []];
  const tap = { card, presence: presence.presence, atMono: nowMono } as const;
  const second = earlier !== undefined && nowMono - earlier.startedMono <= config.doubleMs + config.lostMs;
  return [
    next,
    second
      ? [
          { kind: "tap", ...tap },
          { kind: "double", ...tap },
        ]
      : [{ kind: "tap", ...tap }],
  ];
}

function passTime(state: ReaderState, nowMono: number, config: ReaderConfig): Step {
  const gestures: Gesture[] = [];
  const present: Presence[] = [];
  const gone = [...state.gone];
  for (const one of state.present) {
    const left = nowMono - one.lastMono >= config.lostMs;
    if (left) gone.push(one);
    else present.push(one);
  }
  const remembered = gone.filter((one) => {
    const removed = config.insert && !one.beforeBoot && nowMono - one.lastMono >= config.removalMs;
    if (removed) gestures.push({ kind: "removed", card: one.card, presence: one.presence, atMono: one.lastMono });
    return !removed && nowMono - one.lastMono < Math.max(config.sameCardMs, config.doubleMs, config.insert ? config.removalMs : 0);
  });
  const collisionMono = state.collisionMono !== null && nowMono - state.collisionMono < config.lostMs ? state.collisionMono : null;
  return [{ ...state, present, gone: remembered, collisionMono }, gestures];
}

/** When to look again although no card speaks: a card left, a removal is certain. */
function wake(state: ReaderState, config: ReaderConfig): Deadlines<"next"> {
  const times = state.present.map((one) => one.lastMono + config.lostMs);
  if (config.insert) times.push(...state.gone.filter((one) => !one.beforeBoot).map((one) => one.lastMono + config.removalMs));
  return times.length === 0 ? {} : { next: Math.min(...times) };
}
