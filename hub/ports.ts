/**
 * What the hub needs from the world, as interfaces. `app.ts` knows only these; `main.ts` brings the real ones, tests and
 * simulators bring their own clock or bus.
 */
import type { NodeEvent, SiteMode, Topic } from "#contract";

/** Wall clock for labels, monotonic for durations; timers have names for diagnostics. */
export type Clock = {
  nowMs(): number;
  monoMs(): number;
  /** calls `run` once; the returned function cancels */
  after(name: string, delayMs: number, run: () => void): () => void;
  every(name: string, periodMs: number, run: () => void): () => void;
};

export type Ids = {
  ulid(): string;
  /** 96 random bits as 24 hexadecimal digits */
  nonce(): string;
};

/** Structured, few lines; never card numbers, names or secrets. */
export type Log = {
  info(facts: Record<string, unknown>, sentence: string): void;
  warn(facts: Record<string, unknown>, sentence: string): void;
  error(facts: Record<string, unknown>, sentence: string): void;
};

/** The wire below `koprade/1/{site}/`. The embedded broker and an external one both stand behind it. */
export type Bus = {
  /** Sends bytes made by the contract's codec. Resolves when the broker has taken them; rejects after 2 s. */
  publish(topic: Topic, ids: readonly string[], bytes: Uint8Array): Promise<void>;
  /** Everything nodes publish, authenticated: `node` is the identity of the connection, not a claim of the payload. */
  onMessage(
    handle: (message: { readonly path: string; readonly node: string; readonly bytes: Uint8Array; readonly retained: boolean }) => void,
  ): void;
  onConnection(handle: (change: { readonly node: string; readonly connected: boolean }) => void): void;
  /** Ends a node's connection now: revoked, or misbehaving. */
  drop(node: string, why: string): void;
  close(): Promise<void>;
};

/** What became of one batch of events: durable, or not stored at all (the outbox keeps them). */
export type Stored = { readonly stored: number; readonly duplicates: number; readonly gaps: number };

/** An event as the ledger keeps it: with the node it came from and the time the hub believes. */
export type LedgerEvent = NodeEvent & {
  readonly node: string;
  /** UTC ms; from the node's clock when it was synced, else from its monotonic age, else receipt */
  readonly evtMs: number;
  readonly recvMs: number;
  readonly tqHub: "synced" | "holdover" | "unknown";
};

/** The append-only log. `append` resolves after COMMIT and never blocks the caller's thread. */
export type EventLog = {
  append(node: string, events: readonly LedgerEvent[]): Promise<Stored>;
  /** keeps what could not be read, so that it blocks nobody: at most 1,000 rows of 4 KB */
  quarantine(node: string, path: string, bytes: Uint8Array, reason: string): Promise<void>;
};

/** Samples and states over time. Never on the path of a decision; may lag, may be down, loses nothing it promised. */
export type Series = {
  power(
    machine: string,
    samples: readonly { readonly atMs: number; readonly powerW: number | null; readonly energyWh: number | null }[],
  ): void;
  state(machine: string, atMs: number, status: string): void;
  health(): { readonly ok: boolean; readonly waiting: number; readonly sentence: string };
  close(): Promise<void>;
};

export type Mode = SiteMode;
