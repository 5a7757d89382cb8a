/** Plays short on/off patterns on an output, one at a time. Timing is the host's: good for eyes and ears, not for motors. */
import type { OutputPort } from "./board-ports.ts";

export interface PatternPlayer {
  /** Times in ms, on first, then off, and so on. `repeat` starts over until the next `play` or `stop`. */
  play(timesMs: readonly number[], repeat?: boolean): void;
  /** Ends the pattern and leaves the output like this. */
  stop(isOn: boolean): void;
}

const stepMsMin = 20;

export function createPatternPlayer(output: OutputPort): PatternPlayer {
  let stepTimer: NodeJS.Timeout | undefined;
  const step = (timesMs: readonly number[], at: number, repeat: boolean): void => {
    const stepMs = timesMs[at];
    if (stepMs === undefined) {
      if (repeat) step(timesMs, 0, repeat);
      else void output.write(false);
      return;
    }
    // A lamp that misses a beat while its board is away is no failure anybody can act on.
    void output.write(at % 2 === 0);
    stepTimer = setTimeout(() => step(timesMs, at + 1, repeat), stepMs);
  };
  return {
    play(timesMs, repeat = false) {
      if (timesMs.length === 0 || timesMs.some((stepMs) => !(stepMs >= stepMsMin))) {
        throw new RangeError(`a pattern has steps of at least ${stepMsMin} ms`);
      }
      clearTimeout(stepTimer);
      step(timesMs, 0, repeat);
    },
    stop(isOn) {
      clearTimeout(stepTimer);
      void output.write(isOn);
    },
  };
}
