/**
 * What the ledger offers to the rest of the hub, as types. `openLedger` in ledger.ts makes one. Commands and appends run in
 * the ledger's own thread and never block the caller; reads are short and synchronous.
 */
import type {
  EndReason,
  EventKind,
  KeyBox,
  NodeConfig,
  NodeKeysMessage,
  ResourceFacts,
  Restrictions,
  Schedule,
  SiteMode,
  SiteSettings,
  SnapshotManifest,
  SubjectFacts,
} from "#contract";
import type { RunRecord, SessionRecord } from "#core";
import type { BootTime, Clock, EventLog, LedgerEvent, Log } from "../ports.ts";
import type { Act, LookUp, LookUpRow } from "./acts.ts";
import type { CommandInput, CommandName, ResultOf } from "./inputs.ts";
import type { ScreenReads } from "./screens.ts";
import type { NoticeOutcome, NoticeToTell, RowReads } from "./types-rows.ts";
import type { UsageReads } from "./usage-reads.ts";

export type LedgerConfig = {
  /** the site's data directory; created when missing, mode 700 */
  readonly dir: string;
  readonly site: string;
  /** IANA zone of the site; written at first start, afterwards the stored one counts */
  readonly tz: string;
  /** "hub" compiles and publishes snapshots; "tool" (the CLI beside a running or stopped hub) only reads and changes */
  readonly role?: "hub" | "tool";
  /** a site made by the demo; written at first start, a real site never becomes one */
  readonly demo?: boolean;
};
export type LedgerPorts = { readonly clock: Clock; readonly log: Log };

/** Who asks for a change, as authority.ts reads it: "cli:root", "staff:…", "member:7"; never a name. Stands in the audit. */
export type Actor = string;

/**
 * `ledger.change.addMember({ displayName: "Ada" }, "cli:root")`: checks, writes, appends to the audit, bumps the permissions'
 * version, all in one transaction. Rejects with HubError: BAD_INPUT, NOT_FOUND, ALREADY_EXISTS, CONFLICT, LEDGER_STALLED,
 * LEDGER_FULL, FORBIDDEN; each with a sentence and, where there is one, a fix.
 */
export type Changes = {
  readonly [C in CommandName]: (input: CommandInput<C>, actor: Actor, options?: ChangeOptions) => Promise<ResultOf<C>>;
};
export type ChangeOptions = {
  /** only if this command has last been given about the same thing in entry `ifVersion` of the audit, 0: never; else CHANGED_MEANWHILE */
  readonly ifVersion?: number;
};

