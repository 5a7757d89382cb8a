/** A door node in virtual time: the real node code, hardware and bus in memory. */
import { topicPath } from "#contract";
import { createDoorNode, type DoorHardware } from "../../../devices/door/door-node.ts";
import { createMemoryJournal, type Journal } from "../../../devices/kit/journal.ts";
import type { NodePorts } from "../../../devices/kit/node.ts";
import { createMemoryFiles, type NodeFiles } from "../../../devices/kit/node-files.ts";
import type { CardRead } from "../../../devices/kit/reader-channel.ts";
import { memoryBus } from "../kit/memory-wire.ts";
import {
  doorFacts,
  keptLog,
  type SignedSnapshot,
  seededDice,
  settled,
  signedSnapshot,
  site,
  testHub,
  type virtualClock as VirtualClock,
  virtualClock,
} from "../kit/world.ts";

export const node = "door-node";
export const hub = testHub();

export type DoorWorldOptions = {
  journal?: Journal;
  files?: NodeFiles;
  clock?: ReturnType<typeof VirtualClock>;
  snapshot?: SignedSnapshot | null;
  hardware?: ReturnType<typeof memoryDoor>;
  /** nobody answers its calls */
  isAlone?: boolean;
  builtMs?: number;
  seed?: number;
};

export async function doorWorld(options: DoorWorldOptions = {}) {
  const clock = options.clock ?? virtualClock();
  const log = keptLog();
  const bus = memoryBus(hub, node, clock.nowMs);
  bus.refuse(options.isAlone ?? false);
  const hardware = options.hardware ?? memoryDoor();
  const restarts: string[] = [];
  const ports: NodePorts = {
    site,
    node,
    keys: hub.keys,
    clock,
    dice: seededDice(options.seed ?? 1),
    log,
    wire: bus.wire,
    journal: options.journal ?? createMemoryJournal(),
    files: options.files ?? createMemoryFiles(),
    builtMs: options.builtMs ?? 0,
    trustSystemClock: false,
    restart: "start",
    rssBytes: () => 50_000_000,
    onRestart: (why) => void restarts.push(why),
  };
  const door = createDoorNode({ ports, hardware: hardware.ports, ch: "door", fw: "0", hw: "memory" });
  door.start();
  await settled();
  const snapshot = options.snapshot === undefined ? signedSnapshot(hub, { node, ch: "door", facts: doorFacts }) : options.snapshot;
  const give = async (one: SignedSnapshot) => {
    bus.say("snapshotManifest", [], one.manifest);
    for (const [i, chunk] of one.chunks.entries())
      bus.raw(topicPath(site, "snapshotChunk", node, `${one.manifest.epoch}.${one.manifest.version}`, String(i)), chunk);
    await settled();
  };
  bus.say("hubState", [], { state: "online", epoch: 1 });
  bus.say("hubTime", [], { hubMs: clock.nowMs(), quality: "synced" });
  if (snapshot !== null) await give(snapshot);
  clock.advance(2000.37); // a real clock knows fractions; cards that lay there at the start are past
  return { hub, clock, log, bus, door, hardware, restarts, give, node: door.node };
}

export function memoryDoor() {
  const state = {
    released: false,
    limitMs: null as number | null,
    /** when the lock was last released, on the process's own clock */
    releasedMs: 0,
    changes: 0,
    /** how often the lock was told to release */
    drives: 0,
    failure: null as string | null,
    open: false as boolean | null,
    said: [] as string[],
  };
  const reads: ((read: CardRead) => void)[] = [];
  const contacts: ((open: boolean | null) => void)[] = [];
  const rex: (() => void)[] = [];
  const boards: ((state: "ready" | "lost", why: string) => void)[] = [];
  const drive = (released: boolean, done: (failure: string | null) => void) => {
    if (state.failure === null && state.released !== released) state.changes += 1;
    if (state.failure === null) state.released = released;
    done(state.failure);
  };
  const ports: DoorHardware = {
    reader: { onRead: (listener) => void reads.push(listener), onState: () => {}, close: () => {} },
    lock: {
      release(limitMs, done) {
        state.limitMs = limitMs;
        state.drives += 1;
        state.releasedMs = performance.now();
        drive(true, done);
      },
      lock: (done) => drive(false, done),
    },
    contact: { read: () => state.open, onChange: (listener) => void contacts.push(listener) },
    exitButton: { onPress: (listener) => void rex.push(listener) },
    signs: { say: (key) => void state.said.push(key), beep: () => {}, siren: () => {} },
    board: { state: () => "ready", onState: (listener) => void boards.push(listener) },
    close: () => {},
  };
  return {
    ports,
    state,
    tap: (number: string) => reads.forEach((listener) => void listener({ kind: "card", number })),
    contact(open: boolean) {
      state.open = open;
      for (const listener of contacts) listener(open);
    },
    exitButton: () => rex.forEach((listener) => void listener()),
    board: (to: "ready" | "lost") => boards.forEach((listener) => void listener(to, "unplugged")),
  };
}
