/** One number of a month taken apart: formula, numerator, denominator, coverage, and the stretches or days behind it. */
import { countedStretches, type Metric, monthSpan, timeline } from "#core";
import { methods } from "./methods.ts";
import { metricsOf } from "./seal.ts";
import type { MonthFigures, MonthInput } from "./types.ts";

export type ExplainedRow = { readonly fromMs: number; readonly toMs: number; readonly what: string };
export type Explained = {
  readonly name: string;
  readonly formula: string;
  readonly metric: Metric;
  readonly rows: readonly ExplainedRow[];
};

const rowsMost = 10_000;

/** @param name  metric and machine or course, such as `M09/laser-1`; undefined when the month has no such number */
export function explained(figures: MonthFigures, input: MonthInput, name: string): Explained | undefined {
  const metric = metricsOf(figures).get(name);
  if (metric === undefined) return undefined;
  const machine = input.machines.find(({ id }) => name === `${metric.id}/${id}`);
  return {
    name,
    formula: methods[metric.id] ?? methods[metric.id.split(".")[0] ?? ""] ?? "counted",
    metric,
    rows: (machine === undefined ? dayRows(figures, metric) : machineRows(input, machine, metric)).slice(0, rowsMost),
  };
}

function machineRows(input: MonthInput, machine: MonthInput["machines"][number], metric: Metric): ExplainedRow[] {
  const month = monthSpan(input.month, input.zone);
  if (month === undefined) return [];
  const span = { fromMs: month.fromMs, toMs: Math.min(month.toMs, Math.max(month.fromMs, input.madeMs)) };
  if (metric.id.startsWith("M15") || metric.id === "M16") {
    return machine.events.sessions
      .filter(({ fromMs, toMs }) => fromMs < span.toMs && (toMs > span.fromMs || fromMs >= span.fromMs))
      .map(({ fromMs, toMs, id, end }) => ({ fromMs, toMs, what: `session ${id} ${end ?? "open"}` }))
      .sort((a, b) => a.fromMs - b.fromMs);
  }
  return countedStretches(metric.id, timeline(machine.history, span)).map(({ fromMs, toMs, state, use }) => ({
    fromMs,
    toMs,
    what: use === null ? state : `${state}, ${use.kind} ${use.id}`,
  }));
}

function dayRows(figures: MonthFigures, metric: Metric): ExplainedRow[] {
  if (metric.id !== "V01") return [];
  return figures.people.days.map(({ date, people }) => {
    const at = Temporal.PlainDate.from(date).toZonedDateTime({ timeZone: figures.zone, plainTime: "04:00" });
    return { fromMs: at.epochMilliseconds, toMs: at.add({ days: 1 }).epochMilliseconds, what: `${people}` };
  });
}
