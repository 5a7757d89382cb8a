/** The documents of a month: which tables and pictures each has. All are made from the same tables, so their numbers are equal. */
import type { Words } from "./words-en.ts";

type Content = {
  readonly title: keyof Words;
  /** six numbers and three sentences in front */
  readonly headline: boolean;
  /** ids of tables, in order; null: all of the month */
  readonly tables: readonly string[] | null;
  /** which metrics its method table defines; null: all of the month */
  readonly defines: RegExp | null;
  readonly charts: readonly ("lanes" | "bars" | "heat" | "busy" | "funnel" | "energy")[];
};

/** By the name that `koprade report --pack` takes. */
export const packs = {
  full: { title: "packFull", headline: true, defines: null, tables: null, charts: ["bars", "lanes", "energy", "heat", "busy", "funnel"] },
  page: {
    title: "packPage",
    headline: true,
    defines: null,
    tables: ["numbers", "availability", "machines", "heat", "cohorts"],
    charts: ["bars", "heat", "funnel"],
  },
  machines: {
    title: "packMachines",
    headline: false,
    defines: /^(M|maintenance|unauthorised|Q01)/,
    tables: [
      "machines",
      "availability",
      "use",
      "purposes",
      "jobs",
      "bookings",
      "reliability",
      "care",
      "energy",
      "states",
      "busy_heat",
      "refusals",
      "method",
    ],
    charts: ["lanes", "bars", "energy", "busy"],
  },
  people: {
    title: "packPeople",
    headline: false,
    defines: /^V/,
    tables: ["people", "days", "frequency", "recency", "heat", "doors", "refusals", "method"],
    charts: ["heat"],
  },
  training: {
    title: "packTraining",
    headline: false,
    defines: /^T/,
    tables: ["training", "classes", "first_training", "cohorts", "method"],
    charts: ["funnel"],
  },
  events: {
    title: "packEvents",
    headline: false,
    defines: /^[EF]|^V1[01]/,
    tables: ["events", "programme", "groups", "backgrounds", "method"],
    charts: [],
  },
  safety: {
    title: "packSafety",
    headline: false,
    defines: /^(M18|M19|M2[0127]|maintenance|unauthorised|V12|Q|[a-z])/,
    tables: ["incidents", "reliability", "care", "doors", "trust", "method"],
    charts: ["lanes"],
  },
  sustainability: {
    title: "packSustainability",
    headline: false,
    defines: /^(S|M28|M29|M01|M02|V01|E03)/,
    tables: ["money", "costs", "energy", "method"],
    charts: ["energy"],
  },
  method: { title: "packMethod", headline: false, defines: null, tables: ["trust", "nodes", "method"], charts: [] },
} as const satisfies Readonly<Record<string, Content>>;

export type Pack = keyof typeof packs;
/** Documents that are about more than one month, or for others than this space. */
export const furtherKinds = ["project", "annual", "network"] as const;
export type DocumentKind = Pack | (typeof furtherKinds)[number];
/** Of these, what is doubtful in the month is part. */
export const isOfMonth = (kind: DocumentKind): kind is Pack => kind in packs;
export const packNames = Object.keys(packs) as Pack[]; // the keys of a literal are exactly those
export const contentOf = (pack: Pack): Content => packs[pack];
