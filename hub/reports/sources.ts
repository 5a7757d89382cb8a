/** What reports ask of the ledger and of the usage series, as types: the ledger and the series fit into them, and so do tests. */
import type { EventBody, Schedule } from "#contract";
import type { Counted, MoneyLine } from "#core";
import type { DatedQuestions } from "./sources-dated.ts";

export type LogEvent = {
  readonly n: number;
  readonly node: string;
  readonly boot: string;
  readonly seq: number;
  readonly ch: string;
  readonly evtMs: number;
  readonly recvMs: number;
  readonly tqHub: string;
  readonly body: EventBody;
};
export type Place = {
  readonly id: string;
  readonly kind: "door" | "machine";
  readonly label: string;
  readonly node: string;
  readonly ch: string;
  readonly settings: Readonly<Record<string, number | string | boolean>>;
};
type Query = { readonly machine?: string; readonly fromMs?: number; readonly toMs?: number; readonly limit: number };
export type EventQuery = {
  readonly node?: string;
  readonly ch?: string;
  readonly kinds?: readonly EventBody["kind"][];
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly after?: number;
  readonly limit: number;
};
type ByCourse = { readonly member: number; readonly course: string; readonly atMs: number };

export type LedgerReads = {
  site(): { readonly site: string; readonly name: string; readonly tz: string; readonly demo: boolean };
  resources(): readonly Place[];
  courses(): readonly { readonly course: string; readonly label: string }[];
  events(query: EventQuery): readonly LogEvent[];
  sessions(query: Query): readonly {
    readonly session: string;
    readonly decision: string;
    readonly member: number;
    readonly startedMs: number;
    readonly endedMs: number | null;
    readonly reason: string | null;
  }[];
  runs(query: Query): readonly {
    readonly session: string | null;
    readonly startMs: number;
    readonly endMs: number | null;
    readonly energyWh: number;
  }[];
  gaps(): readonly { readonly from: number; readonly to: number; readonly state: string; readonly noticedMs: number }[];
  quarantined(): readonly { readonly atMs: number }[];
  audit(limit: number): readonly { readonly atMs: number; readonly action: string; readonly detail: string }[];
  readonly usage: DatedQuestions & {
    openingHours(): readonly { readonly fromMs: number; readonly schedule: Schedule | null }[];
    machineLabel(machine: string, beforeMs: number): string | undefined;
    lockouts(
      fromMs: number,
      toMs: number,
    ): readonly {
      readonly machine: string;
      readonly kind: string;
      readonly fromMs: number;
      readonly toMs: number | null;
      readonly takenMs: number | null;
    }[];
    lastSeen(beforeMs: number): ReadonlyMap<number, number>;
    clockErrors(fromMs: number, toMs: number): readonly { readonly node: string; readonly offMs: number | null; readonly events: number }[];
    firstHeard(node: string, ch?: string): number | null;
    firstSeen(): ReadonlyMap<number, number>;
    peopleHere(fromMs: number, toMs: number): readonly number[];
    activeMembers(date: string, beforeMs: number): ReadonlySet<number>;
    trainings(): readonly {
      readonly member: number;
      readonly course: string;
      readonly level: "trainee" | "competent";
      readonly trainer: number;
      readonly on: string;
      readonly validThrough: string | null;
      readonly revokedMs: number | null;
    }[];
    courseUses(fromMs: number, toMs: number): readonly ByCourse[];
    courseWishes(fromMs: number, toMs: number): readonly ByCourse[];
    correctionCounts(fromMs: number, toMs: number): { readonly asked: number; readonly granted: number };
    targetGroups(): readonly { readonly member: number; readonly target: string; readonly from: string }[];
    headcounts(from: string, through: string): readonly (Counted & { readonly on: string; readonly class: string | null })[];
    correctionsIn(
      fromMs: number,
      toMs: number,
    ): readonly {
      readonly member: number;
      readonly askedMs: number;
      readonly answeredMs: number | null;
      readonly outcome: string | null;
    }[];
    money(from: string, through: string): readonly MoneyLine[];
  };
};
export type MonthSources = {
  readonly ledger: { readonly read: LedgerReads };
  readonly series: {
    hourlyEnergy(
      machine: string,
      fromMs: number,
      toMs: number,
    ): readonly { readonly hourMs: number; readonly energyWh: number; readonly knownS: number }[];
    /** when nothing was known of its power */
    silences(machine: string, fromMs: number, toMs: number): readonly { readonly fromMs: number; readonly toMs: number }[];
  };
};

const pageMax = 10_000;

/** Every event of a query in the order it happened, whenever it arrived; read in pages, at most a million. */
export function pages(
  events: LedgerReads["events"],
  query: Omit<EventQuery, "limit" | "after">,
): { readonly rows: LogEvent[]; readonly cutShort: boolean } {
  const rows: LogEvent[] = [];
  let after = 0;
  for (let page = 0; page < 100; page += 1) {
    const found = events({ ...query, after, limit: pageMax });
    rows.push(...found);
    if (found.length < pageMax) return { rows: rows.sort(byTime), cutShort: false };
    after = found.at(-1)?.n ?? after;
  }
  return { rows: rows.sort(byTime), cutShort: true };
}

/** In the order in which it happened, the same whatever the order of arrival. */
export const byTime = (a: LogEvent, b: LogEvent): number =>
  a.evtMs - b.evtMs || compare(a.node, b.node) || compare(a.boot, b.boot) || a.seq - b.seq;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
