/**
 * What the pages need from the hub, and what they may ask of it: types only. `app.ts` implements them over ledger, core and
 * bus; browser tests implement them over invented people and electricity. Every value here is safe to show to staff: no card
 * numbers, no secrets. Times are UTC milliseconds, power in watts, energy in watt-hours; null means unknown, never zero.
 */
import type * as z from "zod";
import type { Code, NodeEvent, SiteMode, WarningCode } from "#contract";
import type { MachineTemplateName } from "./machine-templates.ts";

export const languages = ["en", "lv", "sv", "nb"] as const;
export type Language = (typeof languages)[number];

/** A person as staff may see them. Names are shown, never inflected (experience.md §12). */
export type Person = { readonly member: number; readonly name: string };

/** Precedence of domain.md §2.2: the first that applies. `unknown` whenever the node is not there: never `free`. */
export const machineStatuses = [
  "emergency",
  "fault",
  "tamper",
  "locked_out",
  "out_of_order",
  "unknown",
  "busy",
  "idle",
  "grace",
  "run_on",
  "needs_check",
  "reserved",
  "free",
] as const;
export type MachineStatus = (typeof machineStatuses)[number];

export const doorStatuses = ["forced", "held", "unknown", "open", "unlocked", "passage", "secure"] as const;
export type DoorStatus = (typeof doorStatuses)[number];

export const nodeStatuses = ["pending", "offline", "suspect", "syncing", "online", "quarantined", "revoked"] as const;
export type NodeStatus = (typeof nodeStatuses)[number];

export type DoorLive = {
  readonly id: string;
  readonly label: string;
  readonly node: string;
  readonly status: DoorStatus;
  readonly sinceMs: number | null;
  /** who was let in last, when the door is unlocked or open because of it */
  readonly who: Person | null;
};

export type MachineLive = {
  readonly id: string;
  readonly label: string;
  readonly node: string;
  readonly status: MachineStatus;
  readonly sinceMs: number | null;
  readonly who: Person | null;
  /** why it is locked out or out of order, in the words of whoever did it */
  readonly note: string | null;
  readonly powerW: number | null;
  readonly powerAtMs: number | null;
  /** the power is estimated, as from a clamp, and may be off by so many percent; null: it is measured */
  readonly powerUncertainPct: number | null;
  readonly energyTodayWh: number | null;
  /** above `busyW` it works, below `idleW` it does not; between them it keeps what it was */
  readonly idleW: number | null;
  readonly busyW: number | null;
};

export type SessionLive = {
  readonly id: string;
  readonly machine: string;
  readonly machineLabel: string;
  readonly who: Person;
  readonly startedMs: number;
  readonly phase: "enabled" | "idle" | "busy" | "grace" | "unattended";
  readonly leaseUntilMs: number | null;
};

export type NodeLive = {
  readonly id: string;
  readonly label: string;
  readonly status: NodeStatus;
  readonly sinceMs: number | null;
  readonly lastSeenMs: number | null;
  /** events that wait at the node for the hub's acknowledgement */
  readonly outboxDepth: number | null;
  readonly snapshotAgeMs: number | null;
  readonly clock: NodeEvent["tq"];
  /** a sentence about what is wrong, e.g. a lost reader or board; null when nothing is */
  readonly trouble: string | null;
};

/** One line of what happened. `reason` is there for decisions; `nextStep` is the site's own advice per language. */
export type FeedItem = {
  readonly id: string;
  readonly atMs: number;
  readonly kind: "granted" | "refused" | "ended" | "alarm" | "exception" | "opened" | "locked" | "cleared" | "duress";
  readonly where: string;
  readonly whereLabel: string;
  readonly who: Person | null;
  readonly reason: Code | null;
  readonly also: readonly Code[];
  readonly nextStep: Readonly<Record<string, string>>;
};

export type SiteLive = {
  readonly id: string;
  readonly name: string;
  /** IANA time zone */
  readonly zone: string;
  readonly language: Language;
  readonly mode: SiteMode;
  /** the building is simulated; its data never mixes with real data */
  readonly simulated: boolean;
};

export type LiveSnapshot = {
  readonly site: SiteLive;
  readonly doors: readonly DoorLive[];
  readonly machines: readonly MachineLive[];
  readonly sessions: readonly SessionLive[];
  readonly nodes: readonly NodeLive[];
  /** newest first, at most 50 */
  readonly feed: readonly FeedItem[];
};

