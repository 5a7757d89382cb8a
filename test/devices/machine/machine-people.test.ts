/** Several people at one machine, on the real node without a hub: the windows of core/dialogue.ts and what the node remembers. */
import { expect, test } from "vitest";
import type { EventBody, SubjectFacts } from "#contract";
import { createMemoryFiles } from "../../../devices/kit/node-files.ts";
import { configOf } from "../../../devices/machine/interlock-config.ts";
import { cards, extraCard, goodMember, laserFacts, settled } from "../kit/world.ts";
import { ch, type MachineWorldOptions, machineWorld } from "./machine-world.ts";

type World = Awaited<ReturnType<typeof machineWorld>>;
const tia = extraCard(1);
const max = extraCard(2);
const sam = extraCard(3);
const bob = extraCard(4);
const trainee: SubjectFacts = { ...goodMember, competence: { level: "trainee", untilMs: null } };
const people = [
  { card: tia, member: 9, facts: { ...goodMember, roles: ["trainer"] } },
  { card: max, member: 8, facts: { ...goodMember, roles: ["maintainer"] } },
  { card: sam, member: 4, facts: trainee },
  { card: bob, member: 5, facts: goodMember },
] satisfies NonNullable<MachineWorldOptions["people"]>;

/** A machine that has never heard of a hub since its snapshot: everything below works offline. */
async function offline(options: MachineWorldOptions = {}): Promise<World> {
  const world = await machineWorld({ people, ...options });
  world.bus.refuse(true);
  world.bus.cut();
  await world.pass(10_000);
  return world;
}
/** A card lies at the reader for a while, read every 65 ms. */
async function present(world: World, card: string, forMs: number) {
  for (let left = forMs; left >= 0; left -= 65) {
    world.hardware.tap(card);
    world.clock.advance(65);
    await settled();
  }
  await world.pass(1500);
}
const tap = (world: World, card: string) => present(world, card, 130);
const hold = (world: World, card: string) => present(world, card, 3200);
const confirm = (world: World, card: string) => present(world, card, 10_200);

/** Everything of the machine's channel that the node has on record. */
async function recorded(world: World): Promise<EventBody[]> {
  world.bus.refuse(false);
  await world.pass(120_000);
  for (let i = 0; i < 60 && world.node.outbox.depth() > 0; i += 1) {
    const last = world.bus.last("events")?.body.events.at(-1);
    if (last !== undefined) world.bus.say("eventAck", [], { boot: last.boot, upTo: last.seq });
    world.clock.advance(40);
    await settled();
  }
  const events = world.bus.heard.flatMap((message) => (message.topic === "events" ? message.body.events : []));
  return [...new Map(events.map((event) => [event.seq, event])).values()].filter((event) => event.ch === ch).map(({ body }) => body);
}
const of = <K extends EventBody["kind"]>(all: readonly EventBody[], kind: K) =>
  all.filter((body): body is Extract<EventBody, { kind: K }> => body.kind === kind);

test("a trainee waits for a supervisor, and starts with one who taps within 15 s", async () => {
  const world = await offline();
  await tap(world, sam);
  expect(world.hardware.state).toMatchObject({ relay: false });
  expect(world.hardware.state.said).toContain("AWAIT_SUPERVISOR");
  await tap(world, tia);
  expect(world.hardware.state.relay).toBe(true);
  expect(world.machine.state().session).toMatchObject({ member: 4, permit: { supervisor: 9 } });
  const all = await recorded(world);
  expect(of(all, "mach.session_started")[0]).toMatchObject({ member: 4, supervisor: 9 });
  expect(of(all, "access.decided").find(({ outcome }) => outcome === "grant")).toMatchObject({ reason: "GRANT_SUPERVISED", with: [9] });
});

test("a supervisor who taps later than 15 s starts nothing for the trainee", async () => {
  const world = await offline();
  await tap(world, sam);
  await world.pass(15_000);
  await tap(world, tia);
  expect(world.machine.state().session?.member).toBe(9);
});

test("two people where two are needed; the spare card of the first does not count (S32)", async () => {
  const world = await offline({ facts: { ...laserFacts, twoPerson: "always" } });
  await tap(world, cards.good);
  await tap(world, bob);
  expect(world.machine.state().session).toMatchObject({ member: 1, permit: { buddy: 5 } });
  world.hardware.greenButton();
  await world.pass(3000);
  await tap(world, bob); // the second person leaves
  expect(world.machine.state().session?.missed).toEqual(["buddy"]);
  await tap(world, max);
  expect(world.machine.state().session).toMatchObject({ missed: [], permit: { buddy: 8 } });
  await world.pass(310_000);
  expect(world.hardware.state.relay).toBe(true);
});

