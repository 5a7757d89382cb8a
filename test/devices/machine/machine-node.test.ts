import { expect, test } from "vitest";
import type { EventBody } from "#contract";
import { cardKeyOf } from "../../../devices/kit/authorise.ts";
import { createMemoryJournal, type Journal } from "../../../devices/kit/journal.ts";
import { createMemoryFiles } from "../../../devices/kit/node-files.ts";
import { cards, extraCard, laserFacts, settled, virtualClock } from "../kit/world.ts";
import { ch, hub, machineWorld } from "./machine-world.ts";

type World = Awaited<ReturnType<typeof machineWorld>>;
/** Confirms what the node sends until it has nothing left; answers all bodies of the machine's channel. */
async function bodies(world: World): Promise<EventBody[]> {
  for (let i = 0; i < 60 && world.node.outbox.depth() > 0; i += 1) {
    world.clock.advance(40);
    const last = world.bus.last("events")?.body.events.at(-1);
    if (last !== undefined) world.bus.say("eventAck", [], { boot: last.boot, upTo: last.seq });
    await settled();
  }
  const events = world.bus.heard.flatMap((message) => (message.topic === "events" ? message.body.events : []));
  const once = new Map(events.map((event) => [event.seq, event])); // the outbox delivers at least once
  return [...once.values()].filter((event) => event.ch === ch).map((event) => event.body);
}
const of = <K extends EventBody["kind"]>(all: readonly EventBody[], kind: K) =>
  all.filter((body): body is Extract<EventBody, { kind: K }> => body.kind === kind);
/** A member taps, presses the green button and works. */
async function working(world: World, powerW = 400) {
  world.hardware.tap(cards.good);
  expect(world.hardware.state.relay).toBe(true);
  world.hardware.greenButton();
  await world.pass(5000);
  world.hardware.state.powerW = powerW;
  await world.pass(30_000);
  expect(world.machine.state().kind).toBe("busy");
}

test("a trained member's session: permit, power, busy, idle, tap-out, grace, off, with the meter's energy", async () => {
  const world = await machineWorld();
  await working(world);
  const counter = world.hardware.state.energyWh;
  expect(counter).toBeGreaterThan(100);
  world.hardware.state.powerW = 20;
  await world.pass(30_000);
  expect(world.machine.state().kind).toBe("on_idle");
  world.hardware.tap(cards.good);
  expect(world.machine.state().kind).toBe("grace");
  await world.pass(91_000);
  expect(world.hardware.state).toMatchObject({ relay: false, powered: false, changes: 2 });
  const all = await bodies(world);
  expect(of(all, "access.decided")[0]).toMatchObject({ outcome: "grant", member: 1 });
  expect(of(all, "mach.session_started")).toHaveLength(1);
  expect(of(all, "mach.run_started")).toHaveLength(1);
  expect(of(all, "mach.run_ended")).toHaveLength(1);
  const closed = of(all, "mach.session_closed")[0];
  expect(closed?.reason).toBe("tap_out");
  expect(closed?.energyWh).toBeCloseTo(world.hardware.state.energyWh - 100, 1);
  const batches = world.bus.heard.filter((message) => message.topic === "channelTelemetry");
  expect(batches.length).toBeGreaterThan(10);
});

test("an untrained member gets TRAINING_MISSING and no power", async () => {
  const world = await machineWorld();
  world.hardware.tap(cards.untrained);
  expect(world.hardware.state).toMatchObject({ relay: false, changes: 0 });
  expect(of(await bodies(world), "access.decided")[0]).toMatchObject({ outcome: "deny", reason: "TRAINING_MISSING" });
  expect(world.hardware.state.said).toContain("TRAINING_MISSING");
});

