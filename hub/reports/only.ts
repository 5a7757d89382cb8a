/**
 * A month of some machines and doors: of a zone, of a project that bought them, or named one by one. Only what is counted by machine,
 * door or course can be cut so; how many people, groups and events were there is counted over the whole space, and is left out.
 */
import { valueIn } from "./figures.ts";
import type { MonthFigures } from "./types.ts";

export type Only = {
  /** stands in the title: the zone, the project, or the machines */
  readonly label: string;
  readonly machines: readonly string[];
  readonly doors: readonly string[];
  /** courses that the machines need */
  readonly courses: readonly string[];
};

/** Tables that can be about some machines and doors. */
export const tablesOfSome: ReadonlySet<string> = new Set([
  "machines",
  "availability",
  "use",
  "purposes",
  "jobs",
  "bookings",
  "reliability",
  "care",
  "energy",
  "states",
  "costs",
  "incidents",
  "doors",
  "refusals",
  "training",
  "classes",
  "cohorts",
  "method",
]);

/** Only these, and sums of them alone. How many people used any of the machines is in no figure: it is not known. */
export function ofSome(all: MonthFigures, only: Only): MonthFigures {
  const machines = all.machines.filter(({ id }) => only.machines.includes(id));
  const doors = all.doors.filter(({ id }) => only.doors.includes(id));
  const places = new Set([...machines, ...doors].map(({ id }) => id));
  const labels = new Set([...machines, ...doors].map(({ label }) => label));
  const left = new Set(all.machines.filter(({ id }) => !places.has(id)).map(({ label }) => label));
  const sum = (id: string): number | null =>
    machines.reduce<number | null>((so, machine) => {
      const value = valueIn(machine, id);
      return so === null || value === null ? null : so + value;
    }, 0);
  return {
    ...all,
    machines,
    doors,
    all: all.all.map((metric) => ({ ...metric, value: metric.id === "M16" ? null : sum(metric.id) })),
    training: all.training.filter(({ course }) => only.courses.includes(course)),
    refusals: all.refusals.filter(({ place }) => labels.has(place)),
    doubts: all.doubts.filter(({ values }) => !(typeof values.machine === "string" && left.has(values.machine))),
    ...(all.incidents === undefined ? {} : { incidents: all.incidents.filter(({ place }) => places.has(place)) }),
  };
}
