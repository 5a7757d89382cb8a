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

const named = z.object({ id: z.string(), label: z.string() });
export const projectList = z.array(
  z.object({
    project: z.string(),
    label: z.string(),
    funder: z.string(),
    from: z.string(),
    through: z.string(),
    indicators: z.number(),
  }),
);
const indicator = z.object({
  indicator: z.string(),
  label: z.string(),
  unit: z.string(),
  baseline: z.number(),
  target: z.number(),
  source: z.enum(["auto", "counted", "manual"]),
  metric: z.string().nullable(),
  count: z.enum(["people", "events"]).nullable(),
  kind: z.string().nullable(),
  group: z.string().nullable(),
  actual: z.number().nullable(),
  share: z.number().nullable(),
});
export const projectView = z.object({
  project: z.string(),
  label: z.string(),
  number: z.string(),
  funder: z.string(),
  programme: z.string(),
  from: z.string(),
  through: z.string(),
  publicity: z.string(),
  logo: z.string().nullable(),
  counted: z.string().nullable(),
  indicators: z.array(indicator),
  notes: z.array(z.object({ note: z.number(), indicator: z.string(), on: z.string(), value: z.number(), evidence: z.string() })),
  assets: z.array(z.object({ machine: z.string(), label: z.string(), from: z.string(), busyH: cell, usedPercent: cell, users: cell })),
  machines: z.array(named),
});
const moneyCell = z.object({ name: z.string(), value: cell });
export const moneySheet = z.object({
  month: z.string(),
  zone: z.string(),
  state,
  space: table.nullable(),
  machines: z.array(
    z.object({
      machine: named,
      cost: moneyCell,
      perBusyHour: moneyCell,
      income: moneyCell,
      recovery: moneyCell,
      breakEven: moneyCell,
      used: moneyCell,
    }),
  ),
  lines: z.array(
    z.object({
      line: z.number(),
      on: z.string(),
      kind: z.enum(["cost", "income"]),
      source: z.string(),
      cents: z.number(),
      machine: named.nullable(),
      label: z.string(),
    }),
  ),
  rates: z.array(
    z.object({ rate: z.enum(["machine_hour", "volunteer_hour", "reserve"]), of: z.string(), value: z.number(), from: z.string() }),
  ),
  choices: z.array(named),
});
export const corrections = z.object({
  zone: z.string(),
  rows: z.array(
    z.object({
      correction: z.number(),
      machine: named,
      who: person,
      startMs: instant,
      wasMs: instant.nullable(),
      toMs: instant,
      reason: z.string(),
      askedMs: instant,
      outcome: z.enum(["granted", "refused"]).nullable(),
      answer: z.string().nullable(),
      answeredMs: instant.nullable(),
    }),
  ),
});
export const roleSheet = z.object({
  people: z.array(z.object({ who: person, roles: z.array(z.string()) })),
  qualifications: z.array(
    z.object({
      who: person,
      role: z.enum(["trainer", "maintainer"]),
      scope: named.nullable(),
      from: z.string().nullable(),
      through: z.string().nullable(),
    }),
  ),
  courses: z.array(named),
  machines: z.array(named),
});
export const retention = z.object({
  zone: z.string(),
  kept: z.array(
    z.object({
      what: z.enum(["power", "energy", "events", "sessions", "people", "audit", "look_ups", "corrections", "sign_ins", "invitations"]),
      forMs: z.number().nullable(),
      goneBeforeMs: instant.nullable(),
    }),
  ),
  erasures: z.array(z.object({ who: person, reason: z.string(), askedMs: instant })),
});

export type ProjectView = z.infer<typeof projectView>;
export type IndicatorView = z.infer<typeof indicator>;
export type MoneySheet = z.infer<typeof moneySheet>;
export type CorrectionLine = z.infer<typeof corrections>["rows"][number];
export type RoleSheet = z.infer<typeof roleSheet>;
export type Retention = z.infer<typeof retention>;
export type MonthState = z.infer<typeof state>;
export type MonthDesk = z.infer<typeof monthDesk>;
export type MonthDoubt = z.infer<typeof doubt>;
export type MonthDifference = z.infer<typeof difference>;
export type MonthRevision = z.infer<typeof revision>;
export type NumberTable = z.infer<typeof table>;
export type NumberView = z.infer<typeof numberView>;
export type MonthClosed = z.infer<typeof monthClosed>;
