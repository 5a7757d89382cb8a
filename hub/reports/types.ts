/**
 * The month on its way from the ledger to paper: facts (`MonthInput`), figures without any language (`MonthFigures`: what is
 * closed, hashed and kept), and tables of cells in one language (`MonthReport`), the one model behind every format. Unknown is
 * null, never zero.
 */
import type { Code } from "#contract";
import type {
  Background,
  BackgroundRow,
  Counted,
  CountedRows,
  CourseFigures,
  DerivedState,
  MachineEvents,
  MachineHistory,
  Metric,
  MoneyLine,
  Newcomer,
  PeopleFacts,
  PeopleFigures,
  TrainingFacts,
  UnknownNewcomers,
  VolunteerHours,
} from "#core";
import type * as shown from "../views.ts";
import type { Chart } from "./chart.ts";
import type { DocumentKind } from "./packs.ts";

export const languages = ["en", "lv", "sv", "nb"] as const;
export type Language = (typeof languages)[number];

export type MachineFacts = {
  readonly id: string;
  /** its name at the end of the month */
  readonly label: string;
  readonly history: MachineHistory;
  readonly events: MachineEvents;
  /** what an hour costs its user at the end of the month; null: nobody said */
  readonly centsPerHour: number | null;
  /** so much of its energy nobody can be sure of: the meter's counter did what no counter does */
  readonly meterDoubtWh: number;
};

export type DoorFacts = {
  readonly id: string;
  readonly label: string;
  readonly opened: number;
  readonly notUsed: number;
  readonly forced: number;
  readonly heldOpen: number;
};

/** An answer to a tap. `member` 0: nobody known. */
export type DecisionFact = {
  readonly atMs: number;
  readonly at: string;
  readonly atLabel: string;
  readonly kind: "door" | "machine";
  readonly member: number;
  readonly outcome: "grant" | "deny" | "pending" | "noop";
  readonly reason: Code;
  readonly clockTrusted: boolean;
  /** its node decided without the hub */
  readonly alone: boolean;
  /** it was told of so late that it was judged again */
  readonly judgedLater: boolean;
  readonly tookMs: number;
};
/** So many events of a node whose own time was so far from the hub's; null: it knew none. */
export type ClockError = { readonly node: string; readonly offMs: number | null; readonly events: number };

/** Something that a safety log must hold. `label` is of the place at the end of the month, `detail` a cause as the machine gave it. */
export type Incident = {
  readonly atMs: number;
  /** null: of one instant, or not over yet */
  readonly untilMs: number | null;
  readonly place: string;
  readonly label: string;
  readonly kind:
    | "trip"
    | "fault"
    | "lockout"
    | "forced_stop"
    | "bad_poweroff"
    | "power_while_off"
    | "bypass"
    | "verify_failed"
    | "unattributed"
    | "forced_open"
    | "held_open"
    | "jam"
    | "tamper";
  readonly detail: string;
};

export type MonthInput = {
  /** `2026-11`, a month of `zone` */
  readonly month: string;
  readonly siteName: string;
  readonly zone: string;
  /** when the report is made: a month that still runs ends here */
  readonly madeMs: number;
  readonly simulated: boolean;
  readonly machines: readonly MachineFacts[];
  readonly doors: readonly DoorFacts[];
  /** of the calendar month */
  readonly decisions: readonly DecisionFact[];
  readonly people: PeopleFacts;
  readonly training: TrainingFacts;
  readonly courses: readonly { readonly course: string; readonly label: string }[];
  /** what members are by dates; target groups stand under `target` */
  readonly backgrounds: readonly Background[];
  /** when an enterprise was founded, by its registry number */
  readonly founded: ReadonlyMap<string, string>;
  /** the town of the space, from which others are outside; null: nobody said */
  readonly homeTown: string | null;
  /** `on`: local date, for whoever looks behind a number */
  readonly headcounts: readonly (Counted & { readonly on?: string })[];
  readonly money: readonly (MoneyLine & { readonly on?: string; readonly label?: string })[];
  readonly incidents: readonly Incident[];
  readonly volunteers: readonly VolunteerHours[];
  readonly reserveCents: number | null;
  /** uses that a node allowed alone and that the facts refuse */
  readonly contradicted: number;
  /** starts of nodes, with the firmware they started; once for each start */
  readonly boots: readonly { readonly node: string; readonly atMs: number; readonly firmware: string }[];
  readonly clocks: readonly ClockError[];
  /** whose first day here was that of a class, as far back as their 90 days may end in the month */
  readonly newcomers: readonly Newcomer[];
  readonly unknownNewcomers: readonly UnknownNewcomers[];
  /** events that nodes numbered but never delivered */
  readonly lostEvents: number;
  readonly unreadableMessages: number;
  /** of sessions, by when they were asked for and granted */
  readonly corrections: { readonly asked: number; readonly granted: number };
  /** the ledger holds more than was read: counts are lower bounds */
  readonly cutShort: boolean;
};

