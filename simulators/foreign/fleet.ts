/**
 * One simulated device of every foreign family, each in its own dialect and at its usual pace, and what people can do to them: four
 * printers with a plug, a drill press behind a plug, a meter's gateway and a door. Printers heat and print `tempo` times as fast as real
 * ones; everything else takes its time.
 *
 *   PrusaLink ─ HTTP ──────┐
 *   Bambu ─ MQTT over TLS ─┼─ asked by the host             everything else comes to the host's listener for foreign devices
 */
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { createLoad, planJob } from "../loads.ts";
import type { Hands } from "../people.ts";
import { dice } from "../random.ts";
import { createLiveScheduler } from "../scheduler.ts";
import { simulateBambu } from "./bambu.ts";
import { hangEspRfid } from "./esp-rfid.ts";
import { simulateEspHome } from "./esphome.ts";
import { espRfidIp, fleetDoor, fleetMachines, fleetNames, holdS, tagOf } from "./fleet-names.ts";
import { simulateGateway } from "./json-gateway.ts";
import { simulateMoonraker } from "./moonraker.ts";
import { simulateOctoPrint } from "./octoprint.ts";
import { createPlug } from "./plug.ts";
import { createPrinter, type Printer } from "./printer.ts";
import { simulatePrusaLink } from "./prusalink.ts";
import { plugShellyGen1, plugShellyGen2 } from "./shelly.ts";
import { plugTasmota } from "./tasmota.ts";
import { connectForeign, type ForeignWire } from "./wire.ts";
import { simulateZigbeePlug } from "./zigbee2mqtt.ts";

/** How the host gets to the two that it has to ask. */
export type FleetReach = {
  readonly prusaLink: { readonly url: string; readonly password: string };
  readonly bambu: { readonly port: number; readonly serial: string; readonly accessCode: string; readonly fingerprint: string };
};
export type FleetHome = { readonly url: string; readonly password: string };
export type Fleet = {
  readonly reach: FleetReach;
  /** All others come to the listener; resolves when they are there. */
  join(home: FleetHome): Promise<void>;
  /** doors and machines whose devices are there */
  has(id: string): boolean;
  readonly hands: Hands;
  close(): Promise<void>;
};

/** What a person meets at one machine. */
type Station = { readonly card: (uid: string) => void; readonly isOn: () => boolean; readonly body: Body };
type Body = { work(working: boolean): void; isBusy(): boolean };

/** long enough for a person to get to the handle; esp-rfid's own default is shorter */
const doorOpenMs = 4000;
const mainsMs = 200;
/** of ten seconds each */
const wireTriesMost = 12;
const gen1ReportMs = 30_000;
const gen2ReportMs = 15_000;

