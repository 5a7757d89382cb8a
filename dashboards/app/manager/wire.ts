/** What the pages of managers read from the hub, parsed once at the edge. A test holds them to hub/views-manager.ts. */
import * as z from "zod";

const instant = z.number();
const cell = z.union([z.string(), z.number(), z.null()]);
const person = z.object({ member: z.number(), name: z.string() });
export const monthStates = ["running", "open", "draft", "checked", "closed", "revised"] as const;
const state = z.enum(monthStates);

export const monthList = z.object({
  zone: z.string(),
  months: z.array(z.object({ month: z.string(), state, revisions: z.number(), atMs: instant.nullable() })),
});
const difference = z.object({ of: z.string(), unit: z.string().nullable(), before: cell, after: cell });
const doubt = z.object({
  what: z.string(),
  sentence: z.string(),
  links: z.array(z.object({ to: z.string(), label: z.enum(["node", "machine", "number", "people", "corrections", "energy"]) })),
  commands: z.array(z.string()),
});
const table = z.object({
  id: z.string(),
  title: z.string(),
  note: z.string(),
  columns: z.array(z.object({ label: z.string(), unit: z.string().nullable(), numeric: z.boolean() })),
  rows: z.array(z.array(cell)),
  total: z.array(cell).nullable(),
  names: z.array(z.array(z.string().nullable())),
});
const revision = z.object({
  number: z.number(),
  revision: z.number(),
  hash: z.string(),
  whole: z.boolean(),
  closedMs: instant,
  closedBy: z.string(),
  reason: z.string(),
  changed: z.array(difference),
});
export const monthDesk = z.object({
  month: z.string(),
  zone: z.string(),
  state,
  checkedMs: instant.nullable(),
  hash: z.string(),
  values: z.number(),
  doubts: z.array(doubt),
  sentences: z.array(z.string()),
  tables: z.array(table),
  marks: z.record(z.string(), z.object({ mark: z.string().nullable(), coverage: z.number().nullable() })),
  revisions: z.array(revision),
  since: z.array(difference),
});
export const numberView = z.object({
  month: z.string(),
  zone: z.string(),
  name: z.string(),
  formula: z.string(),
  unit: z.string().nullable(),
  value: cell,
  mark: z.string().nullable(),
  numerator: cell,
  numeratorUnit: z.string().nullable(),
  denominator: cell,
  denominatorUnit: z.string().nullable(),
  coverage: z.number().nullable(),
  n: z.number(),
  methodVersion: z.number(),
  revision: z.number().nullable(),
  rows: z.array(
    z.object({ fromMs: instant.nullable(), toMs: instant.nullable(), what: z.string(), who: person.nullable(), amount: cell, base: cell }),
  ),
  isCut: z.boolean(),
});
export const monthClosed = z.object({ month: z.string(), number: z.number(), revision: z.number(), hash: z.string() });

export type MonthState = z.infer<typeof state>;
export type MonthDesk = z.infer<typeof monthDesk>;
export type MonthDoubt = z.infer<typeof doubt>;
export type MonthDifference = z.infer<typeof difference>;
export type MonthRevision = z.infer<typeof revision>;
export type NumberTable = z.infer<typeof table>;
export type NumberView = z.infer<typeof numberView>;
export type MonthClosed = z.infer<typeof monthClosed>;
