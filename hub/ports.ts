/**
 * What the hub needs from the world, as interfaces. `app.ts` knows only these; `main.ts` brings the real ones, tests and
 * simulators bring their own clock or bus.
 */
import type * as z from "zod";
import type {
  Code,
  EventKind,
  KeyBox,
  lockoutKind,
  NodeConfig,
  NodeEvent,
  NodeKeysMessage,
  ResourceFacts,
  Restrictions,
  Schedule,
  SiteMode,
  SiteSettings,
  SnapshotManifest,
  SubjectFacts,
  Topic,
} from "#contract";
import type { PowerClasses } from "#core";

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

/** The wire of one site. The embedded broker and an external one both stand behind it. */
export type Bus = {
  /** Sends bytes made by the contract's codec. Resolves when the broker has taken them; rejects after 2 s. */
  publish(topic: Topic, ids: readonly string[], bytes: Uint8Array): Promise<void>;
  /** Everything nodes publish, authenticated: `node` is the identity of the connection, not a claim of the payload. */
  onMessage(
    handle: (message: { readonly path: string; readonly node: string; readonly bytes: Uint8Array; readonly retained: boolean }) => void,
  ): void;
  onConnection(handle: (change: { readonly node: string; readonly connected: boolean }) => void): void;
  /** Ends a node's connection now: revoked, or misbehaving. Over a broker that is not ours, only stops listening to it. */
  drop(node: string, why: string): void;
  readonly endsConnections: boolean;
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

/** The newest event that the ledger has of a node's boot, and when it believes that it happened. */
export type BootTime = { readonly boot: string } & Pick<LedgerEvent, "atMono" | "evtMs" | "tqHub">;

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
  /** by which thresholds its power is told busy, idle or off from now on; null when nobody has said */
  classify(machine: string, classes: PowerClasses | null): void;
  /** watt-hours of a machine since an instant; null when nothing is known of that time */
  energySince(machine: string, fromMs: number): number | null;
  health(): { readonly ok: boolean; readonly waiting: number; readonly sentence: string };
  close(): Promise<void>;
};

/** What the app asks of the ledger beside the log: permissions compiled to facts, and what changed after a COMMIT. */
export type Permits = {
  snapshot(node: string): { readonly manifest: SnapshotManifest; chunk(index: number): Uint8Array } | undefined;
  decideFacts(node: string, ch: string, cardKey: string): DecideFacts | undefined;
  /** `duress`: the member's second PIN, by which they say that they are made to (security.md R48) */
  checkPin(member: number, pin: string): Promise<"right" | "duress" | "wrong">;
  /** whether this node may have seen such a card count so far: higher than ever, or the same tap asked again */
  isFreshCounter(node: string, cardKey: string, counter: number): boolean;
  restrictions(node: string): Restrictions;
  nodeConfig(node: string): NodeConfig;
};
export type DecideFacts = {
  readonly resource: ResourceFacts;
  readonly schedules: readonly Schedule[];
  readonly subject: { readonly member: number; readonly facts: SubjectFacts } | null;
  readonly lockouts: readonly z.infer<typeof lockoutKind>[];
  readonly revoked: boolean;
  /** a check that is due: was it rejected, and who used the machine last */
  readonly check?: { readonly rejected: boolean; readonly lastMember: number };
  readonly snapshot: { readonly epoch: number; readonly version: number };
};

/** A door or machine and the channel it hangs on. */
export type Resource = {
  readonly id: string;
  readonly kind: "door" | "machine";
  readonly label: string;
  readonly node: string;
  readonly ch: string;
  /** where it stands; a door leads from `fromZone` (null: outside) to `zone` */
  readonly zone: string | null;
  readonly fromZone: string | null;
  readonly facts: ResourceFacts;
  readonly settings: Readonly<Record<string, number | string | boolean>>;
};

/** Short, synchronous questions to the ledger. */
export type Registry = {
  site(): {
    readonly epoch: number;
    readonly mode: SiteMode;
    readonly modeVersion: number;
    readonly demo: boolean;
    /** what replaces the register here */
    readonly settings: SiteSettings;
  };
  resources(): readonly Resource[];
  nodes(): readonly {
    readonly node: string;
    readonly label: string;
    readonly status: "pending" | "active" | "quarantined" | "revoked";
    readonly macSerial?: number;
  }[];
  /** null when nobody has that number */
  memberName(member: number): string | null;
  /** newest first */
  recentEvents(limit: number): readonly LedgerEvent[];
  openSessions(): readonly {
    readonly session: string;
    readonly node: string;
    readonly ch: string;
    readonly member: number;
    readonly startedMs: number;
  }[];
  /** of the given kinds, oldest first; the newest 10,000 */
  eventsSince(fromMs: number, kinds: readonly EventKind[]): readonly LedgerEvent[];
  /** when each machine's last closed session ended */
  lastEnds(): readonly { readonly node: string; readonly ch: string; readonly endMs: number }[];
  /** each zone with the one around it */
  zones(): ReadonlyMap<string, string | null>;
  creditCents(member: number): number;
  /** uses that a node allowed alone and that would have been refused, after this number, in order; those nobody has closed */
  exceptions(after: number): readonly {
    readonly exception: number;
    readonly member: number;
    readonly resource: string;
    readonly code: Code;
    readonly evtMs: number;
  }[];
  lockouts(machine: string): readonly { readonly kind: z.infer<typeof lockoutKind>; readonly reason: string; readonly atMs: number }[];
};

export type LedgerChange =
  | { readonly kind: "events"; readonly events: readonly LedgerEvent[] }
  /** something beside the log: names, rights, equipment, nodes; snapshots follow where it changes them */
  | { readonly kind: "recorded" }
  | { readonly kind: "permissions"; readonly version: number; readonly nodes: readonly string[] }
  | { readonly kind: "mode"; readonly mode: SiteMode; readonly version: number };

/** How new nodes come (contract/enrolment.ts). */
export type Adoption = {
  /** until when they may say hello; null when they may not */
  untilMs(): number | null;
  /** the keys that wait for one, encrypted to it; undefined when nobody has adopted it */
  offer(fp: string): { readonly node: string; readonly box: KeyBox } | undefined;
  /** words and name on the bus of a public key */
  faceOf(publicKey: string): { readonly words: string; readonly fp: string };
  /** the hub's own key, SPKI, base64url, and its signature */
  readonly hub: string;
  sign(bytes: Uint8Array): Uint8Array;
  /** by node: new keys that wait for it to come with them */
  nextKeys(): ReadonlyMap<string, NodeKeysMessage>;
  /** the same encrypted anew, for a node that has started again meanwhile */
  rekey(node: string, boxKey: string): Promise<void>;
};

/** The ledger as the app sees it. */
export type Ledger = EventLog & {
  readonly permits: Permits;
  readonly registry: Registry;
  /** highest seq of this boot up to which everything is durable or declared lost */
  ackUpTo(node: string, boot: string): number;
  /** the node's last boots of which there are events, oldest first */
  bootsOf(node: string): readonly BootTime[];
  onChange(handle: (change: LedgerChange) => void): () => void;
  /** a node misbehaves: it is not let in any more until a person says so */
  cutOff(node: string): Promise<void>;
  macOf(node: string): (bytes: Uint8Array) => Uint8Array;
  readonly adoption: Adoption;
};
