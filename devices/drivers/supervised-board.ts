/**
 * A board that comes back: one process per board, started again with growing pauses whenever the board is lost.
 *
 *   node process ──fork──▶ board-worker.ts ──serial──▶ Arduino
 *                ◀─ ready, changed, done, lost ─
 *
 * Outputs start off after every restart; nothing here switches them on again. That is for whoever decides.
 */
import { type ChildProcess, fork } from "node:child_process";
import { type BoardCare, createBoardCare } from "./board-care.ts";
import { type BoardConfig, type FromWorker, readFromWorker, type ToWorker } from "./board-messages.ts";
import {
  type ClampPort,
  type ClampWindow,
  checkedPulseMs,
  type DisplayPort,
  type InputLevel,
  type InputPort,
  type OutputOutcome,
  type OutputPort,
  type WiegandPort,
} from "./board-ports.ts";
import type { Unsubscribe } from "./byte-line.ts";

/**
 * `outputsOn`: latching outputs that the board was still driving when it was taken over. `watchdogMs`: null without our
 * firmware, when outputs stay on if this computer dies: worth an issue on the page.
 */
export type SupervisedBoardState =
  | { readonly kind: "starting"; readonly restarts: number }
  | {
      readonly kind: "ready";
      readonly firmware: string;
      readonly outputsOn: readonly string[];
      readonly watchdogMs: number | null;
      readonly restarts: number;
    }
  | { readonly kind: "lost"; readonly why: string; readonly restarts: number };

export interface SupervisedBoardOptions extends BoardConfig {
  /** First pause before a restart; doubles up to `restartMsMax`, starts again after 30 s of a ready board. */
  readonly restartMs?: number;
  readonly restartMsMax?: number;
  /** A command without an answer within this time failed. */
  readonly commandTimeoutMs?: number;
}

export interface SupervisedBoard {
  state(): SupervisedBoardState;
  /** What the board has said of itself, for those who look after it. */
  care(): BoardCare;
  onState(listener: (state: SupervisedBoardState) => void): Unsubscribe;
  /** Throws for a name that the configuration does not have. */
  output(name: string): OutputPort;
  input(name: string): InputPort;
  clamp(name: string): ClampPort;
  wiegand(name: string): WiegandPort;
  /** Throws without a display in the configuration. */
  display(): DisplayPort;
  /** Hold outputs off, process ended. */
  close(): Promise<void>;
  /** The process that holds the board now, for diagnostics. */
  workerPid(): number | undefined;
}

const restartMsDefault = 500;
const restartMsMaxDefault = 10_000;
const commandTimeoutMsDefault = 1_000;
/** Opening, version and capabilities have their own limits; this one catches a worker that never gets to them. */
const startMsMax = 20_000;
const aliveMs = 1_000;
const silentMsMax = 5_000;
const steadyMs = 30_000;
const closeMs = 2_000;
const complaintCharsMax = 500;
/** A node that was started to be small has a board's process that is. */
const memoryFlags = process.execArgv.filter((flag) => /^--(max-semi-space-size=\d+|optimize-for-size|no-opt|no-maglev)$/.test(flag));

export function startSupervisedBoard(options: SupervisedBoardOptions): SupervisedBoard {
  return new Supervisor(options);
}

