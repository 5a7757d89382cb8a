/** Inputs of the commands about a month before it is closed: its draft, its check, and corrections that members ask for. */
import * as z from "zod";
import { instantMs, ulid } from "#contract";
import { reason, ref, rowId } from "./inputs-common.ts";

export const month = z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/, "a month such as 2026-03");
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal");
export const figures = z.string().min(2).max(8_000_000);

export const periodInputs = {
  /** what the log says once the month is over; made by the hub itself on the 1st, once for each month */
  draftMonth: z.strictObject({ month, hash: sha256, figures }),
  /** somebody went through the list of what is doubtful; false takes that back */
  checkMonth: z.strictObject({ month, checked: z.boolean().default(true) }),
  /** a session of the member's own ended at another time than is recorded */
  askCorrection: z.strictObject({ member: ref, session: ulid, toMs: instantMs, reason }),
  grantCorrection: z.strictObject({ correction: rowId, reason }),
  refuseCorrection: z.strictObject({ correction: rowId, reason }),
} as const;
