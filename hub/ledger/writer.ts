/**
 * The hub's side of the writer thread: hands requests over, answers after COMMIT, and gives up waiting after a while. What it has
 * given up on may still be written later; repeated events are told apart by (node, boot, seq), so that does no harm.
 */
import { Worker } from "node:worker_threads";
import type { LedgerEvent, Stored } from "../ports.ts";
import type { CommandRequest } from "./commands.ts";
import type { CommandName, ResultOf } from "./inputs.ts";
import { Refused, thrown } from "./refuse.ts";
import type { PackedSnapshot } from "./snapshots.ts";
import type { StoredEvent } from "./types.ts";
import type { Answer, Fresh, Request, ThreadOptions } from "./writer-thread.ts";

/** Events that may wait for the disk, all nodes together: about 20 MB. */
const waitingEventsMax = 40_000;
const waitingOtherMax = 2000;
/** Work that reads the whole log, or ends the thread, takes as long as it takes. */
const longMs = 600_000;
/** The first command of a terminal waits for the thread to load: on a busy Pi that takes seconds and says nothing about the disk. */
const firstCommandMs = 30_000;

type Pending = { readonly events: readonly LedgerEvent[]; readonly sinceMs: number; settle(answer: Extract<Answer, { id: number }>): void };
type Unnumbered<R> = R extends Request ? Omit<R, "id"> : never;
export type WriterEvents = {
  committed(events: readonly StoredEvent[]): void;
  /** events have changed what is recorded beside the log; they are told of afterwards */
  changed(): void;
  snapshot(snapshot: PackedSnapshot): void;
  published(version: number, nodes: readonly string[]): void;
  died(error: Error): void;
};

export class LedgerWriter {
  private readonly worker: Worker;
  private readonly events: WriterEvents;
  private readonly budgetMs: () => number;
  private readonly pending = new Map<number, Pending>();
  private waitingEvents = 0;
  private nextId = 1;
  private hasAnswered = false;
  private ended: Error | null = null;

