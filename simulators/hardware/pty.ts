// A pseudo-terminal pair standing in for a serial cable: the program under test opens `path` as if it were
// /dev/ttyUSB0; the simulator holds the other end.
//
//   node program ── /dev/pts/N (slave) ══ master ── openPty() ── reader, meter or board simulator

import { execFileSync, type StdioNull, type StdioPipe } from "node:child_process";
import { closeSync, constants, openSync, readdirSync, readlinkSync, readSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import * as nodePty from "@lydell/node-pty";

/** One serial cable. Bytes only; the baud rate of a pseudo-terminal means nothing. */
export interface Pty {
  /** What the program under test opens, for instance "/dev/pts/4". */
  readonly path: string;
  /** Sends bytes to the program. Bytes that nobody reads for a second are lost, as on a wire with nobody listening. */
  write(bytes: Uint8Array): void;
  /** Calls back with every chunk the program writes. Returns the function that stops it. */
  onData(callback: (bytes: Uint8Array) => void): () => void;
  /** Ends the simulation of this cable and releases everything; the program sees a hang-up. Safe to call twice. */
  close(): void;
  /** Pulls the plug: the program gets a hang-up, the path disappears. The same as close, said in the words of a test. */
  unplug(): void;
}

/** The unread bytes we let pile up in our own process before dropping: more than any frame, less than a surprise. */
const pendingBytesMax = 4096;
const staleAfterMs = 1000;

/** Opens a cable in raw mode: no echo, no line editing, no CR/LF changes, all 256 byte values pass. */
export function openPty(): Pty {
  const { master, path, keeper } = openPair();
  execFileSync("stty", ["-F", path, "raw", "-echo"], { timeout: 5000 });

  const listeners = new Set<(bytes: Uint8Array) => void>();
  let isOpen = true;
  let staleTimer: NodeJS.Timeout | undefined;

  master.on("data", (bytes: Uint8Array) => {
    for (const listener of listeners) listener(bytes);
  });
  // A hang-up arrives as an error on some kernels; the simulator treats it like a close.
  master.on("error", close);
  master.on("close", close);

  function write(bytes: Uint8Array): void {
    if (!isOpen || master.writableLength + bytes.length > pendingBytesMax) return;
    master.write(bytes);
    clearTimeout(staleTimer);
    staleTimer = setTimeout(() => discardUnread(keeper), staleAfterMs);
    staleTimer.unref();
  }

  function close(): void {
    if (!isOpen) return;
    isOpen = false;
    clearTimeout(staleTimer);
    listeners.clear();
    master.destroy();
    closeSync(keeper);
  }

  return {
    path,
    write,
    onData(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    close,
    unplug: close,
  };
}

/**
 * The stdio of a child process that must not inherit our ends of the cables. node-pty leaves them inheritable, and a cable
 * whose end lives on in a child cannot be unplugged: `spawn(program, { stdio: stdioWithoutPtys(["ignore", "pipe", "inherit"]) })`.
 */
export function stdioWithoutPtys<Kind extends StdioNull | StdioPipe | "ipc">(stdio: readonly Kind[]): (Kind | number)[] {
  nothing ??= openSync("/dev/null", "r+");
  const highest = Math.max(stdio.length - 1, ...descriptorsOf("/dev/ptmx"), ...descriptorsOf("/dev/pts/ptmx"));
  const filler = nothing;
  return Array.from({ length: highest + 1 }, (_, descriptor) => stdio[descriptor] ?? filler);
}

/** /dev/null, opened once for all children: "ignore" would leave descriptors above 2 inherited. */
let nothing: number | undefined;

/**
 * Both ends as node-pty gives them (it documents neither `open`, `master` nor `ptsName`, so they are checked here), and a
 * slave descriptor of our own, `keeper`, that holds the line up while no program has it open. node-pty leaves one of its own open
 * for ever; it is closed here.
 */
function openPair(): { master: Readable & Writable; path: string; keeper: number } {
  const open: unknown = Reflect.get(nodePty, "open");
  if (typeof open !== "function") throw new Error("this node-pty cannot open a terminal pair");
  const { ptsName: path, master, slave }: { ptsName?: unknown; master?: Readable & Writable; slave?: Readable } = open({ encoding: null });
  if (typeof path !== "string" || !master || !slave) throw new Error("node-pty gave a terminal pair without a path");
  // Ours before theirs is closed: the pair ends when the last slave descriptor goes. Theirs comes back from libuv in blocking mode.
  const keeper = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  slave.destroy();
  for (const left of descriptorsOf(path)) if (left !== keeper) closeSync(left);
  return { master, path, keeper };
}

function descriptorsOf(path: string): number[] {
  return readdirSync("/proc/self/fd")
    .filter((descriptor) => targetOf(descriptor) === path)
    .map(Number);
}

/** What a descriptor of ours refers to, or null if it was closed meanwhile. */
function targetOf(descriptor: string): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return null;
    throw error;
  }
}

/** Empties what the program has not read. A living program has long taken its bytes, so this touches only the unheard. */
function discardUnread(slave: number): void {
  const scratch = new Uint8Array(pendingBytesMax);
  try {
    while (readSync(slave, scratch) > 0);
  } catch (error) {
    if (!isSystemError(error, "EAGAIN") && !isSystemError(error, "EIO")) throw error;
  }
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
