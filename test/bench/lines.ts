/** What a measure gives: lines of one table, each ours, the floor of the same rounds, their ratio and the target. */
import { round } from "./stats.ts";

export type Line = {
  readonly what: string;
  readonly ours: string;
  readonly floor: string;
  readonly ratio: string;
  readonly target: string;
  /** null where there is no target */
  readonly met: boolean | null;
};

/** How much of everything: the whole bench, or a taste of it for the tests. */
export type Size = {
  readonly rounds: number;
  readonly roundMs: number;
  /** members of a large space, and of a small one */
  readonly members: number;
  readonly fewMembers: number;
  /** members of the week's table of who may use what when */
  readonly matrixMembers: number;
  readonly devices: number;
  /** foreign devices behind hosted machines */
  readonly hosted: number;
  readonly floodClients: number;
  readonly floodMs: number;
  readonly events: number;
  readonly nodeTaps: number;
  readonly tlsNodes: number;
  readonly tlsClients: number;
  /** of the usage series; DuckDB is installed where it is asked, InfluxDB gets some of the days */
  readonly usage: {
    readonly machines: number;
    readonly days: number;
    readonly influxDays: number;
    readonly ingestS: number;
    readonly duckdb: boolean;
  };
};
export const whole: Size = {
  rounds: 5,
  roundMs: 3000,
  members: 10_000,
  fewMembers: 200,
  matrixMembers: 1000,
  devices: 2000,
  hosted: 300,
  floodClients: 500,
  floodMs: 2000,
  events: 40_000,
  nodeTaps: 100,
  tlsNodes: 50,
  tlsClients: 1000,
  usage: { machines: 50, days: 30, influxDays: 5, ingestS: 600, duckdb: true },
};
export const taste: Size = {
  rounds: 1,
  roundMs: 300,
  members: 200,
  fewMembers: 50,
  matrixMembers: 50,
  devices: 40,
  hosted: 8,
  floodClients: 10,
  floodMs: 200,
  events: 400,
  nodeTaps: 10,
  tlsNodes: 5,
  tlsClients: 20,
  usage: { machines: 20, days: 2, influxDays: 1, ingestS: 30, duckdb: false },
};

export type Bench = { readonly dir: string; readonly size: Size };

export const ms = (value: number): string => `${round(value)} ms`;
export const times = (ours: number, floor: number): string => `× ${round(ours / floor)}`;
/** A line that counts what must not happen. */
export const none = (what: string, count: number): Line => ({
  what,
  ours: String(count),
  floor: "–",
  ratio: "–",
  target: "0",
  met: count === 0,
});
