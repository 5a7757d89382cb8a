/**
 * What a month's report is made from and what it becomes. The input is plain facts, gathered by whoever knows the ledger; the
 * output is tables of cells, the one model behind every format. Unknown is null, never zero.
 */

import type { Code } from "#contract";
import type * as shown from "../views.ts";
import type { Span } from "./spans.ts";

export const languages = ["en", "lv", "sv", "nb"] as const;
export type Language = (typeof languages)[number];

export type SessionFact = {
  readonly session: string;
  readonly member: number;
  readonly fromMs: number;
  /** null while it is open */
  readonly toMs: number | null;
  /** its end is an estimate: the node came back and found it open */
  readonly estimated: boolean;
};
/** One run of a machine, as its power showed it. `owned`: the node saw it belong to a session. */
export type RunFact = { readonly fromMs: number; readonly toMs: number | null; readonly owned: boolean };

export type MachineFacts = {
  readonly id: string;
  readonly label: string;
  readonly sessions: readonly SessionFact[];
  readonly runs: readonly RunFact[];
  /** energy within the month as metered; null without a meter or without samples */
  readonly energyWh: number | null;
  /** in service since then, as far as the log tells; null when it never was */
  readonly sinceMs: number | null;
  /** nothing is known of the machine then: its meter was lost, samples are missing */
  readonly unknown: readonly Span[];
  /** opening hours that apply here, cut to the month; null when none are set */
  readonly open: readonly Span[] | null;
  /** out of use, announced before it began */
  readonly plannedDown: readonly Span[];
  readonly unplannedDown: readonly Span[];
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
  /** of the month's person-days: until 04:00 of the day after its last */
  readonly decisions: readonly DecisionFact[];
  /** events that nodes numbered but never delivered */
  readonly lostEvents: number;
  readonly unreadableMessages: number;
  /** the ledger holds more than was read: counts are lower bounds */
  readonly cutShort: boolean;
};

export type ReportColumn = shown.ReportTable["columns"][number] & {
  /** stable name for machines, the same in every language */
  readonly key: string;
};
/** What the page shows of it, with names for machines. */
export type ReportTable = Omit<shown.ReportTable, "columns"> & { readonly columns: readonly ReportColumn[] };
export type MonthReport = Omit<shown.MonthReport, "tables"> & {
  readonly language: Language;
  /** the month still runs: it counts up to `madeMs` */
  readonly running: boolean;
  readonly tables: readonly ReportTable[];
};
