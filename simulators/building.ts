/**
 * The simulated building at the level of bytes and volts: readers that send RDM6300 frames, meters that answer Modbus, boards
 * behind serial lines, and the door, machines and people they belong to. Real node programs run on the other end of the lines
 * and cannot tell.
 *
 *   people ─ hands ─┬─ card ─▶ RDM6300 frames ───▶ pty ─▶ reader of a node
 *                   └─ door, button ◀─ pins ◀─ board (the real sketch on an emulated chip, or a simple board) ◀─ pty ◀─ node
 *                        load ─▶ PZEM-004T ◀─ Modbus ─▶ pty ◀─ meter of a node
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type SimulatedDoor, type SimulatedMachine, simulateDoor, simulateMachine } from "./bodies.ts";
import { createArduino } from "./hardware/arduino.ts";
import { createFirmataBoard } from "./hardware/firmata-board.ts";
import { openPty, type Pty } from "./hardware/pty.ts";
import { createPzem, type Pzem } from "./hardware/pzem.ts";
import { createRdm6300, type Rdm6300 } from "./hardware/rdm6300.ts";
import { attachToPty, type SimulatedBoard } from "./hardware/simulated-board.ts";
import { createLoad, type MachineKind } from "./loads.ts";
import { type Hands, liveOn } from "./people.ts";
import { dice } from "./random.ts";
import { createLiveScheduler } from "./scheduler.ts";
import { doorPins, machinePins } from "./wiring.ts";

export type BuildingPlan = {
  readonly seed: number;
  /** how much livelier than a real evening people come and go */
  readonly tempo: number;
  readonly door: { readonly id: string; readonly board: BoardKind };
  readonly machines: readonly { readonly id: string; readonly kind: MachineKind; readonly board: BoardKind }[];
  /** what people can use besides, once it is there */
  readonly also?: AlsoThere;
  readonly note: (line: string) => void;
};
/** Doors and machines that are not on our lines: they come to the hub by themselves. */
export type AlsoThere = {
  readonly door: string;
  readonly machines: readonly { readonly id: string; readonly kind: MachineKind }[];
  has(id: string): boolean;
  hands(): Hands | undefined;
};
/** `chip`: our sketch on an emulated ATmega328P; `simple`: the protocol without a chip. */
export type BoardKind = "chip" | "simple";
export type Lines = { readonly reader: string; readonly board: string; readonly meter?: string };

export type SimulatedBuilding = {
  /** serial devices by door and machine */
  readonly lines: Readonly<Record<string, Lines>>;
  readonly hands: Hands;
  door(): SimulatedDoor;
  machine(id: string): SimulatedMachine;
  meter(id: string): Pzem;
  board(id: string): SimulatedBoard;
  /** One more machine with board, reader and meter, which the people who come and go leave alone. The same id again gives the same one. */
  addMachine(id: string, kind: MachineKind): Lines;
  /** People begin to come and go. */
  open(): void;
  close(): void;
};

/** A shorter stay is no card: three frames, 65 ms apart, make one. */
const cardGapMs = 200;
/** The sketch as it is flashed; compiled and compared by the tests. */
const firmwareHex = (): string => readFileSync(join(import.meta.dirname, "..", "devices", "firmware", "koprade.hex"), "utf8");

