/**
 * Three printers, over the real listener, a real mosquitto of the space's own, host and hub, with every word said twice: one behind
 * OctoPrint and a Tasmota plug, whose job is the printer's word; one that nothing tells of but its Shelly plug; one behind Moonraker that
 * fails. Their owner leaves; hub, OctoPrint, the plug's Wi-Fi and the host go in the middle; nothing is cut, the books are right, and she
 * is told of each end once.
 */
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bridgeAccess } from "../../hub/host/bridge-access.ts";
import { simulateMoonraker } from "../../simulators/foreign/moonraker.ts";
import { type OctoPrintSim, simulateOctoPrint } from "../../simulators/foreign/octoprint.ts";
import { createPrinter, type Printer } from "../../simulators/foreign/printer.ts";
import { plugShellyGen2, type ShellyPlug } from "../../simulators/foreign/shelly.ts";
import { plugTasmota, type TasmotaPlug } from "../../simulators/foreign/tasmota.ts";
import { connectForeign, type ForeignWire } from "../../simulators/foreign/wire.ts";
import { createLiveScheduler, type Scheduler } from "../../simulators/scheduler.ts";
import { by, deviceRow, type HostedSpace, openHostedSpace, password, pause, until } from "../support/hosted-space.ts";
import { slowdown } from "../support/slowdown.ts";
import { type SpaceBroker, startSpaceBroker } from "../support/space-broker.ts";

const ada = "04A23B1C5D6E80";
/** a minute of the printer is half a second here */
const speed = 120;
const minute = 60_000;
const periodMs = 300;
const machines = ["octo", "shelly", "voron"] as const;
type Id = (typeof machines)[number];
/** of a printer that is so much faster */
const options = { maxW: "40000" };
const accounts = { space: "space-password", bridge: "bridge-password" };
const atBroker = [
  deviceRow({ account: "shelly-plug", family: "shelly-gen2", name: "shelly-plug", parts: ["relay", "meter"], options, secretHash: null }),
  deviceRow({ account: "moonraker", family: "moonraker", name: "voron", parts: ["controller"], secretHash: null }),
];
const [shellyRow, moonrakerRow] = atBroker as [(typeof atBroker)[0], (typeof atBroker)[0]];
const tasmotaRow = (id: Id) =>
  deviceRow({ account: `${id}-plug`, family: "tasmota", name: `${id}-plug`, parts: ["relay", "meter", "reader"], options });
const rowsOf = {
  octo: [tasmotaRow("octo"), deviceRow({ account: "octo", family: "octoprint", name: "octopi", parts: ["controller"] })],
  shelly: [shellyRow, deviceRow({ account: "shelly-reader", family: "tasmota", name: "shelly-reader", parts: ["reader"] })],
  voron: [tasmotaRow("voron"), moonrakerRow],
} as const;
/** where nothing but the meter tells of the work; a hundred and twenty times the watts, in a hundred and twentieth of the time */
const byPower = {
  ...{ onW: 30 * speed, offW: 20 * speed, minOnMs: 200, minOffMs: 1500, busyHoldMs: 1500 },
  ...{ coolDownMs: 3000 },
};
let space: HostedSpace;
let broker: SpaceBroker;
let leftovers: MqttClient;
let scheduler: Scheduler;
let octo: OctoPrintSim;
let shelly: ShellyPlug;
let reader: TasmotaPlug;
let mains: NodeJS.Timeout;
const wires: ForeignWire[] = [];
const tasmotas: TasmotaPlug[] = [];
type Station = { readonly plug: TasmotaPlug | ShellyPlug; readonly card: (uid: string) => void; readonly printer: Printer };
const stations = {} as Record<Id, Station>;
const cuts: Record<Id, number> = { octo: 0, shelly: 0, voron: 0 };

/** A wire on which each word comes twice, as one that a broker is not sure of. */
async function doubled(given: Parameters<typeof connectForeign>[0]): Promise<ForeignWire> {
  const wire = await connectForeign(given);
  wires.push(wire);
  return {
    ...wire,
    publish(topic, payload, retain) {
      wire.publish(topic, payload, retain);
      wire.publish(topic, payload, retain);
    },
  };
}

