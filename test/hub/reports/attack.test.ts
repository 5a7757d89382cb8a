/** No group below five can be worked out from all tables of all revisions of a month taken together. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aWorld, learned, primaryOnly, published, type World } from "../../support/attack.ts";

const people = (count: number, target: string, from = 1) =>
  Array.from({ length: count }, (_, i) => ({ member: from + i, days: 1, target, town: "not-stated", age: "not-stated" }));
const space = (...groups: [number, string][]): World[number] => {
  let from = 1;
  const all = groups.flatMap(([count, target]) => {
    const made = people(count, target, from);
    from += count;
    return made;
  });
  return { people: all, events: [] };
};

describe("the attack on everything that is published of a month", () => {
  it("learns nothing, over random months and their revisions", () => {
    fc.assert(
      fc.property(aWorld, (world) => {
        expect(learned(published(world))).toEqual([]);
      }),
      { numRuns: 25, seed: 5 },
    );
  });
  it("succeeds when only the small groups are hidden: the total gives the one that is missing away", () => {
    const world = [space([20, "student"], [7, "pupil"], [3, "senior"])];
    expect(learned(published(world, primaryOnly))).toEqual(["target/Seniors of revision 1 is 3 to 3"]);
    expect(learned(published(world))).toEqual([]);
  });
  it("succeeds when two small groups are hidden that have no room to be large", () => {
    const world = [space([20, "student"], [1, "pupil"], [3, "senior"])];
    expect(learned(published(world, primaryOnly)).length).toBe(2);
    expect(learned(published(world))).toEqual([]);
  });
  it("succeeds on those who were counted by heart when only the small groups are hidden", () => {
    const event = { kind: "fair", target: "pupil", ageBand: "", school: "" };
    const events = [
      { ...event, people: 20, municipality: "Valmiera" },
      { ...event, people: 9, municipality: "Cēsis" },
      { ...event, people: 3, municipality: "Rauna" },
    ];
    const world = [{ people: [], events }];
    expect(learned(published(world, primaryOnly))).toEqual(["counted Municipality/Rauna of revision 1 is 3 to 3"]);
    expect(learned(published(world))).toEqual([]);
  });
  it("succeeds when a revision knows nothing of the one before: the difference is one late pupil", () => {
    const world = [space([20, "student"], [12, "pupil"], [9, "senior"]), space([20, "student"], [13, "pupil"], [9, "senior"])];
    expect(learned(published(world, undefined, false))).toEqual(["target/Pupils differs by 1 between revisions"]);
    expect(learned(published(world))).toEqual([]);
  });
  it("tells not even which groups there are when all of them together are too few", () => {
    const [tables = []] = published([space([2, "senior"], [1, "pupil"])]);
    expect(tables.some(({ id, rows }) => (id === "groups" || id === "backgrounds") && rows.length > 0)).toBe(false);
  });
});
