/** What a machine took and made (reports.md §4.1 M22, M28–M31): energy, prints, and the care it is due. */
import { type Metric, ratio, total } from "./metric.ts";
import { type Span, sharedMs, subtract, within } from "./spans.ts";
import { lasting, type Stretch } from "./timeline.ts";

export type Energy = Span & { readonly energyWh: number };
export type JobOutcome = "completed" | "cancelled" | "failed" | "unknown";
/** How a job ended that the machine's controller told of. */
export type JobEnd = { readonly atMs: number; readonly outcome: JobOutcome };
/** What was done and counted since a machine was last cared for, and after how much it is due; null: unknown, or no target. */
export type Care = {
  readonly sinceMs: number;
  readonly busyMs: number | null;
  readonly energyWh: number | null;
  readonly hoursTarget: number | null;
  readonly kWhTarget: number | null;
  readonly daysTarget: number | null;
};

export const isBusy = (one: Stretch): boolean => one.state === "busy" || one.state === "unattended_busy";

type Metered = {
  /** in slices no longer than an hour; null without a meter or without samples */
  readonly metered: readonly Energy[] | null;
  readonly runs: readonly Energy[];
  /** grams of CO₂ for a kilowatt-hour, as it was in force; null when nobody said */
  readonly co2GPerKWh: number | null;
};

/** M28, M29 and the energy of M04. A slice across a border is shared by time. Null where the meter said nothing. */
export function energyMetrics(
  events: Metered,
  stretches: readonly Stretch[],
  open: readonly Span[] | null,
  coverage: number | null,
  span: Span,
): Metric[] {
  const { metered, runs, co2GPerKWh } = events;
  const slices = metered ?? [];
  const spent = (id: string, wh: number): Metric =>
    total({ id, unit: "Wh", sum: metered === null ? null : wh, n: slices.length, coverage });
  const allWh = energyIn(slices, [span]);
  const lateWh = open === null ? 0 : energyIn(slices, subtract([span], open));
  const left = stretches.filter(({ state }) => state === "left_on");
  const busyMs = lasting(stretches, isBusy);
  return [
    spent("M28", allWh),
    spent("M29.out_of_hours", lateWh),
    spent("M29.idle", Math.max(0, allWh - energyIn(runs, [span]))),
    spent("M04.energy", energyIn(slices, left)),
    ratio({ id: "M29", unit: "Wh/h", of: allWh, by: metered === null ? 0 : busyMs / 3_600_000, n: slices.length, coverage }),
    total({
      id: "M29.co2",
      unit: "g",
      sum: metered === null || co2GPerKWh === null ? null : (allWh / 1000) * co2GPerKWh,
      n: slices.length,
      coverage,
    }),
  ];
}

/** @param parts  without overlap, in order */
function energyIn(slices: readonly Energy[], parts: readonly Span[]): number {
  return slices.reduce((sum, slice) => {
    const length = slice.toMs - slice.fromMs;
    if (length <= 0) return parts.some((part) => within(slice.fromMs, part)) ? sum + slice.energyWh : sum;
    return sum + (slice.energyWh * parts.reduce((ms, part) => ms + sharedMs(part, slice), 0)) / length;
  }, 0);
}

/** M30. No job, no rate; a machine that never tells of jobs has no count of them either. M31 is what was noted. */
export function jobMetrics(jobs: readonly JobEnd[] | null, materials: readonly { readonly grams: number }[] | null, span: Span): Metric[] {
  const ended = (jobs ?? []).filter(({ atMs }) => within(atMs, span));
  const outcomes: readonly JobOutcome[] = ["completed", "cancelled", "failed", "unknown"];
  const [completed = 0, , failed = 0] = outcomes.map((outcome) => ended.filter((job) => job.outcome === outcome).length);
  return [
    ...outcomes.map((outcome) => {
      const n = ended.filter((job) => job.outcome === outcome).length;
      return total({ id: `M30.${outcome}`, unit: "count", sum: jobs === null ? null : n, n });
    }),
    ratio({ id: "M30", unit: "share", of: completed, by: completed + failed, n: completed + failed }),
    total({ id: "M31", unit: "g", sum: materials?.reduce((sum, { grams }) => sum + grams, 0) ?? null, n: materials?.length ?? 0 }),
  ];
}

/** M22: what is used up of each target since the last care; nothing without a target. */
export function careMetrics(care: Care | null, span: Span): Metric[] {
  if (care === null) return [];
  const share = (id: string, of: number | null, by: number | null): Metric[] =>
    by === null ? [] : [ratio({ id, unit: "share", of: of ?? 0, by: of === null ? 0 : by, n: 1 })];
  const days = Math.max(0, span.toMs - care.sinceMs) / 86_400_000;
  return [
    ...share("M22.hours", care.busyMs === null ? null : care.busyMs / 3_600_000, care.hoursTarget),
    ...share("M22.energy", care.energyWh === null ? null : care.energyWh / 1000, care.kWhTarget),
    ...share("M22.days", days, care.daysTarget),
  ];
}