beforeAll(async () => {
  broker = await startSpaceBroker(accounts, `user space\ntopic readwrite #\n${bridgeAccess("bridge", atBroker).join("\n")}\n`);
  leftovers = await connectAsync(broker.url, { username: "space", password: accounts.space, reconnectPeriod: 200 });
  // what it has kept of other days: power that flows, a counter of another meter, a print that failed
  const kept = {
    "shelly-plug/online": "true",
    "shelly-plug/status/switch:0": { id: 0, output: true, apower: 20_000, aenergy: { total: 999_999 } },
    "voron/klipper/status": { eventtime: 1, status: { print_stats: { state: "printing", filename: "old.gcode" } } },
    "voron/klipper/state/print_stats/state": { eventtime: 1, value: "error" },
  };
  for (const [topic, body] of Object.entries(kept))
    await leftovers.publishAsync(topic, typeof body === "string" ? body : JSON.stringify(body), { retain: true, qos: 1 });
  space = await openHostedSpace({
    bridge: { url: broker.url, username: "bridge", password: accounts.bridge },
    async furnish({ change }) {
      await change.addPlan({ plan: "member", label: "Member", always: true }, by);
      for (const id of machines) {
        await change.addNode({ node: `${id}-node`, kind: "hosted", label: id }, by);
        const settings = { profile: "fdm", startGuardMs: 200, ...(id === "shelly" ? byPower : { coolDownC: 60 }) } as const;
        const what = { label: id, riskClass: "C", cutHazard: true, course: null, attendance: "unattended_ok" } as const;
        await change.addMachine({ machine: id, node: `${id}-node`, ch: "machine", ...what, settings, graceMs: 500 }, by);
      }
      const { member } = await change.addMember({ displayName: "Ada" }, by);
      await change.assignCard({ member, card: { number: `iso14443a:${ada}` }, label: "fob" }, by);
      await change.setMembership({ member, plan: "member", from: "2025-01-01", validThrough: null }, by);
    },
    files: machines.map((id) => ({
      ...{ node: `${id}-node`, kind: "machine", ch: "machine", permit: "latching", deadManS: 60 },
      devices: [...rowsOf[id]],
    })),
  });
  scheduler = createLiveScheduler(speed);
  const printerOf = (seed: number): Printer => {
    const printer = createPrinter({ scheduler, seed, warmUpMs: minute });
    printer.mains(false);
    return printer;
  };
  const tasmota = (id: Id, seed: number): Station => {
    const printer = printerOf(seed);
    // the plug counts real seconds, the printer its own minutes
    const loadW = () => printer.powerW() * speed;
    const plug = plugTasmota({ url: space.url, topic: `${id}-plug`, username: `${id}-plug`, password, loadW, periodMs });
    tasmotas.push(plug);
    return { plug, card: (uid) => plug.card(uid), printer };
  };
  stations.octo = tasmota("octo", 4);
  stations.voron = tasmota("voron", 5);
  const printer = printerOf(6);
  const space_ = { url: broker.url, username: "space", password: accounts.space };
  shelly = plugShellyGen2({ ...space_, name: "shelly-plug", loadW: () => printer.powerW() * speed, periodMs, copies: 2 });
  const readerPlan = { url: space.url, topic: "shelly-reader", username: "shelly-reader", password, loadW: () => 0, periodMs: 1000 };
  reader = plugTasmota(readerPlan);
  tasmotas.push(reader);
  stations.shelly = { plug: shelly, card: (uid) => reader.card(uid), printer };
  mains = setInterval(() => {
    for (const each of Object.values(stations)) each.printer.mains(each.plug.isOn());
  }, 50);
  const will = { topic: "octopi/mqtt", payload: "disconnected" };
  const octoWire = await doubled({ url: space.url, clientId: "octo", username: "octo", password, will });
  octo = simulateOctoPrint({ wire: octoWire, printer: stations.octo.printer, scheduler, base: "octopi", temperatureMs: minute });
  const voronWire = await doubled({ ...space_, clientId: "voron" });
  simulateMoonraker({ wire: voronWire, printer: stations.voron.printer, scheduler, instance: "voron", reportMs: minute });
  await nodesThere();
  await until("the plugs' settings", () => tasmotas.slice(0, 2).every((plug) => plug.setting("PowerOnState") === "0"));
  await pause(1200); // a card on a reader that is only just starting counts as forgotten there
}, 60_000);

afterAll(async () => {
  clearInterval(mains);
  octo?.stop();
  scheduler?.stop();
  for (const wire of wires) await wire.close();
  for (const plug of tasmotas) await plug.close();
  await shelly?.close();
  await leftovers?.endAsync(true);
  await space?.close();
  await broker?.close();
});

const nodesThere = () =>
  until(
    "the nodes at the hub",
    () =>
      space
        .stack()
        .hub.live.nodes()
        .filter(({ status }) => status === "online").length === machines.length,
  );
const sessions = (id: Id) => space.ledger().read.sessions({ machine: id, limit: 50 });
const open = (id: Id) => sessions(id).filter(({ endedMs }) => endedMs === null);
const count = (id: Id, kind: string): number => space.kinds(`${id}-node`).filter((one) => one === kind).length;
const words = (id: Id): string[] =>
  space
    .ledger()
    .read.events({ node: `${id}-node`, limit: 500 })
    .toSorted((a, b) => a.evtMs - b.evtMs)
    .flatMap(({ body }) => (body.kind === "mach.job" ? [body.state] : []));
const told = (): string[] =>
  space
    .ledger()
    .read.notices({ member: 1, limit: 50 })
    .map(({ kind, facts }) => `${facts.label} ${kind}`)
    .sort();

