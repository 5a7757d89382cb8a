/**
 * Facts to figures: pure, without any language. The month's figures are what is closed, hashed and kept; every table, page and
 * file is made from them alone.
 */
import {
  backgroundRows,
  countedRows,
  firstTraining,
  heatmap,
  isBusy,
  joinMetrics,
  localDateAt,
  type MachineFigures,
  type Metric,
  machineFigures,
  machineMoney,
  monthSpan,
  notStated,
  peopleFigures,
  personDaysSpan,
  programmeMetrics,
  ratio,
  reachMetrics,
  type Span,
  spaceMoney,
  stateLengths,
  total,
  trainingFigures,
  unregistered,
  volunteerMetrics,
} from "#core";
import { doubtsOf } from "./doubts.ts";
import { laneOf } from "./lane.ts";
import { clockWorst, trustOf } from "./trust.ts";
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
    availableMs: valueIn(figures, "M07"),
    centsPerHour: machine.centsPerHour,
  }));
  const money = machineMoney(input.money, time);
  const machines = made.map(({ machine, figures }) => ({
    id: machine.id,
    label: machine.label,
    metrics: [...figures.metrics, ...(money.get(machine.id) ?? [])],
    states: stateLengths(figures.stretches),
    lane: laneOf(figures.stretches, elapsed),
  }));
  const doors = doorsOf(input);
  const found = peopleFigures(input.people, days, elapsed, input.zone);
  const people = { ...found, metrics: [...found.metrics, ...accessMetrics(doors)] };
  const backgrounds = backgroundsOf(input, made, days, elapsed);
  const groups = groupsOf(input, backgrounds);
  const all = overAll(made.map(({ figures }) => figures));
  const programme = programmeOf(input, people, all, made);
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
    all,
    people,
    groups,
    backgrounds,
    counted: countedRows(input.headcounts),
    programme: [
      ...programme,
      ...joinMetrics(input.newcomers, input.unknownNewcomers, elapsed),
      ...reachOf(input, backgrounds, elapsed),
      ...volunteerMetrics(input.volunteers),
    ],
    busyHeat: heatmap(
      made.map(({ figures }) => figures.stretches.filter(isBusy)),
      elapsed,
      input.zone,
    ),
    incidents: input.incidents,
    nodes: nodesOf(input),
    events: eventsOf(input),
    doors,
    refusals: refusalsOf(input),
    training: trainingFigures(input.training, [...labels.keys()].sort(), elapsed, input.zone).map((course) => ({
      ...course,
      label: labels.get(course.course) ?? course.course,
    })),
    trainingAll: firstTraining(input.training, elapsed),
    money: spaceMoney(input.money, {
      personDays: valueIn(people, "V01") ?? 0,
      participantMs: valueIn({ metrics: programme }, "E03") ?? 0,
      reserveCents: input.reserveCents,
    }),
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

type Made = { readonly figures: MachineFigures };
type Backgrounds = NonNullable<MonthFigures["backgrounds"]>;
const dimensions = ["target", "enterprise", "municipality", "school", "home_space", "age_band", "gender", "plan"] as const;

/** F01, F03, F08: by each thing that members are, where anybody has stated it. */
function backgroundsOf(input: MonthInput, made: readonly Made[], days: Span, elapsed: Span): Backgrounds {
  const work = made.flatMap(({ figures }) =>
    figures.stretches.filter(isBusy).map(({ fromMs, toMs, use }) => ({ fromMs, toMs, member: use?.member ?? 0 })),
  );
  const stated = new Set(input.backgrounds.map(({ what }) => what));
  return dimensions
    .filter((what) => what === "target" || stated.has(what))
    .map((what) => ({
      what,
      rows: backgroundRows({ backgrounds: input.backgrounds, what }, input.people.signs, work, days, elapsed, input.zone),
    }))
    .filter(({ what, rows }) => what === "target" || rows.some(({ value }) => value !== notStated));
}

/** F01: people by their primary group, and who was counted by heart. */
function groupsOf(input: MonthInput, backgrounds: Backgrounds): MonthFigures["groups"] {
  const rows = new Map<string, { people: number; headcount: number }>();
  for (const { value, people } of backgrounds.find(({ what }) => what === "target")?.rows ?? []) rows.set(value, { people, headcount: 0 });
  for (const counted of input.headcounts) {
    const row = rows.get(counted.target) ?? { people: 0, headcount: 0 };
    rows.set(counted.target, { ...row, headcount: row.headcount + unregistered(counted) });
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([target, counts]) => ({ target, ...counts }));
}

const companies: ReadonlySet<string> = new Set(["start-up", "company", "existing-company"]);

/** F02, F07. */
function reachOf(input: MonthInput, backgrounds: Backgrounds, elapsed: Span): Metric[] {
  const rows = (what: string) => backgrounds.find((one) => one.what === what)?.rows ?? [];
  const companyPeople = rows("target").reduce((sum, { value, people }) => (companies.has(value) ? sum + people : sum), 0);
  const lastDate = localDateAt(input.zone, elapsed.toMs - 1);
  return reachMetrics(
    { enterprise: rows("enterprise"), municipality: rows("municipality"), companyPeople },
    input.founded,
    input.homeTown,
    lastDate,
  );
}

function programmeOf(input: MonthInput, people: MonthFigures["people"], all: readonly Metric[], made: readonly Made[]): Metric[] {
  const taught = made.map(({ figures }) => {
    const parts = [valueIn(figures, "M01.class"), valueIn(figures, "M01.training")];
    return parts.includes(null) ? null : parts.reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
  });
  return programmeMetrics({
    counted: input.headcounts,
    individualMs: valueIn(people, "V10"),
    taughtBusyMs: taught.includes(null) ? null : taught.reduce<number>((sum, ms) => sum + (ms ?? 0), 0),
    busyMs: valueIn({ metrics: all }, "M01"),
  });
}

/** V12: how doors answered, and what their contacts saw. */
function accessMetrics(doors: MonthFigures["doors"]): Metric[] {
  const sum = (of: (door: (typeof doors)[number]) => number): number => doors.reduce((all, door) => all + of(door), 0);
  const count = (id: string, n: number): Metric => total({ id, unit: "count", sum: n, n });
  const allowed = sum(({ entries }) => entries);
  const denied = sum(({ refused }) => refused);
  return [
    ratio({ id: "V12", unit: "share", of: denied, by: allowed + denied, n: allowed + denied }),
    count(
      "V12.unknown",
      sum(({ unknownCards }) => unknownCards),
    ),
    count(
      "V12.forced",
      sum(({ forced }) => forced),
    ),
    count(
      "V12.held",
      sum(({ heldOpen }) => heldOpen),
    ),
  ];
}

/** Q07. */
function nodesOf({ boots, clocks }: MonthInput): NonNullable<MonthFigures["nodes"]> {
  const rows = new Map<string, { atMs: number; firmware: string; starts: number }>();
  for (const { node, atMs, firmware } of boots) {
    const row = rows.get(node);
    if (row === undefined) rows.set(node, { atMs, firmware, starts: 1 });
    else rows.set(node, { ...(atMs >= row.atMs ? { atMs, firmware } : row), starts: row.starts + 1 });
  }
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([node, { firmware, starts }]) => ({ node, firmware, starts, clockMs: clockWorst(clocks, node) }));
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
