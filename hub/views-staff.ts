/**
 * What the pages of staff read beside the live picture: types only, safe to show to staff, times in UTC milliseconds, dates as the space's
 * own days, null for what is not known. hub/staff/ answers them from the ledger; the page parses them again (dashboards/app/staff/wire.ts).
 */
import type { Code, EventBody } from "#contract";
import type { Actor, CommandOutcome, Person } from "./views.ts";

export type Named = { readonly id: string; readonly label: string };
/** A part of a list; `next` continues it, null at its end. */
export type Part<T> = { readonly rows: readonly T[]; readonly next: string | null };

/** Why somebody should look: what the live picture does not say by itself. */
export type Need = {
  /** stays the same while it is the same matter */
  readonly id: string;
  readonly kind: "reported" | "check" | "denied" | "unknown_card" | "job_done" | "exception" | "booking";
  readonly atMs: number;
  readonly where: Named;
  readonly who: Person | null;
  /** why somebody was refused, or would have been */
  readonly reason: Code | null;
  /** how often */
  readonly count: number;
  readonly note: string | null;
  /** number of the row that a command about it names; null where there is none */
  readonly row: number | null;
};
export type Soon = {
  readonly id: string;
  readonly kind: "booking" | "class" | "closing" | "opening";
  readonly label: string;
  readonly who: Person | null;
  readonly fromMs: number;
  readonly untilMs: number | null;
};
export type Shift = {
  readonly shift: number;
  readonly who: Person;
  readonly zone: string | null;
  readonly fromMs: number;
  readonly untilMs: number;
};
export type NowLanes = {
  readonly needs: readonly Need[];
  readonly soon: readonly Soon[];
  readonly shifts: readonly Shift[];
  /** with a roster stewards are on duty only in their shifts */
  readonly roster: boolean;
};

export type MachineInfo = Named & {
  readonly zone: Named | null;
  readonly course: Named | null;
  readonly riskClass: "A" | "B" | "C" | null;
};
export type Lockout = {
  readonly lockout: number;
  readonly kind: "maintenance" | "oops" | "fault" | "tamper" | "check";
  readonly reason: string;
  readonly atMs: number;
};
export type SessionLine = {
  readonly session: string;
  readonly who: Person | null;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly busyMs: number;
  readonly energyWh: number;
  readonly end: string | null;
};
export type MachineDetail = MachineInfo & {
  readonly node: string;
  readonly attendance: "attended" | "unattended_ok" | "unattended_after_start";
  readonly lockouts: readonly Lockout[];
  /** begin and end of the space's day */
  readonly day: { readonly fromMs: number; readonly toMs: number };
  /** of the last week, newest first, at most 200 */
  readonly sessions: readonly SessionLine[];
  readonly stops: readonly { readonly kind: string; readonly fromMs: number; readonly toMs: number | null }[];
  /** planned work, and bookings, from now on */
  readonly bookings: readonly {
    readonly booking: number;
    readonly who: Person | null;
    readonly label: string | null;
    readonly fromMs: number;
    readonly untilMs: number;
    readonly state: string;
  }[];
  readonly planned: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** who may teach and sign off its course today */
  readonly teachers: readonly Person[];
  readonly maintainers: readonly Person[];
  /** when it was last cared for (null: never, as far as is known), how long it has worked since, and after how long it is due again */
  readonly care: { readonly lastMs: number | null; readonly busyMs: number; readonly dueMs: number | null };
  /** days of the last four weeks on which something was known */
  readonly history: readonly {
    readonly date: string;
    readonly sessions: number;
    readonly busyMs: number | null;
    readonly energyWh: number | null;
  }[];
  readonly commissioned: { readonly isValid: boolean; readonly atMs: number; readonly basis: "tested" | "taken_over" } | null;
};
export type DoorDetail = Named & {
  readonly node: string;
  readonly leadsTo: Named | null;
  readonly leadsFrom: Named | null;
  readonly failMode: "safe" | "secure" | null;
  readonly course: Named | null;
  readonly strikeMs: number | null;
  readonly events: readonly LogLine[];
};

/** `plan` by its name for people. */
export type PersonRow = Person & {
  readonly status: "active" | "suspended" | "banned" | "left";
  readonly plan: string | null;
  readonly validThrough: string | null;
  readonly cards: number;
  readonly hold: string | null;
  readonly roles: readonly string[];
  readonly lastSeenMs: number | null;
};
export type PersonDetail = PersonRow & {
  readonly locale: string;
  readonly birthDate: string | null;
  readonly cardList: readonly {
    readonly cardKey: string;
    readonly label: string;
    readonly status: "active" | "lost" | "stolen" | "returned" | "revoked";
    readonly sinceMs: number;
  }[];
  readonly trainings: readonly {
    readonly course: Named;
    readonly result: "passed" | "failed" | "supervised_only";
    readonly by: Person;
    readonly on: string;
    readonly validThrough: string | null;
    readonly state: "valid" | "expired" | "suspended" | "revoked" | "failed";
  }[];
  readonly memberships: readonly { readonly plan: Named; readonly from: string; readonly validThrough: string | null }[];
  readonly holds: readonly {
    readonly place: string | null;
    readonly reason: string;
    readonly atMs: number;
    readonly through: string | null;
  }[];
  readonly visits: readonly LogLine[];
  readonly sessions: readonly (SessionLine & { readonly machine: Named })[];
};
export type Choices = { readonly plans: readonly Named[]; readonly courses: readonly Named[]; readonly readers: readonly Named[] };
/** What became of waiting for a new card. */
export type CaptureState = {
  readonly state: "waiting" | "done" | "refused" | "over";
  readonly untilMs: number;
  /** the reader's reason, in the words of the ledger */
  readonly refused: string | null;
};