async function begin(id: Id, printMs: number): Promise<void> {
  const { plug, card, printer } = stations[id];
  const [runs, leavings] = [count(id, "mach.run_started"), count(id, "mach.session_unattended")];
  card(ada);
  card(ada); // the same word again is the same tap
  await until(`power at ${id}`, () => plug.isOn());
  await until(`the session at ${id}`, () => open(id).length === 1);
  await until(`the printer of ${id} to be up`, () => printer.isOn());
  printer.start("bridge.gcode", printMs);
  await pause(1000); // a tap this soon after the start would be a bounce
  const isAtWork = () => (id === "shelly" ? count(id, "mach.run_started") > runs : words(id).includes("running"));
  await until(`the job at ${id}`, isAtWork);
  card(ada);
  await until(`that she left ${id}`, () => count(id, "mach.session_unattended") > leavings);
}

/** What the ledger has of the last session, and what the plug has counted since. */
function expectEnergy(id: Id, beforeWh: number, part: number): void {
  const truth = stations[id].plug.truthWh() - beforeWh;
  const [session] = sessions(id);
  console.log(`${id}: ${session?.energyWh.toFixed(1)} Wh in the ledger, ${truth.toFixed(1)} Wh at the plug; ${words(id).join(" ")}`);
  // The plug says how much every 0.3 s, 36 s of the printer; between two words, and while its Wi-Fi is away, the last power goes on for a while.
  const betweenWh = (270 * speed * 1.2) / 3600;
  expect(Math.abs((session?.energyWh ?? 0) - truth)).toBeLessThan(truth * part + (id === "shelly" ? betweenWh * slowdown() : 0));
}

test("prints go on when their owner leaves, over restarts of hub, OctoPrint and host, and end cold, counted and told", async () => {
  const unasked = ["mach.session_started", "mach.manual_bypass", "mach.job", "mach.meter_doubt"];
  expect(machines.map((id) => [stations[id].plug.isOn(), unasked.filter((kind) => count(id, kind) > 0)])).toEqual(
    machines.map(() => [false, []]),
  );
  const before = machines.map((id) => stations[id].plug.truthWh());
  await Promise.all([begin("octo", 32 * minute), begin("shelly", 30 * minute), begin("voron", 60 * minute)]);
  const watch = setInterval(() => {
    for (const id of machines) if (!stations[id].plug.isOn()) cuts[id] += 1;
  }, 20);
  stations.voron.printer.fail();
  await until("the end of what failed", () => open("voron").length === 0, 20_000);
  expect([told(), stations.voron.plug.isOn()]).toEqual([["voron job_failed"], false]);

  await space.stopHub();
  wires[0]?.drop(); // OctoPrint's computer as well: its last will, then itself again
  shelly.loseNetwork(800);
  await pause(1000);
  octo.restart();
  await space.startHub();
  await nodesThere();
  process.kill(space.host().pid() ?? 0, "SIGKILL");
  await until("the host again", () => count("octo", "mach.resumed") >= 1 && count("shelly", "mach.resumed") >= 1, 20_000);
  expect([open("octo").length, open("shelly").length, cuts.octo, cuts.shelly]).toEqual([1, 1, 0, 0]);

  await until("the end of the prints", () => stations.octo.printer.does() === "finished", 40_000);
  expect(stations.shelly.printer.does()).toBe("finished");
  clearInterval(watch);
  expect([cuts.octo, cuts.shelly]).toEqual([0, 0]);
  for (const id of ["octo", "shelly"] as const) {
    await until(`power off at ${id}, when it is cold`, () => !stations[id].plug.isOn(), 20_000);
    await until(`the end of the session at ${id}`, () => open(id).length === 0);
  }
  for (const [at, id] of (["octo", "shelly"] as const).entries()) expectEnergy(id, before[at] ?? 0, 0.1);
  expect(machines.map((id) => sessions(id).map(({ reason }) => reason))).toEqual([["job_complete"], ["job_complete"], ["job_failed"]]);
  expect(words("octo").filter((word) => word === "complete").length).toBe(1);
  expect(words("voron").filter((word) => word === "error").length).toBe(1);
  expect(machines.map((id) => count(id, "mach.session_started"))).toEqual([1, 1, 1]);
  expect(told()).toEqual(["octo job_complete", "shelly job_over", "voron job_failed"]);
}, 120_000);

test("after a restart nothing is told again; a plug that starts anew ends its print and gives power to nobody who has not tapped", async () => {
  const boots = count("shelly", "node.boot");
  process.kill(space.host().pid() ?? 0, "SIGKILL");
  await until("the node after it", () => count("shelly", "node.boot") > boots, 20_000);
  await pause(1500 * slowdown()); // a card on a reader that is only just starting counts as forgotten there
  await begin("shelly", 30 * minute);
  shelly.cutPower(400);
  await until("word of it", () => count("shelly", "mach.bad_poweroff") === 1);
  await pause(2000);
  expect(machines.map((id) => [stations[id].plug.isOn(), count(id, "mach.session_started")])).toEqual([
    [false, 1],
    [false, 2],
    [false, 1],
  ]);
  expect(told()).toEqual(["octo job_complete", "shelly job_over", "voron job_failed"]);
}, 60_000);
