/**
 * Closing a month: its figures as canonical text and their SHA-256, what differs between two revisions, and the way back from
 * the text. The figures hold no language and no time of making, so the same facts give the same hash.
 */
import { createHash } from "node:crypto";
import type { Metric } from "#core";
import { HubError } from "../errors.ts";
import type { MonthFigures, Seal } from "./types.ts";

/** What a ledger keeps of a closed month. */
export type Sealed = Seal & { readonly month: string; readonly figures: string };

export const figuresText = (figures: MonthFigures): string => JSON.stringify(figures);
export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

export const isWhole = (sealed: Pick<Sealed, "hash" | "figures">): boolean => hashOf(sealed.figures) === sealed.hash;

/** The figures of a closed month. @throws HubError LEDGER_UNREADABLE when the text is not the one that was hashed */
export function sealedFigures(sealed: Sealed): MonthFigures {
  if (!isWhole(sealed))
    throw new HubError("LEDGER_UNREADABLE", `the figures of report No. ${sealed.number} are not those that were closed`);
  return JSON.parse(sealed.figures) as MonthFigures; // the hash says that this very program wrote it
}

/** One value that two revisions give differently. `of` is what `explain` takes: metric, and machine or course. */
export type Difference = { readonly of: string; readonly before: number | null; readonly after: number | null };

/** Values that differ, in order of their names; a value that one side lacks is null there. */
export function differences(before: MonthFigures, after: MonthFigures): Difference[] {
  const [old, fresh] = [valuesOf(before), valuesOf(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .sort()
    .map((of) => ({ of, before: old.get(of) ?? null, after: fresh.get(of) ?? null }))
    .filter((entry) => entry.before !== entry.after);
}

/** Every metric of the month by its name. */
export function metricsOf(figures: MonthFigures): Map<string, Metric> {
  const named = new Map<string, Metric>();
  const add = (metrics: readonly Metric[], suffix: string): void => {
    for (const metric of metrics) named.set(`${metric.id}${suffix}`, metric);
  };
  for (const machine of figures.machines) add(machine.metrics, `/${machine.id}`);
  for (const course of figures.training) add(course.metrics, `/${course.course}`);
  add(figures.people.metrics, "");
  add(figures.all, "/all");
  add(figures.programme ?? [], "");
  add(figures.trainingAll ?? [], "");
  add(figures.money, "");
  add(figures.trust, "");
  return named;
}

function valuesOf(figures: MonthFigures): Map<string, number | null> {
  const values = new Map<string, number | null>([...metricsOf(figures)].map(([name, { value }]) => [name, value]));
  for (const { id, entries, opened, refused } of figures.doors) {
    for (const [what, n] of Object.entries({ entries, opened, refused })) values.set(`${what}/${id}`, n);
  }
  for (const { date, people } of figures.people.days) values.set(`day/${date}`, people);
  for (const { target, people, headcount } of figures.groups) {
    values.set(`group/${target}`, people);
    values.set(`counted/${target}`, headcount);
  }
  for (const { place, reason, taps } of figures.refusals) values.set(`refusals/${place}/${reason}`, taps);
  for (const course of figures.training) {
    for (const { month, attended, passed, used, settled } of course.cohorts) {
      for (const [what, n] of Object.entries({ attended, passed, used, settled })) values.set(`${what}/${course.course}/${month}`, n);
    }
  }
  return values;
}
