/** Inputs of the commands of the reports: closing a month, and what is counted or paid outside of the log. */
import * as z from "zod";
import { localDate, slug } from "#contract";
import { costSources, incomeSources } from "#core";
import { eventKind, label, reason, ref, rowId, span } from "./inputs-common.ts";
import { figures, month, sha256 } from "./inputs-periods.ts";

export const backgrounds = ["enterprise", "municipality", "school", "home_space", "age_band", "gender"] as const;
export const rates = ["machine_hour", "volunteer_hour", "reserve", "co2", "service_hours", "service_kwh", "service_days"] as const;

export const reportingInputs = {
  /** a month that is over, with the figures that the log gives and their hash; a revision says why */
  closeMonth: z.strictObject({
    month,
    /** the one that is to be made: 1 closes the month */
    revision: z.int().min(1).max(1000),
    reason: z.string().trim().max(160).default(""),
    hash: sha256,
    figures,
  }),
  setTargetGroup: z.strictObject({ member: ref, target: slug, from: localDate.optional() }),
  addHeadcount: z.strictObject({
    on: localDate,
    kind: eventKind,
    people: z.int().min(1).max(10_000),
    minutes: z.int().min(0).max(1440),
    target: slug.default("not-stated"),
    municipality: z.string().trim().max(60).default(""),
    /** such as 7-14; empty: not said */
    ageBand: z.string().trim().max(60).default(""),
    school: z.string().trim().max(60).default(""),
    machine: slug.nullable().default(null),
    /** the class that it counts, whoever signed in there among the people */
    class: slug.nullable().default(null),
    /** null in what follows: not counted */
    seats: z.int().min(1).max(10_000).nullable().default(null),
    firstTimers: z.int().min(0).max(10_000).nullable().default(null),
    volunteerLed: z.boolean().nullable().default(null),
    /** answers on a scale of 1 to 5: how many, and their sum */
    ratings: z
      .strictObject({ n: z.int().min(1).max(10_000), sum: z.int().min(1).max(50_000) })
      .refine(({ n, sum }) => sum >= n && sum <= 5 * n, "the sum of so many answers from 1 to 5")
      .nullable()
      .default(null),
  }),
  /** what a member is from a day on; `not-stated` takes it back */
  setBackground: z.strictObject({
    member: ref,
    what: z.enum(backgrounds),
    /** not kept in the audit: it is personal */
    stated: z.string().trim().min(1).max(60),
    /** of an enterprise, when it is known */
    founded: localDate.nullable().default(null),
    from: localDate.optional(),
  }),
  /** what counts from a day on: cents, grams of CO₂ for a kWh, or after how much a machine is due; null: not known from then on */
  setRate: z.strictObject({
    rate: z.enum(rates),
    /** a machine, or the role of a volunteer */
    of: z.union([slug, z.literal("")]).default(""),
    value: z.int().min(0).max(1_000_000_000).nullable(),
    /** where it is from, such as the paper that says so */
    source: z.string().trim().max(160).default(""),
    from: localDate.optional(),
  }),
  /** work that is known before it begins: planned down time in the reports. It locks nothing. */
  planMaintenance: z.strictObject({ machine: slug, ...span, reason }),
  cancelMaintenance: z.strictObject({ maintenance: rowId }),
  addMoney: z.strictObject({
    on: localDate,
    kind: z.enum(["cost", "income"]),
    /** costs: what for; income: from whom */
    source: z.enum([...costSources, ...Object.values(incomeSources).flat()]),
    cents: z.int().min(1).max(1_000_000_000),
    machine: slug.nullable().default(null),
    label,
  }),
  /** no report counts it any more; the row stays, and enters again by being entered again */
  undoHeadcount: z.strictObject({ headcount: rowId, reason }),
  undoMoney: z.strictObject({ line: rowId, reason }),
  /** what a machine used up, as it was weighed or as its job told (M31) */
  noteMaterial: z.strictObject({ machine: slug, on: localDate, grams: z.int().min(1).max(10_000_000), label }),
  undoMaterial: z.strictObject({ material: rowId, reason }),
} as const;
