/** What every decoder of `koprade decode` must do: say what its recorded lines expect, and stay honest about everything else. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { difference } from "../../hub/cli/decode-recorded.ts";
import { decodeLine } from "../../hub/cli/decode-table.ts";

type Line = Readonly<Record<string, unknown>> & { readonly id: string };

export function fixture(file: string): string[] {
  const text = readFileSync(new URL(`../fixtures/${file}.jsonl`, import.meta.url), "utf8");
  return text.trim().split("\n");
}

/** `noMessage` names lines that hold no message to decode, or whose expectation we judge wrong, each with the reason. */
export function testFixture(file: string, noMessage: Readonly<Record<string, string>> = {}): void {
  const lines = fixture(file).map((text) => [(JSON.parse(text) as Line).id, text] as const);
  describe(`recorded lines of ${file}`, () => {
    it.each(lines.filter(([id]) => !(id in noMessage)))("%s decodes to what was recorded", (_id, text) => {
      const { decoded, given } = decodeLine(text, 1);
      expect(difference(given.expect, decoded), JSON.stringify(decoded)).toBeUndefined();
    });
    it.each(lines.filter(([id]) => id in noMessage))("%s is answered, though it holds nothing to decode", (id, text) => {
      const { decoded, given } = decodeLine(text, 1);
      expect(decoded).toHaveProperty("id", id);
      expect(difference(given.expect, decoded), "it decodes: take it off the list").toBeDefined();
    });
  });
}

/** Lines nobody recorded: cut, flipped, with other types. Each is answered, and no answer speaks of our own mistake. */
export function testMutations(file: string, runs = 150): void {
  const texts = fixture(file);
  it(`mutated lines of ${file} are answered without a mistake of ours`, () => {
    const mutated = fc.constantFrom(...texts).chain((text) => mutation(JSON.parse(text) as Record<string, unknown>));
    fc.assert(
      fc.property(mutated, (line) => {
        const { decoded } = decodeLine(JSON.stringify(line), 1);
        expect(String(decoded.why ?? "")).not.toContain("mistake in koprade");
        expect(() => JSON.stringify(decoded)).not.toThrow();
      }),
      { numRuns: runs },
    );
  });
}

function mutation(line: Record<string, unknown>): fc.Arbitrary<Record<string, unknown>> {
  const { expect: _expected, ...rest } = line;
  const carrier = ["payload", "hex"].find((key) => typeof rest[key] === "string");
  const junk = fc.constantFrom<unknown>(null, "", 0, -1, 1e308, "x", [], {}, [null], true);
  const field = fc.tuple(fc.constantFrom(...Object.keys(rest).filter((key) => key !== "protocol")), junk);
  const otherField = field.map(([key, value]) => ({ ...rest, [key]: value }));
  if (carrier === undefined) return otherField;
  const text = String(rest[carrier]);
  const spliced = fc
    .tuple(fc.nat(text.length), fc.nat(12), fc.constantFrom("", "0", "null", "-1", "1e999", '"', "{", "]", ",", "FF", "\u0000", "é"))
    .map(([at, drop, put]) => ({ ...rest, [carrier]: text.slice(0, at) + put + text.slice(at + drop) }));
  return fc.oneof(otherField, spliced, spliced);
}

type Change = (value: unknown) => fc.Arbitrary<{ readonly value: unknown } | "gone">;

/**
 * For families that send JSON. Fields leave, move, and change their type; numbers become others, never 0: then no 0 may come out.
 * And when every number is null, no number may come out at all. `places` are keys that say where, not how much: they come from
 * topics and keys.
 */
export function testHonesty(file: string, places: readonly string[] = [], runs = 120): void {
  const lines = fixture(file).map((text) => JSON.parse(text) as Line);
  const messages = lines.filter(({ payload }) => typeof payload === "string" && /^\s*\{/.test(payload) && isJson(payload));
  const decodedNumbers = (line: Line, payload: unknown) => {
    const { id: _id, ...decoded } = decodeLine(JSON.stringify({ ...line, payload: JSON.stringify(payload) }), 1).decoded;
    return numbersIn(decoded, new Set(places));
  };
  describe(`values that nobody sent (${file})`, () => {
    it("are never invented as a zero", () => {
      const changed = fc
        .constantFrom(...messages)
        .chain((line) => rebuilt(JSON.parse(String(line.payload)), otherValue).map((payload) => ({ line, payload })));
      fc.assert(
        fc.property(changed, ({ line, payload }) => {
          expect(decodedNumbers(line, payload === "gone" ? {} : payload.value).filter(([, value]) => value === 0)).toEqual([]);
        }),
        { numRuns: runs },
      );
    });
    it.each(messages.map((line) => [line.id, line] as const))("stay unknown where every number of %s is null", (_id, line) => {
      expect(decodedNumbers(line, nulled(JSON.parse(String(line.payload))))).toEqual([]);
    });
  });
}

const otherValue: Change = (value) => {
  if (typeof value !== "number")
    return fc.oneof({ weight: 8, arbitrary: fc.constant({ value }) }, { weight: 1, arbitrary: fc.constant("gone" as const) });
  const number = fc.oneof(
    fc.integer({ min: 1, max: 1e9 }),
    fc.integer({ min: -1e6, max: -1 }),
    fc.double({ min: 0.1, max: 1e12, noNaN: true }),
  );
  return fc.oneof(
    { weight: 6, arbitrary: number.map((other) => ({ value: other })) },
    { weight: 3, arbitrary: fc.constantFrom<unknown>(null, "", "x", [], {}, true, "nan").map((other) => ({ value: other })) },
    { weight: 1, arbitrary: fc.constant("gone" as const) },
  );
};

function rebuilt(value: unknown, change: Change): fc.Arbitrary<{ readonly value: unknown } | "gone"> {
  if (Array.isArray(value)) {
    return fc
      .tuple(...value.map((item) => rebuilt(item, change)))
      .map((items) => ({ value: items.flatMap((item) => (item === "gone" ? [] : [item.value])) }));
  }
  if (typeof value !== "object" || value === null) return change(value);
  const entries = Object.entries(value).map(([key, item]) => rebuilt(item, change).map((made) => [key, made] as const));
  return fc
    .tuple(...entries)
    .chain((made) => fc.shuffledSubarray(made, { minLength: made.length }))
    .map((made) => ({ value: Object.fromEntries(made.flatMap(([key, item]) => (item === "gone" ? [] : [[key, item.value]]))) }));
}

function nulled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nulled);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, nulled(item)]));
  return typeof value === "number" ? null : value;
}

function numbersIn(value: unknown, places: ReadonlySet<string>, key = ""): [string, number][] {
  if (places.has(key)) return [];
  if (typeof value === "number") return [[key, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => numbersIn(item, places, Array.isArray(value) ? key : name));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
