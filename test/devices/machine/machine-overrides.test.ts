/** Overrides at a machine whose hub is away: the node itself remembers what its signed permissions cannot know yet (domain.md §3.5). */
import { expect, test } from "vitest";
import type { SubjectFacts } from "#contract";
import { createMemoryFiles } from "../../../devices/kit/node-files.ts";
import { extraCard, goodMember, laserFacts } from "../kit/world.ts";
import { ch, type MachineWorldOptions, machineWorld } from "./machine-world.ts";

type World = Awaited<ReturnType<typeof machineWorld>>;
type Override = NonNullable<SubjectFacts["overrides"]>[number];
const [bob, sam] = [extraCard(1), extraCard(2)];
const givenMs = Date.UTC(2026, 5, 1, 10);
const closed = { ...laserFacts, openingHours: { intervals: [], special: [] } };

const peopleWith = (codes: Override["codes"], sinceMs = givenMs): NonNullable<MachineWorldOptions["people"]> =>
  [bob, sam].map((card, i) => {
    const override: Override = { codes, sinceMs: sinceMs + i, untilMs: givenMs + 80_000_000, by: ["maintainer", "steward"] };
    return { card, member: 4 + i, facts: { ...goodMember, always: false, overrides: [override] } };
  });

/** Begun with the hub, which then is away. */
async function alone(options: MachineWorldOptions, before: (world: World) => void = () => {}): Promise<World> {
  const world = await machineWorld(options);
  before(world);
  await world.pass(1000);
  world.bus.refuse(true);
  world.bus.cut();
  await world.pass(10_000);
  return world;
}
async function tap(world: World, card: string): Promise<string> {
  world.hardware.state.said.length = 0;
  world.hardware.tap(card);
  await world.pass(5000);
  return world.hardware.state.said[0] ?? "";
}
/** Works for a moment, taps out, and the grace passes. */
async function use(world: World, card: string) {
  expect(await tap(world, card)).toBe("granted");
  world.hardware.greenButton();
  await world.pass(10_000);
  await tap(world, card);
  await world.pass(120_000);
  expect(world.machine.state().session).toBeNull();
}

test("one session ends the override that it was begun under, over a restart too; another's stands, and so does a new one", async () => {
  const people = peopleWith(["OUTSIDE_OPENING_HOURS"]);
  const options = { facts: closed, files: createMemoryFiles() };
  const world = await alone({ ...options, people });
  await use(world, bob);
  expect(await tap(world, bob)).toBe("OUTSIDE_OPENING_HOURS");
  await world.machine.stop();
  const again = await alone({ ...options, people, clock: world.clock });
  expect(await tap(again, bob)).toBe("OUTSIDE_OPENING_HOURS");
  await use(again, sam);
  expect(await tap(again, sam)).toBe("OUTSIDE_OPENING_HOURS");
  again.bus.refuse(false);
  await again.pass(90_000);
  await again.give({ people: peopleWith(["OUTSIDE_OPENING_HOURS"], givenMs + 60_000) });
  expect(await tap(again, bob)).toBe("granted");
});

test("a session in which the machine was not used leaves it as it was", async () => {
  const world = await alone({ facts: closed, people: peopleWith(["OUTSIDE_OPENING_HOURS"]) });
  expect(await tap(world, bob)).toBe("granted");
  await world.pass(200_000);
  expect(world.machine.state().kind).toBe("off");
  expect(await tap(world, bob)).toBe("granted");
});

test("an override for a broken machine is for the report it was given for: the next one stops everybody", async () => {
  const broken = (world: World) =>
    world.bus.say("restrictions", [], {
      version: 1,
      lockouts: [{ ch, kind: "oops", mode: "immediate", reason: "smoke" }],
      revoked: [],
    });
  const world = await alone({ people: peopleWith(["OUT_OF_ORDER"]) }, broken);
  expect(await tap(world, bob)).toBe("granted");
  world.hardware.greenButton();
  await world.pass(5000);
  world.hardware.pressOops();
  await world.pass(20_000);
  expect(world.hardware.state.relay).toBe(false);
  expect([await tap(world, bob), await tap(world, sam)]).toEqual(["OUT_OF_ORDER", "OUT_OF_ORDER"]);
});