test("a running machine survives the hub's death, a denied tap and a hundred lost connections", async () => {
  const world = await machineWorld();
  await working(world);
  world.hardware.tap(cards.untrained);
  await world.pass(2000);
  world.hardware.tap(cards.unknown);
  await world.pass(4000);
  world.bus.say("hubState", [], { state: "offline", epoch: 1 });
  for (let i = 0; i < 100; i += 1) {
    world.bus.cut();
    await world.pass(1500);
  }
  expect(world.machine.state().kind).toBe("busy");
  expect(world.hardware.state).toMatchObject({ relay: true, changes: 1 });
  expect(world.restarts).toEqual([]);
});

test("permission that ends in mid-work lets the work finish, then takes the power away", async () => {
  const world = await machineWorld();
  await working(world);
  await world.give({ without: [cards.good] });
  const { nonce } = world.bus.last("accessRequest")?.body ?? { nonce: "" }; // gone from the snapshot: only the hub knows why
  const display = { key: "refused", params: {} };
  const about = { nonce, decision: "01J00000000000000000000000", also: [], member: 1, display, permit: null, pendingMs: null };
  world.bus.say("accessResponse", [], {
    ...about,
    outcome: "deny",
    reason: "TRAINING_SUSPENDED",
    boot: world.node.boot,
    conn: world.node.link.conn(),
  });
  await world.pass(5000);
  expect(world.machine.state().kind).toBe("stopping");
  expect(world.hardware.state.relay).toBe(true);
  world.hardware.state.powerW = 20;
  await world.pass(60_000);
  expect(world.hardware.state.relay).toBe(false);
  expect(of(await bodies(world), "mach.session_closed")[0]?.reason).toBe("permission_ended");
});

test("a lockout from the hub ends an idle machine soon, and a new start is refused while it holds", async () => {
  const world = await machineWorld();
  world.hardware.tap(cards.good);
  world.hardware.greenButton();
  await world.pass(5000);
  world.bus.say("restrictions", [], {
    version: 1,
    lockouts: [{ ch, kind: "maintenance", mode: "when_idle", reason: "belt" }],
    revoked: [],
  });
  await world.pass(40_000);
  expect(world.hardware.state.relay).toBe(false);
  world.hardware.tap(cards.good);
  await world.pass(1000);
  expect(world.hardware.state.relay).toBe(false);
  expect(of(await bodies(world), "access.decided").at(-1)).toMatchObject({ outcome: "deny", reason: "LOCKED_OUT" });
});

test("a lease is renewed without anybody noticing for as long as the member may", async () => {
  const facts = { ...laserFacts, lease: { ...laserFacts.lease, leaseMs: 60_000 } };
  const world = await machineWorld({ facts });
  await working(world);
  for (let i = 0; i < 5; i += 1) {
    await world.pass(50_000);
    world.bus.say("hubTime", [], { hubMs: world.clock.nowMs(), quality: "synced" });
  }
  expect(world.machine.state().kind).toBe("busy");
  expect(world.hardware.state.changes).toBe(1);
});

test("the relay waits for the record, and an unwritable disk enables nothing", async () => {
  const waiting: ((error: Error | null) => void)[] = [];
  const journal: Journal = { ...createMemoryJournal(), sync: (done) => void waiting.push(done) };
  const world = await machineWorld({ journal });
  world.hardware.tap(cards.good);
  expect(world.hardware.state.relay).toBe(false);
  for (const done of waiting.splice(0)) done(new Error("ENOSPC"));
  expect(world.hardware.state).toMatchObject({ relay: false, changes: 0 });
  await world.pass(15_000);
  expect(world.machine.state().session).toBeNull();
});

test("a restart gives no power back: the permit is off until somebody is authorised anew", async () => {
  const files = createMemoryFiles();
  const clock = virtualClock();
  const first = await machineWorld({ files, clock });
  await working(first);
  const second = await machineWorld({ files, clock, seed: 3 });
  await second.pass(10_000);
  expect(second.hardware.state).toMatchObject({ relay: false, changes: 0 });
  expect(second.machine.state().kind).toBe("off");
});

