/**
 * One machine of the virtual building with everything that may be fitted to it: contactor, meter, extraction shared with
 * others, buttons, safety circuit, key switch. Its node may die and start again; the electricity stays what it is.
 */
import type { JobState, MachineSettings } from "#contract";
import { createMachineNode, type MachineNode } from "../devices/machine/machine-node.ts";
import { type SimulatedMachine, simulateMachine } from "./bodies.ts";
import { createLoad, type MachineKind } from "./loads.ts";
import type { Dice } from "./random.ts";
import type { VirtualScheduler } from "./scheduler.ts";
import type { Host, NodeStart } from "./virtual-host.ts";
import { createPins, type Life, virtualReader } from "./virtual-parts.ts";

export type VirtualMachine = {
  readonly node: string;
  readonly id: string;
  readonly kind: MachineKind;
  readonly settings?: MachineSettings;
  /** `pulse`: a contactor that seals itself in, told by START and STOP */
  readonly permit?: "hold" | "pulse";
  readonly insertReader?: boolean;
  /** extraction by name; machines that name the same one share it */
  readonly fan?: string;
  /** parts with an output of their own */
  readonly accessories?: readonly string[];
  /** a controller that tells job and temperature */
  readonly controller?: boolean;
};

/** Extraction: on while any machine on it asks; ready some seconds after it started, unless its filter is full. */
export type Fan = {
  ask(machine: string, on: boolean): void;
  isOn(): boolean;
  isReady(): boolean;
  onReady(listener: (ready: boolean) => void): void;
  onFilter(listener: (full: boolean) => void): void;
  filter(full: boolean): void;
};

export function createFan(scheduler: VirtualScheduler, spinUpMs = 5000): Fan {
  const asking = new Set<string>();
  const ready: ((ready: boolean) => void)[] = [];
  const filters: ((full: boolean) => void)[] = [];
  let isReady = false;
  let cancel = (): void => undefined;
  const tell = (next: boolean): void => {
    if (next === isReady) return;
    isReady = next;
    for (const listen of ready) listen(next);
  };
  return {
    ask(machine, on) {
      const was = asking.size > 0;
      if (on) asking.add(machine);
      else asking.delete(machine);
      const is = asking.size > 0;
      if (is === was) return;
      cancel();
      if (is) cancel = scheduler.after(spinUpMs, () => tell(true));
      else tell(false);
    },
    isOn: () => asking.size > 0,
    isReady: () => isReady,
    onReady: (listener) => void ready.push(listener),
    onFilter: (listener) => void filters.push(listener),
    filter: (full) => filters.forEach((listen) => void listen(full)),
  };
}

export type MachinePlace = SimulatedMachine & {
  readonly reader: ReturnType<typeof virtualReader>;
  program(): MachineNode;
  start(how?: NodeStart): void;
  /** the node's supply is gone: its held relay falls, a latching contactor stays in */
  powerCut(): void;
  /** the mains of the machine itself */
  mains(on: boolean): void;
  pressOops(): void;
  /** the stop input of the node, beside the machine's own red button */
  pressStopInput(): void;
  safety(open: boolean): void;
  keySwitch(on: boolean): void;
  meter(ok: boolean): void;
  /** the contactor's contacts have welded: it stays in whatever the permit says */
  weld(): void;
  energyWh(): number;
  /** the controller says so, from now on */
  controller(job: JobState, tempC: number | null): void;
  isAccessoryOn(name: string): boolean;
};

