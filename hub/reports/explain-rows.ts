/** What stands behind a number: rows that say when, what and who, and what each adds to the number and to what it is divided by. */
import { monthSpan, personDaysSpan, type Span } from "#core";
import type { MonthInput } from "./types.ts";

export type ExplainedRow = {
  /** null: not of one time */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly what: string;
  /** number of a member; who asks gives it a name, if they may */
  readonly member?: number;
  /** what the row adds to the numerator, or to the value where there is none, in the unit of the metric; absent: not a sum */
  readonly amount?: number;
  /** what it adds to the denominator */
  readonly base?: number;
};

export const row = (
  span: Partial<Span> | null,
  what: string,
  given: Omit<ExplainedRow, "fromMs" | "toMs" | "what"> = {},
): ExplainedRow => ({
  fromMs: span?.fromMs ?? null,
  toMs: span?.toMs ?? span?.fromMs ?? null,
  what,
  ...given,
});
export const instant = (atMs: number, what: string, given: Omit<ExplainedRow, "fromMs" | "toMs" | "what"> = {}): ExplainedRow =>
  row({ fromMs: atMs, toMs: atMs }, what, given);
/** Of a known person: member 0 is nobody. */
export const by = (member: number): Pick<ExplainedRow, "member"> => (member === 0 ? {} : { member });

/** The month cut at the present, and its person-days. Throws RangeError for what is no month. */
export function spansOf(input: MonthInput): { readonly period: Span; readonly days: Span } {
  const [month, days] = [monthSpan(input.month, input.zone), personDaysSpan(input.month, input.zone)];
  if (month === undefined || days === undefined) throw new RangeError(`report: "${input.month}" is no month`);
  return { period: { fromMs: month.fromMs, toMs: Math.min(month.toMs, Math.max(month.fromMs, input.madeMs)) }, days };
}
