/** Learning power at the terminal, from end to end, with short recordings; the campaign takes the usual ones. */
import { expect, test } from "vitest";
import { learnAtTheMachine } from "../campaigns/learn-power.ts";

test("a person at the machine records it off, idle and at work, and what is set tells idle from work", async () => {
  const { figures } = await learnAtTheMachine("--idle-seconds", "12", "--busy-seconds", "15");
  console.log(`learn power: ${JSON.stringify(figures)}`);
  expect(figures.offW).toBeGreaterThan(figures.standbyW ?? Number.NaN);
  expect(figures.onW).toBeGreaterThan(figures.offW ?? Number.NaN);
  expect(figures.separation).toBeGreaterThan(1);
}, 240_000);
