/**
 * A machine behind foreign devices: their senses and orders in the place of wires, and in front of them the very machine of every node
 * (devices/machine). A held permit falls with the relay's dead-man; a latching one is left alone when this program ends.
 */

import type { EventBody } from "#contract";
import type { Node, NodePorts } from "../../devices/kit/node.ts";
import { programVersion } from "../../devices/kit/package-version.ts";
import type { MachineHardware, PermitWire, Sense as Wire } from "../../devices/machine/hardware.ts";
import { createMachineNode } from "../../devices/machine/machine-node.ts";
import { countsOf } from "../hosted/family.ts";
import { hostedFamily } from "../hosted/hosted.ts";
import { controllerOf, toolGuard } from "./controller-wire.ts";
import { boardOfDevices } from "./hosted-board.ts";
import { type CardSource, cardReader } from "./hosted-cards.ts";
import { type HostedDevice, refreshesPerLife } from "./hosted-device.ts";
import { countEnergy, type EnergyCounter, type EnergyReport } from "./hosted-energy.ts";
import type { HostedFile } from "./hosted-file.ts";

export type HostedNode = {
  readonly node: Node;
  start(): void;
  /** false while it waits for the first word of its relay, which nobody knows the time of */
  hasBegun(): boolean;
  stop(): Promise<void>;
  /** what is counted of a machine's energy, and how surely */
  energy(): EnergyReport | null;
};
type Devices = ReadonlyMap<HostedFile["devices"][number], HostedDevice>;

/** Words over Wi-Fi and back take longer than a contact: what follows a switch is believed only then. */
const settings = { verifyOffMs: 8000, weldMs: 8000 } as const;

export function createHostedMachine(file: HostedFile, ports: NodePorts, devices: Devices): HostedNode {
  const with_ = (part: HostedFile["devices"][number]["parts"][number]): HostedDevice[] =>
    [...devices].flatMap(([row, device]) => (row.parts.includes(part) ? [device] : []));
  const [relay] = with_("relay");
  if (relay === undefined) throw new Error("a machine without a relay");
  const [meter] = with_("meter");
  const [controller] = with_("controller");
  const controllerRow = file.devices.find(({ parts }) => parts.includes("controller"));
  const counter = meter === undefined ? null : counterOf(file, meter, ports, (body) => machine.node.record(file.ch, body));
  const board = boardOfDevices([...devices.values()]);
  const mayCut = () => machine.node.snapshots.current()?.header.channels[file.ch]?.cutHazard === false;
  const hardware: MachineHardware = {
    reader: cardReader(with_("reader") as readonly CardSource[]),
    permit: permitOf(file, relay, mayCut),
    aux: relayWire(relay),
    meter: meter === undefined ? null : { read: () => Promise.resolve(readingOf(meter, counter)) },
    ancillary: null,
    accessories: {},
    controller: controller === undefined ? null : controllerOf(controller, ports.clock),
    stopButton: null,
    oopsButton: null,
    safety: controller === undefined ? null : toolGuard(controller, controllerRow?.options.tool ?? "extruder"),
    bypass: null,
    signs: {
      say: () => undefined,
      beep: (pattern) => pattern === "slow" && relay.order({ kind: "identify" }, undefined, () => undefined),
      lamp: () => undefined,
    },
    board,
    close: () => undefined,
  };
  const machine = createMachineNode({
    ports,
    hardware,
    ch: file.ch,
    settings,
    fw: programVersion(),
    hw: `hosted: ${file.devices.map(({ family }) => family).join(", ")}`.slice(0, 60),
  });
  const cancels = [
    ports.clock.every("dead-man", (file.deadManS * 1000) / refreshesPerLife, () => {
      if (machine.state().session !== null || machine.state().kind === "bypassed") relay.refresh();
    }),
    watchUnasked(file, machine, relay, mayCut, ports),
  ];
  relay.listen({ onFallen: (why) => file.permit === "hold" && board.fall(why) });
  let hasBegun = false;
  return {
    node: machine.node,
    hasBegun: () => hasBegun,
    start() {
      const begin = (): void => {
        hasBegun = true;
        machine.start();
        if (file.permit === "latching" && machine.state().session !== null) relay.resume();
      };
      if (file.permit === "hold") begin();
      else cancels.push(whenKnown(relay, ports.clock, begin));
    },
    async stop() {
      for (const cancel of cancels) cancel();
      await machine.stop();
      await counter?.close();
    },
    energy: () => counter?.report() ?? null,
  };
}

