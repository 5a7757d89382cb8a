/**
 * What the pages of managers read, and what they can make happen beside the commands of the ledger: types only, safe to show to managers,
 * times in UTC milliseconds, null for what is not known. hub/manager/ answers them; the page parses them again
 * (dashboards/app/manager/wire.ts).
 */
import type { Actor, Language, Person, ReportCell, ReportFile, ReportTable } from "./views.ts";
import type { Named } from "./views-staff.ts";

/** `running`: it is not over yet. `open`: it is, and nobody has made its draft. Then as `koprade report list` says. */
export const monthStates = ["running", "open", "draft", "checked", "closed", "revised"] as const;
export type MonthState = (typeof monthStates)[number];
export type MonthLine = {
  readonly month: string;
  readonly state: MonthState;
  readonly revisions: number;
  /** when it came to be so */
  readonly atMs: number | null;
};
/** The newest first. */
export type Months = { readonly zone: string; readonly months: readonly MonthLine[] };

/** One value that differs, as people read it. `of`: what `explain` takes. */
export type MonthDifference = {
  readonly of: string;
  readonly unit: string | null;
  readonly before: ReportCell;
  readonly after: ReportCell;
};
/** Where a page mends it; `to` is its address. */
export type MendLink = { readonly to: string; readonly label: "node" | "machine" | "number" | "people" | "corrections" | "energy" };
export type MonthDoubt = {
  readonly what: string;
  readonly sentence: string;
  readonly links: readonly MendLink[];
  /** lines for the terminal; words in capitals are for a person to fill in */
  readonly commands: readonly string[];
};
export type MonthRevision = {
  readonly number: number;
  readonly revision: number;
  readonly hash: string;
  /** the figures that are kept give this hash */
  readonly whole: boolean;
  readonly closedMs: number;
  readonly closedBy: string;
  readonly reason: string;
  /** against the revision before */
  readonly changed: readonly MonthDifference[];
};
/** `names` of a cell: which number stands there, the total's row last; null: none that can be explained. */
export type NumberTable = ReportTable & { readonly names: readonly (readonly (string | null)[])[] };
export type MonthDesk = {
  readonly month: string;
  readonly zone: string;
  readonly state: MonthState;
  readonly checkedMs: number | null;
  /** of what the log says today: whoever closes or revises names it */
  readonly hash: string;
  /** how many values that are */
  readonly values: number;
  readonly doubts: readonly MonthDoubt[];
  readonly sentences: readonly string[];
  readonly tables: readonly NumberTable[];
  /** of numbers that are not wholly known, by name: why, and the known share */
  readonly marks: Readonly<Record<string, { readonly mark: string | null; readonly coverage: number | null }>>;
  readonly revisions: readonly MonthRevision[];
  /** what the log says differently from the last revision */
  readonly since: readonly MonthDifference[];
};

export type NumberRow = {
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly what: string;
  readonly who: Person | null;
  readonly amount: ReportCell;
  readonly base: ReportCell;
};
/** A number taken apart, as `koprade report explain` does. Values in `unit`. */
export type NumberView = {
  readonly month: string;
  readonly zone: string;
  readonly name: string;
  readonly formula: string;
  readonly unit: string | null;
  readonly value: ReportCell;
  readonly mark: string | null;
  readonly numerator: ReportCell;
  readonly numeratorUnit: string | null;
  /** null: it is divided by nothing */
  readonly denominator: ReportCell;
  readonly denominatorUnit: string | null;
  /** 0 … 1 */
  readonly coverage: number | null;
  readonly n: number;
  readonly methodVersion: number;
  /** null: a draft */
  readonly revision: number | null;
  readonly rows: readonly NumberRow[];
  /** there are more rows than these */
  readonly isCut: boolean;
};

export type MonthFile = {
  readonly month: string;
  readonly revision: number | null;
  readonly document: string;
  readonly project: string | null;
  readonly format: string;
  readonly language: Language;
};
export type MonthClosed = { readonly month: string; readonly number: number; readonly revision: number; readonly hash: string };

/** undefined: there is no such thing. What takes work is done beside the hub, with a limit: rejects with HubError. */
export type ManagerReads = {
  months(): Months;
  month(month: string, language: Language): Promise<MonthDesk>;
  number(month: string, name: string, language: Language): Promise<NumberView | undefined>;
  file(asked: MonthFile): Promise<ReportFile>;
  projects(): readonly ProjectLine[];
  project(project: string): Promise<ProjectView | undefined>;
  money(month: string, language: Language): Promise<MoneySheet>;
  corrections(isOpen: boolean): Corrections;
  roles(): RoleSheet;
  retention(): Retention;
};

