/** `koprade` in the test's own process with a person at it, who answers each prompt as it appears, with hands and with keys. */
import type { World } from "../../hub/cli/world.ts";
import { runCli } from "../../hub/cli.ts";
import { systemClock } from "../../hub/system.ts";

/** What is typed at a prompt that matches; null: only the hands do something. */
export type Answers = readonly (readonly [prompt: RegExp, answer: () => string | null | Promise<string | null>])[];
export type PersonTerminal = { run(...words: string[]): Promise<number>; shown(): string; out(): string };

/** @param aheadMs  how far ahead this terminal's clock is */
export function personTerminal(dir: string, answers: Answers = [], aheadMs = 0): PersonTerminal {
  const keys: string[] = [];
  let wake: () => void = () => undefined;
  let shown = "";
  let out = "";
  const answer = async (text: string): Promise<void> => {
    const line = (await answers.find(([prompt]) => prompt.test(text))?.[1]()) ?? null;
    if (line !== null) keys.push(`${line}\n`);
    wake();
  };
  const world: World = {
    stdout(text) {
      out += text;
    },
    stderr(text) {
      shown += text;
      void answer(text);
    },
    async *stdin() {
      for (;;) {
        const key = keys.shift();
        if (key !== undefined) yield Buffer.from(key);
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
    ...{ env: { USER: "kim" }, cwd: dir, isTty: false, clock: { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs } },
    startHub: async () => 1,
    startDemo: async () => 1,
    runNode: async () => 1,
  };
  return { run: (...words) => runCli([...words, "--data", dir], world), shown: () => shown, out: () => out };
}
