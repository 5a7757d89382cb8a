/** Figures to tables: columns with stable keys, rounded cells, totals only where adding is true. Machines and doors. */
import { derivedStates, type Metric } from "#core";
import type { ReportCell } from "../views.ts";
import { methods } from "./methods.ts";
import type { Language, MonthFigures, ReportColumn, ReportTable } from "./types.ts";
import { reasonIn, words } from "./words.ts";
import type { Words } from "./words-en.ts";
import { methodIn } from "./words-methods.ts";

export const text = (key: string, label: string): ReportColumn => ({ key, label, unit: null, numeric: false });
/** A column of local dates (`2026-03-14`), months (`2026-03`) or instants (`2026-03-14 12:30`); unknown is null. */
export const dated = (key: string, label: string, date: NonNullable<ReportColumn["date"]>): ReportColumn => ({ ...text(key, label), date });
export const number = (key: string, label: string, unit: string | null = null, digits?: number): ReportColumn => ({
  key,
  label,
  unit,
  numeric: true,
  ...(digits === undefined ? {} : { digits }),
});

const rounded = (value: number): number => Math.round(value * 100) / 100;
export const hours = (ms: number): number => rounded(ms / 3_600_000);

/** What a metric looks like in a cell: hours, percent, kilowatt-hours, units of money; null when it has no value. */
export function cellOf(metric: Metric | undefined): ReportCell {
  if (metric === undefined || metric.value === null) return null;
  switch (metric.unit) {
    case "ms":
      return hours(metric.value);
    case "share":
      return rounded(metric.value * 100);
    case "Wh":
    case "Wh/h":
    case "g":
      return Math.round(metric.value) / 1000;
    case "cents":
    case "cents/h":
      return rounded(metric.value / 100);
    case "count":
      return metric.value;
  }
}

/** A column of a table whose rows are metrics of one thing each: key, word, unit, metric. */
type MetricColumn = readonly [key: string, label: string, unit: string | null, id: string, digits?: number];
type Row = { readonly label: string; readonly metrics: readonly Metric[]; readonly id?: string; readonly course?: string };
type Rows = readonly Row[];

export function metricTable(
  head: { readonly id: string; readonly title: string; readonly note: string; readonly first: ReportColumn },
  columns: readonly MetricColumn[],
  rows: Rows,
  sums: { readonly label: string; readonly metrics: readonly Metric[] } | null = null,
): ReportTable {
  const row = ({ label, metrics }: Row): ReportCell[] => {
    const byId = new Map(metrics.map((metric) => [metric.id, metric]));
    return [label, ...columns.map(([, , , id]) => cellOf(byId.get(id)))];
  };
  const names = ({ metrics }: Row, of: string | undefined): (string | null)[] => [
    null,
    ...columns.map(([, , , id]) => (of !== undefined && metrics.some((metric) => metric.id === id) ? `${id}/${of}` : null)),
  ];
  const hasSums = sums !== null && rows.length > 0;
  return {
    id: head.id,
    title: head.title,
    note: head.note,
    names: [...rows.map((one) => names(one, one.id ?? one.course)), ...(hasSums ? [names(sums, "all")] : [])],
    columns: [head.first, ...columns.map(([key, label, unit, , digits]) => number(key, label, unit, digits))],
    rows: rows.map(row),
    total: hasSums ? row(sums) : null,
  };
}

/** A table of measures, one a row, with the unit in its name. */
export function measureTable(
  head: { readonly id: string; readonly title: string; readonly note: string; readonly value: string; readonly digits?: number },
  rows: readonly (readonly [label: string, metric: Metric | undefined])[],
  w: Words,
): ReportTable {
  const units: Readonly<Record<string, string>> = { ms: " (h)", share: " (%)", Wh: " (kWh)" };
  return {
    id: head.id,
    title: head.title,
    note: head.note,
    names: rows.flatMap(([, metric]) => (metric === undefined ? [] : [[null, metric.id]])),
    columns: [text("measure", w.measure), number("value", head.value, null, head.digits)],
    rows: rows.flatMap(([label, metric]) => (metric === undefined ? [] : [[`${label}${units[metric.unit] ?? ""}`, cellOf(metric)]])),
    total: null,
  };
}

