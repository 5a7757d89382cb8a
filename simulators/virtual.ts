/**
 * The building in virtual time: the very node programs and the very hub, in one process, with people, loads and wires made of
 * events. An evening passes in seconds, and the same seed gives the same trace, to the byte.
 */
import { createHash } from "node:crypto";
import { ulidOf } from "#contract";
import { createDoorNode } from "../devices/door/door-node.ts";
import { createMemoryJournal } from "../devices/kit/journal.ts";
import type { NodePorts } from "../devices/kit/node.ts";
import { createMemoryFiles } from "../devices/kit/node-files.ts";
import type { CardReader } from "../devices/kit/reader-channel.ts";
import { createMachineNode } from "../devices/machine/machine-node.ts";
import { createHub } from "../hub/app.ts";
import type { Clock, Log, Series } from "../hub/ports.ts";
import { type Level, type Pins, simulateDoor, simulateMachine } from "./bodies.ts";
import { createLoad, type MachineKind } from "./loads.ts";
import { liveOn } from "./people.ts";
import { dice } from "./random.ts";
import { createVirtualScheduler, type VirtualScheduler } from "./scheduler.ts";
import { createVirtualBus, type VirtualBus } from "./virtual-bus.ts";
import { createVirtualSite, type VirtualResource, type VirtualSite } from "./virtual-site.ts";

export type VirtualRun = {
  /** every event of the log and every act of a person, in order, one line each */
  readonly trace: readonly string[];
  readonly sha256: string;
  readonly events: number;
  readonly grants: number;
  readonly refusals: number;
  readonly sessions: number;
};

const startMs = Date.UTC(2026, 10, 2, 15, 0, 0);
const door: VirtualResource = { node: "door-node", id: "front-door", kind: "door" };
const machines: readonly (VirtualResource & { kind: MachineKind })[] = [
  { node: "laser-node", id: "laser-1", kind: "laser" },
  { node: "printer-node", id: "printer-1", kind: "printer" },
  { node: "saw-node", id: "saw-1", kind: "saw" },
];

export async function runVirtual(given: { seed: number; hours: number; tempo?: number }): Promise<VirtualRun> {
  const { seed, hours, tempo = 4 } = given;
  const scheduler = createVirtualScheduler();
  const clock = virtualClock(scheduler);
  const site = createVirtualSite({ seed, issuedMs: startMs, resources: [door, ...machines] });
  const bus = createVirtualBus("virtual", scheduler);
  const trace: string[] = [];
  const note = (line: string): void => void trace.push(`${Math.round(scheduler.nowMs())} ${line}`);
  site.ledger.onChange((change) => {
    if (change.kind === "events")
      for (const { node, seq, evtMs, body } of change.events) note(`${node} ${seq} ${Math.round(evtMs - startMs)} ${JSON.stringify(body)}`);
  });
  const idDice = dice(seed, "hub ids");
  const hub = createHub(
    {
      bus,
      clock,
      ids: { ulid: () => ulidOf(clock.nowMs(), bytesOf(idDice, 10)), nonce: () => bytesOf(idDice, 12).toHex() },
      log: silent,
      ledger: site.ledger,
      series: noSeries,
      isSynchronised: () => true,
    },
    { site: "virtual", tz: "Europe/Riga", boot: bytesOf(idDice, 8).toHex() },
  );
  const building = assemble({ seed, scheduler, clock, site, bus });
  const crowd = liveOn({
    place: { door: door.id, machines: machines.map(({ id, kind }) => ({ id, kind })) },
    hands: building.hands,
    scheduler,
    random: dice(seed, "people"),
    tempo,
    note,
  });
  await scheduler.advanceTo(hours * 3_600_000);
  crowd.stop();
  await scheduler.advanceTo(scheduler.nowMs() + 60_000);
  const stopping = building.stop();
  await scheduler.advanceTo(scheduler.nowMs() + 10_000);
  await stopping;
  await hub.stop();
  return summary(trace, site);
}

