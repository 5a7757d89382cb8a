/** A switch that people or doors move: door contact, exit button, emergency stop feedback. Debouncing is the board's. */
import type { InputLevel, InputPort } from "./board-ports.ts";
import type { Unsubscribe } from "./byte-line.ts";

/** `unknown`: the board is not there. A cut wire looks like one of the other two: choose the wiring so that it is the safe one. */
export type ContactState = "active" | "idle" | "unknown";

export interface Contact {
  state(): ContactState;
  onChange(listener: (state: ContactState) => void): Unsubscribe;
}

/** `activeWhen`: the level that means "door closed" or "button pressed". With a pull-up and a switch to ground it is low. */
export function createContact(input: InputPort, activeWhen: "high" | "low"): Contact {
  const stateOf = (level: InputLevel): ContactState => {
    if (level === undefined) return "unknown";
    return level === activeWhen ? "active" : "idle";
  };
  return {
    state: () => stateOf(input.level()),
    onChange: (listener) => input.onChange((level) => listener(stateOf(level))),
  };
}
