/** The words of the guided wiring test: what each line asks for, and what to look at where it is not as it should be. */
import type { WiringCheck, WiringLine } from "#core";

type Words = {
  /** short name of the line */
  readonly name: string;
  /** what the person does, or is asked */
  readonly ask: string;
  /** where to look when it is wrong */
  readonly hint: string;
};

const words: Readonly<Record<WiringCheck, Words>> = {
  emergency_stop: {
    name: "emergency stop",
    ask: "Does the machine have its own emergency stop, and does it stop the machine without this node?",
    hint: "This node is no safety device: fit an emergency stop of the machine's own before anybody uses it.",
  },
  no_volt_release: {
    name: "no-volt release",
    ask: "After a power cut, does the machine stay off until somebody presses its own start?",
    hint: "Fit a no-volt release contactor: a machine that starts by itself when power returns can hurt (EN 60204-1, 7.5).",
  },
  guards: {
    name: "guards",
    ask: "Do guards, lid switches and interlocks work with this node unplugged?",
    hint: "Guards must act on the machine directly; wire this node in series before it, never in their place.",
  },
  fail_state: {
    name: "failure",
    ask: "Is it right that the machine loses its permit when the node or its cable fails?",
    hint: "If switching off is the greater danger, set the cut hazard (koprade policy set) and use a latching permit.",
  },
  reader: {
    name: "card reader",
    ask: "Tap any card at the reader.",
    hint: "Check the reader's power, its TX wire, and its port in node.yaml (ls -l /dev/serial/by-id).",
  },
  rest: {
    name: "off at rest",
    ask: "Looking at it while it is off.",
    hint: "The output is on where it should be off: check activeLow in node.yaml and that the contactor's NO contacts are used.",
  },
  permit: {
    name: "permit",
    ask: "Did the relay or contactor click in?",
    hint: "Check the relay's pin and supply; with an auxiliary contact, that it is on the contactor and its activeWhen is right.",
  },
  draws: {
    name: "current",
    ask: "Start the machine and let it run.",
    hint: "The meter must be on this machine's own circuit, after the contactor, with its clamp around one conductor only.",
  },
  stops: {
    name: "off again",
    ask: "The permit is taken away now.",
    hint: "It is still powered: a welded contactor, or a machine wired past it. Do not use it before that is found.",
  },
  strike: {
    name: "strike",
    ask: "Did the strike let go, and could the door be opened?",
    hint: "Check the strike's pin, its own supply and its diode; a fail-secure strike needs power to open.",
  },
  contact: {
    name: "door contact",
    ask: "Open the door and close it again.",
    hint: "Check the magnet's distance (under 10 mm), the contact's pin, and its activeWhen in node.yaml.",
  },
  exit_button: {
    name: "exit button",
    ask: "Press the exit button.",
    hint: "Check the button's pin. It must open the door by wire as well, without this node.",
  },
  cable: {
    name: "cable pulled",
    ask: "Pull the board's USB cable.",
    hint: "The output must fall with the board: use a relay that needs power to be on, and our firmware's safe levels.",
  },
  back: {
    name: "cable back",
    ask: "Plug the board's USB cable in again.",
    hint: "The board must come back by itself, with its output off: use /dev/serial/by-id/… as its port.",
  },
};

export const wiringWords = {
  of: (check: WiringCheck): Words => words[check],
  /** `✓ permit: the contact closed`; a wrong or untried line with what to look at */
  line: ({ check, ok, found }: WiringLine): string => {
    const { name, hint } = words[check];
    const mark = ok === null ? "–" : ok ? "✓" : "✕";
    return `${mark} ${name}: ${found}${ok === true ? "" : ` → ${hint}`}`;
  },
};
