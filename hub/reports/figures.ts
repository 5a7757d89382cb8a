/**
 * Facts to figures: pure, without any language. The month's figures are what is closed, hashed and kept; every table, page and
 * file is made from them alone.
 */
import {
  type MachineFigures,
  type Metric,
  machineFigures,
  machineMoney,
  monthSpan,
  peopleFigures,
  personDaysSpan,
  quantile,
  type Span,
  spaceMoney,
  stateLengths,
  total,
  trainingFigures,
} from "#core";
import { doubtsOf } from "./doubts.ts";
import type { MonthFigures, MonthInput, Refusal } from "./types.ts";

export type MachineLine = MonthFigures["machines"][number];

/** Throws RangeError when `input.month` is no month; whoever takes it from outside checks it with `monthSpan`. */
export function monthFigures(input: MonthInput): MonthFigures {
  const month = monthSpan(input.month, input.zone);
  const days = personDaysSpan(input.month, input.zone);
  if (month === undefined || days === undefined) throw new RangeError(`report: "${input.month}" is no month`);
  const elapsed: Span = { fromMs: month.fromMs, toMs: Math.min(month.toMs, Math.max(month.fromMs, input.madeMs)) };
  const made = input.machines
    .map((machine) => ({ machine, figures: machineFigures(machine.history, machine.events, elapsed, input.zone) }))
    .sort((a, b) => (a.machine.id < b.machine.id ? -1 : 1));
  const time = made.map(({ machine, figures }) => ({
    id: machine.id,
    busyMs: valueIn(figures, "M01"),
    occupiedMs: valueIn(figures, "M02"),
  }));
  const money = machineMoney(input.money, time);
  const machines = made.map(({ machine, figures }) => ({
    id: machine.id,
    label: machine.label,
    metrics: [...figures.metrics, ...(money.get(machine.id) ?? [])],
    states: stateLengths(figures.stretches),
  }));
  const people = peopleFigures(input.people, days, elapsed, input.zone);
  const labels = new Map(input.courses.map(({ course, label }) => [course, label]));
  const trust = trustOf(input, machines);
  return {
    schema: "koprade-month-figures/1",
    month: input.month,
    siteName: input.siteName,
    zone: input.zone,
    simulated: input.simulated,
    untilMs: elapsed.toMs < month.toMs ? elapsed.toMs : null,
    doubts: doubtsOf(input, machines, trust),
    machines,
    all: overAll(made.map(({ figures }) => figures)),
    people,
    groups: groupsOf(input, days),
    events: eventsOf(input),
    doors: doorsOf(input),
    refusals: refusalsOf(input),
    training: trainingFigures(input.training, [...labels.keys()].sort(), elapsed, input.zone).map((course) => ({
      ...course,
      label: labels.get(course.course) ?? course.course,
    })),
    money: spaceMoney(input.money, valueIn(people, "V01") ?? 0),
    trust,
  };
}

/** The value of a metric; null when it is unknown or not there. */
export function valueIn({ metrics }: { readonly metrics: readonly Metric[] }, id: string): number | null {
  return metrics.find((metric) => metric.id === id)?.value ?? null;
}

/** What may be added up over machines; a sum is unknown as soon as one part is. People are counted once. */
function overAll(machines: readonly MachineFigures[]): Metric[] {
  const added = ["M01", "M02", "M12", "M15", "M15.active", "M28"] as const;
  const users = new Set(machines.flatMap((machine) => machine.users));
  return [
    ...added.map((id): Metric => {
      const parts = machines.flatMap(({ metrics }) => metrics.filter((metric) => metric.id === id));
      const sum = parts.reduce<number | null>((all, { value }) => (all === null || value === null ? null : all + value), 0);
      return total({ id, unit: parts[0]?.unit ?? "count", sum, n: parts.length });
    }),
    total({ id: "M16", unit: "count", sum: users.size, n: users.size }),
  ];
}

/** F01: people who were here by their primary group; whoever has none stands under not-stated. */
function groupsOf(input: MonthInput, days: Span): MonthFigures["groups"] {
  const here = new Set(
    input.people.signs
      .filter(({ kind, member, fromMs }) => kind !== "exit" && member !== 0 && fromMs >= days.fromMs && fromMs < days.toMs)
      .map(({ member }) => member),
  );
  const rows = new Map<string, { people: number; headcount: number }>();
  const row = (target: string): { people: number; headcount: number } => {
    const found = rows.get(target) ?? { people: 0, headcount: 0 };
    rows.set(target, found);
    return found;
  };
  for (const member of here) row(input.groups.get(member) ?? "not-stated").people += 1;
  for (const { target, people } of input.headcounts) row(target).headcount += people;
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([target, counts]) => ({ target, ...counts }));
}

/** E01–E03 of what was counted by heart. */
function eventsOf({ headcounts }: MonthInput): MonthFigures["events"] {
  const rows = new Map<string, { events: number; participations: number; personMinutes: number }>();
  for (const { kind, people, minutes } of headcounts) {
    const row = rows.get(kind) ?? { events: 0, participations: 0, personMinutes: 0 };
    rows.set(kind, {
      events: row.events + 1,
      participations: row.participations + people,
      personMinutes: row.personMinutes + people * minutes,
    });
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, row]) => ({ kind, ...row }));
}

function doorsOf(input: MonthInput): MonthFigures["doors"] {
  return [...input.doors]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((door) => {
      const here = input.decisions.filter((decision) => decision.at === door.id);
      return {
        ...door,
        entries: here.filter(({ outcome }) => outcome === "grant").length,
        refused: here.filter(({ outcome }) => outcome === "deny").length,
        unknownCards: here.filter(({ reason }) => reason === "UNKNOWN_CREDENTIAL").length,
      };
    });
}

function refusalsOf(input: MonthInput): Refusal[] {
  const groups = new Map<string, { place: string; reason: Refusal["reason"]; taps: number; people: Set<number> }>();
  for (const { at, atLabel, reason, outcome, member } of input.decisions) {
    if (outcome !== "deny") continue;
    const key = `${at} ${reason}`;
    const group = groups.get(key) ?? { place: atLabel, reason, taps: 0, people: new Set() };
    groups.set(key, group);
    group.taps += 1;
    if (member !== 0) group.people.add(member);
  }
  return [...groups]
    .sort(([a, x], [b, y]) => y.taps - x.taps || (a < b ? -1 : 1))
    .map(([, { people, ...group }]) => ({ ...group, people: people.size }));
}

/** Q: what the figures rest on less firmly, and how fast decisions were. */
function trustOf(input: MonthInput, machines: readonly MachineLine[]): Metric[] {
  const count = (id: string, n: number): Metric => total({ id, unit: "count", sum: n, n });
  const sum = (id: string): number => machines.reduce((all, machine) => all + (valueIn(machine, id) ?? 0), 0);
  const took = input.decisions.map(({ tookMs }) => tookMs);
  return [
    count("open_sessions", sum("M15.open")),
    count("estimated_ends", sum("M15.estimated")),
    total({ id: "unauthorised", unit: "ms", sum: sum("unauthorised"), n: machines.length }),
    count("unknown_cards", input.decisions.filter(({ reason }) => reason === "UNKNOWN_CREDENTIAL").length),
    count("untrusted_clock", input.decisions.filter(({ clockTrusted }) => !clockTrusted).length),
    count("lost_events", input.lostEvents),
    count("unreadable", input.unreadableMessages),
    ...[0.5, 0.95, 0.99].map((share) => total({ id: `Q03.p${share * 100}`, unit: "ms", sum: quantile(took, share), n: took.length })),
  ];
}
