import { describe, it } from "vitest";
import { properties } from "./properties.ts";

describe("decide, for any facts", () => {
  it.each(properties)("$sentence", ({ holds, runs }) => holds(runs));
});