function summary(trace: readonly string[], site: VirtualSite): VirtualRun {
  const count = (fits: (body: VirtualSite["events"][number]["body"]) => boolean): number =>
    site.events.filter(({ body }) => fits(body)).length;
  return {
    trace,
    sha256: createHash("sha256").update(trace.join("\n")).digest("hex"),
    events: site.events.length,
    grants: count((body) => body.kind === "access.decided" && body.outcome === "grant"),
    refusals: count((body) => body.kind === "access.decided" && body.outcome === "deny"),
    sessions: count((body) => body.kind === "mach.session_started"),
  };
}

type Given = {
  readonly seed: number;
  readonly scheduler: VirtualScheduler;
  readonly clock: Clock;
  readonly site: VirtualSite;
  readonly bus: VirtualBus;
};

function assemble(given: Given) {
  const { scheduler } = given;
  const after = (delayMs: number, run: () => void): void => void scheduler.after(delayMs, run);
  const readers = new Map<string, ReturnType<typeof virtualReader>>();
  const readerAt = (id: string): CardReader => {
    const reader = virtualReader(scheduler);
    readers.set(id, reader);
    return reader.reader;
  };
  const doorPins = createPins();
  const body = simulateDoor({ pins: doorPins, wires: { strikePin: 1, contactPin: 2, exitPin: 3 }, after });
  const doorNode = createDoorNode({
    ports: portsOf(given, door.node),
    ch: "door",
    fw: "virtual",
    hw: "virtual",
    hardware: {
      reader: readerAt(door.id),
      lock: {
        release(limitMs, done) {
          doorPins.drive(1, 1);
          if (limitMs !== null) after(limitMs, () => doorPins.drive(1, 0));
          done(null);
        },
        lock(done) {
          doorPins.drive(1, 0);
          done(null);
        },
      },
      contact: doorPins.sense(2, 1),
      exitButton: { onPress: (listener) => doorPins.onInput(3, (level) => level === 0 && listener()) },
      signs: { say: () => undefined, beep: () => undefined, siren: () => undefined },
      board: null,
      close: () => undefined,
    },
  });
  const built = machines.map((machine) => buildMachine(given, machine, readerAt(machine.id)));
  doorNode.start();
  for (const { node } of built) node.start();
  const machineAt = (id: string) => {
    const found = built.find((entry) => entry.id === id);
    if (found === undefined) throw new Error(`virtual: no machine ${id}`);
    return found.body;
  };
  return {
    hands: {
      present: (reader: string, card: string, forMs: number) => readers.get(reader)?.present(card, forMs),
      pull: () => body.pull(),
      close: () => body.close(),
      pressExit: () => body.pressExit(),
      pressStart: (id: string) => machineAt(id).pressStart(),
      pressStop: (id: string) => machineAt(id).pressStop(),
      work: (id: string, working: boolean) => machineAt(id).work(working),
      isPermitted: (id: string) => machineAt(id).isPermitted(),
      isBusy: (id: string) => machineAt(id).isWorking(),
    },
    stop: async () => {
      await Promise.all([doorNode.stop(), ...built.map(({ node }) => node.stop())]);
    },
  };
}

function buildMachine(given: Given, machine: VirtualResource & { kind: MachineKind }, reader: CardReader) {
  const { seed, scheduler } = given;
  const pins = createPins();
  const load = createLoad(machine.kind, dice(seed, `load ${machine.id}`));
  const body = simulateMachine({ pins, wires: { relayPin: 1, auxPin: 2 }, load, nowMs: () => scheduler.nowMs() });
  let energyWh = 0;
  let lastMs = 0;
  const node = createMachineNode({
    ports: portsOf(given, machine.node),
    ch: "machine",
    fw: "virtual",
    hw: "virtual",
    settings: { profile: machine.kind === "printer" ? "fdm" : machine.kind },
    hardware: {
      reader,
      permit: {
        kind: "hold",
        set(on, done) {
          pins.drive(1, on ? 1 : 0);
          done(null);
        },
      },
      aux: pins.sense(2, 0),
      meter: {
        async read() {
          const powerW = body.powerW();
          energyWh += (powerW * (scheduler.nowMs() - lastMs)) / 3_600_000;
          lastMs = scheduler.nowMs();
          return { powerW: Math.round(powerW * 10) / 10, energyWh: Math.floor(energyWh), voltageV: 230 };
        },
      },
      ancillary: null,
      stopButton: null,
      oopsButton: null,
      safety: null,
      bypass: null,
      signs: { say: () => undefined, beep: () => undefined, lamp: () => undefined },
      board: null,
      close: () => undefined,
    },
  });
  return { id: machine.id, node, body };
}