export type CourseRow = Named & {
  readonly machines: readonly Named[];
  readonly teachers: readonly Person[];
  readonly valid: number;
  readonly validityMonths: number | null;
  readonly nextClass: { readonly label: string; readonly fromMs: number; readonly free: number | null } | null;
};
export type TrainingsView = {
  readonly courses: readonly CourseRow[];
  /** refused for want of a course in the last 30 days, and not trained since; or signed up for a class */
  readonly queue: readonly {
    readonly who: Person;
    readonly course: Named;
    readonly atMs: number;
    readonly times: number;
    readonly signedUp: string | null;
  }[];
  readonly expiring: readonly { readonly who: Person; readonly course: Named; readonly validThrough: string }[];
  readonly classes: readonly {
    readonly class: string;
    readonly label: string;
    readonly fromMs: number;
    readonly untilMs: number;
    readonly enrolled: readonly Person[];
  }[];
};

/** One line of the log; what it says in words is the page's business. */
export type LogLine = {
  readonly id: string;
  readonly atMs: number;
  readonly kind: EventBody["kind"];
  readonly where: Named;
  readonly who: Person | null;
  /** of a decision */
  readonly outcome: "grant" | "deny" | "pending" | "noop" | null;
  readonly request: string | null;
  readonly reason: Code | null;
  readonly also: readonly Code[];
  /** how a session ended, why a machine failed, what became of a job */
  readonly detail: string | null;
  readonly busyMs: number | null;
  readonly energyWh: number | null;
};
export const logGroups = ["all", "refused", "access", "sessions", "alarms", "nodes"] as const;
export type LogGroup = (typeof logGroups)[number];

export type NodeInfo = Named & {
  readonly kind: "door" | "machine" | "mixed" | "hosted";
  readonly state: "pending" | "active" | "quarantined" | "revoked";
  readonly firmware: string | null;
  readonly hangs: readonly (Named & { readonly kind: "door" | "machine" })[];
  readonly wiring: "tested" | "taken_over" | "ended" | "none" | "not_needed";
  readonly uptimeMs: number | null;
  readonly signalDbm: number | null;
};
export type NodesView = {
  readonly nodes: readonly NodeInfo[];
  /** until when new ones may say hello; null when they may not */
  readonly windowUntilMs: number | null;
  /** the hub's own words, which the node shows too */
  readonly hubWords: string;
  readonly newcomers: readonly {
    readonly fp: string;
    readonly words: string;
    readonly model: string;
    readonly firmware: string;
    readonly sinceMs: number;
    readonly adoptedAs: string | null;
    readonly channels: readonly { readonly ch: string; readonly kind: string }[];
  }[];
};

export type EnergyView = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: readonly {
    readonly machine: Named;
    readonly energyWh: number | null;
    /** while it was on and did nothing */
    readonly idleMs: number | null;
    readonly busyMs: number | null;
    /** outside opening hours; null where the space has none */
    readonly closedWh: number | null;
    /** the part of the time of which something is known, 0–1 */
    readonly known: number;
  }[];
  /** by hour (today) or by day, all machines */
  readonly bars: readonly { readonly fromMs: number; readonly energyWh: number }[];
};
export const energySpans = ["today", "week", "month"] as const;

export type PeopleQuery = {
  readonly text: string;
  readonly show: "all" | "active" | "hold" | "ending" | "no_training" | "left";
  readonly after: string | undefined;
};
export type LogQuery = {
  readonly group: LogGroup;
  readonly place: string | undefined;
  readonly member: number | undefined;
  readonly beforeMs: number | undefined;
};

/** undefined: there is no such thing. */
export type StaffReads = {
  lanes(): NowLanes;
  machines(): readonly MachineInfo[];
  machine(id: string): MachineDetail | undefined;
  door(id: string): DoorDetail | undefined;
  people(query: PeopleQuery): Part<PersonRow>;
  person(member: number): PersonDetail | undefined;
  choices(): Choices;
  capture(capture: number): CaptureState | undefined;
  trainings(): TrainingsView;
  log(query: LogQuery): Part<LogLine>;
  nodes(): NodesView;
  energy(span: (typeof energySpans)[number]): EnergyView;
};

/** What only a running hub can do for staff. */
export type StaffOrders = {
  orderDoor(given: {
    readonly door: string;
    readonly order: "acknowledge" | "relock" | "reset";
    readonly actor: Actor;
  }): Promise<CommandOutcome>;
  identify(given: { readonly node: string; readonly actor: Actor }): Promise<CommandOutcome>;
  /** gives a newcomer, whose words somebody has compared, its name and place */
  adopt(given: {
    readonly fp: string;
    readonly node: string;
    readonly label: string;
    readonly kind: "door" | "machine" | "mixed";
    readonly actor: Actor;
  }): Promise<CommandOutcome>;
};
