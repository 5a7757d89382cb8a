/**
 * Everything that happened here and that the hub has not confirmed yet. An event gets its number when it happens, is on the
 * disk before a permissive output follows from it, and leaves only when the hub says that it has committed it (`evt-ack`).
 * At least 10,000 events fit; beyond that the oldest go and a `node.gap` says which.
 */
import * as z from "zod";
import { bootId, type EventBody, type NodeEvent, nodeEvent } from "#contract";
import type { Journal } from "./journal.ts";
import type { NodeClock } from "./node-clock.ts";
import type { Clock, Log } from "./ports.ts";

export const outboxEventsMax = 12_000;
/** how many of the oldest go at once when it overflows */
const overflowStep = 1000;
export const batchEventsMax = 40;
/** the contract allows 16 KB; the envelope needs its share */
export const batchBytesMax = 15_600;
/** what is not waited for is flushed after this */
const lazySyncMs = 1000;

export type Outbox = {
  /** Records that something happened on a channel (or on "node" itself). */
  append(ch: string, body: EventBody): NodeEvent;
  /** Calls back once with true when everything appended so far is on the disk; with false after `limitMs` or a disk error. */
  whenDurable(limitMs: number, done: (isDurable: boolean) => void): void;
  /** The oldest events of one boot, as many as fit in one message; empty when there are none. */
  nextBatch(): readonly NodeEvent[];
  /** The hub has committed everything of `boot` up to and including `upTo`. Answers how many events this released. */
  release(boot: string, upTo: number): number;
  depth(): number;
  close(): Promise<void>;
};

const ackLine = z.object({ ack: z.object({ boot: bootId, upTo: z.int().min(0) }) });
type Kept = { readonly event: NodeEvent; readonly bytes: number; readonly segment: number };

export type OutboxGiven = {
  readonly journal: Journal;
  readonly boot: string;
  readonly clock: Clock;
  readonly nodeClock: Pick<NodeClock, "stamp" | "raiseFloor">;
  readonly log: Log;
};

/** Opens the outbox and takes over what earlier lives left in the journal. */
export function openOutbox(given: OutboxGiven): Outbox {
  const outbox = new JournalOutbox(given);
  outbox.recover();
  return outbox;
}

class JournalOutbox implements Outbox {
  readonly #given: OutboxGiven;
  #kept: Kept[] = [];
  readonly #liveIn = new Map<number, number>();
  #seq = 0;
  #isSyncPlanned = false;
  #isClosing = false;
  #lastFailure = "";

  constructor(given: OutboxGiven) {
    this.#given = given;
  }

