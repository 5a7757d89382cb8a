/**
 * The thread that owns the only writing connection. It takes everything that waits, writes it in one transaction, and answers
 * after COMMIT: a hundred taps cost one fsync. Commands run one by one between such groups; snapshots are compiled in between.
 *
 *   main ──append, command──▶ queue ──▶ BEGIN … COMMIT ──▶ answers ──▶ main
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { LedgerEvent } from "../ports.ts";
import { type Act, type LookUp, noteAct, noteLookUp } from "./acts.ts";
import { settleBookings } from "./bookings.ts";
import { type CommandContext, type CommandRequest, runCommand } from "./commands.ts";
import { applyConsequences } from "./consequences.ts";
import { Database, isDiskFailure } from "./database.ts";
import { appendEvents, quarantine } from "./events.ts";
import { loadKeys } from "./keys.ts";
import { getMeta, numberMeta, setMeta } from "./meta.ts";
import { prepareWriter } from "./migrations.ts";
import { noteDelivery } from "./notice-post.ts";
import { noticeWhatIsNear, tellNoticed } from "./notice-rules.ts";
import { Projections } from "./projections.ts";
import { Publisher } from "./publish.ts";
import { type PlainError, plainError } from "./refuse.ts";
import type { PackedSnapshot } from "./snapshots.ts";
import type { StoredEvent } from "./types.ts";
import type { NoticeOutcome, NoticeToTell } from "./types-rows.ts";
import { noteTold } from "./webhooks.ts";

export type ThreadOptions = { readonly path: string; readonly dir: string; readonly publishes: boolean };
export type Append = {
  readonly kind: "append";
  readonly id: number;
  readonly node: string;
  readonly events: readonly LedgerEvent[];
  readonly nowMs: number;
};
/** What goes into one transaction with whatever else waits. */
export type Grouped =
  | Append
  | {
      readonly kind: "quarantine";
      readonly id: number;
      readonly node: string;
      readonly path: string;
      readonly bytes: Uint8Array;
      readonly reason: string;
      readonly nowMs: number;
    }
  | { readonly kind: "delivery"; readonly id: number; readonly outcome: NoticeOutcome; readonly nowMs: number }
  | { readonly kind: "notices"; readonly id: number; readonly notices: readonly NoticeToTell[]; readonly nowMs: number }
  | { readonly kind: "told"; readonly id: number; readonly given: Parameters<typeof noteTold>[1]; readonly nowMs: number }
  | { readonly kind: "act"; readonly id: number; readonly act: Act; readonly nowMs: number }
  | { readonly kind: "lookUp"; readonly id: number; readonly lookUp: LookUp; readonly nowMs: number };
export type Request =
  | Grouped
  | { readonly kind: "command"; readonly id: number; readonly command: CommandRequest; readonly nowMs: number }
  | { readonly kind: "publish"; readonly id: number; readonly nowMs: number; readonly isAwaited: boolean }
  | { readonly kind: "rebuild"; readonly id: number }
  | { readonly kind: "close"; readonly id: number };
/** An event that was new, told to the thread that has it already: its place in the batch, its number and its time in the log. */
export type Fresh = { readonly at: number; readonly n: number; readonly evtMs: number };
export type Answer =
  | { readonly kind: "done"; readonly id: number; readonly result: unknown; readonly fresh?: readonly Fresh[] }
  | { readonly kind: "failed"; readonly id: number; readonly error: PlainError }
  /** before the answers of a group whose events changed what is recorded beside the log */
  | { readonly kind: "changed" }
  | { readonly kind: "snapshot"; readonly snapshot: PackedSnapshot }
  | { readonly kind: "published"; readonly version: number; readonly nodes: readonly string[] };

const groupEvents = 4000;
const groupedKinds: ReadonlySet<Request["kind"]> = new Set<Grouped["kind"]>([
  "append",
  "quarantine",
  "delivery",
  "notices",
  "told",
  "act",
  "lookUp",
]);
const isGrouped = (request: Request): request is Grouped => groupedKinds.has(request.kind);

class Writer {
  private readonly port: MessagePort;
  private readonly options: ThreadOptions;
  private readonly projections = new Projections();
  private readonly publisher: Publisher;
  private db: Database;
  private readonly waiting: Request[] = [];
  private scheduled = false;

  constructor(port: MessagePort, options: ThreadOptions) {
    this.port = port;
    this.options = options;
    this.db = this.open();
    this.publisher = new Publisher(loadKeys(options.dir), (answer) => this.port.postMessage([answer]));
    port.on("message", (request: Request) => {
      this.waiting.push(request);
      this.schedule();
    });
  }

