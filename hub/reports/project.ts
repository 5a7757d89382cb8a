/**
 * A project as its funder asks for it (reports.md §4.5 F04 and F06): what was promised and what was reached, each with its source, and
 * the machines that the money bought. Months that are closed count as they were closed; people are counted once over all months, which
 * only the log can tell.
 */
import {
  type Counted,
  dateEndMs,
  dateStartMs,
  localDateAt,
  type Metric,
  machineFigures,
  machineUsers,
  monthSpan,
  personDaysSpan,
  ratio,
  type Span,
  total,
  unregistered,
} from "#core";
import { type Book, monthOf } from "./book.ts";
import { monthInput } from "./gather.ts";
import { eventsIn } from "./gather-events.ts";
import { countedValue } from "./project-counted.ts";
import type { MonthFigures, MonthInput } from "./types.ts";

type Amounts = { readonly label: string; readonly unit: string; readonly baseline: number; readonly target: number };
export type ProjectIndicator = Amounts & { readonly indicator: string } & (
    | { readonly source: "auto"; readonly metric: string }
    | { readonly source: "counted"; readonly count: "people" | "events"; readonly kind: string | null; readonly group: string | null }
    | { readonly source: "manual" }
  );
export type ProjectNote = {
  readonly note: number;
  readonly indicator: string;
  readonly on: string;
  readonly value: number;
  readonly evidence: string;
};
/** What the ledger knows of a project. */
export type ProjectFacts = {
  readonly project: string;
  readonly label: string;
  readonly number: string;
  readonly funder: string;
  readonly programme: string;
  readonly from: string;
  readonly through: string;
  /** what the funder wants to be said, and a PNG in base64 */
  readonly publicity: string;
  readonly logo: string | null;
  readonly assets: readonly { readonly machine: string; readonly from: string }[];
  readonly indicators: readonly ProjectIndicator[];
  readonly notes: readonly ProjectNote[];
};
export type ProjectBook = Book & {
  readonly ledger: Book["ledger"] & { readonly read: { projects(): readonly ProjectFacts[] } };
};

export type IndicatorLine = ProjectIndicator & {
  /** null: nothing is known yet */
  readonly actual: number | null;
  /** of the way from the baseline to the target, 0 … 1 and beyond; null when there is no way or no actual value */
  readonly share: number | null;
  /** what it rests on, the newest last; of a manual one only */
  readonly evidence: readonly { readonly on: string; readonly value: number; readonly evidence: string }[];
};
export type AssetLine = {
  readonly machine: string;
  readonly label: string;
  readonly from: string;
  /** M01, M09 and M16 over the months of the project since it is there */
  readonly metrics: readonly Metric[];
};
export type ProjectFigures = Omit<ProjectFacts, "assets" | "indicators" | "notes"> & {
  readonly schema: "koprade-project-figures/1";
  readonly siteName: string;
  readonly zone: string;
  readonly simulated: boolean;
  /** months that are counted, and which revision of each; null: not closed */
  readonly months: readonly { readonly month: string; readonly revision: number | null }[];
  readonly indicators: readonly IndicatorLine[];
  readonly assets: readonly AssetLine[];
};

/** A month of the project: as it was closed or as it is, and its facts where people or single machines are asked for. */
type Part = {
  readonly month: string;
  readonly revision: number | null;
  readonly figures: MonthFigures;
  readonly zone: string;
  readonly madeMs: number;
  /** read once, and only where it is asked for: of a closed month most of it is not */
  readonly input: () => MonthInput;
};
const monthsMost = 240;

/**
 * @param through  the last month that counts, such as 2026-11; a month that still runs counts up to `madeMs`
 * @returns undefined when there is no such project
 */