/** @param tempo  how many times faster printers work than real ones */
export async function openFleet(plan: { readonly seed: number; readonly tempo: number }): Promise<Fleet> {
  const { seed, tempo } = plan;
  const real = createLiveScheduler();
  const fast = createLiveScheduler(tempo);
  const closing: (() => unknown)[] = [() => real.stop(), () => fast.stop()];
  const printer = (offset: number): Printer => {
    const one = createPrinter({ scheduler: fast, seed: seed + offset });
    one.mains(false);
    return one;
  };
  const printers = { ender: printer(0), voron: printer(1), prusa: printer(2), bambu: printer(3) };
  const [password, accessCode] = [randomBytes(8).toString("hex"), randomBytes(4).toString("hex")];
  const prusaLink = await simulatePrusaLink({ printer: printers.prusa, password });
  const bambu = await simulateBambu({ printer: printers.bambu, scheduler: real, accessCode });
  closing.push(prusaLink.close, bambu.close);
  const fingerprint = createHash("sha256").update(new X509Certificate(bambu.certPem).raw).digest("hex");
  const stations = new Map<string, Station>();
  let door: ReturnType<typeof hangEspRfid> | undefined;
  const stationAt = (id: string): Station => {
    const found = stations.get(id);
    if (found === undefined) throw new Error(`the fleet has no ${id}`);
    return found;
  };
  return {
    reach: { prusaLink: { url: prusaLink.url, password }, bambu: { port: bambu.port, serial: bambu.serial, accessCode, fingerprint } },
    async join(home) {
      const parts: Parts = { seed, home, real, printers, closing };
      const makers = { "drill-1": drillOf, "ender-1": enderOf, "voron-1": voronOf, "prusa-1": prusaOf, "bambu-1": bambuOf };
      await Promise.all(fleetMachines.map(async ({ id }) => stations.set(id, await makers[id](parts))));
      door = hangEspRfid({ ...account(home, fleetNames.door), topic: fleetNames.door, ip: espRfidIp, openMs: doorOpenMs });
      closing.push(door.close);
    },
    has: (id) => stations.has(id) || (id === fleetDoor.id && door !== undefined),
    hands: {
      present: (at, card) => (at === fleetDoor.id ? void door?.card(tagOf(card)) : stationAt(at).card(tagOf(card))),
      pull: () => door?.isUnlocked() === true,
      close: () => undefined,
      pressExit: () => undefined,
      // there is no button: the plug is on, or it is not
      pressStart: (id) => stationAt(id).isOn(),
      pressStop: () => undefined,
      work: (id, working) => stationAt(id).body.work(working),
      isPermitted: (id) => stationAt(id).isOn(),
      isBusy: (id) => stationAt(id).body.isBusy(),
    },
    async close() {
      for (const close of closing.splice(0).reverse()) await close();
    },
  };
}

type Parts = {
  readonly seed: number;
  readonly home: FleetHome;
  readonly real: ReturnType<typeof createLiveScheduler>;
  readonly printers: Readonly<Record<"ender" | "voron" | "prusa" | "bambu", Printer>>;
  readonly closing: (() => unknown)[];
};

const account = ({ url, password }: FleetHome, username: string) => ({ url, username, password });

/** Hosted nodes begin a few at a time: whoever comes too early comes again. */
async function wireOf({ home, closing }: Parts, name: string, will?: { readonly topic: string; readonly payload: string }) {
  const how = { ...account(home, name), clientId: name, ...(will === undefined ? {} : { will }) };
  for (let left = wireTriesMost; ; left -= 1) {
    const wire: ForeignWire | null = await connectForeign(how).catch((error: unknown) => {
      if (left <= 1) throw error;
      return null;
    });
    if (wire === null) continue;
    closing.push(() => wire.close());
    return wire;
  }
}

/** A Tasmota board with nothing but a PN532 on it. */
function readerOf({ home, closing }: Parts, topic: string): (uid: string) => void {
  const board = plugTasmota({ ...account(home, topic), topic, loadW: () => 0 });
  closing.push(() => board.close());
  return (uid) => board.card(uid);
}

function every(closing: (() => unknown)[], run: () => void): void {
  const timer = setInterval(run, mainsMs);
  closing.push(() => clearInterval(timer));
}

/** It prints what it likes; the next print is begun by whoever has power. */
function bodyOf({ seed, printers }: Parts, name: keyof Parts["printers"]): Body {
  const printer = printers[name];
  const random = dice(seed, `jobs ${name}`);
  let prints = 0;
  return {
    work(working) {
      if (!working || !printer.isOn() || isInJob(printer)) return;
      prints += 1;
      const printMs = planJob("printer", random).reduce((sum, { workMs }) => sum + workMs, 0);
      printer.start(`part-${prints}.gcode`, printMs);
    },
    isBusy: () => isInJob(printer),
  };
}
const isInJob = (printer: Printer): boolean => ["heating", "printing", "paused", "attention"].includes(printer.does());

