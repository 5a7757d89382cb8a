/** Inputs of the commands about bookings, classes and duty, and about what people set in motion for a while. */
import * as z from "zod";
import { code, slug } from "#contract";
import { eventKind, label, reason, ref, rowId, span } from "./inputs-common.ts";

const booking = { machine: slug, member: ref, ...span };

export const timeInputs = {
  /** waits for somebody's confirmation; keeps nobody out until then */
  requestBooking: z.strictObject(booking),
  addBooking: z.strictObject(booking),
  confirmBooking: z.strictObject({ booking: rowId }),
  cancelBooking: z.strictObject({ booking: rowId }),
  /** brings a cancelled booking or a no-show back, when its time is still free */
  restoreBooking: z.strictObject({ booking: rowId }),
  checkIn: z.strictObject({ booking: rowId }),

  /** a class: reserves its machines, and lets who is enrolled use them and pass its doors around that time */
  addClass: z.strictObject({
    class: slug,
    label,
    ...span,
    places: z.array(slug).min(1).max(20),
    /** what is taught, and for how many; the reports count with them */
    course: slug.nullable().default(null),
    seats: z.int().min(1).max(1000).nullable().default(null),
    /** any event that people come to at a time is one: what it counts as */
    kind: eventKind.default("class"),
  }),
  cancelClass: z.strictObject({ class: slug }),
  restoreClass: z.strictObject({ class: slug }),
  enrol: z.strictObject({ class: slug, member: ref }),
  withdraw: z.strictObject({ class: slug, member: ref }),
  /** who is at a class or another event: a member, guests as a count, or a member with guests */
  attend: z
    .strictObject({ class: slug, member: ref.nullable().default(null), guests: z.int().min(0).max(1000).default(0) })
    .refine(({ member, guests }) => member !== null || guests > 0, "a member, or how many guests"),
  undoAttendance: z.strictObject({ attendance: rowId }),
  /** would like to learn a course, or to be told when a machine is free: one of the two */
  addWish: z
    .strictObject({ member: ref, course: slug.nullable().default(null), machine: slug.nullable().default(null) })
    .refine(({ course, machine }) => (course === null) !== (machine === null), "a course or a machine, one of the two"),
  endWish: z.strictObject({ wish: rowId }),

  addShift: z.strictObject({ member: ref, zone: slug.nullable().default(null), ...span }),
  /** ends now a shift that has begun; takes back one that has not */
  endShift: z.strictObject({ shift: rowId }),

  /** the next unknown card at this reader (null: at any) within 30 s is the member's; a running hub tells the readers */
  openCapture: z.strictObject({ member: ref, resource: slug.nullable().default(null), label: z.string().trim().max(60).default("card") }),
  /** sets these refusals aside for the member there, in the name of `by` (domain.md §3.5); at most a day, and ends with the session */
  addOverride: z.strictObject({
    member: ref,
    resource: slug,
    by: ref,
    codes: z.array(code).min(1).max(10),
    untilMs: span.untilMs,
    reason,
  }),
  endOverride: z.strictObject({ override: rowId }),
  /** somebody has looked at a use that a node allowed alone and that would have been refused (domain.md §3.6, S18) */
  closeException: z.strictObject({ exception: rowId, reason }),
  reopenException: z.strictObject({ exception: rowId }),
} as const;
