/**
 * Work that reads a whole month or more, done in a thread beside the hub: the hub's own loop answers taps meanwhile. One piece at a time,
 * few that wait, each with a time limit; the thread ends when nothing was asked for a while.
 */
import { Worker } from "node:worker_threads";
import { HubError, type HubErrorCode } from "../errors.ts";
import { thrown } from "../ledger/refuse.ts";
import type { DeskAnswer, DeskRequest, DeskResult } from "./desk-work.ts";

/** A month takes a second or two, a project of five years a quarter of a minute on a Pi. */
const limitMs = 55_000;
const waitingMost = 8;
const idleMs = 30_000;
/** As much as a report of forty machines and six hundred members needs, twice. */
const heapMb = 384;

export type Desk = {
  /** Rejects with HubError: what the work says, DESK_BUSY when too much waits, DESK_TOO_LONG when it takes longer than its limit. */
  ask<R extends DeskRequest>(request: R): Promise<DeskResult<R>>;
  close(): Promise<void>;
};
type Work = { readonly request: DeskRequest; resolve(value: unknown): void; reject(error: Error): void };

export function createDesk(dir: string): Desk {
  const waiting: Work[] = [];
  let worker: Worker | undefined;
  let doing: Work | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;

  const end = async (): Promise<void> => {
    clearTimeout(timer);
    const ended = worker;
    worker = undefined;
    await ended?.terminate();
  };
  const settle = (answer: DeskAnswer): void => {
    const work = doing;
    doing = undefined;
    clearTimeout(timer);
    if (answer.ok) work?.resolve(answer.value);
    else work?.reject(thrown(answer.error));
    next();
  };
  const fail = (code: HubErrorCode, detail: string): void => {
    void end();
    const { message: sentence, fix } = new HubError(code, detail);
    settle({ ok: false, error: { code, sentence, fix } });
  };
  const start = (): Worker => {
    const made = new Worker(new URL("./desk-thread.ts", import.meta.url), {
      workerData: { dir },
      name: "desk",
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 16 },
    });
    made.on("message", settle);
    made.on("error", (error: unknown) => made === worker && fail("DESK_FAILED", error instanceof Error ? error.message : String(error)));
    made.on("exit", () => made === worker && fail("DESK_FAILED", "its thread has ended"));
    made.unref();
    return made;
  };
  const next = (): void => {
    if (doing !== undefined || isClosed) return;
    doing = waiting.shift();
    if (doing === undefined) {
      timer = setTimeout(() => void end(), idleMs);
      timer.unref();
      return;
    }
    clearTimeout(timer);
    worker ??= start();
    timer = setTimeout(() => fail("DESK_TOO_LONG", `${limitMs / 1000} s`), limitMs);
    worker.postMessage(doing.request);
  };
  return {
    ask<R extends DeskRequest>(request: R) {
      if (isClosed) return Promise.reject(new HubError("DESK_FAILED", "the hub is ending"));
      if (waiting.length >= waitingMost) return Promise.reject(new HubError("DESK_BUSY"));
      return new Promise<DeskResult<R>>((resolve, reject) => {
        waiting.push({ request, resolve: resolve as Work["resolve"], reject });
        next();
      });
    },
    async close() {
      isClosed = true;
      const left = [...(doing === undefined ? [] : [doing]), ...waiting.splice(0)];
      doing = undefined;
      for (const work of left) work.reject(new HubError("DESK_FAILED", "the hub is ending"));
      await end();
    },
  };
}
