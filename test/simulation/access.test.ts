/** The properties of the access decision, with many more facts than the unit tests have time for. */
import { describe, it } from "vitest";
import { properties } from "../hub/core/access/properties.ts";

describe("decide, for very many facts", () => {
  it.each(properties)("$sentence", ({ holds, runs }) => holds(runs * 20));
});