export function machineTables(figures: MonthFigures, w: Words): ReportTable[] {
  const first = text("machine", w.machine);
  const { machines } = figures;
  const hasOpen = machines.some(({ metrics }) => metrics.some(({ id }) => id === "M05"));
  const hasEnergy = machines.some(({ metrics }) => metrics.some(({ id, value }) => id === "M28" && value !== null));
  return [
    metricTable(
      { id: "machines", title: w.machines, note: w.machinesNote, first },
      [
        ["sessions", w.sessions, null, "M15"],
        ["active_sessions", w.active, null, "M15.active"],
        ["busy_h", w.busy, "h", "M01"],
        ["occupied_h", w.occupied, "h", "M02"],
        ["energy_kwh", w.energy, "kWh", "M28"],
        ["users", w.users, null, "M16"],
        ["coverage_percent", w.coverage, "%", "Q01"],
        ["left_on_h", w.leftOn, "h", "M04"],
      ],
      machines,
      { label: w.total, metrics: figures.all },
    ),
    ...(hasOpen ? [availabilityTable(figures, w)] : []),
    metricTable(
      { id: "use", title: w.use, note: w.useNote, first },
      [
        ["median_h", w.median, "h", "M15.median"],
        ["p90_h", w.p90, "h", "M15.p90"],
        ["idle_share_percent", w.idleShare, "%", "M03"],
        ["top_user_percent", w.top1, "%", "M17.top1"],
        ["top_three_percent", w.top3, "%", "M17.top3"],
        ["denied", w.denied, null, "M23"],
        ["unauthorised_h", w.unauthorised, "h", "unauthorised"],
      ],
      machines,
    ),
    reliabilityTable(figures, w),
    ...(hasEnergy ? [energyTable(figures, w)] : []),
    stateTable(figures, w),
  ];
}

/** Only where a calendar is: there is no availability without one. */
function availabilityTable({ machines }: MonthFigures, w: Words): ReportTable {
  return metricTable(
    { id: "availability", title: w.availability, note: w.availabilityNote, first: text("machine", w.machine) },
    [
      ["open_h", w.open, "h", "M05"],
      ["scheduled_h", w.scheduled, "h", "M06"],
      ["available_h", w.available, "h", "M07"],
      ["availability_percent", w.availabilityShare, "%", "M08"],
      ["utilisation_percent", w.utilisation, "%", "M09"],
      ["occupancy_percent", w.occupancy, "%", "M10"],
      ["peak_occupancy_percent", w.peakOccupancy, "%", "M11"],
      ["out_of_hours_h", w.outOfHours, "h", "M12"],
      ["loading_percent", w.loading, "%", "M13"],
      ["effectiveness_percent", w.effectiveness, "%", "M14"],
    ],
    machines,
  );
}

function reliabilityTable({ machines }: MonthFigures, w: Words): ReportTable {
  return metricTable(
    { id: "reliability", title: w.reliability, note: w.reliabilityNote, first: text("machine", w.machine) },
    [
      ["failures", w.failures, null, "M18.events"],
      ["breakdown_h", w.downAll, "h", "M18"],
      ["breakdown_open_h", w.downOpen, "h", "M18.open"],
      ["between_failures_h", w.mtbf, "h", "M19"],
      ["repair_h", w.mttr, "h", "M20"],
      ["takeovers", w.takeovers, null, "M27.takeovers"],
      ["forced_stops", w.forcedStops, null, "M27.forced"],
      ["trips", w.trips, null, "M27.trips"],
      ["maintenance_h", w.maintenance, "h", "maintenance"],
    ],
    machines,
  );
}

