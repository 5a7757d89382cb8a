/** Key strokes of Linux as the fuzzer talks to them: what carries no mark of its own is found by what its parts may be. */
import { createInputEventParser } from "../../devices/drivers/input-event.ts";
import { event, keyEvents } from "../../simulators/hardware/wedge.ts";
import type { FuzzTarget } from "./parser-fuzz.ts";

export const inputEvents: FuzzTarget = {
  name: "input events",
  samples: [keyEvents("12\n"), keyEvents("A,"), event(5_000.5, 0, 3, 0)],
  bufferedMax: 23,
  pauseMs: 100,
  open() {
    const parser = createInputEventParser();
    let lastMs = 0;
    // The port forgets a part of an event when its device falls silent.
    const hear = (chunk: Uint8Array, atMs: number) => {
      if (atMs - lastMs > 100) parser.reset();
      lastMs = atMs;
      return parser.feed(chunk);
    };
    return {
      hear: (chunk, atMs) => void hear(chunk, atMs),
      buffered: () => parser.bufferedBytes(),
      good: (atMs) => hear(keyEvents("1\n"), atMs).filter(({ kind }) => kind === "key").length === 2,
    };
  },
};
