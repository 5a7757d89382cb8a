/** `koprade project`: who pays, what was promised, what was reached, and the machines that were bought with it. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { systemCode } from "../errors.ts";
import { autoMetrics } from "../ledger/inputs-projects.ts";
import type { ProjectRow } from "../ledger/projects.ts";
import { changing, listing, reasonArg as reason } from "./change.ts";
import { badUsage, failed, type Noun } from "./command.ts";
import { showProject } from "./project-show.ts";
import { date, wholeNumber } from "./values.ts";

const project = { type: "positional", required: true, description: "short name such as leader-2026" } as const;
const indicator = { type: "positional", required: true, description: "short name such as pupils" } as const;
const machine = { type: "positional", required: true, description: "short name such as laser-1" } as const;
const dateOf = (option: string, text: string): string => date(option, text) ?? text;
const text = (valueHint: string, description: string) => ({ type: "string", default: "", valueHint, description }) as const;

function amount(option: string, given: string): number {
  if (/^-?\d{1,12}([.,]\d{1,6})?$/.test(given)) return Number(given.replace(",", "."));
  throw badUsage(`${option} cannot be "${given}"; give a number such as 120 or 12.5.`);
}

function logoOf(path: string | undefined): string | null {
  if (path === undefined) return null;
  try {
    return readFileSync(resolve(path)).toString("base64");
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw failed(`${path} cannot be read (${code}); name a PNG picture with --logo.`);
  }
}

const set = changing({
  change: "setProject",
  summary: "tell of a project, or tell it anew",
  args: {
    project,
    label: { type: "string", required: true, valueHint: "text", description: "its name" },
    funder: { type: "string", required: true, valueHint: "text", description: "who pays" },
    from: { type: "string", required: true, valueHint: "date", description: "first day" },
    through: { type: "string", required: true, valueHint: "date", description: "last day, durability included" },
    number: text("text", "number of the contract"),
    programme: text("text", "such as LEADER or ERDF"),
    publicity: text("text", "the sentence that the funder wants to be said"),
    logo: { type: "string", valueHint: "file", description: "a PNG picture of at most 200 KB" },
  },
  examples: [
    "koprade project set leader-2026 --label 'Tools for all' --funder LEADER --from 2026-01-01 --through 2030-12-31 --publicity 'Atbalsta LAD'",
  ],
  input: ({ label, funder, number, programme, publicity, ...given }) => ({
    ...{ project: given.project, label, funder, number, programme, publicity },
    from: dateOf("--from", given.from),
    through: dateOf("--through", given.through),
    logo: logoOf(given.logo),
  }),
  says: (input) => `Project ${input.project} lasts from ${input.from} through ${input.through}.`,
});

const metricSays = `with auto: ${autoMetrics.join(", ")}, some with a machine as M01/laser-1; M01 and M02 in hours, M28 in kWh`;

const indicate = changing({
  change: "setIndicator",
  summary: "say what an indicator counts and what was promised; what it was before stays on record",
  args: {
    project,
    indicator,
    label: { type: "string", required: true, valueHint: "text", description: "what it counts" },
    target: { type: "string", required: true, valueHint: "number", description: "what was promised" },
    baseline: { type: "string", default: "0", valueHint: "number", description: "what there was before" },
    unit: text("unit", "such as people or h"),
    source: {
      type: "enum",
      required: true,
      options: ["auto", "counted", "manual"],
      description: "the hub's figures, people counted by hand, or notes",
    },
    metric: { type: "string", valueHint: "metric", description: metricSays },
    count: { type: "enum", options: ["people", "events"], description: "with counted: what is counted (default people)" },
    kind: { type: "string", valueHint: "kind", description: "with counted: only this kind, such as class" },
    group: { type: "string", valueHint: "name", description: "with counted: only this target group" },
  },
  examples: [
    "koprade project indicator leader-2026 people --label 'People' --target 120 --source auto --metric V03",
    "koprade project indicator leader-2026 pupils --label 'Pupils in classes' --target 300 --source counted --group pupil",
    "koprade project indicator leader-2026 jobs --label 'Jobs' --target 2 --source manual",
  ],
  input({ project: of, indicator: name, source, ...given }) {
    const common = {
      label: given.label,
      unit: given.unit,
      baseline: amount("--baseline", given.baseline),
      target: amount("--target", given.target),
    };
    if (source === "auto") {
      if (given.metric === undefined) throw badUsage(`--metric is missing: ${metricSays}.`);
      return { project: of, indicator: name, definition: { source, ...common, metric: given.metric } };
    }
    if (given.metric !== undefined) throw badUsage("--metric goes with --source auto.");
    if (source === "manual") return { project: of, indicator: name, definition: { source, ...common } };
    const counted = { count: given.count ?? "people", kind: given.kind ?? null, group: given.group ?? null };
    return { project: of, indicator: name, definition: { source: "counted" as const, ...common, ...counted } };
  },
  says: ({ indicator: name, definition }) => `${name}: from ${definition.baseline ?? 0} to ${definition.target}, ${definition.source}.`,
});

const note = changing({
  change: "noteIndicator",
  summary: "note what a manual indicator has reached, and where that can be seen",
  args: {
    project,
    indicator,
    value: { type: "positional", required: true, description: "what was reached by then, all in all" },
    on: { type: "string", required: true, valueHint: "date", description: "by which day" },
    evidence: { type: "string", required: true, valueHint: "text", description: "such as a contract or an attendance sheet" },
  },
  examples: ["koprade project note leader-2026 jobs 1 --on 2026-06-30 --evidence 'Contract 12/2026'"],
  input: (given) => ({
    project: given.project,
    indicator: given.indicator,
    on: dateOf("--on", given.on),
    value: amount("<value>", given.value),
    evidence: given.evidence,
  }),
  says: (input, result) => `Note ${result.note}: ${input.indicator} reached ${input.value} by ${input.on}.`,
});

function theProject(rows: readonly ProjectRow[], name: string): ProjectRow {
  const found = rows.find((row) => row.project === name);
  if (found === undefined) throw failed(`There is no project "${name}"; see \`koprade project list\`.`);
  return found;
}

const remove = changing({
  change: "removeProject",
  summary: "remove a project of which nothing was said yet",
  args: { project },
  examples: ["koprade project remove leader-2026"],
  input: (given) => ({ project: given.project }),
  says: (input) => `Project ${input.project} is removed.`,
});

export const projectNoun: Noun = {
  summary: "projects of funders: their machines, their indicators, what was reached",
  verbs: {
    list: listing({
      summary: "list projects",
      args: {},
      examples: ["koprade project list"],
      header: ["PROJECT", "NAME", "FUNDER", "FROM", "THROUGH", "INDICATORS", "MACHINES"],
      none: "There is no project yet.",
      rows: (_given, site) => site.ledger.read.projects(),
      line: (row) => [
        row.project,
        row.label,
        row.funder,
        row.from,
        row.through,
        String(row.indicators.length),
        row.assets.map((asset) => asset.machine).join(", ") || "–",
      ],
    }),
    show: showProject,
    notes: listing({
      summary: "list what was noted for a project, with its evidence",
      args: { project },
      examples: ["koprade project notes leader-2026"],
      header: ["NOTE", "INDICATOR", "ON", "VALUE", "EVIDENCE"],
      none: "Nothing was noted yet.",
      rows: (given, site) => theProject(site.ledger.read.projects(), given.project).notes,
      line: (row) => [String(row.note), row.indicator, row.on, String(row.value), row.evidence],
    }),
    set,
    remove,
    fund: changing({
      change: "fundAsset",
      summary: "say that the project has paid for a machine",
      args: { project, machine, from: { type: "string", required: true, valueHint: "date", description: "since when it is there" } },
      examples: ["koprade project fund leader-2026 laser-1 --from 2026-02-01"],
      input: (given) => ({ project: given.project, machine: given.machine, from: dateOf("--from", given.from) }),
      says: (input) => `${input.machine} belongs to ${input.project} from ${input.from}.`,
    }),
    unfund: changing({
      change: "unfundAsset",
      summary: "take back that the project has paid for a machine",
      args: { project, machine },
      examples: ["koprade project unfund leader-2026 laser-1"],
      input: (given) => ({ project: given.project, machine: given.machine }),
      says: (input) => `${input.machine} does not belong to ${input.project}.`,
    }),
    indicator: indicate,
    "drop-indicator": changing({
      change: "removeIndicator",
      summary: "leave an indicator out from now on; its notes stay on record",
      args: { project, indicator },
      examples: ["koprade project drop-indicator leader-2026 jobs"],
      input: (given) => ({ project: given.project, indicator: given.indicator }),
      says: (input) => `${input.indicator} is no indicator of ${input.project} any more.`,
    }),
    note,
    "undo-note": changing({
      change: "undoIndicatorNote",
      summary: "take a note back that was entered by mistake",
      args: { note: { type: "positional", required: true, description: "its number (koprade project notes)" }, reason },
      examples: ["koprade project undo-note 3 --reason 'another project'"],
      input: (given) => ({ note: wholeNumber("<note>", given.note, 1, 1e9), reason: given.reason }),
      says: (input) => `Note ${input.note} is taken back.`,
    }),
  },
  byDefault: "list",
};
