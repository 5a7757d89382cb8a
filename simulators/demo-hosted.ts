/**
 * The devices that the simulated space had before Koprade: one of each family that can be hosted, behind five machines and a door.
 * What each is called, and the space's own entries for them; the devices themselves are in foreign/fleet.ts.
 */
import { cycleProfiles } from "#core";
import { type HostedDeviceFile, type HostedFile, passwordHash } from "../hub/host/hosted-file.ts";
import { hostFolder, writeHosted } from "../hub/host/hosted-folder.ts";
import { nodeKeysText } from "../hub/ledger/keys.ts";
import type { Ledger } from "../hub/ledger/types.ts";
import type { Stack } from "../hub/stack.ts";
import { nextClass, simulatedWiring } from "./demo-space.ts";
import type { FleetReach } from "./foreign/fleet.ts";
import { espRfidIp, fleetDoor, fleetMachines, fleetNames, gatewayMap, holdS, tagOf } from "./foreign/fleet-names.ts";
import { cast, type Person } from "./people.ts";

const by = "hub:demo";

/** Writes the space's entries once; a folder that has them already stays as it is. What depends on nothing is written at once. */
export async function furnishHosted({ change, read }: Ledger): Promise<void> {
  if (read.node(fleetDoor.node) !== undefined) return;
  await Promise.all([
    change.addCourse({ course: "saw", label: "Drill and saw" }, by),
    ...[fleetDoor, ...fleetMachines].map(({ node, label }) => change.addNode({ node, kind: "hosted", label }, by)),
  ]);
  await Promise.all([
    change.addDoor({ door: fleetDoor.id, node: fleetDoor.node, ch: "door", label: fleetDoor.label, failMode: "secure" }, by),
    ...fleetMachines.map(({ id: machine, node, label, kind }) =>
      change.addMachine({ machine, node, ch: "machine", label, course: kind, ...whatOf[kind] }, by),
    ),
  ]);
  const members = read.members({ limit: 1000 });
  const trainer = members.find(({ displayName }) => displayName.includes("(trainer)"));
  const settle = ({ name, card, trainedFor }: Person): Promise<unknown>[] => {
    const member = members.find(({ displayName }) => displayName === name)?.member;
    if (member === undefined) return [];
    const isTrained = trainedFor.includes("saw") && trainer !== undefined;
    return [
      change.assignCard({ member, card: { number: `iso14443a:${tagOf(card)}` }, label: "white card" }, by),
      ...(isTrained ? [change.grantTraining({ member, course: "saw", signedOffBy: trainer.member }, by)] : []),
    ];
  };
  await Promise.all([
    ...fleetMachines.flatMap(({ id }) => [
      change.takeOver({ resource: id, reason: simulatedWiring }, by),
      change.setNextStep({ resource: id, code: "TRAINING_MISSING", text: nextClass }, by),
    ]),
    ...cast.flatMap(settle),
  ]);
}

const { saw, fdm } = cycleProfiles;
const whatOf = {
  saw: { riskClass: "B", cutHazard: false, settings: { profile: "saw", onW: saw.onW, offW: saw.offW } },
  printer: {
    riskClass: "C",
    cutHazard: true,
    attendance: "unattended_ok",
    settings: { profile: "fdm", onW: fdm.onW, offW: fdm.offW },
  },
} as const;

/** Writes what `koprade node adopt` would: a folder for each hosted node, with keys that are new at each start. */
export async function adoptFleet(stack: Stack, reach: FleetReach, password: string): Promise<void> {
  const { ledger, tls, config, broker } = stack;
  for (const file of filesOf(reach, passwordHash(password))) {
    const { secret } = await ledger.change.renewNodeSecret({ node: file.node }, by);
    const row = ledger.read.node(file.node) ?? { node: file.node, macSerial: 0 };
    writeHosted({
      folder: hostFolder(stack.dir),
      file: { ...file, site: config.site, hub: { url: `mqtts://127.0.0.1:${broker?.ports.tls ?? 0}`, caFile: "ca.crt" } },
      keys: nodeKeysText(ledger.keys, row, secret, ledger.read.site().cardGeneration),
      caPem: tls?.caPem ?? null,
    });
  }
}

type Row = Omit<HostedDeviceFile, "channel" | "options" | "secretHash"> & { readonly options?: HostedDeviceFile["options"] };
const { drill, ender, voron, prusa, bambu, door } = fleetNames;

function filesOf(reach: FleetReach, secretHash: string): Omit<HostedFile, "site" | "hub">[] {
  const comes = (row: Row): HostedDeviceFile => ({ channel: 0, options: {}, ...row, secretHash });
  const isAsked = (row: Row): HostedDeviceFile => ({ ...comes(row), secretHash: null });
  const reader = (name: string) => comes({ account: name, family: "tasmota", name, parts: ["reader"] });
  const plugParts = ["relay", "meter"] as const;
  const plug = (family: string, account: string, name = account) => comes({ account, family, name, parts: [...plugParts] });
  const machine = (at: number, devices: HostedDeviceFile[]): Omit<HostedFile, "site" | "hub"> => {
    const { node = "", kind } = fleetMachines[at] ?? {};
    return { node, kind: "machine", ch: "machine", permit: kind === "printer" ? "latching" : "hold", deadManS: holdS, devices };
  };
  const bambuOptions = { serial: reach.bambu.serial, accessCode: reach.bambu.accessCode, fingerprint: reach.bambu.fingerprint };
  return [
    machine(0, [plug("tasmota", drill.plug), reader(drill.reader)]),
    machine(1, [
      plug("shelly-gen1", ender.plug),
      reader(ender.reader),
      comes({ account: ender.printer, family: "octoprint", name: ender.printer, parts: ["controller"] }),
    ]),
    machine(2, [
      plug("shelly-gen2", voron.plug),
      reader(voron.reader),
      comes({ account: voron.printer, family: "moonraker", name: voron.printer, parts: ["controller"] }),
    ]),
    machine(3, [
      comes({ account: prusa.plug, family: "esphome", name: prusa.plug, parts: ["relay", "reader"] }),
      comes({
        ...{ account: prusa.gateway, family: "json-path", name: prusa.gateway, parts: ["meter"] },
        options: { map: JSON.stringify(gatewayMap) },
      }),
      isAsked({
        ...{ account: "prusalink", family: "prusalink", name: reach.prusaLink.url, parts: ["controller"] },
        options: { password: reach.prusaLink.password },
      }),
    ]),
    machine(4, [
      plug("zigbee2mqtt", "zigbee2mqtt", bambu.plug),
      reader(bambu.reader),
      isAsked({
        ...{ account: "bambu", family: "bambu", name: "127.0.0.1", parts: ["controller"] },
        options: { ...bambuOptions, port: String(reach.bambu.port) },
      }),
    ]),
    {
      ...{ node: fleetDoor.node, kind: "door", ch: "door", permit: "hold", deadManS: holdS },
      devices: [comes({ account: door, family: "esp-rfid", name: door, parts: ["door"], options: { ip: espRfidIp } })],
    },
  ];
}
