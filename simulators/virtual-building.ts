/**
 * A whole building in virtual time, to be played by hand: the very hub, the very node programs, people's hands, wires and
 * electricity. A day passes in a second. Networks, nodes, mains and the hub may be taken away and given back.
 */
import { type DoorSettings, ulidOf } from "#contract";
import { createDoorNode, type DoorNode } from "../devices/door/door-node.ts";
import { createHub, type Hub } from "../hub/app.ts";
import type { Bus } from "../hub/ports.ts";
import { type SimulatedDoor, simulateDoor } from "./bodies.ts";
import { dice } from "./random.ts";
import { createVirtualScheduler, type VirtualScheduler } from "./scheduler.ts";
import { createVirtualBus, type VirtualBus } from "./virtual-bus.ts";
import { createHost, type Host, type NodeStart } from "./virtual-host.ts";
import { createFan, createVirtualMachine, type Fan, type MachinePlace, type VirtualMachine } from "./virtual-machine.ts";
import { bytesOf, createPins, type Life, noSeries, silent, virtualClock, virtualReader } from "./virtual-parts.ts";
import { createVirtualSite, type VirtualSite, type VirtualSpace, virtualSiteId } from "./virtual-site.ts";

export type VirtualDoor = { readonly node: string; readonly id: string; readonly settings?: Partial<DoorSettings> };
export type DoorPlace = SimulatedDoor & {
  readonly reader: ReturnType<typeof virtualReader>;
  program(): DoorNode;
  start(how?: NodeStart): void;
  powerCut(): void;
};

export type VirtualBuilding = {
  readonly scheduler: VirtualScheduler;
  readonly bus: VirtualBus;
  readonly site: VirtualSite;
  readonly host: Host;
  readonly fans: ReadonlyMap<string, Fan>;
  door(id: string): DoorPlace;
  machine(id: string): MachinePlace;
  hub(): Hub;
  /** the hub's process is gone at once; whatever it had not sent is not sent */
  killHub(): void;
  startHub(): void;
  nowMs(): number;
  /** lets time pass, with everything that happens meanwhile */
  pass(ms: number): Promise<void>;
  /** the same until an instant, UTC ms */
  until(atMs: number): Promise<void>;
  /** every node and the hub, in order */
  stop(): Promise<void>;
};

export type BuildingPlan = {
  readonly seed: number;
  readonly startMs: number;
  readonly tz: string;
  readonly space: VirtualSpace;
  readonly doors: readonly VirtualDoor[];
  readonly machines: readonly VirtualMachine[];
  /** nodes whose computer has no clock of its own */
  readonly withoutClock?: readonly string[];
};

/** Everything is started; give it two seconds, as a reader takes what lies on it at its start for an old card. */
export function createVirtualBuilding(plan: BuildingPlan): VirtualBuilding {
  const { seed, startMs } = plan;
  const scheduler = createVirtualScheduler();
  const site = createVirtualSite({ seed, nowMs: () => startMs + scheduler.nowMs(), after: scheduler.after, space: plan.space });
  const bus = createVirtualBus(virtualSiteId, scheduler);
  const host = createHost({ seed, startMs, scheduler, site, bus, withoutClock: new Set(plan.withoutClock) });
  const fans = new Map(plan.machines.flatMap(({ fan }) => (fan === undefined ? [] : [[fan, createFan(scheduler)]])));
  const hubs = createHubs(plan, scheduler, site, bus);
  const doors = new Map(plan.doors.map((door) => [door.id, createVirtualDoor(door, host, scheduler)]));
  const machines = new Map(
    plan.machines.map((machine) => [
      machine.id,
      createVirtualMachine({
        machine,
        host,
        scheduler,
        dice: dice(seed, `load ${machine.id}`),
        fan: machine.fan === undefined ? null : (fans.get(machine.fan) ?? null),
      }),
    ]),
  );
  hubs.start();
  for (const place of [...doors.values(), ...machines.values()]) place.start();
  const found = <T>(places: ReadonlyMap<string, T>, id: string): T => {
    const place = places.get(id);
    if (place === undefined) throw new Error(`virtual: nothing called ${id} is in this building`);
    return place;
  };
  return {
    scheduler,
    bus,
    site,
    host,
    fans,
    door: (id) => found(doors, id),
    machine: (id) => found(machines, id),
    hub: hubs.hub,
    killHub: hubs.kill,
    startHub: hubs.start,
    nowMs: () => startMs + scheduler.nowMs(),
    pass: (ms) => scheduler.advanceTo(scheduler.nowMs() + ms),
    until: (atMs) => scheduler.advanceTo(atMs - startMs),
    async stop() {
      const stopping = Promise.all([...doors.values(), ...machines.values()].map((place) => place.program().stop()));
      await scheduler.advanceTo(scheduler.nowMs() + 10_000);
      await stopping;
      await hubs.hub().stop();
    },
  };
}

