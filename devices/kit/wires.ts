/**
 * Drivers speak in promises and levels, nodes in callbacks and yes, no, unknown. These adapters stand between; they know the
 * shape of a driver, never a driver.
 */
import type { Drive } from "./output-gate.ts";

type Outcome = { readonly kind: "applied" } | { readonly kind: "failed"; readonly why: string };
type ContactLike = {
  state(): "active" | "idle" | "unknown";
  onChange(listener: (state: "active" | "idle" | "unknown") => void): unknown;
};
type BoardLike = {
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

export type BoardWire = { state(): "ready" | "opening" | "lost"; onState(listener: (state: "ready" | "lost", why: string) => void): void };
export function boardOf(board: BoardLike): BoardWire {
  return {
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
