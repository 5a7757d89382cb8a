/**
 * The sustainability sheet (reports.md §4.6) from dated cost and income lines: no bookkeeping, no tax. Costs without a machine
 * are shared among machines by the hours they were occupied. What a grant paid for wears out too, but is nobody's cost: it stands
 * apart.
 */
import { type Metric, ratio, total } from "./metric.ts";

export const costSources = ["depreciation", "grant_depreciation", "maintenance", "consumables", "energy", "overhead"] as const;
/** Where income comes from, in the three parts that funders ask for; the first of each is for what nobody has told apart. */
export const incomeSources = {
  public: ["public", "municipal", "state", "eu", "nordic"],
  private: ["private", "memberships", "hours", "courses", "rent", "sponsors"],
  in_kind: ["in_kind"],
} as const;

export type MoneyLine = {
  readonly kind: "cost" | "income";
  readonly source: string;
  readonly cents: number;
  readonly machine: string | null;
};
export type MachineTime = {
  readonly id: string;
  /** null: not known well enough */
  readonly busyMs: number | null;
  readonly occupiedMs: number | null;
  readonly availableMs: number | null;
  /** what an hour of it costs its user, as in force at the end; null: nobody said */
  readonly centsPerHour: number | null;
};

const hourMs = 3_600_000;
const grant = "grant_depreciation";
/** what grows with the hours; the rest of the costs is there anyway */
const variable: ReadonlySet<string> = new Set(["consumables", "energy"]);
const sumOf = (lines: readonly MoneyLine[]): number => lines.reduce((sum, { cents }) => sum + cents, 0);
const costsIn = (lines: readonly MoneyLine[]): MoneyLine[] => lines.filter(({ kind, source }) => kind === "cost" && source !== grant);

/** S01–S05 of each machine, in cents. Empty when no line was entered: no cost is not a cost of nothing. */
export function machineMoney(lines: readonly MoneyLine[], machines: readonly MachineTime[]): Map<string, Metric[]> {
  if (lines.length === 0) return new Map();
  const costs = costsIn(lines);
  const shared = sumOf(costs.filter(({ machine }) => machine === null));
  const occupied = machines.map(({ occupiedMs }) => occupiedMs);
  const allMs = occupied.every((ms) => ms !== null) ? occupied.reduce((sum: number, ms) => sum + (ms ?? 0), 0) : null;
  return new Map(
    machines.map((machine) => {
      const { id, busyMs, occupiedMs } = machine;
      const own = costs.filter((line) => line.machine === id);
      const granted = lines.filter((line) => line.machine === id && line.source === grant);
      const income = lines.filter((line) => line.kind === "income" && line.machine === id);
      // Without all hours nobody's part of the shared costs is known.
      const part = shared === 0 ? 0 : allMs === null || occupiedMs === null || allMs === 0 ? null : (shared * occupiedMs) / allMs;
      const cost = part === null ? null : sumOf(own) + part;
      const by = busyMs === null ? 0 : busyMs / hourMs;
      return [
        id,
        [
          total({ id: "S01", unit: "cents", sum: cost, n: own.length }),
          total({ id: "S01.own", unit: "cents", sum: sumOf(own), n: own.length }),
          total({ id: "S01.grant", unit: "cents", sum: sumOf(granted), n: granted.length }),
          ratio({ id: "S02", unit: "cents/h", of: cost ?? 0, by: cost === null ? 0 : by, n: own.length }),
          total({ id: "S03", unit: "cents", sum: sumOf(income), n: income.length }),
          ratio({ id: "S04", unit: "share", of: sumOf(income), by: cost ?? 0, n: income.length }),
          breakEven(machine, own, part),
        ],
      ];
    }),
  );
}

/** S05: the share of its available hours that must be paid for to carry what it costs anyway. None without a margin. */
function breakEven({ busyMs, availableMs, centsPerHour }: MachineTime, own: readonly MoneyLine[], part: number | null): Metric {
  const growing = sumOf(own.filter(({ source }) => variable.has(source)));
  const fixed = part === null ? null : sumOf(own) - growing + part;
  const hours = busyMs === null ? 0 : busyMs / hourMs;
  const perHour = growing === 0 ? 0 : hours === 0 ? null : growing / hours;
  const margin = centsPerHour === null || perHour === null ? 0 : Math.max(0, centsPerHour - perHour);
  const by = fixed === null || availableMs === null ? 0 : (margin * availableMs) / hourMs;
  return ratio({ id: "S05", unit: "share", of: fixed ?? 0, by, n: own.length });
}

export type SpaceTime = {
  readonly personDays: number;
  /** of counted events; 0 without any */
  readonly participantMs: number;
  /** what was put by, as in force at the end; null: nobody said */
  readonly reserveCents: number | null;
};

/** S04, S06–S08 of the space. `public`, `private` and `in_kind` stay apart: funders ask for each. */
export function spaceMoney(lines: readonly MoneyLine[], { personDays, participantMs, reserveCents }: SpaceTime): Metric[] {
  if (lines.length === 0) return [];
  const of = (kind: MoneyLine["kind"], source: string): MoneyLine[] => lines.filter((line) => line.kind === kind && line.source === source);
  const costs = costsIn(lines);
  const incomes = lines.filter(({ kind }) => kind === "income");
  const cost = sumOf(costs);
  const income = sumOf(incomes);
  const amount = (id: string, list: readonly MoneyLine[]): Metric => total({ id, unit: "cents", sum: sumOf(list), n: list.length });
  const parts = Object.entries(incomeSources).map(([part, sources]) => ({
    part,
    lines: sources.flatMap((source) => of("income", source)),
    // what nobody has told apart is in the sum of its part alone
    told: sources.slice(1).flatMap((source) => {
      const own = of("income", source);
      return own.length === 0 ? [] : [amount(`S06.${source}`, own)];
    }),
  }));
  return [
    amount("S01", costs),
    ...(["depreciation", "maintenance", "consumables", "energy", "overhead"] as const).map((source) =>
      amount(`S01.${source}`, of("cost", source)),
    ),
    amount("S01.grant", of("cost", grant)),
    amount("S06", incomes),
    ...parts.flatMap(({ part, lines: own, told }) => [amount(`S06.${part}`, own), ...told]),
    ...parts.map(({ part, lines: own }) =>
      ratio({ id: `S06.${part}_share`, unit: "share", of: sumOf(own), by: income, n: own.length, methodVersion: 2 }),
    ),
    ratio({ id: "S04", unit: "share", of: income, by: cost, n: lines.length }),
    ratio({ id: "S07", unit: "count", of: reserveCents ?? 0, by: reserveCents === null ? 0 : cost, n: costs.length }),
    ratio({ id: "S08", unit: "cents", of: cost, by: personDays, n: personDays }),
    ratio({ id: "S08.participant", unit: "cents/h", of: cost, by: participantMs / hourMs, n: costs.length }),
  ];
}
