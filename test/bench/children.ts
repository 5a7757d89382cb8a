/** Programs under measurement, each a process of its own, asked over IPC: `ask("cpu")` gives microseconds of CPU so far. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { runtime } from "../support/runtime.ts";

export type Child = {
  /** what the program said when it was ready */
  readonly ready: Record<string, unknown>;
  ask(question: string): Promise<number>;
  stop(): Promise<void>;
};

const readyLimitMs = 60_000;

export async function startChild(file: string, args: readonly string[], env: Record<string, string> = {}): Promise<Child> {
  const child = fork(new URL(file, import.meta.url), args, {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    // Floors and ours alike run as `koprade` starts its own runtime.
    execArgv: runtime.flags,
    env: { ...process.env, ...runtime.environment, ...env },
  });
  const ready = await nextMessage(child, file, "ready", readyLimitMs);
  return {
    ready,
    async ask(question) {
      const answer = nextMessage(child, file, question, 10_000);
      child.send({ question });
      const { value } = await answer;
      if (typeof value !== "number") throw new Error(`bench: no number for ${question}`);
      return value;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

function nextMessage(child: ChildProcess, file: string, kind: string, limitMs: number): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, message?: Record<string, unknown>): void => {
      clearTimeout(timer);
      child.off("message", look);
      child.off("exit", died);
      if (error !== null) reject(error);
      else resolve(message ?? {});
    };
    const look = (message: unknown): void => {
      if (typeof message === "object" && message !== null && "kind" in message && message.kind === kind)
        done(null, message as Record<string, unknown>);
    };
    const died = (): void => done(new Error(`bench: ${file} ended before it said ${kind}`));
    const timer = setTimeout(() => done(new Error(`bench: ${file} did not say ${kind} in ${limitMs} ms`)), limitMs);
    child.on("message", look);
    child.on("exit", died);
  });
}

/** For the programs: answers the questions that every one understands, and its own. */
export function answerQuestions(own: Record<string, () => number> = {}): void {
  process.on("message", (message: unknown) => {
    if (typeof message !== "object" || message === null || !("question" in message)) return;
    const question = String(message.question);
    const usage = process.cpuUsage();
    const value =
      own[question]?.() ?? (question === "cpu" ? usage.user + usage.system : question === "rss" ? process.memoryUsage.rss() : Number.NaN);
    process.send?.({ kind: question, value });
  });
  process.on("disconnect", () => process.exit(0));
}
