/**
 * Every constant of the register that a space may replace, replaced by the real commands on a real ledger, told over the wire's own
 * bytes, and read back where it acts: in the door, the interlock, the reader and the link of the real node programs.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { doorSettings, machineSettings, nodeSettings, siteSettings } from "#contract";
import { type CycleProfile, type DoorConfig, hubDefaults, type InterlockConfig, nodeLinkDefaults, registerWith } from "#core";
import { configOf as doorConfigOf, settingsOf as doorSettingsOf } from "../../devices/door/door-config.ts";
import { dialogueTimesOf, penaltyOf, readerConfigOf } from "../../devices/kit/reader-settings.ts";
import { configOf as machineConfigOf, settingsOf as machineSettingsOf } from "../../devices/machine/interlock-config.ts";
import { profileOf } from "../../devices/machine/settings.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { ledgerPort } from "../../hub/ledger-port.ts";
import { doorWorld } from "../devices/door/door-world.ts";
import { settled, signedSnapshot } from "../devices/kit/world.ts";
import { machineWorld } from "../devices/machine/machine-world.ts";
import { aLedger, temporaryDir } from "../support/ledger.ts";
import { keysOf, keysOfRegister, ofItself } from "../support/register.ts";

const by = "cli:test";
const folder = temporaryDir();
let ledger: Ledger;
const [front, laser] = [
  { door: "front", node: "door-node", ch: "door", label: "Front", failMode: "secure" },
  { machine: "laser", node: "laser-node", ch: "laser-1", label: "Laser", riskClass: "A", cutHazard: true, course: null },
] as const;

beforeAll(async () => {
  ledger = await aLedger(folder.dir);
  await ledger.change.addNode({ node: front.node, kind: "door" }, by);
  await ledger.change.addNode({ node: laser.node, kind: "machine" }, by);
  await ledger.change.addDoor(front, by);
  await ledger.change.addMachine(laser, by);
});
afterAll(async () => {
  await ledger.close();
  folder.remove();
});

type Value = number | string | boolean;
/** For each setting a value within its limits that is not the register's, by `which` end of them. */
function others(schema: z.ZodObject, which: "maximum" | "minimum"): Record<string, Value> {
  const { properties = {} } = z.toJSONSchema(schema) as { properties?: Record<string, Record<string, unknown>> };
  const register = new Map(keysOfRegister());
  const pick = (name: string, type: Record<string, unknown>): Value => {
    const standard = keysOf(name).map((key) => register.get(key));
    if (type.type === "boolean") return standard[0] === undefined ? which === "maximum" : standard[0] !== true;
    if (Array.isArray(type.enum)) return type.enum.findLast((one) => one !== standard[0]) as string;
    if (type.type === "string") return "7/3";
    const [first, second] = which === "maximum" ? [type.maximum, type.minimum] : [type.minimum, type.maximum];
    return (standard.includes(first as number) ? second : first) as number;
  };
  return Object.fromEntries(Object.entries(properties).map(([name, type]) => [name, pick(name, type)]));
}

/** The configuration as the ledger has it now, on its way to a node. */
const configFor = (node: string) => ledger.permissions.nodeConfig(node);

async function theDoor() {
  const world = await doorWorld();
  await world.give(signedSnapshot(world.hub, { node: front.node, ch: front.ch, facts: factsOf("front"), version: 2 }));
  world.bus.say("nodeConfig", [], configFor(front.node));
  await settled();
  const given = { hardware: world.hardware.ports, ch: front.ch };
  const settings = doorSettingsOf(given, world.node);
  return { config: doorConfigOf(given, world.node), ...atReader(settings), node: world.node.times() };
}

async function theLaser() {
  const world = await machineWorld({ facts: factsOf("laser") });
  world.bus.say("nodeConfig", [], configFor(laser.node));
  await settled();
  const { ports } = world.hardware;
  const hardware = { ...ports, ancillary: { set: () => {}, ready: null } };
  const given = { ports: world.ports, hardware, ch: laser.ch, fw: "0", hw: "memory" };
  const settings = machineSettingsOf(given, world.node);
  return { config: machineConfigOf(given, world.node), profile: profileOf(settings), ...atReader(settings), node: world.node.times() };
}

function factsOf(id: string) {
  const row = ledger.read.resource(id);
  if (row === undefined) throw new Error(`${id} is missing`);
  return row.facts;
}

type Settings = Parameters<typeof readerConfigOf>[0];
const atReader = (settings: Settings) => ({
  reader: readerConfigOf(settings),
  penalty: penaltyOf(settings),
  dialogue: dialogueTimesOf(settings),
});

/** What acts, by the names of the settings. */
type Acting = Omit<Awaited<ReturnType<typeof theLaser>>, "config" | "profile"> & {
  config: Partial<InterlockConfig> | DoorConfig;
  profile?: CycleProfile;
};
function byName({ config, reader, penalty, dialogue, node, profile }: Acting): Record<string, unknown> {
  const { ancillary, warnAheadMs } = config as Partial<InterlockConfig>;
  return {
    ...config,
    ...dialogue,
    ...node,
    ...profile,
    readerLostMs: reader.lostMs,
    readerSameCardMs: reader.sameCardMs,
    readerHoldMs: reader.holdMs,
    readerConfirmMs: reader.confirmMs,
    readerDoubleMs: reader.doubleMs,
    readerBeforeBootMs: reader.beforeBootMs,
    readerRemovalMs: reader.removalMs,
    penaltyTries: penalty.tries,
    penaltyWithinMs: penalty.withinMs,
    penaltyMs: penalty.penaltyMs,
    warnAheadMin: warnAheadMs?.map((ms) => ms / 60_000).join("/"),
    ancillaryReadyMs: ancillary?.readyMs,
    ancillaryRunOnMs: ancillary?.runOnMs,
    keepInFire: ancillary?.keepInFire,
  };
}

