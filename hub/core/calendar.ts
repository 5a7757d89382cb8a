/**
 * Opening hours and local dates as instants (domain.md §3.4). Membership of an interval is asked of the wall clock, never of
 * a converted end time: a gap then simply holds no instants, and in a fold both occurrences match.
 */
import type { Schedule } from "#contract";

const minuteMs = 60_000;
const dayMs = 86_400_000;
const horizonDays = 400;

/** First instant of a local date, ms UTC; not always midnight (Cairo 2026-04-24 begins at 01:00). Throws RangeError for an unknown zone or date. */
export function dateStartMs(tz: string, date: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime(tz).epochMilliseconds;
}

/** Where an inclusive `validThrough` ends: the first instant of the day after. Never "+24 h". */
export function dateEndMs(tz: string, date: string): number {
  return Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime(tz).epochMilliseconds;
}

/** Local calendar date of an instant, `YYYY-MM-DD`. */
export function localDateAt(tz: string, atMs: number): string {
  return dateOfDay(Math.floor((atMs + offsetSpan(tz, atMs).offsetMs) / dayMs));
}

const dates = new Map<number, string>();
const datesMax = 4000;

/** A day of the wall clock, counted from 1970-01-01, as a date. A month's report asks for the same few a hundred thousand times. */
export function dateOfDay(day: number): string {
  const known = dates.get(day);
  if (known !== undefined) return known;
  const made = Temporal.PlainDate.from("1970-01-01").add({ days: day }).toString();
  if (dates.size >= datesMax) dates.clear();
  dates.set(day, made);
  return made;
}

/** Is the wall clock inside an interval of the schedule? Throws RangeError for an unknown zone. */
export function isOpen(schedule: Schedule, tz: string, atMs: number): boolean {
  return spanAt(schedule, tz, atMs).open;
}

/** The special day in force at an instant, if any. */
export function specialDay(schedule: Schedule, tz: string, atMs: number): Schedule["special"][number] | undefined {
  return indexed(schedule).special.get(Math.floor((atMs + offsetSpan(tz, atMs).offsetMs) / dayMs));
}

/** The next instant after `atMs` at which `isOpen` changes, exact to the millisecond; null when it does not change within 400 days of the day's beginning (UTC). */
export function nextChangeMs(schedule: Schedule, tz: string, atMs: number): number | null {
  const { untilMs, changes } = spanAt(schedule, tz, atMs);
  return changes ? untilMs : null;
}

/** For how long, from an instant, `isOpen` stays the same: until it changes, or, when it does not within the horizon, for the rest of the day. */
type OpenSpan = {
  readonly tz: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly open: boolean;
  readonly changes: boolean;
};

/**
 * Many questions are about the same hours: spans once found are kept beside the schedule they belong to, a few of each, because
 * decisions also look ahead. A kept span gives the very answer that looking again would, so that nobody can tell the difference.
 */
const spansOf = new WeakMap<Schedule, OpenSpan[]>();
const spansMax = 4;

function spanAt(schedule: Schedule, tz: string, atMs: number): OpenSpan {
  let kept = spansOf.get(schedule);
  if (kept === undefined) {
    kept = [];
    spansOf.set(schedule, kept);
  }
  for (const span of kept) if (span.fromMs <= atMs && atMs < span.untilMs && span.tz === tz) return span;
  const found = findSpan(schedule, tz, atMs);
  if (kept.length >= spansMax) kept.pop();
  kept.unshift(found);
  return found;
}

/** Walks the spans of constant offset and asks the predicate at every edge the wall clock can show. */
function findSpan(schedule: Schedule, tz: string, atMs: number): OpenSpan {
  const index = indexed(schedule);
  const open = openAtWall(index, atMs + offsetSpan(tz, atMs).offsetMs);
  const dayStartMs = Math.floor(atMs / dayMs) * dayMs;
  const horizonMs = dayStartMs + horizonDays * dayMs;
  const until = (untilMs: number, changes: boolean): OpenSpan => ({ tz, fromMs: atMs, untilMs, open, changes });
  let fromMs = atMs;
  while (fromMs < horizonMs) {
    const span = offsetSpan(tz, fromMs);
    const flip = firstFlip(index, open, fromMs + span.offsetMs, Math.min(span.untilMs, horizonMs) + span.offsetMs);
    if (flip !== null) return until(flip - span.offsetMs, true);
    if (span.untilMs >= horizonMs) break;
    fromMs = span.untilMs;
    if (openAtWall(index, fromMs + offsetSpan(tz, fromMs).offsetMs) !== open) return until(fromMs, true);
  }
  return until(dayStartMs + dayMs, false);
}

