/**
 * The sustainability sheet (reports.md §4.6) from dated cost and income lines: no bookkeeping, no tax. Costs without a machine
 * are shared among machines by the hours they were occupied.
 */
import { type Metric, ratio, total } from "./metric.ts";

export type MoneyLine = {
  readonly kind: "cost" | "income";
  readonly source: string;
  readonly cents: number;
  readonly machine: string | null;
};
export type MachineTime = {
  readonly id: string /** null: not known well enough */;
  readonly busyMs: number | null;
  readonly occupiedMs: number | null;
};

const hourMs = 3_600_000;
const sumOf = (lines: readonly MoneyLine[]): number => lines.reduce((sum, { cents }) => sum + cents, 0);

/** S01–S04 of each machine, in cents. Empty when no line was entered: no cost is not a cost of nothing. */
export function machineMoney(lines: readonly MoneyLine[], machines: readonly MachineTime[]): Map<string, Metric[]> {
  if (lines.length === 0) return new Map();
  const costs = lines.filter(({ kind }) => kind === "cost");
  const shared = sumOf(costs.filter(({ machine }) => machine === null));
  const occupied = machines.map(({ occupiedMs }) => occupiedMs);
  const allMs = occupied.every((ms) => ms !== null) ? occupied.reduce((sum: number, ms) => sum + (ms ?? 0), 0) : null;
  return new Map(
    machines.map(({ id, busyMs, occupiedMs }) => {
      const own = costs.filter(({ machine }) => machine === id);
      const income = lines.filter(({ kind, machine }) => kind === "income" && machine === id);
      // Without all hours nobody's part of the shared costs is known.
      const part = shared === 0 ? 0 : allMs === null || occupiedMs === null || allMs === 0 ? null : (shared * occupiedMs) / allMs;
      const cost = part === null ? null : sumOf(own) + part;
      const by = busyMs === null ? 0 : busyMs / hourMs;
      return [
        id,
        [
          total({ id: "S01", unit: "cents", sum: cost, n: own.length }),
          ratio({ id: "S02", unit: "cents/h", of: cost ?? 0, by: cost === null ? 0 : by, n: own.length }),
          total({ id: "S03", unit: "cents", sum: sumOf(income), n: income.length }),
          ratio({ id: "S04", unit: "share", of: sumOf(income), by: cost ?? 0, n: income.length }),
        ],
      ];
    }),
  );
}

/** S04, S06 and S08 of the space. `public`, `private` and `in_kind` stay apart: funders ask for each. */
export function spaceMoney(lines: readonly MoneyLine[], personDays: number): Metric[] {
  if (lines.length === 0) return [];
  const of = (kind: MoneyLine["kind"], source?: string): MoneyLine[] =>
    lines.filter((line) => line.kind === kind && (source === undefined || line.source === source));
  const cost = sumOf(of("cost"));
  const income = sumOf(of("income"));
  const amount = (id: string, list: readonly MoneyLine[]): Metric => total({ id, unit: "cents", sum: sumOf(list), n: list.length });
  const sources = ["public", "private", "in_kind"] as const;
  return [
    amount("S01", of("cost")),
    ...(["depreciation", "maintenance", "consumables", "energy", "overhead"] as const).map((source) =>
      amount(`S01.${source}`, of("cost", source)),
    ),
    amount("S06", of("income")),
    ...sources.map((source) => amount(`S06.${source}`, of("income", source))),
    ...sources.map((source) =>
      ratio({ id: `S06.${source}_share`, unit: "share", of: sumOf(of("income", source)), by: income, n: of("income", source).length }),
    ),
    ratio({ id: "S04", unit: "share", of: income, by: cost, n: lines.length }),
    ratio({ id: "S08", unit: "cents", of: cost, by: personDays, n: personDays }),
  ];
}