/** One hub after another over the same ledger and bus. */
function createHubs(plan: BuildingPlan, scheduler: VirtualScheduler, site: VirtualSite, bus: VirtualBus) {
  const random = dice(plan.seed, "hub ids");
  let hub: Hub | null = null;
  let life: Life = { alive: false };
  return {
    hub(): Hub {
      if (hub === null) throw new Error("virtual: the hub has not started");
      return hub;
    },
    kill(): void {
      life.alive = false;
    },
    start(): void {
      const mine: Life = { alive: true };
      life = mine;
      const clock = virtualClock(scheduler, plan.startMs, mine);
      hub = createHub(
        {
          bus: busFor(bus, mine),
          clock,
          ids: { ulid: () => ulidOf(clock.nowMs(), bytesOf(random, 10)), nonce: () => bytesOf(random, 12).toHex() },
          log: silent,
          ledger: { ...site.ledger, onChange: (handle) => site.ledger.onChange((change) => mine.alive && handle(change)) },
          series: noSeries,
          isSynchronised: () => true,
        },
        { site: virtualSiteId, tz: plan.tz, boot: bytesOf(random, 8).toHex() },
      );
    },
  };
}

/** The bus as one life of the hub sees it. The broker stands beside it and goes on without it. */
function busFor(bus: VirtualBus, life: Life): Bus {
  return {
    publish: async (topic, ids, bytes) => (life.alive ? bus.publish(topic, ids, bytes) : undefined),
    onMessage: (handle) => bus.onMessage((message) => void (life.alive && handle(message))),
    onConnection: (handle) => bus.onConnection((change) => void (life.alive && handle(change))),
    drop: (node, why) => bus.drop(node, why),
    endsConnections: true,
    async close() {
      life.alive = false;
    },
  };
}

function createVirtualDoor(door: VirtualDoor, host: Host, scheduler: VirtualScheduler): DoorPlace {
  const pins = createPins();
  const after = (delayMs: number, run: () => void): void => void scheduler.after(delayMs, run);
  const body = simulateDoor({ pins, wires: { strikePin: 1, contactPin: 2, exitPin: 3 }, after });
  const reader = virtualReader(scheduler);
  let node: DoorNode | null = null;
  let life: Life = { alive: false };
  return {
    ...body,
    reader,
    program() {
      if (node === null) throw new Error(`virtual: ${door.node} has not started`);
      return node;
    },
    start(how = {}) {
      const mine: Life = { alive: true };
      life = mine;
      const contact = pins.sense(2, 1);
      node = createDoorNode({
        ports: host.portsOf(door.node, mine, how),
        ch: "door",
        fw: "virtual",
        hw: "virtual",
        settings: door.settings ?? {},
        hardware: {
          reader: reader.forLife(mine),
          lock: {
            release(limitMs, done) {
              if (!mine.alive) return;
              pins.drive(1, 1);
              if (limitMs !== null) after(limitMs, () => mine.alive && pins.drive(1, 0));
              done(null);
            },
            lock(done) {
              if (mine.alive) pins.drive(1, 0);
              done(null);
            },
          },
          contact: { read: contact.read, onChange: (listener) => contact.onChange((open) => mine.alive && listener(open)) },
          exitButton: { onPress: (listener) => pins.onInput(3, (level) => level === 0 && mine.alive && listener()) },
          signs: host.signsOf(door.node, mine),
          board: null,
          close: () => undefined,
        },
      });
      node.start();
    },
    powerCut() {
      life.alive = false;
      host.died(door.node);
      pins.drive(1, 0); // a strike: without current it is locked
    },
  };
}