type Interval = { readonly startMin: number; readonly endMin: number };
type Indexed = {
  readonly weekly: readonly (readonly Interval[])[];
  readonly special: ReadonlyMap<number, Schedule["special"][number]>;
  /** every minute of a day at which something can begin or end, ascending; 0 because special days swap at midnight */
  readonly edges: readonly number[];
};

/** Epoch day (days since 1970-01-01) of `YYYY-MM-DD`. */
const epochDay = (date: string): number => Math.floor(Temporal.Instant.from(`${date}T00:00Z`).epochMilliseconds / dayMs);

const indexOf = new WeakMap<Schedule, Indexed>();

/** A schedule sorted for look-ups, worked out once for each. */
function indexed(schedule: Schedule): Indexed {
  let index = indexOf.get(schedule);
  if (index === undefined) {
    const weekly: Interval[][] = [[], [], [], [], [], [], []];
    for (const interval of schedule.intervals) weekly[interval.weekday - 1]?.push(interval);
    index = { weekly, special: new Map(schedule.special.map((day) => [epochDay(day.date), day])), edges: edgesOf(schedule) };
    indexOf.set(schedule, index);
  }
  return index;
}

/** Intervals that begin on an epoch day; 1970-01-01 was a Thursday. */
function intervalsOf(index: Indexed, day: number): readonly Interval[] {
  return index.special.get(day)?.open ?? index.weekly[(((day + 3) % 7) + 7) % 7] ?? [];
}

/** @param wallMs  the wall clock read as if it were UTC */
function openAtWall(index: Indexed, wallMs: number): boolean {
  const day = Math.floor(wallMs / dayMs);
  const minuteOfDay = (wallMs - day * dayMs) / minuteMs;
  const overnight = (interval: Interval): boolean => interval.endMin <= interval.startMin;
  return (
    intervalsOf(index, day).some((i) => minuteOfDay >= i.startMin && (overnight(i) || minuteOfDay < i.endMin)) ||
    intervalsOf(index, day - 1).some((i) => overnight(i) && minuteOfDay < i.endMin)
  );
}

function edgesOf(schedule: Schedule): readonly number[] {
  const edges = new Set([0]);
  for (const { startMin, endMin } of [...schedule.intervals, ...schedule.special.flatMap((day) => day.open)]) {
    edges.add(startMin);
    edges.add(endMin % 1440);
  }
  return [...edges].sort((a, b) => a - b);
}

function firstFlip(index: Indexed, now: boolean, fromWallMs: number, untilWallMs: number): number | null {
  for (let day = Math.floor(fromWallMs / dayMs); day * dayMs < untilWallMs; day += 1) {
    for (const edge of index.edges) {
      const wallMs = day * dayMs + edge * minuteMs;
      if (wallMs > fromWallMs && wallMs < untilWallMs && openAtWall(index, wallMs) !== now) return wallMs;
    }
  }
  return null;
}

type OffsetSpan = { readonly fromMs: number; readonly untilMs: number; readonly offsetMs: number };
/** The last span asked for in each zone: a space lies in one. */
const offsets = new Map<string, OffsetSpan>();
const zonesMax = 64;

/** The zone's offset at an instant, and until when it holds (exclusive). */
export function offsetSpan(tz: string, atMs: number): OffsetSpan {
  const kept = offsets.get(tz);
  if (kept !== undefined && kept.fromMs <= atMs && atMs < kept.untilMs) return kept;
  const here = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(tz);
  const next = here.getTimeZoneTransition("next");
  const untilMs = next === null ? Number.POSITIVE_INFINITY : next.epochMilliseconds;
  const found = { fromMs: atMs, untilMs, offsetMs: here.offsetNanoseconds / 1_000_000 };
  if (offsets.size >= zonesMax) offsets.clear();
  offsets.set(tz, found);
  return found;
}
