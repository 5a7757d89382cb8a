/**
 * Documents that are derived from the code: the table of topics and the table of settings. `node test/docs.ts` writes them;
 * a test fails when they are stale, so that they stay true.
 */
import { readFileSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { type Topic, topics } from "#contract";
import { configSchema, environment } from "../hub/config.ts";
import { errorCatalogue } from "../hub/errors.ts";

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

export const derived = [
  { file: "hub/contract/README.md", mark: "topics", make: topicTable },
  { file: "hub/README.md", mark: "settings", make: configTable },
  { file: "hub/README.md", mark: "errors", make: errorTable },
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