const latching: typeof laserFacts = { ...laserFacts, cutHazard: true, attendance: "unattended_ok" };
test.each([
  ["a cut does no harm", { cutHazard: false }],
  ["somebody has to watch", { attendance: "attended" }],
  ["somebody has to watch later on", { attendance: "unattended_after_start" }],
] as const)("latching (a): a latching permit is refused with one sentence where %s, until the hub says otherwise", async (_why, change) => {
  const world = await machineWorld({ pulse: true, facts: { ...latching, ...change } });
  const told = () => world.log.lines.filter(({ level }) => level === "error").map(({ sentence }) => sentence);
  expect(told()).toEqual([expect.stringMatching(/^laser-1: a latching permit .* only; say so at the hub, or wire a relay/)]);
  world.hardware.tap(cards.good);
  await world.pass(5000);
  expect(world.hardware.state).toMatchObject({ presses: [], said: expect.arrayContaining(["DEVICE_FAULT"]) });
  await world.give({ facts: latching });
  world.hardware.tap(cards.good);
  await world.pass(5000);
  expect(world.hardware.state.presses).toEqual(["start"]);
  expect(told()).toHaveLength(1);
});

test("latching (a): what runs already is not cut by a change of the policy, and is started by nobody afterwards", async () => {
  const world = await machineWorld({ pulse: true, facts: latching });
  world.hardware.tap(cards.good);
  await world.pass(5000);
  world.hardware.state.powerW = 400;
  await world.pass(30_000);
  await world.give({ facts: { ...latching, cutHazard: false } });
  await world.pass(60_000);
  expect(world.machine.state().kind).toBe("stopping");
  expect(world.hardware.state).toMatchObject({ powered: true, presses: ["start"] });
});

test("a latching machine's session goes on over a restart of the node, and its contactor is not touched", async () => {
  const files = createMemoryFiles();
  const options = { pulse: true, files, facts: { ...latching, riskClass: "C" as const } };
  const first = await machineWorld(options);
  first.hardware.tap(cards.good);
  await first.pass(5000);
  expect(first.hardware.state).toMatchObject({ presses: ["start"], powered: true });
  const session = first.machine.state().session?.session;
  expect(session).toBeDefined();
  const second = await machineWorld({ ...options, powered: true, seed: 3 });
  await second.pass(10_000);
  expect(second.hardware.state).toMatchObject({ presses: [], powered: true });
  expect(second.machine.state().session).toMatchObject({ session, provisional: true, member: 1 });
});

test("a latching machine found on without a session is reported, not stopped", async () => {
  const world = await machineWorld({ pulse: true, powered: true, facts: latching });
  await world.pass(5000);
  expect(world.machine.state().kind).toBe("bypassed");
  expect(world.hardware.state.presses).toEqual([]);
  expect(of(await bodies(world), "mach.manual_bypass")[0]).toMatchObject({ on: true, cause: "unowned_power" });
});

test("a meter that falls silent is unknown, not idle: nothing is cut", async () => {
  const world = await machineWorld();
  await working(world);
  world.hardware.state.meterOk = false;
  await world.pass(120_000);
  expect(world.hardware.state).toMatchObject({ relay: true, changes: 1 });
  const samples = world.bus.heard.flatMap((message) => (message.topic === "channelTelemetry" ? message.body.powerW : []));
  expect(samples.at(-1)).toBeNull();
  expect(of(await bodies(world), "mach.meter_lost").length).toBe(1);
});

test("a meter that is back is believed once low power has lasted, and the machine can be left again", async () => {
  const world = await machineWorld();
  await working(world);
  world.hardware.state.powerW = 20;
  await world.pass(30_000);
  expect(world.machine.state().kind).toBe("on_idle");
  world.hardware.state.meterOk = false;
  await world.pass(6000);
  expect(world.machine.state()).toMatchObject({ kind: "busy", busy: "unknown" });
  world.hardware.state.meterOk = true;
  await world.pass(10_000);
  expect(world.machine.state().kind).toBe("busy"); // a pause in work would look the same
  await world.pass(15_000);
  expect(world.machine.state()).toMatchObject({ kind: "on_idle", busy: "idle" });
});

