/** The last word of a device on its power: parts come alone (power now, energy a minute later), and what was not said has not changed. */
import type { Sense } from "../hosted/family.ts";

export type PowerWord = {
  readonly powerW: number | null;
  readonly voltageV: number | null;
  /** when power was said last */
  readonly atMono: number;
};

export function withSaid(before: PowerWord, sense: Extract<Sense, { kind: "power" }>, nowMono: number): PowerWord {
  return {
    powerW: sense.powerW === undefined ? before.powerW : sense.powerW,
    voltageV: sense.voltageV === undefined ? before.voltageV : sense.voltageV,
    atMono: sense.powerW === undefined ? before.atMono : nowMono,
  };
}
