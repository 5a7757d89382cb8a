/** kill -9 of a door node around the moment of a grant; 200 kills are the campaign `node-kill`. */
import { expect, test } from "vitest";
import { killNode, startBuilding } from "../devices/kit/node-process.ts";
import { pause, percentile, until } from "../devices/kit/test-hub.ts";
import { cards } from "../devices/kit/world.ts";

test("killed a dozen times around a grant: nothing is on after a restart, and no opening is missing from the log", {
  timeout: 300_000,
}, async () => {
  const figures = await killNode({ kills: 12, seed: 7 });
  console.log(`kill -9 of the node: ${JSON.stringify(figures)}`);
  expect(figures.onAfterRestart).toBe(0);
  expect(figures.missing).toBe(0);
  expect(figures.opened).toBeGreaterThan(3);
});

test("card bytes on a serial line open the strike on the board, and the event is at the hub", { timeout: 120_000 }, async () => {
  const building = await startBuilding();
  try {
    await building.start();
    const times: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const from = performance.now();
      building.card.present(cards.good.slice("em4100:".length));
      await until("the strike", building.isOpen, 5000, 1);
      times.push(performance.now() - from);
      building.card.remove();
      await until("a locked strike", () => !building.isOpen(), 9000);
      await pause(1100);
    }
    await until("the events", () => building.hub.bodies().filter((body) => body.kind === "door.granted").length === 5);
    times.sort((a, b) => a - b);
    console.log(
      `chain: card bytes to strike pin p50 ${percentile(times, 0.5).toFixed(1)} ms, longest ${times.at(-1)?.toFixed(1)} ms (a frame takes 15 ms on a real line)`,
    );
    expect(await building.stop()).toBe(0);
    expect(building.isOpen()).toBe(false);
  } finally {
    await building.close();
  }
});
