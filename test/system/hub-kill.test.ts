import { expect, it } from "vitest";
import { killHub } from "../campaigns/hub-kill.ts";

it("loses, doubles and misjudges nothing when the hub is killed 12 times under the load of 20 nodes", async () => {
  const { figures } = await killHub({ seed: 1, kills: 12 });
  console.log(figures);
  expect(figures).toMatchObject({ kills: 12, lost: 0, duplicates: 0, wrongSessions: 0 });
  expect(figures.events).toBeGreaterThan(500);
  expect(figures.sessions).toBeGreaterThan(10);
}, 180_000);
