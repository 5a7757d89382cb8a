/** A lamp that tells people what the node thinks: off, on, blinking slowly (attention) or fast (refused, fault). */
import type { OutputPort } from "./board-ports.ts";
import { createPatternPlayer } from "./pattern.ts";

export type LampSign = "off" | "on" | "slow" | "fast";

export interface Lamp {
  show(sign: LampSign): void;
}

const blinks = { slow: [500, 500], fast: [125, 125] } as const;

export function createLamp(output: OutputPort): Lamp {
  const player = createPatternPlayer(output);
  let shown: LampSign | undefined;
  return {
    show(sign) {
      // A blink that is shown already keeps its rhythm; steady signs are written again, as the board may have restarted.
      if (sign === "slow" || sign === "fast") {
        if (shown !== sign) player.play(blinks[sign], true);
      } else player.stop(sign === "on");
      shown = sign;
    },
  };
}
