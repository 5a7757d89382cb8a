/** Bookings of one machine (reports.md §4.1 M25, M26): how much was booked, how much of it was used, and who did not come. */
import { type Metric, ratio, total } from "./metric.ts";
import { intersect, lengthMs, type Span, sharedMs, within } from "./spans.ts";
import { lasting, type Stretch } from "./timeline.ts";

export type BookingFact = Span & {
  /** null while it stands; a request that nobody confirmed is none */
  readonly cancelled: { readonly atMs: number | null } | null;
};
export type Bookings = {
  readonly rows: readonly BookingFact[];
  /** anybody's sessions on machines that the same course covers, its own among them: any use counts (M25) */
  readonly family: readonly Span[];
};

/** Who is not there so long after the start has not come. */
const graceMs = 15 * 60_000;
/** Cancelled later than this before the start is late. */
const lateMs = 24 * 3_600_000;

export function bookingMetrics({ rows, family }: Bookings, stretches: readonly Stretch[], span: Span): Metric[] {
  const starting = rows.filter(({ fromMs }) => within(fromMs, span));
  const { booked, bookable, taken, due, missed, kept } = bookingParts({ rows, family }, stretches, span);
  const given = starting.filter(({ cancelled }) => cancelled !== null);
  const dated = given.flatMap(({ cancelled, fromMs }) => (cancelled === null || cancelled.atMs === null ? [] : [fromMs - cancelled.atMs]));
  const coverage = starting.length === 0 ? null : 1 - (given.length - dated.length) / starting.length;
  const bookedMs = lengthMs(booked);
  return [
    total({ id: "M25.bookings", unit: "count", sum: starting.length - given.length, n: starting.length - given.length }),
    ratio({
      id: "M25.fill",
      unit: "share",
      of: lengthMs(intersect(booked, bookable)),
      by: lasting(bookable, () => true),
      n: kept.length,
    }),
    ratio({ id: "M25.use", unit: "share", of: lengthMs(intersect(booked, taken)), by: bookedMs, n: kept.length }),
    ratio({ id: "M25.no_show", unit: "share", of: missed.length, by: due.length, n: due.length }),
    ratio({
      id: "M26",
      unit: "share",
      of: dated.filter((beforeMs) => beforeMs < lateMs).length,
      by: starting.length,
      n: starting.length,
      coverage,
    }),
  ];
}

/** What the shares of bookings are made of: time that was booked, bookable and taken, and bookings to which somebody should have come. */
export function bookingParts({ rows, family }: Bookings, stretches: readonly Stretch[], span: Span) {
  const kept = rows.filter(({ cancelled }) => cancelled === null);
  const up = stretches.filter((one) => one.open && (one.availability === "available" || one.availability === "unknown"));
  // Whether somebody came shows only once the grace is over.
  const due = kept.filter(({ fromMs, toMs }) => within(fromMs, span) && Math.min(fromMs + graceMs, toMs) <= span.toMs);
  return {
    kept,
    booked: intersect(kept, [span]),
    bookable: up.filter(({ state }) => state !== "unknown"),
    taken: stretches.filter(({ use }) => use !== null && use.kind !== "staff"),
    due,
    missed: due.filter((one) => !wasUsed(one, family) && !wasDown(one, stretches)),
  };
}

const graceOf = ({ fromMs, toMs }: Span): Span => ({ fromMs, toMs: Math.min(toMs, fromMs + graceMs) });
const wasUsed = (one: Span, family: readonly Span[]): boolean => family.some((use) => sharedMs(use, graceOf(one)) > 0);
/** A machine that was down when its user should have come had no no-show. */
const wasDown = (one: Span, stretches: readonly Stretch[]): boolean =>
  stretches.some(({ availability, ...span }) => availability.endsWith("_down") && sharedMs(span, graceOf(one)) > 0);
