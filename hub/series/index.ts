/** Opens the usage series: embedded always, InfluxDB beside it when configured. One never waits for the other. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openError } from "../errors.ts";
import type { Clock, Log } from "../ports.ts";
import { EmbeddedSeries } from "./embedded.ts";
import type { Sample } from "./energy.ts";
import type { InfluxSeries } from "./influx.ts";
import type { SeriesConfig, UsageSeries } from "./types.ts";

/** How long power is kept as it was measured. */
export const rawDays = 7;
const retoldMs = 3 * 3_600_000;

/** @throws HubError DATA_FOLDER when the folder or the file cannot be used, SERIES_UNREADABLE when the file is damaged */
export async function createSeries(config: SeriesConfig, ports: { readonly clock: Clock; readonly log: Log }): Promise<UsageSeries> {
  const path = join(config.dir, "series.sqlite");
  try {
    mkdirSync(config.dir, { recursive: true, mode: 0o700 });
    const embedded = new EmbeddedSeries(path, ports.clock, config.rawDays ?? rawDays);
    const influx = config.influx === null ? null : await openInflux(config.influx, join(config.dir, "series-spool"), ports);
    if (influx !== null) copyRollups(embedded, influx, ports.clock.nowMs());
    return both(embedded, influx);
  } catch (error) {
    throw openError(error, path, "SERIES_UNREADABLE");
  }
}

/** The client is loaded only where it is used: it costs memory that most sites can keep. */
async function openInflux(
  target: NonNullable<SeriesConfig["influx"]>,
  spoolDir: string,
  ports: Parameters<typeof createSeries>[1],
): Promise<InfluxSeries> {
  const { InfluxSeries } = await import("./influx.ts");
  return InfluxSeries.open(target, spoolDir, ports);
}

/** What was told just before a crash may not have left: it is told again, which changes nothing where it has. */
function copyRollups(embedded: EmbeddedSeries, influx: InfluxSeries, nowMs: number): void {
  for (const machine of embedded.machines()) influx.rollups(embedded.rollups(machine, nowMs - retoldMs, nowMs));
  embedded.onRollups = (rollups) => influx.rollups(rollups);
}

function both(embedded: EmbeddedSeries, influx: InfluxSeries | null): UsageSeries {
  return {
    power(machine, samples) {
      const sound = samples.map(soundSample);
      embedded.power(machine, sound);
      influx?.power(machine, sound);
    },
    state(machine, atMs, status) {
      embedded.state(machine, atMs, status);
      influx?.state(machine, atMs, status);
    },
    classify: (machine, classes) => embedded.classify(machine, classes),
    health: () => healthOf(embedded, influx),
    async flush() {
      // What the embedded store has summed up goes to InfluxDB with the rest.
      await embedded.flush();
      await influx?.send();
    },
    async close() {
      await embedded.close();
      await influx?.close();
    },
    recentPower: (machine, fromMs, toMs, maxPoints) => embedded.recentPower(machine, fromMs, toMs, maxPoints),
    hourlyEnergy: (machine, fromMs, toMs) => embedded.hourlyEnergy(machine, fromMs, toMs),
    silences: (machine, fromMs, toMs) => embedded.silences(machine, fromMs, toMs),
    hourlyUse: (machine, fromMs, toMs, version) => embedded.hourlyUse(machine, fromMs, toMs, version),
    dailyUse: (fromMs, toMs, zone) => embedded.dailyUse(fromMs, toMs, zone),
    energySince: (machine, fromMs) => embedded.energySince(machine, fromMs),
    lastPower: (machine) => embedded.lastPower(machine),
    states: (machine, fromMs, toMs) => embedded.statesOf(machine, fromMs, toMs),
  };
}

/** What is not a number is unknown, never zero. */
function soundSample(sample: Sample): Sample {
  if (Number.isFinite(sample.powerW ?? 0) && Number.isFinite(sample.energyWh ?? 0)) return sample;
  const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);
  return { atMs: sample.atMs, powerW: finite(sample.powerW), energyWh: finite(sample.energyWh) };
}

function healthOf(embedded: EmbeddedSeries, influx: InfluxSeries | null): ReturnType<UsageSeries["health"]> {
  const waiting = embedded.waitingCount + (influx?.waitingCount ?? 0);
  const lost = embedded.dropped + (influx?.droppedCount ?? 0) + (influx?.rejected ?? 0);
  const lostSentence = lost > 0 ? ` ${lost} points were lost.` : "";
  if (embedded.trouble !== null) return { ok: false, waiting, sentence: `Usage is not stored: ${embedded.trouble}.${lostSentence}` };
  if (influx !== null && influx.trouble !== null) {
    return {
      ok: false,
      waiting,
      sentence: `InfluxDB does not answer (${influx.trouble}); ${influx.waitingCount} points wait on disk.${lostSentence}`,
    };
  }
  return { ok: lost === 0, waiting, sentence: `Usage is stored.${lostSentence}` };
}