/** Its parts: relay, meter and reader are Tasmota's. */
function drillOf(parts: Parts): Station {
  const { seed, home, real, closing } = parts;
  const load = createLoad("saw", dice(seed, "load drill"));
  const topic = fleetNames.drill.plug;
  const plug = plugTasmota({ ...account(home, topic), topic, loadW: () => load.powerW(real.nowMs()) });
  closing.push(() => plug.close());
  every(closing, () => {
    if (plug.isOn() === (load.activity() !== "off")) return;
    load.set(plug.isOn() ? "standby" : "off", real.nowMs());
  });
  return {
    card: readerOf(parts, fleetNames.drill.reader),
    isOn: () => plug.isOn(),
    body: {
      work: (working) => load.activity() !== "off" && load.set(working ? "working" : "standby", real.nowMs()),
      isBusy: () => load.activity() === "working",
    },
  };
}

/** OctoPrint on a computer of its own, its printer behind a Shelly of the first generation. */
async function enderOf(parts: Parts): Promise<Station> {
  const { home, real, printers, closing } = parts;
  const { plug: name, reader, printer: base } = fleetNames.ender;
  const printer = printers.ender;
  const plug = plugShellyGen1({
    ...{ ...account(home, name), name, loadW: () => printer.powerW(), periodMs: gen1ReportMs, autoOffS: holdS },
  });
  closing.push(() => plug.close());
  every(closing, () => printer.mains(plug.isOn()));
  const wire = await wireOf(parts, base, { topic: `${base}/mqtt`, payload: "disconnected" });
  const octo = simulateOctoPrint({ wire, printer, scheduler: real, base });
  closing.push(() => octo.stop());
  return { card: readerOf(parts, reader), isOn: () => plug.isOn(), body: bodyOf(parts, "ender") };
}

/** Klipper, its printer behind a Shelly of the second generation. */
async function voronOf(parts: Parts): Promise<Station> {
  const { home, real, printers, closing } = parts;
  const { plug: name, reader, printer: instance } = fleetNames.voron;
  const printer = printers.voron;
  const plug = plugShellyGen2({ ...account(home, name), name, loadW: () => printer.powerW(), periodMs: gen2ReportMs });
  closing.push(() => plug.close());
  every(closing, () => printer.mains(plug.isOn()));
  const wire = await wireOf(parts, instance, { topic: `${instance}/moonraker/status`, payload: '{"server":"offline"}' });
  const klipper = simulateMoonraker({ wire, printer, scheduler: real, instance });
  closing.push(() => klipper.stop());
  return { card: readerOf(parts, reader), isOn: () => plug.isOn(), body: bodyOf(parts, "voron") };
}

/** A Prusa behind an ESPHome plug with a reader; what it takes is said by somebody's own gateway to a meter. */
async function prusaOf(parts: Parts): Promise<Station> {
  const { real, printers, closing } = parts;
  const { plug: name, gateway: topic } = fleetNames.prusa;
  const printer = printers.prusa;
  const plug = createPlug({ scheduler: real, loadW: () => printer.powerW(), onSwitch: (on) => printer.mains(on) });
  const esp = simulateEspHome({
    wire: await wireOf(parts, name, { topic: `${name}/status`, payload: "offline" }),
    ...{ plug, scheduler: real, name },
  });
  const gateway = simulateGateway({ wire: await wireOf(parts, topic), plug, scheduler: real, topic });
  closing.push(
    () => esp.stop(),
    () => gateway.stop(),
  );
  return { card: (uid) => esp.card(uid), isOn: () => plug.isOn(), body: bodyOf(parts, "prusa") };
}

/** A Bambu Lab printer behind a Zigbee plug. */
async function bambuOf(parts: Parts): Promise<Station> {
  const { seed, real, printers, closing } = parts;
  const { plug: topic, reader } = fleetNames.bambu;
  const printer = printers.bambu;
  const plug = createPlug({ scheduler: real, loadW: () => printer.powerW(), onSwitch: (on) => printer.mains(on) });
  const wire = await wireOf(parts, "zigbee2mqtt", { topic: "zigbee2mqtt/bridge/state", payload: '{"state":"offline"}' });
  const zigbee = simulateZigbeePlug({ wire, plug, scheduler: real, seed, topic });
  closing.push(() => zigbee.stop());
  return { card: readerOf(parts, reader), isOn: () => plug.isOn(), body: bodyOf(parts, "bambu") };
}