  /** Reads the journal: drops what was confirmed, joins duplicates, reports holes, and rewrites it when it is untidy. */
  recover(): void {
    const { lines, damaged } = this.#given.journal.found;
    const { events, released } = parseLines(lines);
    const left = events.filter(({ event }) => event.seq > (released.get(event.boot) ?? 0));
    for (const kept of left) this.#keep(kept);
    for (const { event } of events) if (event.atMs !== null && event.tq === "synced") this.#given.nodeClock.raiseFloor(event.atMs);
    for (const hole of holesOf(left, released)) this.append("node", { kind: "node.gap", ...hole });
    if (damaged > 0) this.#given.log.warn({ damaged }, "the outbox held lines that could not be read; the gap is on record");
    const segments = new Set(lines.map((line) => line.segment));
    if (segments.size > 8 || damaged > 0) this.#rewrite(segments);
    else for (const segment of segments) if (!this.#liveIn.has(segment)) this.#given.journal.drop(segment);
  }

  /** Copies what is still needed into the current segment and, once that is durable, forgets the old ones. */
  #rewrite(old: ReadonlySet<number>): void {
    const foreign = this.#kept.filter((kept) => old.has(kept.segment));
    const copied = new Map(foreign.map((kept) => [kept, { ...kept, segment: this.#given.journal.append(JSON.stringify(kept.event)) }]));
    this.#kept = this.#kept.map((kept) => copied.get(kept) ?? kept);
    this.#liveIn.clear();
    for (const kept of this.#kept) this.#count(kept.segment, 1);
    this.#given.journal.sync((error) => {
      if (error === null) for (const segment of old) this.#given.journal.drop(segment);
    });
  }

  append(ch: string, body: EventBody): NodeEvent {
    this.#seq += 1;
    const { boot, journal, nodeClock } = this.#given;
    const event = nodeEvent.parse({ boot, seq: this.#seq, ch, ...nodeClock.stamp(), body });
    const text = JSON.stringify(event);
    this.#keep({ event, bytes: Buffer.byteLength(text), segment: journal.append(text) });
    if (this.#kept.length > outboxEventsMax) this.#overflow();
    this.#syncLater();
    return event;
  }

  whenDurable(limitMs: number, done: (isDurable: boolean) => void): void {
    let isSettled = false;
    const settle = (isDurable: boolean) => {
      if (isSettled) return;
      isSettled = true;
      cancel();
      done(isDurable);
    };
    const cancel = this.#given.clock.after("durable limit", limitMs, () => settle(false));
    this.#given.journal.sync((error) => {
      this.#noteFailure(error);
      settle(error === null);
    });
  }

  nextBatch(): readonly NodeEvent[] {
    const first = this.#kept[0];
    if (first === undefined) return [];
    const batch: NodeEvent[] = [];
    let bytes = 0;
    for (const kept of this.#kept) {
      bytes += kept.bytes + 1;
      if (kept.event.boot !== first.event.boot || batch.length === batchEventsMax || (bytes > batchBytesMax && batch.length > 0)) break;
      batch.push(kept.event);
    }
    return batch;
  }

  release(boot: string, upTo: number): number {
    const before = this.#kept.length;
    const isReleased = (kept: Kept) => kept.event.boot === boot && kept.event.seq <= upTo;
    const gone = this.#kept.filter(isReleased);
    if (gone.length === 0) return 0;
    this.#kept = this.#kept.filter((kept) => !isReleased(kept));
    this.#given.journal.append(JSON.stringify({ ack: { boot, upTo } }));
    for (const kept of gone) this.#count(kept.segment, -1);
    this.#syncLater();
    return before - this.#kept.length;
  }

  depth(): number {
    return this.#kept.length;
  }

  close(): Promise<void> {
    this.#isClosing = true;
    return this.#given.journal.close();
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept);
    this.#count(kept.segment, 1);
  }

  #count(segment: number, change: 1 | -1): void {
    const live = (this.#liveIn.get(segment) ?? 0) + change;
    if (live > 0) this.#liveIn.set(segment, live);
    else {
      this.#liveIn.delete(segment);
      this.#given.journal.drop(segment);
    }
  }

  #overflow(): void {
    const gone = this.#kept.slice(0, overflowStep);
    const boots = new Set(gone.map((kept) => kept.event.boot));
    this.#given.log.error(
      { events: gone.length },
      "the outbox is full because the hub has not confirmed for long; the oldest events are lost, the gap is on record",
    );
    for (const boot of boots) {
      const seqs = gone.filter((kept) => kept.event.boot === boot).map((kept) => kept.event.seq);
      const from = seqs[0] ?? 0;
      const to = seqs.at(-1) ?? from;
      this.release(boot, to);
      this.append("node", { kind: "node.gap", ofBoot: boot, from, to });
    }
  }

  #syncLater(): void {
    if (this.#isSyncPlanned) return;
    this.#isSyncPlanned = true;
    this.#given.clock.after("lazy sync", lazySyncMs, () => {
      this.#isSyncPlanned = false;
      this.#given.journal.sync((error) => this.#noteFailure(error));
    });
  }

  /** Once when the disk goes away, once when it returns. */
  #noteFailure(error: Error | null): void {
    const failure = error?.message ?? "";
    if (this.#isClosing && error !== null) return; // what comes after the end is granted by nobody
    if (failure === this.#lastFailure) return;
    this.#lastFailure = failure;
    if (error === null) this.#given.log.info({}, "the outbox can be written again");
    else this.#given.log.error({ cause: failure }, "the outbox cannot be written; nothing is granted until it can");
  }
}

function parseLines(lines: Journal["found"]["lines"]): { events: Kept[]; released: Map<string, number> } {
  const events = new Map<string, Kept>();
  const released = new Map<string, number>();
  for (const { text, segment } of lines) {
    const value: unknown = JSON.parse(text);
    const ack = ackLine.safeParse(value);
    if (ack.success) {
      const { boot, upTo } = ack.data.ack;
      released.set(boot, Math.max(released.get(boot) ?? 0, upTo));
      continue;
    }
    const event = nodeEvent.safeParse(value);
    if (event.success) events.set(`${event.data.boot}:${event.data.seq}`, { event: event.data, bytes: Buffer.byteLength(text), segment });
  }
  return { events: [...events.values()], released };
}

/** Numbers that must have existed but are neither here nor confirmed. */
function holesOf(left: readonly Kept[], released: ReadonlyMap<string, number>): { ofBoot: string; from: number; to: number }[] {
  const last = new Map<string, number>();
  const holes: { ofBoot: string; from: number; to: number }[] = [];
  for (const { event } of left) {
    const before = last.get(event.boot) ?? released.get(event.boot) ?? 0;
    const confirmedUnknown = !last.has(event.boot) && !released.has(event.boot);
    if (event.seq > before + 1 && !confirmedUnknown) holes.push({ ofBoot: event.boot, from: before + 1, to: event.seq - 1 });
    last.set(event.boot, event.seq);
  }
  return holes;
}
