/**
 * The physical side of one door and one machine: leaf, latch, contactor, load. They see only electrical levels, as wires do;
 * what drives those levels (an emulated chip, a simple board, a node in virtual time) is plugged in from outside.
 */
import type { Load } from "./loads.ts";

/** Level of a pin as the outside sees it: driven high, driven low, or let go. */
export type Level = 0 | 1 | "z";
/** A board's pins. Inputs are pulled up: `setInput(pin, 0)` closes the contact to ground. */
export type Pins = {
  level(pin: number): Level;
  onChange(watch: (pin: number, level: Level) => void): void;
  setInput(pin: number, level: 0 | 1): void;
};

export type DoorWires = { readonly strikePin: number; readonly contactPin: number; readonly exitPin: number };

export type SimulatedDoor = {
  isUnlocked(): boolean;
  isOpen(): boolean;
  /** true when the leaf gives way */
  pull(): boolean;
  /** the leaf gives way whatever the lock says: a crowbar, or a hand that had it unlatched already */
  force(): void;
  close(): void;
  pressExit(): void;
};

/** A door with a strike (high = released), a contact that is closed while the leaf is shut, and an exit button. */
export function simulateDoor(given: { pins: Pins; wires: DoorWires; after: (delayMs: number, run: () => void) => void }): SimulatedDoor {
  const { pins, wires, after } = given;
  let open = false;
  /** Somebody turned the inside handle: the latch is free for a moment, by mechanics alone (I7). */
  let handleFree = false;
  pins.setInput(wires.contactPin, 0);
  pins.setInput(wires.exitPin, 1);
  const isUnlocked = (): boolean => pins.level(wires.strikePin) === 1;
  const swing = (): void => {
    open = true;
    pins.setInput(wires.contactPin, 1);
  };
  return {
    isUnlocked,
    isOpen: () => open,
    pull() {
      if (!open && !isUnlocked() && !handleFree) return false;
      swing();
      return true;
    },
    force: () => swing(),
    close() {
      open = false;
      pins.setInput(wires.contactPin, 0);
    },
    pressExit() {
      handleFree = true;
      pins.setInput(wires.exitPin, 0);
      after(400, () => pins.setInput(wires.exitPin, 1));
      after(6000, () => {
        handleFree = false;
      });
    },
  };
}

export type MachineWires = { readonly relayPin: number; readonly auxPin: number };

export type SimulatedMachine = {
  isPermitted(): boolean;
  isPowered(): boolean;
  isWorking(): boolean;
  /** the key switch closes the permit beside the relay */
  turnKey(on: boolean): void;
  pressStart(): boolean;
  pressStop(): void;
  work(working: boolean): void;
  powerW(): number;
};

/**
 * A machine behind a no-volt-release contactor: the node's relay permits, the green button pulls in, the relay's fall or the
 * red button drops it. The auxiliary contact is closed (low) while the contactor is in.
 */
export function simulateMachine(given: {
  pins: Pins;
  wires: MachineWires;
  load: Load;
  nowMs: () => number;
  onPower?: (on: boolean) => void;
}): SimulatedMachine {
  const { pins, wires, load, nowMs, onPower = () => undefined } = given;
  let powered = false;
  let isKeyOn = false;
  const isPermitted = (): boolean => pins.level(wires.relayPin) === 1;
  const power = (on: boolean): void => {
    if (powered === on) return;
    powered = on;
    pins.setInput(wires.auxPin, on ? 0 : 1);
    load.set(on ? "standby" : "off", nowMs());
    onPower(on);
  };
  pins.setInput(wires.auxPin, 1);
  pins.onChange((pin) => {
    if (pin === wires.relayPin && !isPermitted() && !isKeyOn) power(false);
  });
  return {
    isPermitted,
    isPowered: () => powered,
    isWorking: () => load.activity() === "working",
    turnKey(on) {
      isKeyOn = on;
      if (!on && !isPermitted()) power(false);
    },
    pressStart() {
      if (isPermitted() || isKeyOn) power(true);
      return powered;
    },
    pressStop: () => power(false),
    work(working) {
      if (powered) load.set(working ? "working" : "standby", nowMs());
    },
    powerW: () => load.powerW(nowMs()),
  };
}