/** One thing that is missing or doubtful; `values` go into the sentence of that name. */
export type Doubt = { readonly doubt: string; readonly values: Readonly<Record<string, string | number>> };
export type Refusal = { readonly place: string; readonly reason: Code; readonly taps: number; readonly people: number };

/** The month in figures: no language, no names of people, no numbers of members. The same facts give the same JSON. */
export type MonthFigures = {
  readonly schema: "koprade-month-figures/1";
  readonly month: string;
  readonly siteName: string;
  readonly zone: string;
  readonly simulated: boolean;
  /** the month runs up to here; null: it is over */
  readonly untilMs: number | null;
  readonly doubts: readonly Doubt[];
  readonly machines: readonly {
    readonly id: string;
    readonly label: string;
    readonly metrics: readonly Metric[];
    /** ms in each derived state */
    readonly states: Readonly<Record<DerivedState, number>>;
    /** a letter for each hour that went by (lane.ts); months closed before lanes were kept have none */
    readonly lane?: string;
  }[];
  /** over all machines: only what may be added up, and people counted once */
  readonly all: readonly Metric[];
  readonly people: PeopleFigures;
  readonly groups: readonly { readonly target: string; readonly people: number; readonly headcount: number }[];
  /** people and hours by what they are: target group, town, enterprise …; not suppressed yet. Absent in months closed long ago. */
  readonly backgrounds?: readonly { readonly what: string; readonly rows: readonly BackgroundRow[] }[];
  /** V11: people counted by heart by town, age and school; not suppressed yet. Absent in months closed before it was. */
  readonly counted?: readonly CountedRows[];
  /** what this revision hides because of what earlier ones showed or hid, as block/value (shown-groups.ts) */
  readonly hidden?: readonly string[];
  /** E01–E08, F02, F05, F07; absent in months closed long ago, as are the two below */
  readonly programme?: readonly Metric[];
  /** mean busy machines by weekday × hour (V09) */
  readonly busyHeat?: readonly (number | null)[];
  readonly incidents?: readonly Incident[];
  /** by node: its firmware at the end, how often it started, and how far its clock was off at most (absent in months closed before) */
  readonly nodes?: readonly {
    readonly node: string;
    readonly firmware: string;
    readonly starts: number;
    readonly clockMs?: number | null;
  }[];
  readonly events: readonly {
    readonly kind: string;
    readonly events: number;
    readonly participations: number;
    readonly personMinutes: number;
  }[];
  readonly doors: readonly (DoorFacts & { readonly entries: number; readonly refused: number; readonly unknownCards: number })[];
  readonly refusals: readonly Refusal[];
  readonly training: readonly (CourseFigures & { readonly label: string })[];
  /** T11, over all courses; absent in months closed long ago */
  readonly trainingAll?: readonly Metric[];
  readonly money: readonly Metric[];
  readonly trust: readonly Metric[];
};

export type ReportColumn = shown.ReportTable["columns"][number] & {
  /** stable name for machines, the same in every language */
  readonly key: string;
  /** decimals that are always shown; default by the unit */
  readonly digits?: number;
  /** its texts are local dates, months or instants of the space */
  readonly date?: "day" | "month" | "instant";
};
/** What the page shows of it, with names for machines. */
export type ReportTable = Omit<shown.ReportTable, "columns"> & {
  readonly columns: readonly ReportColumn[];
  /** which number (as `explain` takes it: `M09/laser-1`) stands in each cell, by row, the total as the last one; null or absent: none */
  readonly names?: readonly (readonly (string | null)[])[];
};
/** Under which number and revision a month is closed; null while it is a draft. */
export type Seal = { readonly number: number; readonly revision: number; readonly hash: string; readonly closedMs: number };
/** The month before and the same month a year before; null where there is none. */
export type Earlier = { readonly month: MonthFigures | null; readonly year: MonthFigures | null };
export type MonthReport = Omit<shown.MonthReport, "tables" | "charts"> & {
  readonly pack: DocumentKind;
  /** of the document, in the reader's language */
  readonly title: string;
  /** what it is about in time, in words; `month` is then the last one */
  readonly period: string;
  /** of the funder: a PNG in base64 */
  readonly logo?: string | null;
  readonly language: Language;
  /** the month still runs: it counts up to `madeMs` */
  readonly running: boolean;
  readonly seal: Seal | null;
  readonly tables: readonly ReportTable[];
  readonly charts: readonly Chart[];
};
