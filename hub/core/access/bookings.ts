/** Whose a booking is and whether it still counts (domain.md §2.2 rule 10, §3.6). */
import type { ResourceFacts } from "#contract";
import { accessDefaults } from "../defaults.ts";
import type { Ask } from "./facts.ts";
import { covers } from "./facts.ts";

export type Booking = NonNullable<ResourceFacts["bookings"]>[number];
/** `bookings[].member` of what is reserved for a class */
const forClass = 0;

/** A class's reservation is its participants' and its trainers'. */
export function isForOthers(ask: Ask, booking: Booking): boolean {
  if (booking.member !== forClass) return booking.member !== ask.subject?.member;
  return !ask.inClass && !ask.is("trainer") && !(ask.companions ?? []).some(({ facts }) => facts.roles.includes("trainer"));
}

/** The instant at which nobody waits any longer for whoever booked; null while the machine is not known to be free, which stops that clock. */
export function noShowAtMs(ask: Ask, booking: Booking): number | null {
  const { freeSinceMs, session } = ask.live;
  const booked = ask.resource?.booking;
  if (booking.checkedIn || freeSinceMs === undefined || session !== null || booked === undefined) return null;
  return Math.max(booking.fromMs, freeSinceMs) + booked.noShowMs;
}

/** Not over, and not given up for a no-show. */
export function unreleased(ask: Ask, booking: Booking): boolean {
  const noShow = noShowAtMs(ask, booking);
  return ask.atLeastMs < booking.untilMs && (noShow === null || ask.nowMs === null || ask.nowMs < noShow);
}

/** Ready for its owner somewhat early; a session that is running may last until the booking begins. */
export const heldFromMs = (ask: Ask, booking: Booking): number =>
  booking.fromMs - (ask.kind === "extend" ? 0 : (ask.resource?.booking?.leadMs ?? 0));

/** A booking of somebody else that stands in the way now. */
export function bookedByOther(ask: Ask, nowMs: number): Booking | undefined {
  return ask.resource?.bookings?.find(
    (booking) => heldFromMs(ask, booking) <= nowMs && isForOthers(ask, booking) && unreleased(ask, booking),
  );
}

export function bookedByOwn(ask: Ask, nowMs: number): boolean {
  return (ask.resource?.bookings ?? []).some(
    (booking) => !isForOthers(ask, booking) && covers({ fromMs: heldFromMs(ask, booking), untilMs: booking.untilMs }, nowMs),
  );
}

/** Somebody else's booking begins within the hour. */
export function bookedSoon(ask: Ask, nowMs: number): boolean {
  return (ask.resource?.bookings ?? []).some(
    (booking) =>
      booking.fromMs > nowMs &&
      booking.fromMs - nowMs <= accessDefaults.bookingWarnMs &&
      isForOthers(ask, booking) &&
      unreleased(ask, booking),
  );
}
