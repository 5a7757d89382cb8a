import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { derived, withTable } from "../docs.ts";

describe("derived documents", () => {
  it.each(derived)("$file is up to date in its table of $mark (else: node test/docs.ts)", ({ file, mark, make }) => {
    const text = readFileSync(file, "utf8");
    expect(text).toBe(withTable(text, mark, make()));
  });
});
