/** A copied SD card, and a node that is damaged, on the assembled system (domain.md §4.4): cut off, and let in by a person only. */
import { expect, it } from "vitest";
import { topicPath } from "#contract";
import { createVirtualBuilding } from "../../simulators/virtual-building.ts";
import { resourceRow } from "../../simulators/virtual-facts.ts";
import { virtualSiteId } from "../../simulators/virtual-site.ts";
import { afternoon, cards, minute, peopleOf, sawFacts, second, tz } from "./scene.ts";

const node = "saw-node";
const buildingOf = (places: readonly string[]) =>
  createVirtualBuilding({
    seed: 7,
    startMs: afternoon,
    tz,
    space: {
      epoch: 1,
      mode: "normal",
      resources: [resourceRow(sawFacts, node)],
      people: peopleOf({}),
      schedules: [],
      lockouts: [],
      revoked: [],
    },
    doors: [],
    machines: places.map((id) => ({ node, id, kind: "saw" as const })),
  });
const statusOf = (building: ReturnType<typeof buildingOf>) =>
  building
    .hub()
    .live.nodes()
    .find(({ id }) => id === node)?.status;

it("two nodes with one identity are cut off within a minute, and one of them comes back when it is let in", async () => {
  const building = buildingOf(["saw", "saw-copy"]);
  await building.pass(minute);
  expect(statusOf(building)).toBe("quarantined");
  expect(building.site.ledger.registry.nodes()).toMatchObject([{ node, status: "quarantined" }]);
  const known = building.site.events.length;
  building.machine("saw").reader.present(cards.ada, 300);
  await building.pass(10 * second);
  expect(building.site.events.length, "nothing of a node that is cut off counts").toBe(known);
  expect(building.machine("saw").isPermitted(), "what it holds it may decide by itself").toBe(true);
  building.killHub();
  building.startHub();
  await building.pass(5 * second);
  expect(statusOf(building), "a new hub has not forgotten").toBe("quarantined");
  building.machine("saw-copy").powerCut();
  building.site.admit(node, "active");
  await building.pass(2 * minute);
  expect(statusOf(building)).toBe("online");
  expect(building.site.events.length).toBeGreaterThan(known);
  await building.stop();
});

it("nothing of a node that a person has shut out counts, not even what is left of a damaged message", async () => {
  const building = buildingOf(["saw"]);
  await building.pass(10 * second);
  expect(statusOf(building)).toBe("online");
  building.site.admit(node, "quarantined");
  await building.pass(2 * second);
  expect(statusOf(building), "it was there when it was shut out").toBe("quarantined");
  building.machine("saw").powerCut();
  const known = building.site.events.length;
  const will = { path: topicPath(virtualSiteId, "nodeState", node), bytes: new Uint8Array() };
  const wire = building.bus.wireOf(node).dial(will, { onUp() {}, onDown() {}, onMessage() {} }, 15 * second);
  await building.pass(second);
  const oops = { boot: "00112233445566aa", seq: 1, ch: "saw", atMono: 1, atMs: null, tq: "unknown", body: { kind: "mach.oops" } };
  const damaged = { body: { events: [oops, "rubbish"] } };
  wire.publish(topicPath(virtualSiteId, "events", node), new TextEncoder().encode(JSON.stringify(damaged)), { qos: 1, retain: false });
  await building.pass(second);
  expect(building.site.events.length).toBe(known);
  await building.stop();
});
