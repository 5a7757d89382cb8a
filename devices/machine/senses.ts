/** The machine's inputs become events of its interlock, on the node's loop. */
import type { InterlockEvent } from "#core";
import type { Runtime } from "../kit/runtime.ts";
import type { MachineHardware, Sense } from "./hardware.ts";

type Bare<E> = E extends { readonly nowMono: number } ? Omit<E, "nowMono"> : never;

export function listenToSenses(hardware: MachineHardware, runtime: Runtime, step: (event: Bare<InterlockEvent>) => void): void {
  const sense = (from: Sense | null, event: (on: boolean) => Bare<InterlockEvent>) =>
    from?.onChange((on) => runtime.input(() => on !== null && step(event(on))));
  sense(hardware.aux, (on) => ({ kind: "powered", on }));
  sense(hardware.safety, (open) => ({ kind: "safety", open, cause: "safety input" }));
  sense(hardware.bypass, (on) => ({ kind: "bypass", on }));
  sense(hardware.ancillary?.ready ?? null, (ready) => ({ kind: "ancillary", ready }));
  hardware.stopButton?.onPress(() => runtime.input(() => step({ kind: "stop_button" })));
  hardware.oopsButton?.onPress(() => runtime.input(() => step({ kind: "oops" })));
  hardware.controller?.onReport((job, tempC) => runtime.input(() => step({ kind: "controller", job, tempC })));
}