export function projectFigures(book: ProjectBook, project: string, through: string, madeMs: number): ProjectFigures | undefined {
  const facts = book.ledger.read.projects().find((row) => row.project === project);
  if (facts === undefined) return undefined;
  const site = book.ledger.read.site();
  const asked = machinesAsked(facts);
  const parts = monthsOf(facts, through).map((month): Part => {
    const input = once(() => monthInput({ ...book, month, madeMs }));
    const { figures, seal } = monthOf(book, month, madeMs, input);
    // Of a closed month only some machines are asked for, and only these are read.
    const some = seal === null ? input : once(() => monthInput({ ...book, month, madeMs, machines: asked }));
    return { month, revision: seal?.revision ?? null, figures, zone: site.tz, madeMs, input: some };
  });
  const { assets, indicators, notes, ...told } = facts;
  const lastDay = `${through}-31`;
  return {
    schema: "koprade-project-figures/1",
    ...told,
    siteName: site.name === "" ? site.site : site.name,
    zone: site.tz,
    simulated: site.demo,
    months: parts.map(({ month, revision }) => ({ month, revision })),
    indicators: indicators.map((indicator) => {
      const evidence = notes
        .filter((note) => note.indicator === indicator.indicator && note.on <= lastDay)
        .map(({ on, value, evidence }) => ({ on, value, evidence }));
      const actual = actualOf(indicator, parts, evidence, facts, book);
      return { ...indicator, actual, share: shareOf(indicator, actual), evidence };
    }),
    assets: assets.map((asset) => assetOf(asset, parts, site.tz)),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Machines of which single sessions count; null: all. */
function machinesAsked({ assets, indicators }: ProjectFacts): ReadonlySet<string> | null {
  const users = indicators.flatMap((one) =>
    one.source === "auto" && one.metric.split("/")[0] === "M16" ? [one.metric.split("/")[1]] : [],
  );
  const named = users.filter((machine) => machine !== undefined);
  return named.length < users.length ? null : new Set([...assets.map(({ machine }) => machine), ...named]);
}

function monthsOf({ from, through }: ProjectFacts, last: string): string[] {
  const months: string[] = [];
  const end = Temporal.PlainYearMonth.from(last < through.slice(0, 7) ? last : through.slice(0, 7));
  for (
    let month = Temporal.PlainYearMonth.from(from.slice(0, 7));
    Temporal.PlainYearMonth.compare(month, end) <= 0 && months.length < monthsMost;
    month = month.add({ months: 1 })
  )
    months.push(month.toString());
  return months;
}

function shareOf({ baseline, target }: Amounts, actual: number | null): number | null {
  return actual === null || target === baseline ? null : (actual - baseline) / (target - baseline);
}

type Evidence = IndicatorLine["evidence"];
function actualOf(indicator: ProjectIndicator, parts: readonly Part[], evidence: Evidence, facts: ProjectFacts, book: Book): number | null {
  if (indicator.source === "manual") return evidence.at(-1)?.value ?? null;
  if (indicator.source === "counted") {
    // Beside a group stands whoever nobody knows; without one everybody who came.
    const people = (one: Counted): number => (indicator.group === null ? one.people : unregistered(one));
    const rowsOf = (month: string) =>
      countedIn(facts, month, book).map((one) => ({ kind: one.kind, target: one.target, people: people(one) }));
    const months = parts.map(({ month, figures }) => ({ figures, rows: rowsOf(month) }));
    return countedValue(indicator, months);
  }
  const [metric = "", machine] = indicator.metric.split("/");
  if (metric === "V03") return personsIn(parts, book);
  if (metric === "M16") return usersIn(parts, machine);
  const values = parts.map(({ figures }) => monthValue(figures, metric, machine));
  const sum = values.reduce<number | null>((all, value) => (all === null || value === null ? null : all + value), 0);
  return sum === null ? null : sum / (inOne[metric] ?? 1);
}

/** A target is told in hours and kilowatt-hours; figures are in milliseconds and watt-hours. */
const inOne: Readonly<Record<string, number>> = { M01: 3_600_000, M02: 3_600_000, M28: 1000 };

function countedIn(facts: ProjectFacts, month: string, { ledger: { read } }: Book): readonly Counted[] {
  const { tz } = read.site();
  const whole = monthSpan(month, tz) ?? { fromMs: 0, toMs: 0 };
  const from = maxOf(facts.from, `${month}-01`);
  const through = minOf(facts.through, localDateAt(tz, whole.toMs - 1));
  return from > through ? [] : eventsIn(read, { from, through }, { fromMs: dateStartMs(tz, from), toMs: dateEndMs(tz, through) }, tz);
}
const maxOf = (a: string, b: string): string => (a > b ? a : b);
const minOf = (a: string, b: string): string => (a < b ? a : b);

/** A month in which there was nothing to count adds nothing; one of which too little is known makes the sum unknown. */
const addend = (metric: Metric | undefined): number | null => (metric === undefined || metric.mark === "no_base" ? 0 : metric.value);

/** Of one month; null when too little of it is known. */
function monthValue(figures: MonthFigures, metric: string, machine: string | undefined): number | null {
  const isOfPeople = metric.startsWith("V");
  const own = figures.machines.find(({ id }) => id === machine)?.metrics;
  const metrics = isOfPeople ? figures.people.metrics : machine === undefined ? figures.all : own;
  return metrics === undefined ? 0 : addend(metrics.find(({ id }) => id === metric));
}

/** Asked of the log at once: of five years the months one by one would be sixty readings of it. */
function personsIn(parts: readonly Part[], book: Book): number {
  const [first, last] = [parts[0], parts.at(-1)];
  const days = (part: Part | undefined): Span => (part && personDaysSpan(part.month, part.zone)) ?? { fromMs: 0, toMs: 0 };
  return book.ledger.read.usage.peopleHere(days(first).fromMs, Math.min(days(last).toMs, last?.madeMs ?? 0)).length;
}

/** The month, cut at the present and where the machine was not there yet. */
function spanOf({ month: name, zone, madeMs }: Part, fromMs = 0): Span {
  const month = monthSpan(name, zone) ?? { fromMs: 0, toMs: 0 };
  const toMs = Math.min(month.toMs, Math.max(month.fromMs, madeMs));
  return { fromMs: Math.min(toMs, Math.max(month.fromMs, fromMs)), toMs };
}

function usersIn(parts: readonly Part[], machine: string | undefined): number {
  const users = new Set<number>();
  for (const part of parts)
    for (const { id, events } of part.input().machines)
      if (machine === undefined || id === machine) for (const user of machineUsers(events.sessions, spanOf(part))) users.add(user);
  return users.size;
}

function assetOf(asset: ProjectFacts["assets"][number], parts: readonly Part[], zone: string): AssetLine {
  const fromMs = Temporal.PlainDate.from(asset.from).toZonedDateTime({ timeZone: zone }).epochMilliseconds;
  const users = new Set<number>();
  let label = asset.machine;
  const made = parts.flatMap((part) => {
    const span = spanOf(part, fromMs);
    const one = span.toMs <= span.fromMs ? undefined : part.input().machines.find(({ id }) => id === asset.machine);
    if (one === undefined) return [];
    label = one.label;
    const figures = machineFigures(one.history, one.events, span, zone);
    for (const user of figures.users) users.add(user);
    return [figures.metrics];
  });
  const of = (id: string): Metric[] => made.flatMap((metrics) => metrics.filter((metric) => metric.id === id));
  const sum = (values: readonly (number | null)[]): number | null =>
    values.reduce<number | null>((all, value) => (all === null || value === null ? null : all + value), 0);
  const share = of("M09");
  return {
    ...asset,
    label,
    metrics: [
      total({ id: "M01", unit: "ms", sum: sum(of("M01").map(addend)), n: made.length }),
      ratio({
        id: "M09",
        unit: "share",
        of: sum(share.map(({ numerator }) => numerator)) ?? 0,
        by: sum(share.map(({ denominator }) => denominator)) ?? 0,
        n: share.length,
      }),
      total({ id: "M16", unit: "count", sum: users.size, n: users.size }),
    ],
  };
}
