/** One number of a month taken apart: formula, numerator, denominator, coverage, and the rows behind it, whatever it counts. */
import type { Metric } from "#core";
import { machineMoneyRows, machineRows } from "./explain-machine.ts";
import { peopleRows, trainingRows } from "./explain-people.ts";
import type { ExplainedRow } from "./explain-rows.ts";
import { eventRows, moneyRows, overallRows, programmeRows } from "./explain-space.ts";
import { type TraceReads, trustRows } from "./explain-trust.ts";
import { metricsOf } from "./seal.ts";
import type { Language, MonthFigures, MonthInput } from "./types.ts";
import { methodIn } from "./words-methods.ts";

export type Explained = {
  readonly name: string;
  readonly formula: string;
  readonly metric: Metric;
  /** how the rows make the number: they add up to it, it stands among them in order of size (a median), or their sizes make it */
  readonly by: "sum" | "order" | "sizes";
  /** in the order they happened, where they have a time; of a median in order of size */
  readonly rows: readonly ExplainedRow[];
  /** there are more rows than are shown */
  readonly isCut: boolean;
};

const rowsMost = 10_000;

/**
 * @param figures  as they were closed, or a draft
 * @param input    what the log says today: rows of a closed month may say more than it did
 * @param name     metric, and machine or course where it has one: `M09/laser-1`, `T5/laser`, `V01`, `M01/all`
 * @returns undefined when the month has no such number
 */
export function explained(
  figures: MonthFigures,
  input: MonthInput,
  name: string,
  read: TraceReads,
  language: Language = "en",
): Explained | undefined {
  const metric = metricsOf(figures).get(name);
  if (metric === undefined) return undefined;
  const rows = rowsOf(figures, input, name, metric, read);
  const formula = methodIn(language, metric.id) ?? methodIn(language, metric.id.split(".")[0] ?? "") ?? "";
  return { name, formula, metric, by: howOf(metric.id), rows: rows.slice(0, rowsMost), isCut: rows.length > rowsMost };
}

/** The middle of many is one of them, or stands where they are most; no sum of anything. */
function howOf(id: string): Explained["by"] {
  if (id === "M17.gini") return "sizes";
  return /^(M15\.(median|p90)|M24\.free|T11|T12|Q02|Q03\.\w+)$/.test(id) ? "order" : "sum";
}

function rowsOf(figures: MonthFigures, input: MonthInput, name: string, metric: Metric, read: TraceReads): ExplainedRow[] {
  const of = name.slice(metric.id.length + 1);
  const machine = input.machines.find(({ id }) => id === of);
  if (figures.trust.includes(metric)) return trustRows(figures, input, metric, read);
  if (of === "all") return overallRows(figures, input, metric);
  if (metric.id.startsWith("S"))
    return machine === undefined ? moneyRows(input, metric) : machineMoneyRows(figures, input, machine.id, metric);
  if (machine !== undefined) return machineRows(input, machine, metric);
  if (metric.id.startsWith("T")) return trainingRows(input, metric, of === "" ? null : of);
  if (metric.id === "V11") return eventRows(input, "V11");
  if (metric.id.startsWith("V")) return peopleRows(input, metric.id);
  return programmeRows(input, metric);
}