test("a lease is renewed in the name of everybody who is there", async () => {
  const lease = { ...laserFacts.lease, leaseMs: 60_000 };
  const world = await offline({ facts: { ...laserFacts, twoPerson: "always", lease } });
  await tap(world, cards.good);
  await tap(world, bob);
  world.hardware.greenButton();
  await world.pass(200_000);
  expect(world.machine.state().kind).toBe("on_idle");
  expect(world.hardware.state.said).not.toContain("lease_ends");
});

test("a second person who is not replaced in 5 min ends the session when the machine is idle", async () => {
  const world = await offline({ facts: { ...laserFacts, twoPerson: "always" } });
  await tap(world, cards.good);
  await tap(world, bob);
  world.hardware.greenButton();
  world.hardware.state.powerW = 400;
  await world.pass(10_000);
  await tap(world, bob);
  await world.pass(300_000);
  expect(world.machine.state().kind).toBe("stopping");
  expect(world.hardware.state.relay).toBe(true);
  world.hardware.state.powerW = 20;
  await world.pass(60_000);
  expect(world.hardware.state.relay).toBe(false);
});

test("teach and sign off with two cards in four gestures, within 20 s, without the hub; undone by the same pair", async () => {
  const world = await offline();
  const began = world.clock.monoMs();
  await hold(world, tia);
  await tap(world, cards.untrained);
  expect(world.machine.state().session).toMatchObject({ member: 2, permit: { supervisor: 9 }, wants: "teach" });
  await tap(world, tia);
  await tap(world, cards.untrained);
  expect(world.clock.monoMs() - began).toBeLessThan(20_000);
  expect(world.hardware.state.said).toContain("signed_off");
  await hold(world, tia);
  await tap(world, cards.untrained);
  expect(world.hardware.state.said).toContain("sign_off_undone");
  const all = await recorded(world);
  expect(of(all, "mach.signed_off")).toMatchObject([
    { member: 2, trainer: 9, undone: false },
    { member: 2, trainer: 9, undone: true },
  ]);
});

test("a student without the trainer gets nothing, and a session that has worked is signed off by the hold", async () => {
  const world = await offline();
  await tap(world, cards.untrained);
  expect(world.hardware.state.relay).toBe(false);
  await hold(world, tia);
  await tap(world, cards.untrained);
  world.hardware.greenButton();
  world.hardware.state.powerW = 400;
  await world.pass(30_000);
  expect(world.machine.state().kind).toBe("busy");
  await hold(world, tia);
  await tap(world, cards.untrained);
  expect(world.machine.state().kind).toBe("busy");
  expect(of(await recorded(world), "mach.signed_off")).toHaveLength(1);
});

test("no student goes on with a lesson that its trainer has left", async () => {
  const world = await offline();
  await hold(world, tia);
  await tap(world, cards.untrained);
  world.hardware.greenButton();
  await world.pass(70_000); // no longer new: the trainer's tap means leaving
  await tap(world, tia);
  await world.pass(4000); // a hold could still follow
  expect(world.machine.state().kind).toBe("grace");
  await tap(world, cards.untrained);
  expect(world.machine.state().kind).toBe("grace");
  await world.pass(130_000);
  expect([world.machine.state().kind, world.hardware.state.relay]).toEqual(["off", false]);
});

test("a lesson and a maintainer's work that fell idle go on with the tap of whoever they belong to", async () => {
  const idleSoon = { ...laserFacts, lease: { ...laserFacts.lease, idleMs: 30_000 } };
  const world = await offline({ facts: idleSoon });
  await hold(world, tia);
  await tap(world, cards.untrained);
  world.hardware.greenButton();
  await world.pass(40_000);
  expect(world.machine.state().kind).toBe("grace");
  await tap(world, cards.untrained);
  expect(world.machine.state()).toMatchObject({ kind: "on_idle", session: { wants: "teach" } });
  await world.pass(130_000);
  expect(world.machine.state().kind).toBe("off");
  await tap(world, cards.untrained); // alone, and no lesson to go on with
  expect(world.hardware.state.relay).toBe(false);

  const locked = await machineWorld({ people, facts: idleSoon });
  const lockouts = [{ ch, kind: "maintenance" as const, mode: "when_idle" as const, reason: "new lens" }];
  locked.bus.say("restrictions", [], { version: 1, lockouts, revoked: [] });
  locked.bus.refuse(true);
  locked.bus.cut();
  await locked.pass(10_000);
  await confirm(locked, max);
  locked.hardware.greenButton();
  await locked.pass(40_000);
  expect(locked.machine.state().kind).toBe("grace");
  await tap(locked, max);
  expect(locked.machine.state()).toMatchObject({ kind: "on_idle", session: { wants: "maintain" } });
});