function energyTable({ machines }: MonthFigures, w: Words): ReportTable {
  const hasCo2 = machines.some(({ metrics }) => metrics.some(({ id, value }) => id === "M29.co2" && value !== null));
  return metricTable(
    { id: "energy", title: w.energyTitle, note: w.energyNote, first: text("machine", w.machine) },
    [
      ["energy_kwh", w.energy, "kWh", "M28"],
      ["idle_kwh", w.idleEnergy, "kWh", "M29.idle"],
      ["out_of_hours_kwh", w.lateEnergy, "kWh", "M29.out_of_hours"],
      ["left_on_kwh", w.leftOn, "kWh", "M04.energy"],
      ["kwh_per_busy_h", w.intensity, "kWh/h", "M29"],
      ...(hasCo2 ? [["co2_kg", w.co2, "kg", "M29.co2"] as const] : []),
    ],
    machines,
  );
}

/** Hours in each derived state; states that no machine was in are left out. */
function stateTable({ machines }: MonthFigures, w: Words): ReportTable {
  const states = derivedStates.filter((state) => machines.some((machine) => machine.states[state] > 0));
  return {
    id: "states",
    title: w.states,
    note: w.statesNote,
    columns: [text("machine", w.machine), ...states.map((state) => number(`${state}_h`, w[`state_${state}`], "h"))],
    rows: machines.map((machine) => [machine.label, ...states.map((state) => hours(machine.states[state]))]),
    total: null,
  };
}

export function doorTable({ doors }: MonthFigures, w: Words): ReportTable {
  const rows = doors.map((door): readonly [string, ...number[]] => [
    door.label,
    door.entries,
    door.opened,
    door.notUsed,
    door.refused,
    door.unknownCards,
    door.forced,
    door.heldOpen,
  ]);
  const columnSum = (index: number): number => rows.reduce((total, row) => total + Number(row[index] ?? 0), 0);
  return {
    id: "doors",
    title: w.doors,
    note: w.doorsNote,
    columns: [
      text("door", w.door),
      number("entries", w.entries),
      number("opened", w.opened),
      number("granted_not_used", w.notUsed),
      number("refused", w.refused),
      number("unknown_cards", w.unknownCards),
      number("forced", w.forced),
      number("held_open", w.heldOpen),
    ],
    rows,
    total: rows.length === 0 ? null : [w.total, ...[1, 2, 3, 4, 5, 6, 7].map(columnSum)],
  };
}

/** People may be refused in several places: their column has no total. */
export function refusalTable({ refusals }: MonthFigures, language: Language): ReportTable {
  const w = words[language];
  return {
    id: "refusals",
    title: w.refusals,
    note: w.refusalsNote,
    columns: [text("place", w.place), text("reason", w.reason), text("code", w.code), number("taps", w.taps), number("people", w.persons)],
    rows: refusals.map(({ place, reason, taps, people }) => [place, reasonIn(language, reason), reason, taps, people]),
    total: refusals.length === 0 ? null : [w.total, "", "", refusals.reduce((sum, { taps }) => sum + taps, 0), null],
  };
}

/** The definitions behind the figures of this month, and which version of each. @param defines  ids of metrics; null: all of them */
export function methodTable(figures: MonthFigures, language: Language, defines: RegExp | null): ReportTable {
  const w = words[language];
  const { programme = [], trainingAll = [], money, trust } = figures;
  const used = [
    figures.machines,
    figures.training,
    [figures.people],
    [{ metrics: [...money, ...programme, ...trainingAll, ...trust] }],
  ].flatMap((list) => list.flatMap(({ metrics }: { readonly metrics: readonly Metric[] }) => metrics));
  const versions = new Map(used.map(({ id, methodVersion }) => [id, methodVersion]));
  return {
    id: "method",
    title: w.method,
    note: w.methodNote,
    columns: [text("metric", w.metric), text("formula", w.formula), number("version", w.version)],
    rows: Object.keys(methods).flatMap((id) => {
      const version = versions.get(id);
      return version === undefined || defines?.test(id) === false ? [] : [[id, methodIn(language, id) ?? "", version]];
    }),
    total: null,
  };
}
