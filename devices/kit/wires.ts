/**
 * Drivers speak in promises and levels, nodes in callbacks and yes, no, unknown. These adapters stand between; they know the
 * shape of a driver, never a driver.
 */
import type { Heartbeat } from "#contract";
import type { Drive } from "./output-gate.ts";
import type { Log } from "./ports.ts";

type Outcome = { readonly kind: "applied" } | { readonly kind: "failed"; readonly why: string };
type ContactLike = {
  state(): "active" | "idle" | "unknown";
  onChange(listener: (state: "active" | "idle" | "unknown") => void): unknown;
};
type Care = {
  readonly firmware: string | null;
  readonly resetCause: "power-on" | "external" | "brown-out" | "watchdog" | "unknown" | null;
  readonly boots: number | null;
  readonly recentStarts: number;
};
type BoardLike = {
  care(): Care;
  state(): { readonly kind: "starting" | "ready" | "lost" };
  onState(listener: (state: { readonly kind: "starting" | "ready" } | { readonly kind: "lost"; readonly why: string }) => void): unknown;
};

/** Tells `done` what became of a command, once. */
export function settle(outcome: Promise<Outcome>, done: (failure: string | null) => void): void {
  outcome.then(
    (result) => done(result.kind === "applied" ? null : result.why),
    (error: unknown) => done(error instanceof Error ? error.message : String(error)),
  );
}

/** An output that is written on and off. */
export function driveOf(write: (on: boolean) => Promise<Outcome>): Drive {
  return (on, done) => settle(write(on), done);
}

/** A contact as on, off or unknown. */
export function senseOf(contact: ContactLike) {
  const known = (state: "active" | "idle" | "unknown") => (state === "unknown" ? null : state === "active");
  return {
    read: () => known(contact.state()),
    onChange: (listener: (on: boolean | null) => void) => void contact.onChange((state) => listener(known(state))),
  };
}

/** A button: only the moment of pressing counts. */
export function buttonOf(contact: ContactLike) {
  return { onPress: (listener: () => void) => void contact.onChange((state) => state === "active" && listener()) };
}

export type BoardWire = {
  state(): "ready" | "opening" | "lost";
  /** what it has said of itself; absent where nothing can be known */
  care?(): Care;
  onState(listener: (state: "ready" | "lost", why: string) => void): void;
};
export function boardOf(board: BoardLike, log: Log): BoardWire {
  const lookForStorm = stormWatch(() => board.care(), log);
  board.onState(lookForStorm);
  return {
    care: () => board.care(),
    state() {
      const { kind } = board.state();
      return kind === "starting" ? "opening" : kind;
    },
    onState(listener) {
      board.onState((state) => {
        if (state.kind === "ready") listener("ready", "");
        else if (state.kind === "lost") listener("lost", state.why);
      });
    },
  };
}

/** The boards of a node for its heartbeat: their state, and why and how often they started. */
export function boardsOf(board: BoardWire | null): Heartbeat["boards"] {
  if (board === null) return [];
  const { firmware, resetCause, boots, recentStarts = 0 } = board.care?.() ?? {};
  return [
    {
      board: "main",
      state: board.state(),
      ...(firmware == null ? {} : { firmware: firmware.slice(0, 40) }),
      ...(resetCause == null ? {} : { resetCause }),
      ...(boots == null ? {} : { boots, recentStarts }),
    },
  ];
}

/** Starts within ten minutes that no board makes by accident. */
const stormStarts = 5;

/** Says once that a board goes on restarting, and again only after it has been quiet. */
function stormWatch(care: () => Care, log: Log): () => void {
  let isStorm = false;
  return () => {
    const { recentStarts, resetCause } = care();
    const was = isStorm;
    isStorm = recentStarts >= stormStarts;
    if (isStorm && !was)
      log.error({ recentStarts, resetCause }, "the board restarts again and again: look at its supply, cable and firmware");
  };
}
