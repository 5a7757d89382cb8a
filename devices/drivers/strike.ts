/** An electric strike or magnetic lock: opened for a moment, locked otherwise. */
import type { OutputOutcome, OutputPort } from "./board-ports.ts";

export interface Strike {
  /** Releases the door for `openMs`; a second call starts the time again. The board's process ends the pulse by itself. */
  release(openMs: number): Promise<OutputOutcome>;
  /** Locks at once. */
  lock(): Promise<OutputOutcome>;
}

/** `output` is on while the door is released, whatever the lock does without power: that is wiring (`activeLow`) and hardware. */
export function createStrike(output: OutputPort): Strike {
  return {
    release: (openMs) => output.pulse(openMs),
    lock: () => output.write(false),
  };
}
