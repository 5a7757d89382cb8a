/** Inputs of the commands about bookings, classes and duty, and about what a running hub has to note. */
import * as z from "zod";
import { code, slug } from "#contract";
import { label, reason, ref, rowId, span } from "./inputs-common.ts";

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
  addClass: z.strictObject({ class: slug, label, ...span, places: z.array(slug).min(1).max(20) }),
  cancelClass: z.strictObject({ class: slug }),
  restoreClass: z.strictObject({ class: slug }),
  enrol: z.strictObject({ class: slug, member: ref }),
  withdraw: z.strictObject({ class: slug, member: ref }),

  addShift: z.strictObject({ member: ref, zone: slug.nullable().default(null), ...span }),
  /** ends now a shift that has begun; takes back one that has not */
  endShift: z.strictObject({ shift: rowId }),

  /** the next unknown card at this reader within 15 s is the member's */
  openCapture: z.strictObject({ member: ref, resource: slug }),
  recordOverride: z.strictObject({ member: ref, resource: slug, by: ref, codes: z.array(code).min(1).max(10), reason }),
  /** a node granted alone what the hub would have refused (domain.md §3.6, S18) */
  noteOfflineException: z.strictObject({ member: ref, resource: slug, code, session: z.string().max(26).nullable(), atMs: span.fromMs }),
} as const;
