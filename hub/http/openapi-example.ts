/** An input that a shape lets through, for the API's description: made of the shape itself and tried on it, so that none is wrong. */
import * as z from "zod";

type Schema = {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema | boolean;
  readonly prefixItems?: readonly Schema[];
  readonly minItems?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly default?: unknown;
};

/** What people and things are called in examples; the first that fits is taken. */
const texts = [
  "laser-1",
  "Ada Ozola",
  "belt torn",
  "2026-12-01",
  "2026-12",
  "18:00",
  "ada@example.org",
  "https://example.org/hook",
  "Europe/Riga",
  "4711",
  "123456",
  "em4100:0F00000001",
  "nfc:04A1B2C3",
  "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "laser-node",
  "mon-fri",
  "en",
  "a long enough password",
  "0123456789abcdef",
  "A".repeat(43),
  "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08",
] as const;

/** undefined where none is found. */
export function exampleOf(shape: z.ZodType): unknown {
  const schema = z.toJSONSchema(shape, { io: "input", unrepresentable: "any" }) as Schema;
  for (const fields of ["needed", "undecided", "all"] as const) {
    for (const turn of texts.keys()) {
      const tried = made(schema, { fields, turn, depth: 0 });
      if (shape.safeParse(tried).success) return tried;
    }
  }
  return undefined;
}

type Way = { readonly fields: "needed" | "undecided" | "all"; readonly turn: number; readonly depth: number };

/** @param way.fields  `undecided`: with what may be left out and has no default, too; `turn`: texts of no particular form begin at this one */
function made(schema: Schema, way: Way): unknown {
  if (way.depth > 8) return null;
  const deeper = { ...way, depth: way.depth + 1 };
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first !== undefined) return made(first, deeper);
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map((part) => made(part, deeper)));
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(
            ([name, field]) =>
              (schema.required ?? []).includes(name) || way.fields === "all" || (way.fields === "undecided" && field.default === undefined),
          )
          .map(([name, field]) => [name, made(field, deeper)]),
      );
    case "array":
      if (schema.prefixItems !== undefined) return schema.prefixItems.map((item) => made(item, deeper));
      return Array.from({ length: Math.min(schema.minItems ?? 1, 8) }, () =>
        typeof schema.items === "object" ? made(schema.items, deeper) : "laser-1",
      );
    case "integer":
    case "number":
      return Math.max(1, schema.minimum ?? 1, (schema.exclusiveMinimum ?? 0) + 1);
    case "boolean":
      return true;
    case "null":
      return null;
    case "string":
      return textFor(schema, way.turn);
    default:
      return "laser-1";
  }
}

function textFor({ pattern, minLength = 0 }: Schema, turn: number): string {
  const fits = (text: string): boolean => text.length >= minLength && (pattern === undefined || new RegExp(pattern, "u").test(text));
  const inTurn = [...texts.slice(turn), ...texts.slice(0, turn)];
  return inTurn.find(fits) ?? "x".repeat(Math.max(1, minLength));
}
