/** Whoever stands at the machine while the terminal asks: told what to do, asked what only they can see. Prompts go to standard error. */
import type { World } from "./world.ts";

export type Person = {
  tell(text: string): void;
  /** y or n, asked again until it is one of them; null: nobody answered in time, or there is nobody */
  ask(question: string, limitMs: number): Promise<boolean | null>;
  /** any line; false: nobody answered in time */
  confirm(text: string, limitMs: number): Promise<boolean>;
  close(): void;
};

const linesMax = 100;
const yes = /^(y|yes|j|ja|jā)$/i;
const no = /^(n|no|nej|nei|nē)$/i;

export function personAt({ stdin, stderr, clock }: Pick<World, "stdin" | "stderr" | "clock">): Person {
  const lines: string[] = [];
  let waiting: ((line: string | null) => void) | null = null;
  let isOver = false;
  const input = stdin()[Symbol.asyncIterator]();
  const end = (): void => {
    isOver = true;
    waiting?.(null);
  };
  const read = async (): Promise<void> => {
    const text = new TextDecoder();
    let rest = "";
    for (let got = await input.next(); got.done !== true && !isOver; got = await input.next()) {
      const parts = (rest + text.decode(got.value, { stream: true })).split(/\r?\n/);
      rest = (parts.pop() ?? "").slice(-200);
      for (const line of parts) {
        if (waiting !== null) waiting(line);
        else if (lines.length < linesMax) lines.push(line);
      }
    }
    end();
  };
  read().catch(end);
  const next = (limitMs: number): Promise<string | null> => {
    const ready = lines.shift();
    if (ready !== undefined || isOver) return Promise.resolve(ready ?? null);
    return new Promise((resolve) => {
      const settle = (line: string | null): void => {
        cancel();
        waiting = null;
        resolve(line);
      };
      const cancel = clock.after("answer", limitMs, () => settle(null));
      waiting = settle;
    });
  };
  return {
    tell: (text) => stderr(`${text}\n`),
    async ask(question, limitMs) {
      for (let i = 0; i < 3; i += 1) {
        stderr(`${question} [y/n] `);
        const line = (await next(limitMs))?.trim();
        if (line === undefined) stderr("\n");
        if (line === undefined || yes.test(line)) return line === undefined ? null : true;
        if (no.test(line)) return false;
      }
      return null;
    },
    async confirm(text, limitMs) {
      stderr(`${text} [Enter] `);
      const line = await next(limitMs);
      if (line === null) stderr("\n");
      return line !== null;
    },
    close() {
      end();
      // a terminal that waits for a key would keep the program from ending
      void Promise.resolve(input.return?.()).catch(() => undefined);
    },
  };
}
