/** What every decoder of `koprade decode` must do: say what its recorded lines expect, and stay honest about everything else. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { difference } from "../../hub/cli/decode-recorded.ts";
import { decodeLine } from "../../hub/cli/decode-table.ts";

type Line = { readonly id: string; readonly expect: unknown };

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
