/**
 * A small part of JSON Schema, enough for SpaceAPI: the first violation of a document, ordered by path, in the words of the
 * reference validator for Python, so that what we say can be compared with what others say.
 */
import { isFields } from "./json.ts";

export type TypeName = "string" | "number" | "boolean" | "null" | "object" | "array";
export type Schema = {
  readonly type?: TypeName | readonly TypeName[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly minProperties?: number;
  /** an array must hold this text */
  readonly contains?: string;
  /** an object must have one of these keys */
  readonly anyOf?: readonly string[];
};
type Violation = { readonly path: readonly (string | number)[]; readonly message: string };

/** True, or the first violation as `path: message`; the message is cut after 110 characters. */
export function violation(schema: Schema, document: unknown): true | string {
  const found: Violation[] = [];
  collect(schema, document, [], found);
  const [first] = found.sort(byPath);
  if (first === undefined) return true;
  return `${first.path.length === 0 ? "(root)" : first.path.join("/")}: ${first.message.slice(0, messageCharsMax).trimEnd()}`;
}
const messageCharsMax = 110;

/** Stable, so violations of one place stay in the order of the schema. */
function byPath(a: Violation, b: Violation): number {
  for (let i = 0; i < Math.min(a.path.length, b.path.length); i += 1) {
    const [left = "", right = ""] = [a.path[i], b.path[i]];
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.path.length - b.path.length;
}

function collect(schema: Schema, value: unknown, path: readonly (string | number)[], found: Violation[]): void {
  const say = (message: string) => found.push({ path, message });
  const types = schema.type === undefined ? [] : typeof schema.type === "string" ? [schema.type] : schema.type;
  if (types.length > 0 && !types.some((type) => isOf(type, value))) say(`${spelled(value)} is not of type ${types.map(quoted).join(", ")}`);
  if (schema.enum !== undefined && !(typeof value === "string" && schema.enum.includes(value))) {
    say(`${spelled(value)} is not one of ${spelled(schema.enum)}`);
  }
  if (schema.minimum !== undefined && typeof value === "number" && value < schema.minimum) {
    say(`${spelled(value)} is less than the minimum of ${schema.minimum}`);
  }
  if (Array.isArray(value)) {
    const { items, contains } = schema;
    if (items !== undefined) for (const [i, item] of value.entries()) collect(items, item, [...path, i], found);
    if (contains !== undefined && !value.includes(contains)) say(`None of ${spelled(value)} are valid under the given schema`);
    if (value.length < (schema.minItems ?? 0)) say(`${spelled(value)} is too short`);
  }
  if (isFields(value)) {
    for (const [key, part] of Object.entries(schema.properties ?? {})) {
      if (Object.hasOwn(value, key)) collect(part, value[key], [...path, key], found);
    }
    if (Object.keys(value).length < (schema.minProperties ?? 0)) say(`${spelled(value)} does not have enough properties`);
    for (const key of schema.required ?? []) if (!Object.hasOwn(value, key)) say(`${quoted(key)} is a required property`);
    if (schema.anyOf !== undefined && !schema.anyOf.some((key) => Object.hasOwn(value, key))) {
      say(`${spelled(value)} is not valid under any of the given schemas`);
    }
  }
}

function isOf(type: TypeName, value: unknown): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  return type === "object" ? isFields(value) : typeof value === type;
}

/** As Python prints it: the messages hold values. */
function spelled(value: unknown, depth = 0): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return quoted(value);
  if (depth > 8) return "…";
  if (Array.isArray(value)) return `[${value.map((item) => spelled(item, depth + 1)).join(", ")}]`;
  if (!isFields(value)) return String(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${quoted(key)}: ${spelled(item, depth + 1)}`)
    .join(", ")}}`;
}

function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  return `${mark}${text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll(mark, `\\${mark}`)}${mark}`;
}