export function createVirtualMachine(given: {
  readonly machine: VirtualMachine;
  readonly host: Host;
  readonly scheduler: VirtualScheduler;
  readonly dice: Dice;
  readonly fan: Fan | null;
}): MachinePlace {
  const { machine, host, scheduler, fan } = given;
  const pins = createPins();
  const load = createLoad(machine.kind, given.dice);
  const body = simulateMachine({ pins, wires: { relayPin: 1, auxPin: 2 }, load, nowMs: () => scheduler.nowMs() });
  const reader = virtualReader(scheduler);
  const pulse = machine.permit === "pulse";
  let node: MachineNode | null = null;
  let life: Life = { alive: false };
  let energyWh = 0;
  let lastMs = 0;
  let isMeterThere = true;
  let welded = false;
  const measure = (): void => {
    energyWh += (body.powerW() * (scheduler.nowMs() - lastMs)) / 3_600_000;
    lastMs = scheduler.nowMs();
  };
  const drive = (on: boolean): void => {
    if (!welded) pins.drive(1, on ? 1 : 0);
  };
  const levels = { safety: false, bypass: false };
  const watchers: Record<keyof typeof levels, ((on: boolean) => void)[]> = { safety: [], bypass: [] };
  const set = (name: keyof typeof levels, on: boolean): void => {
    levels[name] = on;
    for (const watch of watchers[name]) watch(on);
  };
  const accessories = new Set<string>();
  const reports: ((job: JobState, tempC: number | null) => void)[] = [];
  const presses: Record<"oops" | "stop", (() => void)[]> = { oops: [], stop: [] };
  fan?.onFilter((full) => set("safety", full));
  const hardwareFor = (mine: Life): Parameters<typeof createMachineNode>[0]["hardware"] => {
    const live =
      <T extends unknown[]>(run: (...args: T) => void) =>
      (...args: T) =>
        mine.alive && run(...args);
    const sense = (name: keyof typeof levels) => ({
      read: () => levels[name],
      onChange: (listener: (on: boolean | null) => void) => void watchers[name].push(live(listener)),
    });
    const aux = pins.sense(2, 0);
    return {
      reader: reader.forLife(mine),
      permit: pulse
        ? {
            kind: "pulse",
            press(button, done) {
              if (!mine.alive) return;
              drive(button === "start");
              if (button === "start") body.pressStart();
              done(null);
            },
          }
        : {
            kind: "hold",
            set(on, done) {
              if (!mine.alive) return;
              drive(on);
              done(null);
            },
          },
      aux: { read: aux.read, onChange: (listener) => aux.onChange(live(listener)) },
      meter: {
        async read() {
          measure();
          return isMeterThere ? { powerW: Math.round(body.powerW() * 10) / 10, energyWh: Math.floor(energyWh), voltageV: 230 } : null;
        },
      },
      ancillary:
        fan === null
          ? null
          : {
              set(on, done) {
                if (mine.alive) fan.ask(machine.id, on);
                done(null);
              },
              ready: { read: () => fan.isReady(), onChange: (listener) => fan.onReady(live(listener)) },
            },
      accessories: Object.fromEntries(
        (machine.accessories ?? []).map((name) => [
          name,
          (on: boolean, done: (failure: string | null) => void) => {
            if (mine.alive && on) accessories.add(name);
            else if (mine.alive) accessories.delete(name);
            done(null);
          },
        ]),
      ),
      controller: machine.controller === true ? { onReport: (listener) => void reports.push(live(listener)) } : null,
      stopButton: { onPress: (listener) => void presses.stop.push(live(listener)) },
      oopsButton: { onPress: (listener) => void presses.oops.push(live(listener)) },
      safety: sense("safety"),
      bypass: sense("bypass"),
      signs: host.signsOf(machine.node, mine),
      board: null,
      close: () => undefined,
    };
  };
  return {
    ...body,
    reader,
    program() {
      if (node === null) throw new Error(`virtual: ${machine.node} has not started`);
      return node;
    },
    start(how = {}) {
      life = { alive: true };
      node = createMachineNode({
        ports: host.portsOf(machine.node, life, how),
        ch: "machine",
        fw: "virtual",
        hw: "virtual",
        settings: { profile: machine.kind === "printer" ? "fdm" : machine.kind, ...machine.settings },
        insertReader: machine.insertReader ?? false,
        hardware: hardwareFor(life),
      });
      node.start();
    },
    powerCut() {
      life.alive = false;
      host.died(machine.node);
      fan?.ask(machine.id, false);
      accessories.clear();
      if (!pulse) drive(false);
    },
    mains(on) {
      if (!on) body.pressStop();
    },
    pressOops: () => presses.oops.forEach((press) => void press()),
    pressStopInput: () => presses.stop.forEach((press) => void press()),
    safety: (open) => set("safety", open),
    keySwitch(on) {
      body.turnKey(on);
      set("bypass", on);
    },
    meter: (ok) => {
      isMeterThere = ok;
    },
    weld: () => {
      welded = true;
    },
    energyWh() {
      measure();
      return energyWh;
    },
    controller: (job, tempC) => reports.forEach((report) => void report(job, tempC)),
    isAccessoryOn: (name) => accessories.has(name),
  };
}
