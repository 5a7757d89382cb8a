/** An active buzzer: one short for yes, two for no, three long for attention, five short for haste, rising pairs for an alarm. */
import type { OutputPort } from "./board-ports.ts";
import { createPatternPlayer } from "./pattern.ts";

export type BeepSign = "seen" | "granted" | "refused" | "attention" | "hurry" | "alarm" | "silent";

export interface Beeper {
  beep(sign: BeepSign): void;
}

const beeps = {
  seen: [20],
  granted: [80],
  refused: [80, 80, 80],
  attention: [400, 200, 400, 200, 400],
  hurry: [100, 100, 100, 100, 100, 100, 100, 100, 100],
  alarm: [150, 80, 600, 200, 150, 80, 600, 200, 150, 80, 600],
} as const;

export function createBeeper(output: OutputPort): Beeper {
  const player = createPatternPlayer(output);
  return {
    beep(sign) {
      if (sign === "silent") player.stop(false);
      else player.play(beeps[sign]);
    },
  };
}
