/** One number of a month with what stands behind it, in the units that people read. */
import type { Metric } from "#core";
import { draftOf } from "../reports/book.ts";
import { explained } from "../reports/explain.ts";
import type { ExplainedRow } from "../reports/explain-rows.ts";
import { monthInput } from "../reports/gather.ts";
import { sealedFigures } from "../reports/seal.ts";
import { cellOf } from "../reports/tables.ts";
import type { Language } from "../reports/types.ts";
import type { ReportCell } from "../views.ts";
import type { NumberView } from "../views-manager.ts";
import type { DeskBook } from "./desk-work.ts";

/** Rows name members by number: who asks gives them names. */
export type NumberFound = Omit<NumberView, "rows"> & {
  readonly rows: readonly (Omit<NumberView["rows"][number], "who"> & { readonly member: number | null })[];
};
type Unit = Metric["unit"];

/** A page is not a spreadsheet; the whole of it is in `koprade report explain --json`. */
const rowsMost = 500;

/** As cells of reports have it (cellOf). */
const unitWords: Readonly<Record<Unit, string | null>> = {
  ms: "h",
  share: "%",
  Wh: "kWh",
  "Wh/h": "kWh/h",
  g: "kg",
  cents: null,
  "cents/h": null,
  count: null,
};
export const unitWord = (unit: Unit): string | null => unitWords[unit];
export const shownIn = (value: number | null, unit: Unit): ReportCell => cellOf({ value, unit } as Metric);

export function numberOf(
  book: DeskBook,
  { month, name, language }: { readonly month: string; readonly name: string; readonly language: Language },
  nowMs: number,
): NumberFound | null {
  const { read } = book.ledger;
  const last = read.usage.closedMonths(month).at(-1);
  const figures = last === undefined ? draftOf(book, month, nowMs) : sealedFigures(last);
  const found = explained(figures, monthInput({ ...book, month, madeMs: nowMs }), name, read, language);
  if (found === undefined) return null;
  const { metric, formula, rows, isCut } = found;
  const parts = partsOf(metric);
  return {
    month,
    zone: figures.zone,
    name,
    formula,
    unit: unitWord(metric.unit),
    value: cellOf(metric),
    mark: metric.mark,
    numerator: shownIn(metric.numerator, parts.numerator),
    numeratorUnit: unitWord(parts.numerator),
    denominator: shownIn(metric.denominator, parts.denominator),
    denominatorUnit: unitWord(parts.denominator),
    coverage: metric.coverage,
    n: metric.n,
    methodVersion: metric.methodVersion,
    revision: last?.revision ?? null,
    rows: rows.slice(0, rowsMost).map((row) => shownRow(row, parts)),
    isCut: isCut || rows.length > rowsMost,
  };
}

type Parts = { readonly numerator: Unit; readonly denominator: Unit };

function shownRow({ fromMs, toMs, what, member, amount, base }: ExplainedRow, parts: Parts): NumberFound["rows"][number] {
  return {
    fromMs,
    toMs,
    what,
    member: member ?? null,
    amount: shownIn(amount ?? null, parts.numerator),
    base: shownIn(base ?? null, parts.denominator),
  };
}

/** Shares of times; the others are shares of money or of things that were counted. */
const ofTime = /^(M0[389]|M1[0-3]|M12\.share|M17\.top[13]|M25\.fill|M25\.use|E07)/;

/** A metric has the unit of its quotient: this is what it was divided of. Hours and people under a stroke are plain numbers. */
function partsOf({ id, unit }: Metric): Parts {
  const both = (one: Unit): Parts => ({ numerator: one, denominator: one });
  switch (unit) {
    case "share":
      return both(ofTime.test(id) ? "ms" : id.startsWith("S") ? "cents" : "count");
    case "Wh/h":
      return { numerator: "Wh", denominator: "count" };
    case "cents/h":
      return { numerator: "cents", denominator: "count" };
    default:
      return { numerator: unit, denominator: "count" };
  }
}
