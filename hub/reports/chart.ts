/** What a chart is: a picture, the sentence that says the same, and the table that has its numbers. */
import type { Metric } from "#core";
import { ink, label, type Pattern, patterned, type Scene, type Shape, widthAbout } from "./scene.ts";
import { shownCell } from "./show.ts";
import { cellOf } from "./tables.ts";
import type { Language, MonthFigures } from "./types.ts";

export type Chart = {
  readonly id: string;
  readonly title: string;
  /** made by rules from the figures; stands under the picture and instead of it */
  readonly summary: string;
  /** id of the table with its numbers */
  readonly table: string;
  readonly scene: Scene;
};

/** Of every picture, in points: the width between the margins of A4. */
export const chartWidth = 499;

export const metricOf = (of: { readonly metrics: readonly Metric[] }, id: string): Metric | undefined =>
  of.metrics.find((metric) => metric.id === id);

const unitOf: Readonly<Record<Metric["unit"], string | null>> = {
  ms: "h",
  share: "%",
  Wh: "kWh",
  g: null,
  "Wh/h": "kWh/h",
  count: null,
  cents: null,
  "cents/h": null,
};

/** A metric as its cell in a table is spelled, without the unit. */
export function spelled(metric: Metric | undefined, language: Language): string {
  return shownCell(cellOf(metric), { unit: metric === undefined ? null : unitOf[metric.unit] }, language);
}
export const spelledHours = (ms: number, language: Language): string => shownCell(Math.round(ms / 36_000) / 100, { unit: "h" }, language);

type Machine = MonthFigures["machines"][number];
/** The machine with the most of something; undefined when none has any. */
export function most(
  machines: readonly Machine[],
  amount: (machine: Machine) => number | null,
): (Machine & { readonly amount: number }) | undefined {
  let best: (Machine & { readonly amount: number }) | undefined;
  for (const machine of machines) {
    const here = amount(machine) ?? 0;
    if (here > (best?.amount ?? 0)) best = { ...machine, amount: here };
  }
  return best;
}

export type LegendEntry = { readonly text: string; readonly pattern: Pattern; readonly colour: string; readonly height?: number };

/** Marks and words in as many lines as they need; the height is theirs. */
export function legend(entries: readonly LegendEntry[], y: number): { readonly shapes: Shape[]; readonly height: number } {
  const [line, mark, size] = [12, 14, 7];
  const shapes: Shape[] = [];
  let [x, row] = [0, 0];
  for (const { text, pattern, colour, height = 1 } of entries) {
    const width = mark + 4 + widthAbout(text, size) + 12;
    if (x > 0 && x + width > chartWidth) [x, row] = [0, row + 1];
    const top = y + row * line;
    const box = { x, y: top + 8 * (1 - height), w: mark, h: 8 * height };
    shapes.push(...(pattern === "blank" ? patterned([box], "hollow", ink.rule) : patterned([box], pattern, colour)));
    shapes.push(label(x + mark + 4, top + 7, text, { size, colour: ink.quiet }));
    x += width;
  }
  return { shapes, height: entries.length === 0 ? 0 : (row + 1) * line };
}