test("the trainer's tap ends the lesson after the work (S33)", async () => {
  const world = await offline();
  await hold(world, tia);
  await tap(world, cards.untrained);
  world.hardware.greenButton();
  world.hardware.state.powerW = 400;
  await world.pass(70_000);
  await tap(world, tia);
  await world.pass(4000);
  expect(world.machine.state().kind).toBe("stopping");
});

test("a machine is handed over while it works: the owner's tap answers the newcomer's", async () => {
  const world = await offline({ facts: { ...laserFacts, sharing: "handover" } });
  await tap(world, cards.good);
  world.hardware.greenButton();
  world.hardware.state.powerW = 400;
  await world.pass(30_000);
  await tap(world, bob);
  expect(world.hardware.state.said).toContain("AWAIT_HANDOVER");
  expect(world.machine.state().session?.member).toBe(1);
  await tap(world, cards.good);
  expect(world.machine.state()).toMatchObject({ kind: "busy", session: { member: 5 } });
  expect(world.hardware.state.changes).toBe(1);
  const all = await recorded(world);
  expect(of(all, "mach.session_closed")[0]).toMatchObject({ reason: "handed_over" });
  const runs = of(all, "mach.run_started");
  expect(new Set(runs.map(({ session }) => session)).size).toBe(2);
  expect(of(all, "mach.run_ended")[0]?.session).toBe(runs[0]?.session);
});

const checked = { ...laserFacts, check: "next_user" as const };
/** Somebody has used the machine and gone; the node starts anew, and a check is due. */
async function used(): Promise<World> {
  const files = createMemoryFiles();
  const first = await offline({ facts: checked, files });
  await tap(first, cards.good);
  first.hardware.greenButton();
  await first.pass(5000);
  await tap(first, cards.good);
  await first.pass(100_000);
  expect(first.hardware.state.relay).toBe(false);
  await first.machine.stop();
  return offline({ facts: checked, files, seed: 7 });
}

test("a check that is due survives a restart, and the next user accepts it with a second tap", async () => {
  const world = await used();
  await tap(world, bob);
  expect(world.hardware.state).toMatchObject({ relay: false });
  expect(world.hardware.state.said.at(-1)).toBe("NEEDS_CHECK");
  await tap(world, bob);
  expect(world.machine.state().session?.member).toBe(5);
  expect(of(await recorded(world), "mach.checked")).toEqual([{ kind: "mach.checked", member: 5, accepted: true }]);
});

test("a machine sent back by a hold is for the one who left it so, and is checked again afterwards", async () => {
  const world = await used();
  await hold(world, bob); // pending at the tap, sent back by the hold
  expect(world.hardware.state.said.slice(-2)).toEqual(["NEEDS_CHECK", "sent_back"]);
  await tap(world, bob);
  await tap(world, bob);
  expect(world.hardware.state.relay).toBe(false);
  await tap(world, cards.good);
  expect(world.machine.state().session?.member).toBe(1);
  world.hardware.greenButton();
  await world.pass(5000);
  await tap(world, cards.good);
  await world.pass(100_000);
  await tap(world, bob);
  expect(world.hardware.state.said.at(-1)).toBe("NEEDS_CHECK");
  expect(of(await recorded(world), "mach.checked")).toEqual([{ kind: "mach.checked", member: 5, accepted: false }]);
});

test("a member's report blocks the machine without the hub and over a restart, until a maintainer has looked", async () => {
  const files = createMemoryFiles();
  const first = await offline({ files });
  await tap(first, cards.good);
  first.hardware.pressOops();
  expect(first.hardware.state.relay).toBe(false);
  await first.machine.stop();
  const world = await offline({ files, seed: 7 });
  await tap(world, cards.good);
  expect(world.hardware.state.said.at(-1)).toBe("OUT_OF_ORDER");
  await hold(world, bob);
  await tap(world, cards.good);
  expect(world.hardware.state.relay).toBe(false);
  await confirm(world, max);
  await tap(world, cards.good);
  expect(world.hardware.state.relay).toBe(true);
  expect(of(await recorded(world), "mach.reset")).toEqual([{ kind: "mach.reset", member: 8 }]);
});

