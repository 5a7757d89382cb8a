/**
 * Lines that survive a crash, under the outbox. Each line carries its CRC-32, so that a torn or rotten one is recognised and
 * left out. Writing and flushing happen off the loop and in groups, beside each other: a line that somebody waits for is written while
 * an earlier flush still runs, and flushed as soon as it is written.
 *
 *   folder/00000007.log     0a1b2c3d {"boot":…}⏎     one segment per process start, or per 512 KB
 */
import { closeSync, fdatasync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, write } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { syncFolder } from "./durable-file.ts";

export type StoredLine = { readonly text: string; readonly segment: number };
export type Journal = {
  /** What earlier lives left, oldest first; `damaged` counts lines that could not be read. */
  readonly found: { readonly lines: readonly StoredLine[]; readonly damaged: number };
  /** Hands a line over; answers the segment it will be in. */
  append(text: string): number;
  /** Calls back when everything appended so far is on the disk, or with what went wrong. */
  sync(done: (error: Error | null) => void): void;
  /** Forgets a segment whose lines nobody needs. Never the one being written. */
  drop(segment: number): void;
  close(): Promise<void>;
};

const segmentBytesMax = 512 * 1024;
const lineBytesMax = 64 * 1024;

/** A journal in a folder, which is made when missing. Throws when the folder cannot be read or written. */
export function openFileJournal(folder: string): Journal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const segments = readdirSync(folder)
    .filter((name) => /^\d{8}\.log$/.test(name))
    .map((name) => Number(name.slice(0, 8)))
    .sort((a, b) => a - b);
  const found = segments.map((segment) => readSegment(join(folder, fileOf(segment)), segment));
  return new FileJournal(folder, (segments.at(-1) ?? 0) + 1, {
    lines: found.flatMap((part) => part.lines),
    damaged: found.reduce((sum, part) => sum + part.damaged, 0),
  });
}

const fileOf = (segment: number) => `${String(segment).padStart(8, "0")}.log`;
const sealed = (text: string) => `${crc32(text).toString(16).padStart(8, "0")} ${text}\n`;

function readSegment(path: string, segment: number): { lines: StoredLine[]; damaged: number } {
  const whole = readFileSync(path, "utf8");
  const lines: StoredLine[] = [];
  let damaged = 0;
  for (const line of whole.split("\n")) {
    if (line === "") continue;
    const text = line.slice(9);
    if (line.length <= lineBytesMax && sealed(text) === `${line}\n`) lines.push({ text, segment });
    else damaged += 1;
  }
  return { lines, damaged };
}

/** A flush that somebody waits for does not queue behind the one that nobody does; more at once would only queue in the kernel. */
const flushesMax = 2;

type Waiter = { readonly upTo: number; readonly done: (error: Error | null) => void };

class FileJournal implements Journal {
  readonly found: Journal["found"];
  readonly #folder: string;
  #segment: number;
  #descriptor: number;
  #segmentBytes = 0;
  #waiting: Buffer[] = [];
  #appended = 0;
  #written = 0;
  #synced = 0;
  #waiters: Waiter[] = [];
  /** the last line that a running flush covers */
  #flushing = 0;
  #flushes = 0;
  #failedFlushes = 0;
  #isWriting = false;
  #isPaused = false;
  #isClosed = false;
  #idle: (() => void)[] = [];

  constructor(folder: string, segment: number, found: Journal["found"]) {
    this.#folder = folder;
    this.found = found;
    this.#segment = segment;
    this.#descriptor = this.#create(segment);
  }