test("a latching machine at work is busy, however soon after the session before", async () => {
  const world = await machineWorld({ pulse: true, facts: latching, settings: { minOffMs: 300_000, busyHoldMs: 300_000 } });
  world.hardware.tap(cards.good);
  await world.pass(5000);
  world.hardware.state.powerW = 400;
  await world.pass(30_000);
  world.hardware.setPowered(false); // the machine's own red button
  await world.pass(1000);
  world.hardware.tap(cards.good);
  await world.pass(100_000);
  expect(world.machine.state().kind).toBe("off");
  world.hardware.tap(cards.good);
  await world.pass(1000);
  world.hardware.state.powerW = 400;
  await world.pass(5000);
  expect(world.machine.state()).toMatchObject({ kind: "busy", busy: "busy" });
});

test("a board that dies takes the permit with it and does not bring it back", async () => {
  const world = await machineWorld();
  world.hardware.tap(cards.good);
  world.hardware.greenButton();
  await world.pass(5000);
  world.hardware.state.relay = false; // what losing its board does to a held relay
  world.hardware.board("lost");
  await world.pass(1000);
  expect(world.machine.isPermitted()).toBe(false);
  expect(world.machine.state().session).toBeNull(); // a session without power is none: no tap may go on with it
  world.hardware.board("ready");
  await world.pass(6000);
  expect(world.hardware.state.relay).toBe(false);
  world.hardware.tap(cards.good);
  expect(world.hardware.state.relay).toBe(true); // a new grant, a new permit
  expect(of(await bodies(world), "mach.session_closed")[0]?.reason).toBe("power_lost");
});

test("an unattended job outlives its lease while the hub is away, a pause of the work included", async () => {
  const lease = { ...laserFacts.lease, leaseMs: 60_000 };
  const facts = { ...laserFacts, attendance: "unattended_ok" as const, offline: "deny" as const, lease };
  const world = await machineWorld({ facts });
  await working(world);
  world.bus.refuse(true);
  world.bus.cut();
  await world.pass(120_000);
  expect(world.machine.state().kind).toBe("busy");
  world.hardware.state.powerW = 20; // changes the filament
  await world.pass(60_000);
  world.hardware.state.powerW = 400;
  await world.pass(60_000);
  expect(world.machine.state().kind).toBe("busy");
  expect(world.hardware.state).toMatchObject({ relay: true, changes: 1 });
});

/** A session ends, and somebody else taps before the contactor has rested: granted now, energised some seconds later. */
async function waitingForTheContactor(world: World) {
  await world.give({ extra: 1 });
  world.hardware.tap(cards.good);
  await world.pass(4000);
  world.hardware.tap(cards.good);
  expect(world.hardware.state.relay).toBe(false);
  await world.pass(500);
  world.hardware.tap(extraCard(0));
  expect(world.machine.state().kind).toBe("anc_start");
}

test("a session that had to wait for the contactor rests on its own member's card, not on the one before", async () => {
  const world = await machineWorld();
  await waitingForTheContactor(world);
  await world.pass(6000);
  expect(world.machine.state().session?.member).toBe(100);
  const revoke = (version: number, ...numbers: string[]) =>
    world.bus.say("restrictions", [], { version, lockouts: [], revoked: numbers.map((number) => cardKeyOf(hub.keys.card, number)) });
  revoke(1, cards.good);
  await world.pass(61_000);
  expect(world.hardware.state.relay).toBe(true);
  revoke(2, cards.good, extraCard(0));
  await world.pass(500);
  expect(world.hardware.state.relay).toBe(false);
});

