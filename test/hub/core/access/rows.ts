/**
 * The rules row by row: each row names its case and tells what the rule itself says (`says`, as the trace tells staff) and what comes
 * of it (`answers`, the whole decision in a line). A rule number may stand for several rules; their verdicts stand in their order.
 */
import { describe, expect, it } from "vitest";
import type { Code } from "#contract";
import type { DecisionInput } from "#core";
import { decide, traceOf } from "#core";

export type Row = readonly [name: string, says: string, answers: string, input: DecisionInput];
/** rule number → its rows */
export type Table = Readonly<Record<string, readonly Row[]>>;

/** The usual rows: the rule refuses, waits, passes, or has nothing to say; and nothing else has anything to say. */
export const refuses = (name: string, code: Code, input: DecisionInput): Row => [name, `fail ${code}`, `deny ${code}`, input];
export const passes = (name: string, input: DecisionInput): Row => [name, "pass", "grant GRANT", input];
export const waits = (name: string, code: Code, input: DecisionInput): Row => [name, `pending ${code}`, `pending ${code}`, input];
export const silent = (name: string, answering: string, input: DecisionInput): Row => [name, "skip", answering, input];

export const says = (rule: string, input: DecisionInput): string =>
  traceOf(input)
    .filter((line) => line.rule === rule)
    .map(({ verdict, code }) => (code === null ? verdict : `${verdict} ${code}`))
    .join("; ");

export function answers(input: DecisionInput): string {
  const { outcome, reason, also, waived, warnings } = decide(input);
  const more = [
    ["also", also],
    ["waived", waived],
    ["warns", warnings],
  ] as const;
  return [
    `${outcome} ${reason}`,
    ...more.filter(([, codes]) => codes.length > 0).map(([word, codes]) => `${word} ${codes.join(", ")}`),
  ].join("; ");
}

export function play(table: Table): void {
  for (const [rule, rows] of Object.entries(table)) {
    describe(rule, () => {
      it.each(rows)("%s", (_name, saying, answering, input) => {
        expect([says(rule, input), answers(input)]).toEqual([saying, answering]);
      });
    });
  }
}
