/** Inputs of the commands about projects: who pays for them, what they promised, and what was reached. */
import * as z from "zod";
import { localDate, slug } from "#contract";
import { label, reason, rowId } from "./inputs-common.ts";

/** What the hub itself can count over the months of a project: these may be added up, and people are counted once. */
export const autoMetrics = ["M01", "M02", "M15", "M16", "M28", "V01", "V03", "V11"] as const;
/** Those that a single machine has. */
export const ofMachine: ReadonlySet<string> = new Set(["M01", "M02", "M15", "M16", "M28"]);

const amount = z.number().min(-1e12).max(1e12);
const metric = z.string().regex(new RegExp(`^(${autoMetrics.join("|")})(/[a-z0-9][a-z0-9-]{0,62})?$`), "such as V03 or M01/laser-1");
const common = {
  label: z.string().trim().min(1).max(120),
  unit: z.string().trim().max(20).default(""),
  baseline: amount.default(0),
  target: amount,
};

/** Where the actual value comes from: the hub's own figures, people counted by hand, or a note with its evidence. */
export const indicatorDefinition = z.discriminatedUnion("source", [
  z.strictObject({ source: z.literal("auto"), ...common, metric }),
  z.strictObject({
    source: z.literal("counted"),
    ...common,
    count: z.enum(["people", "events"]),
    kind: slug
      .or(z.string().regex(/^[a-z_]{1,20}$/))
      .nullable()
      .default(null),
    group: slug.nullable().default(null),
  }),
  z.strictObject({ source: z.literal("manual"), ...common }),
]);
export type IndicatorDefinition = z.infer<typeof indicatorDefinition>;

export const projectInputs = {
  /** a new project, or one that is told anew */
  setProject: z.strictObject({
    project: slug,
    label: z.string().trim().min(1).max(120),
    number: z.string().trim().max(60).default(""),
    funder: label,
    programme: z.string().trim().max(120).default(""),
    from: localDate,
    through: localDate,
    /** what the funder wants to be said */
    publicity: z.string().trim().max(600).default(""),
    /** a PNG in base64; null: none */
    logo: z
      .string()
      .regex(/^iVBORw0KGgo[A-Za-z0-9+/]+={0,2}$/, "a PNG picture")
      .max(280_000)
      .nullable()
      .default(null),
  }),
  removeProject: z.strictObject({ project: slug }),
  /** a machine that the project has paid for, and since when it was there */
  fundAsset: z.strictObject({ project: slug, machine: slug, from: localDate }),
  unfundAsset: z.strictObject({ project: slug, machine: slug }),
  setIndicator: z.strictObject({ project: slug, indicator: slug, definition: indicatorDefinition }),
  removeIndicator: z.strictObject({ project: slug, indicator: slug }),
  /** the value that was reached by a day, and where that can be seen */
  noteIndicator: z.strictObject({
    project: slug,
    indicator: slug,
    on: localDate,
    value: amount,
    evidence: z.string().trim().min(1).max(300),
  }),
  undoIndicatorNote: z.strictObject({ note: rowId, reason }),
} as const;