test("a lockout or a revocation that arrives between grant and permit keeps the machine off", async () => {
  for (const news of [
    { lockouts: [{ ch, kind: "maintenance" as const, mode: "when_idle" as const, reason: "hands inside" }], revoked: [] },
    { lockouts: [], revoked: [cardKeyOf(hub.keys.card, extraCard(0))] },
  ]) {
    const world = await machineWorld();
    await waitingForTheContactor(world);
    const { changes } = world.hardware.state;
    world.bus.say("restrictions", [], { version: 1, ...news });
    await world.pass(20_000);
    expect(world.hardware.state).toMatchObject({ relay: false });
    expect(world.machine.state().session).toBeNull();
    if (news.lockouts.length > 0) expect(world.hardware.state.changes).toBe(changes);
  }
});

test("a lockout that is lifted and set again ends the session a second time", async () => {
  const world = await machineWorld();
  world.hardware.tap(cards.good);
  world.hardware.greenButton();
  await world.pass(5000);
  const lockouts = [{ ch, kind: "maintenance" as const, mode: "when_idle" as const, reason: "belt" }];
  world.bus.say("restrictions", [], { version: 1, lockouts, revoked: [] });
  await world.pass(1000);
  expect(world.machine.state().kind).toBe("grace");
  world.bus.say("restrictions", [], { version: 2, lockouts: [], revoked: [] });
  world.hardware.tap(cards.good);
  await world.pass(1000);
  expect(world.machine.state().kind).toBe("on_idle");
  world.bus.say("restrictions", [], { version: 3, lockouts, revoked: [] });
  await world.pass(40_000);
  expect(world.hardware.state.relay).toBe(false);
});

test("strangers who tap until the reader is silenced do not spoil the renewal of a running lease", async () => {
  const facts = { ...laserFacts, lease: { ...laserFacts.lease, leaseMs: 60_000 } };
  const world = await machineWorld({ facts });
  world.hardware.tap(cards.good);
  world.hardware.greenButton();
  await world.pass(15_000);
  for (let i = 0; i < 5; i += 1) {
    world.hardware.tap(cards.untrained);
    await world.pass(2500);
  }
  world.hardware.tap(cards.untrained);
  expect(world.hardware.state.said.at(-1)).toBe("TOO_MANY_ATTEMPTS");
  await world.pass(60_000);
  expect(world.machine.state().kind).toBe("on_idle");
  expect(world.hardware.state.said).not.toContain("lease_ends");
});

test("a permit that its wire refuses leaves no session behind", async () => {
  const world = await machineWorld();
  world.hardware.setPowered(true); // no human act is waited for: as without an auxiliary contact
  world.hardware.state.failure = "no answer";
  world.hardware.tap(cards.good);
  await world.pass(500);
  expect(world.machine.state().session).toBeNull();
  expect(world.hardware.state.said).toContain("INTERNAL_ERROR");
});

test("the samples of a batch that is not full go out with the node's clean end, after its outputs", async () => {
  const world = await machineWorld();
  await working(world);
  const batches = () => world.bus.heard.flatMap((message) => (message.topic === "channelTelemetry" ? [message.body] : []));
  await world.pass(6000);
  const before = batches();
  const [counterWh, sentMono] = [world.hardware.state.energyWh, Number(before.at(-1)?.t0Mono) + 10_000];
  await world.machine.stop();
  const last = batches().slice(before.length);
  expect(last).toHaveLength(1);
  expect(last[0]).toMatchObject({ stepMs: 1000, energyWh: counterWh });
  expect(last[0]?.powerW.length).toBeGreaterThan(0);
  expect(last[0]?.powerW.length).toBeLessThan(10);
  expect(Math.abs(Number(last[0]?.t0Mono) - sentMono)).toBeLessThan(1100);
  expect(world.hardware.state.relay).toBe(false);
});
