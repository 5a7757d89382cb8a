/** The month in figures, per machine: time and energy split exactly at local month bounds (golden cases of the reports). */
import { dateEndMs, dateStartMs, localDateAt } from "../calendar.ts";
import type { RunRecord, SessionRecord } from "../session.ts";

/** Half-open span of UTC time, ms. */
export type Span = { readonly fromMs: number; readonly toMs: number };
/** Instants of a local month such as "2026-03"; 743 h in Riga, because a spring night is short. */
export function monthSpan(tz: string, month: string): Span {
  const first = Temporal.PlainYearMonth.from(month).toPlainDate({ day: 1 });
  return { fromMs: dateStartMs(tz, first.toString()), toMs: dateStartMs(tz, first.add({ months: 1 }).toString()) };
}

export type MachineUsageInput = {
  readonly sessions: readonly SessionRecord[];
  readonly runs: readonly RunRecord[];
  /** spans in which nothing is known of the machine (node away, meter lost) */
  readonly unknown: readonly Span[];
  /** metered energy inside the period, null when there is no meter series */
  readonly meterWh: number | null;
  /** open sessions and runs are cut here */
  readonly nowMs: number;
};
export type MachineUsage = {
  readonly busyMs: number;
  readonly occupiedMs: number;
  readonly sessionsStarted: number;
  readonly sessionsActive: number;
  readonly members: number;
  readonly runs: number;
  readonly energyWh: number;
  readonly unknownMs: number;
  /** 1 = everything known; null for an empty period */
  readonly coverage: number | null;
  readonly days: readonly { readonly date: string; readonly busyMs: number; readonly occupiedMs: number }[];
};
/** A member counts after this long in session (metric M16). */
const countsAfterMs = 60_000;

export function machineUsage(input: MachineUsageInput, period: Span, tz: string): MachineUsage {
  const span: Span = { fromMs: period.fromMs, toMs: Math.max(period.fromMs, Math.min(period.toMs, input.nowMs)) };
  const spanOf = (one: { readonly startMs: number; readonly endMs: number | null }): Span => ({
    fromMs: one.startMs,
    toMs: one.endMs ?? input.nowMs,
  });
  const busy = united(input.runs.map(spanOf), span);
  const occupied = united(input.sessions.map(spanOf), span);
  const unknownMs = lengthOf(united(input.unknown, span));
  const lengthMs = span.toMs - span.fromMs;
  return {
    busyMs: lengthOf(busy),
    occupiedMs: lengthOf(occupied),
    sessionsStarted: input.sessions.filter(({ startMs }) => startMs >= span.fromMs && startMs < span.toMs).length,
    sessionsActive: input.sessions.filter((session) => overlapMs(spanOf(session), span) > 0).length,
    members: membersOf(input.sessions, span, input.nowMs),
    runs: input.runs.filter(({ startMs }) => startMs >= span.fromMs && startMs < span.toMs).length,
    energyWh: input.meterWh ?? input.runs.reduce((sum, run) => sum + run.energyWh * shareIn(spanOf(run), span), 0),
    unknownMs,
    coverage: lengthMs === 0 ? null : 1 - unknownMs / lengthMs,
    days: daysOf(span, tz).map(({ date, day }) => ({
      date,
      busyMs: lengthOf(united(busy, day)),
      occupiedMs: lengthOf(united(occupied, day)),
    })),
  };
}

/** Sorted spans without overlap, cut to the period: two runs at once are one hour of use, not two. */
export function united(spans: readonly Span[], period: Span): readonly Span[] {
  const cut = spans
    .map(({ fromMs, toMs }) => ({ fromMs: Math.max(fromMs, period.fromMs), toMs: Math.min(toMs, period.toMs) }))
    .filter(({ fromMs, toMs }) => toMs > fromMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  const merged: Span[] = [];
  for (const next of cut) {
    const last = merged.at(-1);
    if (last === undefined || next.fromMs > last.toMs) merged.push(next);
    else merged[merged.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, next.toMs) };
  }
  return merged;
}

export const lengthOf = (spans: readonly Span[]): number => spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);

const overlapMs = (a: Span, b: Span): number => Math.max(0, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs));

/** Part of a span that lies in the period, 0 … 1; an instant counts where it lies. */
function shareIn(one: Span, period: Span): number {
  if (one.toMs > one.fromMs) return overlapMs(one, period) / (one.toMs - one.fromMs);
  return one.fromMs >= period.fromMs && one.fromMs < period.toMs ? 1 : 0;
}

function membersOf(sessions: readonly SessionRecord[], span: Span, nowMs: number): number {
  const byMember = new Map<number, number>();
  for (const { member, startMs, endMs } of sessions) {
    const spentMs = overlapMs({ fromMs: startMs, toMs: endMs ?? nowMs }, span);
    byMember.set(member, (byMember.get(member) ?? 0) + spentMs);
  }
  return [...byMember].filter(([member, spentMs]) => member !== 0 && spentMs >= countsAfterMs).length;
}

/** Local days of a span, the first and last cut to it. */
function daysOf(span: Span, tz: string): readonly { readonly date: string; readonly day: Span }[] {
  const days: { readonly date: string; readonly day: Span }[] = [];
  for (let fromMs = span.fromMs; fromMs < span.toMs; ) {
    const date = localDateAt(tz, fromMs);
    const toMs = Math.min(dateEndMs(tz, date), span.toMs);
    days.push({ date, day: { fromMs, toMs } });
    fromMs = toMs;
  }
  return days;
}
