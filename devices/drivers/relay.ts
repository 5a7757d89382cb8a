/** A relay or contactor that permits a machine to run. It permits; the person at the machine starts it. */
import type { InputPort, OutputOutcome, OutputPort } from "./board-ports.ts";

/** `stuck`: the auxiliary contact disagrees with the command, for example a welded contactor. */
export type RelayProof = "on" | "off" | "stuck" | "unknown";

export interface Relay {
  permit(): Promise<OutputOutcome>;
  cut(): Promise<OutputOutcome>;
  /** What the auxiliary contact shows; `unknown` without one, without a board, and before the first command. */
  proof(): RelayProof;
}

export interface RelayOptions {
  readonly output: OutputPort;
  /** A contact that moves with the relay. */
  readonly auxiliary?: { readonly input: InputPort; readonly onWhen: "high" | "low" };
}

export function createRelay({ output, auxiliary }: RelayOptions): Relay {
  let applied: boolean | undefined;
  const write = async (isOn: boolean): Promise<OutputOutcome> => {
    applied = undefined;
    const outcome = await output.write(isOn);
    if (outcome.kind === "applied") applied = isOn;
    return outcome;
  };
  return {
    permit: () => write(true),
    cut: () => write(false),
    proof() {
      const level = auxiliary?.input.level();
      if (auxiliary === undefined || level === undefined || applied === undefined) return "unknown";
      const isOn = level === auxiliary.onWhen;
      if (isOn !== applied) return "stuck";
      return isOn ? "on" : "off";
    },
  };
}
