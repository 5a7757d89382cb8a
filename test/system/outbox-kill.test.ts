/** The outbox through kill -9, in short; five lives and 10,000 events are the campaign `outbox`. */
import { expect, it } from "vitest";
import { keepThroughDeaths } from "../campaigns/outbox.ts";

it("keeps the events of a node without a hub through two deaths, and replays each once", { timeout: 120_000 }, async () => {
  const figures = await keepThroughDeaths({ seed: 7, lives: 2, events: 1500 });
  console.log(`outbox: ${JSON.stringify(figures)}`);
  expect(figures).toMatchObject({ lost: 0, doubled: 0, gaps: 0 });
  expect(figures.kept).toBeGreaterThanOrEqual(1500);
});
