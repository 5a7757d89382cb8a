/** The life of a node process: start, signals, restart by the watchdog, and an exit code that says which it was. */
import type { Log } from "./ports.ts";

export type RunningNode = { start(): void; stop(): Promise<void> };
/** What only the process knows. */
export type ProcessPort = {
  readonly write: (line: string) => void;
  readonly rssBytes: () => number;
  readonly onSignal: (run: () => void) => void;
};

/** The process we are in; tests bring another. */
export const thisProcess: ProcessPort = {
  write: (line) => void process.stdout.write(line),
  rssBytes: () => process.memoryUsage().rss,
  onSignal(run) {
    process.once("SIGINT", run);
    process.once("SIGTERM", run);
  },
};

/** Runs a node until a signal or its watchdog ends it. Resolves with the exit code: 0, or 75 to be started anew. */
export async function runUntilEnd(
  open: (end: (code: number, why: string) => void) => RunningNode,
  log: Log,
  port: ProcessPort,
): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let isEnding = false;
  const end = (code: number, why: string) => {
    if (isEnding) return;
    isEnding = true;
    log.info({ code, why }, "the node ends");
    resolve(code);
  };
  const node = open(end);
  port.onSignal(() => end(0, "signal"));
  node.start();
  const code = await promise;
  await node.stop();
  return code;
}
