/**
 * A serial line by path, which survives unplugging.
 *
 *   path ─▶ opening ─▶ open ──(unplug, error, stuck write)──▶ lost ─(back-off)─▶ opening …
 *
 * Use `/dev/serial/by-id/…` paths: `ttyUSB0` may be another device after a replug.
 */
import { SerialPort } from "serialport";
import type { ByteLine, BytesListener, LineState, StateListener, Unsubscribe, WriteOutcome } from "./byte-line.ts";
import { mendBinding } from "./serial-binding.ts";

export interface SerialLineOptions {
  readonly path: string;
  readonly baudRate: number;
  readonly parity?: "none" | "even" | "odd";
  /** An open that takes longer is reported as lost; the next attempt waits for it to end. */
  readonly openTimeoutMs?: number;
  /** A write that takes longer fails, and the line is closed and reopened so that no stale byte is sent later. */
  readonly writeTimeoutMs?: number;
  /** First pause before reopening; doubles up to `reopenMsMax`, and starts again after 5 s of an open line. */
  readonly reopenMs?: number;
  readonly reopenMsMax?: number;
}

const openTimeoutMsDefault = 3_000;
const writeTimeoutMsDefault = 1_000;
const reopenMsDefault = 250;
const reopenMsMaxDefault = 5_000;
const steadyMs = 5_000;
/** More than a second of bytes at 38400 baud: whoever queues more does not look at the outcome of writes. */
const queuedBytesMax = 4_096;

/** Starts to open the line and returns at once; listen with `onState` for the moment it is open. */
export function openSerialLine(options: SerialLineOptions): ByteLine {
  return new SerialLine(options);
}

class SerialLine implements ByteLine {
  readonly path: string;
  readonly #options: SerialLineOptions;
  readonly #bytesListeners = new Set<BytesListener>();
  readonly #stateListeners = new Set<StateListener>();
  #state: LineState = { kind: "lost", why: "not opened yet" };
  #port: SerialPort | undefined;
  #reopenTimer: NodeJS.Timeout | undefined;
  #reopenMs: number;
  #openedAtMs = 0;
  #queuedBytes = 0;
  #isClosed = false;

  constructor(options: SerialLineOptions) {
    this.path = options.path;
    this.#options = options;
    this.#reopenMs = options.reopenMs ?? reopenMsDefault;
    this.#open();
  }

  state(): LineState {
    return this.#state;
  }

  onBytes(listener: BytesListener): Unsubscribe {
    this.#bytesListeners.add(listener);
    return () => this.#bytesListeners.delete(listener);
  }

  onState(listener: StateListener): Unsubscribe {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  write(bytes: Uint8Array): Promise<WriteOutcome> {
    const port = this.#port;
    if (this.#isClosed) return Promise.resolve({ kind: "failed", why: "closed" });
    if (port === undefined || this.#state.kind !== "open") return Promise.resolve({ kind: "failed", why: "not open" });
    if (this.#queuedBytes + bytes.length > queuedBytesMax) return Promise.resolve({ kind: "failed", why: "queue full" });
    this.#queuedBytes += bytes.length;
    return new Promise((resolve) => {
      let isSettled = false;
      const settle = (outcome: WriteOutcome): void => {
        if (isSettled) return;
        isSettled = true;
        clearTimeout(writeTimer);
        if (port === this.#port) this.#queuedBytes -= bytes.length;
        resolve(outcome);
      };
      const writeTimer = setTimeout(() => {
        settle({ kind: "failed", why: "too slow" });
        this.#drop(port, "a write was not taken in time");
      }, this.#options.writeTimeoutMs ?? writeTimeoutMsDefault);
      port.write(Buffer.from(bytes), (error) => settle(error ? { kind: "failed", why: "port error" } : { kind: "written" }));
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#reopenTimer);
    this.#bytesListeners.clear();
    this.#stateListeners.clear();
    const port = this.#port;
    this.#port = undefined;
    if (port?.isOpen) await closePort(port, this.#options.writeTimeoutMs ?? writeTimeoutMsDefault);
  }

  #open(): void {
    const { path, baudRate, parity = "none" } = this.#options;
    const port = new SerialPort({ path, baudRate, parity, dataBits: 8, stopBits: 1, autoOpen: false });
    const openTimer = setTimeout(() => this.#enter({ kind: "lost", why: "opening takes too long" }), this.#openTimeoutMs());
    port.on("error", () => this.#drop(port, "the port reported an error"));
    port.on("close", () => this.#drop(port, "unplugged"));
    port.open((error) => {
      clearTimeout(openTimer);
      if (this.#isClosed) {
        if (!error) port.close();
        return;
      }
      if (error) {
        this.#enter({ kind: "lost", why: error.message });
        this.#reopenLater();
        return;
      }
      this.#port = port;
      this.#queuedBytes = 0;
      this.#openedAtMs = performance.now();
      mendBinding(port);
      // Without a data listener the binding does not poll, and an unplug goes unnoticed.
      port.on("data", (bytes: Buffer) => this.#hear(port, bytes));
      this.#enter({ kind: "open" });
    });
  }

  #openTimeoutMs(): number {
    return this.#options.openTimeoutMs ?? openTimeoutMsDefault;
  }

  #hear(port: SerialPort, bytes: Buffer): void {
    if (port !== this.#port) return;
    const copy = Uint8Array.from(bytes);
    for (const listener of [...this.#bytesListeners]) listener(copy);
  }

  /** Gives the port up, whatever happened to it, and plans the next attempt. Safe to call twice. */
  #drop(port: SerialPort, why: string): void {
    if (port !== this.#port) return;
    this.#port = undefined;
    if (port.isOpen) {
      // What the kernel still holds must not reach the device later: a stale "on" is worse than none.
      port.flush(() => {
        if (port.isOpen) port.close();
      });
    }
    if (performance.now() - this.#openedAtMs > steadyMs) this.#reopenMs = this.#options.reopenMs ?? reopenMsDefault;
    this.#enter({ kind: "lost", why });
    this.#reopenLater();
  }

  #reopenLater(): void {
    if (this.#isClosed) return;
    this.#reopenTimer = setTimeout(() => this.#open(), this.#reopenMs);
    this.#reopenMs = Math.min(this.#reopenMs * 2, this.#options.reopenMsMax ?? reopenMsMaxDefault);
  }

  /** Tells listeners once per change; repeated failures to open stay one "lost". */
  #enter(state: LineState): void {
    const before = this.#state;
    this.#state = state;
    if (this.#isClosed || before.kind === state.kind) return;
    for (const listener of [...this.#stateListeners]) listener(state);
  }
}

function closePort(port: SerialPort, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const closeTimer = setTimeout(resolve, limitMs);
    port.close(() => {
      clearTimeout(closeTimer);
      resolve();
    });
  });
}