/** One thing that is different now. Everything but a feed line replaces what was known under the same id. */
export type LiveChange =
  | { readonly kind: "site"; readonly site: SiteLive }
  | { readonly kind: "door"; readonly door: DoorLive }
  | { readonly kind: "machine"; readonly machine: MachineLive }
  | { readonly kind: "session"; readonly session: SessionLive }
  | { readonly kind: "session_ended"; readonly id: string }
  | { readonly kind: "node"; readonly node: NodeLive }
  | { readonly kind: "feed"; readonly item: FeedItem };

export type PowerTrace = {
  readonly machine: string;
  readonly label: string;
  readonly idleW: number | null;
  readonly busyW: number | null;
  /** in order of time, at most 2,000; null is a gap */
  readonly points: readonly { readonly atMs: number; readonly powerW: number | null }[];
};

/** `koprade why`, for the page: every rule and what it said. */
export type Why = {
  readonly outcome: "grant" | "deny" | "pending" | "noop" | "ask";
  readonly reason: Code;
  readonly also: readonly Code[];
  readonly warnings: readonly WarningCode[];
  /** refusals that an override or the policy there sets aside */
  readonly waived: readonly Code[];
  readonly trace: readonly { readonly rule: string; readonly verdict: string; readonly code: string | null; readonly because: string }[];
};
export type WhyQuestion = { readonly member: number; readonly at: string; readonly whenMs: number };

/** Somebody who may be in the building. */
export type Mustered = {
  readonly member: number;
  readonly name: string;
  /** label of the zone they were last known to be in; null: somewhere in the space */
  readonly zone: string | null;
  /** their last sign before the list's instant, UTC ms */
  readonly sinceMs: number;
  /** when they tapped out since; null: not known to be out */
  readonly outMs: number | null;
};
/** The muster list, by zone, then by name (domain.md S11). */
export type Muster = {
  /** the instant the list is of: the beginning of the evacuation, or now */
  readonly asOfMs: number;
  readonly isFrozen: boolean;
  readonly people: readonly Mustered[];
};

export type ReportCell = string | number | null;
export type ReportTable = {
  readonly id: string;
  readonly title: string;
  /** what is counted and how, in one or two sentences */
  readonly note: string;
  readonly columns: readonly { readonly label: string; readonly unit: string | null; readonly numeric: boolean }[];
  readonly rows: readonly (readonly ReportCell[])[];
  readonly total: readonly ReportCell[] | null;
};
export type ReportChart = {
  readonly id: string;
  readonly title: string;
  /** says what the picture shows */
  readonly summary: string;
  /** id of the table with its numbers */
  readonly table: string;
  readonly svg: string;
};
export type MonthReport = {
  /** `2026-11` */
  readonly month: string;
  readonly siteName: string;
  readonly zone: string;
  readonly madeMs: number;
  /** simulated data carries this mark on every page */
  readonly simulated: boolean;
  /** what is missing or doubtful in this month, worst first; empty when nothing is */
  readonly quality: readonly string[];
  /** what the month comes down to, made by rules */
  readonly sentences: readonly string[];
  readonly tables: readonly ReportTable[];
  readonly charts: readonly ReportChart[];
};
export type ReportFile = { readonly fileName: string; readonly mediaType: string; readonly bytes: Uint8Array };

export type LiveView = {
  snapshot(): LiveSnapshot;
  /** Calls `listen` for every change after this call; the returned function ends it. `listen` never throws. */
  subscribe(listen: (change: LiveChange) => void): () => void;
  /** Calls `listen` when the whole picture is another one: the simulated building was turned on or off. Absent where that cannot be. */
  onReplaced?(listen: () => void): () => void;
  /** undefined when there is no such machine */
  powerTrace(machine: string, fromMs: number, toMs: number): Promise<PowerTrace | undefined>;
  /** undefined when there is no such member, door or machine */
  why(question: WhyQuestion): Promise<Why | undefined>;
  /** who may be in the building; frozen while it is evacuated */
  muster(): Promise<Muster>;
  /** `month` is `YYYY-MM` in the site's zone, `language` that of the reader */
  monthReport(month: string, language: Language): Promise<MonthReport>;
  monthFile(month: string, language: Language, format: "csv" | "pdf" | "xlsx"): Promise<ReportFile | undefined>;
  /** one sentence per part that is not well; empty when the hub is */
  troubles(): readonly string[];
};

/** What the space tells whoever asks, without a name in it; null where it is switched off. */
export type Neighbours = {
  /** SpaceAPI v15 */
  spaceApi(): object | null;
  /** Prometheus, text format 0.0.4 */
  metrics(): string | null;
  /** iCalendar */
  calendar(): string | null;
};

