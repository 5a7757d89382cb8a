/** Random legal values of a contract schema, so that every row of the wire is fuzzed without a hand-written sample. */
import fc from "fast-check";
import type * as z from "zod";

type Check = {
  _zod: { def: { check?: string; minimum?: number; maximum?: number; length?: number; value?: number; format?: string; pattern?: RegExp } };
};
type Def = {
  type: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  innerType?: z.ZodType;
  entries?: Record<string, string>;
  values?: unknown[];
  options?: z.ZodType[];
  keyType?: z.ZodType;
  valueType?: z.ZodType;
  checks?: Check[];
  format?: string;
  pattern?: RegExp;
};

/** zod keeps a schema's parts in `_zod.def`; this is the only place in the tests that looks. */
const defOf = (schema: z.ZodType): Def => schema._zod.def as unknown as Def;

function limits(def: Def): { min?: number; max?: number; pattern?: RegExp } {
  const found: { min?: number; max?: number; pattern?: RegExp } = {};
  if (def.pattern !== undefined) found.pattern = def.pattern;
  for (const check of def.checks ?? []) {
    const inner = check._zod.def;
    if (inner.pattern !== undefined) found.pattern = inner.pattern;
    if (inner.check === "greater_than" && inner.value !== undefined) found.min = inner.value;
    if (inner.check === "less_than" && inner.value !== undefined) found.max = inner.value;
    if ((inner.check === "min_length" || inner.check === "min_size") && inner.minimum !== undefined) found.min = inner.minimum;
    if ((inner.check === "max_length" || inner.check === "max_size") && inner.maximum !== undefined) found.max = inner.maximum;
    if (inner.check === "length_equals" && inner.length !== undefined) found.min = found.max = inner.length;
  }
  return found;
}

/** An arbitrary of values that the schema accepts. Throws on a kind of schema that the contract does not use yet. */
export function arbitraryOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  const def = defOf(schema);
  const { min, max, pattern } = limits(def);
  switch (def.type) {
    case "object": {
      const entries = Object.entries(def.shape ?? {});
      const required = entries.filter(([, part]) => defOf(part).type !== "optional").map(([name]) => name);
      return fc.record(Object.fromEntries(entries.map(([name, part]) => [name, arbitraryOf(part)])), { requiredKeys: required });
    }
    case "string":
      if (def.format === "date" || def.checks?.some((check) => check._zod.def.format === "date"))
        return fc.constantFrom("2026-03-29", "2026-10-25", "2028-02-29");
      if (pattern !== undefined) return fc.stringMatching(pattern);
      return fc.string({ minLength: min ?? 0, maxLength: Math.min(max ?? 20, 200) });
    case "number": {
      const whole = def.checks?.some((check) => (check._zod.def.format ?? "").includes("int")) || (def.format ?? "").includes("int");
      return whole
        ? fc.integer({ min: Math.max(min ?? -1000, -(2 ** 31)), max: Math.min(max ?? 1000, 2 ** 31 - 1) })
        : fc
            .double({ min: min ?? -1000, max: max ?? 1000, noNaN: true, noDefaultInfinity: true })
            .map((value) => (Object.is(value, -0) ? 0 : value));
    }
    case "boolean":
      return fc.boolean();
    case "enum":
      return fc.constantFrom(...Object.values(def.entries ?? {}));
    case "literal":
      return fc.constantFrom(...(def.values ?? []));
    case "nullable":
      return fc.option(arbitraryOf(def.innerType as z.ZodType), { nil: null });
    case "optional":
    case "default":
      return arbitraryOf(def.innerType as z.ZodType);
    case "array":
      return fc.array(arbitraryOf(def.element as z.ZodType), { minLength: min ?? 0, maxLength: Math.max(min ?? 0, 3) });
    case "union":
      return fc.oneof(...(def.options ?? []).map(arbitraryOf));
    case "record":
      return fc.dictionary(arbitraryOf(def.keyType as z.ZodType) as fc.Arbitrary<string>, arbitraryOf(def.valueType as z.ZodType), {
        maxKeys: 3,
      });
    default:
      throw new Error(`no arbitrary for ${def.type}`);
  }
}
