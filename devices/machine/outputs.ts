/**
 * The wires that energise: the permit (held relay, or START and STOP buttons), the ancillary and the accessories. On waits for the record, off
 * waits for nothing. A held permit falls with its board and is not given back (I1); a latched contactor is left alone.
 */
import type { Node } from "../kit/node.ts";
import { createOutputGate, durableLimitMs } from "../kit/output-gate.ts";
import type { Log } from "../kit/ports.ts";
import type { MachineHardware } from "./hardware.ts";

export type Outputs = {
  relay(on: boolean): void;
  ancillary(on: boolean): void;
  accessory(name: string, on: boolean): void;
  /** `session`: whose START it is; another session by the time the record is durable, and nothing is pressed */
  press(button: "start" | "stop", session: string | null): void;
  /** everything that may be off, off: at start and end of the process, and when the board came back */
  allOff(): void;
  /** the board is gone */
  fallen(): void;
  isRelayOn(): boolean;
  isActive(): boolean;
};

export type OutputsGiven = {
  readonly node: Node;
  readonly hardware: Pick<MachineHardware, "permit" | "ancillary" | "accessories">;
  readonly log: Log;
  readonly currentSession: () => string | null;
  readonly onRelay: (on: boolean) => void;
  /** granted, recorded or not, but the machine did not get its permit */
  readonly onRefused: (why: string) => void;
};

export function createOutputs(given: OutputsGiven): Outputs {
  const { node, log } = given;
  const { outbox, runtime } = node;
  const { permit, ancillary } = given.hardware;
  const relayGate = createOutputGate({
    name: "permit",
    outbox,
    runtime,
    drive: (on, done) => (permit.kind === "hold" ? permit.set(on, done) : done(null)),
    onChange: given.onRelay,
    onRefused: given.onRefused,
  });
  const ancillaryGate = createOutputGate({
    name: "ancillary",
    outbox,
    runtime,
    drive: (on, done) => (ancillary === null ? done(null) : ancillary.set(on, done)),
    onChange: () => {},
    onRefused: (why) => log.error({ cause: why }, "the ancillary was not switched on"),
  });
  const accessoryGates = new Map(
    Object.entries(given.hardware.accessories).map(([name, drive]) => [
      name,
      createOutputGate({
        name: `accessory ${name}`,
        outbox,
        runtime,
        drive,
        onChange: () => {},
        onRefused: (why) => log.error({ accessory: name, cause: why }, "the accessory was not switched on"),
      }),
    ]),
  );
  const startButton = createStartButton(given);
  return {
    relay: (on) => relayGate.set(on),
    ancillary: (on) => ancillaryGate.set(on),
    accessory: (name, on) => accessoryGates.get(name)?.set(on),
    press(button, session) {
      if (permit.kind !== "pulse") return;
      if (button === "start") startButton.press(session);
      else {
        startButton.forget();
        permit.press("stop", (failure) => failure !== null && log.error({ cause: failure }, "STOP could not be pressed"));
      }
    },
    allOff() {
      if (permit.kind === "hold") relayGate.set(false);
      ancillaryGate.set(false);
      for (const gate of accessoryGates.values()) gate.set(false);
    },
    fallen() {
      if (permit.kind === "hold") relayGate.noteFallen();
      ancillaryGate.noteFallen();
      for (const gate of accessoryGates.values()) gate.noteFallen();
    },
    isRelayOn: () => relayGate.isOn(),
    isActive: () => relayGate.isOn() || ancillaryGate.isOn() || startButton.isPressing(),
  };
}

/** START of a latching machine: pressed when the record of the grant is on the disk, for the session that still wants it then. */
function createStartButton({ node, hardware, currentSession, onRefused }: OutputsGiven) {
  const { outbox, runtime } = node;
  const { permit } = hardware;
  let isPressing = false;
  return {
    isPressing: () => isPressing,
    forget() {
      isPressing = false;
    },
    press(session: string | null) {
      isPressing = true;
      outbox.whenDurable(durableLimitMs, (isDurable) =>
        runtime.input(() => {
          const isWanted = isPressing && currentSession() === session;
          isPressing = false;
          if (!isWanted || permit.kind !== "pulse") return;
          if (!isDurable) onRefused("the record of the grant could not be written in time");
          else permit.press("start", (failure) => failure !== null && runtime.input(() => onRefused(failure)));
        }),
      );
    },
  };
}
