/** Energy by machine over a day, a week or a month: worked, idled, and while the space was closed. */
import { isOpen } from "#core";
import type { Stack } from "../stack.ts";
import type { EnergyView, energySpans } from "../views-staff.ts";

type Book = Pick<Stack, "ledger" | "series">;

const hourMs = 3_600_000;

export function energyOf({ ledger: { read }, series }: Book, span: (typeof energySpans)[number], nowMs: number): EnergyView {
  const { tz, openingHours } = read.site();
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(tz).startOfDay();
  const from = span === "today" ? today : span === "week" ? today.subtract({ days: 6 }) : today.subtract({ days: 29 });
  const fromMs = from.epochMilliseconds;
  const schedule = read.schedules().find((row) => row.schedule === openingHours)?.hours;
  const bars = new Map<number, number>();
  const rows = read
    .resources()
    .filter(({ kind }) => kind === "machine")
    .map(({ id, label }) => {
      const hours = series.hourlyEnergy(id, fromMs, nowMs);
      const days = series.dailyUse(fromMs, nowMs, tz).filter(({ machine }) => machine === id);
      for (const hour of hours) {
        const barMs =
          span === "today"
            ? hour.hourMs
            : Temporal.Instant.fromEpochMilliseconds(hour.hourMs).toZonedDateTimeISO(tz).startOfDay().epochMilliseconds;
        bars.set(barMs, (bars.get(barMs) ?? 0) + hour.energyWh);
      }
      const closed = schedule === undefined ? null : hours.filter((hour) => !isOpen(schedule, tz, hour.hourMs + hourMs / 2));
      return {
        machine: { id, label },
        energyWh: hours.length === 0 ? null : sum(hours.map(({ energyWh }) => energyWh)),
        idleMs: known(days.map(({ idleMs }) => idleMs)),
        busyMs: known(days.map(({ busyMs }) => busyMs)),
        closedWh: closed === null ? null : sum(closed.map(({ energyWh }) => energyWh)),
        known: Math.min(1, (sum(hours.map(({ knownS }) => knownS)) * 1000) / Math.max(1, nowMs - fromMs)),
      };
    })
    .sort((a, b) => (b.energyWh ?? -1) - (a.energyWh ?? -1));
  return {
    fromMs,
    toMs: nowMs,
    rows,
    bars: [...bars].map(([barMs, energyWh]) => ({ fromMs: barMs, energyWh })).sort((a, b) => a.fromMs - b.fromMs),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What is known of some days; null when it is of none. */
function known(values: readonly (number | null)[]): number | null {
  const found = values.filter((value) => value !== null);
  return found.length === 0 ? null : sum(found);
}
