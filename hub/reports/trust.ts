/** Q (reports.md §4.7): what the figures rest on less firmly, how fast decisions were, and how well the nodes knew the time. */
import { clockOffMs, type Metric, quantile, ratio, total } from "#core";
import type { MachineLine } from "./figures.ts";
import type { ClockError, MonthInput } from "./types.ts";

export function trustOf(input: MonthInput, machines: readonly MachineLine[]): Metric[] {
  const count = (id: string, n: number): Metric => total({ id, unit: "count", sum: n, n });
  const valueIn = (machine: MachineLine, id: string): number => machine.metrics.find((metric) => metric.id === id)?.value ?? 0;
  const sum = (id: string): number => machines.reduce((all, machine) => all + valueIn(machine, id), 0);
  const { decisions } = input;
  const took = decisions.map(({ tookMs }) => tookMs);
  return [
    count("open_sessions", sum("M15.open")),
    count("Q04", input.contradicted),
    ...aloneMetrics(input),
    count("estimated_ends", sum("M15.estimated")),
    total({ id: "unauthorised", unit: "ms", sum: sum("unauthorised"), n: machines.length }),
    count("unknown_cards", decisions.filter(({ reason }) => reason === "UNKNOWN_CREDENTIAL").length),
    count("untrusted_clock", decisions.filter(({ clockTrusted }) => !clockTrusted).length),
    ...clockMetrics(input.clocks),
    count("lost_events", input.lostEvents),
    count("Q05.asked", input.corrections.asked),
    count("Q05.granted", input.corrections.granted),
    count("unreadable", input.unreadableMessages),
    ...[0.5, 0.95, 0.99].map((share) => total({ id: `Q03.p${share * 100}`, unit: "ms", sum: quantile(took, share), n: took.length })),
  ];
}

/** Q04: what nodes decided without their hub; of what they allowed so and told of late, what the facts refuse. */
function aloneMetrics({ decisions, contradicted }: MonthInput): Metric[] {
  const alone = decisions.filter((decision) => decision.alone).length;
  const judged = decisions.filter((decision) => decision.judgedLater).length;
  return [
    ratio({ id: "Q04.alone", unit: "share", of: alone, by: decisions.length, n: decisions.length }),
    ratio({ id: "Q04.share", unit: "share", of: contradicted, by: judged, n: judged }),
  ];
}

/** Q02: how far nodes' own times were from the hub's. An event whose node knew no time says nothing of its clock. */
function clockMetrics(clocks: readonly ClockError[]): Metric[] {
  const events = (list: readonly ClockError[]): number => list.reduce((all, one) => all + one.events, 0);
  const told = clocks.filter(({ offMs }) => offMs !== null).sort((a, b) => (a.offMs ?? 0) - (b.offMs ?? 0));
  const [n, all] = [events(told), events(clocks)];
  const coverage = all === 0 ? null : n / all;
  const least = Math.ceil(0.95 * n);
  const p95 = told.find((_, i) => events(told.slice(0, i + 1)) >= least)?.offMs ?? null;
  const off = events(told.filter(({ offMs }) => (offMs ?? 0) > clockOffMs));
  return [
    total({ id: "Q02", unit: "ms", sum: p95, n, coverage }),
    total({ id: "Q02.corrected", unit: "count", sum: all === 0 ? null : off, n, coverage }),
  ];
}

/** The greatest error of a node's own clock; null when it told no time. */
export function clockWorst(clocks: readonly ClockError[], node: string): number | null {
  return clocks.reduce<number | null>(
    (worst, one) => (one.node === node && one.offMs !== null ? Math.max(worst ?? 0, one.offMs) : worst),
    null,
  );
}
