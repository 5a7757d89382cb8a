/** Reading what foreign devices send: JSON that may be none, numbers that may be text, nulls that must not become zeros. */

/** The value of a JSON text in a box, because null is a value; undefined for anything that is no JSON. Never throws. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object at a key, or one without fields: what is missing has nothing to say. */
export function fieldsAt(fields: Fields, key: string): Fields {
  const value = own(fields, key);
  return isFields(value) ? value : {};
}

/** Own keys only: a device may call a field "constructor". */
export function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

/** A finite number as it is; null stays null ("the device does not know"); anything else was not said. */
export function numberOf(value: unknown): number | null | undefined {
  if (value === null) return null;
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** Like `numberOf`, and takes a number written as text ("21.5", "100"): several families do. "nan" and "null" are null. */
export function looseNumber(value: unknown): number | null | undefined {
  return typeof value === "string" ? numberText(value) : numberOf(value);
}

/** A payload that is one bare number. "nan" and "null" say that there is none; other text is undefined, never 0. */
export function numberText(text: string): number | null | undefined {
  const trimmed = text.trim();
  if (/^(nan|null|none|unknown|unavailable)$/i.test(trimmed)) return null;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Takes out the fields that were not said, so that "not said" is never a value. */
export function said<T extends Fields>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** Rounds away what binary fractions add (0.1 + 0.2), not what a device measured. */
export function rounded(value: number, decimals: number): number {
  const result = Number(value.toFixed(decimals));
  return Object.is(result, -0) ? 0 : result;
}