export type MemberRow = {
  readonly member: number;
  readonly displayName: string;
  readonly locale: string;
  readonly status: "active" | "suspended" | "banned" | "left";
  readonly roles: readonly string[];
  readonly plan: string | null;
  readonly from: string | null;
  readonly validThrough: string | null;
  readonly graceDays: number;
  readonly cards: number;
  /** reason of a hold in force */
  readonly hold: string | null;
  readonly birthDate: string | null;
  /** doors may stand open longer after them */
  readonly moreTime: boolean;
  /** their number in another system, by which a list knows them again */
  readonly externalRef: string | null;
  readonly mail: string | null;
};
export type CardRow = {
  readonly cardKey: string;
  readonly member: number;
  readonly label: string;
  readonly status: "active" | "lost" | "stolen" | "returned" | "revoked";
  readonly validFrom: string | null;
  readonly validThrough: string | null;
  readonly statusSinceMs: number;
};
export type PlanRow = {
  readonly plan: string;
  readonly label: string;
  readonly always: boolean;
  readonly covers: "everything" | readonly string[];
  readonly schedule: string | null;
  readonly unattendedMayFinish: boolean;
};
export type LockoutRow = {
  readonly lockout: number;
  readonly machine: string;
  readonly kind: "maintenance" | "oops" | "fault" | "tamper" | "check";
  readonly mode: "when_idle" | "immediate";
  readonly reason: string;
  readonly atMs: number;
  readonly by: string;
  /** who has taken it up; null: nobody yet */
  readonly takenBy: number | null;
};
/** A door or a machine with the channel it hangs on and its policy as the facts have it. */
export type ResourceRow = {
  readonly id: string;
  readonly kind: "door" | "machine";
  readonly label: string;
  readonly node: string;
  readonly ch: string;
  readonly course: string | null;
  /** where it stands; a door's is the zone behind it, and `fromZone` the one in front (null: outside) */
  readonly zone: string | null;
  readonly fromZone: string | null;
  readonly failMode: "safe" | "secure" | null;
  readonly facts: ResourceFacts;
  readonly settings: Readonly<Record<string, number | string | boolean>>;
};
export type NodeRow = {
  readonly node: string;
  readonly kind: "door" | "machine" | "mixed" | "hosted";
  readonly label: string;
  readonly status: "pending" | "active" | "quarantined" | "revoked";
  /** which key its messages are sealed with */
  readonly macSerial: number;
  /** user names of its foreign devices at their port: open while it is active */
  readonly accounts: readonly string[];
};
export type AuditRow = {
  readonly n: number;
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly detail: string;
  readonly hash: string;
};
export type GapRow = {
  readonly node: string;
  readonly boot: string;
  readonly from: number;
  readonly to: number;
  readonly state: "open" | "lost" | "closed";
  readonly noticedMs: number;
};
export type QuarantineRow = {
  readonly n: number;
  readonly atMs: number;
  readonly node: string;
  readonly path: string;
  readonly reason: string;
  readonly bytes: Uint8Array;
};
export type StoredEvent = LedgerEvent & { /** position in the log, rising */ readonly n: number };
export type EventQuery = {
  readonly node?: string;
  readonly ch?: string;
  readonly kinds?: readonly EventKind[];
  readonly member?: number;
  readonly fromMs?: number;
  readonly toMs?: number /** only rows after this position, oldest first */;
  readonly after?: number /** newest first unless `after` is given; at most 10,000 */;
  readonly limit: number;
};
/** A session as the projection has it; `endedMs` null while open. */
export type SessionRow = {
  readonly session: string;
  readonly machine: string;
  readonly node: string;
  readonly ch: string;
  readonly member: number;
  readonly decision: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** `corrected`: as it was granted afterwards, not as its node told */
  readonly reason: EndReason | "corrected" | null;
  readonly phase: SessionRecord["phase"];
  readonly busyMs: number;
  readonly energyWh: number;
  readonly provisional: boolean;
  readonly runs: number;
  /** see #core SessionRecord; absent: nobody had to be there, no controller told of a job, nobody was signed off */
  readonly company?: SessionRecord["company"];
  readonly jobs?: SessionRecord["jobs"];
  readonly signedOffBy?: number;
};
export type SessionQuery = {
  readonly machine?: string;
  readonly member?: number;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly open?: boolean;
  readonly limit: number;
};
export type SiteRow = {
  readonly site: string;
  /** name of the space on screens and reports */
  readonly name: string;
  readonly locale: "en" | "lv" | "sv" | "nb";
  readonly tz: string;
  readonly epoch: number;
  readonly permissionVersion: number;
  readonly mode: SiteMode;
  readonly modeVersion: number;
  /** UTC ms; 0: never set */
  readonly modeSinceMs: number;
  readonly waiverRevision: number | null;
  readonly openingHours: string | null;
  /** younger people are minors */
  readonly adultAge: number;
  /** stewards are on duty only during their shifts */
  readonly roster: boolean;
  /** of the keys by which cards prove themselves: 1, and one more each time they were renewed */
  readonly cardGeneration: number;
  /** what replaces the register here (contract/settings.ts) */
  readonly settings: SiteSettings;
  readonly demo: boolean;
};

export type Reads = RowReads &
  ScreenReads & {
    site(): SiteRow;
    members(query?: { readonly text?: string; readonly limit?: number }): MemberRow[];
    activeMembers(): number;
    member(ref: number): MemberRow | undefined;
    /** by number, by "#number" or by a name that only one member has */
    findMember(text: string): { readonly found: MemberRow } | { readonly found: null; readonly candidates: readonly MemberRow[] };
    cards(member: number): CardRow[];
    card(cardKey: string): CardRow | undefined;
    plans(): PlanRow[];
    schedules(): { readonly schedule: string; readonly hours: Schedule }[];
    resources(): ResourceRow[];
    resource(id: string): ResourceRow | undefined;
    resourceAt(node: string, ch: string): ResourceRow | undefined;
    nodes(): NodeRow[];
    node(node: string): NodeRow | undefined;
    /** until when new nodes may say hello; null when they may not */
    enrolUntilMs(): number | null;
    /** the keys that wait for a newcomer, encrypted to it; undefined when nobody has adopted it */
    /** by node: new keys that wait for it to come with them, encrypted to its `boxKey` */
    nextKeys(): ReadonlyMap<string, NodeKeysMessage>;
    offer(fp: string): { readonly node: string; readonly box: KeyBox } | undefined;
    /** uncleared lockouts, of one machine or of all */
    lockouts(machine?: string): LockoutRow[];
    events(query: EventQuery): StoredEvent[];
    gaps(): GapRow[];
    quarantined(): QuarantineRow[];
    /** newest first */
    audit(limit: number): AuditRow[];
    /** entry in which this command was last given about this target (`member 12`, `site`), 0 when it never was: see ChangeOptions */
    versionOf(command: CommandName, target: string): number;
    /** who looked at this member's page, newest first, before entry `before` */
    lookUps(member: number, query: { readonly before?: number; readonly limit: number }): LookUpRow[];
    /** number of the first entry that does not follow from the one before, or null when the chain is whole */
    brokenAudit(): number | null;
    sessions(query: SessionQuery): SessionRow[];
    runs(query: Omit<SessionQuery, "member">): (RunRecord & { readonly machine: string })[];
    readonly usage: UsageReads;
  };