/**
 * A latching machine begins with what its contactor does, and goes on with the session of its last life if that is on. A plug says so when
 * it has found us; without it nobody could use the machine anyway.
 */
function whenKnown(relay: HostedDevice, clock: NodePorts["clock"], begin: () => void): () => void {
  let isBegun = false;
  const once = (): void => {
    if (isBegun) return;
    isBegun = true;
    cancel();
    begin();
  };
  const cancel = clock.after("relay known", relayKnownMs, once);
  relay.listen({ onRelay: once });
  if (relay.relay() !== null) once();
  return () => {
    isBegun = true;
    cancel();
  };
}
const relayKnownMs = 600_000;

function permitOf(file: HostedFile, relay: HostedDevice, mayCut: () => boolean): PermitWire {
  if (file.permit === "latching")
    return { kind: "pulse", press: (button, done) => (button === "start" ? relay.on(done) : relay.off(done)) };
  return {
    kind: "hold",
    set(on, done) {
      if (on) return relay.on(done);
      // Somebody's own finger on the plug, at a machine that a cut makes dangerous: it is told, not cut.
      const isUnasked = !relay.isWanted() && relay.relay() === true;
      if (isUnasked && !mayCut()) return done(null);
      // A plug that is away cannot be told; it falls by its dead-man, and is told when it is back (watchUnasked).
      if (relay.isOnline()) return relay.off(done);
      relay.off(() => undefined);
      return done(null);
    },
  };
}

/** The relay's own word in the place of an auxiliary contact. */
function relayWire(relay: HostedDevice): Wire {
  return { read: () => relay.relay(), onChange: (listener) => relay.listen({ onRelay: listener }) };
}

/** Power that nobody was given: an alarm, and off again where that harms nobody. */
function watchUnasked(
  file: HostedFile,
  machine: ReturnType<typeof createMachineNode>,
  relay: HostedDevice,
  mayCut: () => boolean,
  { clock, log }: NodePorts,
): () => void {
  let isTold = false;
  const tell = (on: boolean) => {
    if (on === isTold || file.permit === "latching") return; // the interlock of a latching machine tells it by itself
    isTold = on;
    machine.node.record(file.ch, { kind: "mach.manual_bypass", on, cause: "unowned_power" });
  };
  const look = () => {
    const isUnasked = relay.relay() === true && !relay.isWanted() && machine.state().session === null && machine.state().kind !== "boot";
    if (!isUnasked) return relay.relay() === false ? tell(false) : undefined;
    if (!isTold) log.warn({ device: file.node, cuts: mayCut() }, "a hosted relay is on and nobody was given it");
    tell(true);
    if (mayCut()) relay.off(() => undefined);
  };
  relay.listen({ onRelay: () => machine.node.runtime.input(look) });
  return clock.every("unasked power", 2000, () => machine.node.runtime.input(look));
}

/** Null for a family whose devices have no counter: the node counts by power then. */
function counterOf(
  file: HostedFile,
  meter: HostedDevice,
  { files, clock, log }: NodePorts,
  record: (body: Extract<EventBody, { kind: "mach.meter_doubt" }>) => void,
): EnergyCounter | null {
  const row = file.devices.find(({ parts }) => parts.includes("meter"));
  const family = row === undefined ? undefined : hostedFamily(row.family);
  const traits = row === undefined || family === undefined ? null : countsOf(family, row);
  if (row === undefined || traits === null) return null;
  const counter = countEnergy({
    ...{ device: `${row.family}:${row.name}#${row.channel}`, traits, files, clock, log },
    onDoubt: (why, doubtWh) => record({ kind: "mach.meter_doubt", why, doubtWh }),
  });
  meter.listen({ onEnergy: counter.hear });
  return counter;
}

function readingOf(meter: HostedDevice, counter: EnergyCounter | null) {
  const word = meter.power();
  if (word === null || word.powerW === null) return null;
  return { powerW: Math.max(0, word.powerW), energyWh: counter?.totalWh(meter.isOnline()) ?? null, voltageV: word.voltageV };
}