class Supervisor implements SupervisedBoard {
  readonly #options: SupervisedBoardOptions;
  readonly #stateListeners = new Set<(state: SupervisedBoardState) => void>();
  readonly #waiting = new Map<number, (outcome: OutputOutcome) => void>();
  readonly #levels = new Map<string, InputLevel>();
  readonly #inputListeners = new Map<string, Set<(level: InputLevel) => void>>();
  readonly #windowListeners = new Map<string, Set<(window: ClampWindow) => void>>();
  readonly #displayListeners = new Map<string, Set<(isThere: boolean) => void>>();
  #lines: readonly string[] = [];
  readonly #care = createBoardCare(() => performance.now());
  readonly #wordListeners = new Map<string, Set<(word: string) => void>>();
  #state: SupervisedBoardState = { kind: "starting", restarts: 0 };
  #worker: ChildProcess | undefined;
  #heardMs = 0;
  #readyMs = 0;
  #startedMs = 0;
  #isAbsent = false;
  #restarts = 0;
  #pauseMs: number;
  #nextId = 1;
  #complaint = "";
  #restartTimer: NodeJS.Timeout | undefined;
  #aliveTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: SupervisedBoardOptions) {
    this.#options = options;
    this.#pauseMs = options.restartMs ?? restartMsDefault;
    this.#start();
  }

  state(): SupervisedBoardState {
    return this.#state;
  }

  onState(listener: (state: SupervisedBoardState) => void): Unsubscribe {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  care(): BoardCare {
    return this.#care.now();
  }

  workerPid(): number | undefined {
    return this.#worker?.pid;
  }

  output(name: string): OutputPort {
    if (this.#options.outputs[name] === undefined) throw new Error(`the board has no output named "${name}" in its configuration`);
    return {
      write: (isOn) => this.#command((id) => ({ kind: "write", id, output: name, isOn })),
      pulse: (pulseMs) => {
        checkedPulseMs(pulseMs);
        return this.#command((id) => ({ kind: "pulse", id, output: name, pulseMs }));
      },
    };
  }

  input(name: string): InputPort {
    if (this.#options.inputs[name] === undefined) throw new Error(`the board has no input named "${name}" in its configuration`);
    return { level: () => this.#levels.get(name), onChange: (listener) => join(this.#inputListeners, name, listener) };
  }

  clamp(name: string): ClampPort {
    if (this.#options.clamps?.[name] === undefined) throw new Error(`the board has no clamp named "${name}" in its configuration`);
    return { onWindow: (listener) => join(this.#windowListeners, name, listener) };
  }

  wiegand(name: string): WiegandPort {
    if (this.#options.wiegand?.[name] === undefined) throw new Error(`the board has no reader named "${name}" in its configuration`);
    return { onWord: (listener) => join(this.#wordListeners, name, listener) };
  }

  display(): DisplayPort {
    if (this.#options.display === undefined) throw new Error("the board has no display in its configuration");
    return {
      show: (lines) => {
        this.#lines = lines;
        this.#tell({ kind: "show", lines });
      },
      onState: (listener) => join(this.#displayListeners, "display", listener),
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#restartTimer);
    this.#stateListeners.clear();
    for (const listeners of [this.#displayListeners, this.#inputListeners, this.#windowListeners, this.#wordListeners]) listeners.clear();
    const worker = this.#worker;
    if (worker === undefined) return;
    await new Promise<void>((resolve) => {
      const killTimer = setTimeout(() => worker.kill("SIGKILL"), closeMs);
      worker.once("exit", () => {
        clearTimeout(killTimer);
        resolve();
      });
      this.#tell({ kind: "close" });
    });
  }

  #start(): void {
    const { path, baudRate, outputs, inputs, clamps = {}, wiegand = {}, display } = this.#options;
    const worker = fork(new URL("./board-worker.ts", import.meta.url), [], {
      execArgv: memoryFlags,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#worker = worker;
    this.#complaint = "";
    this.#isAbsent = false;
    this.#startedMs = this.#heardMs = performance.now();
    worker.stderr?.on("data", (text: Buffer) => {
      this.#complaint = (this.#complaint + text.toString()).slice(-complaintCharsMax);
    });
    worker.on("message", (raw) => {
      if (worker === this.#worker) this.#hear(readFromWorker(raw));
    });
    // A failed send or fork shows itself here; the exit that follows, or the silence, is what counts.
    worker.on("error", () => worker.kill("SIGKILL"));
    worker.once("exit", () => this.#ended(worker));
    if (worker.pid === undefined) {
      this.#ended(worker);
      return;
    }
    this.#tell({ kind: "open", config: { path, baudRate, outputs, inputs, clamps, wiegand, display } });
    if (display !== undefined) this.#tell({ kind: "show", lines: this.#lines });
    this.#aliveTimer = setInterval(() => this.#watch(worker), aliveMs);
  }

  #watch(worker: ChildProcess): void {
    const nowMs = performance.now();
    const isStuckStarting = this.#state.kind !== "ready" && !this.#isAbsent && nowMs - this.#startedMs > startMsMax;
    if (isStuckStarting || nowMs - this.#heardMs > silentMsMax) {
      this.#complaint = isStuckStarting ? "the board's process did not start in time" : "the board's process does not answer";
      worker.kill("SIGKILL");
    } else this.#tell({ kind: "alive" });
  }

  #hear(message: FromWorker | undefined): void {
    this.#heardMs = performance.now();
    if (message === undefined || message.kind === "alive") return;
    if (message.kind === "done") this.#settle(message.id, message.outcome);
    else if (message.kind === "changed") this.#setLevel(message.input, message.level);
    else if (message.kind === "window") tellAll(this.#windowListeners, message.clamp, message);
    else if (message.kind === "display") tellAll(this.#displayListeners, "display", message.isThere);
    else if (message.kind === "word") tellAll(this.#wordListeners, message.reader, message.word);
    else if (message.kind === "lost") {
      if (message.start !== null) this.#care.restarted(message.start);
      this.#lose(message.why);
    } else if (message.kind === "absent") {
      this.#isAbsent = true;
      this.#lose(message.why);
    } else if (message.kind === "opening") {
      this.#isAbsent = false;
      this.#startedMs = performance.now();
    } else {
      this.#readyMs = performance.now();
      const { firmware, outputsOn, watchdogMs } = message;
      this.#care.opened(firmware, message.start);
      this.#enter({ kind: "ready", firmware, outputsOn, watchdogMs, restarts: this.#restarts });
    }
  }

  #ended(worker: ChildProcess): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    clearInterval(this.#aliveTimer);
    this.#lose(this.#complaint.trim() || "the board's process ended");
    if (this.#isClosed) return;
    this.#restartTimer = setTimeout(() => {
      this.#restarts += 1;
      this.#start();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.restartMsMax ?? restartMsMaxDefault);
  }

  /** Outputs fell or are about to; nobody may go on believing in them. Told once per loss. */
  #lose(why: string): void {
    if (this.#state.kind === "ready" && performance.now() - this.#readyMs > steadyMs)
      this.#pauseMs = this.#options.restartMs ?? restartMsDefault;
    for (const id of [...this.#waiting.keys()]) this.#settle(id, { kind: "failed", why: "board lost" });
    for (const name of [...this.#levels.keys()]) this.#setLevel(name, undefined);
    if (this.#state.kind !== "lost") this.#enter({ kind: "lost", why, restarts: this.#restarts });
  }

  #enter(state: SupervisedBoardState): void {
    this.#state = state;
    for (const listener of [...this.#stateListeners]) listener(state);
  }

  #setLevel(name: string, level: InputLevel): void {
    if (this.#levels.get(name) === level) return;
    if (level === undefined) this.#levels.delete(name);
    else this.#levels.set(name, level);
    tellAll(this.#inputListeners, name, level);
  }

  #command(message: (id: number) => ToWorker): Promise<OutputOutcome> {
    if (this.#state.kind !== "ready" || this.#isClosed) return Promise.resolve({ kind: "failed", why: "not ready" });
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const answerTimer = setTimeout(
        () => this.#settle(id, { kind: "failed", why: "no answer" }),
        this.#options.commandTimeoutMs ?? commandTimeoutMsDefault,
      );
      this.#waiting.set(id, (outcome) => {
        clearTimeout(answerTimer);
        resolve(outcome);
      });
      this.#tell(message(id));
    });
  }

  #settle(id: number, outcome: OutputOutcome): void {
    const settle = this.#waiting.get(id);
    this.#waiting.delete(id);
    settle?.(outcome);
  }

  #tell(message: ToWorker): void {
    if (this.#worker?.connected) this.#worker.send(message);
  }
}

type Listeners<Value> = Map<string, Set<(value: Value) => void>>;

function join<Value>(all: Listeners<Value>, name: string, listener: (value: Value) => void): Unsubscribe {
  const listeners = all.get(name) ?? new Set();
  all.set(name, listeners.add(listener));
  return () => listeners.delete(listener);
}

function tellAll<Value>(all: Listeners<Value>, name: string, value: Value): void {
  for (const listener of [...(all.get(name) ?? [])]) listener(value);
}
