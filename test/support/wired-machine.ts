/**
 * A machine as it stands in a space: its node's own program as its service starts it, reader, board and meter on cables that can be
 * pulled, a contactor and a load behind them, and a real hub beside it in a process of its own.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { letterOf } from "../../devices/drivers/lcd-letters.ts";
import type { Ledger } from "../../hub/ledger/types.ts";
import { type SimulatedMachine, simulateMachine } from "../../simulators/bodies.ts";
import { createArduino } from "../../simulators/hardware/arduino.ts";
import { createFirmataBoard } from "../../simulators/hardware/firmata-board.ts";
import { createLcd } from "../../simulators/hardware/lcd.ts";
import { type Pty, stdioWithoutPtys } from "../../simulators/hardware/pty.ts";
import { createPzem } from "../../simulators/hardware/pzem.ts";
import { attachToPty, type SimulatedBoard } from "../../simulators/hardware/simulated-board.ts";
import { createLoad } from "../../simulators/loads.ts";
import { writeNode } from "../../simulators/node-folder.ts";
import { dice } from "../../simulators/random.ts";
import { machinePins } from "../../simulators/wiring.ts";
import { furnishedFolder, type HubProcess, openTestLedger, site, startHubProcess } from "./hub-process.ts";
import { temporaryDir } from "./ledger.ts";
import { runtime } from "./runtime.ts";
import { openSocket } from "./socket.ts";
import { testTimes } from "./test-node.ts";
import { type ReaderKind, type WiredReader, wireReader } from "./wired-reader.ts";

const by = "cli:test";
const sketch = new URL("../../devices/firmware/koprade.hex", import.meta.url);
export const laserNode = "laser-node";
export const adaCard = "0A1B2C3D4E";

/** What hands can reach. */
export type WiredMachine = {
  readonly dir: string;
  readonly configPath: string;
  readonly paths: Readonly<Record<Cable, string>>;
  readonly machine: SimulatedMachine;
  readonly hub: HubProcess;
  /** the meter sees this instead of the load; null: the load */
  load(watts: number | null): void;
  /** a card for 0.4 s; at a reader with a keypad, what is printed on it */
  tap(card: string): Promise<void>;
  /** keys of the reader's keypad */
  type(keys: string): Promise<void>;
  /** lamp and buzzer of the reader, where it has its own: what it was told, newest last */
  acted(): readonly string[];
  /** the two lines of its display, where it has one */
  seen(): readonly string[];
  unplug(cable: Cable): void;
  plugIn(cable: Cable): void;
  isPlugged(cable: Cable): boolean;
  startNode(env?: Readonly<Record<string, string>>): void;
  stopNode(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  nodePid(): number;
  /** how many descriptors the node's process holds, and how many processes it has started */
  descriptors(): number;
  openLedger(): ReturnType<typeof openTestLedger>;
  close(): Promise<void>;
};
export type Cable = "reader" | "board" | "meter";

/** Starts the hub and plugs everything together; the node is started by whoever tests. */
export async function startWiredMachine(
  given: {
    readonly settings?: Readonly<Record<string, number | string>>;
    /** the real sketch on an emulated chip */
    readonly chip?: boolean;
    readonly reader?: ReaderKind;
    readonly display?: boolean;
    /** proof that the machine wants of a card */
    readonly assurance?: 1 | 2 | 3;
    readonly furnish?: (ledger: Ledger) => Promise<void>;
  } = {},
): Promise<WiredMachine> {
  const { settings = {}, chip = false, reader = "rdm6300", display = false, assurance = 1, furnish } = given;
  const temporary = temporaryDir();
  const { dir } = temporary;
  const folder = await furnishedFolder(dir, async (ledger) => {
    const { change } = ledger;
    await change.addPlan({ plan: "member", label: "Member", always: true }, by);
    await change.addNode({ node: laserNode, kind: "machine" }, by);
    await change.addMachine(
      {
        ...{ machine: "laser", node: laserNode, ch: "machine", label: "Laser", riskClass: "B", cutHazard: false, assurance },
        course: null,
        settings,
      },
      by,
    );
    const { member } = await change.addMember({ displayName: "Ada" }, by);
    await change.assignCard({ member, card: { number: `em4100:${adaCard}` } }, by);
    await change.setMembership({ member, plan: "member", from: "2025-01-01" }, by);
    await furnish?.(ledger);
  });
  const things = plugTogether(chip, reader);
  const ledger = await openTestLedger(dir);
  const file = {
    ...{ site, node: laserNode, kind: "machine", trustSystemClock: true, logLevel: "error", times: testTimes },
    hub: { url: `mqtts://127.0.0.1:${folder.mqttPort}`, caFile: "ca.pem" },
    board: { port: things.paths.board },
    machine: {
      ch: "machine",
      reader: things.readerWiring,
      ...(display ? { display: { kind: "lcd" } } : {}),
      permit: { kind: "hold", pin: machinePins.relayPin },
      aux: { pin: machinePins.auxPin },
      meter: { kind: "pzem", port: things.paths.meter },
    },
  };
  const configPath = await writeNode({ ledger, caPem: folder.caPem }, join(dir, "nodes"), laserNode, file);
  if (things.readerKey !== null) writeFileSync(join(configPath, "..", "reader.key"), things.readerKey.toHex(), { mode: 0o600 });
  await ledger.close();
  // before the cables: a hub that inherits an end of one keeps it from ever being pulled
  const hub = await startHubProcess(folder);
  for (const cable of ["reader", "board", "meter"] as const) things.plugIn(cable);
  const node = nodeOf(configPath);
  return {
    ...{ ...things, ...node, dir, configPath, hub },
    openLedger: () => openTestLedger(dir),
    async close() {
      await node.stopNode("SIGKILL");
      await hub.kill();
      things.close();
      temporary.remove();
    },
  };
}

/** Cables, what hangs on them, and the machine behind. */
function plugTogether(chip: boolean, readerKind: ReaderKind) {
  const sockets = { reader: openSocket(), board: openSocket(), meter: openSocket() };
  const ends: Partial<Record<Cable, Pty>> = {};
  const board: SimulatedBoard = chip ? createArduino({ hex: readFileSync(sketch, "utf8") }) : createFirmataBoard({});
  const lcd = createLcd(20, 2, letterOf);
  board.attachI2c(0x27, lcd);
  const reader: WiredReader = wireReader(readerKind, { board, port: sockets.reader.path, send: (bytes) => ends.reader?.write(bytes) });
  const meter = createPzem({ send: (bytes) => ends.meter?.write(bytes) });
  let detach: () => void = () => undefined;
  let forced: number | null = null;
  const machine = simulateMachine({
    pins: {
      level: (pin) => board.pinLevel(pin),
      onChange: (watch) => void board.onPinChange((pin, level) => watch(pin, level)),
      setInput: (pin, level) => board.setInput(pin, level),
    },
    wires: machinePins,
    load: createLoad("laser", dice(1, "laser")),
    nowMs: () => performance.now(),
  });
  const loads = setInterval(() => meter.setLoadW(forced ?? machine.powerW()), 100);
  const plugIn = (cable: Cable): void => {
    const pty = sockets[cable].plugIn();
    ends[cable] = pty;
    if (cable === "meter") pty.onData((bytes) => meter.receive(bytes));
    if (cable === "reader") pty.onData((bytes) => reader.receive(bytes));
    if (cable !== "board") return;
    detach = attachToPty(board, pty);
    board.start();
  };
  const unplug = (cable: Cable): void => {
    if (cable === "board") {
      detach();
      board.stop(); // its power came over the same cable
    }
    sockets[cable].pull();
    delete ends[cable];
  };
  const close = (): void => {
    clearInterval(loads);
    reader.close();
    meter.close();
    board.stop();
    for (const socket of Object.values(sockets)) socket.close();
  };
  return {
    close,
    machine,
    paths: { reader: sockets.reader.path, board: sockets.board.path, meter: sockets.meter.path },
    plugIn,
    unplug,
    isPlugged: (cable: Cable) => ends[cable] !== undefined,
    load(watts: number | null) {
      forced = watts;
    },
    ...{ tap: reader.tap, type: reader.type, acted: reader.acted, readerWiring: reader.wiring, readerKey: reader.key },
    seen: () => lcd.lines().map((line) => line.trimEnd()),
  };
}

const program = `
  import { runNode } from ${JSON.stringify(new URL("../../devices/run.ts", import.meta.url).href)};
  process.exit(await runNode(process.argv[1] ?? "", (sentence) => process.stderr.write(sentence + "\\n")));
`;

/** The program of a `node.yaml`, to be started and ended. */
export function nodeOf(configPath: string) {
  let node: ChildProcess | undefined;
  const stopNode = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    if (node === undefined || node.exitCode !== null || node.signalCode !== null) return;
    const gone = once(node, "exit");
    node.kill(signal);
    await gone;
  };
  return {
    startNode(env: Readonly<Record<string, string>> = {}) {
      const args = [...runtime.flags, "--input-type=module-typescript", "-e", program, configPath];
      node = spawn(process.execPath, args, {
        stdio: stdioWithoutPtys(["ignore", "inherit", "inherit"]),
        env: { ...process.env, ...runtime.environment, ...env },
      });
    },
    stopNode,
    nodePid: () => node?.pid ?? 0,
    descriptors: () => readdirSync(`/proc/${node?.pid ?? 0}/fd`).length,
  };
}