const replacing = (given: Record<string, Value>) => Object.fromEntries(Object.entries(given).filter(([name]) => !ofItself.includes(name)));
const pickedFrom = (acting: Record<string, unknown>, names: object) =>
  Object.fromEntries(Object.keys(names).map((name) => [name, acting[name]]));

test("a door's settings act in its door, its reader and its conversations", async () => {
  const settings = others(doorSettings, "maximum");
  await ledger.change.setDoor({ door: "front", change: { settings } }, by);
  expect(pickedFrom(byName(await theDoor()), settings)).toEqual(settings);
});

test("a machine's settings act in its interlock, its detector, its reader and its conversations", async () => {
  const settings = others(machineSettings, "maximum");
  await ledger.change.setMachine({ machine: "laser", change: { settings } }, by);
  const wanted = replacing(settings);
  expect(pickedFrom(byName(await theLaser()), wanted)).toEqual(wanted);
});

test("the space's settings act in every node and in the hub; a door's or machine's own win, until they are taken away", async () => {
  const site = others(siteSettings, "minimum");
  await ledger.change.setSite({ settings: site }, by);
  const node = others(nodeSettings, "minimum");
  const doors = async () => byName(await theDoor());
  const lasers = async () => byName(await theLaser());
  for (const acting of [await doors(), await lasers()]) expect(pickedFrom(acting, node)).toEqual(pickedFrom(site, node));
  expect((await lasers())["askLocalMs"]).toBe(site["askSoftMs"]);
  expect((await doors())["preAlarmMs"]).toBe(60_000);

  const none = (of: object) => Object.fromEntries(Object.keys(of).map((name) => [name, null]));
  await ledger.change.setDoor({ door: "front", change: { settings: none(doorSettings.shape) } }, by);
  await ledger.change.setMachine({ machine: "laser", change: { settings: none(machineSettings.shape) } }, by);
  const shared = (of: object) => Object.fromEntries(Object.entries(site).filter(([name]) => name in of));
  expect(pickedFrom(await doors(), shared(doorSettings.shape))).toEqual(shared(doorSettings.shape));
  const atLaser = shared(machineSettings.shape);
  // a leave begins no earlier than a hold may end: the longer of the two acts
  expect(pickedFrom(await lasers(), atLaser)).toEqual({ ...atLaser, leaveMs: Number(site["readerHoldMs"]) + 500 });

  const { settings } = ledgerPort(ledger).registry.site();
  for (const part of [hubDefaults, nodeLinkDefaults]) {
    const given = Object.fromEntries(Object.entries(site).filter(([name]) => name in part));
    expect(registerWith<object>(part, settings)).toEqual({ ...part, ...given });
  }
  await ledger.change.setSite({ settings: none(siteSettings.shape) }, by);
  expect(ledgerPort(ledger).registry.site().settings).toEqual({});
  expect(configFor(front.node)).toMatchObject({ channels: [{ settings: {} }] });
});

test("the fields of a policy act in the facts that travel, and in the door that has them", async () => {
  const times = { leaseMs: 3_600_000, idleMs: 300_000, graceMs: 20_000, enableMs: 45_000 };
  const booking = { mode: "optional", leadMs: 120_000, noShowMs: 240_000 } as const;
  const change = { ...times, minUsefulMs: 60_000, takeoverIdleMs: 30_000, supervisorLimit: 2, offlineMaxAgeMs: 3_600_000, booking };
  await ledger.change.setMachine({ machine: "laser", change }, by);
  const { lease, ...facts } = factsOf("laser");
  expect(lease).toEqual(times);
  expect(facts).toMatchObject({ minUsefulMs: 60_000, takeoverIdleMs: 30_000, supervisorLimit: 2, offlineMaxAgeMs: 3_600_000, booking });
  await ledger.change.setDoor(
    { door: "front", change: { strikeMs: 7000, shuntMs: 40_000, extendedShuntMs: 200_000, offlineMaxAgeMs: 7_200_000 } },
    by,
  );
  expect((await theDoor()).config).toMatchObject({ strikeMs: 7000, shuntMs: 40_000 });
  expect(factsOf("front")).toMatchObject({ offlineMaxAgeMs: 7_200_000, door: { extendedShuntMs: 200_000 } });
});

test("a setting out of its limits, or of another place, is refused in one sentence", async () => {
  const refused = async (work: Promise<unknown>) => String(await work.catch((error: Error) => error.message));
  expect(await refused(ledger.change.setDoor({ door: "front", change: { settings: { preAlarmMs: 90_000 } } }, by))).toMatch(
    /^setDoor: change\.settings: preAlarmMs: Too big: expected number to be <=60000/,
  );
  expect(await refused(ledger.change.setMachine({ machine: "laser", change: { settings: { relockOpenMs: 5 } } }, by))).toMatch(
    /relockOpenMs: a machine has no such setting; hub\/README\.md lists them/,
  );
  expect(await refused(ledger.change.setSite({ settings: { lock: "motor" } }, by))).toMatch(/lock: a site has no such setting/);
  expect(await refused(ledger.change.addDoor({ ...front, door: "back", settings: { penaltyTries: 0 } }, by))).toMatch(
    /penaltyTries: Too small/,
  );
});