/** Snapshot of one node, ready to send. */
export type CompiledSnapshot = { readonly manifest: SnapshotManifest; readonly bytes: Uint8Array; chunk(index: number): Uint8Array };
/** What `decide` needs about a card at a channel, read from the very bytes the node has. `subject` null: unknown card. */
export type DecideFacts = {
  readonly resource: ResourceFacts;
  readonly schedules: readonly Schedule[];
  readonly subject: { readonly member: number; readonly facts: SubjectFacts } | null;
  readonly lockouts: readonly ("maintenance" | "oops" | "fault" | "tamper" | "check")[];
  readonly revoked: boolean;
  readonly check?: { readonly rejected: boolean; readonly lastMember: number };
  readonly snapshot: { readonly epoch: number; readonly version: number };
};
/** Facts of all members towards one door or machine; members of equal standing share one object. */
export type EveryFacts = {
  readonly resource: ResourceFacts;
  readonly schedules: readonly Schedule[];
  readonly members: readonly (readonly [number, SubjectFacts])[];
};
export type Permissions = {
  /** undefined: no such node, or it has no channels yet */
  snapshot(node: string): CompiledSnapshot | undefined;
  decideFacts(node: string, ch: string, cardKey: string): DecideFacts | undefined;
  /** facts of a member (not a card) at a resource, for `why` and the web: compiled afresh as of `atMs` */
  memberFacts(member: number, resource: string, atMs: number): DecideFacts | undefined;
  /** the same of all members at once, for each door and machine that is there */
  everyFacts(resources: readonly string[], atMs: number): EveryFacts[];
  /** `wrong` when the member has none, too; about 50 ms in threads of the pool */
  checkPin(member: number, pin: string): Promise<"right" | "duress" | "wrong">;
  isFreshCounter(node: string, cardKey: string, counter: number): boolean;
  restrictions(node: string): Restrictions;
  nodeConfig(node: string): NodeConfig;
};

export type ProofKeys = { readonly generation: number; readonly identity: Uint8Array; readonly proof: Uint8Array };

/** Key material outside the database (keys.ts). */
export type Keys = {
  cardKeyOf(number: string): string;
  /** for the node's own hashing, sealed into its enrolment */
  readonly cardSecret: Uint8Array;
  /** Ed25519 public key that verifies snapshots, SPKI in base64url */
  readonly signingPublicKey: string;
  sign(bytes: Uint8Array): Uint8Array;
  /** 32-byte HMAC key of a node's sealed messages */
  macKeyOf(node: string, serial: number): Uint8Array;
  /** by which cards prove themselves, 16 bytes each; every node has those of the present generation */
  proofKeysOf(generation: number): ProofKeys;
  /** master of the keys by which a card's keys are changed; it never leaves the hub */
  readonly cardManageKey: Uint8Array;
};

/** What has just become durable. `permissions`: nodes whose snapshot, restrictions or configuration are new. */
export type LedgerChange =
  | { readonly kind: "events"; readonly events: readonly StoredEvent[] }
  /** something beside the log: names, rights, equipment, nodes; snapshots follow where it changes them */
  | { readonly kind: "recorded" }
  | { readonly kind: "permissions"; readonly version: number; readonly nodes: readonly string[] }
  | { readonly kind: "mode"; readonly mode: SiteMode; readonly version: number };

export type Ledger = EventLog & {
  /** what became of the attempt to send a message of notices: `problem` null means that it has arrived */
  noteDelivery(outcome: NoticeOutcome): Promise<void>;
  /** what the hub itself has noticed; each once */
  noteNotices(notices: readonly NoticeToTell[]): Promise<void>;
  /** what became of telling a webhook the entries after `from` up to `told` */
  noteTold(given: {
    readonly webhook: number;
    readonly from: number;
    readonly told: number;
    readonly problem: string | null;
  }): Promise<void>;
  /** what somebody did beside commands: an entry of the audit */
  noteAct(act: Act): Promise<void>;
  /** somebody opens a member's page: for the audit, and for the member to read */
  noteLookUp(lookUp: LookUp): Promise<void>;
  readonly change: Changes;
  readonly read: Reads;
  readonly permissions: Permissions;
  readonly keys: Keys;
  /** highest seq of this boot up to which everything is durable or declared lost: what `evt-ack` may say */
  ackUpTo(node: string, boot: string): number;
  /** the node's last boots of which there are events, oldest first: for the times of what comes late */
  bootsOf(node: string): readonly BootTime[];
  /** true when the secret is the node's, or its next one, and the node is active; constant time */
  nodeSecretMatches(node: string, secret: string): boolean;
  /** true when the secret is the one that the node is about to have */
  isNextSecret(node: string, secret: string): boolean;
  /** called after COMMIT, in order; the returned function unsubscribes */
  onChange(handle: (change: LedgerChange) => void): () => void;
  health(): { readonly ok: boolean; readonly waiting: number; readonly oldestMs: number; readonly sentence: string };
  /** derives every projection again from the log, in one transaction */
  rebuild(): Promise<{ readonly events: number; readonly sessions: number }>;
  /** canonical JSON of all projections; the same log gives the same text */
  exportProjections(): string;
  close(): Promise<void>;
};
