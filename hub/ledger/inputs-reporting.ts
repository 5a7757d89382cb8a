/** Inputs of the commands of the reports: closing a month, and what is counted or paid outside of the log. */
import * as z from "zod";
import { localDate, slug } from "#contract";
import { label, reason, ref, rowId } from "./inputs-common.ts";

export const reportingInputs = {
  /** a month that is over, with the figures that the log gives and their hash; a revision says why */
  closeMonth: z.strictObject({
    month: z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/, "a month such as 2026-03"),
    /** the one that is to be made: 1 closes the month */
    revision: z.int().min(1).max(1000),
    reason: z.string().trim().max(160).default(""),
    hash: z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 in hexadecimal"),
    figures: z.string().min(2).max(8_000_000),
  }),
  setTargetGroup: z.strictObject({ member: ref, target: slug, from: localDate.optional() }),
  addHeadcount: z.strictObject({
    on: localDate,
    kind: z.enum(["class", "training", "open_evening", "school_visit", "meetup", "exchange", "fair", "other"]),
    people: z.int().min(1).max(10_000),
    minutes: z.int().min(0).max(1440),
    target: slug.default("not-stated"),
    municipality: z.string().trim().max(60).default(""),
    machine: slug.nullable().default(null),
  }),
  addMoney: z.strictObject({
    on: localDate,
    kind: z.enum(["cost", "income"]),
    /** costs: what for; income: from whom */
    source: z.enum(["depreciation", "maintenance", "consumables", "energy", "overhead", "public", "private", "in_kind"]),
    cents: z.int().min(1).max(1_000_000_000),
    machine: slug.nullable().default(null),
    label,
  }),
  /** no report counts it any more; the row stays, and enters again by being entered again */
  undoHeadcount: z.strictObject({ headcount: rowId, reason }),
  undoMoney: z.strictObject({ line: rowId, reason }),
} as const;
