/** Cables pulled from a whole node while it runs, in short; sixty pulls are the campaign `soak`. */
import { expect, it } from "vitest";
import { soak } from "../campaigns/soak.ts";

it("works again by itself after its board, its reader and its meter were pulled in use, and nothing comes on by itself", {
  timeout: 180_000,
}, async () => {
  const figures = await soak({ seed: 7, pulls: 1 });
  console.log(`soak: ${JSON.stringify(figures)}`);
  expect(figures).toMatchObject({ stuck: 0, onByItself: 0, stayedOn: 0, childrenMore: 0 });
  expect(figures.descriptorsMore).toBeLessThanOrEqual(2);
});
