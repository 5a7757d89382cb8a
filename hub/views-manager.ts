/**
 * What the pages of managers read, and what they can make happen beside the commands of the ledger: types only, safe to show to managers,
 * times in UTC milliseconds, null for what is not known. hub/manager/ answers them; the page parses them again
 * (dashboards/app/manager/wire.ts).
 */
import type { Actor, Language, Person, ReportCell, ReportFile, ReportTable } from "./views.ts";

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
};

/** Commands that must carry work: the hub makes the figures, never the page. */
export type ManagerOrders = {
  draft(given: { readonly month: string; readonly actor: Actor }): Promise<{ readonly hash: string }>;
  /** `hash`: of the figures that were looked at; others are not closed (CHANGED_MEANWHILE) */
  close(given: { readonly month: string; readonly hash: string; readonly actor: Actor }): Promise<MonthClosed>;
  revise(given: { readonly month: string; readonly hash: string; readonly reason: string; readonly actor: Actor }): Promise<MonthClosed>;
};
