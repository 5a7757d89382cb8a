/** Rows behind how far a month can be trusted (reports.md §4.7): each by the trace that it left. */
import { clockOffMs, type Metric, within } from "#core";
import { by, type ExplainedRow, instant, row, spansOf } from "./explain-rows.ts";
import { valueIn } from "./figures.ts";
import type { LedgerReads } from "./sources.ts";
import type { MonthFigures, MonthInput } from "./types.ts";

export type TraceReads = Pick<LedgerReads, "gaps" | "quarantined"> & {
  readonly usage: Pick<LedgerReads["usage"], "contradicted" | "correctionsIn">;
};
type Decision = MonthInput["decisions"][number];

export function trustRows(figures: MonthFigures, input: MonthInput, metric: Metric, read: TraceReads): ExplainedRow[] {
  const { id } = metric;
  const sum = summed[id];
  if (sum !== undefined) return figures.machines.map((one) => row(null, `${sum}/${one.id}`, { amount: valueIn(one, sum) ?? 0 }));
  const holds = counted[id];
  if (holds !== undefined) return input.decisions.filter(holds).map((one) => answered(one, { amount: 1 }));
  if (id === "Q04.alone") return input.decisions.map((one) => answered(one, { amount: one.alone ? 1 : 0, base: 1 }));
  if (id.startsWith("Q03")) return input.decisions.map((one) => answered(one, { amount: one.tookMs })).sort(bySize);
  if (id.startsWith("Q02")) return clockRows(input, id);
  return tracedRows(input, id, read);
}

/** What machines have a number of their own for. */
const summed: Readonly<Record<string, string>> = {
  open_sessions: "M15.open",
  estimated_ends: "M15.estimated",
  unauthorised: "unauthorised",
};
const counted: Readonly<Record<string, (one: Decision) => boolean>> = {
  unknown_cards: ({ reason }) => reason === "UNKNOWN_CREDENTIAL",
  untrusted_clock: ({ clockTrusted }) => !clockTrusted,
};
const answered = ({ atMs, atLabel, reason, member }: Decision, sums: Pick<ExplainedRow, "amount" | "base">): ExplainedRow =>
  instant(atMs, `${atLabel}, ${reason}`, { ...by(member), ...sums });
const bySize = (a: ExplainedRow, b: ExplainedRow): number => (a.amount ?? 0) - (b.amount ?? 0);

/** Of each node, so many events that were so far off; the least first. */
function clockRows({ clocks }: MonthInput, id: string): ExplainedRow[] {
  const told = clocks.flatMap(({ node, offMs, events }) => (offMs === null ? [] : [{ node, offMs, events }]));
  return told
    .filter(({ offMs }) => id === "Q02" || offMs > clockOffMs)
    .map(({ node, offMs, events }) => row(null, `${node}, ${events} events ${offMs} ms off`, { amount: id === "Q02" ? offMs : events }))
    .sort(bySize);
}

function tracedRows(input: MonthInput, id: string, read: TraceReads): ExplainedRow[] {
  const { period } = spansOf(input);
  const month = { fromMs: period.fromMs, toMs: Math.max(period.toMs, period.fromMs + 1) };
  const contradicted = () =>
    read.usage
      .contradicted(month.fromMs, month.toMs)
      .map(({ atMs, at, code, member }) => instant(atMs, `${at}, allowed; the facts say ${code}`, { ...by(member), amount: 1 }));
  switch (id) {
    case "Q04":
      return contradicted();
    case "Q04.share":
      return [
        ...contradicted().map((one) => ({ ...one, base: 0 })),
        ...input.decisions.filter((one) => one.judgedLater).map((one) => answered(one, { amount: 0, base: 1 })),
      ];
    case "Q05.asked":
    case "Q05.granted": {
      const corrections = read.usage.correctionsIn(month.fromMs, month.toMs);
      return corrections.flatMap(({ member, askedMs, answeredMs, outcome }) => {
        const atMs = id === "Q05.asked" ? askedMs : outcome === "granted" ? answeredMs : null;
        return atMs === null || !within(atMs, month) ? [] : [instant(atMs, `correction ${id.slice(4)}`, { ...by(member), amount: 1 })];
      });
    }
    case "lost_events":
      return read
        .gaps()
        .filter(({ state, noticedMs }) => state !== "closed" && within(noticedMs, month))
        .map(({ from, to, noticedMs }) => instant(noticedMs, `events ${from} to ${to}`, { amount: to - from + 1 }));
    case "unreadable":
      return read
        .quarantined()
        .filter(({ atMs }) => within(atMs, month))
        .map(({ atMs }) => instant(atMs, "message that could not be read", { amount: 1 }));
    default:
      return [];
  }
}