  private open(): Database {
    const db = new Database(this.options.path);
    prepareWriter(db);
    return db;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.work());
  }

  /** One round: a group of appends, or one other request, or one step of compiling. */
  private work(): void {
    this.scheduled = false;
    this.collect();
    const first = this.waiting[0];
    if (first === undefined) {
      if (this.options.publishes) this.publishStep();
    } else if (isGrouped(first)) {
      this.commitGroup(this.takeGroup());
    } else {
      this.waiting.shift();
      this.runAlone(first);
    }
    if (this.waiting.length > 0 || (this.options.publishes && this.publisher.hasWork)) this.schedule();
  }

  /** What has arrived meanwhile joins the group that is about to be written. */
  private collect(): void {
    for (let next = receiveMessageOnPort(this.port); next !== undefined; next = receiveMessageOnPort(this.port))
      this.waiting.push(next.message);
  }

  private takeGroup(): Grouped[] {
    const group: Grouped[] = [];
    for (let events = 0; events < groupEvents; ) {
      const next = this.waiting[0];
      if (next === undefined || !isGrouped(next)) break;
      this.waiting.shift();
      group.push(next);
      events += next.kind === "append" ? next.events.length : 1;
    }
    return group;
  }

  private commitGroup(group: readonly Grouped[]): void {
    let answers: Answer[];
    try {
      answers = this.db.transaction(() => this.store(group));
    } catch (error) {
      this.recover(error);
      if (group.length > 1 && !isDiskFailure(error)) {
        // One bad batch must not take the others with it: each gets a transaction of its own.
        for (const request of group) this.commitGroup([request]);
        return;
      }
      answers = group.map((request) => ({ kind: "failed", id: request.id, error: plainError(error) }));
    }
    this.port.postMessage(answers);
  }

  private store(group: readonly Grouped[]): Answer[] {
    const byNode = new Map<string, StoredEvent[]>();
    const answers = group.map((request): Answer => {
      if (request.kind === "quarantine") {
        quarantine(this.db, { ...request, atMs: request.nowMs });
        return { kind: "done", id: request.id, result: null };
      }
      if (request.kind === "delivery") {
        noteDelivery(this.db, request.outcome, request.nowMs);
        return { kind: "done", id: request.id, result: null };
      }
      if (request.kind === "notices") {
        tellNoticed(this.contextAt(request.nowMs), request.notices);
        return { kind: "done", id: request.id, result: null };
      }
      if (request.kind === "told") {
        noteTold(this.db, request.given, request.nowMs);
        return { kind: "done", id: request.id, result: null };
      }
      if (request.kind === "act" || request.kind === "lookUp") {
        if (request.kind === "act") noteAct(this.db, request.act, request.nowMs);
        else noteLookUp(this.db, request.lookUp, request.nowMs);
        return { kind: "done", id: request.id, result: null };
      }
      const { fresh, at, ...result } = appendEvents(this.db, request.node, request.events, request.nowMs);
      const known = byNode.get(request.node);
      if (known === undefined) byNode.set(request.node, [...fresh]);
      else known.push(...fresh);
      return { kind: "done", id: request.id, result, fresh: fresh.map(({ n, evtMs }, i) => ({ at: at[i] ?? 0, n, evtMs })) };
    });
    let changed = false;
    for (const [node, fresh] of byNode) {
      this.projections.apply(this.db, node, fresh);
      changed = applyConsequences(this.db, this.publisher.keys, node, fresh) || changed;
    }
    if (!changed) return answers;
    if (this.options.publishes) this.publisher.begin(group[0]?.nowMs ?? 0);
    return [{ kind: "changed" }, ...answers];
  }

  private runAlone(request: Exclude<Request, Grouped>): void {
    try {
      this.port.postMessage([{ kind: "done", id: request.id, result: this.perform(request) }] satisfies Answer[]);
    } catch (error) {
      this.recover(error);
      this.port.postMessage([{ kind: "failed", id: request.id, error: plainError(error) }] satisfies Answer[]);
    }
    if (request.kind === "close") this.port.close();
  }

  private perform(request: Exclude<Request, Grouped>): unknown {
    switch (request.kind) {
      case "command": {
        const result = runCommand(this.db, this.publisher.keys, request.command, request.nowMs);
        // It has changed what the log says of somebody: what is folded in memory still names them.
        if (request.command.name === "eraseMember") this.projections.forget();
        if (this.options.publishes) this.publisher.begin(request.nowMs);
        return result;
      }
      case "publish":
        if (this.options.publishes) this.settle(request.nowMs);
        this.publisher.begin(request.nowMs);
        if (request.isAwaited) this.publisher.finish(this.db);
        return null;
      case "rebuild":
        return this.rebuild();
      case "close":
        this.db.close();
        return null;
    }
  }

  private contextAt(nowMs: number): CommandContext {
    return { db: this.db, keys: this.publisher.keys, nowMs, tz: getMeta(this.db, "tz") ?? "UTC", actor: "hub:notices" };
  }

  /** What time alone changes in what is recorded; the hub asks for a round every minute. */
  private settle(nowMs: number): void {
    this.db.transaction(() => {
      noticeWhatIsNear(this.contextAt(nowMs));
      if (settleBookings(this.db, nowMs)) setMeta(this.db, "permission_version", numberMeta(this.db, "permission_version") + 1);
    });
  }

  private rebuild(): { events: number; sessions: number } {
    return this.db.transaction(() => {
      this.projections.rebuild(this.db);
      const count = (table: "events" | "sessions"): number => this.db.one<{ c: number }>(`SELECT count(*) AS c FROM ${table}`)?.c ?? 0;
      return { events: count("events"), sessions: count("sessions") };
    });
  }

  private publishStep(): void {
    try {
      this.publisher.step(this.db);
    } catch (error) {
      this.recover(error);
      this.publisher.retryLater(() => this.schedule());
    }
  }

  /** After a failed transaction nothing remembered from it may stay; a broken medium gets a fresh connection. */
  private recover(error: unknown): void {
    this.projections.forget();
    if (!isDiskFailure(error)) return;
    try {
      this.db.close();
      this.db = this.open();
    } catch (reopening) {
      if (!(reopening instanceof Error)) throw reopening;
      // Still broken. The next request finds a closed connection, fails like this one, and tries again here.
    }
  }
}

if (parentPort !== null) new Writer(parentPort as unknown as MessagePort, workerData as ThreadOptions);
