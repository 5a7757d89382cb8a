/** Rows behind the numbers of the space: events and reach (reports.md §4.4, §4.5), money (§4.6) and how far all of it can be trusted (§4.7). */
import { incomeSources, type Metric, machineFigures, notStated, personDay, within } from "#core";
import { by, type ExplainedRow, instant, row, spansOf } from "./explain-rows.ts";
import type { LedgerReads } from "./sources.ts";
import type { MonthFigures, MonthInput } from "./types.ts";

/** Over all machines: what each adds. People are counted once, and each is a row. */
export function overallRows(figures: MonthFigures, input: MonthInput, metric: Metric): ExplainedRow[] {
  if (metric.id === "M16") {
    const { period } = spansOf(input);
    const users = new Set(input.machines.flatMap(({ history, events }) => [...machineFigures(history, events, period, input.zone).users]));
    return [...users].sort((a, b) => a - b).map((member) => row(null, "used a machine", { member, amount: 1 }));
  }
  return figures.machines.map(({ id, metrics }) => {
    const value = metrics.find((one) => one.id === metric.id)?.value ?? null;
    return row(null, `${metric.id}/${id}`, value === null ? {} : { amount: value });
  });
}

export function programmeRows(input: MonthInput, metric: Metric): ExplainedRow[] {
  const { id } = metric;
  if (id === "F05" || id === "F05.hours")
    return input.volunteers.map(({ role, ms, centsPerHour }) => {
      const cents = centsPerHour === null ? {} : { amount: (ms / 3_600_000) * centsPerHour };
      return row(null, `duty as ${role}, ${Math.round(ms / 60_000)} min`, id === "F05" ? cents : { amount: ms });
    });
  if (id.startsWith("F02")) return enterpriseRows(input, id);
  if (id.startsWith("F07")) return backgroundRows(input, "municipality").map((one) => (id === "F07" ? { ...one, amount: 1 } : one));
  if (id === "E07") return [...eventRows(input, "E03"), row(null, "see V10")];
  if (id === "E07.machines") return ["M01.class", "M01.training", "M01"].map((part) => row(null, `see ${part} of each machine`));
  return eventRows(input, id);
}

type Counted = MonthInput["headcounts"][number];
/** What an event adds to a number and to what it is divided by; null: it has no part in it. */
const parts: Readonly<Record<string, (one: Counted) => Pick<ExplainedRow, "amount" | "base"> | null>> = {
  E01: () => ({ amount: 1 }),
  E02: ({ people }) => ({ amount: people }),
  V11: ({ people }) => ({ amount: people }),
  E03: ({ people, minutes }) => ({ amount: people * minutes * 60_000 }),
  E04: ({ people, seats }) => (seats === null ? null : { amount: people, base: seats }),
  E05: ({ people, firstTimers }) => (firstTimers === null ? null : { amount: firstTimers, base: people }),
  E06: ({ ratings }) => (ratings === null ? null : { amount: ratings.sum, base: ratings.n }),
  E08: ({ volunteerLed }) => (volunteerLed === null ? null : { amount: volunteerLed ? 1 : 0, base: 1 }),
};

export function eventRows({ headcounts }: MonthInput, id: string): ExplainedRow[] {
  return headcounts.flatMap((one) => {
    const sums = parts[id]?.(one);
    if (sums === null || sums === undefined) return [];
    const when = one.on === undefined ? "" : `${one.on}, `;
    return [row(null, `${when}${one.kind}, ${one.people} people, ${one.minutes} min, ${one.target}`, sums)];
  });
}

/** People here by what they were when they were last here; who stated nothing has no row. */
function backgroundRows(input: MonthInput, what: string): ExplainedRow[] {
  const { days } = spansOf(input);
  const last = new Map<number, number>();
  for (const { kind, member, fromMs } of input.people.signs)
    if (kind !== "exit" && member !== 0 && within(fromMs, days)) last.set(member, Math.max(fromMs, last.get(member) ?? 0));
  const people = new Map<string, number>();
  for (const [member, atMs] of last) {
    const date = personDay(atMs, input.zone);
    const stated = input.backgrounds.filter((one) => one.member === member && one.what === what && one.from <= date);
    const value = stated.reduce((newest, one) => (one.from >= newest.from ? one : newest), { from: "", value: notStated }).value;
    if (value !== notStated) people.set(value, (people.get(value) ?? 0) + 1);
  }
  return [...people].sort(([a], [b]) => (a < b ? -1 : 1)).map(([value, n]) => row(null, `${value}, ${n} people`));
}

