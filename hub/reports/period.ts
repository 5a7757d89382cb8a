/**
 * Months and days of the space: bounds come from its own time zone, lengths are elapsed time. A person's day runs from 04:00
 * to 04:00, so that one evening past midnight stays one day (reports.md §4.2 V01, golden vectors G2, G3, G5).
 */
import type { Schedule } from "#contract";
import { intersect, type Span, union } from "./spans.ts";

/** Hour of local time at which a person's day begins. */
export const dayStartHour = 4;

/** `2026-11` in the zone as an interval of UTC ms, or undefined when it is no month. */
export function monthSpan(month: string, zone: string): Span | undefined {
  const parts = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month);
  if (parts === null || Number(parts[1]) < 1970) return undefined;
  const first = Temporal.PlainDate.from(`${month}-01`);
  return { fromMs: midnightMs(first, zone), toMs: midnightMs(first.add({ months: 1 }), zone) };
}

/** The month an instant falls in, in the zone. */
export function monthOf(atMs: number, zone: string): string {
  return local(atMs, zone).toPlainDate().toString().slice(0, 7);
}

/** Bounds of a month's person-days: 04:00 on the 1st to 04:00 on the 1st of the next month. */
export function personDaysSpan(month: string, zone: string): Span | undefined {
  if (monthSpan(month, zone) === undefined) return undefined;
  const first = Temporal.PlainDate.from(`${month}-01`);
  return { fromMs: wallMs(first, dayStartHour * 60, zone), toMs: wallMs(first.add({ months: 1 }), dayStartHour * 60, zone) };
}

/** The person's day of an instant, `2026-03-31`. */
export function personDay(atMs: number, zone: string): string {
  const at = local(atMs, zone);
  const date = at.toPlainDate();
  return (at.hour < dayStartHour ? date.subtract({ days: 1 }) : date).toString();
}

/**
 * When a schedule is open within a span. Special dates replace the weekly intervals that begin on them; an interval that
 * does not end after it begins runs into the next day (domain.md §3.4).
 */
export function openSpans(schedule: Schedule, within: Span, zone: string): Span[] {
  const special = new Map(schedule.special.map((entry) => [entry.date, entry.open]));
  const out: Span[] = [];
  let date = local(within.fromMs, zone).toPlainDate().subtract({ days: 1 });
  const last = local(within.toMs, zone).toPlainDate();
  while (Temporal.PlainDate.compare(date, last) <= 0) {
    const today = special.get(date.toString()) ?? schedule.intervals.filter((interval) => interval.weekday === date.dayOfWeek);
    for (const { startMin, endMin } of today) {
      const toMs = endMin > startMin ? wallMs(date, endMin, zone) : wallMs(date.add({ days: 1 }), endMin, zone);
      out.push({ fromMs: wallMs(date, startMin, zone), toMs });
    }
    date = date.add({ days: 1 });
  }
  return intersect(union(out), [within]);
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