test("a welded contactor is left in two steps without a restart: a maintainer's hold when it is mended, and the desk's word", async () => {
  for (const order of ["hold first", "desk first"]) {
    const world = await machineWorld({ people });
    world.hardware.state.powerW = 300;
    await world.pass(5000);
    expect(world.machine.state().kind).toBe("fault_welded");
    const lockouts = [{ ch, kind: "fault" as const, mode: "immediate" as const, reason: "current while it is off" }];
    world.bus.say("restrictions", [], { version: 1, lockouts, revoked: [] });
    await confirm(world, max); // not mended yet
    world.hardware.state.powerW = 0;
    await world.pass(3000);
    if (order === "hold first") await confirm(world, max);
    world.bus.say("restrictions", [], { version: 2, lockouts: [], revoked: [] });
    await settled();
    if (order === "desk first") {
      expect(world.machine.state().kind).toBe("fault_welded");
      await confirm(world, max);
    }
    expect(world.machine.state().kind).toBe("off");
    await world.pass(10_000);
    await tap(world, cards.good);
    expect(world.hardware.state.relay).toBe(true);
  }
});

test("accessories follow the permit (S31)", async () => {
  const accessories = [
    { accessory: "rotary", label: "Rotary axis" },
    { accessory: "camera", label: "Camera" },
  ];
  const rotaryOnly = { ...goodMember, accessories: { camera: { level: "none", untilMs: null } } } satisfies SubjectFacts;
  const world = await offline({
    facts: { ...laserFacts, accessories },
    accessories: ["rotary", "camera"],
    people: [{ card: bob, member: 5, facts: rotaryOnly }],
  });
  await tap(world, bob);
  expect([...world.hardware.accessories]).toEqual(["rotary"]);
  await world.pass(3000);
  await tap(world, bob);
  expect([...world.hardware.accessories]).toEqual([]);
});

test("a job that its controller reports outlives the tap-out and ends cold (S34)", async () => {
  const facts = { ...laserFacts, attendance: "unattended_ok" as const, cutHazard: true };
  const world = await offline({ facts, settings: { profile: "fdm" } });
  await tap(world, cards.good);
  world.hardware.greenButton();
  world.hardware.report("running", 205);
  await world.pass(5000);
  await tap(world, cards.good);
  expect(world.machine.state()).toMatchObject({ kind: "busy", session: { unattended: true } });
  world.hardware.report("complete", 62);
  await world.pass(60_000);
  expect(world.hardware.state.relay).toBe(true);
  world.hardware.report("complete", 50);
  expect(world.hardware.state.relay).toBe(false);
  expect(of(await recorded(world), "mach.session_closed")[0]?.reason).toBe("job_complete");
});

test("warnings come before the space closes, and the work is not cut when it does", async () => {
  const closes = { intervals: [{ weekday: 1, startMin: 0, endMin: 15 * 60 + 30 }], special: [] }; // 15:30 in Riga; it is 15:00
  const always = { ...goodMember, always: false };
  const world = await machineWorld({
    facts: { ...laserFacts, openingHours: closes },
    people: [{ card: bob, member: 5, facts: always }],
  });
  await tap(world, bob);
  world.hardware.greenButton();
  world.hardware.state.powerW = 400;
  for (let left = 0; left < 10; left += 1) {
    await world.pass(179_000);
    if (world.machine.state().session?.asked === true) await tap(world, bob);
  }
  expect(world.hardware.state.said).toEqual(expect.arrayContaining(["ends_in_15", "ends_in_5", "ends_in_2"]));
  await world.pass(60_000);
  expect(world.machine.state()).toMatchObject({ kind: "stopping", session: { member: 5 } });
  expect(world.hardware.state.relay).toBe(true);
});

test("constants come in layers: the register, the kind of machine and its class, the node's file, the hub's word", async () => {
  const settings = { profile: "laser", stopWarnMs: 20_000, companionMs: 60_000 } as const;
  const world = await machineWorld({ settings });
  const config = () => configOf({ ports: world.ports, hardware: world.hardware.ports, ch, settings, fw: "0", hw: "memory" }, world.node);
  expect(config()).toMatchObject({
    chatterMs: 5000,
    fireWatchMs: 600_000,
    stillHereMs: 1_200_000,
    stopWarnMs: 20_000,
    companionMs: 60_000,
  });
  world.bus.say("nodeConfig", [], {
    version: 1,
    channels: [{ ch, resource: "laser", settings: { companionMs: 120_000, chatterMs: 8000 } }],
  });
  await settled();
  expect(config()).toMatchObject({ chatterMs: 8000, stopWarnMs: 20_000, companionMs: 120_000 });
});
