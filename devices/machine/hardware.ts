/** A machine's wires as its node sees them. Real drivers are bound in `main.ts`; a simulation brings its own. */
import type { JobState } from "#contract";
import type { BeepPattern, InterlockKind, SayKey } from "#core";
import type { Drive } from "../kit/output-gate.ts";
import type { CardReader } from "../kit/reader-channel.ts";
import type { IdleFacts } from "../kit/screen.ts";
import type { BoardWire } from "../kit/wires.ts";

/** An input that is on, off, or unknown while its board is away. */
export type Sense = { read(): boolean | null; onChange(listener: (on: boolean | null) => void): void };

export type MeterReading = {
  readonly powerW: number;
  readonly energyWh: number | null;
  readonly voltageV: number | null;
  /** the power is estimated and may be off by so many percent; absent when it was measured */
  readonly uncertainPct?: number;
};

/** How the permit reaches the machine (domain.md §4.2). */
export type PermitWire =
  | { readonly kind: "hold"; readonly set: Drive }
  /** START and STOP buttons of a contactor that seals itself in; a press ends by itself */
  | { readonly kind: "pulse"; readonly press: (button: "start" | "stop", done: (failure: string | null) => void) => void };

export type MachineHardware = {
  readonly reader: CardReader;
  readonly permit: PermitWire;
  /** auxiliary contact or voltage input; null when the machine has none */
  readonly aux: Sense | null;
  /** answers within a second, null when the meter said nothing */
  readonly meter: { read(): Promise<MeterReading | null> } | null;
  readonly ancillary: { readonly set: Drive; readonly ready: Sense | null } | null;
  /** parts with an output of their own, by the names the policy knows them under */
  readonly accessories: Readonly<Record<string, Drive>>;
  /** the machine's own controller tells its job, and its temperature or null */
  readonly controller: { onReport(listener: (job: JobState, tempC: number | null) => void): void } | null;
  readonly stopButton: { onPress(listener: () => void): void } | null;
  readonly oopsButton: { onPress(listener: () => void): void } | null;
  /** on = the safety circuit is open */
  readonly safety: Sense | null;
  /** on = the key switch bypasses the node */
  readonly bypass: Sense | null;
  readonly signs: {
    say(key: SayKey): void;
    /** a card is seen and is being asked */
    checking?(): void;
    /** name and state, for a display while nobody is told anything */
    idle?(facts: IdleFacts): void;
    beep(pattern: BeepPattern): void;
    lamp(state: InterlockKind): void;
  };
  readonly board: BoardWire | null;
  close(): void | Promise<void>;
};
