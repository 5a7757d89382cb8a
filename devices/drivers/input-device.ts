/**
 * A keyboard that is ours alone: `/dev/input/by-id/…-event-kbd`, grabbed, so that no number is typed into whatever has the focus.
 *
 *   path ─▶ open ─▶ grab ─▶ ready ──(unplug)──▶ lost ─(back-off)─▶ open …
 *
 * The grab is one ioctl, which Node can only make through its own `node:ffi`: no package to trust, and no child process that may
 * die and let go. The device is read without waiting, 100 times a second: a read that waits would hold a thread of the pool for ever.
 */

import { closeSync, constants, openSync, readSync } from "node:fs";
import type { ByteLine, BytesListener, LineState, StateListener } from "./byte-line.ts";

/** A line that is only listened to. */
export type ByteSource = Pick<ByteLine, "path" | "state" | "onBytes" | "onState" | "close">;

export interface InputDeviceOptions {
  readonly path: string;
  /** Makes the device ours; false when it cannot be. */
  readonly grab?: (descriptor: number) => boolean;
  readonly reopenMs?: number;
  readonly reopenMsMax?: number;
}

/** _IOW('E', 0x90, int) of linux/input.h; the same on x86-64 and arm64 */
const grabRequest = 0x4004_4590n;
const readEveryMs = 10;
/** 64 events: more than a reader types in 10 ms */
const readBytes = 1_536;
const readsMax = 8;
const reopenMsDefault = 250;
const reopenMsMaxDefault = 5_000;

/** Takes the device for this program alone until it is closed. False when another has it, or it is no input device. */
export function grabInput(descriptor: number): boolean {
  return ioctl(descriptor, grabRequest, 1n) === 0;
}

/** ioctl(2) with a number. C takes its last argument as "…", which these two processors pass like any other. */
export function ioctl(descriptor: number, request: bigint, value: bigint): number {
  // Only a node with such a reader loads what Node still calls an experiment.
  const { lib, functions } = process.getBuiltinModule("node:ffi").dlopen(null, {
    ioctl: { return: "i32", arguments: ["i32", "u64", "u64"] },
  });
  try {
    return functions.ioctl(descriptor, request, value);
  } finally {
    lib.close();
  }
}

/** Starts to open the device and returns at once. */
export function openInputDevice(options: InputDeviceOptions): ByteSource {
  return new InputDevice(options);
}

class InputDevice implements ByteSource {
  readonly path: string;
  readonly #options: InputDeviceOptions;
  readonly #bytesListeners = new Set<BytesListener>();
  readonly #stateListeners = new Set<StateListener>();
  readonly #buffer = new Uint8Array(readBytes);
  #state: LineState = { kind: "lost", why: "not opened yet" };
  #descriptor: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reopenMs: number;
  #isTold = false;
  #isClosed = false;

  constructor(options: InputDeviceOptions) {
    this.path = options.path;
    this.#options = options;
    this.#reopenMs = options.reopenMs ?? reopenMsDefault;
    // Whoever opens it has the chance to listen first.
    this.#timer = setTimeout(() => this.#open(), 0);
  }

  state(): LineState {
    return this.#state;
  }

  onBytes(listener: BytesListener): () => void {
    this.#bytesListeners.add(listener);
    return () => this.#bytesListeners.delete(listener);
  }

  onState(listener: StateListener): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#bytesListeners.clear();
    this.#stateListeners.clear();
    this.#release();
  }

  #open(): void {
    try {
      this.#descriptor = openSync(this.path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    } catch (error) {
      this.#lose(codeOf(error));
      return;
    }
    const grab = this.#options.grab ?? grabInput;
    if (!grab(this.#descriptor)) {
      this.#lose("another program has grabbed it, or it is no input device");
      return;
    }
    this.#reopenMs = this.#options.reopenMs ?? reopenMsDefault;
    this.#enter({ kind: "open" });
    this.#timer = setInterval(() => this.#read(), readEveryMs);
  }

  /** All that has come since the last time, within reason: an endless stream must let others have their turn. */
  #read(): void {
    for (let i = 0; i < readsMax && this.#descriptor !== undefined; i += 1) {
      const bytes = this.#readOnce(this.#descriptor);
      if (bytes === null) return;
      for (const listener of [...this.#bytesListeners]) listener(bytes);
    }
  }

  /** Null when there is nothing now, or nothing any more. */
  #readOnce(descriptor: number): Uint8Array | null {
    try {
      const count = readSync(descriptor, this.#buffer, 0, readBytes, null);
      if (count > 0) return this.#buffer.slice(0, count);
      this.#lose("unplugged");
    } catch (error) {
      const code = codeOf(error);
      if (code !== "EAGAIN" && code !== "EINTR") this.#lose(code === "ENODEV" ? "unplugged" : code);
    }
    return null;
  }

  #lose(why: string): void {
    clearInterval(this.#timer);
    this.#release();
    this.#enter({ kind: "lost", why });
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => this.#open(), this.#reopenMs);
    this.#reopenMs = Math.min(this.#reopenMs * 2, this.#options.reopenMsMax ?? reopenMsMaxDefault);
  }

  #release(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
  }

  /** Tells listeners once per change, and how it stands at the start. */
  #enter(state: LineState): void {
    const before = this.#state;
    this.#state = state;
    if (this.#isClosed || (this.#isTold && before.kind === state.kind)) return;
    this.#isTold = true;
    for (const listener of [...this.#stateListeners]) listener(state);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
