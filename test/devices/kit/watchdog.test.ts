import { expect, test } from "vitest";
import { createMemoryFiles } from "../../../devices/kit/node-files.ts";
import { startWatchdog } from "../../../devices/kit/watchdog.ts";
import { keptLog, settled, virtualClock } from "./world.ts";

test("each restart in vain waits twice as long as the one before, up to 48 minutes; a word from the hub makes it 90 s again", async () => {
  const files = createMemoryFiles();
  /** One life of the process: how long until it asks for the next, in seconds. */
  const life = async (speaks = false): Promise<number> => {
    const clock = virtualClock();
    let isExpired = false;
    const given = { clock, log: keptLog(), files, limitMs: () => 90_000, isInUse: () => false };
    const watchdog = startWatchdog({ ...given, onExpired: () => (isExpired = true) });
    if (speaks) watchdog.noteExchange();
    while (!isExpired && clock.monoMs() < 7_200_000) {
      clock.advance(5000);
      await settled();
    }
    return clock.monoMs() / 1000;
  };
  const waits: number[] = [];
  for (let i = 0; i < 7; i += 1) waits.push(await life());
  expect(waits).toEqual([90, 180, 360, 720, 1440, 2880, 2880]);
  expect(await life(true)).toBe(90);
  expect(await life()).toBe(180);
});