/** Commands that must carry work: the hub makes the figures, never the page. */
export type ManagerOrders = {
  draft(given: { readonly month: string; readonly actor: Actor }): Promise<{ readonly hash: string }>;
  /** `hash`: of the figures that were looked at; others are not closed (CHANGED_MEANWHILE) */
  close(given: { readonly month: string; readonly hash: string; readonly actor: Actor }): Promise<MonthClosed>;
  revise(given: { readonly month: string; readonly hash: string; readonly reason: string; readonly actor: Actor }): Promise<MonthClosed>;
};

/** What a project of a funder promised, and how far it is. */
export type ProjectLine = {
  readonly project: string;
  readonly label: string;
  readonly funder: string;
  readonly from: string;
  readonly through: string;
  readonly indicators: number;
};
export type IndicatorView = {
  readonly indicator: string;
  readonly label: string;
  readonly unit: string;
  readonly baseline: number;
  readonly target: number;
  readonly source: "auto" | "counted" | "manual";
  /** of `auto`: what the hub counts, such as M01/laser-1 */
  readonly metric: string | null;
  /** of `counted`: people or events, of one kind or group or of all */
  readonly count: "people" | "events" | null;
  readonly kind: string | null;
  readonly group: string | null;
  /** null: nothing is known yet, or too few people to be told */
  readonly actual: number | null;
  /** of the way from baseline to target, 0 … 1 and beyond */
  readonly share: number | null;
};
export type ProjectView = Omit<ProjectLine, "indicators"> & {
  readonly number: string;
  readonly programme: string;
  readonly publicity: string;
  /** a PNG in base64 */
  readonly logo: string | null;
  /** the last month that is counted; null: the project has not begun */
  readonly counted: string | null;
  readonly indicators: readonly IndicatorView[];
  readonly notes: readonly {
    readonly note: number;
    readonly indicator: string;
    readonly on: string;
    readonly value: number;
    readonly evidence: string;
  }[];
  readonly assets: readonly {
    readonly machine: string;
    readonly label: string;
    readonly from: string;
    readonly busyH: ReportCell;
    readonly usedPercent: ReportCell;
    readonly users: ReportCell;
  }[];
  /** machines to choose from */
  readonly machines: readonly Named[];
};

/** A number of the sustainability sheet; `name` leads to what stands behind it. */
export type MoneyCell = { readonly name: string; readonly value: ReportCell };
export type MoneySheet = {
  readonly month: string;
  readonly zone: string;
  readonly state: MonthState;
  /** costs by what for, income by source, cost recovery, reserve; null: no line was entered */
  readonly space: NumberTable | null;
  readonly machines: readonly {
    readonly machine: Named;
    readonly cost: MoneyCell;
    readonly perBusyHour: MoneyCell;
    readonly income: MoneyCell;
    readonly recovery: MoneyCell;
    readonly breakEven: MoneyCell;
    readonly used: MoneyCell;
  }[];
  readonly lines: readonly {
    readonly line: number;
    readonly on: string;
    readonly kind: "cost" | "income";
    readonly source: string;
    readonly cents: number;
    readonly machine: Named | null;
    readonly label: string;
  }[];
  /** as in force at the end of the month, in cents */
  readonly rates: readonly {
    readonly rate: "machine_hour" | "volunteer_hour" | "reserve";
    readonly of: string;
    readonly value: number;
    readonly from: string;
  }[];
  readonly choices: readonly Named[];
};

export type CorrectionLine = {
  readonly correction: number;
  readonly machine: Named;
  readonly who: Person;
  readonly startMs: number;
  readonly wasMs: number | null;
  readonly toMs: number;
  readonly reason: string;
  readonly askedMs: number;
  readonly outcome: "granted" | "refused" | null;
  readonly answer: string | null;
  readonly answeredMs: number | null;
};
/** The newest first, at most 200. */
export type Corrections = { readonly zone: string; readonly rows: readonly CorrectionLine[] };

export type RoleSheet = {
  /** members with a role of the space, by name */
  readonly people: readonly { readonly who: Person; readonly roles: readonly string[] }[];
  readonly qualifications: readonly {
    readonly who: Person;
    readonly role: "trainer" | "maintainer";
    /** null: every course, or every machine */
    readonly scope: Named | null;
    readonly from: string | null;
    readonly through: string | null;
  }[];
  readonly courses: readonly Named[];
  readonly machines: readonly Named[];
};

/** What is kept how long: `forMs` null is for ever, `until` the next instant up to which it is let go of. */
export const keptThings = [
  "power",
  "energy",
  "events",
  "sessions",
  "people",
  "audit",
  "look_ups",
  "corrections",
  "sign_ins",
  "invitations",
] as const;
export type Retention = {
  readonly zone: string;
  readonly kept: readonly {
    readonly what: (typeof keptThings)[number];
    readonly forMs: number | null;
    readonly goneBeforeMs: number | null;
  }[];
  /** who asks to be forgotten, longest first: a manager does it by a hand */
  readonly erasures: readonly { readonly who: Person; readonly reason: string; readonly askedMs: number }[];
};
