/** The same per machine and local day as out of the sums of hours, but told anew from the stored runs, by any thresholds. */
import type { DatabaseSync } from "node:sqlite";
import { type ClassSink, type ClassState, classify, newClassState, type PowerClasses, settle } from "#core/power-class.ts";
import type { DayUse } from "./daily.ts";
import { eachStretch, storedRuns } from "./runs.ts";

type Day = { readonly date: string; readonly fromMs: number; readonly toMs: number };

function localDays(fromMs: number, toMs: number, zone: string): Day[] {
  const days: Day[] = [];
  let day = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(zone).startOfDay();
  while (day.epochMilliseconds < toMs) {
    const next = day.add({ days: 1 }).startOfDay();
    days.push({
      date: day.toPlainDate().toString(),
      fromMs: Math.max(fromMs, day.epochMilliseconds),
      toMs: Math.min(toMs, next.epochMilliseconds),
    });
    day = next;
  }
  return days;
}

/** The energy of a run that goes over midnight is shared by time. `classesOf`: null leaves a machine's use unknown. */
export function dailyUseOfRuns(
  db: DatabaseSync,
  asked: { readonly fromMs: number; readonly toMs: number; readonly zone: string },
  classesOf: (machine: string) => PowerClasses | null,
): DayUse[] {
  const days = localDays(asked.fromMs, asked.toMs, asked.zone);
  return db
    .prepare("SELECT id, machine FROM machines ORDER BY machine")
    .all()
    .flatMap((row) => daysOf(db, { id: Number(row.id), machine: String(row.machine) }, days, classesOf(String(row.machine))));
}

function daysOf(
  db: DatabaseSync,
  { id, machine }: { readonly id: number; readonly machine: string },
  days: readonly Day[],
  classes: PowerClasses | null,
): DayUse[] {
  const runs = storedRuns(db, id, days[0]?.fromMs ?? 0, days.at(-1)?.toMs ?? 0);
  const zero = classes === null ? null : 0;
  const sums = days.map(({ date }): DayUse => ({ machine, date, energyWh: 0, knownMs: 0, busyMs: zero, idleMs: zero, starts: zero }));
  const energy = sharer(days, (at, ms, ofMs, energyWh) => {
    const sum = sums[at];
    if (sum !== undefined) sum.energyWh += ofMs === 0 ? energyWh : (energyWh * ms) / ofMs;
  });
  for (const [i, run] of runs.entries()) energy(run.startMs, runs[i + 1]?.startMs ?? run.endMs, run.energyWh);
  const known = sharer(days, (at, ms) => {
    const sum = sums[at];
    if (sum !== undefined) sum.knownMs += ms;
  });
  const sink = classes === null ? null : sinkOf(days, sums);
  let state: ClassState | null = null;
  eachStretch(runs, (fromMs, toMs, powerW) => {
    known(fromMs, toMs, 0);
    if (classes === null || sink === null) return;
    state ??= newClassState(fromMs);
    classify(state, classes, fromMs, toMs, powerW, sink);
  });
  if (state !== null && sink !== null) settle(state, sink);
  return sums.filter(({ knownMs, energyWh }) => knownMs > 0 || energyWh !== 0);
}

function sinkOf(days: readonly Day[], sums: readonly DayUse[]): ClassSink {
  const busy = sharer(days, (at, ms) => {
    const sum = sums[at];
    if (sum !== undefined) sum.busyMs = (sum.busyMs ?? 0) + ms;
  });
  const idle = sharer(days, (at, ms) => {
    const sum = sums[at];
    if (sum !== undefined) sum.idleMs = (sum.idleMs ?? 0) + ms;
  });
  const starts = sharer(days, (at) => {
    const sum = sums[at];
    if (sum !== undefined) sum.starts = (sum.starts ?? 0) + 1;
  });
  return {
    stretch(fromMs, toMs, cls) {
      if (cls === "busy") busy(fromMs, toMs, 0);
      else if (cls === "idle") idle(fromMs, toMs, 0);
    },
    began: (atMs) => starts(atMs, atMs, 0),
  };
}

/** Cuts spans that come in order of time at the borders of days; an instant is of the day it lies in. */
function sharer(
  days: readonly Day[],
  give: (day: number, ms: number, ofMs: number, amount: number) => void,
): (fromMs: number, toMs: number, amount: number) => void {
  let first = 0;
  return (fromMs, toMs, amount) => {
    let today = days[first];
    for (; today !== undefined && first < days.length - 1 && today.toMs <= fromMs; today = days[first]) first += 1;
    if (today !== undefined && fromMs >= today.fromMs && toMs <= today.toMs && fromMs < today.toMs) {
      give(first, toMs - fromMs, toMs - fromMs, amount);
      return;
    }
    for (let i = first; i < days.length; i += 1) {
      const day = days[i];
      if (day === undefined || (day.fromMs >= toMs && toMs > fromMs)) return;
      const ms = Math.min(toMs, day.toMs) - Math.max(fromMs, day.fromMs);
      if (ms > 0 || (toMs === fromMs && fromMs >= day.fromMs && fromMs < day.toMs)) give(i, ms, toMs - fromMs, amount);
    }
  };
}