  /** @param budgetMs  how long the disk may take; asked at every write */
  constructor(options: ThreadOptions, events: WriterEvents, budgetMs: () => number) {
    this.events = events;
    this.budgetMs = budgetMs;
    this.worker = new Worker(new URL("./writer-thread.ts", import.meta.url), {
      workerData: options,
      name: "ledger",
      resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 8 },
    });
    this.worker.on("message", (answers: readonly Answer[]) => {
      for (const answer of answers) this.receive(answer);
    });
    this.worker.on("error", (error: unknown) => this.end(error instanceof Error ? error : new Error(String(error))));
    this.worker.on("exit", () => this.end(new Refused("LEDGER_STALLED", "The ledger is closed.")));
  }

  async append(node: string, events: readonly LedgerEvent[], nowMs: number): Promise<Stored> {
    if (events.length === 0) return { stored: 0, duplicates: 0, gaps: 0 };
    if (this.waitingEvents + events.length > waitingEventsMax)
      throw new Refused("LEDGER_FULL_QUEUE", `${this.waitingEvents} events wait for the disk.`);
    return (await this.ask({ kind: "append", node, events, nowMs }, this.budgetMs(), events)) as Stored;
  }

  async quarantine(node: string, path: string, bytes: Uint8Array, reason: string, nowMs: number): Promise<void> {
    await this.ask({ kind: "quarantine", node, path, bytes: bytes.slice(0, 4096), reason, nowMs }, this.budgetMs());
  }

  async delivery(outcome: Extract<Request, { kind: "delivery" }>["outcome"], nowMs: number): Promise<void> {
    await this.ask({ kind: "delivery", outcome, nowMs }, this.budgetMs());
  }

  async notices(notices: Extract<Request, { kind: "notices" }>["notices"], nowMs: number): Promise<void> {
    await this.ask({ kind: "notices", notices, nowMs }, this.budgetMs());
  }

  async told(given: Extract<Request, { kind: "told" }>["given"], nowMs: number): Promise<void> {
    await this.ask({ kind: "told", given, nowMs }, this.budgetMs());
  }

  async act(act: Extract<Request, { kind: "act" }>["act"], nowMs: number): Promise<void> {
    await this.ask({ kind: "act", act, nowMs }, this.hasAnswered ? this.budgetMs() : firstCommandMs);
  }

  async lookUp(lookUp: Extract<Request, { kind: "lookUp" }>["lookUp"], nowMs: number): Promise<void> {
    await this.ask({ kind: "lookUp", lookUp, nowMs }, this.budgetMs());
  }

  async command<C extends CommandName>(command: CommandRequest<C>, nowMs: number): Promise<ResultOf<C>> {
    const usualMs = this.hasAnswered ? this.budgetMs() : firstCommandMs;
    return (await this.ask({ kind: "command", command, nowMs }, command.name === "importMembers" ? longMs : usualMs)) as ResultOf<C>;
  }

  /** Compiles what has changed; when `isAwaited`, resolves after all nodes, and appends wait for it. */
  async publish(nowMs: number, isAwaited: boolean): Promise<void> {
    await this.ask({ kind: "publish", nowMs, isAwaited }, isAwaited ? longMs : this.budgetMs());
  }

  async rebuild(): Promise<{ readonly events: number; readonly sessions: number }> {
    return (await this.ask({ kind: "rebuild" }, longMs)) as { events: number; sessions: number };
  }

  /** Writes what waits, then ends the thread. A disk that hangs does not hold the program for more than 5 s. */
  async close(): Promise<void> {
    if (this.ended !== null) return;
    await this.ask({ kind: "close" }, 5000).catch(() => undefined); // the thread is ended either way
    await this.worker.terminate();
  }

  health(nowMs: number): { readonly waiting: number; readonly oldestMs: number } {
    const first = this.pending.values().next().value;
    return { waiting: this.waitingEvents, oldestMs: first === undefined ? 0 : Math.max(0, nowMs - first.sinceMs) };
  }

  private ask(request: Unnumbered<Request>, limitMs: number, events: readonly LedgerEvent[] = []): Promise<unknown> {
    if (this.ended !== null) return Promise.reject(this.ended);
    if (this.pending.size > waitingOtherMax + waitingEventsMax)
      return Promise.reject(new Refused("LEDGER_FULL_QUEUE", "Too many requests wait for the disk."));
    const id = this.nextId++;
    this.waitingEvents += events.length;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Refused("LEDGER_STALLED", `The disk has not taken a write for ${limitMs / 1000} s.`));
      }, limitMs);
      const settle = (answer: Extract<Answer, { id: number }>): void => {
        clearTimeout(timer);
        if (answer.kind === "done") resolve(answer.result);
        else reject(thrown(answer.error));
      };
      this.pending.set(id, { events, sinceMs: performance.now(), settle });
      this.worker.postMessage({ ...request, id });
    });
  }

  private receive(answer: Answer): void {
    if (answer.kind === "changed") this.events.changed();
    else if (answer.kind === "snapshot") this.events.snapshot(answer.snapshot);
    else if (answer.kind === "published") this.events.published(answer.version, answer.nodes);
    else this.answer(answer);
  }

  private answer(answer: Extract<Answer, { id: number }>): void {
    const pending = this.pending.get(answer.id);
    this.hasAnswered = true;
    if (pending === undefined) return;
    this.pending.delete(answer.id);
    this.waitingEvents -= pending.events.length;
    const fresh = answer.kind === "done" ? storedOf(pending.events, answer.fresh ?? []) : [];
    if (fresh.length > 0) this.events.committed(fresh);
    pending.settle(answer);
  }

  private end(error: Error): void {
    if (this.ended !== null) return;
    this.ended = error;
    for (const [id, pending] of this.pending) {
      pending.settle({ kind: "failed", id, error: { code: "LEDGER_STALLED", sentence: error.message, fix: "Start the hub again." } });
    }
    this.pending.clear();
    this.waitingEvents = 0;
    this.events.died(error);
  }
}

/** The events that were new, as they stand in the log. */
function storedOf(events: readonly LedgerEvent[], fresh: readonly Fresh[]): StoredEvent[] {
  return fresh.flatMap(({ at, n, evtMs }) => {
    const event = events[at];
    return event === undefined ? [] : [{ ...event, n, evtMs }];
  });
}