function enterpriseRows(input: MonthInput, id: string): ExplainedRow[] {
  if (id === "F02.unidentified") return backgroundRows(input, "target");
  return backgroundRows(input, "enterprise").map((one) => {
    const founded = input.founded.get(one.what.split(", ")[0] ?? "");
    const what = `${one.what}, ${founded === undefined ? "age unknown" : `founded ${founded}`}`;
    return row(null, what, id === "F02" ? { amount: 1 } : {});
  });
}

/** A part of the income is several sources; everything else is one by its own name. */
const sourcesOf = (name = ""): readonly string[] =>
  Object.hasOwn(incomeSources, name) ? incomeSources[name as keyof typeof incomeSources] : [name];

/** Of the whole space, in cents. */
export function moneyRows({ money }: MonthInput, metric: Metric): ExplainedRow[] {
  const { id } = metric;
  const source = /^S0[16]\.(\w+?)(_share)?$/.exec(id);
  const isShare = source?.[2] !== undefined;
  const isGrant = source?.[1] === "grant";
  return money.flatMap((line) => {
    const isCost = line.kind === "cost" && line.source !== "grant_depreciation";
    const isIncome = line.kind === "income";
    const named = isGrant ? line.source === "grant_depreciation" : sourcesOf(source?.[1]).includes(line.source);
    const what = `${line.on === undefined ? "" : `${line.on}, `}${line.kind}, ${line.source}${line.label === undefined ? "" : `, ${line.label}`}`;
    const of = (given: Pick<ExplainedRow, "amount" | "base">): ExplainedRow[] => [row(null, what, given)];
    if (source !== null) {
      if (isShare) return isIncome ? of({ amount: named ? line.cents : 0, base: line.cents }) : [];
      return named && (isGrant || id.startsWith("S01") === isCost) ? of({ amount: line.cents }) : [];
    }
    if (id === "S06") return isIncome ? of({ amount: line.cents }) : [];
    if (id === "S04") return isCost ? of({ amount: 0, base: line.cents }) : isIncome ? of({ amount: line.cents, base: 0 }) : [];
    if (id === "S07") return isCost ? of({ base: line.cents }) : [];
    return isCost ? of({ amount: line.cents }) : [];
  });
}

/** What the month rests on less firmly, as far as it has a trace of its own. */
export function trustRows(input: MonthInput, metric: Metric, read: Pick<LedgerReads, "gaps" | "quarantined">): ExplainedRow[] {
  const { period } = spansOf(input);
  const month = { fromMs: period.fromMs, toMs: Math.max(period.toMs, period.fromMs + 1) };
  const decided = (holds: (one: MonthInput["decisions"][number]) => boolean): ExplainedRow[] =>
    input.decisions
      .filter(holds)
      .map(({ atMs, atLabel, reason, member }) => instant(atMs, `${atLabel}, ${reason}`, { ...by(member), amount: 1 }));
  switch (metric.id) {
    case "open_sessions":
      return input.machines.map(({ id }) => row(null, `see M15.open/${id}`));
    case "estimated_ends":
      return input.machines.map(({ id }) => row(null, `see M15.estimated/${id}`));
    case "unauthorised":
      return input.machines.map(({ id }) => row(null, `see unauthorised/${id}`));
    case "unknown_cards":
      return decided(({ reason }) => reason === "UNKNOWN_CREDENTIAL");
    case "untrusted_clock":
      return decided(({ clockTrusted }) => !clockTrusted);
    case "lost_events":
      return read
        .gaps()
        .filter(({ state, noticedMs }) => state !== "closed" && within(noticedMs, month))
        .map(({ from, to, noticedMs }) => instant(noticedMs, `events ${from} to ${to}`, { amount: to - from + 1 }));
    case "unreadable":
      return read
        .quarantined()
        .filter(({ atMs }) => within(atMs, month))
        .map(({ atMs }) => instant(atMs, "message that could not be read", { amount: 1 }));
    default:
      // The slowest first: whoever asks about decision times looks for those.
      return metric.id.startsWith("Q03")
        ? [...input.decisions]
            .sort((a, b) => b.tookMs - a.tookMs)
            .map(({ atMs, atLabel, tookMs, member }) => instant(atMs, `${atLabel}, ${tookMs} ms`, by(member)))
        : [];
  }
}
