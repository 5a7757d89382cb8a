/** Opens the usage series: embedded always, InfluxDB beside it when configured. */
import type { Clock, Log } from "../ports.ts";
import type { SeriesConfig, UsageSeries } from "./types.ts";

export declare function createSeries(config: SeriesConfig, ports: { readonly clock: Clock; readonly log: Log }): Promise<UsageSeries>;