  #create(segment: number): number {
    const descriptor = openSync(join(this.#folder, fileOf(segment)), "a", 0o600);
    try {
      syncFolder(this.#folder);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    this.#segmentBytes = 0;
    return descriptor;
  }

  append(text: string): number {
    const line = Buffer.from(sealed(text));
    if (line.length > lineBytesMax) throw new Error(`journal: a line of ${line.length} bytes`);
    this.#waiting.push(line);
    this.#appended += 1;
    this.#segmentBytes += line.length;
    this.#work();
    return this.#segment;
  }

  sync(done: (error: Error | null) => void): void {
    if (this.#isClosed) {
      done(new Error("journal: it is closed"));
      return;
    }
    if (this.#synced === this.#appended) {
      done(null); // an SD card is spared what it has done already
      return;
    }
    this.#waiters.push({ upTo: this.#appended, done });
    this.#work();
  }

  drop(segment: number): void {
    if (segment !== this.#segment) rmSync(join(this.#folder, fileOf(segment)), { force: true });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.sync(() => resolve()));
    if (this.#isBusy()) await new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#isClosed = true; // its descriptor may become another file's
    closeSync(this.#descriptor);
  }

  #isBusy(): boolean {
    return this.#isWriting || this.#isPaused || this.#flushes > 0;
  }

  /** Writes what waits; flushes what is written and waited for. */
  #work(): void {
    if (this.#isPaused || this.#isClosed) return;
    if (!this.#isWriting && this.#waiting.length > 0) this.#writeOut();
    const isDue = ({ upTo }: Waiter): boolean => upTo <= this.#written && upTo > this.#flushing;
    if (this.#flushes < flushesMax && this.#waiters.some(isDue)) this.#flush();
    this.#rest();
  }

  #rest(): void {
    if (!this.#isBusy()) for (const done of this.#idle.splice(0)) done();
  }

  #writeOut(): void {
    this.#isWriting = true;
    const group = this.#waiting;
    this.#waiting = [];
    const bytes = Buffer.concat(group);
    write(this.#descriptor, bytes, 0, bytes.length, null, (error, count) => {
      this.#isWriting = false;
      const failure =
        error ?? (count === bytes.length ? null : new Error(`journal: wrote ${count} of ${bytes.length} bytes; is the disk full?`));
      if (failure === null) this.#written += group.length;
      else this.#fail(failure, group);
      this.#work();
    });
  }

  /** The lines stay at hand and go out, on a fresh line, with the next append or sync. */
  #fail(failure: Error, group: Buffer[]): void {
    const marked = group[0]?.at(0) === 10 ? group : [Buffer.concat([Buffer.from("\n"), group[0] ?? Buffer.alloc(0)]), ...group.slice(1)];
    const waiters = this.#waiters.splice(0);
    for (const waiter of waiters) waiter.done(failure);
    this.#waiting = [...marked, ...this.#waiting];
    this.#pause();
  }

  /** After a failure nothing is tried until somebody asks again: a full disk must not become a busy loop. */
  #pause(): void {
    this.#isPaused = true;
    setImmediate(() => {
      this.#isPaused = false;
      this.#rest();
    });
  }

  #flush(): void {
    const [upTo, failedBefore] = [this.#written, this.#failedFlushes];
    this.#flushes += 1;
    this.#flushing = upTo;
    fdatasync(this.#descriptor, (error) => {
      this.#flushes -= 1;
      // The kernel tells of a failure once: what another flush said meanwhile proves nothing.
      if (error !== null) this.#failedFlushes += 1;
      else if (failedBefore === this.#failedFlushes) this.#synced = Math.max(this.#synced, upTo);
      if (this.#failedFlushes !== failedBefore) this.#flushing = this.#synced;
      const ready = this.#waiters.filter((waiter) => error !== null || waiter.upTo <= this.#synced);
      this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
      if (error === null) this.#rotate();
      for (const waiter of ready) waiter.done(error);
      this.#work();
    });
  }

  /** A new file when this one is full. Where none can be made (a full disk), this one goes on, and the next flush tries again. */
  #rotate(): void {
    if (this.#segmentBytes < segmentBytesMax || this.#synced < this.#appended || this.#isBusy()) return;
    const full = this.#descriptor;
    try {
      this.#descriptor = this.#create(this.#segment + 1);
    } catch {
      return;
    }
    this.#segment += 1;
    closeSync(full);
  }
}

/** A journal that lasts as long as its owner: for the simulation, where every flush is instant and nothing crashes. */
export function createMemoryJournal(lines: readonly string[] = []): Journal & { readonly kept: string[] } {
  const kept = [...lines];
  return {
    found: { lines: lines.map((text) => ({ text, segment: 1 })), damaged: 0 },
    kept,
    append(text) {
      kept.push(text);
      return 2;
    },
    sync: (done) => done(null),
    drop: () => {},
    close: async () => {},
  };
}