function portsOf({ seed, clock, site, bus }: Given, node: string): NodePorts {
  const random = dice(seed, `node ${node}`);
  return {
    site: "virtual",
    node,
    keys: { mac: site.macKeyOf(node), card: site.cardKey, hub: site.hubKey },
    clock,
    dice: (count) => bytesOf(random, count),
    log: silent,
    wire: bus.wireOf(node),
    journal: createMemoryJournal(),
    files: createMemoryFiles(),
    builtMs: startMs - 86_400_000,
    trustSystemClock: true,
    restart: "start",
    rssBytes: () => 0,
    onRestart: (why) => {
      throw new Error(`virtual: ${node} wants a restart: ${why}`);
    },
  };
}

/** A reader that repeats the card every 65 ms while it is near. */
function virtualReader(scheduler: VirtualScheduler) {
  const listeners: Parameters<CardReader["onRead"]>[0][] = [];
  const reader: CardReader = { onRead: (listener) => void listeners.push(listener), onState: () => undefined, close: () => undefined };
  return {
    reader,
    present(card: string, forMs: number) {
      for (let at = 0; at <= forMs; at += 65)
        scheduler.after(at, () => {
          for (const listen of listeners) listen({ kind: "card", number: `em4100:${card}` });
        });
    },
  };
}

/** Levels of a board's pins without a board. */
function createPins() {
  const outputs = new Map<number, Level>();
  const inputs = new Map<number, 0 | 1>();
  const watchers: ((pin: number, level: Level) => void)[] = [];
  const listeners: { pin: number; run: (level: 0 | 1) => void }[] = [];
  const pins: Pins = {
    level: (pin) => outputs.get(pin) ?? "z",
    onChange: (watch) => void watchers.push(watch),
    setInput(pin, level) {
      if (inputs.get(pin) === level) return;
      inputs.set(pin, level);
      for (const listener of listeners) if (listener.pin === pin) listener.run(level);
    },
  };
  return {
    ...pins,
    drive(pin: number, level: 0 | 1) {
      if (outputs.get(pin) === level) return;
      outputs.set(pin, level);
      for (const watch of watchers) watch(pin, level);
    },
    onInput: (pin: number, run: (level: 0 | 1) => void) => void listeners.push({ pin, run }),
    /** an input as an on/off sense; `onLevel` is the level that means on */
    sense: (pin: number, onLevel: 0 | 1) => ({
      read: () => inputs.get(pin) === onLevel,
      onChange: (listener: (on: boolean | null) => void) => void listeners.push({ pin, run: (level) => listener(level === onLevel) }),
    }),
  };
}

function virtualClock(scheduler: VirtualScheduler): Clock {
  return {
    nowMs: () => startMs + Math.floor(scheduler.nowMs()),
    monoMs: () => scheduler.nowMs(),
    after: (_name, delayMs, run) => scheduler.after(delayMs, run),
    every(_name, periodMs, run) {
      let cancel = (): void => undefined;
      const again = (): void => {
        cancel = scheduler.after(periodMs, () => {
          again();
          run();
        });
      };
      again();
      return () => cancel();
    },
  };
}

const bytesOf = (random: ReturnType<typeof dice>, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, () => random.int(0, 255));
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const noSeries: Series = {
  power: () => undefined,
  state: () => undefined,
  energySince: () => null,
  health: () => ({ ok: true, waiting: 0, sentence: "" }),
  close: async () => undefined,
};