export function createBuilding(plan: BuildingPlan): SimulatedBuilding {
  const scheduler = createLiveScheduler();
  const places = new Map<string, Place>();
  const after = (delayMs: number, run: () => void): void => void scheduler.after(delayMs, run);
  const doorPlace = openPlace(plan.door.board);
  places.set(plan.door.id, doorPlace);
  const door = simulateDoor({ pins: pinsOf(doorPlace.board), wires: doorPins, after });
  const machines = new Map<string, { body: SimulatedMachine; meter: Pzem }>();
  const addMachine = (id: string, kind: MachineKind, board: BoardKind): Lines => {
    const place = places.get(id) ?? openPlace(board);
    places.set(id, place);
    if (!machines.has(id))
      machines.set(
        id,
        buildMachine(plan.seed, id, kind, place, () => scheduler.nowMs()),
      );
    return place.lines;
  };
  for (const { id, kind, board } of plan.machines) addMachine(id, kind, board);
  const loads = setInterval(() => {
    for (const { body, meter } of machines.values()) meter.setLoadW(body.powerW());
  }, 200);
  const placeAt = (id: string): Place => found(places.get(id), id);
  const machineAt = (id: string) => found(machines.get(id), id);
  const wired: Hands = {
    present(reader, card, forMs) {
      const { reader: coil } = placeAt(reader);
      coil.present(card);
      scheduler.after(Math.max(forMs, cardGapMs), () => coil.remove());
    },
    pull: () => door.pull(),
    close: () => door.close(),
    pressExit: () => door.pressExit(),
    pressStart: (id) => machineAt(id).body.pressStart(),
    pressStop: (id) => machineAt(id).body.pressStop(),
    work: (id, working) => machineAt(id).body.work(working),
    isPermitted: (id) => machineAt(id).body.isPermitted(),
    isBusy: (id) => machineAt(id).body.isWorking(),
  };
  const { also } = plan;
  const hands = also === undefined ? wired : handsOfBoth(wired, also);
  let crowd: { stop(): void } | undefined;
  return {
    lines: Object.fromEntries([...places].map(([id, place]) => [id, place.lines])),
    hands,
    door: () => door,
    machine: (id) => machineAt(id).body,
    meter: (id) => machineAt(id).meter,
    board: (id) => placeAt(id).board,
    addMachine: (id, kind) => addMachine(id, kind, "simple"),
    open() {
      const place = {
        door: plan.door.id,
        sideDoor: () => (also?.has(also.door) === true ? also.door : null),
        get machines() {
          return [...plan.machines, ...(also?.machines.filter(({ id }) => also.has(id)) ?? [])];
        },
      };
      crowd ??= liveOn({ place, hands, scheduler, random: dice(plan.seed, "people"), tempo: plan.tempo, note: plan.note });
    },
    close() {
      crowd?.stop();
      scheduler.stop();
      clearInterval(loads);
      for (const place of places.values()) place.close();
    },
  };
}

/** Whatever is at the other hands goes there, everything else to ours. */
function handsOfBoth(wired: Hands, { door, machines, has, hands }: AlsoThere): Hands {
  const at = (id: string): Hands => (has(id) ? (hands() ?? wired) : wired);
  return {
    present(reader, card, forMs) {
      if (reader === door || machines.some(({ id }) => id === reader))
        hands()?.present(reader, card, forMs); // a reader that is not there yet hears nothing
      else wired.present(reader, card, forMs);
    },
    pull: (door) => at(door).pull(door),
    close: (door) => at(door).close(door),
    pressExit: (door) => at(door).pressExit(door),
    pressStart: (machine) => at(machine).pressStart(machine),
    pressStop: (machine) => at(machine).pressStop(machine),
    work: (machine, working) => at(machine).work(machine, working),
    isPermitted: (machine) => at(machine).isPermitted(machine),
    isBusy: (machine) => at(machine).isBusy(machine),
  };
}

type Place = { readonly lines: Lines; readonly reader: Rdm6300; readonly board: SimulatedBoard; readonly meterLine: Pty; close(): void };

function openPlace(kind: BoardKind): Place {
  const [readerLine, boardLine, meterLine] = [openPty(), openPty(), openPty()];
  const reader = createRdm6300({ sink: (bytes) => readerLine.write(bytes) });
  const board = kind === "chip" ? createArduino({ hex: firmwareHex() }) : createFirmataBoard({});
  const detach = attachToPty(board, boardLine);
  board.start();
  return {
    lines: { reader: readerLine.path, board: boardLine.path, meter: meterLine.path },
    reader,
    board,
    meterLine,
    close() {
      reader.close();
      detach();
      board.stop();
      for (const line of [readerLine, boardLine, meterLine]) line.close();
    },
  };
}

function buildMachine(
  seed: number,
  id: string,
  kind: MachineKind,
  place: Place,
  nowMs: () => number,
): { body: SimulatedMachine; meter: Pzem } {
  const meter = createPzem({ send: (bytes) => place.meterLine.write(bytes) });
  place.meterLine.onData((bytes) => meter.receive(bytes));
  const body = simulateMachine({ pins: pinsOf(place.board), wires: machinePins, load: createLoad(kind, dice(seed, `load ${id}`)), nowMs });
  return { body, meter };
}

const pinsOf = (board: SimulatedBoard) => ({
  level: (pin: number) => board.pinLevel(pin),
  onChange: (watch: (pin: number, level: 0 | 1 | "z") => void) => void board.onPinChange(watch),
  setInput: (pin: number, level: 0 | 1) => board.setInput(pin, level),
});

function found<T>(value: T | undefined, id: string): T {
  if (value === undefined) throw new Error(`the building has no ${id}`);
  return value;
}
