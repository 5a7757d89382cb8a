/** Rows behind the numbers of the space: events and reach (reports.md §4.4, §4.5) and money (§4.6). */
import {
  countedStretches,
  enterpriseAge,
  incomeSources,
  localDateAt,
  type Metric,
  machineFigures,
  notStated,
  personDay,
  sharedMs,
  timeline,
  unregistered,
  visitsOf,
  within,
} from "#core";
import { peopleRows } from "./explain-people.ts";
import { by, type ExplainedRow, row, spansOf } from "./explain-rows.ts";
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
    return row(null, value === null ? `${metric.id}/${id}, not known` : `${metric.id}/${id}`, value === null ? {} : { amount: value });
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
  if (id.startsWith("F07"))
    return backgroundRows(input, "municipality").map(({ value, people, ...one }) =>
      id === "F07" ? { ...one, amount: 1 } : { ...one, amount: value === input.homeTown ? 0 : people, base: people },
    );
  if (id === "E02.unique") return visitorRows(input);
  if (id.startsWith("E05.join")) return joinRows(input, Number(id.slice(8)));
  if (id === "E07") return programmeShareRows(input);
  if (id === "E07.machines") return taughtRows(input);
  return eventRows(input, id);
}

/** Whoever signed in, once each: at the first event of theirs. */
function visitorRows({ headcounts }: MonthInput): ExplainedRow[] {
  const seen = new Set<number>();
  return headcounts.flatMap((one) =>
    (one.signedIn ?? []).flatMap((member) => {
      if (seen.has(member)) return [];
      seen.add(member);
      return [row(null, `signed in, ${one.on === undefined ? "" : `${one.on}, `}${one.kind}`, { member, amount: 1 })];
    }),
  );
}

const dayMs = 86_400_000;
function joinRows(input: MonthInput, days: number): ExplainedRow[] {
  const { period } = spansOf(input);
  return input.newcomers
    .filter(({ firstMs }) => within(firstMs + days * dayMs, period))
    .map(({ firstMs, joinedMs }) => {
      const hasJoined = joinedMs !== null && joinedMs < firstMs + days * dayMs;
      return row({ fromMs: firstMs, toMs: joinedMs ?? firstMs }, hasJoined ? "first here, then joined" : "first here", {
        amount: hasJoined ? 1 : 0,
        base: 1,
      });
    });
}

/** E07: hours of events, and of visits beside them. */
function programmeShareRows(input: MonthInput): ExplainedRow[] {
  const { period } = spansOf(input);
  return [
    ...eventRows(input, "E03").map((one) => ({ ...one, base: one.amount ?? 0 })),
    ...visitsOf(input.people.signs)
      .filter((visit) => sharedMs(visit, period) > 0)
      .map((visit) => row(visit, "visit", { ...by(visit.member), amount: 0, base: sharedMs(visit, period) })),
  ];
}

/** E07 of machines: their busy time, and what of it was taught. */
function taughtRows(input: MonthInput): ExplainedRow[] {
  const { period } = spansOf(input);
  return input.machines.flatMap(({ history, label }) =>
    countedStretches("M01", timeline(history, period)).map((one) => {
      const ms = one.toMs - one.fromMs;
      const purpose = one.use?.purpose ?? "member";
      return row(one, `${label}, ${purpose}`, { amount: purpose === "class" || purpose === "training" ? ms : 0, base: ms });
    }),
  );
}

type Counted = MonthInput["headcounts"][number];
/** What an event adds to a number and to what it is divided by; null: it has no part in it. */
const parts: Readonly<Record<string, (one: Counted) => Pick<ExplainedRow, "amount" | "base"> | null>> = {
  E01: () => ({ amount: 1 }),
  E02: ({ people }) => ({ amount: people }),
  V11: (one) => ({ amount: unregistered(one) }),
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
function backgroundRows(input: MonthInput, what: string): (ExplainedRow & { readonly value: string; readonly people: number })[] {
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
  return [...people]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([value, n]) => ({ ...row(null, `${value}, ${n} people`), value, people: n }));
}

const companies: ReadonlySet<string> = new Set(["start-up", "company", "existing-company"]);
function enterpriseRows(input: MonthInput, id: string): ExplainedRow[] {
  const enterprises = backgroundRows(input, "enterprise");
  if (id === "F02.unidentified") {
    const named = enterprises.map(({ people, value: _, ...one }) => ({ ...one, what: `${one.what}, with a number`, amount: -people }));
    const groups = backgroundRows(input, "target").filter(({ value }) => companies.has(value));
    return [...groups.map(({ people, value: _, ...one }) => ({ ...one, amount: people })), ...named];
  }
  const { period } = spansOf(input);
  return enterprises.map(({ value, people: _, ...one }) => {
    const founded = input.founded.get(value);
    const isCounted = id === "F02" || enterpriseAge(founded, localDateAt(input.zone, period.toMs - 1)) === id;
    return { ...one, what: `${one.what}, ${founded === undefined ? "age unknown" : `founded ${founded}`}`, amount: isCounted ? 1 : 0 };
  });
}

/** A part of the income is several sources; everything else is one by its own name. */
const sourcesOf = (name = ""): readonly string[] =>
  Object.hasOwn(incomeSources, name) ? incomeSources[name as keyof typeof incomeSources] : [name];

/** Of the whole space, in cents. */
export function moneyRows(input: MonthInput, metric: Metric): ExplainedRow[] {
  return [...lineRows(input, metric), ...moneyBases(input, metric)];
}

/** What the money of the space is divided by, and the reserve. */
function moneyBases(input: MonthInput, { id, value, numerator }: Metric): ExplainedRow[] {
  if (value === null) return [];
  if (id === "S07") return [row(null, "put by", { amount: numerator ?? 0, base: 0 })];
  if (id === "S08") return peopleRows(input, "V01").map((one) => ({ ...one, amount: 0, base: 1 }));
  if (id === "S08.participant") return eventRows(input, "E03").map((one) => ({ ...one, amount: 0, base: (one.amount ?? 0) / 3_600_000 }));
  return [];
}

function lineRows({ money }: MonthInput, metric: Metric): ExplainedRow[] {
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
    if (id === "S07") return isCost ? of({ amount: 0, base: line.cents }) : [];
    return isCost ? of({ amount: line.cents, base: 0 }) : [];
  });
}
