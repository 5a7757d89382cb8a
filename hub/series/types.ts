/** What the usage series offers beside the port: questions the pages and reports ask. */
import type { Series } from "../ports.ts";
import type { DayUse } from "./daily.ts";
import type { HourRollup } from "./rollups.ts";

export type SeriesConfig = {
  /** data directory; series.sqlite and series-spool/ are made here */
  readonly dir: string;
  /** null: embedded only */
  readonly influx: { readonly url: string; readonly database: string; readonly username?: string; readonly password?: string } | null;
  /** runs as rows and sums of minutes are kept this long; packed runs and sums of hours for ever (domain.md D9) */
  readonly rawDays?: number;
};
export type PowerPoint = { readonly atMs: number; readonly powerW: number | null };
export type HourEnergy = {
  readonly hourMs: number;
  readonly energyWh: number /** seconds of that hour with a known power */;
  readonly knownS: number;
};
export type UsageSeries = Series & {
  /** newest last, at most `maxPoints` (downsampled to minute means when longer than the raw data would fit) */
  recentPower(machine: string, fromMs: number, toMs: number, maxPoints: number): PowerPoint[];
  hourlyEnergy(machine: string, fromMs: number, toMs: number): HourEnergy[];
  /** when nothing was known of a machine's power, in order */
  silences(machine: string, fromMs: number, toMs: number): { readonly fromMs: number; readonly toMs: number }[];
  /** the same hours with what they were used for, by the newest thresholds that cover each, or by one version of them */
  hourlyUse(machine: string, fromMs: number, toMs: number, version?: number): HourRollup[];
  /** every machine's local days */
  dailyUse(fromMs: number, toMs: number, zone: string): DayUse[];
  /** last known sample, or null */
  lastPower(machine: string): (PowerPoint & { readonly energyWh: number | null }) | null;
  states(machine: string, fromMs: number, toMs: number): { readonly atMs: number; readonly status: string }[];
  /** everything accepted so far is on disk, and at Influx when it is up */
  flush(): Promise<void>;
};