/** Who asked, for the record. */
export type Actor = {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** the member record that the account belongs to; an account of a member has one, others may */
  readonly member: number | null;
};
/** Of accounts, most powerful first: each may do what those after it may. What else members may (trainer, steward …) is a fact of the ledger. */
export const roles = ["owner", "manager", "staff", "member"] as const;
export type Role = (typeof roles)[number];
export const isAtLeast = (role: Role, least: Role): boolean => roles.indexOf(role) <= roles.indexOf(least);

/** `unconfirmed`: nobody answered in time; it may or may not have happened (domain.md §5.4). `missing`: there is no such thing. */
export type CommandOutcome =
  | { readonly status: "applied" | "verified" | "unconfirmed" | "missing" }
  | { readonly status: "rejected"; readonly sentence: string };

/** A permission command: `input` is its schema, `access` the least account that may try it. */
export type CommandRow = { readonly name: string; readonly input: z.ZodType; readonly access: Role; readonly isLarge: boolean };

/** Everything the pages can make happen. Each resolves with what is known by then: `unlockDoor`, in two steps, within 6 s, a command when it is on disk. */
export type Commands = {
  unlockDoor(given: { readonly door: string; readonly actor: Actor }): Promise<CommandOutcome>;
  lockMachine(given: {
    readonly machine: string;
    readonly reason: string;
    readonly mode: "when_idle" | "immediate";
    readonly actor: Actor;
  }): Promise<CommandOutcome>;
  unlockMachine(given: { readonly machine: string; readonly actor: Actor }): Promise<CommandOutcome>;
  /** every permission command of the ledger */
  readonly table: readonly CommandRow[];
  /** Gives one of them. Rejects with HubError: FORBIDDEN, NOT_FOUND, CONFLICT …, CHANGED_MEANWHILE when it is not of `ifVersion` any more. */
  give(given: {
    readonly name: string;
    readonly input: unknown;
    readonly actor: Actor;
    readonly ifVersion?: number;
    /** from a page about the account's own member: of the space it belongs to, whatever the pages show */
    readonly isOwn?: boolean;
  }): Promise<object>;
  /** Takes the space's own name and zone from the first-run page. May come twice with other words: the last ones count. */
  createOwner(given: {
    readonly space: string;
    readonly zone: string;
    readonly language: Language;
    readonly ownerName: string;
    readonly ownerMail: string;
  }): Promise<void>;
  /** absent where nothing can be simulated */
  readonly simulation?: Simulation;
};

/** Who looked at a member's page: `actor` as in the audit, such as `staff:x7…`. */
export type LookUpSeen = {
  readonly n: number;
  readonly atMs: number;
  readonly actor: string;
  readonly what: string;
  readonly reason: string;
};

/** Where it is kept who did what: the audit of the space, beside its commands. Each is on disk when it resolves; rejects with HubError. */
export type Records = {
  /** a change of accounts; `target` is never a name or an address, `actor` null: nobody who is signed in */
  act(given: {
    readonly actor: Actor | null;
    readonly action: string;
    readonly target: string;
    readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
  }): Promise<void>;
  /** somebody opens a member's page: for the audit, and for the member to read */
  lookUp(given: { readonly actor: Actor; readonly member: number; readonly what: string; readonly reason: string }): Promise<void>;
  /** newest first, before entry `before` */
  lookUps(member: number, query: { readonly before?: number; readonly limit: number }): readonly LookUpSeen[];
  /** for `ifVersion`: see Commands.give; `target` as in the audit: `member 12`, `site` */
  versionOf(command: string, target: string): number;
};

/** The simulated building. `card` is a name of a simulated card, not a number. */
export type Simulation = {
  state(): SimulationState;
  start(): Promise<void>;
  stop(): Promise<void>;
  tap(given: { readonly card: string; readonly reader: string }): Promise<CommandOutcome>;
  /** A place for one more machine: a node on simulated lines with nothing on its channel yet. Undefined: there is room for no more. */
  addBench(given: { readonly like: MachineTemplateName }): Promise<{ readonly node: string; readonly ch: string } | undefined>;
};
/** The card that nobody has registered, by which somebody tries a machine of their own at a bench. */
export const newSimulatedCard = "new-card";
export type SimulationState = {
  readonly running: boolean;
  readonly cards: readonly { readonly card: string; readonly label: string }[];
  readonly readers: readonly { readonly reader: string; readonly label: string }[];
};
