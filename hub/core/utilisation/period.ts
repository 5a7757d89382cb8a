/**
 * Months and days of the space: bounds come from its own time zone, lengths are elapsed time. A person's day runs from 04:00
 * to 04:00, so that one evening past midnight stays one day (reports.md §4.2 V01, golden vectors G2, G3, G5).
 */
import type { Schedule } from "#contract";
import { dateOfDay, offsetSpan } from "../calendar.ts";
import { intersect, type Span, union } from "./spans.ts";

/** Hour of local time at which a person's day begins. */
const dayStartHour = 4;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** `2026-11` in the zone as an interval of UTC ms, or undefined when it is no month. */
export function monthSpan(month: string, zone: string): Span | undefined {
  const parts = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month);
  if (parts === null || Number(parts[1]) < 1970) return undefined;
  const first = Temporal.PlainDate.from(`${month}-01`);
  return { fromMs: midnightMs(first, zone), toMs: midnightMs(first.add({ months: 1 }), zone) };
}

/** `2026-W53` in the zone, Monday to Monday (ISO 8601), or undefined when that year has no such week. */
export function weekSpan(week: string, zone: string): Span | undefined {
  const parts = /^(\d{4})-W(\d{2})$/.exec(week);
  if (parts === null || Number(parts[1]) < 1970) return undefined;
  const fourth = Temporal.PlainDate.from(`${parts[1]}-01-04`); // always in week 1
  const monday = fourth.subtract({ days: fourth.dayOfWeek - 1 }).add({ weeks: Number(parts[2]) - 1 });
  if (monday.weekOfYear !== Number(parts[2]) || monday.yearOfWeek !== Number(parts[1])) return undefined;
  return { fromMs: midnightMs(monday, zone), toMs: midnightMs(monday.add({ weeks: 1 }), zone) };
}

/** Bounds of a month's person-days: 04:00 on the 1st to 04:00 on the 1st of the next month. */
export function personDaysSpan(month: string, zone: string): Span | undefined {
  if (monthSpan(month, zone) === undefined) return undefined;
  const first = Temporal.PlainDate.from(`${month}-01`);
  return { fromMs: wallMs(first, dayStartHour * 60, zone), toMs: wallMs(first.add({ months: 1 }), dayStartHour * 60, zone) };
}

/** The person's day of an instant, `2026-03-31`. */
export function personDay(atMs: number, zone: string): string {
  return dateOfDay(Math.floor((atMs + offsetSpan(zone, atMs).offsetMs - dayStartHour * hourMs) / dayMs));
}

/** A calendar as it was entered over time: each version holds for dates from `fromMs` on, until the next one. */
export type DatedSchedule = { readonly fromMs: number; readonly schedule: Schedule };

/**
 * When a dated calendar is open within a span. A date has the weekly hours of the version in force when it began; a later
 * version changes it only where it names the date itself, such as a holiday entered afterwards. Special dates replace the
 * intervals that begin on them; one that does not end after it begins runs into the next day (domain.md §3.4).
 */
export function openSpans(versions: readonly DatedSchedule[], within: Span, zone: string): Span[] {
  const sorted = [...versions].sort((a, b) => a.fromMs - b.fromMs);
  const out: Span[] = [];
  let date = local(within.fromMs, zone).toPlainDate().subtract({ days: 1 });
  const last = local(within.toMs, zone).toPlainDate();
  while (Temporal.PlainDate.compare(date, last) <= 0) {
    for (const { startMin, endMin } of intervalsOn(sorted, date, zone)) {
      const toMs = endMin > startMin ? wallMs(date, endMin, zone) : wallMs(date.add({ days: 1 }), endMin, zone);
      out.push({ fromMs: wallMs(date, startMin, zone), toMs });
    }
    date = date.add({ days: 1 });
  }
  return intersect(union(out), [within]);
}

type Interval = { readonly startMin: number; readonly endMin: number };

function intervalsOn(sorted: readonly DatedSchedule[], date: Temporal.PlainDate, zone: string): readonly Interval[] {
  const day = date.toString();
  const beginsMs = midnightMs(date, zone);
  const current = Math.max(
    0,
    sorted.findLastIndex(({ fromMs }) => fromMs <= beginsMs),
  ); // before the first one, the first one
  const named = sorted.slice(current).flatMap(({ schedule }) => schedule.special.filter((entry) => entry.date === day));
  return named.at(-1)?.open ?? sorted[current]?.schedule.intervals.filter(({ weekday }) => weekday === date.dayOfWeek) ?? [];
}

/** An hour of local time as it went by, cut to the span; `cell` is weekday × 24 + hour, 0 is Monday 00:00. */
export type LocalHour = Span & { readonly cell: number };

/** The local hours of a span in order. The spring night lacks one, the autumn night has one twice; zones may shift by minutes. */
export function localHours(span: Span, zone: string): LocalHour[] {
  const out: LocalHour[] = [];
  for (let fromMs = span.fromMs; fromMs < span.toMs; ) {
    const { offsetMs, untilMs } = offsetSpan(zone, fromMs);
    const endMs = Math.min(untilMs, span.toMs);
    while (fromMs < endMs) {
      const hour = Math.floor((fromMs + offsetMs) / hourMs); // hours of wall clock since 1970-01-01, a Thursday
      const toMs = Math.min((hour + 1) * hourMs - offsetMs, endMs);
      out.push({ fromMs, toMs, cell: (((hour + 72) % 168) + 168) % 168 });
      fromMs = toMs;
    }
  }
  return out;
}

function local(atMs: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone);
}

function midnightMs(date: Temporal.PlainDate, zone: string): number {
  return date.toZonedDateTime(zone).epochMilliseconds;
}

/** A wall-clock minute of a date; one that the spring change skips moves forward, one that comes twice is the first. */
function wallMs(date: Temporal.PlainDate, minutes: number, zone: string): number {
  if (minutes >= 1440) return midnightMs(date.add({ days: 1 }), zone);
  const time = Temporal.PlainTime.from({ hour: Math.floor(minutes / 60), minute: minutes % 60 });
  return date.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds;
}
