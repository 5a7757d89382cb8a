/** A terminal in the test's own process, on the data folder of a hub that runs beside it. */
import type { World } from "../../hub/cli/world.ts";
import { runCli } from "../../hub/cli.ts";
import { systemClock } from "../../hub/system.ts";

/** A terminal beside the hub; its clock runs ahead when told to. */
export function terminalOn(dir: string): { readonly said: string[]; hurry(): void; run(...words: string[]): Promise<number> } {
  const said: string[] = [];
  let aheadMs = 0;
  let isHurried = false;
  const world: World = {
    stdout: (text) => void said.push(text),
    stderr: (text) => void said.push(text),
    async *stdin() {},
    env: { USER: "kim" },
    cwd: dir,
    isTty: false,
    clock: {
      ...systemClock,
      monoMs: () => systemClock.monoMs() + aheadMs,
      after(name, delayMs, run) {
        if (isHurried) aheadMs += 10 * delayMs;
        return systemClock.after(name, delayMs / 10, run);
      },
    },
    startHub: async () => 1,
    startDemo: async () => 1,
    runNode: async () => 1,
  };
  return {
    said,
    hurry() {
      isHurried = true;
    },
    run: (...words) => runCli([...words, "--data", dir], world),
  };
}
