/** A machine node in virtual time: the real node code; reader, contactor, meter and bus in memory. */
import { type MachineSettings, topicPath } from "#contract";
import { createMemoryJournal, type Journal } from "../../../devices/kit/journal.ts";
import type { NodePorts } from "../../../devices/kit/node.ts";
import { createMemoryFiles, type NodeFiles } from "../../../devices/kit/node-files.ts";
import type { CardRead } from "../../../devices/kit/reader-channel.ts";
import type { MachineHardware, MeterReading } from "../../../devices/machine/hardware.ts";
import { createMachineNode } from "../../../devices/machine/machine-node.ts";
import { memoryBus } from "../kit/memory-wire.ts";
import { keptLog, laserFacts, seededDice, settled, signedSnapshot, site, testHub, virtualClock } from "../kit/world.ts";

export const node = "laser-node";
export const ch = "laser-1";
export const hub = testHub();

export type MachineWorldOptions = {
  journal?: Journal;
  files?: NodeFiles;
  clock?: ReturnType<typeof virtualClock>;
  facts?: typeof laserFacts;
  pulse?: boolean;
  settings?: MachineSettings;
  /** the contactor is in when the node starts */
  powered?: boolean;
  seed?: number;
  people?: Parameters<typeof signedSnapshot>[1]["people"];
  accessories?: readonly string[];
};

export async function machineWorld(options: MachineWorldOptions = {}) {
  const clock = options.clock ?? virtualClock();
  const log = keptLog();
  const bus = memoryBus(hub, node, clock.nowMs);
  const hardware = memoryMachine(options);
  const restarts: string[] = [];
  const ports: NodePorts = {
    site,
    node,
    keys: hub.keys,
    clock,
    dice: seededDice(options.seed ?? 2),
    log,
    wire: bus.wire,
    journal: options.journal ?? createMemoryJournal(),
    files: options.files ?? createMemoryFiles(),
    builtMs: 0,
    trustSystemClock: false,
    restart: "start",
    rssBytes: () => 50_000_000,
    onRestart: (why) => void restarts.push(why),
  };
  const machine = createMachineNode({
    ports,
    hardware: hardware.ports,
    ch,
    settings: { profile: "laser", ...options.settings },
    fw: "0",
    hw: "memory",
  });
  machine.start();
  await settled();
  /** Lets time pass a second at a time, with the meter answering. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      clock.advance(Math.min(500, left));
      await settled();
    }
  };
  let version = 0;
  const give = async (change: Partial<Parameters<typeof signedSnapshot>[1]> = {}) => {
    version += 1;
    const one = signedSnapshot(hub, { node, ch, facts: options.facts ?? laserFacts, version, people: options.people ?? [], ...change });
    bus.say("snapshotManifest", [], one.manifest);
    for (const [i, chunk] of one.chunks.entries()) bus.raw(topicPath(site, "snapshotChunk", node, `1.${version}`, String(i)), chunk);
    await settled();
  };
  bus.say("hubState", [], { state: "online", epoch: 1 });
  bus.say("hubTime", [], { hubMs: clock.nowMs(), quality: "synced" });
  await give();
  clock.advance(0.37); // a real clock knows fractions
  await pass(2000); // cards that lay there at the start are past
  return { clock, log, bus, machine, hardware, ports, restarts, pass, give, node: machine.node };
}

export function memoryMachine(options: MachineWorldOptions) {
  const state = {
    relay: false,
    changes: 0,
    powered: options.powered ?? false,
    powerW: 0,
    energyWh: 100,
    meterOk: true,
    presses: [] as string[],
    failure: null as string | null,
    said: [] as string[],
  };
  const reads: ((read: CardRead) => void)[] = [];
  const aux: ((on: boolean | null) => void)[] = [];
  const boards: ((state: "ready" | "lost", why: string) => void)[] = [];
  const setPowered = (on: boolean) => {
    if (state.powered === on) return;
    state.powered = on;
    if (!on) state.powerW = 0;
    for (const listener of aux) listener(on);
  };
  const hold: MachineHardware["permit"] = {
    kind: "hold",
    set(on, done) {
      if (state.failure === null) {
        if (state.relay !== on) state.changes += 1;
        state.relay = on;
        if (!on) setPowered(false);
      }
      done(state.failure);
    },
  };
  const pulse: MachineHardware["permit"] = {
    kind: "pulse",
    press(button, done) {
      state.presses.push(button);
      setPowered(button === "start");
      done(null);
    },
  };
  const reading = (): MeterReading | null => (state.meterOk ? { powerW: state.powerW, energyWh: state.energyWh, voltageV: 230 } : null);
  const accessories = new Set<string>();
  const reports: Parameters<NonNullable<MachineHardware["controller"]>["onReport"]>[0][] = [];
  const oops: (() => void)[] = [];
  const ports: MachineHardware = {
    reader: { onRead: (listener) => void reads.push(listener), onState: () => {}, close: () => {} },
    permit: options.pulse === true ? pulse : hold,
    aux: { read: () => state.powered, onChange: (listener) => void aux.push(listener) },
    meter: {
      async read() {
        state.energyWh += state.powerW / 3600;
        return reading();
      },
    },
    ancillary: null,
    accessories: Object.fromEntries(
      (options.accessories ?? []).map((name) => [
        name,
        (on: boolean, done: (failure: string | null) => void) => {
          if (on) accessories.add(name);
          else accessories.delete(name);
          done(null);
        },
      ]),
    ),
    controller: { onReport: (listener) => void reports.push(listener) },
    stopButton: null,
    oopsButton: { onPress: (listener) => void oops.push(listener) },
    safety: null,
    bypass: null,
    signs: { say: (key) => void state.said.push(key), beep: () => {}, lamp: () => {} },
    board: { state: () => "ready", onState: (listener) => void boards.push(listener) },
    close: () => {},
  };
  return {
    ports,
    state,
    accessories,
    /** the machine's controller speaks */
    report: (...said: Parameters<(typeof reports)[number]>) => reports.forEach((listener) => void listener(...said)),
    pressOops: () => oops.forEach((press) => void press()),
    tap: (number: string) => reads.forEach((listener) => void listener({ kind: "card", number })),
    /** the green button: the contactor comes in when the permit is there */
    greenButton() {
      if (state.relay) setPowered(true);
    },
    setPowered,
    board: (to: "ready" | "lost") => boards.forEach((listener) => void listener(to, "unplugged")),
  };
}
