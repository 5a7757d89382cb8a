/**
 * Documents that are derived from the code: the tables of topics, of fields, of errors and of the constants that a space may change. `node test/docs.ts` writes them;
 * a test fails when they are stale, so that they stay true.
 */
import { readFileSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { type Topic, topics } from "#contract";
import { configSchema, environment } from "../hub/config.ts";
import { errorCatalogue } from "../hub/errors.ts";
import { type Measurement, measurements } from "../hub/series/influx-measurements.ts";
import { keysOf, keysOfRegister, places, policyOf, settingNames } from "./support/register.ts";

const sender = { node: "node", hub: "hub", newcomer: "new node" } as const;

export function topicTable(): string {
  const rows = (Object.keys(topics) as Topic[]).map((name) => {
    const row = topics[name];
    return `| \`${row.path}\` | ${sender[row.from]} | ${row.form} | ${row.qos} | ${row.retain ? "yes" : "–"} | ${row.maxBytes} | ${row.note} |`;
  });
  return [
    "| below `koprade/1/{site}/` | from | form | QoS | retained | bytes | what it says |",
    "|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

type Field = { readonly path: string; readonly schema: z.ZodType };

export function configTable(): string {
  const rows = fieldsOf(configSchema, "").map(({ path, schema }) => {
    const standard = schema.safeParse(undefined);
    const variable = Object.entries(environment).find(([, at]) => at.join(".") === path)?.[0];
    const value = standard.success ? `\`${JSON.stringify(standard.data)}\`` : "needed";
    return `| \`${path}\` | ${value} | ${variable === undefined ? "–" : `\`${variable}\``} | ${descriptionOf(schema)} |`;
  });
  return ["| field | standard | variable | what it is |", "|---|---|---|---|", ...rows].join("\n");
}

function fieldsOf(schema: z.ZodType, prefix: string): Field[] {
  const inner = schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault ? (schema.unwrap() as z.ZodType) : schema;
  if (!(inner instanceof z.ZodObject) || (prefix !== "" && descriptionOf(schema) !== "")) return [{ path: prefix, schema }];
  return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([name, part]) =>
    fieldsOf(part, prefix === "" ? name : `${prefix}.${name}`),
  );
}

const descriptionOf = (schema: z.ZodType): string => schema.description ?? "";

export function errorTable(): string {
  const rows = Object.entries(errorCatalogue).map(([code, { says, fix }]) => `| \`${code}\` | ${says} | ${fix} |`);
  return ["| code | what it says | how it is put right |", "|---|---|---|", ...rows].join("\n");
}

/** What a door, machine, node or the space may change, with what holds without it. */
export function constantsTable(): string {
  const standards = keysOfRegister();
  const standardOf = (keys: readonly string[], name: string): string => {
    const found = standards.filter(([key]) => keys.includes(key));
    const inner = (key: string) => key.split(".").at(-2) ?? "";
    const isByKind = /^(cycleProfiles|ancillaryDefaults|leaseDefaults|offlineMaxAgeMs|accessDefaults\.supervised)/.test(
      found[0]?.[0] ?? "",
    );
    const kind = (key: string) => (/^(offlineMaxAgeMs|accessDefaults)/.test(key) ? (key.split(".").at(-1) ?? "") : inner(key));
    if (isByKind) return found.map(([key, value]) => `${kind(key)} ${shown(name, value)}`).join(", ");
    return (
      [...new Set(found.map(([, value]) => value).filter((value) => value !== null))].map((value) => shown(name, value)).join(", ") || "–"
    );
  };
  const settings = [...settingNames()].map(([name, at]) => {
    const schema = at.map((place) => (places[place as keyof typeof places].shape as Record<string, z.ZodType>)[name])[0];
    return `| \`${name}\` | ${standardOf(keysOf(name), name)} | ${limitsOf(name, schema)} | ${at.join(", ")} |`;
  });
  const byField = Map.groupBy(
    standards.map(([key]) => key).filter((key) => policyOf(key) !== undefined),
    (key) => policyOf(key) ?? "",
  );
  const fields = [...byField].map(([field, keys]) => `| \`${field}\` | ${standardOf(keys, field)} | | its policy |`);
  return ["| name | standard | limits | may be set for |", "|---|---|---|---|", ...settings, ...fields].join("\n");
}

function limitsOf(name: string, schema: z.ZodType | undefined): string {
  if (schema === undefined) return "";
  const { minimum, maximum, enum: words, type } = z.toJSONSchema(schema);
  if (words !== undefined) return words.map((word) => `\`${String(word)}\``).join(" ");
  if (type !== "integer" && type !== "number") return type === "boolean" ? "yes, no" : "";
  return `${shown(name, minimum)} … ${shown(name, maximum)}`;
}

/** A duration in the largest unit that it is a whole number of; everything else as it is. */
function shown(name: string, value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((one) => shown(name, one)).join(", ");
  if (typeof value !== "number" || !/Ms(Max)?$|Min$/.test(name)) return String(value);
  const units = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1000, "s"],
  ] as const;
  const [size, unit] = units.find(([one]) => value >= one && value % one === 0) ?? [1, "ms"];
  return value === 0 ? "0" : `${value / size} ${unit}`;
}

/** What an InfluxDB beside the hub holds. */
export function measurementTable(): string {
  const rows = Object.entries<Measurement>(measurements).flatMap(([measurement, { when, fields }]) =>
    Object.entries(fields).map(([field, { kind, unit, says }], i) => {
      const type = { number: "float", yes: "boolean", word: "string" }[kind];
      return `| ${i === 0 ? `\`${measurement}\`` : ""} | \`${field}\` | ${type} | ${unit} | ${says} | ${i === 0 ? when : ""} |`;
    }),
  );
  return ["| measurement | field | type | unit | what it says | written |", "|---|---|---|---|---|---|", ...rows].join("\n");
}

export const derived = [
  { file: "hub/contract/README.md", mark: "topics", make: topicTable },
  { file: "hub/README.md", mark: "settings", make: configTable },
  { file: "hub/README.md", mark: "constants", make: constantsTable },
  { file: "hub/README.md", mark: "errors", make: errorTable },
  { file: "hub/README.md", mark: "measurements", make: measurementTable },
] as const;

/** The file with the text between `<!-- mark -->` and `<!-- /mark -->` replaced. Throws when the marks are missing. */
export function withTable(text: string, mark: string, table: string): string {
  const [open, close] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`the marks ${open} … ${close} are missing`);
  return `${text.slice(0, from + open.length)}\n${table}\n${text.slice(to)}`;
}

if (import.meta.main) {
  for (const { file, mark, make } of derived) writeFileSync(file, withTable(readFileSync(file, "utf8"), mark, make()));
}
